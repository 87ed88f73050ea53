"""What a constraint is: tones in, relations between their phases out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from crestfall.problem.constraints.phase_map import PhaseMap, Relation
from crestfall.problem.multisine import Multisine


class Constraint(Protocol):
    """Anything with ``relations``."""

    def relations(self, ms: Multisine) -> Iterable[Relation]:
        """The relations that it asks of the phases of these tones."""
        ...


def phase_map(ms: Multisine, constraints: Sequence[Constraint]) -> PhaseMap:
    """All constraints as one map.

    Raises:
        ValueError: A constraint does not fit the tones, or two contradict each other.
    """
    return PhaseMap.of(ms.n, (relation for constraint in constraints for relation in constraint.relations(ms)))
