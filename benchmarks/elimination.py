"""Which path, which batch and which cuts find good designs at the highest rate?

A hit is a design at the end of the path (not polished) with a crest factor in the best hundredth of what full paths
give. Flat harmonics 1..n, random starts, CPU time: hits per second with the standard deviation of the count, and
starts per second. The rank correlations say how well a stage foretells the end.

    python benchmarks/elimination.py [--seconds 10] [--cases 16,31,64,32c]
"""

from __future__ import annotations

import argparse
import sys
import time
from math import inf
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import PATH, Stage, follow
from crestfall.engine.solvers.lbfgs import LBFGS

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

PAGE = Path(__file__).parents[1] / "docs" / "engine.md"
SLOW = (
    Stage(1, 4.0, 64, LBFGS(100, 3e-5)),
    Stage(3, 8.0, 192, LBFGS(100, 3e-5)),
    Stage(5, 12.0, 512, LBFGS(100, 2e-5)),
    Stage(7, 24.0, inf, LBFGS(120, 1e-5)),
    Stage(9, 32.0, inf, LBFGS(120, 1e-5)),
)
COARSE = (
    Stage(2, 6.0, 128, LBFGS(100, 3e-5)),
    Stage(5, 12.0, 512, LBFGS(100, 2e-5)),
    Stage(7, 24.0, inf, LBFGS(120, 1e-5)),
    Stage(9, 32.0, inf, LBFGS(120, 1e-5)),
)
VARIANTS = {
    "first release: from p = 6, batches of 32, cuts 4·4": (SLOW, {2: 4, 3: 4}, 32),
    "the same, batches of 256": (SLOW, {2: 4, 3: 4}, 256),
    "from p = 6, cuts 4·8·4, batches of 512": (SLOW, {1: 4, 2: 8, 3: 4}, 512),
    "from p = 10 by fours, cuts 8·4, batches of 256": (COARSE, {1: 8, 2: 4}, 256),
    "from p = 4 by twos, cuts 8·4, batches of 256 (today)": (PATH, {2: 8, 5: 4}, 256),
    "from p = 4 by twos, cuts 8·8, batches of 512": (PATH, {2: 8, 5: 8}, 512),
}


def never() -> bool:
    return False


def full_paths(problem: CompiledProblem, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Values after each stage ``(stages, count)`` and the crest factors at the end ``(count,)``."""
    rng, values, ends = np.random.default_rng(1), [], []
    for _ in range(count // 128):
        phases, column = rng.uniform(0, 2 * np.pi, (128, problem.ms.n)), []
        for stage in PATH:
            phases, value = follow(problem, phases, (stage,), never)
            column.append(value)
        values.append(column)
        ends += [cf.crest_factor(problem.ms, candidate) for candidate in phases]
    return np.concatenate(values, axis=1), np.array(ends)


def hit_rate(problem: CompiledProblem, variant: str, good: float, seconds: float) -> str:
    """Hits and starts per CPU second."""
    path, cuts, batch = VARIANTS[variant]
    rng, begin, hits, starts = np.random.default_rng(2), time.process_time(), 0, 0
    while time.process_time() - begin < seconds:
        phases = rng.uniform(0, 2 * np.pi, (batch, problem.ms.n))
        starts += batch
        values = np.zeros(batch)
        for number, stage in enumerate(path):
            phases = phases[np.argsort(values, kind="stable")[: -(-len(phases) // cuts.get(number, 1))]]
            phases, values = follow(problem, phases, (stage,), never)
        hits += sum(cf.crest_factor(problem.ms, candidate) <= good for candidate in phases)
    elapsed = time.process_time() - begin
    return f"{hits / elapsed:.1f} ± {np.sqrt(hits) / elapsed:.1f} ({starts / elapsed:.0f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--cases", default="16,31,64,32c")
    arguments = parser.parse_args()
    titles, correlations = [], []
    rows: dict[str, list[str]] = {variant: [] for variant in VARIANTS}
    for case in arguments.cases.split(","):
        ms = cf.Multisine.harmonics(range(1, int(case.rstrip("c")) + 1), complex=case.endswith("c"))
        problem = CompiledProblem(cf.Problem(ms))
        values, ends = full_paths(problem, 1024)
        titles.append(f"{ms.n} {'complex' if ms.complex else 'real'}")
        correlations.append(" | ".join(f"{spearmanr(value, ends)[0]:.2f}" for value in values))
        for variant, cells in rows.items():
            cells.append(hit_rate(problem, variant, float(np.quantile(ends, 0.01)), arguments.seconds))
            print(titles[-1], variant, cells[-1], flush=True)
    table = ["| hits per second (starts per second) | " + " | ".join(titles) + " |", "|---" * (len(titles) + 1) + "|"]
    table += [f"| {variant} | " + " | ".join(cells) + " |" for variant, cells in rows.items()]
    stages = " | ".join(f"p = {stage.exponent}" for stage in PATH)
    table += ["", f"| rank correlation with the end | {stages} |", "|---" * (len(PATH) + 1) + "|"]
    table += [f"| {title} | {row} |" for title, row in zip(titles, correlations, strict=True)]
    fill(PAGE, "elimination", "\n".join(table))


if __name__ == "__main__":
    main()
