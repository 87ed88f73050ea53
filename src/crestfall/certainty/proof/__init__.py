"""The least peak that any phases can reach, proved by branch and bound for few tones."""

from crestfall.certainty.proof.branch_and_bound import MAX_BAND, MAX_TONES, Proof, prove, require_provable

__all__ = ["MAX_BAND", "MAX_TONES", "Proof", "prove", "require_provable"]
