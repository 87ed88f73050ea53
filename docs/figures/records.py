"""The tables and the picture of docs/records.md, from the atlas as it is now.

    python docs/figures/records.py

Run it again whenever the atlas has grown; `make docs-figures` does. What others published is computed from their phases
by direct sums, what their methods give is run here.
"""

from __future__ import annotations

import sys
from math import floor, sqrt
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

import crestfall as cf
from crestfall.atlas import Entry, entries, highest_bound
from crestfall.files.pictures import save_picture
from crestfall.files.pictures.style import BOUND, DESIGN, PEAK, tidy

sys.path.insert(0, str(Path(__file__).parent))
from page import fill
from published import WONG_2012

DOCS = Path(__file__).parents[1]
PAGE = DOCS / "records.md"
TITLES = {"real": "real, harmonics 1 … n", "complex": "complex, 0 … n − 1", "odd": "real, odd harmonics"}
METHODS = {"clip": "clipping", "l2p": "L2p"}
MOST_TONES = 256  # for the methods of the literature: L2p costs O(n³)
METHOD_COLOUR = "#CC79A7"
TICKS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


def of_kind(kind: str) -> list[Entry]:
    return [entry for entry in entries() if entry.kind == kind]


def wong_peak(n: int) -> float:
    """Largest envelope of Wong's schedule for n bands of amplitude 1: direct sums, at most 8e-8 below the truth."""
    t = np.linspace(0.0, 2.0 * np.pi, 8192 * n, endpoint=False)
    total = np.zeros(t.size, dtype=complex)
    for band, phase in enumerate(WONG_2012[n]):
        total += np.exp(1j * (band * t + phase))
    return float(np.max(np.abs(total)))


def schroeder(entry: Entry) -> float:
    return cf.crest_factor(entry.multisine, cf.schroeder(entry.multisine))


def by_methods(entry: Entry) -> dict[str, float]:
    """Crest factors of the literature's methods, run as published from Schroeder's phases."""
    if entry.n > MOST_TONES:
        return {}
    return {method: cf.minimize_peak(entry.multisine, method=method).crest_factor for method in METHODS}


def bound_and_gap(entry: Entry) -> str:
    """Two cells: what no phases can beat, rounded down, and how far the entry is above it."""
    bound = highest_bound(entry)
    return f"{floor(bound * 1e4) / 1e4:.4f} | {entry.crest_factor / bound - 1.0:.1%}"


def table_of_real(kind: str, others: dict[tuple[str, int], dict[str, float]]) -> str:
    rows = [
        f"| n | Schroeder | {' | '.join(METHODS.values())} | **atlas** | bound | gap |",
        "|---|---|---|---|---|---|---|",
    ]
    for entry in of_kind(kind):
        values = others[kind, entry.n]
        cells = [f"{values[method]:.4f}" if method in values else "–" for method in METHODS]
        rows.append(
            f"| {entry.n} | {schroeder(entry):.4f} | {' | '.join(cells)} | **{entry.crest_factor:.6f}** | "
            f"{bound_and_gap(entry)} |"
        )
    return "\n".join(rows)


def table_of_complex() -> str:
    rows = [
        "| n | Schroeder | Wong 2012 | **atlas** | bound | gap | Wong 2012, peak | atlas, peak | lower by |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for entry in of_kind("complex"):
        wong = wong_peak(entry.n) if entry.n in WONG_2012 else None
        cells = ("–", "–", "–")
        if wong is not None:
            cells = (f"{wong / sqrt(entry.n):.4f}", f"{wong:.4f}", f"{1 - entry.peak / wong:.2%}")
        rows.append(
            f"| {entry.n} | {schroeder(entry):.4f} | {cells[0]} | **{entry.crest_factor:.6f}** | "
            f"{bound_and_gap(entry)} | {cells[1]} | {entry.peak:.4f} | {cells[2]} |"
        )
    return "\n".join(rows) if len(rows) > 2 else "The atlas has no complex designs yet."


def summary() -> str:
    """How many there are, and how far the best published phases are behind."""
    counts = ", ".join(f"{len(of_kind(kind))} {kind}" for kind in TITLES if of_kind(kind))
    stationary = sum(entry.residual is not None and entry.residual <= 1e-8 for entry in entries())
    lines = [
        f"{len(entries())} designs ({counts}); {stationary} of them are stationary, with a residual of at most 1e-8."
    ]
    behind = {entry.n: 1 - entry.peak / wong_peak(entry.n) for entry in of_kind("complex") if entry.n in WONG_2012}
    if max(behind.values(), default=0.0) > 1e-3:  # less is the rounding of the published phases
        n = max(behind, key=behind.__getitem__)
        lines.append(f"Wong's schedules are higher by up to {behind[n]:.1%} of their peak (n = {n}).")
    return " ".join(lines)


def draw(ax: Axes, kind: str, others: dict[tuple[str, int], dict[str, float]]) -> None:
    known = of_kind(kind)
    n = [entry.n for entry in known]
    ax.plot(n, [schroeder(entry) for entry in known], color="0.6", linewidth=1.2, label="Schroeder's phases")
    l2p = [(entry.n, others[kind, entry.n]["l2p"]) for entry in known if "l2p" in others.get((kind, entry.n), {})]
    if l2p:
        ax.plot(*zip(*l2p, strict=True), "x", color=METHOD_COLOUR, markersize=3.5, label="L2p (1991), run here")
    if kind == "complex":
        wong = [(size, wong_peak(size) / sqrt(size)) for size in WONG_2012]
        ax.plot(*zip(*wong, strict=True), "D", color=PEAK, markersize=5.0, fillstyle="none", label="Wong 2012")
    ax.plot(n, [entry.crest_factor for entry in known], "o", color=DESIGN, markersize=3.5, label="atlas")
    ax.plot(n, [highest_bound(entry) for entry in known], color=BOUND, linewidth=1.4, label="lower bound")
    ax.set_xscale("log", base=2)
    ticks = [tick for tick in TICKS if tick <= max(n)]
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("number of tones n")
    ax.set_ylabel("crest factor")
    ax.set_ylim(bottom=0.98)
    tidy(ax, title=TITLES[kind])


def picture(others: dict[tuple[str, int], dict[str, float]]) -> Figure:
    kinds = [kind for kind in TITLES if of_kind(kind)]
    figure = Figure(figsize=(4.6 * len(kinds), 4.2), layout="constrained")
    for ax, kind in zip(figure.subplots(1, len(kinds), squeeze=False)[0], kinds, strict=True):
        draw(ax, kind, others)
    named = {name: line for ax in figure.axes for line, name in zip(*ax.get_legend_handles_labels(), strict=True)}
    figure.legend(named.values(), named.keys(), loc="outside upper left", ncols=len(named), frameon=False, fontsize=8.5)
    return figure


def main() -> None:
    others = {(entry.kind, entry.n): by_methods(entry) for entry in entries() if entry.kind != "complex"}
    fill(PAGE, "summary", summary())
    for kind in ("real", "odd"):
        table = table_of_real(kind, others) if of_kind(kind) else f"The atlas has no {kind} designs yet."
        fill(PAGE, kind, table)
    fill(PAGE, "complex", table_of_complex())
    save_picture(picture(others), DOCS / "images" / "records.png", overwrite=True, dpi=110)
    print(summary())


if __name__ == "__main__":
    main()
