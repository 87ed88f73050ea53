"""True-peak crest factor and time of `minimize_peak` next to Schroeder's phases and to general-purpose optimisers.

One run, one machine, one table. Flat real harmonics 1..n, default settings, median over seeds. The others minimise the
plain peak over a grid of 16 samples per period of the highest tone, from the same random start, with the exact
gradient of the highest sample; each stops by itself, or after its time limit (at least ten times what crestfall took).

    python benchmarks/solver.py [--seeds 5] [--sizes 15,31,64,256,1024,4096] [--json FILE]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import platform
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import scipy
import scipy.optimize

import crestfall as cf

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

TARGETS = {15: (1.400, 1), 31: (1.395, 1), 64: (1.392, 1), 256: (1.388, 1), 1024: (1.385, 3), 4096: (1.385, 10)}
TARGETS[65536] = (1.41, 180)


class PlainPeak:
    """``max_j |x(t_j)| / rms`` and its subgradient, for real flat harmonics 1..n, until the time is up."""

    def __init__(self, n: int, time_limit: float) -> None:
        self.n = n
        self.n_samples = 16 * n
        self.rms = np.sqrt(n / 2)
        self.deadline = time.perf_counter() + time_limit
        self.best = (np.inf, np.zeros(n))

    def __call__(self, phases: np.ndarray) -> tuple[float, np.ndarray]:
        spectrum = np.zeros(self.n_samples // 2 + 1, dtype=complex)
        spectrum[1 : self.n + 1] = np.exp(1j * phases) / 2
        x = np.fft.irfft(spectrum, self.n_samples, norm="forward")
        j = int(np.argmax(np.abs(x)))
        angle = 2 * np.pi * j / self.n_samples * np.arange(1, self.n + 1) + phases
        value = float(abs(x[j]) / self.rms)
        if value < self.best[0]:
            self.best = (value, phases.copy())
        if time.perf_counter() > self.deadline:
            raise TimeoutError
        return value, -np.sign(x[j]) * np.sin(angle) / self.rms


def gradient_descent(peak: PlainPeak, start: np.ndarray) -> None:
    phases = start.copy()
    for step in range(1, 10**9):
        _, gradient = peak(phases)
        phases -= 0.5 / np.sqrt(step) * gradient / np.linalg.norm(gradient)


def scipy_method(method: str, **options: object):
    def run(peak: PlainPeak, start: np.ndarray) -> None:
        scipy.optimize.minimize(peak, start, jac=True, method=method, options=options)

    return run


OTHERS = {
    "gradient descent": (gradient_descent, 4096),
    "SciPy L-BFGS-B": (scipy_method("L-BFGS-B", maxiter=10**6, maxfun=10**7), 4096),
    "SciPy SLSQP": (scipy_method("SLSQP", maxiter=10**6), 256),
}
"""Each with the largest n it is run for; SLSQP's steps cost O(n³)."""


def run_other(method, n: int, seed: int, time_limit: float) -> tuple[float, float]:
    peak = PlainPeak(n, time_limit)
    begin = time.perf_counter()
    with contextlib.suppress(TimeoutError):
        method(peak, np.random.default_rng(seed).uniform(0, 2 * np.pi, n))
    seconds = time.perf_counter() - begin
    return cf.crest_factor(cf.Multisine.harmonics(range(1, n + 1)), peak.best[1]), seconds


def run_crestfall(n: int, seed: int) -> tuple[float, float]:
    ms = cf.Multisine.harmonics(range(1, n + 1))
    begin = time.perf_counter()
    design = cf.minimize_peak(ms, seed=seed, use_atlas=False)
    return design.crest_factor, time.perf_counter() - begin


def measure(n: int, seeds: int) -> dict[str, object]:
    ms = cf.Multisine.harmonics(range(1, n + 1))
    runs = [run_crestfall(n, seed) for seed in range(seeds if n <= 4096 else 1)]
    ours = statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs)
    row: dict[str, object] = {
        "n": n,
        "schroeder": cf.crest_factor(ms, cf.schroeder(ms)),
        "crestfall": ours,
        "target": TARGETS.get(n),
        "lower_bound": cf.lower_bound(ms),
    }
    for name, (method, largest) in OTHERS.items():
        if n <= largest:
            limit = max(1.0, 10 * ours[1]) if n <= 1024 else max(1.0, ours[1])
            results = [run_other(method, n, seed, limit) for seed in range(min(seeds, 3))]
            row[name] = statistics.median(r[0] for r in results), statistics.median(r[1] for r in results)
    return row


def show(row: dict[str, object]) -> str:
    def pair(value: object) -> str:
        return f"{value[0]:.4f} {value[1]:7.2f} s" if isinstance(value, tuple) else "–".center(16)

    target = row["target"]
    wanted = f"{target[0]:.3f} {target[1]:4d} s" if isinstance(target, tuple) else "–".center(12)
    others = " | ".join(pair(row.get(name)) for name in OTHERS)
    return (
        f"| {row['n']:6d} | {row['schroeder']:.4f}    | {others} | {pair(row['crestfall'])} | {wanted} "
        f"| {row['lower_bound']:.4f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--sizes", default="15,31,64,256,1024,4096,65536")
    parser.add_argument("--json", type=Path, help="also write the figures as JSON")
    parser.add_argument("--page", type=Path, help="also put the table on this Markdown page")
    arguments = parser.parse_args()
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}"
    print(f"{versions}, {platform.machine()}")
    headings = " | ".join(f"{name:16s}" for name in OTHERS)
    lines = [
        f"|      n | Schroeder | {headings} | crestfall        | target       | bound  |",
        "|" + "---|" * (5 + len(OTHERS)),
    ]
    print("\n".join(lines))
    rows = []
    cf.minimize_peak(cf.Multisine([1, 2]), starts=1)  # imports and first-call costs are not the solver's
    for n in map(int, arguments.sizes.split(",")):
        rows.append(measure(n, arguments.seeds))
        lines.append(show(rows[-1]))
        print(lines[-1], flush=True)
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    lines.append(f"\nLargest memory of the process: {gigabytes:.2f} GB.")
    print(lines[-1])
    if arguments.page:
        fill(arguments.page, "solver", "\n".join(lines))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
