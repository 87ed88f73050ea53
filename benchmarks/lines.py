"""What it gains to let lines move, and what it costs: peaks and times of three problems, for growing tolerances.

python benchmarks/lines.py [seeds]
"""

from __future__ import annotations

import sys
from time import process_time

import numpy as np

import crestfall as cf

STARTS = 16
ODD = np.arange(2.0, 1200.0, 2.0)


def flight() -> tuple[cf.Problem, dict[str, cf.MovableLines]]:
    """Four inputs of eight tones in 0.1 … 3.3 Hz, 20 s, in runs."""
    runs = cf.grids.interleaved_runs(range(2, 67), 4, tones=8)
    inputs = [cf.Multisine.harmonics(numbers, 0.05) for numbers in runs]
    problem = cf.Problem.interleaved(inputs, measure="range")
    return problem, {f"{steps} lines": cf.MovableLines(steps) for steps in (1, 2, 4)}


def impedance() -> tuple[cf.Problem, dict[str, cf.MovableLines]]:
    """13 odd tones over three decades."""
    ms = cf.Multisine.harmonics(cf.grids.quasi_logarithmic(1, 999, 13, odd=True))
    tolerances = {f"{percent} %": cf.MovableLines(percent=percent, excluded=ODD) for percent in (2.5, 5.0, 10.0)}
    return cf.Problem(ms), tolerances


def audio() -> tuple[cf.Problem, dict[str, cf.MovableLines]]:
    """31 nominal third octaves, on a raster of 0.5 Hz."""
    ms = cf.Multisine(cf.grids.preferred_numbers(20, 20_000, "R10"))
    return cf.Problem(ms), {f"{percent} %": cf.MovableLines(percent=percent, raster=0.5) for percent in (1.0, 2.0)}


def main(seeds: int) -> None:
    for case in (flight, impedance, audio):
        problem, tolerances = case()
        print(case.__doc__)
        for name, lines in {"as they are": None, **tolerances}.items():
            found, begin = [], process_time()
            for seed in range(seeds):
                asked = cf.Problem(problem.multisine, measure=problem.measure, channels=problem.channels, lines=lines)
                found.append(cf.minimize_peak(asked, starts=STARTS, seed=seed).figure)
            seconds = (process_time() - begin) / seeds
            print(f"  {name:12} {' '.join(f'{figure:.4f}' for figure in found)}   {seconds:.1f} s each", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
