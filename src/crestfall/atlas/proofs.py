"""Proofs of lower bounds that ship with the atlas: one a line, as a proof is saved."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from crestfall.atlas.bounds import Key
from crestfall.atlas.entry import KINDS, Entry, multisine_of
from crestfall.certainty.peak_proof import PeakProof
from crestfall.files.bound_proofs import decode, encode

FILE = "proofs.jsonl"


@cache
def proofs() -> dict[Key, PeakProof]:
    """All of them, by kind and number of tones; they are not checked by this.

    Example:
        >>> print(proofs()["real", 3])
        no phases of 3 real tones (harmonics 1:3, all of amplitude 1) have a crest factor below 1.61... 10 boxes
        >>> print(proofs()["real", 12])
        no phases of 12 real tones (harmonics 1:12, all of amplitude 1) have a crest factor below 1.2... order 2
    """
    return from_lines(files(__package__).joinpath(FILE).read_text(encoding="utf-8"))


def proof_of(entry: Entry) -> PeakProof | None:
    """The proof that the atlas has for an entry's tones; ``None`` without one.

    Example:
        >>> from crestfall.atlas import entries
        >>> entry = entries()[1]
        >>> entry.n, proof_of(entry).check(entry.multisine) < entry.peak
        (3, True)
    """
    return proofs().get((entry.kind, entry.n))


def from_lines(text: str) -> dict[Key, PeakProof]:
    """The proofs of a file.

    Raises:
        ValueError: A line is not a proof, is about other tones than those of an entry, or repeats one; it is named.
    """
    found: dict[Key, PeakProof] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            proof = decode(line)
            key = _key_of(proof)
            if key in found:
                raise ValueError(f"{key[0]} n = {key[1]} is there twice")
        except (ValueError, RecursionError) as error:
            raise ValueError(f"line {number} of the proofs: {error}") from None
        found[key] = proof
    return found


def to_lines(found: Iterable[PeakProof]) -> str:
    """The file of these proofs, sorted, one a line."""
    return "".join(encode(proof).decode() for proof in by_key(found).values())


def by_key(found: Iterable[PeakProof]) -> dict[Key, PeakProof]:
    """These proofs, sorted by kind and number of tones."""
    keyed = {_key_of(proof): proof for proof in found}
    ordered = sorted(keyed, key=lambda key: (KINDS.index(key[0]), key[1]))
    return {key: keyed[key] for key in ordered}


def _key_of(proof: PeakProof) -> Key:
    n = len(proof.harmonics)
    for kind in KINDS:
        if proof.is_about(multisine_of(kind, n)):
            return kind, n
    raise ValueError(f"no entry of the atlas is about these {n} tones")
