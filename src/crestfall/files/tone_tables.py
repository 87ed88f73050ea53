"""``[tones]`` to a multisine and back, to the last bit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from math import isfinite
from typing import Any

import msgspec
import numpy as np

from crestfall.files.harmonics_text import parse_harmonics
from crestfall.files.lines_text import changed_tones, multisine_of_lines
from crestfall.files.problem_schema import TonesTable
from crestfall.files.reading import MAX_TONES
from crestfall.problem.arrays import FloatArray
from crestfall.problem.bands import split_bands
from crestfall.problem.grids import MAX_CARRIER
from crestfall.problem.multisine import Multisine, rebuild

_NAMES = {
    "frequencies": "frequencies_hz",
    "fundamental": "fundamental_hz",
    "initial_phases": "phases_rad",
    "numbers": "harmonics",
    "raster": "raster_hz",
}
"""Arguments of ``Multisine``, as its errors name them, and their keys here."""


def multisine_of(table: TonesTable, where: str = "tones") -> Multisine:
    """The tones of a table.

    Raises:
        ValueError: They are not tones; the message begins with the key.
    """
    both = isinstance(table.harmonics, list) and isinstance(table.frequencies_hz, list)
    if not both and (table.harmonics is None) == (table.frequencies_hz is None):
        raise ValueError(f"{where}: give either frequencies_hz or harmonics")
    if isinstance(table.raster_hz, list):
        raise ValueError(f"{where}.raster_hz is a list, which goes with bands: a raster for each; give one number")
    law_of = table.amplitudes if isinstance(table.amplitudes, str) else None
    ms = _all_tones(msgspec.structs.replace(table, amplitudes=None) if law_of is not None else table, where)
    with naming_keys(where):
        return changed_tones(
            ms,
            raster=table.raster_hz,
            exclude=table.exclude,
            fundamental=_given_fundamental(table),
            amplitudes=law_of,
        )


def bands_of(table: TonesTable, where: str = "tones") -> list[Multisine]:
    """The tones of each band of a table that says how many bands there are.

    Raises:
        ValueError: As ``multisine_of``, or the tones make no such bands.
    """
    ms = multisine_of(msgspec.structs.replace(table, raster_hz=None, bands=None), where)
    with naming_keys(where):
        return split_bands(ms, table.bands or 0, raster=table.raster_hz)


def _all_tones(table: TonesTable, where: str) -> Multisine:
    """The tones before any is left out or moved, of amplitude 1 if a law says more."""
    if isinstance(table.frequencies_hz, str):
        return _of_rule(table, table.frequencies_hz, where)
    if table.period_s is not None and table.harmonics is None:
        raise ValueError(f"{where}.period_s goes with harmonics; frequencies_hz have their own period: leave it out")
    assert not isinstance(table.amplitudes, str)
    amplitudes, phases = 1.0 if table.amplitudes is None else table.amplitudes, table.phases_rad
    with naming_keys(where):
        if table.frequencies_hz is None:
            fundamental = fundamental_of(table)
            numbers = _numbers(table.harmonics)
            return Multisine.harmonics(numbers, fundamental, amplitudes, table.complex, initial_phases=phases)
        if not 1 <= len(table.frequencies_hz) <= MAX_TONES:
            raise ValueError(f"frequencies_hz has {len(table.frequencies_hz)} values; give 1 to {MAX_TONES} tones")
        if table.fundamental_hz is None:
            if table.harmonics is not None:
                raise ValueError("give either frequencies_hz or harmonics; both need fundamental_hz, too")
            return Multisine(table.frequencies_hz, amplitudes, complex=table.complex, initial_phases=phases)
        frequencies = np.array(table.frequencies_hz)
        if isinstance(table.harmonics, list):
            return _numbered(table.harmonics, frequencies, table.fundamental_hz, amplitudes, table.complex, phases)
        return _on_raster(frequencies, table.fundamental_hz, amplitudes, table.complex, phases)


def fundamental_of(table: TonesTable) -> float:
    """Frequency of harmonic 1 [Hz], by default 1 Hz.

    Raises:
        ValueError: The table has both ``fundamental_hz`` and ``period_s``.
    """
    if table.period_s is None:
        return 1.0 if table.fundamental_hz is None else table.fundamental_hz
    if table.fundamental_hz is not None:
        raise ValueError("period_s and fundamental_hz say the same thing; give one of them")
    return 1.0 / table.period_s


def _given_fundamental(table: TonesTable) -> float | None:
    given = table.fundamental_hz is not None or table.period_s is not None
    return fundamental_of(table) if given else None


def _of_rule(table: TonesTable, text: str, where: str) -> Multisine:
    """The tones of frequencies in words."""
    with naming_keys(where):
        ms = multisine_of_lines(text, _given_fundamental(table), complex=table.complex)
        if table.amplitudes is not None:
            assert not isinstance(table.amplitudes, str)
            ms = ms.with_amplitudes(
                table.amplitudes if isinstance(table.amplitudes, list) else [table.amplitudes] * ms.n
            )
        return ms if table.phases_rad is None else ms.with_initial_phases(table.phases_rad)


def tones_to_data(ms: Multisine) -> dict[str, Any]:
    """The tones as plain data that give the same multisine again.

    Example:
        >>> tones_to_data(Multisine.harmonics([1, 3], fundamental=10.0))
        {'frequencies_hz': [10.0, 30.0], 'fundamental_hz': 10.0, 'amplitudes': [1.0, 1.0]}
    """
    data: dict[str, Any] = {"frequencies_hz": ms.frequencies.tolist()}
    if ms.has_period:
        data["fundamental_hz"] = ms.fundamental
        if np.max(np.abs(ms.harmonic_numbers)) > _ROUNDED:  # which rounded frequencies do not say
            data["harmonics"] = ms.harmonic_numbers.tolist()
    data["amplitudes"] = ms.amplitudes.tolist()
    if ms.initial_phases is not None:
        data["phases_rad"] = ms.initial_phases.tolist()
    return data | ({"complex": True} if ms.complex else {})


@contextmanager
def naming_keys(where: str) -> Iterator[None]:
    """Errors about an argument of ``Multisine`` become errors about the key that it came from."""
    try:
        yield
    except (ValueError, TypeError) as error:
        key = str(error).split(" ")[0].split("[")[0]
        named = _NAMES.get(key, key)
        known = named in TonesTable.__struct_fields__
        place = ".".join(part for part in (where, named if known else "") if part)
        raise ValueError(f"{place}: {error}" if place else str(error)) from None


def _numbers(harmonics: str | list[int] | None) -> list[int]:
    return harmonics if isinstance(harmonics, list) else parse_harmonics(str(harmonics))


def _numbered(
    numbers: list[int], frequencies: FloatArray, fundamental: float, amplitudes: Any, is_complex: bool, initial: Any
) -> Multisine:
    """Tones whose numbers are so large that they are written next to the frequencies."""
    if len(numbers) != frequencies.size:
        raise ValueError(f"harmonics has {len(numbers)} values, but frequencies_hz has {frequencies.size}")
    ms = Multisine.harmonics(numbers, fundamental, amplitudes, complex=is_complex, initial_phases=initial)
    if ms.fundamental != fundamental or not np.allclose(ms.frequencies, frequencies, rtol=1e-12, atol=0.0):
        raise ValueError("harmonics times fundamental_hz are not frequencies_hz; give one of them")
    return rebuild(frequencies + 0.0, (fundamental, ms.harmonic_numbers), ms.amplitudes, is_complex, ms.initial_phases)


_ROUNDED = 2.0**40
"""Harmonic numbers above this may be rounded where a frequency is divided by the fundamental."""


def _whole(frequencies: FloatArray, fundamental: float) -> tuple[FloatArray, FloatArray]:
    """Harmonic numbers, and how far the frequencies are away from them.

    Large ones are found from the decimals as they are written: a quotient of floating-point numbers may miss by one.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        ratios = frequencies / fundamental
        away = np.abs(ratios - np.rint(ratios))
    if np.all(np.abs(ratios) <= _ROUNDED) or not np.all(np.abs(ratios) <= MAX_CARRIER):
        return np.rint(ratios), away
    exact = [Fraction(repr(value)) / Fraction(repr(fundamental)) for value in frequencies.tolist()]
    return np.array([round(one) for one in exact], float), np.array([abs(float(one - round(one))) for one in exact])


def _on_raster(
    frequencies: FloatArray, fundamental: float, amplitudes: Any, is_complex: bool, initial: Any
) -> Multisine:
    """The tones with exactly this fundamental, which cannot always be found again from rounded frequencies."""
    if not (isfinite(fundamental) and fundamental > 0):
        raise ValueError(f"fundamental_hz is {fundamental}; it must be a finite frequency above 0 Hz")
    if not is_complex and np.any(frequencies <= 0):
        k = int(np.argmax(frequencies <= 0))
        raise ValueError(f"frequencies_hz[{k}] is {frequencies[k]}; a real tone needs a frequency above 0 Hz")
    numbers, away = _whole(frequencies, fundamental)
    with np.errstate(invalid="ignore"):
        on_grid = (np.abs(numbers) <= MAX_CARRIER) & (away <= np.minimum(1e-12 * np.abs(numbers), 0.25))
    if not np.all(on_grid):
        k = int(np.argmin(on_grid))
        raise ValueError(
            f"frequencies_hz[{k}] is {frequencies[k]}, not a whole multiple of fundamental_hz {fundamental!r} "
            f"(up to {MAX_CARRIER}); leave fundamental_hz out to have it found"
        )
    ms = Multisine.harmonics(numbers.tolist(), fundamental, amplitudes, complex=is_complex, initial_phases=initial)
    if ms.fundamental != fundamental:
        raise ValueError(
            f"fundamental_hz is {fundamental!r}, but the largest common divisor of frequencies_hz is "
            f"{ms.fundamental!r}; give that"
        )
    # Everything is checked by now; the given frequencies replace the products of rounded numbers.
    grid = (fundamental, ms.harmonic_numbers)
    return rebuild(frequencies + 0.0, grid, ms.amplitudes, is_complex, ms.initial_phases)
