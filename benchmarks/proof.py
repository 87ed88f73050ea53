"""Proofs of global optima: how far branch and bound gets, in one run on one core.

Flat tones, real harmonics 1..n and complex harmonics 0..n-1, each proved to a relative gap of 0.1 % or stopped at the
limit; the design to begin with is that of `minimize_peak` (which may come from the atlas).

    python benchmarks/proof.py [--real 2:10] [--complex 2:11] [--limit 60] [--page docs/proof.md]
"""

from __future__ import annotations

import argparse
import math
import platform
import sys
import time
from pathlib import Path

import numpy as np

import crestfall as cf
from crestfall.certainty.proof import prove
from crestfall.cli.parsing import harmonic_numbers

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

HEADING = [
    "| kind    |  n | crest factor | no phases below | gap      | boxes   | time      |",
    "|---------|----|--------------|-----------------|----------|---------|-----------|",
]


def measure(kind: str, n: int, limit: float) -> str:
    """One row: prove ``n`` flat tones of this kind within the limit [s]."""
    is_complex = kind == "complex"
    ms = cf.Multisine.harmonics(range(n) if is_complex else range(1, n + 1), complex=is_complex)
    design = cf.minimize_peak(ms)
    begin = time.perf_counter()
    proof = prove(ms, design.phases, stop=lambda: time.perf_counter() - begin > limit)
    seconds = time.perf_counter() - begin
    bound = max(proof.lower_bound / design.rms, cf.lower_bound(ms))
    crest = cf.crest_factor(ms, proof.phases)
    shown = math.floor(bound * 1e6) / 1e6  # a lower bound is rounded down
    stopped = "" if proof.proven else ", stopped"
    return (
        f"| {kind:7s} | {n:2d} | {crest:.6f}     | {shown:.6f}        | {crest / bound - 1:6.2%}   "
        f"| {proof.boxes:7d} | {seconds:.2f} s{stopped} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", default="2:10", help="numbers of real tones, such as 2:10 or 4,8")
    parser.add_argument("--complex", default="2:11", help="numbers of complex tones")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each proof")
    parser.add_argument("--page", type=Path, help="also put the table on this Markdown page")
    arguments = parser.parse_args()
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}")
    print("\n".join(HEADING))
    prove(cf.Multisine([1, 2, 3]))  # first-call costs are not the proof's
    lines = []
    for kind, sizes in (("real", arguments.real), ("complex", arguments.complex)):
        for n in harmonic_numbers(sizes):
            lines.append(measure(kind, int(n), arguments.limit))
            print(lines[-1], flush=True)
    if arguments.page:
        fill(arguments.page, "proof", "\n".join([*HEADING, *lines]))


if __name__ == "__main__":
    main()
