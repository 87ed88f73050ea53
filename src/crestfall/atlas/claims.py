"""The one verification of atlas and store: what is written down about phases must be what the phases give."""

from __future__ import annotations

import numpy.typing as npt

from crestfall.certainty.measures import peak_interval
from crestfall.engine.polish import certify
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem

ROUNDING = 1e-10
"""Relative: what another machine's sines and FFTs may change."""
_RESIDUAL = 1e-9


def peak_fault(ms: Multisine, phases: npt.ArrayLike, claimed_low: float, claimed_high: float) -> str | None:
    """What is wrong with the peak that is claimed for phases.

    Args:
        ms: The tones.
        phases: ``(n,)`` phases [rad].
        claimed_low: Lower end of the true peak that was written down; the peak itself where no interval was.
        claimed_high: Upper end.

    Returns:
        A line, or ``None`` if the claim and the certified interval overlap to ``1e-10``, relative.

    Example:
        >>> ms = Multisine([1.0, 2.0])
        >>> peak_fault(ms, [0.0, 0.0], 2.0, 2.0), peak_fault(ms, [0.0, 0.0], 1.8, 1.9)
        (None, 'peak is 1.9, but the phases give 1.99999...')
    """
    low, high = peak_interval(ms, phases)
    # Written so that a claim which is not a number is a fault.
    if not low * (1.0 - ROUNDING) <= claimed_high:
        return f"peak is {claimed_high!r}, but the phases give {low!r}"
    if not claimed_low <= high * (1.0 + ROUNDING):
        return f"peak is {claimed_low!r}, but the phases give {high!r}"
    return None


def residual_fault(ms: Multisine, phases: npt.ArrayLike, claimed: float | None) -> str | None:
    """What is wrong with the first-order residual that is claimed for phases; ``None`` claims nothing.

    Example:
        >>> residual_fault(Multisine([1.0, 2.0]), [0.0, 1.0], 1e-12)
        'residual is 1e-12, but the phases give 0.2298...'
    """
    if claimed is None:
        return None
    residual = certify(Problem(ms), ms.require_phases(phases)).residual
    if not residual <= max(_RESIDUAL, 2.0 * claimed):
        return f"residual is {claimed!r}, but the phases give {residual!r}"
    return None
