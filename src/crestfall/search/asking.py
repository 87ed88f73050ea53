"""What ``minimize_peak`` is asked, from its short form: keywords to a ``Problem``, an ``Effort`` and a ``Method``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from difflib import get_close_matches
from os import PathLike
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.problem import compatibility as pairs
from crestfall.problem.amplitudes import ExtraTones
from crestfall.problem.arguments import shown
from crestfall.problem.channels import Channels
from crestfall.problem.constraints import Constraint
from crestfall.problem.fixed_waveform import FixedWaveform
from crestfall.problem.movable_lines import MovableLines
from crestfall.problem.multisine import Multisine
from crestfall.problem.outputs import Output
from crestfall.problem.problem import Measure, Problem
from crestfall.problem.times import Times
from crestfall.problem.tones_argument import require_tones
from crestfall.problem.undersampling import note_undersampling
from crestfall.search.effort import EFFORT_FIELDS, Effort
from crestfall.search.method import Method

_PROBLEM_FIELDS = tuple(field.name for field in fields(Problem) if field.name != "multisine")
_OTHER_NAMES = {"constraints": "phases"}
_FORMER_NAMES = {
    "sample_rate": "; samples that count are over=Samples(rate=…)",
    "n_points": "; samples that count are over=Samples(n_points - 1)",
}


class ShortForm(TypedDict, total=False):
    """Keywords that are fields of ``Problem`` (``constraints`` are its ``phases``) or of ``Effort``."""

    over: Times
    outputs: Output | Sequence[Output]
    measure: Measure
    constraints: Constraint | Sequence[Constraint]
    phases: Constraint | Sequence[Constraint]
    tolerance_db: npt.ArrayLike | None
    extra: ExtraTones | None
    channels: Channels | None
    start_at_zero: bool
    lines: MovableLines | None
    fixed: FixedWaveform | None
    unit: str
    starts: int | None
    time_limit: float | str | None
    seed: int | np.random.Generator | None
    target: float | None
    stall_limit: float | str | None
    workers: int | None
    client: Any
    device: Any
    dtype: str
    max_memory: float | str | None
    use_atlas: bool
    closed_forms: bool
    bound_time: float | str | None
    prove: bool
    checkpoint: str | PathLike[str] | None


def problem_and_effort(
    asked: Problem | Multisine | Design, effort: Effort | None, short: ShortForm
) -> tuple[Problem, Effort]:
    """The problem and the effort of a call; that of a design is the one that it answers.

    Raises:
        TypeError: A keyword is unknown, or something is said twice.

    Warns:
        CrestfallWarning: The samples that count are too few to show every tone.
    """
    said: dict[str, Any] = {}
    for name, value in short.items():
        field = _OTHER_NAMES.get(name, name)
        if field not in (*_PROBLEM_FIELDS, *EFFORT_FIELDS):
            near = get_close_matches(name, (*ShortForm.__annotations__, "effort", "method", "progress", "begin"), 1)
            hint = f"; did you mean {near[0]}?" if near else "; see the fields of Problem and Effort"
            hint = _FORMER_NAMES.get(name, hint)
            raise TypeError(f"minimize_peak has no argument {name!r}{hint}")
        if field in said:
            raise TypeError("constraints and phases are the same field of the problem; give one of them")
        said[field] = value
    about_problem = {name: said[name] for name in _PROBLEM_FIELDS if name in said}
    about_effort = {name: said[name] for name in EFFORT_FIELDS if name in said}
    if isinstance(asked, Problem | Design):
        if about_problem:
            name = next(iter(about_problem))
            raise TypeError(f"{name} is a field of the problem that was given; say it there: Problem(…, {name}=…)")
        problem = asked if isinstance(asked, Problem) else asked.problem
    else:
        tones = require_tones("the problem", asked, ", a Problem, or a Design to go on from")
        problem = Problem(tones, **about_problem)
    if effort is not None and about_effort:
        name = next(iter(about_effort))
        raise TypeError(f"{name} is a field of the effort that was given; say it there: Effort(…, {name}=…)")
    if effort is not None and not isinstance(effort, Effort):
        raise TypeError(f"effort is {shown(effort)}; give an Effort, such as Effort(time_limit=10.0)")
    note_undersampling(problem)
    return problem, effort or Effort(**about_effort)


def own_method(problem: Problem) -> str:
    """Name of the method of this package that suits a problem."""
    if problem.alphabet is not None:
        return "discrete"
    return "minimax" if problem.delay_steps is None else "delays"


def method_for(problem: Problem, method: Method | str | None, methods: dict[str, Method]) -> Method:
    """The method of a call: as asked, else the one that suits the problem.

    Raises:
        ValueError: There is no method of this name.
    """
    if method is None:
        return methods[own_method(problem)]
    if isinstance(method, str):
        if method not in methods:
            raise ValueError(f"method is {method!r}; choose one of {', '.join(map(repr, methods))}")
        if method == "minimax":
            return methods[own_method(problem)]  # ours, whatever the phases
        return methods[method]
    if isinstance(method, type) or not all(hasattr(method, name) for name in ("name", "options", "refusal", "run")):
        known = ", ".join(map(repr, methods))
        raise TypeError(
            f"method is {shown(method)}; give one of {known}, or an object with the members of search.Method"
        )
    return method


def require_possible(problem: Problem, effort: Effort, method: Method) -> None:
    """Raise for what the table of exclusions forbids, and for options that the method would not look at.

    Raises:
        IncompatibleError: Two abilities exclude each other.
        ValueError: An option has no use.
    """
    asked = problem.abilities | effort.abilities | set(getattr(method, "abilities", ()))
    goal = _other_goal(problem)
    words = {
        pairs.PUBLISHED_METHOD: f"method {method.name!r}",
        pairs.OTHER_GOAL: problem.words_of_samples.get(goal, goal),
    }
    pairs.require_compatible(asked, words)
    for name in sorted(effort.asked - method.options):
        raise ValueError(f"method {method.name!r} does not use {name}; leave out one of them")


def _other_goal(problem: Problem) -> str:
    """What of a problem goes beyond the true peak of one drive over free phases, in the words of the table."""
    kinds = (
        pairs.WINDOW,
        pairs.SAMPLES,
        pairs.OUTPUTS,
        pairs.FREE_AMPLITUDES,
        pairs.ALPHABET,
        pairs.CONSTRAINTS,
        pairs.LINES,
        pairs.FIXED,
        pairs.CHANNELS,
    )
    found = next((kind for kind in kinds if kind in problem.abilities), None)
    return found or f"measure {problem.measure!r}"
