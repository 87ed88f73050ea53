"""The one verification of atlas and store: a peak that is written down must be what the phases give."""

from __future__ import annotations

from crestfall._types import FloatArray
from crestfall.measures import peak_interval
from crestfall.multisine import Multisine

ROUNDING = 1e-12
"""Relative difference that another machine's sines may make."""


def verified_interval(
    ms: Multisine, phases: FloatArray, claimed_high: float, what: str, *, claimed_low: float = 0.0
) -> tuple[float, float]:
    """The certified interval of the true peak, computed anew from the phases.

    Args:
        ms: The tones.
        phases: ``(n,)`` phases [rad].
        claimed_high: Upper end that was written down.
        what: Whose claim it is, for the message.
        claimed_low: Lower end that was written down, if any.

    Returns:
        ``(low, high)`` in the unit of the amplitudes.

    Raises:
        ValueError: The true peak is certainly above ``claimed_high`` or below ``claimed_low``.

    Example:
        >>> low, high = verified_interval(Multisine([1.0, 2.0]), [0.0, 0.0], 2.0, "two tones")
        >>> low <= 2.0 <= high
        True
    """
    low, high = peak_interval(ms, phases)
    if not low <= claimed_high * (1.0 + ROUNDING):
        raise ValueError(f"{what} claims peak {claimed_high!r}, but its phases give {low!r}")
    if not high >= claimed_low * (1.0 - ROUNDING):
        raise ValueError(f"{what} claims a peak of at least {claimed_low!r}, but its phases give {high!r}")
    return low, high
