"""Prove lower bounds of the atlas's entries, and keep the proofs that are higher than those in the file.

    python atlas/bounds.py [--kinds real,complex,odd] [--most 32] [--seconds 30] [--bytes 60000] [--file FILE]

Entries that branch and bound has proved get its boxes as a proof, if that is not too long. The others are bounded by
moments. Up to eight real tones and seven complex ones, the program is the highest order of moments of phasors that
ends in time and whose proof is no longer than that; for more real tones it is one of derivatives. The file is written
whole after every proof, and the short list of what is proved, ``bounds.jsonl``, next to it. ``crestfall atlas verify
--proofs`` repeats them all.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from compute import locked

import crestfall as cf
from crestfall.atlas import bounds, entries
from crestfall.atlas.entry import Entry
from crestfall.atlas.proofs import by_key, from_lines, to_lines
from crestfall.certainty.moments import BoundProof, moment_bounds
from crestfall.certainty.moments.cost import Step
from crestfall.certainty.proof import BoxProof, UnprovenError, prove_in_boxes
from crestfall.files.atomic import write_atomically
from crestfall.files.bound_proofs import encode

FILE = Path(__file__).parents[1] / "src" / "crestfall" / "atlas" / "proofs.jsonl"
_FEW = {"real": 8, "complex": 7, "odd": 8}


def in_boxes(entry: Entry, longest: int) -> BoxProof | None:
    """The proof by branch and bound of a small entry that is proven, if it has at most that many bytes."""
    if not entry.proven or entry.n > _FEW[entry.kind]:
        return None
    try:
        peak = entry.lower_bound * entry.multisine.nominal_rms
        proof = prove_in_boxes(entry.multisine, peak * (1.0 - 1e-9))
    except UnprovenError:
        return None
    return proof if len(encode(proof)) <= longest and proof.is_valid() else None


def by_moments(entry: Entry, seconds: float, longest: int) -> BoundProof | None:
    """The highest bound of an entry's tones with a proof by moments of at most that many bytes."""
    ms, best = entry.multisine, None
    if entry.n > _FEW[entry.kind] and ms.complex:
        return None
    plan = [Step(2), Step(3), Step(4)] if entry.n <= _FEW[entry.kind] else [Step(2, 3)]
    start = cf.peak_lower_bound(ms)
    for step in plan:
        found = list(moment_bounds(ms, start, seconds, plan=[step]))
        for bound in found[-1:]:
            proof = BoundProof.of(ms, bound)
            if len(encode(proof)) <= longest and proof.is_valid():
                best, start = proof, proof.peak
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", default="real,complex,odd")
    parser.add_argument("--most", type=int, default=32, help="tones")
    parser.add_argument("--seconds", type=float, default=30.0, help="for each program")
    parser.add_argument("--bytes", type=int, default=60_000, help="most for one proof by moments")
    parser.add_argument("--bytes-of-boxes", type=int, default=200_000, help="most for one proof by branch and bound")
    parser.add_argument("--file", type=Path, default=FILE, help="default: that of the package")
    given = parser.parse_args()
    for entry in entries():
        if entry.kind not in given.kinds.split(",") or entry.n > given.most:
            continue
        proof = in_boxes(entry, given.bytes_of_boxes) or by_moments(entry, given.seconds, given.bytes)
        if proof is None:
            continue
        with locked(given.file):
            known = from_lines(given.file.read_text(encoding="utf-8")) if given.file.exists() else {}
            old = known.get((entry.kind, entry.n))
            if old is not None and old.peak >= proof.peak:
                continue
            known[entry.kind, entry.n] = proof
            write_atomically(given.file, to_lines(known.values()).encode(), overwrite=True)
            listed = bounds.to_lines(by_key(known.values()))
            write_atomically(given.file.with_name(bounds.FILE), listed.encode(), overwrite=True)
        print(f"{entry.kind} {len(encode(proof))} bytes: {proof}", flush=True)


if __name__ == "__main__":
    main()
