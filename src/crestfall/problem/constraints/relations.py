"""Relations between phases that are known already: what is left of constraints when a problem is divided."""

from __future__ import annotations

from dataclasses import dataclass

from crestfall.problem.constraints.phase_map import Relation
from crestfall.problem.multisine import Multisine


@dataclass(frozen=True)
class Relations:
    """Constraints as the relations that they ask for.

    Attributes:
        asked: The relations, by the indices of this problem's tones.
    """

    asked: tuple[Relation, ...]

    def relations(self, ms: Multisine) -> tuple[Relation, ...]:
        """The relations, whatever the tones."""
        return self.asked
