"""Search strategies at equal time: where the starts of a round come from, everything else the same.

Flat harmonics 1..n, one process, the same CPU time for each strategy (so that other work on the machine disturbs the
comparison little), the atlas off; median and best crest factor over seeds.

    python benchmarks/strategies.py [--seconds 20] [--seeds 3] [--sizes 8,16,31,64]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

import crestfall as cf
from crestfall.search import Minimax, strategy
from crestfall.search.budget import Progress

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

PAGE = Path(__file__).parents[1] / "docs" / "engine.md"

STRATEGIES = {
    "multi-start": strategy.MULTI_START,
    "shake": strategy.SHAKE,
    "redraw half": strategy.REDRAW,
    "shake and redraw": strategy.SHAKE_AND_REDRAW,
    "cross": strategy.CROSS,
    "half random": strategy.HALF_RANDOM,
}


def run(ms: cf.Multisine, chosen: strategy.Strategy, seed: int, seconds: float) -> float:
    """Crest factor after some CPU time."""
    end = time.process_time() + seconds

    def enough(_: Progress) -> None:
        if time.process_time() >= end:
            raise StopIteration

    effort = cf.Effort(time_limit=100.0 * seconds, seed=seed, workers=1, use_atlas=False)
    return cf.minimize_peak(ms, effort=effort, method=Minimax(chosen), progress=enough).crest_factor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sizes", default="8,16,31,64")
    arguments = parser.parse_args()
    lines = ["| tones | " + " | ".join(STRATEGIES) + " |", "|---|" + "---|" * len(STRATEGIES)]
    for kind in (False, True):
        for n in map(int, arguments.sizes.split(",")):
            ms = cf.Multisine.harmonics(range(1, n + 1), complex=kind)
            cells = []
            for chosen in STRATEGIES.values():
                found = [run(ms, chosen, seed, arguments.seconds) for seed in range(arguments.seeds)]
                cells.append((statistics.median(found), min(found)))
            lowest = min(median for median, _ in cells)
            shown = [
                f"{'**' if m <= lowest + 5e-5 else ''}{m:.4f}{'**' if m <= lowest + 5e-5 else ''} ({b:.4f})"
                for m, b in cells
            ]
            lines.append(f"| {n} {'complex' if kind else 'real'} | " + " | ".join(shown) + " |")
            print(lines[-1], flush=True)
    note = f"Crest factor after {arguments.seconds:g} s of CPU time: median of {arguments.seeds} seeds (best).\n\n"
    fill(PAGE, "strategies", note + "\n".join(lines))


if __name__ == "__main__":
    main()
