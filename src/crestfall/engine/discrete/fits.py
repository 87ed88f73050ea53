"""What a finite alphabet of phases goes together with."""

from __future__ import annotations

import numpy as np

from crestfall.problem.constraints import Hold, Link
from crestfall.problem.goal import Goal
from crestfall.problem.multisine import Multisine

_ANGLE = 1e-9


def require_alphabet_possible(ms: Multisine, goal: Goal, levels: int, *, sampled: bool = False) -> None:
    """Raise a ``ValueError`` unless phases ``2π m / levels`` can be searched for this goal.

    Args:
        ms: The tones.
        goal: Must be the drive's own true peak; phases may be held and linked.
        levels: Number of equally spaced phases.
        sampled: Whether given samples are to count.

    Example:
        >>> require_alphabet_possible(Multisine([1.0, 2.0]), Goal(constraints=(Hold({1: 1.0}),)), 2)
        Traceback (most recent call last):
        ValueError: constraints[0].phases_rad holds tone 1 at 1 rad, outside the alphabet of 2 phases; ...
    """
    step = f"{2.0 * np.pi / levels:.6g} rad"
    for number, constraint in enumerate(goal.constraints):
        for tone, phase in constraint.phases.items() if isinstance(constraint, Hold) else ():
            if not _is_letter(phase, levels):
                raise ValueError(
                    f"constraints[{number}].phases_rad holds tone {tone} at {phase:.6g} rad, outside the alphabet of "
                    f"{levels} phases; hold it at a multiple of {step}, or give up one of them"
                )
        offsets = (constraint.offsets or ()) if isinstance(constraint, Link) else ()
        for apart in (offset - offsets[0] for offset in offsets):
            if not _is_letter(apart, levels):
                raise ValueError(
                    f"constraints[{number}].offsets_rad links tones {apart:.6g} rad apart, which no phases of the "
                    f"alphabet of {levels} are; use multiples of {step}, or give up one of them"
                )
    if sampled or not goal.is_about_drive or not all(isinstance(one, Hold | Link) for one in goal.constraints):
        raise ValueError(
            "goal.alphabet: the discrete search lowers the true peak of the drive, whose phases may be held and "
            "linked; leave out samples, outputs, other constraints and measure, or the alphabet"
        )
    goal.phase_map(ms)


def _is_letter(phase: float, levels: int) -> bool:
    steps = float(phase) * levels / (2.0 * np.pi)
    return abs(steps - round(steps)) <= _ANGLE * levels
