"""Frequencies to the nearest multiples of a raster.

``snap`` is for the raster of a memory, sample rate over length; ``multiples_of_raster`` for any raster [Hz]; and
``moved_to_raster`` is the same with a note of the largest error, for what people type.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from crestfall.problem.arguments import finite_number, real_numbers, shown, whole_number
from crestfall.problem.arrays import FloatArray
from crestfall.problem.guide import points_to_page
from crestfall.problem.multisine import Multisine
from crestfall.problem.notes import note
from crestfall.problem.readable import readable


class Snapped(NamedTuple):
    """Tones on a raster, and how far they had to move.

    Attributes:
        multisine: The tones on the raster.
        errors_hz: ``(n,)`` new frequency minus the one asked for [Hz]; at most half a raster step.
    """

    multisine: Multisine
    errors_hz: FloatArray


@points_to_page
def snap(
    frequencies: npt.ArrayLike,
    sample_rate: float,
    n_samples: int,
    amplitudes: npt.ArrayLike = 1.0,
    *,
    complex: bool = False,
    initial_phases: npt.ArrayLike | None = None,
) -> Snapped:
    r"""Move each frequency to the nearest multiple of ``sample_rate / n_samples``.

    A memory of ``n_samples`` that is played again and again holds only such frequencies,

    .. math:: f \to \frac{f_s}{N} \operatorname{round} \frac{f N}{f_s},

    and any frequencies then have a common period. Use it before ``Multisine`` where frequencies have none.

    Args:
        frequencies: ``(n,)`` frequencies [Hz], whatever their ratios.
        sample_rate: Samples per second [Hz].
        n_samples: Length of the memory.
        amplitudes: ``(n,)`` linear amplitudes, or one for all.
        complex: Complex baseband.
        initial_phases: ``(n,)`` phases [rad] that the tones came with, if any.

    Raises:
        ValueError: The raster is not finite and above 0, two tones meet at one point of it, or a tone falls on 0 Hz
            (real signals) or reaches half the sample rate. The message names the tones.

    Example:
        >>> found = snap([1.0, 2.5, 3.14159], sample_rate=100.0, n_samples=1000)
        >>> found.multisine.frequencies.tolist(), found.errors_hz.round(5).tolist()
        ([1.0, 2.5, 3.1], [0.0, 0.0, -0.04159])
    """
    need = "give a list of finite numbers, in Hz"
    wanted = np.atleast_1d(real_numbers("frequencies", frequencies, need, unit="Hz"))
    if wanted.ndim != 1 or not np.all(np.isfinite(wanted)):
        raise ValueError(f"frequencies are {shown(frequencies)}; {need}")
    rate = "a finite number of samples per second above 0"
    sample_rate = finite_number("sample_rate", sample_rate, rate, above_zero=True, unit="Hz")
    n_samples = whole_number("n_samples", n_samples, 1, "an integer of at least 1")
    raster = sample_rate / n_samples
    numbers = np.rint(wanted / raster).astype(np.int64)
    for k in np.flatnonzero(2 * np.abs(numbers) >= n_samples):
        raise ValueError(
            f"frequencies[{k}] is {readable(wanted[k], 'Hz')}, which reaches half the sample rate; raise the "
            "sample rate"
        )
    for k in np.flatnonzero((numbers <= 0) & (not complex)):
        raise ValueError(
            f"frequencies[{k}] is {readable(wanted[k], 'Hz')}, which falls on 0 Hz on a raster of "
            f"{readable(raster, 'Hz')}; give more samples, or leave the tone out"
        )
    order = np.argsort(numbers, kind="stable")
    for k in np.flatnonzero(np.diff(numbers[order]) == 0):
        first, second = sorted((int(order[k]), int(order[k + 1])))
        raise ValueError(
            f"frequencies[{first}] and frequencies[{second}] both fall on {readable(numbers[first] * raster, 'Hz')}; "
            f"give more samples than {n_samples}"
        )
    ms = Multisine.harmonics(numbers, raster, amplitudes, complex, initial_phases=initial_phases)
    return Snapped(ms, numbers * raster - wanted)


@points_to_page
def multiples_of_raster(ms: Multisine, raster: float) -> Snapped:
    """The tones at the nearest multiples of a raster, and how far they had to move.

    Args:
        ms: The tones, with or without a common period.
        raster: Distance of the allowed frequencies [Hz].

    Raises:
        ValueError: The raster is not finite and above 0, two tones meet at one multiple, or a real one falls on 0 Hz.

    Example:
        >>> found = multiples_of_raster(Multisine([1.0, 2.5, 3.14159]), 0.1)
        >>> found.multisine.frequencies.round(12).tolist(), found.errors_hz.round(5).tolist()
        ([1.0, 2.5, 3.1], [0.0, 0.0, -0.04159])
    """
    raster = finite_number("raster", raster, "a finite frequency above 0 Hz", above_zero=True, unit="Hz")
    wanted = ms.frequencies
    numbers = np.rint(wanted / raster)
    for k in np.flatnonzero((numbers <= 0) & (not ms.complex)):
        raise ValueError(
            f"raster is {readable(raster, 'Hz')}, on which {readable(wanted[k], 'Hz')} falls on 0 Hz; make it "
            "finer, or drop the tone"
        )
    order = np.argsort(numbers, kind="stable")
    for k in np.flatnonzero((np.diff(numbers[order]) == 0) & (np.diff(wanted[order]) != 0)):
        first, second = wanted[order[k]], wanted[order[k + 1]]
        raise ValueError(
            f"raster is {readable(raster, 'Hz')}, on which {readable(first, 'Hz')} and {readable(second, 'Hz')} are "
            f"both {readable(numbers[order[k]] * raster, 'Hz')}; make it finer"
        )
    snapped = Multisine.harmonics(numbers.tolist(), raster, ms.amplitudes, ms.complex, initial_phases=ms.initial_phases)
    return Snapped(snapped, snapped.frequencies - wanted)


def moved_to_raster(ms: Multisine, raster: float) -> Multisine:
    """The tones at the nearest multiples of a raster, with a note of the largest error.

    Warns:
        CrestfallWarning: Tones had to move; the message names the largest error.

    Example:
        >>> moved_to_raster(Multisine([1.0, 2.5]), 0.5).frequencies.tolist()
        [1.0, 2.5]
    """
    snapped = multiples_of_raster(ms, raster)
    errors = np.abs(snapped.errors_hz)
    worst = int(np.argmax(errors))
    moved = errors > 1e-9 * np.abs(ms.frequencies)
    if np.any(moved):
        before, after = ms.frequencies[worst], snapped.multisine.frequencies[worst]
        note(
            f"{int(np.sum(moved))} of {ms.n} tones moved to multiples of {readable(raster, 'Hz')}; the largest error "
            f"is {readable(errors[worst], 'Hz', 3)}: {readable(before, 'Hz')} is now {readable(after, 'Hz')}"
        )
    return snapped.multisine
