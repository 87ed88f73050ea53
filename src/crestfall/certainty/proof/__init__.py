"""The least peak that any phases can reach, proved by branch and bound for few tones."""

from crestfall.certainty.proof.box_proof import BoxProof
from crestfall.certainty.proof.box_prover import UnprovenError, prove_in_boxes
from crestfall.certainty.proof.branch_and_bound import MAX_BAND, MAX_TONES, Proof, Runner, prove, require_provable
from crestfall.certainty.proof.cost import estimated_seconds
from crestfall.certainty.proof.part import Part, PartResult
from crestfall.certainty.proof.state import ProofState

__all__ = [
    "MAX_BAND",
    "MAX_TONES",
    "BoxProof",
    "Part",
    "PartResult",
    "Proof",
    "ProofState",
    "Runner",
    "UnprovenError",
    "estimated_seconds",
    "prove",
    "prove_in_boxes",
    "require_provable",
]
