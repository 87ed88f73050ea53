"""What a finite alphabet of phases goes together with."""

from __future__ import annotations

import numpy as np

from crestfall.constraints import Hold
from crestfall.goal import Goal
from crestfall.multisine import Multisine

_ANGLE = 1e-9


def require_alphabet_possible(ms: Multisine, goal: Goal, levels: int, *, sampled: bool = False) -> None:
    """Raise a ``ValueError`` unless phases ``2π m / levels`` can be searched for this goal.

    Args:
        ms: The tones.
        goal: Must be the drive's own true peak, all phases free.
        levels: Number of equally spaced phases.
        sampled: Whether given samples are to count.

    Example:
        >>> require_alphabet_possible(Multisine([1.0, 2.0]), Goal(constraints=(Hold({1: 1.0}),)), 2)
        Traceback (most recent call last):
        ValueError: constraints[0].phases_rad holds tone 1 at 1 rad, outside the alphabet of 2 phases; ...
    """
    for number, constraint in enumerate(goal.constraints):
        for tone, phase in constraint.phases.items() if isinstance(constraint, Hold) else ():
            steps = float(phase) * levels / (2.0 * np.pi)
            if abs(steps - round(steps)) > _ANGLE * levels:
                raise ValueError(
                    f"constraints[{number}].phases_rad holds tone {tone} at {phase:.6g} rad, outside the alphabet of "
                    f"{levels} phases; hold it at a multiple of {2.0 * np.pi / levels:.6g} rad, or give up one of them"
                )
    if sampled or not goal.is_plain:
        raise ValueError(
            "goal.alphabet: the discrete search lowers the true peak of the drive, each phase free in its alphabet; "
            "leave out samples, outputs, constraints and measure, or the alphabet"
        )
