"""Runs a method of the literature from one start or several, and measures what it found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from crestfall.certainty.measures import rms, true_peak
from crestfall.design.design import Design, Provenance
from crestfall.engine.closed_form import random_phases, schroeder
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.search.budget import Budget, Progress, ProgressCallback
from crestfall.search.literature.clipping import clip
from crestfall.search.literature.l2p import MOST_TONES, l2p
from crestfall.search.literature.method import Method, Step
from crestfall.signal.synthesis import Synthesis, band_numbers, grid_size

_BETWEEN_REPORTS_S = 0.1
_FINE_OVERSAMPLING = (32.0, 64.0)
_MOST_FINE_SAMPLES = 2**24
_FAIR_AMOUNT = 0.005


def _formula(ms: Multisine, start: FloatArray) -> Iterator[Step]:
    """No step at all: Schroeder's phases, with which every run begins, are their own answer."""
    return iter(())


@dataclass(frozen=True)
class Published:
    """A method by its name in print.

    Attributes:
        title: What it is called, with the paper and its year.
        steps: What it does.
        unproven: Why its answer need not be a minimum.
    """

    title: str
    steps: Method
    unproven: str


METHODS = {
    "schroeder": Published("Schroeder's phases (Schroeder 1970)", _formula, "a formula, nothing was searched"),
    "clip": Published("clipping (Van der Ouderaa et al. 1988)", clip, "clipping ends at no minimum"),
    "l2p": Published("L2p (Guillaume et al. 1991)", l2p, "a minimum of the 2p-norm over samples"),
}
"""The methods that ``minimize_peak`` knows besides its own."""


def run_baseline(
    ms: Multisine,
    method: str,
    *,
    starts: int | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    progress: ProgressCallback | None = None,
    target: float | None = None,
) -> Design:
    """Run a method of the literature exactly as it is, and keep the lowest true peak that it passes.

    Args:
        ms: The tones; all but Schroeder's formula need distinct frequencies.
        method: A key of ``METHODS``.
        starts: Number of starts: Schroeder's phases, then random ones. 1 by default, as in the papers.
        time_limit: Seconds after which the best so far is returned, checked between iterations.
        seed: Seed of the random starts.
        progress: Called now and then; it may raise ``StopIteration`` to end the run.
        target: Stop as soon as the crest factor is at most this.

    Returns:
        The design; its ``provenance`` names the method, its ``status`` proves nothing.

    Raises:
        ValueError: The method is unknown, or cannot be applied to these tones; ``starts`` is below 1 or ``time_limit``
            not above 0.

    Example:
        >>> ms = Multisine.harmonics(range(1, 16))
        >>> design = run_baseline(ms, "l2p")
        >>> design.crest_factor < 1.45, design.provenance.method
        (True, 'L2p (Guillaume et al. 1991)')
    """
    published = METHODS[_require_applicable(ms, method, starts)]
    with Budget(time_limit) as budget:
        run = _Run(ms, budget, progress, target, 1 if starts is None else int(starts))
        run.settle()
        while run.done < run.total and not budget.spent():
            for step in published.steps(ms, _start(ms, seed, run.done)):
                run.offer(step)
                run.report_now_and_then()
                if budget.spent():
                    break
            else:
                run.done += 1
            run.next_start()
            run.report()
        return run.design(published, seed if run.total > 1 else None)


def _start(ms: Multisine, seed: int, number: int) -> FloatArray:
    """Start 0 is Schroeder's; each other one is a function of the seed and its number alone."""
    return schroeder(ms) if number == 0 else random_phases(ms, np.random.default_rng([seed, number]))


class _Run:
    """The best so far, and what is told about it.

    Certifying a true peak costs far more than a step of clipping. A step is therefore judged by the samples of a fine
    grid, a lower bound of its true peak, and only steps that lower it by a fair amount, and the best step of a start,
    are certified. Which ones these are does not depend on the clock.
    """

    def __init__(
        self, ms: Multisine, budget: Budget, progress: ProgressCallback | None, target: float | None, total: int
    ) -> None:
        self.ms, self.budget, self.progress, self.target, self.total = ms, budget, progress, target, total
        self.done = 0
        self.best = schroeder(ms)
        self.best_peak = true_peak(ms, self.best)
        self.rms = rms(ms, self.best)
        self.history = [(budget.elapsed, self.best_peak / self.rms)]
        self.candidate: FloatArray | None = None
        self.candidate_peak = self.certified_peak = self.best_peak
        self.told_s = 0.0
        numbers = band_numbers(ms)
        band = max(1, int(np.max(np.abs(numbers))))
        oversampling = np.clip(_MOST_FINE_SAMPLES / band, *_FINE_OVERSAMPLING)
        self.fine = Synthesis(numbers, grid_size(band, oversampling), complex=ms.complex)

    def offer(self, step: Step) -> None:
        """Remember the phases if their true peak may be the lowest so far."""
        if step.sample_peak >= self.candidate_peak:
            return
        scale = self.ms.amplitude_scale
        coefficients = self.ms.amplitudes / scale * np.exp(1j * step.phases)
        peak = scale * float(np.max(np.abs(self.fine.samples(coefficients))))
        if peak >= self.candidate_peak:
            return
        self.candidate, self.candidate_peak = step.phases, peak
        may_end = self.target is not None and peak <= self.target * self.rms
        if may_end or peak < (1.0 - _FAIR_AMOUNT) * self.certified_peak:
            self.settle()

    def settle(self) -> None:
        """Certify the phases that were remembered, and keep them if their true peak is the lowest so far."""
        if self.candidate is not None:
            peak = true_peak(self.ms, self.candidate)
            if peak < self.best_peak:
                self.best, self.best_peak = self.candidate, peak
                self.history.append((self.budget.elapsed, peak / self.rms))
            self.certified_peak = self.candidate_peak
            self.candidate = None
        if self.target is not None and self.best_peak <= self.target * self.rms:
            self.budget.end("target reached")

    def next_start(self) -> None:
        """Forget how low samples were whose true peak was not."""
        self.settle()
        self.candidate_peak = self.certified_peak = self.best_peak

    def report_now_and_then(self) -> None:
        """Tell the progress callback if it has waited long enough: one start of many tones may take minutes."""
        if self.budget.elapsed - self.told_s >= _BETWEEN_REPORTS_S:
            self.report()

    def report(self) -> None:
        """Tell the progress callback; it may end the run."""
        self.told_s = self.budget.elapsed
        if self.progress is None:
            return
        best = self.best_peak / self.rms
        total, time = self.total, self.budget
        try:
            self.progress(Progress(best, self.done, total, time.elapsed, time.time_left, "starts"))
        except StopIteration:
            self.budget.end("stopped by the progress callback")

    def design(self, published: Published, seed: int | None) -> Design:
        """The best, measured and wrapped up."""
        starts = f"{self.done} {'start' if self.done == 1 else 'starts'}"
        ended = f"best of {starts}" if self.budget.reason is None else f"{self.budget.reason} after {starts}"
        provenance = Provenance(published.title, seed, self.done, self.budget.elapsed, history=tuple(self.history))
        status = f"not converged: {ended}, {published.unproven}"
        return Design.of(self.ms, np.mod(self.best, 2.0 * np.pi), status=status, provenance=provenance)


def _require_applicable(ms: Multisine, method: str, starts: int | None) -> str:
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; choose one of {', '.join(map(repr, METHODS))}")
    if starts is not None and (starts < 1 or starts != int(starts)):
        raise ValueError(f"starts is {starts}; give an integer of at least 1, or None for one start")
    if method == "schroeder":
        if starts is not None and starts != 1:
            raise ValueError(f"starts is {starts}, but method 'schroeder' is a formula with one answer; leave it out")
        return method
    if ms.has_repeated_frequencies:
        raise ValueError(
            f"method {method!r} gives each frequency one phase, and a frequency occurs twice; use method 'minimax'"
        )
    if method == "l2p" and ms.n > MOST_TONES:
        raise ValueError(
            f"method 'l2p' solves dense equations, and {ms.n} tones are more than {MOST_TONES}; use method 'minimax'"
        )
    return method
