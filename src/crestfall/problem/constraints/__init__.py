"""What phases are allowed to be: each constraint is a set of linear relations, and all of them together one map."""

from crestfall.problem.constraints.conjugate_symmetric import ConjugateSymmetric
from crestfall.problem.constraints.constraint import Constraint, Tones, phase_map
from crestfall.problem.constraints.delays import Delays
from crestfall.problem.constraints.hold import Hold
from crestfall.problem.constraints.link import Link
from crestfall.problem.constraints.phase_map import PhaseMap, Relation

__all__ = ["ConjugateSymmetric", "Constraint", "Delays", "Hold", "Link", "PhaseMap", "Relation", "Tones", "phase_map"]
