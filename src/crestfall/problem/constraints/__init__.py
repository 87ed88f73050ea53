"""What phases are allowed to be: each constraint is a set of linear relations, and all of them together one map."""

from crestfall.problem.constraints.alphabet import Alphabet
from crestfall.problem.constraints.conjugate_symmetric import ConjugateSymmetric
from crestfall.problem.constraints.constraint import Constraint, phase_map
from crestfall.problem.constraints.delays import Delays
from crestfall.problem.constraints.hold import Hold
from crestfall.problem.constraints.link import Link
from crestfall.problem.constraints.phase_map import PhaseMap, Relation
from crestfall.problem.constraints.relations import Relations

__all__ = [
    "Alphabet",
    "ConjugateSymmetric",
    "Constraint",
    "Delays",
    "Hold",
    "Link",
    "PhaseMap",
    "Relation",
    "Relations",
    "phase_map",
]
