"""Compute the atlas of best designs, or go on with it: an entry only ever gets better.

    python atlas/compute.py [--kinds real,complex,odd] [--sizes 2:64] [--seconds 10] [--rounds 1] [--seed 1]

Each problem is searched for some seconds from the entry that is there and from random starts; the atlas itself is not
asked. An entry is replaced only if the certified peak is lower, and the file is written whole after every improvement,
so that nothing is lost when this is killed. Run it again, with another seed, to improve further.
"""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

import numpy as np

import crestfall as cf
from crestfall.atlas.entry import Entry, from_lines, multisine_of, to_lines
from crestfall.cli.parsing import harmonic_numbers
from crestfall.io.atomic import write_atomically

FILE = Path(__file__).parents[1] / "src" / "crestfall" / "atlas" / "designs.jsonl"
SIZES = {
    "real": [*range(2, 65), 96, 128, 256, 512, 1024],
    "complex": [*range(2, 65), 128, 256],
    "odd": [*range(2, 33)],
}


def load() -> dict[tuple[str, int], Entry]:
    text = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    return {(entry.kind, entry.n): entry for entry in from_lines(text)}


def improve(kind: str, n: int, known: Entry | None, seconds: float, seed: int, today: str) -> Entry | None:
    """A better entry, or ``None``."""
    ms = multisine_of(kind, n)
    phases = None if known is None else np.array(known.phases_rad)
    start = cf.Multisine.harmonics(ms.harmonic_numbers, complex=ms.complex, initial_phases=phases)
    design = cf.minimize_peak(start, time_limit=seconds, seed=seed, use_atlas=False)
    if known is not None and design.peak_interval[1] >= known.peak * (1.0 - 1e-10):
        return None
    return Entry.of(kind, cf.Design.of(ms, design.phases, provenance=design.provenance), today)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", default="real,complex,odd")
    parser.add_argument("--sizes", help="such as 2:64 or 8,16,31; default: all of the atlas")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="for each problem, from 128 tones on ten times as long"
    )
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    wanted = None if arguments.sizes is None else set(harmonic_numbers(arguments.sizes))
    for round_number in range(arguments.rounds):
        for kind in arguments.kinds.split(","):
            for n in SIZES[kind]:
                if wanted is not None and n not in wanted:
                    continue
                known = load()
                seconds = arguments.seconds * (10 if n >= 128 else 1)
                seed = arguments.seed + round_number
                better = improve(kind, n, known.get((kind, n)), seconds, seed, today)
                if better is not None:
                    known[kind, n] = better
                    write_atomically(FILE, to_lines(list(known.values())).encode(), overwrite=True)
                    print(f"{kind} n = {n}: {better.crest_factor:.6f}", flush=True)


if __name__ == "__main__":
    main()
