"""Reports about a problem of several inputs, while one of its parts is searched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.problem.arrays import FloatArray
from crestfall.problem.division import Part, joined
from crestfall.problem.problem import Problem
from crestfall.search.budget import Progress
from crestfall.search.run import Solution


class WholeReport:
    """What all parts have so far: those not searched yet, what they begin with.

    Args:
        asked: The problem of several inputs.
        parts: Its parts.
        first: Each part ready for a search, and its variables ``(m,)`` [rad] until then.
    """

    def __init__(
        self, asked: Problem, parts: Sequence[Part], first: Sequence[tuple[CompiledProblem, FloatArray]]
    ) -> None:
        self._asked, self._parts = asked, parts
        self._phases = [np.asarray(compiled.phases(variables)) for compiled, variables in first]
        self._figures = [self._figure(number, *each) for number, each in enumerate(first)]
        self._frequencies = np.array(asked.tones.frequencies)

    def _figure(self, number: int, compiled: CompiledProblem, variables: FloatArray) -> float:
        part = self._parts[number]
        return part.share * part.problem.figure_of(compiled.value(variables))

    def solved(self, number: int, compiled: CompiledProblem, solution: Solution) -> None:
        """Take in the solution of a part."""
        self._phases[number] = np.asarray(compiled.phases(solution.variables))
        self._figures[number] = self._figure(number, compiled, solution.variables)
        if self._asked.lines is not None:
            self._frequencies[self._parts[number].where] = compiled.ms.frequencies

    def about(self, number: int) -> Callable[[Progress], Progress]:
        """What turns a report about a part into one about the whole problem."""
        part = self._parts[number]

        def whole(report: Progress) -> Progress:
            phases, figures = list(self._phases), list(self._figures)
            if report.best_phases is not None:
                phases[number], figures[number] = report.best_phases, report.best * part.share
            frequencies = report.best_frequencies
            if frequencies is not None:
                here, frequencies = frequencies, self._frequencies.copy()
                frequencies[part.where] = here
            return replace(
                report,
                best=max(figures),
                stage=f"{part.label}: {report.stage}" if part.label else report.stage,
                best_phases=np.mod(joined(self._asked, self._parts, phases), 2.0 * np.pi),
                best_amplitudes=report.best_amplitudes if len(self._parts) == 1 else None,
                figure=self._asked.figure,
                best_frequencies=frequencies,
            )

        return whole
