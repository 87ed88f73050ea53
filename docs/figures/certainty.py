"""The picture and table of docs/certainty.md: what is known about designs of several sizes, and what holds one of them.

python docs/figures/certainty.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from page import fill

import crestfall as cf
from crestfall.atlas import entries
from crestfall.files.pictures import save_picture
from crestfall.files.pictures.style import BOUND, DESIGN, PEAK, REFERENCE, tidy

DOCS = Path(__file__).parents[1]
SIZES = {5: {"prove": True}, 31: {}, 256: {}, 4096: {"starts": 8}}
HELD = 15
MOMENTS_S = 10.0


def table() -> str:
    designs = {n: cf.minimize_peak(cf.Multisine.harmonics(range(1, n + 1)), seed=0, **how) for n, how in SIZES.items()}
    lines = ["| flat real tones | " + " | ".join(map(str, designs)) + " |", "|---" * (len(designs) + 1) + "|"]
    rows = {
        "crest factor": lambda d: f"{d.crest_factor:.6f}",
        "width of the peak's interval, relative": lambda d: f"{(d.peak_interval[1] - d.peak_interval[0]) / d.peak:.0e}",
        "peaks of that height": lambda d: f"{len(d.certificate.times)}" if d.multisine.n <= 256 else "–",
        "how equal they are": lambda d: f"{d.certificate.spread:.0e}" if d.multisine.n <= 256 else "–",
        "residual": lambda d: f"{d.certificate.residual:.0e}" if d.multisine.n <= 256 else "–",
        "no phases below": lambda d: f"{d.lower_bound:.4f}",
        "gap": lambda d: f"{d.gap:.2%}",
        "`status`": lambda d: d.status,
    }
    lines += [f"| {name} | " + " | ".join(map(value, designs.values())) + " |" for name, value in rows.items()]
    return "\n".join(lines)


def draw_gap(axes: Axes) -> None:
    """Between bound and best known design, for the real flat spectra of the atlas."""
    known = [entry for entry in entries() if entry.kind == "real"]
    n = np.array([entry.n for entry in known])
    best = np.array([entry.crest_factor for entry in known])
    analytic = np.array([cf.lower_bound(entry.multisine) for entry in known])
    bound = np.array([entry.lower_bound for entry in known])
    is_proven = np.array([entry.proven for entry in known])
    first = n[~is_proven].min()
    by_moments = ~is_proven & np.isin(n, [first, 16, 24, 32, 48, 64, 96, 128, 256, 512, 1024])
    bound[by_moments] = [
        cf.lower_bound(known[k].multisine, effort=MOMENTS_S) for k in np.flatnonzero(by_moments).tolist()
    ]
    highest = is_proven | by_moments
    between = np.interp(np.log(n), np.log(n[highest]), bound[highest])
    axes.fill_between(n, between, best, color=REFERENCE, alpha=0.45, lw=0, label="here is the best possible")
    axes.plot(n, best, ".-", color=DESIGN, lw=1, ms=4, label="best design known")
    axes.plot(n, analytic, "-", color=BOUND, lw=1, label="bound by formula")
    label = f"bound by moments, {MOMENTS_S:.0f} s each"
    axes.plot(n[by_moments], bound[by_moments], "^-", color=BOUND, lw=1, ms=4, label=label)
    axes.plot(n[is_proven], bound[is_proven], "v", color=PEAK, ms=4, label="bound by branch and bound")
    axes.set(xscale="log", xlabel="number of tones n", ylabel="crest factor", ylim=(1.1, 1.8))
    axes.set_xticks([2, 10, 100, 1000], ["2", "10", "100", "1000"])
    tidy(axes, title="What is known, flat real harmonics 1..n")
    axes.legend(frameon=False, fontsize=8.5, loc="upper right")


def draw_certificate(axes: Axes) -> None:
    """One period, with the peaks that stand equally high and the weights that balance them."""
    ms = cf.Multisine.harmonics(range(1, HELD + 1))
    design = cf.minimize_peak(ms, seed=0)
    found, t = design.certificate, np.linspace(0.0, 1.0, 4001)
    axes.plot(t, np.cos(2 * np.pi * np.outer(t, ms.frequencies) + design.phases).sum(axis=1), color=DESIGN, lw=1)
    for level in (design.peak, -design.peak):
        axes.axhline(level, color=PEAK, lw=0.8, ls="--")
    sizes = 20 + 900 * found.multipliers
    axes.scatter(found.times, found.heights * np.real(found.signs), s=sizes, color=PEAK, alpha=0.6, lw=0)
    axes.set(xlabel="time (periods)", ylabel="signal", xlim=(0, 1), ylim=(-1.25 * design.peak, 1.25 * design.peak))
    count = len(found.times)
    tidy(axes, title=f"{HELD} tones: {count} peaks of one height; area: multiplier")


def main() -> None:
    figure = Figure(figsize=(11.5, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    draw_gap(left)
    draw_certificate(right)
    save_picture(figure, DOCS / "images" / "certainty.png", overwrite=True, dpi=110)
    fill(DOCS / "certainty.md", "certainty", table())


if __name__ == "__main__":
    main()
