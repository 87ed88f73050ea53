"""The method of this package: many starts along the p-norm path, poor ones eliminated, the best polished."""

from __future__ import annotations

from dataclasses import dataclass, field

from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.problem.arguments import shown
from crestfall.problem.arrays import FloatArray
from crestfall.problem.notes import note
from crestfall.problem.problem import Problem
from crestfall.search.effort import EFFORT_FIELDS, Effort
from crestfall.search.explore import Search
from crestfall.search.known import Known, known_design
from crestfall.search.known_bound import with_known_bounds
from crestfall.search.memory import free_on, largest_batch, require_fit
from crestfall.search.refine import Candidate, refined, will_be_polished
from crestfall.search.run import Run, Solution
from crestfall.search.starts import default_starts
from crestfall.search.status import status_of
from crestfall.search.strategy import SHAKE_AND_REDRAW, Strategy
from crestfall.signal.backend import backend_of

_MOST_TONES_IN_PROCESSES = 4096
_UNLIMITED = 2**30


@dataclass(frozen=True)
class Minimax:
    """p-norm continuation and minimax polish, over random starts and large perturbations of the best.

    Attributes:
        strategy: Where starts come from once good designs are known (see ``crestfall.search.strategy``).

    Example:
        >>> from crestfall import Multisine, minimize_peak
        >>> from crestfall.search.strategy import MULTI_START
        >>> design = minimize_peak(Multisine.harmonics(range(1, 8)), method=Minimax(MULTI_START), starts=8)
        >>> design.status.startswith("local minimax")
        True
    """

    strategy: Strategy = SHAKE_AND_REDRAW
    name: str = field(default="minimax", init=False)
    options: frozenset[str] = field(default=frozenset(EFFORT_FIELDS), init=False, repr=False)
    abilities: frozenset[str] = field(default=frozenset(), init=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.strategy, Strategy):
            raise TypeError(
                f"strategy is {shown(self.strategy)}; give a Strategy of crestfall.search.strategy, such as MULTI_START"
            )

    def refusal(self, problem: Problem) -> str | None:
        """It takes every problem without an alphabet."""
        return None if problem.alphabet is None else "it chooses phases freely; an alphabet has a method of its own"

    def run(self, run: Run) -> Solution:
        """Search until the starts or the budget are spent."""
        problem, effort = run.problem, run.effort
        known = known_design(problem.problem) if effort.use_atlas else None
        exact = known is not None and problem.problem.is_only_true_peak
        if known is not None and exact and effort.is_open:
            return _from_atlas(run, known)
        total = default_starts(problem) if effort.is_open else effort.starts
        batch = _batch_that_fits(problem, total, effort)
        run.total = total
        processes = effort.processes(worthwhile=problem.ms.n <= _MOST_TONES_IN_PROCESSES)
        search = Search(run, total, processes, self.strategy, batch)
        begun = [] if known is None else [problem.variables_of(known.phases, problem.without_extra_tones())]
        if not exact:  # a minimum of something else, at best
            begun = [_refined(run, variables) for variables in begun]
        if run.begin is not None:
            begun.append(_refined(run, run.begin))
        search.run(*begun)
        if will_be_polished(problem) and not run.spent():
            run.report("polish")
            _refined(run, run.best)
        method = "p-norm continuation, minimax polish" if will_be_polished(problem) else "p-norm continuation"
        if known is not None:
            method += f", begun with the atlas of {known.date}"
        return run.solution(method, status=status_of(problem, run.best, run.ended), seed=effort.seed)


def _refined(run: Run, variables: FloatArray) -> FloatArray:
    """The minimum next to a design that the search begins with."""
    candidate = Candidate(run.problem.value(variables), variables)
    found = refined(run.problem, candidate, run.link, thorough=True, to_the_end=True)
    run.offer(*found.best)
    return found.best[1]


def _from_atlas(run: Run, known: Known) -> Solution:
    """The design of the atlas as the answer."""
    problem, phases = run.problem, known.phases
    run.offer(problem.value(phases), phases)
    method = f"atlas of {known.date}"
    if not known.proven:
        return Solution(phases, method, status=status_of(problem, phases, f"from the atlas of {known.date}"))
    if run.effort.checkpoint is not None:
        note(
            "the checkpoint is not used: the atlas knows that its design for these tones is the best; without the "
            "atlas it is proved here"
        )
    status = f"global optimum to 0.1 %: branch and bound, from the atlas of {known.date}"
    return with_known_bounds(run, Solution(phases, method, status=status))


def _batch_that_fits(problem: CompiledProblem, starts: int | None, effort: Effort) -> int:
    """Starts that there is memory for at once; raises a ``MemoryError`` if there is none for a single one."""
    computer, most = backend_of(effort.device, effort.dtype), effort.max_memory
    if computer.is_gpu and most is None:
        most = free_on(computer)
    if most is not None:
        return largest_batch(CompiledProblem(problem.problem, computer), most)
    require_fit(problem, starts=starts)
    return _UNLIMITED
