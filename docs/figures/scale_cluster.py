"""The picture and the second table of "Many machines" in docs/scale.md: what a thousand workers would find.

    python docs/figures/scale_cluster.py [--measure]

A batch is the unit of work (see ``crestfall.search.elimination``): random starts, of which the most promising are
polished. The lowest crest factors of independent batches are measured (``--measure``, minutes; kept in
``batch_minima.json``) and a Weibull distribution of minima is fitted to them: the least of ``k`` such batches is again
of this kind, with mean ``c₀ + s Γ(1 + 1/a) k^(−1/a)``. Starts per second are those of ``benchmarks/cluster.py``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import inf, lgamma
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import brentq
from scipy.special import gamma
from scipy.stats import weibull_min

import crestfall as cf
from crestfall.atlas import find
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.files.pictures import save_picture
from crestfall.files.pictures.style import BOUND, DESIGN, PEAK, tidy
from crestfall.search.elimination import batch_size
from crestfall.search.link import SearchLink
from crestfall.search.proposal import RandomStarts
from crestfall.search.task import Task

sys.path.insert(0, str(Path(__file__).parent))
from page import fill

DOCS = Path(__file__).parents[1]
MINIMA, MEASURED = (Path(__file__).parent / name for name in ("batch_minima.json", "cluster_measured.json"))
BATCHES = {31: 240, 64: 160, 256: 80}
"""Batches to measure, by number of tones."""
WORKERS = 1000
HOUR_S = 3600.0
RECORD_STEP = 1e-4
RESAMPLES = 40
SEEDS = 4
SHARE = 8
"""A search gets this part of the starts of all batches."""


def flat(n: int) -> cf.Multisine:
    return cf.Multisine.harmonics(range(1, n + 1))


def batch_minima(n: int, batches: int) -> list[float]:
    """Lowest crest factor of each of some batches of random starts."""
    problem, found = cf.Problem(flat(n)), []
    batch = batch_size(CompiledProblem(problem))
    for number in range(batches):
        task = Task(problem, RandomStarts(0, 10 + number * batch, batch), inf, 1.004, False, None)
        found.append(min(candidate.best[0] for candidate in task.run(SearchLink()).candidates))
    return found


def _shape_equation(shape: float, logs: np.ndarray) -> float:
    return float(np.average(logs, weights=np.exp(shape * (logs - logs.max()))) - 1 / shape - logs.mean())


@dataclass(frozen=True)
class Tail:
    """The fitted distribution of batch minima.

    Attributes:
        shape: ``a``.
        end: ``c₀``, below which there is nothing.
        scale: ``s``.
    """

    shape: float
    end: float
    scale: float

    @classmethod
    def fitted(cls, minima: np.ndarray, least_end: float) -> Tail:
        """Maximum likelihood over a range of ends, which must lie above what no phases can beat."""
        below = float(np.min(minima)) - np.geomspace(1e-5, float(np.min(minima)) - least_end, 60)
        fits = []
        for end in below:
            logs = np.log(minima - end)
            # With the end given, the scale follows from the shape, and the shape from one equation.
            shape = brentq(
                lambda a, x=logs: np.average(x, weights=np.exp(a * (x - x.max()))) - 1 / a - x.mean(), 0.1, 1e5
            )
            scale = float(np.exp(logs.max() + np.log(np.mean(np.exp(shape * (logs - logs.max())))) / shape))
            fits.append((float(np.sum(weibull_min.logpdf(minima, shape, end, scale))), shape, float(end), scale))
        _, shape, end, scale = max(fits)
        return cls(shape, end, scale)

    def least_of(self, batches: float) -> float:
        """Expected minimum of many batches."""
        return float(self.end + self.scale * gamma(1 + 1 / self.shape) * batches ** (-1 / self.shape))

    def gained(self, batches: float) -> float:
        """By how much ten times as many batches lower the expected minimum."""
        return self.least_of(batches) - self.least_of(10 * batches)

    def batches_to(self, crest_factor: float) -> float:
        """Batches after which the expected minimum is this."""
        if crest_factor <= self.end:
            return inf
        return float(((crest_factor - self.end) / (self.scale * gamma(1 + 1 / self.shape))) ** -self.shape)


def expected_least(minima: np.ndarray, batches: int) -> float:
    """Mean of the minimum of some of these batches, over all choices: no model."""
    rising = np.sort(minima)
    m = len(rising)

    def log_choose(a: int, b: int) -> float:
        return lgamma(a + 1) - lgamma(b + 1) - lgamma(a - b + 1)

    weights = [np.exp(log_choose(m - 1 - i, batches - 1) - log_choose(m, batches)) for i in range(m - batches + 1)]
    return float(np.dot(weights, rising[: m - batches + 1]))


def searched(n: int, starts: int) -> list[float]:
    """What searches of some starts each find, which go on from changed copies of the best."""
    return [cf.minimize_peak(flat(n), starts=starts, seed=seed, use_atlas=False).crest_factor for seed in range(SEEDS)]


@dataclass(frozen=True)
class Case:
    """One number of tones, with the fit and those of resampled batches."""

    n: int
    batch: int
    minima: np.ndarray
    searched: list[float]
    record: float
    starts_per_second: float
    tail: Tail
    resampled: list[Tail]

    def interval(self, quantity: Callable[[Tail], float]) -> tuple[float, float, float]:
        """A figure of the fit, and the range in which it lies for four fifths of the resampled ones."""
        low, high = np.quantile([quantity(tail) for tail in self.resampled], [0.1, 0.9], method="nearest")
        return quantity(self.tail), float(low), float(high)


def case_of(n: int, measured: dict[str, list[float]], starts_per_second: float) -> Case:
    minima = np.array(measured["minima"])
    known = find(flat(n))
    assert known is not None
    bound, rng = cf.lower_bound(flat(n)), np.random.default_rng(0)
    resampled = [Tail.fitted(rng.choice(minima, len(minima)), bound) for _ in range(RESAMPLES)]
    batch = batch_size(CompiledProblem(cf.Problem(flat(n))))
    tail, record = Tail.fitted(minima, bound), known[0].crest_factor
    return Case(n, batch, minima, measured["searched"], record, starts_per_second, tail, resampled)


def draw(cases: list[Case]) -> None:
    figure = Figure(figsize=(3.6 * len(cases), 3.4), layout="constrained")
    for case, axis in zip(cases, np.atleast_1d(figure.subplots(1, len(cases))), strict=True):
        most = WORKERS * case.starts_per_second * HOUR_S / case.batch
        batches = np.geomspace(1, most, 60)
        curves = np.array([[tail.least_of(k) for k in batches] for tail in case.resampled])
        low, high = np.quantile(curves, [0.1, 0.9], axis=0)
        axis.fill_between(case.batch * batches, low, high, color=PEAK, alpha=0.2, lw=0)
        axis.plot(case.batch * batches, [case.tail.least_of(k) for k in batches], color=PEAK, lw=1, label="fit")
        counts = np.unique(np.geomspace(1, len(case.minima) / 4, 12).astype(int))
        means = [expected_least(case.minima, int(k)) for k in counts]
        axis.plot(case.batch * counts, means, "o", color=DESIGN, ms=4, label="measured")
        starts = [len(case.minima) * case.batch / SHARE] * len(case.searched)
        axis.plot(starts, case.searched, "x", color="0.2", ms=5, label="searches from copies")
        axis.axhline(case.record, color=BOUND, lw=1, ls="--", label="the atlas")
        axis.set(xscale="log", title=f"{case.n} tones", xlabel="random starts")
        tidy(axis)
    figure.axes[0].set_ylabel("expected crest factor")
    figure.axes[0].legend(frameon=False, fontsize=8)
    save_picture(figure, DOCS / "images" / "scale_cluster.png", overwrite=True)


def hours(value: float) -> str:
    return "never" if value == inf else f"{value:.2g}"


def table(cases: list[Case]) -> str:
    lines = [
        "| tones | batches measured, the least | searches of so many starts | ten times the starts | 1 worker, 1 h | "
        f"{WORKERS} workers, 1 h | the atlas | worker-hours to the atlas | … and 0.0001 below it |",
        "|---" * 9 + "|",
    ]
    for case in cases:
        per_hour = case.starts_per_second * HOUR_S / case.batch
        found = [case.interval(partial(Tail.least_of, batches=k * per_hour)) for k in (1, WORKERS)]
        goals = (case.record, case.record - RECORD_STEP)
        needed = [case.interval(partial(Tail.batches_to, crest_factor=goal)) for goal in goals]
        decade = partial(Tail.gained, batches=len(case.minima))
        starts = len(case.minima) * case.batch // SHARE
        best = ", ".join(f"{value:.4f}" for value in sorted(case.searched))
        cells = [f"{case.n}", f"{len(case.minima)} of {case.batch} starts: {min(case.minima):.4f}"]
        cells += [f"{starts}: {best}", " … ".join(f"{value:.4f}" for value in case.interval(decade)[1:])]
        cells += [f"{value:.4f} ({low:.4f} … {high:.4f})" for value, low, high in found]
        cells += [f"{case.record:.4f}"]
        cells += [" … ".join(hours(batches / per_hour) for batches in (low, high)) for _, low, high in needed]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def saturation(measured: dict, cases: list[Case]) -> str:
    """Where the scheduler has no time left, and what goes over its wire then."""
    lines = [
        "| tones | time of a task | workers that saturate the scheduler | its messages then | "
        "the same with starts written out |",
        "|---" * 5 + "|",
    ]
    rate = 1 / measured["scheduler_s_per_task"]
    for case, row in zip(cases, measured["sizes"], strict=True):
        seconds = case.batch / case.starts_per_second
        # A task passes the scheduler twice, in and out, and so does its result.
        sent = [2 * rate * (row[key] + row["found_bytes"]) / 1e6 for key in ("task_bytes", "starts_bytes")]
        cells = [f"{case.n}", f"{seconds:.2f} s", f"{rate * seconds:.0f}", *(f"{value:.0f} MB/s" for value in sent)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", action="store_true", help="measure the batches again, too")
    arguments = parser.parse_args()
    if arguments.measure:
        found = {}
        for n, batches in BATCHES.items():
            starts = batches * batch_size(CompiledProblem(cf.Problem(flat(n)))) // SHARE
            found[str(n)] = {"minima": batch_minima(n, batches), "searched": searched(n, starts)}
        MINIMA.write_text(json.dumps(found) + "\n", encoding="utf-8")
    minima = json.loads(MINIMA.read_text(encoding="utf-8"))
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    rates = {row["tones"]: row["starts_per_second_1"] for row in measured["sizes"]}
    cases = [case_of(n, minima[str(n)], rates[n]) for n in BATCHES]
    draw(cases)
    fill(DOCS / "scale.md", "records-on-paper", table(cases))
    fill(DOCS / "scale.md", "saturation", saturation(measured, cases))


if __name__ == "__main__":
    main()
