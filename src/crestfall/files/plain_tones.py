"""Tones as plain data that anybody writes by hand or from another program: the one meaning behind several formats.

Either lists ``frequencies_hz``, ``amplitudes`` (a list, or one number for all; 1 if left out) and ``phases_rad``
(optional), or a list ``tone`` of mappings ``frequency_hz``, ``amplitude``, ``phase_rad``. ``complex`` is true for
complex baseband.
"""

# No annotations as text: msgspec would compile those of the tables while a file is read.

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from crestfall.files.conversion import Finite, converted
from crestfall.files.effort_keys import naming_what_is_no_problem
from crestfall.files.problem_schema import Table, TonesTable
from crestfall.files.quantity_texts import with_numbers
from crestfall.files.reading import MAX_TONES, shown
from crestfall.files.tone_columns import audible, note_repeated
from crestfall.files.tone_tables import multisine_of as multisine_of_table
from crestfall.problem.multisine import Multisine

LISTS = ("frequencies_hz", "amplitudes", "phases_rad")


class ToneTable(Table):
    """One tone."""

    frequency_hz: Finite
    amplitude: Finite = 1.0
    phase_rad: Finite | None = None


class PlainTones(Table):
    """All tones."""

    frequencies_hz: list[Finite] | None = None
    amplitudes: float | list[Finite] = 1.0
    phases_rad: list[Finite] | None = None
    tone: list[ToneTable] | None = None
    complex: bool = False


def multisine_of(record: Mapping[str, Any], *, complex: bool = False) -> Multisine:
    """The multisine that plain data describes; given phases become ``initial_phases``.

    Args:
        record: The data.
        complex: Complex baseband even if the data do not say so.

    Raises:
        ValueError: A key is missing, unknown or of the wrong kind, or a value is not a finite number or out of range.
            The message begins with the key.

    Example:
        >>> multisine_of({"frequencies_hz": [10, 30], "amplitudes": 0.5})
        Multisine(n=2, 10 … 30 Hz, fundamental 10 Hz, real)
        >>> multisine_of({"tone": [{"frequency_hz": 10}, {"frequency_hz": 20, "amplitude": 2}]}).amplitudes.tolist()
        [1.0, 2.0]
    """
    with naming_what_is_no_problem():
        plain = converted(with_numbers(dict(record)), PlainTones)
    is_complex = complex or plain.complex
    if plain.tone is None:
        if plain.frequencies_hz is None:
            raise ValueError("no tones: give frequencies_hz, and amplitudes if they are not all 1")
        frequencies, amplitudes, phases = _audible(plain.frequencies_hz, plain.amplitudes, plain.phases_rad)
        return multisine_of_table(
            TonesTable(
                frequencies_hz=frequencies,
                amplitudes=amplitudes,
                phases_rad=phases,
                complex=is_complex,
            ),
            "",
        )
    if any(key in record for key in LISTS):
        raise ValueError("tone: give either tone or frequencies_hz, not both")
    if not 1 <= len(plain.tone) <= MAX_TONES:
        raise ValueError(f"tone: there are {len(plain.tone)} tones; give 1 to {MAX_TONES}")
    phases = [one.phase_rad for one in plain.tone if one.phase_rad is not None]
    if phases and len(phases) < len(plain.tone):
        k = next(k for k, one in enumerate(plain.tone) if (one.phase_rad is None) != (plain.tone[0].phase_rad is None))
        raise ValueError(f"tone[{k}].phase_rad: some tones have a phase and some have none; give all or none")
    columns = _audible([one.frequency_hz for one in plain.tone], [one.amplitude for one in plain.tone], phases or None)
    try:
        return Multisine(columns[0], columns[1], complex=is_complex, initial_phases=columns[2])
    except ValueError as error:
        where = re.match(r"(frequenc|amplitude)\w*\[(\d+)\]", str(error))
        key = f"tone[{where[2]}].{'amplitude' if where[1] == 'amplitude' else 'frequency_hz'}" if where else "tone"
        raise ValueError(f"{key}: {error}") from None


def _audible(
    frequencies: list[float], amplitudes: float | list[float], phases: list[float] | None
) -> tuple[list[float], float | list[float], list[float] | None]:
    """The lists without tones of amplitude 0. Both these and frequencies that occur twice are reported as notes.

    Everything else that is wrong is left to the multisine, whose errors name the key.
    """
    note_repeated("tone", range(len(frequencies)), frequencies)
    together = [frequencies, amplitudes, *([] if phases is None else [phases])]
    if not isinstance(amplitudes, list) or any(
        not isinstance(one, list) or len(one) != len(frequencies) for one in together
    ):
        return frequencies, amplitudes, phases
    keep = audible("tone", range(len(frequencies)), amplitudes)
    rest = None if phases is None else [phases[k] for k in keep]
    return [frequencies[k] for k in keep], [amplitudes[k] for k in keep], rest


def multisine_of_arrays(arrays: Mapping[str, Any], *, complex: bool = False) -> Multisine:
    """The same of arrays, as NumPy and MATLAB store them; others than those of tones are not looked at.

    Example:
        >>> multisine_of_arrays({"frequencies_hz": np.array([10.0, 30.0]), "amplitudes": np.array([0.5])}).amplitudes
        array([0.5, 0.5])
    """
    record = {key: _plain(arrays[key], key) for key in (*LISTS, "complex") if key in arrays}
    return multisine_of(record, complex=complex)


def _plain(values: Any, key: str) -> Any:
    if not isinstance(values, np.ndarray):
        return values
    if values.dtype.kind not in "biuf" or values.ndim > 1:
        raise ValueError(f"{key} has type {values.dtype} and shape {values.shape}; it must be a real vector")
    if key == "complex":
        if values.size != 1 or values.item() not in (0, 1):
            raise ValueError(f"complex is {shown(values.tolist())}; it must be true or false")
        return bool(values.item())
    numbers = values.astype(np.float64).ravel().tolist()
    return numbers[0] if key == "amplitudes" and len(numbers) == 1 else numbers
