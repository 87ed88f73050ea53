"""The signal as it is before any search."""

from __future__ import annotations

from typing import Any

import numpy as np

from crestfall.design.design import Design
from crestfall.design.provenance import Provenance
from crestfall.problem.division import divided, joined
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.search.effort import Effort
from crestfall.search.starts import first_phases

AS_GIVEN = "phases as given"
"""Name of the phases that the tones came with, such as those of a saved design."""

_SAME = 1e-9


def present_design(problem: Problem) -> Design:
    """The tones with the phases that they came with, else Schroeder's; the nearest that the problem allows.

    Wanted tones have the amplitudes that were asked for, extra ones the least that they may have.

    Example:
        >>> import crestfall as cf
        >>> design = present_design(cf.Problem(cf.Multisine([1.0, 2.0, 3.0]), phases=[cf.Alphabet(2)]))
        >>> design.provenance.method, (design.phases / np.pi).round(9).tolist()
        ("the allowed phases nearest to Schroeder's", [0.0, 1.0, 0.0])
    """
    parts = divided(problem)
    phases = [first_phases(part.problem, Effort()) for part in parts]
    began = [part.problem.tones.initial_phases for part in parts]
    given = all(one is not None for one in began)
    method = AS_GIVEN if given else "Schroeder's phases"
    kept = given and all(_same(*pair) for pair in zip(began, phases, strict=True))
    if problem.phases and not kept:
        method = f"the allowed phases nearest to {'those given' if given else method.removesuffix(' phases')}"
    return Design.of(problem, joined(problem, parts, phases), multisine=_tones(problem), provenance=Provenance(method))


def _same(one: Any, other: Any) -> bool:
    """Whether two vectors of phases [rad] are the same up to whole turns."""
    return bool(np.all(np.abs(np.exp(1j * np.asarray(one)) - np.exp(1j * np.asarray(other))) < _SAME))


def _tones(problem: Problem) -> Multisine:
    freedom = problem.freedom
    if freedom is None:
        return problem.tones
    return problem.tones.with_amplitudes(np.where(freedom.wanted, problem.tones.amplitudes, freedom.low))
