"""Time to a given crest factor: the search of today next to the multi-start of the first release.

The first release ran random starts in batches of 32 through p = 6, 18, 66, 258, 1026, kept the best quarter before
p = 66 and before p = 258, and stopped there; it is rebuilt here from the same parts. Its median crest factor after
the whole time is the target. Flat real harmonics 1..n, one process each, CPU time, the atlas off.

    python benchmarks/time_to_target.py [--seconds 20] [--seeds 5] [--sizes 16,31,64,128,256]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from math import inf
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import Stage, follow
from crestfall.engine.solvers.lbfgs import LBFGS
from crestfall.search.budget import Progress
from crestfall.search.starts import Starts

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

DOCS = Path(__file__).parents[1] / "docs"
FIRST_PATH = (
    Stage(1, 4.0, 64, LBFGS(100, 3e-5)),
    Stage(3, 8.0, 192, LBFGS(100, 3e-5)),
    Stage(5, 12.0, 512, LBFGS(100, 2e-5)),
    Stage(7, 24.0, inf, LBFGS(120, 1e-5)),
    Stage(9, 32.0, inf, LBFGS(120, 1e-5)),
)
History = list[tuple[float, float]]
"""CPU seconds and the best crest factor from then on."""


def first_release(ms: cf.Multisine, seed: int, seconds: float) -> History:
    """Multi-start as it was."""
    problem, history = CompiledProblem(cf.Problem(ms)), []
    starts = Starts(problem, seed)
    batch = int(np.clip(2**18 // problem.samples_at(FIRST_PATH[1]), 1, 32))
    begin, taken, best = time.process_time(), 0, inf
    while time.process_time() - begin < seconds:
        phases = starts.batch(taken, batch)
        taken += batch
        for number, stage in enumerate(FIRST_PATH):
            phases, values = follow(problem, phases, (stage,), lambda: False)
            if number + 1 in (2, 3):
                phases = phases[np.argsort(values, kind="stable")[: -(-len(phases) // 4)]]
        best = min(best, *(cf.crest_factor(ms, candidate) for candidate in phases))
        if not history or best < history[-1][1]:
            history.append((time.process_time() - begin, best))
    return history


def today(ms: cf.Multisine, seed: int, seconds: float) -> History:
    """The search as it is."""
    begin, history = time.process_time(), []

    def note(progress: Progress) -> None:
        elapsed = time.process_time() - begin
        if np.isfinite(progress.best) and (not history or progress.best < history[-1][1]):
            history.append((elapsed, progress.best))
        if elapsed >= seconds:
            raise StopIteration

    effort = cf.Effort(time_limit=100.0 * seconds, seed=seed, workers=1, use_atlas=False)
    cf.minimize_peak(ms, effort=effort, progress=note)
    return history


def time_to(history: History, target: float) -> float:
    """CPU seconds until the target, infinite if it was not reached."""
    return next((seconds for seconds, crest_factor in history if crest_factor <= target), inf)


def draw(axis: plt.Axes, histories: list[History], colour: str, label: str, seconds: float) -> None:
    for k, history in enumerate(histories):
        times = [t for t, _ in history] + [seconds]
        values = [c for _, c in history] + [history[-1][1]]
        axis.step(times, values, where="post", color=colour, lw=1, alpha=0.8, label=label if k == 0 else None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--sizes", default="16,31,64,128,256")
    arguments = parser.parse_args()
    sizes, seconds = [int(n) for n in arguments.sizes.split(",")], arguments.seconds
    lines = ["| tones | target | first release [s] | today [s] | ratio |", "|---|---|---|---|---|"]
    figure, axes = plt.subplots(1, len(sizes), figsize=(3.2 * len(sizes), 3.4), constrained_layout=True)
    for n, axis in zip(sizes, np.atleast_1d(axes), strict=True):
        ms = cf.Multisine.harmonics(range(1, n + 1))
        old, new = ([run(ms, seed, seconds) for seed in range(arguments.seeds)] for run in (first_release, today))
        target = statistics.median(history[-1][1] for history in old)
        before, now = (statistics.median(time_to(h, target) for h in histories) for histories in (old, new))
        lines.append(f"| {n} | {target:.4f} | {before:.2f} | {now:.2f} | {before / now:.1f}× |")
        print(lines[-1], flush=True)
        draw(axis, old, "tab:grey", "first release", seconds)
        draw(axis, new, "tab:blue", "today", seconds)
        axis.axhline(target, color="tab:red", lw=0.8, ls="--", label="target")
        lowest = min(h[-1][1] for h in new)
        axis.set(xscale="log", xlim=(0.02, seconds), ylim=(lowest - 0.003, lowest + 0.045), title=f"{n} tones")
        axis.set_xlabel("CPU time [s]")
    np.atleast_1d(axes)[0].set_ylabel("crest factor")
    np.atleast_1d(axes)[0].legend(fontsize=8)
    figure.savefig(DOCS / "images" / "time_to_target.png", dpi=130)
    note = f"Median CPU time of {arguments.seeds} seeds to the target: the first release's median after {seconds:g} s."
    fill(DOCS / "engine.md", "time-to-target", note + "\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main()
