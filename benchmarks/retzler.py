"""The benchmark of Retzler et al. (2022): minimum and average of many single starts, peak over samples.

Five set-ups of Retzler et al., Automatica 146:110654, 2022. Each start is a search of its own with one random start and
nothing else: no closed form, no atlas, no pool.

    OMP_NUM_THREADS=1 python benchmarks/retzler.py [--starts 1000] [--page docs/methods.md]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from time import perf_counter

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy and SciPy start their threads
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import crestfall as cf

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill


def half_sine(n: int) -> np.ndarray:
    """Amplitudes ``sin((2k - 1) π / 2n)``, k = 1..n."""
    return np.sin((2 * np.arange(1, n + 1) - 1) * np.pi / (2 * n))


D = [10, 12, 15, 18, 22, 27, 33, 40, 48, 58, 70, 84, 100]
SETS = {
    "A: 1..31": (cf.Multisine.harmonics(range(1, 32)), 2048, 1.3513, 1.4041),
    "B: 1..16, half sine": (cf.Multisine.harmonics(range(1, 17), amplitudes=half_sine(16)), 1024, 1.4004, 1.4316),
    "C: 1, 2, 4 … 32": (cf.Multisine.harmonics([1, 2, 4, 8, 16, 32]), 2048, 2.0110, 2.0123),
    "D: 10 … 100, half sine": (cf.Multisine.harmonics(D, amplitudes=half_sine(13)), 8192, 1.9815, 1.9961),
    "E: 1..100": (cf.Multisine.harmonics(range(1, 101)), 800, 1.3512, 1.3683),
}
"""Tones, samples of a period, and the published minimum and average."""


def measure(ms: cf.Multisine, samples: int, starts: int) -> tuple[np.ndarray, float]:
    """Peak over samples relative to the RMS of each start, by direct summation, and the seconds of all."""
    turns = 2.0 * np.pi * np.outer(np.arange(samples) / samples, ms.harmonic_numbers)
    found, began = [], perf_counter()
    for seed in range(starts):
        design = cf.minimize_peak(
            ms, over=cf.Samples(samples), starts=1, seed=seed, use_atlas=False, closed_forms=False
        )
        found.append(design.phases)
    seconds = perf_counter() - began
    peaks = [np.abs(np.cos(turns + phases) @ ms.amplitudes).max() for phases in found]
    return np.array(peaks) / np.sqrt(0.5 * np.sum(ms.amplitudes**2)), seconds


def table(starts: int) -> str:
    """A line for each set-up."""
    lines = [
        "| set-up | samples | published minimum | minimum | published average | average | starts a second |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, (ms, samples, lowest, average) in SETS.items():
        values, seconds = measure(ms, samples, starts)
        lines.append(
            f"| {name} | {samples} | {lowest:.4f} | {values.min():.4f} | {average:.4f} | {values.mean():.4f} | "
            f"{starts / seconds:.0f} |"
        )
        print(lines[-1], flush=True)
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and fill in the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=1000, help="starts of each set-up")
    parser.add_argument("--page", type=Path, help="page to fill in")
    options = parser.parse_args()
    text = table(options.starts)
    if options.page is not None:
        fill(options.page, "retzler", text)


if __name__ == "__main__":
    main()
