"""Crest factor against time, for problems of all fields: is anybody ahead of the search at any moment?

One process, one thread, the atlas off. Clipping and L2p begin with Schroeder's phases and go on with random restarts;
SciPy's L-BFGS-B follows p-norms of 4, 16, 64 and 256 over 16 samples of the fastest tone from random phases, as users
write it; the last column draws random phases. The first table is the time of L2p's first start, and that of the search
to be as good: medians over the seeds.

    OMP_NUM_THREADS=1 python benchmarks/anytime.py [--seconds 10] [--seeds 3] [--only 31] [--page docs/methods.md]
        [--picture docs/images/anytime.png]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import perf_counter

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy and SciPy start their threads
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import minimize

import crestfall as cf
from crestfall.files.pictures import save_picture
from crestfall.files.pictures.style import BOUND, DESIGN, PEAK, tidy

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

MANY = 10**6
TIMES = (0.1, 1.0, 10.0, 60.0)
"""Moments at which the second table looks [s]."""
FIRST_S = 0.05
"""The first moment at which anybody is compared: before, it is the interpreter that counts."""
ALLOWED = 1.001
"""Nobody may be lower than the search by more than this factor."""
History = list[tuple[float, float]]
"""Seconds, and the best crest factor from then on."""


def problems() -> dict[str, cf.Multisine]:
    """Flat sets, bands, and tones as the fields use them."""
    harmonics = cf.Multisine.harmonics
    k = np.arange(1, 17)
    found = {f"1..{n}": harmonics(range(1, n + 1)) for n in (13, 15, 31, 64, 128, 256, 512, 1024)}
    found["500..900"] = harmonics(range(500, 901))
    found["512 odd lines"] = harmonics(range(1, 1024, 2))
    found["half sine, 16"] = harmonics(k, amplitudes=np.sin((2 * k - 1) * np.pi / 32))
    found["2, 5, 7, 11"] = harmonics([2, 5, 7, 11])
    found["nine, one twice"] = harmonics([1, 2, 3, 4, 5, 6, 7, 8, 8])
    found["20 over 5 decades"] = cf.Multisine(np.round(np.geomspace(0.01, 1000.0, 20), 2))
    found["49 over 6 decades"] = cf.Multisine(np.round(np.geomspace(0.01, 10_000.0, 49), 2))
    found["55 over 7 decades"] = cf.Multisine(np.unique(np.round(np.geomspace(0.01, 1e5, 57), 2)))
    found["20 on a 100 kHz carrier"] = cf.Multisine(1e5 + np.cumsum(np.arange(20.0)))
    found["complex, 1..64"] = harmonics(range(1, 65), complex=True)
    return found


def by_method(ms: cf.Multisine, seconds: float, seed: int, **wanted: object) -> History:
    """A method of the package."""
    return list(cf.minimize_peak(ms, time_limit=seconds, seed=seed, **wanted).provenance.history)


def lowest_so_far(values: Iterator[float], seconds: float) -> History:
    """When which value was the lowest."""
    began, history, best = perf_counter(), [], np.inf
    with suppress(TimeoutError):
        for value in values:
            now = perf_counter() - began
            if now > seconds:
                break
            if value < best:
                best = value
                history.append((now, value))
    return history


def height(ms: cf.Multisine, phases: np.ndarray) -> float:
    """The figure of merit: the true peak over the RMS that the tones have over a long time."""
    return cf.true_peak(ms, phases) / ms.nominal_rms


def with_scipy(ms: cf.Multisine, seed: int, seconds: float) -> Iterator[float]:
    """Random starts of L-BFGS-B on p-norms, by FFT."""
    rng, end = np.random.default_rng(seed), perf_counter() + seconds
    numbers = ms.harmonic_numbers
    if not ms.complex and ms.is_narrow_band:
        numbers = numbers - numbers.min() + 8 * int(np.ptp(numbers))  # a lower carrier: nobody waits for the true one
    elif ms.complex:
        numbers = numbers - numbers.min()
    count = 16 * int(numbers.max())

    def norm(phases: np.ndarray, p: int) -> tuple[float, np.ndarray]:
        if perf_counter() > end:
            raise TimeoutError
        c = ms.amplitudes * np.exp(1j * phases)
        spectrum = np.zeros(count, complex)
        np.add.at(spectrum, numbers, c)
        z = np.fft.ifft(spectrum) * count
        x = z if ms.complex else z.real
        size = np.abs(x)
        top = size.max()
        powers = (size / top) ** (p - 2)
        total = float(np.sum(powers * (size / top) ** 2))
        back = np.fft.fft(x * powers / (top * top * total))[numbers]
        return float(np.log(top) + np.log(total) / p), np.imag(np.conj(c) * back)

    while True:
        phases = rng.uniform(0.0, 2.0 * np.pi, ms.n)
        for p in (4, 16, 64, 256):
            phases = minimize(norm, phases, (p,), jac=True, method="L-BFGS-B").x
        yield height(ms, phases)


def at_random(ms: cf.Multisine, seed: int) -> Iterator[float]:
    """Random phases, one after the other."""
    for number in range(MANY):
        yield height(ms, cf.random_phases(ms, seed=seed * MANY + number))


def measure(ms: cf.Multisine, seconds: float, seed: int) -> dict[str, History]:
    """The history of everybody on one problem."""
    found = {"search": by_method(ms, seconds, seed, use_atlas=False, workers=1)}
    if not (ms.is_narrow_band and not ms.complex) and not ms.has_repeated_frequencies:
        found["L2p"] = by_method(ms, seconds, seed, method="l2p", starts=MANY)
        found["clipping"] = by_method(ms, seconds, seed, method="clip", starts=MANY)
    found["L-BFGS-B"] = lowest_so_far(with_scipy(ms, seed, seconds), seconds)
    found["random"] = lowest_so_far(at_random(ms, seed), seconds)
    return found


def value_at(history: History, time: float) -> float:
    """The best crest factor at a time; infinite before there is any."""
    return min((value for seconds, value in history if seconds <= time), default=np.inf)


def time_to(history: History, value: float) -> float:
    """When a crest factor was reached; infinite if it never was."""
    return next((seconds for seconds, reached in history if reached <= value), np.inf)


def first_l2p(ms: cf.Multisine) -> tuple[float, float] | None:
    """Crest factor and seconds of one start of L2p from Schroeder's phases, twice run for warmth."""
    if (ms.is_narrow_band and not ms.complex) or ms.has_repeated_frequencies or ms.n * ms.harmonic_numbers.max() > 1e6:
        return None
    for _ in range(2):
        began = perf_counter()
        design = cf.minimize_peak(ms, method="l2p")
        seconds = perf_counter() - began
    return design.crest_factor, seconds


def ratio_row(name: str, ms: cf.Multisine, runs: list[dict[str, History]]) -> str | None:
    """How long the search takes to be as good as L2p's first start."""
    first = first_l2p(ms)
    if first is None:
        return None
    value, seconds = first
    ours = float(np.median([time_to(run["search"], value) for run in runs]))
    return f"| {name} | {value:.4f} | {seconds:.3f} s | {ours:.3f} s | {seconds / ours:.2g} |"


def ahead(runs: list[dict[str, History]]) -> tuple[float, str]:
    """By how much somebody was ever below the search, medians over the seeds, and who and when."""
    worst, who = 0.0, "nobody"
    times = np.geomspace(FIRST_S, max(seconds for run in runs for h in run.values() for seconds, _ in h) + 0.01, 60)
    for name in runs[0]:
        for time in times if name != "search" else ():
            theirs = float(np.median([value_at(run[name], time) for run in runs]))
            ours = float(np.median([value_at(run["search"], time) for run in runs]))
            if theirs < np.inf and ours / theirs - 1.0 > worst:
                worst, who = ours / theirs - 1.0, f"{name} at {time:.2g} s"
    return worst, who


def rows(name: str, runs: list[dict[str, History]], seconds: float) -> str:
    """One line of the second table."""
    cells = []
    for contestant in ("search", "L2p", "clipping", "L-BFGS-B", "random"):
        if contestant not in runs[0]:
            cells.append("–")
            continue
        moments = [time for time in TIMES if time <= seconds]
        values = [float(np.median([value_at(run[contestant], time) for run in runs])) for time in moments]
        cells.append(" ".join("–" if value == np.inf else f"{value:.4f}" for value in values))
    worst, who = ahead(runs)
    cells.append(who if worst > ALLOWED - 1.0 else "nobody")
    if worst > ALLOWED - 1.0:
        cells[-1] += ", before the search has an answer" if worst == np.inf else f", {worst:.1%}"
    return f"| {name} | " + " | ".join(cells) + " |"


def draw(results: dict[str, list[dict[str, History]]]) -> Figure:
    """One panel for each problem: the best crest factor so far against the time, first seed."""
    columns = 4
    lines = {
        "search": (DESIGN, "-"),
        "L2p": (BOUND, "-"),
        "clipping": (PEAK, "-"),
        "L-BFGS-B": (BOUND, ":"),
        "random": (PEAK, ":"),
    }
    figure = Figure(figsize=(11.0, 2.3 * -(-len(results) // columns)), layout="constrained")
    panels = figure.subplots(-(-len(results) // columns), columns, squeeze=False).ravel()
    for ax, (name, runs) in zip(panels, results.items(), strict=False):
        end = max(seconds for history in runs[0].values() for seconds, _ in history)
        for contestant, history in runs[0].items():
            if not history:
                continue
            colour, style = lines[contestant]
            times, values = zip(*history, (end, history[-1][1]), strict=True)
            ax.step(np.maximum(times, 0.01), values, where="post", color=colour, linestyle=style, label=contestant)
        lowest = min(history[-1][1] for history in runs[0].values() if history)
        ax.set(xscale="log", xlim=(0.01, None), ylim=(lowest - 0.01, lowest + 0.25), title=name)
        tidy(ax)
    for ax in panels[len(results) :]:
        ax.set_visible(False)
    panels[0].legend(fontsize="x-small")
    figure.supxlabel("seconds")
    figure.supylabel("crest factor")
    return figure


def main() -> None:
    """Measure, print, draw, and fill in the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="time for everybody on each problem")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of each")
    parser.add_argument("--only", help="only problems whose name contains this")
    parser.add_argument("--page", type=Path, help="page to fill in")
    parser.add_argument("--picture", type=Path, help="picture of the curves")
    options = parser.parse_args()
    cf.minimize_peak(cf.Multisine.harmonics(range(1, 8)), starts=1)  # imports and plans are nobody's
    results, ratios, lines = {}, [], []
    for name, ms in problems().items():
        if options.only is None or options.only in name:
            results[name] = [measure(ms, options.seconds, seed) for seed in range(options.seeds)]
            ratio = ratio_row(name, ms, results[name])
            ratios += [] if ratio is None else [ratio]
            lines.append(rows(name, results[name], options.seconds))
            print(ratio or "", lines[-1], sep="\n", flush=True)
    first = "| problem | L2p's first start | its time | the search is as good after | ratio |\n|---|---|---|---|---|\n"
    times = ", ".join(f"{time:g}" for time in TIMES if time <= options.seconds)
    second = (
        f"| crest factor after {times} s | search | L2p | clipping | L-BFGS-B | random | ahead of the search |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    if options.page is not None:
        fill(options.page, "anytime", first + "\n".join(ratios) + "\n\n" + second + "\n".join(lines) + "\n")
    if options.picture is not None:
        save_picture(draw(results), options.picture, overwrite=True)


if __name__ == "__main__":
    main()
