"""Phases of a finite alphabet: binary codes, QPSK preambles, switches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from crestfall.problem.arguments import whole_number
from crestfall.problem.constraints.phase_map import PhaseMap, Relation
from crestfall.problem.multisine import Multisine

MOST_LEVELS = 2**20
"""No generator sets phases more finely, and the tables of a search have an entry for each level."""
_ANGLE = 1e-9


@dataclass(frozen=True)
class Alphabet:
    """Allow only ``levels`` equally spaced phases, ``2π m / levels``.

    Attributes:
        levels: 2 is binary (0 and π), 4 is QPSK.

    Raises:
        ValueError: ``levels`` is not an integer from 2 to 1048576.

    Example:
        >>> from crestfall import minimize_peak
        >>> design = minimize_peak(Multisine.harmonics(range(1, 9)), constraints=[Alphabet(2)])
        >>> design.status, round(design.crest_factor, 4)
        ('global optimum: all 128 sequences of the alphabet', 1.7328)
    """

    levels: int

    def __post_init__(self) -> None:
        need = f"an integer from 2 to {MOST_LEVELS}"
        object.__setattr__(self, "levels", whole_number("alphabet: levels", self.levels, 2, need, MOST_LEVELS))

    def relations(self, ms: Multisine) -> Iterator[Relation]:
        """None: the phases stay independent of each other."""
        return iter(())

    def require_fit(self, phase_map: PhaseMap) -> None:
        """Raise a ``ValueError`` if other constraints ask for phases outside the alphabet."""
        step = 2.0 * np.pi / self.levels
        steps = phase_map.offsets / step
        away = np.abs(steps - np.rint(steps)) > _ANGLE * self.levels
        if np.any(away):
            k = int(np.argmax(away))
            what = "held at" if phase_map.slopes[k] == 0.0 else "linked with an offset of"
            raise ValueError(
                f"tone {k} is {what} {phase_map.offsets[k]:.6g} rad, outside the alphabet of {self.levels} phases; use "
                f"a multiple of {step:.6g} rad, or give up one of them"
            )
        if not np.all(np.isin(phase_map.slopes, (-1.0, 0.0, 1.0))):
            raise ValueError("alphabet: delays turn the tones of a group by different angles, which no alphabet holds")
