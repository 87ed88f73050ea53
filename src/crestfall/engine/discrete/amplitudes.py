"""Amplitudes that may move, chosen for a given sequence: the phases are held, and the path lowers the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import TAIL, follow
from crestfall.problem.arrays import FloatArray
from crestfall.problem.constraints import Hold


def best_amplitudes(compiled: CompiledProblem, variables: FloatArray, stop: Callable[[], bool]) -> FloatArray:
    """``(m,)`` variables with the same phases and better amplitudes.

    Args:
        compiled: A problem with free amplitudes.
        variables: ``(m,)`` its variables.
        stop: Asked often; ``True`` ends with what there is.
    """
    problem, m = compiled.problem, compiled.phase_map.n_free
    phases = np.asarray(compiled.phases(variables))
    held = replace(problem, phases=(Hold(dict(enumerate(phases.tolist()))),))
    fixed = CompiledProblem(held)
    stages = fixed.path if problem.samples is not None else (*fixed.path, *TAIL)
    moved, _ = follow(fixed, variables[None, m:], stages, stop)
    return np.append(variables[:m], moved[0])
