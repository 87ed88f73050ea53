"""How long the search takes to known good values: 60 s at most, three seeds, the atlas off, all cores.

python benchmarks/targets.py [--limit 60] [--seeds 3] [--cases 8,16,31,64,16c,32c]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from pathlib import Path

import numpy as np

import crestfall as cf

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

PAGE = Path(__file__).parents[1] / "docs" / "engine.md"
REAL = {8: 1.3974, 10: 1.3875, 16: 1.370, 24: 1.361, 31: 1.362, 64: 1.366, 128: 1.374, 256: 1.376, 1024: 1.374}
COMPLEX = {8: 3.2235, 10: 3.6515, 12: 3.937, 14: 4.211, 16: 4.41, 24: 5.42, 32: 6.23, 64: 8.80}
"""Crest factors, and peaks of unit tones, where a prototype stood after minutes on one core."""


def run(n: int, complex: bool, target: float, limit: float, seed: int) -> tuple[bool, float, float]:
    """Whether the target was reached, the value, and seconds."""
    unit = np.sqrt(n) if complex else 1.0
    ms = cf.Multisine.harmonics(range(1, n + 1), complex=complex)
    design = cf.minimize_peak(ms, time_limit=limit, seed=seed, target=target / unit, use_atlas=False)
    return design.crest_factor * unit <= target, design.crest_factor * unit, design.provenance.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cases", help="such as 8,31,16c; default: all")
    arguments = parser.parse_args()
    cases = [(n, False) for n in REAL] + [(n, True) for n in COMPLEX]
    if arguments.cases:
        cases = [(int(case.rstrip("c")), case.endswith("c")) for case in arguments.cases.split(",")]
    lines = ["| tones | target | time to it, each seed | median value |", "|---|---|---|---|"]
    for n, complex in cases:
        target = (COMPLEX if complex else REAL)[n]
        runs = [run(n, complex, target, arguments.limit, seed) for seed in range(arguments.seeds)]
        times = ", ".join(f"{t:.1f} s" if reached else f"({value:.4f})" for reached, value, t in runs)
        value = statistics.median(value for _, value, _ in runs)
        lines.append(f"| {n} {'complex' if complex else 'real'} | {target} | {times} | {value:.4f} |")
        print(lines[-1], flush=True)
    fill(PAGE, "targets", f"{os.cpu_count()} cores.\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main()
