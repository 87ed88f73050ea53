"""How strong the noise in a spectrum is, without knowing which lines are tones."""

from __future__ import annotations

from math import log, sqrt

import numpy as np

from crestfall.problem.arrays import FloatArray

_QUARTER = sqrt(2.0 * log(4.0 / 3.0))
"""The magnitude that a quarter of complex Gaussian lines lies below, in standard deviations of a component."""
_TENTH_OF_QUARTER = 0.02
"""Largest share of lines below a tenth of it: of Gaussian ones 0.3 %, of a spectrum of tones and rounding far more."""
_CHANCE = 0.01
_LEAST_LINES = 32


def noise_level(magnitudes: FloatArray) -> float:
    r"""Standard deviation σ of each component of the noise in the lines of a spectrum; 0 where none is found.

    Magnitudes of Gaussian noise have a Rayleigh distribution, of which a quarter lies below
    :math:`\sigma \sqrt{2 \ln (4/3)}`. This quarter holds no tones as long as three of four lines are noise or weaker.

    Args:
        magnitudes: ``(n,)`` magnitudes of all lines.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> lines = np.abs(rng.normal(size=4000) + 1j * rng.normal(size=4000))
        >>> lines[:50] = 100.0
        >>> round(noise_level(lines), 1), noise_level(np.repeat([1.0, 1e-17], [100, 20]))
        (1.0, 0.0)
    """
    if magnitudes.size < _LEAST_LINES:
        return 0.0
    quarter = float(np.quantile(magnitudes, 0.25))
    if np.mean(magnitudes < 0.1 * quarter) > _TENTH_OF_QUARTER:
        return 0.0
    return quarter / _QUARTER


def highest_noise(level: float, lines: int) -> float:
    r"""The magnitude that noise exceeds in none of its lines, but for one record in a hundred.

    .. math:: \sigma \sqrt{2 \ln (n / 0.01)}
    """
    return level * sqrt(2.0 * log(max(lines, 1) / _CHANCE))
