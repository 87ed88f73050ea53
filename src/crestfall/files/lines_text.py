"""Which frequencies to excite, in words: bands, preferred numbers, grids, and what to leave out.

==============================  ===================================================================================
``20..20000``, ``1kHz..2kHz``   every multiple of the fundamental from the first to the last
``1kHz,1.5kHz,3..4``            frequencies and bands
``odd:20..2000``                odd multiples in the band
``log:20..20000:50``            50 multiples, about equally spaced on a log scale; ``odd-log`` odd ones
``random:20..2000:4``           one in every 4 multiples left out at random; ``:7`` more is the seed; ``random-odd``
``random-log:20..20000:50``     a multiple at random from each of 50 ranges of equal ratio
``third-octave:20..20000``      nominal third octaves (ISO 266); ``R5``, ``R10``, ``R20``, ``E6``, ``E12``, ``1-2-5``
``octaves/12:20..20000``        exact midband frequencies of IEC 61260, here 12 for each octave
==============================  ===================================================================================

With a fundamental all of them are rounded to its multiples. What can be left out:

==============================  ===================================================================================
``mains``, ``mains:60Hz:2Hz``   all near 50 Hz or the given mains and its harmonics; guard: half the fundamental
``sums``                        sums, differences and doubles of the others
``900..1100``                   a band
==============================  ===================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from crestfall.files.reading import MAX_TONES, shown
from crestfall.problem import grids
from crestfall.problem.amplitude_laws import law
from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.notes import note
from crestfall.problem.quantities import number_and_unit, quantity
from crestfall.problem.raster import moved_to_raster
from crestfall.problem.readable import readable

_BAND = re.compile(r"(.+?)\.\.\.?(.+)")
_MOST_STEPS = 2**30
WAYS = "20..20000, 1kHz,1.5kHz, log:20..20000:50, third-octave:20..20000"

_OF_BAND: dict[str, tuple[Callable[..., IntArray], range]] = {
    "odd": (lambda low, high: grids.odd(high), range(1)),
    "log": (lambda low, high, n: grids.quasi_logarithmic(low, high, n), range(1, 2)),
    "odd-log": (lambda low, high, n: grids.quasi_logarithmic(low, high, n, odd=True), range(1, 2)),
    "random": (lambda low, high, *more: grids.random_full(high, *more), range(1, 3)),
    "random-odd": (lambda low, high, *more: grids.random_odd(high, *more).excited, range(1, 3)),
    "random-log": (lambda low, high, *more: grids.random_logarithmic(low, high, *more), range(1, 3)),
}
"""What a word means for the harmonics from one to another, and how many numbers may follow the band."""


def is_rule(text: str) -> bool:
    """Whether a text is one of these, and not a list of harmonic numbers.

    Example:
        >>> is_rule("20..200"), is_rule("1:31"), is_rule("10 Hz, 20 Hz")
        (True, False, True)
    """
    return ".." in text or "Hz" in text


def multisine_of_lines(
    text: str, fundamental: float | None, *, complex: bool = False, most: int = MAX_TONES
) -> Multisine:
    """Tones of amplitude 1 at the frequencies that a text says.

    Args:
        text: The frequencies (see the module).
        fundamental: Frequency of which all are to be multiples [Hz]; ``None``: as they are written, without bands.
        complex: Complex baseband.
        most: Most tones.

    Raises:
        ValueError: The text says no frequencies, too many, or two that are one on the raster.

    Example:
        >>> multisine_of_lines("20..50", 10.0).frequencies.tolist()
        [20.0, 30.0, 40.0, 50.0]
        >>> multisine_of_lines("third-octave:20..50", None).frequencies.tolist()
        [20.0, 25.0, 31.5, 40.0, 50.0]
    """
    parts: list[Any] = [text] if ":" in text else text.split(",")
    found = [_part(part.strip(), text, fundamental, most) for part in parts]
    frequencies = np.concatenate(found) if found else np.zeros(0)
    if not frequencies.size:
        raise ValueError(f"frequencies is {shown(text)}, which holds no frequency; widen the band")
    if frequencies.size > most:
        raise ValueError(f"frequencies is {shown(text)}: {frequencies.size} tones are more than {most}; give fewer")
    if fundamental is None:
        return Multisine(frequencies, complex=complex)
    numbers = np.rint(frequencies / fundamental).astype(np.int64)
    if not complex and np.min(numbers) < 1:
        lowest = float(np.min(frequencies))
        raise ValueError(
            f"frequencies is {shown(text)}: {readable(lowest, 'Hz')} is nearer to 0 Hz than to the fundamental of "
            f"{readable(fundamental, 'Hz')}; leave it out, or use a smaller fundamental"
        )
    unique = np.unique(numbers)
    _note_moved(frequencies, numbers * np.float64(fundamental), frequencies.size - unique.size)
    return Multisine.harmonics(unique.tolist(), fundamental, complex=complex)


def without_excluded(ms: Multisine, rules: str | Sequence[str], fundamental: float | None = None) -> Multisine:
    """The tones that no rule leaves out.

    Args:
        ms: The tones.
        rules: What to leave out (see the module).
        fundamental: Half of it is the guard around mains [Hz]; by default that of the tones.

    Raises:
        ValueError: A rule says nothing that is known, or leaves no tone.

    Example:
        >>> without_excluded(Multisine.harmonics(range(1, 12), 10.0), ["mains", "60..80"]).frequencies.tolist()
        [10.0, 20.0, 30.0, 40.0, 90.0, 110.0]
    """
    for rule in [rules] if isinstance(rules, str) else rules:
        keep = ~_excluded(ms, rule.strip(), fundamental)
        if not np.any(keep):
            raise ValueError(f"exclude is {shown(rule)}, which leaves no tone; make the guard or the band smaller")
        ms = ms if np.all(keep) else ms.pick(np.flatnonzero(keep))
    return ms


def changed_tones(
    ms: Multisine,
    *,
    raster: float | None = None,
    exclude: str | Sequence[str] | None = None,
    fundamental: float | None = None,
    amplitudes: str | None = None,
) -> Multisine:
    """Tones moved to a raster, then without those to leave out, then with the amplitudes of a law.

    Args:
        ms: The tones.
        raster: Distance of the allowed frequencies [Hz].
        exclude: What to leave out (see the module).
        fundamental: As for ``without_excluded``.
        amplitudes: Law of the amplitudes (see ``crestfall.problem.amplitude_laws``).

    Raises:
        ValueError: As ``multiples_of_raster``, ``without_excluded`` and ``law``.

    Example:
        >>> changed_tones(Multisine([10.0, 20.0, 40.0]), raster=5.0, exclude="20..30", amplitudes="f^-1").amplitudes
        array([1.  , 0.25])
    """
    if raster is not None:
        ms = moved_to_raster(ms, raster)
    if exclude is not None:
        ms = without_excluded(ms, exclude, fundamental)
    return ms if amplitudes is None else ms.with_amplitudes(law(ms.frequencies, amplitudes))


# ------------------------------------------------------------------ parts


def _note_moved(before: FloatArray, after: FloatArray, lost: int) -> None:
    """Report how far frequencies moved to multiples of the fundamental, and how many fell together."""
    errors = np.abs(after - before)
    worst = int(np.argmax(errors))
    if np.any(errors > 1e-9 * before):
        together = f"; {lost} fell together with another" if lost else ""
        note(
            "frequencies are rounded to multiples of the fundamental; the largest error is "
            f"{readable(errors[worst], 'Hz', 3)}: {readable(before[worst], 'Hz')} is now "
            f"{readable(after[worst], 'Hz')}{together}"
        )


def _part(part: str, text: str, fundamental: float | None, most: int) -> FloatArray:
    """The frequencies of one part [Hz]."""
    word, colon, rest = part.partition(":")
    if not colon:
        if _BAND.fullmatch(part):
            low, high = _harmonics(part, text, fundamental)
            _require_few(high - low + 1, text, most)
            return np.arange(low, high + 1).astype(np.float64) * float(fundamental or 1.0)
        return np.array([_frequency(part, text)])
    band, *given = rest.split(":")
    if match := re.fullmatch(r"octaves?/(\d{1,4})|(octave)s?", word):
        return grids.fractional_octaves(*_ends(band, text), int(match[1] or 1))
    if word in grids.SERIES:
        return grids.preferred_numbers(*_ends(band, text), word)
    if word not in _OF_BAND:
        raise ValueError(f"frequencies is {shown(text)}: {shown(word)} is unknown; write {WAYS}")
    choose, counts = _OF_BAND[word]
    low, high = _harmonics(band, text, fundamental)
    if len(given) not in counts or not all(re.fullmatch(r"\s*\d{1,9}\s*", one) for one in given):
        raise ValueError(f"frequencies is {shown(text)}: a band and whole numbers follow {word!r}, such as {WAYS}")
    steps = int(given[0]) * high if word.endswith("log") else high
    if steps > _MOST_STEPS or high > grids.MAX_HARMONIC:
        raise ValueError(f"frequencies is {shown(text)}: harmonic {high} is too high; use a larger fundamental")
    if word.endswith("log"):
        _require_few(int(given[0]), text, most)
    try:
        numbers = choose(low, high, *map(int, given))
    except ValueError as error:
        raise ValueError(f"frequencies is {shown(text)}: {error}") from None
    return numbers[numbers >= low].astype(np.float64) * float(fundamental or 1.0)


def _frequency(part: str, text: str) -> float:
    """One frequency [Hz]; a text that is not one may have been meant for words."""
    if part != text:
        return quantity(part, "Hz", name=f"frequencies {shown(text)}: one")
    try:
        return quantity(part, "Hz", name="frequencies")
    except ValueError as error:
        raise ValueError(f"{error}; or in words, such as {WAYS}") from None


def _require_few(count: int, text: str, most: int) -> None:
    if count > most:
        raise ValueError(f"frequencies is {shown(text)}: {count} tones are more than {most}; use a larger fundamental")


def _harmonics(band: str, text: str, fundamental: float | None) -> tuple[int, int]:
    """The first and the last multiple of the fundamental in a band."""
    if fundamental is None:
        raise ValueError(
            f"frequencies is {shown(text)}, which needs the distance of the tones; give the fundamental, such as 10 Hz"
        )
    if not 0.0 < fundamental < np.inf:
        raise ValueError(f"fundamental is {fundamental}; it must be a finite frequency above 0 Hz")
    low, high = _ends(band, text)
    first, last = max(1.0, np.ceil(low / fundamental - 1e-9)), np.floor(high / fundamental + 1e-9)
    if not first <= last <= grids.MAX_CARRIER:
        raise ValueError(
            f"frequencies is {shown(text)}, which holds no multiple of {readable(fundamental, 'Hz')}; widen the band"
        )
    if 0.0 < low < 0.5 * fundamental:  # an end at 0 Hz means as low as possible
        note(
            f"frequencies is {shown(text)}: the lowest tone is at the fundamental, {readable(fundamental, 'Hz')}, "
            f"not at {readable(low, 'Hz')}; for lower tones give a smaller fundamental"
        )
    return int(first), int(last)


def _ends(band: str, text: str) -> tuple[float, float]:
    match = _BAND.fullmatch(band.strip())
    if match is None:
        raise ValueError(f"frequencies is {shown(text)}: {shown(band)} is not a band such as 20..20000; write {WAYS}")
    units = [found[1] for found in (number_and_unit(end) for end in match.groups()) if found is not None]
    if len(units) == 2 and bool(units[0]) != bool(units[1]):
        raise ValueError(f"frequencies is {shown(text)}: write the unit at both ends of a band, such as 20Hz..20kHz")
    low, high = (quantity(end, "Hz", name=f"frequencies {shown(text)}: an end") for end in match.groups())
    if not 0.0 <= low <= high:
        raise ValueError(f"frequencies is {shown(text)}: the band must rise, from 0 Hz or above")
    return low, high


def _excluded(ms: Multisine, rule: str, fundamental: float | None) -> Any:
    """``(n,)`` which tones a rule leaves out."""
    word, *given = (one.strip() for one in rule.split(":"))
    if word == "mains" and len(given) <= 2:
        names = ("the mains of exclude", "the guard of exclude")
        values = [quantity(one, "Hz", name=name) for one, name in zip(given, names, strict=False)]
        mains = values[0] if values else 50.0
        step = ms.fundamental if fundamental is None and ms.has_period else fundamental or 0.0
        guard = values[1] if len(values) > 1 else min(step / 2.0, 0.49 * mains)
        try:
            return grids.near_mains(ms.frequencies, mains, guard)
        except ValueError as error:
            raise ValueError(f"exclude is {shown(rule)}: {error}") from None
    if word == "sums" and not given:
        kept = grids.without_sums(np.abs(ms.harmonic_numbers[ms.harmonic_numbers != 0]))
        return ~np.isin(np.abs(ms.harmonic_numbers), kept)
    if _BAND.fullmatch(rule):
        try:
            low, high = _ends(rule, rule)
        except ValueError as error:
            raise ValueError(str(error).replace("frequencies", "exclude", 1)) from None
        sizes = np.abs(ms.frequencies)
        return (sizes >= low * (1 - 1e-12)) & (sizes <= high * (1 + 1e-12))
    raise ValueError(f"exclude is {shown(rule)}; give mains, mains:60Hz:2Hz, sums, or a band such as 900..1100")
