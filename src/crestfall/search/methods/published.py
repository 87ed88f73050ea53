"""Methods of the literature, run as published from one start or several; what they find is certified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from crestfall.certainty.measures import rms, true_peak
from crestfall.engine.closed_form import random_phases, schroeder
from crestfall.problem import compatibility as pairs
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.search.run import Run, Solution
from crestfall.signal.synthesis import Synthesis, band_numbers, grid_size

_BETWEEN_REPORTS_S = 0.1
_FINE_OVERSAMPLING = (32.0, 64.0)
_MOST_FINE_SAMPLES = 2**24
_FAIR_AMOUNT = 0.005
_OPTIONS = frozenset({"starts", "time_limit", "seed", "target", "stall_limit"})


class Step(NamedTuple):
    """Where an iteration stands.

    Attributes:
        phases: ``(n,)`` phases [rad].
        sample_peak: Largest ``|x|`` over the method's own grid, in the unit of the amplitudes. The true peak is not
            below it, so phases whose samples are already too high need not be certified.
    """

    phases: FloatArray
    sample_peak: float


@dataclass(frozen=True)
class PublishedMethod:
    """A method as its paper has it; the lowest true peak that it passes is kept.

    Start 0 is Schroeder's phases, as in the papers; ``Effort.starts`` asks for random ones, too. A subclass gives
    ``name``, ``title``, ``unproven`` and ``steps``.

    Attributes:
        name: What it is called in ``minimize_peak(method=…)``.
        title: What it is called, with the paper and its year.
        unproven: Why its answer need not be a minimum.
    """

    name: str = field(default="", init=False)
    title: str = field(default="", init=False, repr=False)
    unproven: str = field(default="", init=False, repr=False)
    options: frozenset[str] = field(default=_OPTIONS, init=False, repr=False)
    abilities: frozenset[str] = field(default=frozenset({pairs.PUBLISHED_METHOD}), init=False, repr=False)

    def steps(self, ms: Multisine, start: FloatArray) -> Iterator[Step]:
        """What it does from a start ``(n,)`` [rad]: the start, if it is one step, and then each iteration."""
        raise NotImplementedError

    def refusal(self, problem: Problem) -> str | None:
        """It gives each frequency one phase."""
        if problem.tones.has_repeated_frequencies:
            return "it gives each frequency one phase, and a frequency occurs twice; use method 'minimax'"
        return None

    def run(self, run: Run) -> Solution:
        """Run from Schroeder's phases, then from random ones, until the starts or the budget are spent."""
        ms, effort = run.problem.ms, run.effort
        run.total = 1 if effort.starts is None else effort.starts
        kept = Kept(run)
        while run.done < run.total and not run.spent():
            for step in self.steps(ms, _start(ms, effort.seed, run.done)):
                kept.offer(step)
                kept.report_now_and_then()
                if run.spent():
                    break
            else:
                run.done += 1
            kept.next_start()
            run.report("starts")
        seed = effort.seed if run.total > 1 else None
        return run.solution(self.title, status=f"not converged: {run.ended}, {self.unproven}", seed=seed)


def _start(ms: Multisine, seed: int, number: int) -> FloatArray:
    """Start 0 is Schroeder's; each other one is a function of the seed and its number alone."""
    return schroeder(ms) if number == 0 else random_phases(ms, np.random.default_rng([seed, number]))


class Kept:
    """The best so far.

    Certifying a true peak costs far more than a step of clipping. A step is therefore judged by the samples of a fine
    grid, a lower bound of its true peak, and only steps that lower it by a fair amount, and the best step of a start,
    are certified. Which ones these are does not depend on the clock.

    Args:
        run: Where what is certified goes.
        fair_amount: Relative fall of the samples that is worth a certificate.
    """

    def __init__(self, run: Run, fair_amount: float = _FAIR_AMOUNT) -> None:
        self.run, self.ms, self.fair_amount = run, run.problem.ms, fair_amount
        self.scale = self.ms.amplitude_scale
        self.amplitudes = self.ms.amplitudes / self.scale
        self.rms = rms(self.ms, schroeder(self.ms))
        self.candidate: FloatArray | None = schroeder(self.ms)
        self.candidate_peak = self.certified_peak = float("inf")
        self.reported_s = 0.0
        self._certify()
        numbers = band_numbers(self.ms)
        band = max(1, int(np.max(np.abs(numbers))))
        oversampling = np.clip(_MOST_FINE_SAMPLES / band, *_FINE_OVERSAMPLING)
        self.fine = Synthesis(numbers, grid_size(band, oversampling), complex=self.ms.complex)
        self.next_start()

    @property
    def best_peak(self) -> float:
        """The true peak of the best so far."""
        return self.run.best_value * self.rms

    def offer(self, step: Step) -> None:
        """Remember the phases if their true peak may be the lowest so far."""
        if step.sample_peak >= self.candidate_peak:
            return
        coefficients = self.amplitudes * np.exp(1j * step.phases)
        peak = self.scale * float(np.max(np.abs(self.fine.samples(coefficients))))
        if peak >= self.candidate_peak:
            return
        self.candidate, self.candidate_peak = step.phases, peak
        target = self.run.effort.target
        may_end = target is not None and peak <= target * self.rms
        if may_end or peak < (1.0 - self.fair_amount) * self.certified_peak:
            self._certify()

    def _certify(self) -> None:
        """Certify the phases that were remembered, and keep them if their true peak is the lowest so far."""
        if self.candidate is not None:
            self.run.offer(true_peak(self.ms, self.candidate) / self.rms, self.candidate)
            self.certified_peak = self.candidate_peak
            self.candidate = None

    def next_start(self) -> None:
        """Forget how low samples were whose true peak was not."""
        self._certify()
        self.candidate_peak = self.certified_peak = self.best_peak

    def report_now_and_then(self) -> None:
        """Report if the last report was long ago: one start of many tones may take minutes."""
        elapsed = self.run.budget.elapsed
        if elapsed - self.reported_s >= _BETWEEN_REPORTS_S:
            self.reported_s = elapsed
            self.run.report("starts")
