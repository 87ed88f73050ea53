"""The least peak that any phases can reach, proved by branch and bound for few tones."""

from crestfall.certainty.proof.branch_and_bound import MAX_BAND, MAX_TONES, Proof, Runner, prove, require_provable
from crestfall.certainty.proof.part import Bounded, Part
from crestfall.certainty.proof.state import ProofState

__all__ = ["MAX_BAND", "MAX_TONES", "Bounded", "Part", "Proof", "ProofState", "Runner", "prove", "require_provable"]
