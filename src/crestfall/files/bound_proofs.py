"""Proofs of lower bounds as JSON, with a checksum: integers that others can check (see ``docs/bounds.md``).

.. code-block:: json

    {"content": {"harmonics": [1, 2, 3], "amplitudes": [1.0, 1.0, 1.0], "complex": false, "peak": 1.9,
                 "order": 2, "derivatives": 0, "scales": [0], "unknowns": [],
                 "squares": [{"inequality": null, "kind": "sums", "exponents": [[2, -1, 0]], "factors": [[17]]}]},
     "format": "crestfall-bound", "sha256": "…", "version": 1}

``sha256`` is that of the canonical text of the content: keys sorted, no blanks, ASCII, floats as short as they read
back. The file is written like that, on one line.
"""

# No annotations as text: msgspec would compile those of the tables while a file is read.

import hashlib
from os import PathLike

from crestfall.certainty.moments.bound_proof import BoundProof
from crestfall.certainty.moments.square import Square
from crestfall.files.atomic import write_atomically
from crestfall.files.conversion import Finite, converted
from crestfall.files.play_json import canonical
from crestfall.files.problem_schema import Table
from crestfall.files.reading import MAX_TONES, naming, path_of, read_bytes
from crestfall.files.record import loads, require_version
from crestfall.problem.arguments import require_flag

FORMAT = "crestfall-bound"
VERSION = 1
_ENDING = ".json"


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


class File(Table):
    """The whole."""

    format: str
    version: int
    content: ContentTable
    sha256: str


def save_proof(proof: BoundProof, path: str | PathLike[str], *, overwrite: bool = False) -> None:
    """Write a proof to a file, whole or not at all.

    Args:
        proof: The proof.
        path: Where to; the name ends with ``.json``.
        overwrite: Replace an existing file.

    Raises:
        ValueError: The name has another ending.
        OSError: The file exists, or cannot be written.
    """
    target = path_of(path)
    require_flag("overwrite", overwrite)
    require_ending(path)
    write_atomically(target, encode(proof), overwrite=overwrite)


def require_ending(path: str | PathLike[str]) -> None:
    """Raise a ``ValueError`` unless the name of a file is one of a proof."""
    target = path_of(path)
    if target.suffix.lower() != _ENDING:
        raise ValueError(f"{target}: a proof is written to a {_ENDING} file; choose a name that ends with {_ENDING}")


def load_proof(path: str | PathLike[str]) -> BoundProof:
    """Read a proof from a file. It is not checked yet: ``check`` does that.

    Args:
        path: The file.

    Raises:
        ValueError: It is not a proof, damaged, too large or of another version. The message is one line that starts
            with the path.
        OSError: The file does not exist or cannot be read.
    """
    file = path_of(path)
    data = read_bytes(file)
    with naming(file):
        return decode(data)


def encode(proof: BoundProof) -> bytes:
    """The text of a proof, on one line.

    Example:
        >>> from crestfall import Multisine, prove_bound
        >>> proof = prove_bound(Multisine.harmonics([1, 2, 3]), effort=60.0)
        >>> decode(encode(proof)) == proof
        True
    """
    squares = [
        {"inequality": one.inequality, "kind": one.kind, "exponents": one.exponents, "factors": one.factors}
        for one in proof.squares
    ]
    content = {
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
    text = canonical(content)
    return b'{"content":%s,"format":"%s","sha256":"%s","version":%d}\n' % (
        text,
        FORMAT.encode(),
        hashlib.sha256(text).hexdigest().encode(),
        VERSION,
    )


def decode(data: bytes | str) -> BoundProof:
    """The proof of a text.

    Raises:
        ValueError: It is not a proof, or is damaged.
    """
    record = loads(data)
    require_version(record, FORMAT, VERSION)
    file = converted(record, File)
    content = file.content
    if file.sha256 != hashlib.sha256(canonical(record["content"])).hexdigest():
        raise ValueError("it was changed or damaged after it was saved: the checksum is another one")
    if len(content.harmonics) > MAX_TONES:
        raise ValueError(f"there are {len(content.harmonics)} tones; at most {MAX_TONES} are read")
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
