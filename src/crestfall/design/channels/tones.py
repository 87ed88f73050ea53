"""What the tones of several inputs must have in common."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from crestfall.problem.goal import Measure
from crestfall.problem.multisine import Multisine, _rebuild

MEASURES = ("peak", "range")


def require_channels(
    inputs: Sequence[Multisine], names: Sequence[str] | None, limits: Sequence[float] | None, measure: Measure
) -> tuple[tuple[str, ...], tuple[float, ...] | None]:
    """Names and limits, one for each input, or a ``ValueError`` that says what is wrong with them."""
    named = tuple(f"input {i + 1}" for i in range(len(inputs))) if names is None else tuple(map(str, names))
    for what, values in (("names", named), ("limits", limits)):
        if values is not None and len(values) != len(inputs):
            raise ValueError(f"{what} has {len(values)} entries for {len(inputs)} inputs; give one for each")
    for name in named:
        if named.count(name) > 1:
            raise ValueError(f"names: two inputs are called {name!r}; give each a name of its own")
    allowed = None if limits is None else tuple(float(limit) for limit in limits)
    for i, limit in enumerate(allowed or ()):
        if not (isfinite(limit) and limit > 0):
            raise ValueError(f"limits[{i}] is {limit}; a limit must be a finite number above 0")
    if measure not in MEASURES:
        raise ValueError(f"measure is {measure!r}; for several channels it is 'peak' or 'range'")
    if measure == "range" and any(ms.complex for ms in inputs):
        raise ValueError("measure 'range' needs real signals; complex ones have no minimum and maximum")
    return named, allowed


def require_same_tones(inputs: Sequence[Multisine]) -> None:
    """Raise unless all inputs have the same distinct frequencies in the same order."""
    _require_some(inputs)
    first = inputs[0]
    for i, ms in enumerate(inputs):
        if ms.complex != first.complex or not np.array_equal(ms.frequencies, first.frequencies):
            raise ValueError(
                f"inputs[{i}] has other frequencies than inputs[0]; an orthogonal set excites the same ones in all "
                "inputs (amplitudes may differ); for frequencies of their own use interleaved_set"
            )
    if first.has_repeated_frequencies:
        raise ValueError("inputs: a frequency occurs twice in one input; add up its tones first")


def union_of(inputs: Sequence[Multisine]) -> Multisine:
    """All frequencies of all inputs, rising, with their common period.

    Raises:
        ValueError: Two inputs share a frequency, or there is no common period.

    Example:
        >>> union_of([Multisine([3.0, 9.0]), Multisine([2.0, 4.0])])
        Multisine(n=4, 2 … 9 Hz, fundamental 1 Hz, real)
    """
    _require_some(inputs)
    if any(ms.complex != inputs[0].complex for ms in inputs):
        raise ValueError("inputs: some are real and some complex; give all of one kind")
    frequencies = np.concatenate([ms.frequencies for ms in inputs])
    order = np.argsort(frequencies, kind="stable")
    try:
        together = Multisine(frequencies[order], complex=inputs[0].complex)
    except ValueError as error:
        raise ValueError(f"inputs together: {error}") from None
    twice = np.flatnonzero(np.diff(together.harmonic_numbers) == 0)
    if len(twice):
        owners = np.repeat(np.arange(len(inputs)), [ms.n for ms in inputs])[order]
        k = int(twice[0])
        raise ValueError(
            f"inputs[{owners[k]}] and inputs[{owners[k + 1]}] both have {together.frequencies[k]:.9g} Hz; in an "
            "interleaved set each frequency belongs to one input: deal them out with grids.deal, or use orthogonal_set"
        )
    return together


def on_common_period(ms: Multisine, together: Multisine) -> Multisine:
    """The tones of one input, counted in harmonics of the period of all."""
    if ms.fundamental == together.fundamental:
        return ms
    numbers = np.rint(ms.frequencies / together.fundamental).astype(np.int64)
    return _rebuild(ms.frequencies, together.fundamental, numbers, ms.amplitudes, ms.complex, ms.initial_phases)


def _require_some(inputs: Sequence[Multisine]) -> None:
    if not len(inputs):
        raise ValueError("inputs are empty; give the tones of at least one")
    for i, ms in enumerate(inputs):
        if not isinstance(ms, Multisine):
            raise TypeError(f"inputs[{i}] is a {type(ms).__name__}; give a Multisine for each input")
