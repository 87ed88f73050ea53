"""Phases of a finite alphabet: all sequences where that is possible, else a search that begins with rounded phases."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from math import isqrt

import numpy as np

from crestfall.engine.closed_form import newman, rudin_shapiro, schroeder
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.discrete.amplitudes import best_amplitudes
from crestfall.engine.discrete.exhaustive import can_try_all, try_all
from crestfall.engine.discrete.local_search import Chain, Descent
from crestfall.engine.discrete.rounding import best_rounded
from crestfall.engine.discrete.sequences import Sequences, StoppedError
from crestfall.engine.solvers.continuation import LATE, follow
from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.constraints import Alphabet
from crestfall.problem.problem import Problem
from crestfall.search.budget import Budget
from crestfall.search.effort import EFFORT_FIELDS, Effort
from crestfall.search.executors.executor import WorkersLostError
from crestfall.search.memory import LIBRARIES
from crestfall.search.methods.discrete_chains import Chains, Ends
from crestfall.search.methods.minimax import Minimax
from crestfall.search.run import Run, Solution
from crestfall.search.starts import Starts
from crestfall.signal.window_signal import schroeder_in_window

_CHAINS, _DESCENTS = 8, 5
"""Chains of descents that run side by side, and descents of each in a round."""
_FEWEST, _MOST, _NUMBERS = 8, 4000, 4e9
"""Least and largest default number of descents; between them, it is such that about 4e9 numbers are computed."""
_MOST_TONES_TO_POLISH, _MOST_TONES_FOR_CONTINUOUS = 128, 4096
_CONTINUOUS_SHARE, _DIVISORS_SHARE, _SEQUENCES_SHARE = 0.3, 0.7, 0.6
"""Of the time that is left: for the continuous optimum, for smaller alphabets, and for phases before amplitudes."""
_CONTINUOUS_STARTS, _CONTINUOUS_WORK = 64, 2**12
_CONTINUOUS_TONE_S = 2e-3
"""Least time [s] for each tone in which a search over continuous phases gets anywhere."""
_MOST_DIVISORS, _MOST_OF_MANY_LEVELS = 8, 4
"""Smaller alphabets that the search begins with, the smallest ones; with very many levels they help less."""
_EXHAUSTIVE_S = 1.0
"""Time [s] that trying all sequences may take where a number of starts is asked for."""
_VERY_MANY_TONES, _TOO_SHORT = 5000, "time limit too short for single changes"
"""Symbols from which a search begins only if there is time to look at all single changes, and what is said if not."""
_GRACE_S = 0.1
"""Time [s] to look at what was on its way down when time was up."""
_KEPT, _AMPLITUDE_ROUNDS = 4, 3
_REPORT_S = 0.1
_OPTIONS = frozenset(EFFORT_FIELDS) - {"device", "dtype", "prove"}


@dataclass(frozen=True)
class Discrete:
    """Phases ``2πm / levels``: all sequences, or an iterated local search over single symbols.

    If there are few enough sequences, not counting symmetries, all are tried and the answer is proven: up to a few
    seconds of work, or about a second if a number of starts is given. Otherwise the search begins with closed forms and
    the continuous optimum, shifted in time and rounded, and with the best sequences of the alphabets that are a part of
    this one; then single symbols and random kicks lower the peak. With more than 256 levels, only some of the changes
    of a symbol are tried.

    Example:
        >>> from crestfall import Multisine, minimize_peak
        >>> ms = Multisine.harmonics(range(1, 9))
        >>> minimize_peak(Problem(ms, phases=[Alphabet(2)]), method=Discrete()).status
        'global optimum: all 128 sequences of the alphabet'
    """

    name: str = field(default="discrete", init=False)
    options: frozenset[str] = field(default=_OPTIONS, init=False, repr=False)
    abilities: frozenset[str] = field(default=frozenset(), init=False, repr=False)

    def refusal(self, problem: Problem) -> str | None:
        """It takes every problem with an alphabet."""
        return "it has no alphabet of phases; add Alphabet(levels) to its phases" if problem.alphabet is None else None

    def run(self, run: Run) -> Solution:
        """Search until all sequences have been tried, or the descents or the budget are spent."""
        search = _Search(run)
        try:
            return search.solution()
        except WorkersLostError as lost:
            run.budget.end(str(lost))
            return search.as_it_is()


class _Search:
    """One search: what it knows, and where it offers what it finds."""

    def __init__(self, run: Run) -> None:
        self.run, self.problem = run, run.problem.problem
        self.levels = self.problem.alphabet or 0
        self.free = run.problem.phase_map.n_free
        begin = run.problem.nearest(np.zeros(run.problem.ms.n))
        self.amplitudes = begin[self.free :]
        self.tones = run.problem.tones(begin)
        self.workers = run.effort.processes()
        most = _MOST_DIVISORS if self._sequences(self.levels).tries_all_steps else _MOST_OF_MANY_LEVELS
        self.divisors = [d for d in _divisors(self.levels) if self._fits(d)][:most]
        self.best: dict[int, tuple[float, IntArray]] = {}  # by levels: value, and symbols of that alphabet
        self.kept: list[tuple[float, IntArray]] = []
        self.ends_a_descent = False
        self.reported_s = 0.0

    def _fits(self, levels: int) -> bool:
        try:
            Alphabet(levels).require_fit(self.problem.phase_map)
        except ValueError:  # held or linked phases are of the larger alphabet only
            return False
        return True

    # ------------------------------------------------------------------ the course of the search

    def solution(self) -> Solution:
        """Run the search."""
        run, main = self.run, self._sequences(self.levels)
        guides = self._simple_phases()
        self._offer_rounded(main, guides)
        if not self.free:
            self._choose_amplitudes()
            if self.amplitudes.size:
                status = "amplitudes within their ranges, not proven; the constraints leave no phases to choose"
                return run.solution("phases", status=status)
            return run.solution("constraints", status="global optimum: the constraints leave nothing to choose")
        if self._can_try_all(main, run.budget):
            return self._all(main)
        run.total = self._count(main)
        guides += self._continuous_optimum()
        budget = self._part(_SEQUENCES_SHARE) if self.amplitudes.size else run.budget
        starts = self._best_of_divisors(guides, budget)
        self._descend(main, guides, starts, budget)
        self._choose_amplitudes()
        return self.as_it_is()

    def _can_try_all(self, sequences: Sequences, budget: Budget) -> bool:
        """Whether to try all sequences; a number of starts, if one is asked for, then counts for nothing."""
        if self.amplitudes.size:
            return False
        times = [budget.time_left, _EXHAUSTIVE_S if self.run.effort.starts is not None else None]
        return can_try_all(sequences, min((time for time in times if time is not None), default=None))

    def as_it_is(self) -> Solution:
        """The best so far."""
        run = self.run
        tried = "single symbols" if self._sequences(self.levels).tries_all_steps else "some changes of single symbols"
        what = f"local optimum over {tried}" if self.ends_a_descent else "not converged"
        status = f"{what}: {run.ended}"
        if self.amplitudes.size:
            status = f"amplitudes within their ranges, not proven; {status}"
        return run.solution(self._method("discrete local search"), status=status, seed=run.effort.seed)

    def _method(self, how: str) -> str:
        fewer = " and ".join(map(str, self.divisors))
        begun = f", begun from designs with {fewer} phases" if self.divisors and "local" in how else ""
        return f"{how}, {self.levels} phases{begun}"

    def _all(self, sequences: Sequences) -> Solution:
        """All sequences, and the proof that comes with them."""
        run = self.run
        starts = best_rounded(sequences, self._simple_phases(), run.effort.seed, _CHAINS, run.spent)
        # The better the best so far, the fewer of all sequences have to be certified.
        chains, counts = self._chains(sequences, starts), [_DESCENTS] * _CHAINS
        for ends in Chains(sequences, 1, None, run.budget).advance(chains, counts):
            self._take(sequences, ends)
        run.done = seen = self._try_all(sequences, run.budget)
        if seen == sequences.total:
            status = f"global optimum: all {seen} sequences of the alphabet"
            return run.solution(self._method("exhaustive search"), status=status)
        status = f"best of {seen} of all {sequences.total} sequences: {run.budget.reason}"
        return run.solution(self._method("exhaustive search"), status=status)

    def _try_all(self, sequences: Sequences, budget: Budget) -> int:
        def stop() -> bool:
            self._report("all sequences")
            return budget.spent()

        def value(symbols: IntArray) -> float:
            return self.run.problem.value(self._variables(sequences, symbols))

        def found(value: float, symbols: IntArray) -> None:
            self._keep(sequences, value, symbols)
            self.run.offer(value, self._variables(sequences, symbols))

        return try_all(sequences, self.best[sequences.levels][0], value, stop, found)

    def _best_of_divisors(self, guides: list[FloatArray], budget: Budget) -> list[IntArray]:
        """The best sequences of alphabets that are a part of this one, in its symbols.

        Each search is what it would be if that alphabet were asked for: more symbols are never worse for as many
        descents.
        """
        left = budget.time_left
        for levels in self.divisors:
            if budget.spent():
                break
            own = Budget(None if left is None else _DIVISORS_SHARE * left / len(self.divisors), outer=budget)
            sequences = self._sequences(levels)
            self._offer_rounded(sequences, guides)
            if not (self._can_try_all(sequences, own) and self._try_all(sequences, own) == sequences.total):
                self._descend(sequences, guides, self._smaller(levels), own)
        return self._smaller(self.levels)

    def _smaller(self, levels: int) -> list[IntArray]:
        """The best sequences of smaller alphabets, in the symbols of one that they are a part of."""
        return [self.best[d][1] * (levels // d) for d in self.best if d < levels and levels % d == 0]

    def _descend(self, sequences: Sequences, guides: list[FloatArray], starts: list[IntArray], budget: Budget) -> None:
        """Chains of descents, in rounds whose results do not depend on who computes them."""
        run, main = self.run, sequences.levels == self.levels
        left = budget.time_left
        if sequences.n >= _VERY_MANY_TONES and left is not None and left < sequences.seconds:
            if main:
                run.budget.end(_TOO_SHORT)
            return
        starts = starts[-_KEPT:] + best_rounded(sequences, guides, run.effort.seed, _KEPT, budget.spent)
        for symbols in starts:
            if budget.spent():
                return
            self.offer(sequences, symbols)
            self._lower(sequences, symbols, budget)
        chains = self._chains(sequences, starts)
        runner = Chains(sequences, self.workers, run.effort.client, budget)
        total, done = self._count(sequences), 0
        while not budget.spent() and (total is None or done < total):
            left = _CHAINS * _DESCENTS if total is None else total - done
            counts = [min(_DESCENTS, max(0, left - k * _DESCENTS)) for k in range(_CHAINS)]
            with closing(runner.advance(chains, counts)) as rounds:  # ends its tasks even if a callback raises
                for ends in rounds:
                    done += len(ends)
                    run.done += len(ends) if main else 0
                    self._take(sequences, ends)
                    self._report(f"{sequences.levels} phases")
        if main and not self.ends_a_descent and not self.amplitudes.size:
            self._lower(sequences, self.best[self.levels][1], budget)
        self._take_interrupted(sequences, chains)

    def _take_interrupted(self, sequences: Sequences, chains: list[Chain]) -> None:
        """Take what was on its way down when time was up, if that needs only a moment."""
        grace = Budget(_GRACE_S)
        try:
            for chain in chains:
                if chain.descent is not None and not grace.spent():
                    symbols = chain.descent.symbols
                    height = float(sequences.height(sequences.samples(symbols, grace.spent)))
                    self._take(sequences, [(symbols, height)], ended=False)
        except StoppedError:
            return

    def _lower(self, sequences: Sequences, symbols: IntArray, budget: Budget) -> None:
        """Lower the height of a good sequence itself: a descent of the norm may lead away from it."""
        descent = Descent(symbols, by_height=True)
        descent.run(sequences, budget.spent)
        ended = descent.has_ended and sequences.levels == self.levels
        self.offer(sequences, descent.symbols, ended=ended)

    def _chains(self, sequences: Sequences, starts: list[IntArray]) -> list[Chain]:
        def rng(k: int) -> np.random.Generator:
            return np.random.default_rng([self.run.effort.seed, sequences.levels, k])

        return [Chain(rng(k), starts[k] if k < len(starts) else None) for k in range(_CHAINS)]

    # ------------------------------------------------------------------ amplitudes

    def _choose_amplitudes(self) -> None:
        """Where amplitudes may move: choose them for the best sequences, descend once more at them, and so on."""
        if not self.amplitudes.size:
            return
        run, compiled = self.run, self.run.problem
        for _, symbols in list(self.kept):
            best = np.inf
            variables = np.append(self._sequences(self.levels).variables(symbols), self.amplitudes)
            for _ in range(_AMPLITUDE_ROUNDS):
                if run.spent():
                    return
                variables = best_amplitudes(compiled, variables, run.spent)
                value = compiled.value(variables)
                if run.offer(value, variables):
                    self.ends_a_descent = False
                self._report("amplitudes")
                if not value < best:
                    break
                best = value
                variables = self._descended(variables)

    def _descended(self, variables: FloatArray) -> FloatArray:
        """The variables after one more descent of their symbols, at their amplitudes."""
        run, compiled = self.run, self.run.problem
        sequences = Sequences(self.problem, self.levels, compiled.tones(variables), self._memory)
        descent = Descent(self._symbols(variables))
        descent.run(sequences, run.spent)
        variables = np.append(sequences.variables(descent.symbols), variables[self.free :])
        run.offer(compiled.value(variables), variables)
        if descent.has_ended and np.array_equal(variables, run.best):
            self.ends_a_descent = True
        return variables

    # ------------------------------------------------------------------ where to begin

    def _simple_phases(self) -> list[FloatArray]:
        """Phases at no cost: those that the tones came with, and closed forms."""
        ms = self.tones
        found = [] if ms.initial_phases is None else [ms.initial_phases]
        if self.run.effort.closed_forms:
            if self.problem.window is not None:
                found.append(schroeder_in_window(ms, self.problem.window))
            if ms.has_period:
                found += [schroeder(ms), newman(ms), rudin_shapiro(ms)]
        return found or [np.random.default_rng(self.run.effort.seed).uniform(0.0, 2.0 * np.pi, ms.n)]

    def _continuous_optimum(self) -> list[FloatArray]:
        """The best phases without an alphabet, at the amplitudes as they are; nothing where there is no time for it."""
        run, effort, ms = self.run, self.run.effort, self.tones
        left = run.budget.time_left
        share = None if left is None else _CONTINUOUS_SHARE * left
        short = share is not None and share < _CONTINUOUS_TONE_S * ms.n
        if ms.n > _MOST_TONES_FOR_CONTINUOUS or short or run.spent():
            return []
        self._report("continuous phases")
        problem = replace(self.problem.with_fixed_amplitudes(ms), phases=self.problem.constraints)
        budget, compiled = Budget(share, outer=run.budget), CompiledProblem(problem)
        if ms.n > _MOST_TONES_TO_POLISH:  # rounding undoes what a polish gains
            starts = Starts(compiled, effort.seed, closed_forms=effort.closed_forms).batch(0, 1)
            variables, _ = follow(compiled, starts, compiled.path[: LATE + 1], budget.spent)
            return [np.asarray(compiled.phases(variables[0]))]
        count = int(np.clip(_CONTINUOUS_WORK // ms.n, 1, _CONTINUOUS_STARTS))
        asked = Effort(
            starts=count,
            seed=effort.seed,
            workers=1,
            use_atlas=effort.use_atlas,
            closed_forms=effort.closed_forms,
            max_memory=effort.max_memory,
        )
        inner = Run(compiled, asked, budget)
        return [np.asarray(inner.problem.phases(Minimax().run(inner).variables))]

    # ------------------------------------------------------------------ small parts

    def _offer_rounded(self, sequences: Sequences, guides: list[FloatArray]) -> None:
        """Offer the sequences next to given phases, so that there is an answer at once."""
        for phases in guides:
            if sequences.levels in self.best and self.run.spent():
                return
            self.offer(sequences, sequences.rounded(phases))

    def _keep(self, sequences: Sequences, value: float, symbols: IntArray) -> None:
        """Remember the best sequence of each alphabet."""
        if sequences.levels not in self.best or value < self.best[sequences.levels][0]:
            self.best[sequences.levels] = (value, symbols)

    def offer(self, sequences: Sequences, symbols: IntArray, *, ended: bool = False) -> None:
        """Offer a sequence at the amplitudes as they are, certified."""
        variables = self._variables(sequences, symbols)
        value = self.run.problem.value(variables)
        self._keep(sequences, value, symbols)
        if self.run.offer(value, variables):
            self.ends_a_descent = False
        if ended and np.array_equal(variables, self.run.best):
            self.ends_a_descent = True
        known = any(np.array_equal(variables[: self.free], 2 * np.pi * each / self.levels) for _, each in self.kept)
        if self.amplitudes.size and not known:
            kept = [*self.kept, (value, self._symbols(variables))]
            self.kept = sorted(kept, key=lambda one: one[0])[:_KEPT]

    def _take(self, sequences: Sequences, ends: Ends, *, ended: bool = True) -> None:
        """Offer what may be better than the best, or among the few that are kept."""
        main = sequences.levels == self.levels
        for symbols, height in ends:
            worst = self.kept[-1][0] if len(self.kept) == _KEPT else np.inf
            highest = worst if self.amplitudes.size else self.best[sequences.levels][0]
            if height * sequences.margin <= highest:
                self.offer(sequences, symbols, ended=ended and main)

    def _variables(self, sequences: Sequences, symbols: IntArray) -> FloatArray:
        """All variables of a sequence of this or a smaller alphabet, exactly as this one has them."""
        factor = self.levels // sequences.levels
        return np.append(2.0 * np.pi * (symbols * factor) / self.levels, self.amplitudes)

    def _symbols(self, variables: FloatArray) -> IntArray:
        return np.rint(variables[: self.free] * self.levels / (2.0 * np.pi)).astype(np.int64) % self.levels

    def _sequences(self, levels: int) -> Sequences:
        return Sequences(self.problem, levels, self.tones, self._memory)

    @property
    def _memory(self) -> float:
        most = self.run.effort.max_memory
        return 2.0**28 if most is None else max(0.0, min(2.0**28, 0.5 * (most - LIBRARIES)))

    def _part(self, share: float) -> Budget:
        left = self.run.budget.time_left
        return Budget(None if left is None else share * left, outer=self.run.budget)

    def _count(self, sequences: Sequences) -> int | None:
        """How many descents: as many as asked for, or what about the same work comes to; ``None`` until time is up."""
        if not self.run.effort.is_open:
            return self.run.effort.starts
        # Where a sample of the changes is tried, a symbol gets to its place in many steps.
        changes = sequences.n * (1 if sequences.tries_all_steps else sequences.levels.bit_length() ** 2)
        work = changes * sequences.n * len(sequences.steps) * sequences.size
        return int(np.clip(_NUMBERS / work, _FEWEST, _MOST))

    def _report(self, stage: str) -> None:
        now = self.run.budget.elapsed
        if now - self.reported_s >= _REPORT_S or self.reported_s == 0.0:
            self.reported_s = now
            self.run.report(stage)


def _divisors(levels: int) -> list[int]:
    """Divisors from 2 up to half of the levels, the smallest first."""
    small = [d for d in range(1, isqrt(levels) + 1) if levels % d == 0]
    return sorted({*small, *(levels // d for d in small)} - {1, levels})
