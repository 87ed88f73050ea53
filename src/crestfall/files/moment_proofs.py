"""Proofs of lower bounds by moments as tables of integers (see ``bound_proofs`` and ``docs/bounds.md``).

.. code-block:: json

    {"harmonics": [1, 2, 3], "amplitudes": [1.0, 1.0, 1.0], "complex": false, "peak": 1.9,
     "order": 2, "derivatives": 0, "scales": [0], "unknowns": [],
     "squares": [{"inequality": null, "kind": "sums", "exponents": [[2, -1, 0]], "factors": [[17]]}]}
"""

# No annotations as text: msgspec would compile those of the tables while a file is read.

from typing import Any

from crestfall.certainty.moments.bound_proof import BoundProof
from crestfall.certainty.moments.square import Square
from crestfall.files.conversion import Finite, converted
from crestfall.files.problem_schema import Table

FORMAT = "crestfall-bound"
VERSION = 1
EVIDENCE_KEY = "squares"
"""The field of the content that no other format has."""


class SquareTable(Table):
    """The fields of ``Square``."""

    inequality: int | None
    kind: str
    exponents: list[list[int]]
    factors: list[list[int]]


class ContentTable(Table):
    """The fields of ``BoundProof``, and conventions that the tones determine, for other programs."""

    harmonics: list[int]
    amplitudes: list[Finite]
    complex: bool
    peak: Finite
    order: int
    derivatives: int
    scales: list[int]
    unknowns: list[list[int]]
    squares: list[SquareTable]


def content_of(proof: BoundProof) -> dict[str, Any]:
    """The fields of a proof."""
    squares = [
        {"inequality": one.inequality, "kind": one.kind, "exponents": one.exponents, "factors": one.factors}
        for one in proof.squares
    ]
    return {
        "harmonics": proof.harmonics,
        "amplitudes": proof.amplitudes,
        "complex": proof.complex,
        "peak": proof.peak,
        "order": proof.order,
        "derivatives": proof.derivatives,
        "scales": proof.scales,
        "unknowns": proof.unknowns,
        "squares": squares,
    }


def proof_of(record: Any) -> BoundProof:
    """The proof of such fields.

    Raises:
        ValueError: They are not those of a proof.
    """
    content = converted(record, ContentTable)
    squares = [
        Square(one.inequality, one.kind, tuple(map(tuple, one.exponents)), tuple(map(tuple, one.factors)))
        for one in content.squares
    ]
    proof = BoundProof(
        tuple(content.harmonics),
        tuple(content.amplitudes),
        content.complex,
        content.peak,
        content.order,
        content.derivatives,
        tuple(squares),
    )
    if content.scales != list(proof.scales) or content.unknowns != list(map(list, proof.unknowns)):
        raise ValueError("scales or unknowns are not those of its tones and order")
    return proof
