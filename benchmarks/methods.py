"""Crest factor against time for the methods of the literature and for the search, flat real harmonics 1..n.

Clipping and L2p run from Schroeder's phases and then from random ones until the time is up; all get the same time, one
process, the atlas off.

    python benchmarks/methods.py [--sizes 15,31,64,256,1024] [--seconds 10]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import crestfall as cf

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

DOCS = Path(__file__).parents[1] / "docs"
METHODS = {"schroeder": "tab:grey", "clip": "tab:orange", "l2p": "tab:green", "minimax": "tab:blue"}


def run(n: int, method: str, seconds: float) -> cf.Design:
    """The design after some time; its history says how it got there."""
    ms = cf.Multisine.harmonics(range(1, n + 1))
    if method == "schroeder":
        return cf.minimize_peak(ms, method=method)
    starts = None if method == "minimax" else 10**6
    options = {"use_atlas": False, "workers": 1} if method == "minimax" else {}
    return cf.minimize_peak(ms, method=method, starts=starts, time_limit=seconds, **options)


def first_start(n: int, method: str) -> float:
    """What one run from Schroeder's phases gives, as published."""
    return cf.minimize_peak(cf.Multisine.harmonics(range(1, n + 1)), method=method, starts=1).crest_factor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="15,31,64,256,1024")
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args()
    sizes = [int(n) for n in given.sizes.split(",")]
    cf.minimize_peak(cf.Multisine([1.0, 2.0]), starts=1)  # imports and first-call costs are nobody's
    lines = [
        "| tones | Schroeder | clipping, one run | clipping | L2p, one run | L2p | minimax | bound |",
        "|---" * 8 + "|",
    ]
    figure, axes = plt.subplots(1, len(sizes), figsize=(3.2 * len(sizes), 3.6), layout="constrained")
    for n, axis in zip(sizes, np.atleast_1d(axes), strict=True):
        found = {method: run(n, method, given.seconds) for method in METHODS}
        cells = [found["schroeder"].crest_factor, first_start(n, "clip"), found["clip"].crest_factor]
        cells += [first_start(n, "l2p"), found["l2p"].crest_factor, found["minimax"].crest_factor]
        bound = found["minimax"].lower_bound
        lines.append(f"| {n} | {' | '.join(f'{cell:.4f}' for cell in cells)} | {bound:.4f} |")
        print(lines[-1], flush=True)
        for method, colour in METHODS.items():
            history = found[method].provenance.history
            times = [max(t, 1e-3) for t, _ in history] + [given.seconds]
            values = [c for _, c in history] + [found[method].crest_factor]
            if method == "schroeder":
                times, values = [1e-3, given.seconds], [found[method].crest_factor] * 2
            axis.step(times, values, where="post", color=colour, label=method)
        axis.set(xscale="log", xlim=(1e-3, given.seconds), ylim=(1.34, 1.85), title=f"{n} tones", xlabel="time [s]")
        axis.grid(alpha=0.3)
    first = np.atleast_1d(axes)[0]
    first.set_ylabel("true-peak crest factor")
    first.legend(fontsize=8, loc="upper right")
    figure.savefig(DOCS / "images" / "methods.png", dpi=120)
    fill(DOCS / "methods.md", "methods", f"After {given.seconds:g} s each, in one run.\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main()
