"""What phases are allowed to be: each constraint is a set of linear relations, and all of them together one map."""

from crestfall.constraints.conjugate_symmetric import ConjugateSymmetric
from crestfall.constraints.constraint import Constraint, Tones, phase_map
from crestfall.constraints.delays import Delays
from crestfall.constraints.hold import Hold
from crestfall.constraints.link import Link
from crestfall.constraints.phase_map import PhaseMap, Relation

__all__ = ["ConjugateSymmetric", "Constraint", "Delays", "Hold", "Link", "PhaseMap", "Relation", "Tones", "phase_map"]
