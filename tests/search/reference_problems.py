"""Problems of every kind whose usual results are kept in ``reference_values.json``, for the tests of quality.

``python tests/search/reference_problems.py`` measures them again and writes the file, with a fixed number of starts, so
that no clock has a say: the median of nine seeds, and the second-highest value, above which the median of three of them
never lies. Look at what has changed before you commit it: a value that rises is a search that became worse.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

import crestfall as cf

RECORD = Path(__file__).with_name("reference_values.json")
SEEDS = range(9)


@dataclass(frozen=True)
class Reference:
    """A problem and how it is searched.

    Attributes:
        problem: The problem, or the tones of one.
        starts: Number of starts.
        method: The method.
    """

    problem: cf.Problem | cf.Multisine
    starts: int = 16
    method: str = "minimax"

    def figure(self, seed: int) -> float:
        """What is minimised, after a search with this seed."""
        own = {"use_atlas": False, "workers": 1} if self.method == "minimax" else {}
        return cf.minimize_peak(self.problem, starts=self.starts, seed=seed, method=self.method, **own).figure


def references() -> dict[str, Reference]:
    """All problems by name."""
    harmonics, problem = cf.Multisine.harmonics, cf.Problem
    k = np.arange(1, 17)
    twelve, sparse = (
        harmonics(range(1, 13), 10.0),
        harmonics([2, 15, 28, 34, 36, 51, 60], 1.0, [1, 0.4, 0.8, 1, 0.6, 1, 0.9]),
    )
    impedance = cf.Multisine(np.round(np.geomspace(0.01, 100.0, 12), 2))
    pair = [harmonics([1, 4, 7, 10]), harmonics([2, 5, 8, 11])]
    pink = cf.Multisine.harmonics(range(1, 25), 1.0, np.arange(1, 25) ** -0.5)
    return {
        "flat, 8 tones": Reference(harmonics(range(1, 9)), 64),
        "flat, 13 tones": Reference(harmonics(range(1, 14)), 512),
        "flat, 16 tones": Reference(harmonics(range(1, 17)), 512),
        "flat, 31 tones": Reference(harmonics(range(1, 32)), 64),
        "flat, 48 tones": Reference(harmonics(range(1, 49)), 16),
        "flat, 100 tones": Reference(harmonics(range(1, 101)), 4),
        "complex, 11 tones": Reference(harmonics(range(11), complex=True), 128),
        "complex, 16 tones": Reference(harmonics(range(16), complex=True), 256),
        "complex, 40 tones": Reference(harmonics(range(40), complex=True), 16),
        "odd, 9 tones": Reference(harmonics(range(1, 18, 2)), 128),
        "odd, 24 tones": Reference(harmonics(range(1, 48, 2)), 64),
        "band on a carrier": Reference(cf.Multisine(1e5 + np.arange(16.0)), 64),
        "band 100..140": Reference(harmonics(range(100, 141)), 8),
        "half sine": Reference(harmonics(k, 1.0, np.sin((2 * k - 1) * np.pi / 32)), 64),
        "pink": Reference(pink, 32),
        "powers of two": Reference(harmonics([1, 2, 4, 8, 16, 32]), 32),
        "sparse, unequal": Reference(sparse, 512),
        "four decades": Reference(impedance, 8),
        "a frequency twice": Reference(harmonics([1, 2, 3, 4, 5, 6, 7, 8, 8]), 128),
        "samples": Reference(problem(twelve, over=cf.Samples(64)), 256),
        "samples below Nyquist": Reference(problem(harmonics([15, 1, 2, 19, 14, 9]), over=cf.Samples(21)), 64),
        "window": Reference(problem(twelve, over=cf.Window(0.0, 0.05)), 16),
        "range": Reference(problem(twelve, measure="range"), 64),
        "one side": Reference(problem(twelve, measure="one-sided"), 64),
        "envelope": Reference(problem(harmonics(range(20, 32)), measure="envelope"), 64),
        "components": Reference(problem(harmonics(range(-6, 6), complex=True), measure="components"), 32),
        "slew rate": Reference(problem(twelve, outputs=(cf.Output(limit=5.0), cf.slew_rate(2000.0))), 32),
        "tolerance": Reference(problem(harmonics(range(1, 9)), tolerance_db=0.5), 32),
        "extra tones": Reference(problem(harmonics(range(1, 9)), extra=cf.ExtraTones([9.0, 10.0], largest=0.3)), 8),
        "two held": Reference(problem(twelve, phases=(cf.Hold({0: 0.0, 5: 1.0}),)), 256),
        "linked": Reference(problem(twelve, phases=(cf.Link((1, 2, 3)),)), 128),
        "starts at zero": Reference(problem(twelve, start_at_zero=True), 32),
        "signs": Reference(problem(harmonics(range(1, 17)), phases=(cf.Alphabet(2),)), 64, "discrete"),
        "four phases": Reference(problem(harmonics(range(1, 17)), phases=(cf.Alphabet(4),)), 64, "discrete"),
        "interleaved": Reference(problem.interleaved(pair), 32),
        "orthogonal": Reference(problem(harmonics(range(1, 9)), channels=cf.Orthogonal(2)), 32),
        "lines that move": Reference(problem(harmonics([2, 5, 9, 14], 10.0), lines=cf.MovableLines(2)), 12),
        "L2p, 31 tones": Reference(harmonics(range(1, 32)), 4, "l2p"),
        "clipping, 31 tones": Reference(harmonics(range(1, 32)), 4, "clip"),
    }


def main() -> None:
    """Measure all and write the record."""
    from time import process_time

    record = {}
    for name, reference in references().items():
        began = process_time()
        found = [reference.figure(seed) for seed in SEEDS]
        record[name] = {"median": round(median(found), 6), "second highest": round(sorted(found)[-2], 6)}
        spread, seconds = max(found) / min(found) - 1.0, (process_time() - began) / len(SEEDS)
        print(f"{name:24} {record[name]['median']:.5f}  spread {spread:.2%}  {seconds:.2f} s", flush=True)
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
