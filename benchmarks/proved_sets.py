"""How surely a default search finds the optimum: random sparse sets of tones whose optimum branch and bound has proved.

Each set has 3 to 8 tones, harmonics up to 60 and amplitudes between 0.2 and 1. A seed counts as a hit when its crest
factor is within 0.01 % of the lowest that anybody found for the set, which the proof shows to be the optimum to 0.1 %.

    OMP_NUM_THREADS=1 python benchmarks/proved_sets.py [--sets 200] [--seeds 100] [--page docs/methods.md]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy and SciPy start their threads
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import crestfall as cf

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

SIZES = range(3, 9)
HIT = 1e-4
ASKED = 0.99


class Outcome(NamedTuple):
    """What became of one set: its tones, whether the optimum is proved, the share of hits, and seconds a search."""

    ms: cf.Multisine
    proved: bool
    hits: float
    seconds: float


def random_set(number: int) -> cf.Multisine:
    """Set ``number``, a function of its number alone."""
    rng = np.random.default_rng([20, number])
    n = SIZES[number % len(SIZES)]
    harmonics = np.sort(rng.choice(np.arange(1, 61), n, replace=False))
    return cf.Multisine.harmonics(harmonics, amplitudes=rng.uniform(0.2, 1.0, n))


def measure(number: int, seeds: int) -> Outcome:
    """Prove one set, and search it with each seed."""
    ms = random_set(number)
    proof = cf.minimize_peak(ms, prove=True)
    began = perf_counter()
    found = np.array([cf.minimize_peak(ms, seed=seed).crest_factor for seed in range(seeds)])
    seconds = (perf_counter() - began) / seeds
    lowest = min(proof.crest_factor, found.min())
    return Outcome(ms, proof.gap < 1.1e-3, float(np.mean(found <= (1 + HIT) * lowest)), seconds)


def table(outcomes: list[Outcome]) -> str:
    """A line for each number of tones."""
    lines = [
        "| tones | sets | optimum proved | hits, all seeds | sets with 99 % hits | lowest share | seconds a search |",
        "|---|---|---|---|---|---|---|",
    ]
    for n in SIZES:
        some = [outcome for outcome in outcomes if outcome.ms.n == n]
        if some:
            hits = np.array([outcome.hits for outcome in some])
            lines.append(
                f"| {n} | {len(some)} | {sum(outcome.proved for outcome in some)} | {hits.mean():.1%} | "
                f"{np.sum(hits >= ASKED)} | {hits.min():.0%} | {np.mean([outcome.seconds for outcome in some]):.2f} |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and fill in the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=200, help="number of sets")
    parser.add_argument("--seeds", type=int, default=100, help="searches of each")
    parser.add_argument("--page", type=Path, help="page to fill in")
    options = parser.parse_args()
    outcomes = []
    for number in range(options.sets):
        outcomes.append(measure(number, options.seeds))
        if outcomes[-1].hits < ASKED or not outcomes[-1].proved:
            numbers = outcomes[-1].ms.harmonic_numbers.tolist()
            print(f"set {number}, harmonics {numbers}: {outcomes[-1].hits:.0%} hits", flush=True)
    print(table(outcomes))
    if options.page is not None:
        fill(options.page, "proved-sets", table(outcomes))


if __name__ == "__main__":
    main()
