"""Crest factor against time: the methods of the literature next to the minimax search, in one run.

Flat real harmonics 1..n, one process, one thread, the same time for every method that can use it. Schroeder's phases,
clipping and L2p run once from Schroeder's phases, as published; clipping and L2p run again with random restarts until
the time is up, and so does the search, without its atlas.

    OMP_NUM_THREADS=1 python benchmarks/methods.py [--page docs/methods.md] [--picture docs/images/methods.png]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy and SciPy start their threads
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from matplotlib.axes import Axes
from matplotlib.figure import Figure

import crestfall as cf
from crestfall.files.pictures import save_picture
from crestfall.files.pictures.style import BOUND, DESIGN, PEAK, tidy

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

SECONDS = {15: 3.0, 31: 5.0, 64: 8.0, 256: 15.0, 1024: 30.0}
"""Time for each method that can go on, by number of tones [s]."""

MANY = 10**6
RUNS: dict[str, dict[str, object]] = {
    "Schroeder": {"method": "schroeder"},
    "clipping": {"method": "clip"},
    "clipping, restarts": {"method": "clip", "starts": MANY},
    "L2p": {"method": "l2p"},
    "L2p, restarts": {"method": "l2p", "starts": MANY},
    "minimax": {"method": "minimax", "use_atlas": False, "workers": 1},
}
"""What each column of the table asks of ``minimize_peak``."""

LINES = {
    "clipping": (PEAK, ":"),
    "clipping, restarts": (PEAK, "-"),
    "L2p": (BOUND, ":"),
    "L2p, restarts": (BOUND, "-"),
    "minimax": (DESIGN, "-"),
}
TITLE = "Flat real harmonics 1..n: crest factor against time"


def measure(n: int, seconds: float) -> dict[str, cf.Design]:
    """Every method on the harmonics 1..n, none longer than ``seconds``."""
    ms = cf.Multisine.harmonics(range(1, n + 1))
    return {name: cf.minimize_peak(ms, time_limit=seconds, **wanted) for name, wanted in RUNS.items()}


def row(n: int, seconds: float, found: dict[str, cf.Design]) -> str:
    """A line of the table: crest factors, with the time of a single start and the number of restarts finished."""
    cells = []
    for name, design in found.items():
        provenance = design.provenance
        note = ""
        if "restarts" in name:
            note = f" ({provenance.starts})"
        elif name in ("clipping", "L2p"):
            cut_off = ", cut off" if "time limit" in design.status else ""
            note = f" ({provenance.seconds:.2f} s{cut_off})"
        cells.append(f"{design.crest_factor:.4f}{note}")
    return f"| {n} | {seconds:.0f} s | " + " | ".join(cells) + " |"


def draw(results: dict[int, dict[str, cf.Design]]) -> Figure:
    """One panel for each number of tones: the best crest factor so far against the time."""
    figure = Figure(figsize=(9.0, 5.8), layout="constrained")
    panels = figure.subplots(2, 3, sharey=True).ravel()
    for ax, (n, found) in zip(panels, results.items(), strict=False):
        draw_panel(ax, n, found)
    handles, labels = panels[0].get_legend_handles_labels()
    key = panels[len(results)]
    for ax in panels[len(results) :]:
        ax.set_axis_off()
    key.legend(handles, labels, loc="center left", frameon=False, fontsize="medium", title="best crest factor so far")
    for ax in (panels[0], panels[3]):
        ax.set_ylabel("crest factor")
    for ax in panels[2:]:
        ax.set_xlabel("time [s]")
    figure.suptitle(TITLE, x=0.01, ha="left", fontsize="large")
    return figure


def draw_panel(ax: Axes, n: int, found: dict[str, cf.Design]) -> None:
    """Steps down from Schroeder's phases; a single start ends in a dot where it ended by itself."""
    first = 1e-3
    for name, (colour, line) in LINES.items():
        provenance = found[name].provenance
        times = [max(first, seconds) for seconds, _ in provenance.history] + [provenance.seconds]
        crests = [crest for _, crest in provenance.history] + [found[name].crest_factor]
        ax.step(times, crests, line, where="post", color=colour, linewidth=1.6, label=name)
        if line == ":":
            ax.plot(times[-1], crests[-1], "o", color=colour, markersize=4)
    ax.set_xscale("log")
    ax.set_xlim(first, 1.3 * SECONDS[n])
    ax.set_ylim(1.34, 1.66)
    tidy(ax, title=f"n = {n}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SECONDS)), help=f"some of {', '.join(map(str, SECONDS))}")
    parser.add_argument("--page", type=Path, help="also put the table on this Markdown page")
    parser.add_argument("--picture", type=Path, help="also draw the picture here")
    arguments = parser.parse_args()
    lines = ["| n | time | " + " | ".join(RUNS) + " |", "|---" * (len(RUNS) + 2) + "|"]
    print("\n".join(lines))
    results = {}
    # Imports and first-call costs belong to no method.
    for wanted in RUNS.values():
        cf.minimize_peak(cf.Multisine.harmonics([1, 2, 3]), time_limit=0.1, **wanted)
    for n in map(int, arguments.sizes.split(",")):
        results[n] = measure(n, SECONDS[n])
        lines.append(row(n, SECONDS[n], results[n]))
        print(lines[-1], flush=True)
    if arguments.page:
        fill(arguments.page, "methods", "\n".join(lines))
    if arguments.picture:
        save_picture(draw(results), arguments.picture, overwrite=True)


if __name__ == "__main__":
    main()
