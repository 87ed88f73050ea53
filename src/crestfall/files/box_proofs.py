"""Proofs by branch and bound as tables of integers (see ``bound_proofs`` and ``docs/proof.md``).

.. code-block:: json

    {"harmonics": [1, 2, 3], "amplitudes": [1.0, 1.0, 1.0], "complex": false, "peak": 1.9,
     "free": [0, 1], "whole": [1048576, 87382], "tree": [0, 524288, -1, -1],
     "boxes": [[0, 0, 1, 8192, 8192, 1], [3000, 0, 2]]}

``free`` are the indices of the tones that have a range of phases, and ``whole`` is where each range ends, in steps of
2⁻²⁰ of a circle. ``docs/proof.md`` describes the other fields.
"""

# No annotations as text: msgspec would compile those of the tables while a file is read.

from typing import Any

from crestfall.certainty.proof.box_proof import BoxProof, whole_box
from crestfall.files.conversion import Finite, converted
from crestfall.files.problem_schema import Table

FORMAT = "crestfall-boxes"
VERSION = 1
EVIDENCE_KEY = "boxes"
"""The field of the content that no other format has."""


class ContentTable(Table):
    """The fields of ``BoxProof``, and conventions that the tones determine, for other programs."""

    harmonics: list[int]
    amplitudes: list[Finite]
    complex: bool
    peak: Finite
    free: list[int]
    whole: list[int]
    tree: list[int]
    boxes: list[list[int]]


def content_of(proof: BoxProof) -> dict[str, Any]:
    """The fields of a proof."""
    return {
        "harmonics": proof.harmonics,
        "amplitudes": proof.amplitudes,
        "complex": proof.complex,
        "peak": proof.peak,
        "free": proof.domain.free.tolist(),
        "whole": whole_box(proof.domain)[1],
        "tree": proof.tree,
        "boxes": proof.boxes,
    }


def proof_of(record: Any) -> BoxProof:
    """The proof of such fields.

    Raises:
        ValueError: They are not those of a proof.
    """
    content = converted(record, ContentTable)
    proof = BoxProof(
        tuple(content.harmonics),
        tuple(content.amplitudes),
        content.complex,
        content.peak,
        tuple(content.tree),
        tuple(map(tuple, content.boxes)),
    )
    if content.free != proof.domain.free.tolist() or content.whole != whole_box(proof.domain)[1]:
        raise ValueError("free or whole are not those of its tones")
    return proof
