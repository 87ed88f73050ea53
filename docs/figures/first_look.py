"""The first picture of the README and the site: what choosing phases does, for readers who have never heard of it.

python docs/figures/first_look.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import crestfall as cf
from crestfall.files.pictures import save_picture
from crestfall.files.pictures.style import DESIGN, PEAK, tidy

ROOT = Path(__file__).parents[2]
PERIODS = 2
SAMPLES = 4096
RANDOM_DRAWS = 101


def median_random_phases(ms: cf.Multisine) -> np.ndarray:
    """Of many draws of random phases, the one with the median peak: neither a lucky nor an unlucky one."""
    draws = [cf.random_phases(ms, seed=seed) for seed in range(RANDOM_DRAWS)]
    order = np.argsort([cf.true_peak(ms, phases) for phases in draws])
    return draws[order[RANDOM_DRAWS // 2]]


def panel(ax: Axes, ms: cf.Multisine, phases: np.ndarray, colour: str, title: str) -> float:
    """One signal and its peak; returns the peak."""
    time = np.arange(PERIODS * SAMPLES) / (SAMPLES * ms.fundamental)
    angles = 2.0 * np.pi * np.outer(time, ms.frequencies) + phases
    peak = cf.true_peak(ms, phases)
    ax.plot(1e3 * time, np.cos(angles) @ ms.amplitudes, color=colour, linewidth=0.9)
    for level in (-peak, peak):
        ax.axhline(level, color=PEAK, linewidth=1.2, linestyle=(0, (5, 3)))
    ax.annotate(f"±{peak:.1f} V", (1.005, peak), xycoords=("axes fraction", "data"), color=PEAK, va="center")
    ax.set(xlim=(0.0, 1e3 * time[-1]), xlabel="time [ms]")
    tidy(ax, title=title)
    return peak


def main() -> None:
    ms = cf.Multisine.harmonics(range(1, 32), fundamental=10.0)
    design = cf.minimize_peak(ms, seed=0)
    figure = Figure(figsize=(9.0, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    before = panel(left, ms, median_random_phases(ms), "0.45", "31 tones of 1 V, random phases")
    after = panel(right, ms, design.phases, DESIGN, "The same 31 tones, phases from crestfall")
    left.set_ylabel("voltage [V]")
    left.set_ylim(-1.12 * before, 1.12 * before)
    save_picture(figure, ROOT / "docs" / "images" / "first-look.png", overwrite=True, dpi=110)
    print(f"±{before:.2f} V, ±{after:.2f} V: {after / before:.0%}")


if __name__ == "__main__":
    main()
