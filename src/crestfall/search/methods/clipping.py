"""Clipping: flatten the peaks in time, restore the magnitudes in frequency, and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.search.methods.published import PublishedMethod, Step
from crestfall.signal.synthesis import Synthesis, band_numbers, grid_size

_OVERSAMPLING = 16.0
_ITERATIONS = 1000
_FIRST_LEVEL = 0.5
_LAST_LEVEL = 0.99


def clip(ms: Multisine, start: FloatArray) -> Iterator[Step]:
    r"""Time–frequency swapping: the phases of the clipped signal, with the magnitudes put back.

    .. math:: x_j \leftarrow x_j \min\Bigl(1, \frac{\alpha_m \max_i|x_i|}{|x_j|}\Bigr), \qquad
              \theta_k \leftarrow \arg\sum_j x_j e^{-2\pi i h_k j/N}

    A step costs two FFTs. Nothing is minimised in the strict sense: the peak rises and falls on its way down, and where
    it ends is not a local minimum. The paper leaves open how finely to sample, how deep to clip and how long to go on.
    Here: 16 samples per period of the highest tone (complex: of the band), 1000 iterations, and a level ``α`` whose
    distance from 1 falls geometrically from 0.5 to 0.01. A complex signal is clipped in magnitude.

    Source: Van der Ouderaa, Schoukens & Renneboog, IEEE Trans. Instrum. Meas. 37(1):145, 1988.

    Args:
        ms: Tones of distinct frequencies.
        start: ``(n,)`` phases [rad]; the paper starts from Schroeder's.

    Yields:
        The start, then the phases after each iteration.

    Example:
        >>> from crestfall.engine.closed_form import schroeder
        >>> ms = Multisine.harmonics(range(1, 16))
        >>> peaks = [step.sample_peak for step in clip(ms, schroeder(ms))]
        >>> len(peaks), min(peaks) < 0.85 * peaks[0]
        (1001, True)
    """
    numbers = band_numbers(ms)
    synthesis = Synthesis(numbers, grid_size(int(np.max(np.abs(numbers))), _OVERSAMPLING), complex=ms.complex)
    amplitudes = ms.amplitudes / ms.amplitude_scale
    phases = start
    samples = synthesis.samples(amplitudes * np.exp(1j * phases))
    magnitudes = np.abs(samples)
    yield Step(phases, float(magnitudes.max()) * ms.amplitude_scale)
    for level in _levels():
        limit = level * magnitudes.max()
        phases = np.angle(synthesis.adjoint(samples * (limit / np.maximum(magnitudes, limit))))
        samples = synthesis.samples(amplitudes * np.exp(1j * phases))
        magnitudes = np.abs(samples)
        yield Step(phases, float(magnitudes.max()) * ms.amplitude_scale)


def _levels() -> FloatArray:
    """Clipping level of each iteration, relative to the peak."""
    return 1.0 - np.geomspace(1.0 - _FIRST_LEVEL, 1.0 - _LAST_LEVEL, _ITERATIONS)


@dataclass(frozen=True)
class Clipping(PublishedMethod):
    """Clipping, or time–frequency swapping, as a method (see ``clip``)."""

    name: str = field(default="clip", init=False)
    title: str = field(default="clipping (Van der Ouderaa et al. 1988)", init=False, repr=False)
    unproven: str = field(default="clipping ends at no minimum", init=False, repr=False)

    def steps(self, ms: Multisine, start: FloatArray) -> Iterator[Step]:
        """The start, then the phases after each iteration."""
        return clip(ms, start)
