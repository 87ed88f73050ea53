"""A design before its phases are known: rate, length and format of a file do not depend on them."""

from __future__ import annotations

import numpy as np

from crestfall.design.design import Design
from crestfall.problem.problem import Problem


def with_any_phases(problem: Problem) -> Design:
    """A design of the problem with phases 0, to ask it what does not depend on them.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> with_any_phases(Problem(Multisine([1.0, 2.0]))).phases
        array([0., 0.])
    """
    inputs = problem.channels.count if problem.channels is not None and problem.has_own_phases else None
    n = problem.tones.n
    return Design(problem, problem.tones, np.zeros(n if inputs is None else (inputs, n)))
