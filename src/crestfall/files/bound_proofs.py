"""Proofs of lower bounds as JSON, with a checksum: integers that others can check.

.. code-block:: json

    {"content": {"harmonics": [1, 2, 3], "amplitudes": [1.0, 1.0, 1.0], "complex": false, "peak": 1.9},
     "format": "crestfall-bound", "sha256": "…", "version": 1}

This is what the formats have in common; ``moment_proofs`` and ``box_proofs`` add the evidence to the content.
``sha256`` is that of the canonical text of the content: keys sorted, no blanks, ASCII, floats in the shortest form that
reads back to the same number. The file is written like that, on one line.
"""

# No annotations as text: msgspec would compile those of the tables while a file is read.

import hashlib
from os import PathLike
from types import ModuleType
from typing import Any

from crestfall.certainty.moments.bound_proof import BoundProof
from crestfall.certainty.peak_proof import PeakProof
from crestfall.certainty.proof.box_proof import BoxProof
from crestfall.files import box_proofs, moment_proofs
from crestfall.files.atomic import write_atomically
from crestfall.files.conversion import converted
from crestfall.files.play_json import canonical
from crestfall.files.problem_schema import Table
from crestfall.files.reading import MAX_TONES, naming, path_of, read_bytes, shown
from crestfall.files.record import FORMAT as DESIGN_FORMAT
from crestfall.files.record import loads, require_version
from crestfall.problem.arguments import require_flag

_ENDING = ".json"
_FORMATS = (box_proofs, moment_proofs)


class File(Table):
    """The whole."""

    format: str
    version: int
    content: dict[str, Any]
    sha256: str


def save_proof(proof: PeakProof, path: str | PathLike[str], *, overwrite: bool = False) -> None:
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


def load_proof(path: str | PathLike[str]) -> BoundProof | BoxProof:
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


def encode(proof: PeakProof) -> bytes:
    """The text of a proof, on one line.

    Example:
        >>> from crestfall import Multisine, prove_bound
        >>> proof = prove_bound(Multisine.harmonics([1, 2, 3]), effort=60.0)
        >>> decode(encode(proof)) == proof
        True
    """
    file_format, content = _format_and_content(proof)
    text, name = canonical(content), file_format.FORMAT.encode()
    checksum = hashlib.sha256(text).hexdigest().encode()
    return b'{"content":%s,"format":"%s","sha256":"%s","version":%d}\n' % (text, name, checksum, file_format.VERSION)


def _format_and_content(proof: PeakProof) -> tuple[ModuleType, dict[str, Any]]:
    """The module of a proof's format, and its fields."""
    if isinstance(proof, BoxProof):
        return box_proofs, box_proofs.content_of(proof)
    if isinstance(proof, BoundProof):
        return moment_proofs, moment_proofs.content_of(proof)
    raise TypeError(f"there is no file format for a {type(proof).__name__}")


def decode(data: bytes | str) -> BoundProof | BoxProof:
    """The proof of a text.

    Raises:
        ValueError: It is not a proof, or is damaged.
    """
    record = loads(data)
    file_format = _format_of(record)
    require_version(record, file_format.FORMAT, file_format.VERSION)
    file = converted(record, File)
    if file.sha256 != hashlib.sha256(canonical(record["content"])).hexdigest():
        raise ValueError("it was changed or damaged after it was saved: the checksum is another one")
    harmonics = file.content.get("harmonics", ())
    if isinstance(harmonics, list) and len(harmonics) > MAX_TONES:
        raise ValueError(f"there are {len(harmonics)} tones; at most {MAX_TONES} are read")
    _require_evidence(file.content, file_format)
    return file_format.proof_of(file.content)


def _format_of(record: Any) -> ModuleType:
    """The module of a file's format.

    Raises:
        ValueError: The file is no proof.
    """
    name = record.get("format") if isinstance(record, dict) else None
    found = {one.FORMAT: one for one in _FORMATS}.get(name) if isinstance(name, str) else None
    if found is not None:
        return found
    wanted = "a proof is the file that crestfall design --proof or proof.save wrote"
    if name == DESIGN_FORMAT:
        raise ValueError("this is a design; its proof is the file that --proof or proof.save wrote")
    if not isinstance(record, dict):
        raise ValueError(f"not a proof, but {shown(record)}; {wanted}")
    raise ValueError(
        f"not a proof: format is {shown(name)}; {wanted}" if "format" in record else f"not a proof; {wanted}"
    )


def _require_evidence(content: dict[str, Any], file_format: ModuleType) -> None:
    """Raise a ``ValueError`` where the content is that of another format, whose name the file should have."""
    for other in _FORMATS:
        if other is not file_format and other.EVIDENCE_KEY in content and file_format.EVIDENCE_KEY not in content:
            raise ValueError(
                f"format is {file_format.FORMAT!r}, but the content is that of {other.FORMAT!r}: it has "
                f"{other.EVIDENCE_KEY}, not {file_format.EVIDENCE_KEY}; write it again"
            )
