"""What a design is for, as plain data: in saved designs, and in problem files that people write.

``{"measure": …, "outputs": […], "constraints": […], "amplitudes": {"low": […], "high": […], "wanted": […]},
"alphabet": …}``, all optional. The amplitudes are the ranges that they were chosen from (see ``AmplitudeFreedom``), the
alphabet is the number of equally spaced phases that are allowed. An output has a ``name``,
a ``limit`` and a ``response``: ``"slew rate"``, ``"integral"``, a number, one ``[real, imaginary]`` pair for each tone,
or a transfer function ``{"numerator": […], "denominator": […]}`` in powers of ``s``, the highest first. A
constraint has a ``kind``:

========================  ==============================================================
``hold``                  ``phases_rad``: object from the index of a tone to its phase
``link``                  ``tones``: list of indices; ``offsets_rad``: optional list
``conjugate-symmetric``   nothing more
``delays``                ``groups``: lists of indices; ``phases_rad``: optional list
========================  ==============================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from math import inf, isfinite
from typing import Any

import numpy as np

from crestfall.engine.discrete.fits import require_alphabet_possible
from crestfall.files.reading import shown
from crestfall.problem.amplitudes import AmplitudeFreedom
from crestfall.problem.constraints import ConjugateSymmetric, Constraint, Delays, Hold, Link, PhaseMap, Relation
from crestfall.problem.goal import MEASURES, Goal
from crestfall.problem.multisine import Multisine
from crestfall.problem.outputs import Output, integral, slew_rate
from crestfall.search.window.tones import WindowedMultisine

_CUSTOM = "custom"
"""Kind of a constraint that is nobody's but the caller's: named in the file, and not applied when it is read."""
_SUBJECTS = {Hold: "phases_rad", Link: "tones", Delays: "groups"}
"""The key that an error about a constraint points at."""


def goal_to_data(goal: Goal, ms: Multisine) -> dict[str, Any]:
    """The goal without its samples, which are stored with the provenance.

    Example:
        >>> goal_to_data(Goal(constraints=(Hold({0: 1.0}),)), Multisine([1.0, 2.0]))
        {'measure': 'peak', 'outputs': [], 'constraints': [{'kind': 'hold', 'phases_rad': {'0': 1.0}}]}
    """
    outputs = []
    for output in goal.outputs:
        response = output.responses(ms)
        pairs = np.stack([response.real, response.imag], axis=1).tolist()
        outputs.append({"name": output.name, "limit": float(output.limit), "response": pairs})
    constraints = constraints_to_data(goal.constraints)
    data: dict[str, Any] = {"measure": goal.measure, "outputs": outputs, "constraints": constraints}
    if goal.freedom is not None:
        data["amplitudes"] = {key: getattr(goal.freedom, key).tolist() for key in ("low", "high", "wanted")}
    if goal.alphabet is not None:
        data["alphabet"] = int(goal.alphabet)
    return data


def goal_from_data(data: Any, ms: Multisine, samples: int | None = None) -> Goal:
    """The goal of such data.

    Raises:
        ValueError: A key that is unknown or missing, a value of the wrong kind, or a goal that does not fit the tones.
            The message begins with the key.
    """
    _require_object(data, "goal", (), ("measure", "outputs", "constraints", "amplitudes", "alphabet"))
    measure = data.get("measure", "peak")
    if measure not in MEASURES:
        raise ValueError(f"goal.measure is {shown(measure)}; choose one of {', '.join(map(repr, MEASURES))}")
    outputs = _outputs(data, ms)
    constraints = constraints_from_data(data, ms)
    freedom = _freedom(data["amplitudes"]) if "amplitudes" in data else None
    alphabet = data.get("alphabet")
    if alphabet is not None and (type(alphabet) is not int or alphabet < 2):
        raise ValueError(f"goal.alphabet is {shown(alphabet)}; it must be a number of phases, 2 or more")
    goal = Goal(samples, outputs, constraints, measure, freedom, alphabet)
    goal.require_fit(ms)
    if alphabet is not None:
        require_alphabet_possible(ms, goal, alphabet)
    return replace(goal, outputs=tuple(Output(o.responses(ms), o.limit, o.name) for o in outputs))


def constraints_to_data(constraints: Iterable[Constraint]) -> list[dict[str, Any]]:
    """The constraints as plain data."""
    return [_constraint_to_data(constraint) for constraint in constraints]


def constraints_from_data(data: Mapping[str, Any], tones: Multisine | WindowedMultisine) -> tuple[Constraint, ...]:
    """The constraints under ``"constraints"``, which fit the tones and each other.

    Raises:
        ValueError: As ``goal_from_data``; the message names the constraint that does not fit those before it.
    """
    asked = _each(data, "constraints", _constraint)
    number = 0

    def relations() -> Iterator[Relation]:
        nonlocal number
        for number, constraint in enumerate(asked):  # noqa: B007 - read where an error is caught
            yield from () if constraint is None else constraint.relations(tones)

    try:
        PhaseMap.of(tones.n, relations())
    except ValueError as error:
        key = next((key for kind, key in _SUBJECTS.items() if isinstance(asked[number], kind)), "kind")
        raise ValueError(f"constraints[{number}].{key}: {error}") from None
    return tuple(constraint for constraint in asked if constraint is not None)


def _constraint_to_data(constraint: Constraint) -> dict[str, Any]:
    if isinstance(constraint, Hold):
        phases = {str(int(tone)): float(phase) for tone, phase in constraint.phases.items()}
        return {"kind": "hold", "phases_rad": phases}
    if isinstance(constraint, Link):
        offsets = None if constraint.offsets is None else [float(offset) for offset in constraint.offsets]
        tones = {"kind": "link", "tones": [int(tone) for tone in constraint.tones]}
        return tones if offsets is None else {**tones, "offsets_rad": offsets}
    if isinstance(constraint, ConjugateSymmetric):
        return {"kind": "conjugate-symmetric"}
    if isinstance(constraint, Delays):
        groups = {"kind": "delays", "groups": [[int(tone) for tone in group] for group in constraint.groups]}
        return groups if constraint.phases is None else {**groups, "phases_rad": [float(p) for p in constraint.phases]}
    return {"kind": _CUSTOM, "name": type(constraint).__name__}


def _each(data: Mapping[str, Any], key: str, read: Callable[[Any, str], Any]) -> list[Any]:
    values = data.get(key, [])
    if not isinstance(values, list):
        raise ValueError(f"{key} is {shown(values)}; it must be a list of tables")
    return [read(value, f"{key}[{number}]") for number, value in enumerate(values)]


def _output(data: Any, where: str) -> Output:
    _require_object(data, where, ("limit",), ("name", "response"))
    limit, name = _number(data["limit"], f"{where}.limit"), data.get("name", "drive")
    if not limit > 0:
        raise ValueError(f"{where}.limit is {limit}; a limit must be above 0")
    if not isinstance(name, str):
        raise ValueError(f"{where}.name is {shown(name)}; it must be a text")
    response = data.get("response", 1.0)
    if response in ("slew rate", "integral"):
        return slew_rate(limit, name) if response == "slew rate" else integral(limit, name)
    if isinstance(response, dict):
        return Output(_transfer_function(response, f"{where}.response"), limit, name)
    if isinstance(response, list):
        pairs = [
            _numbers(pair, f"{where}.response[{k}]", 2) if isinstance(pair, list) else [_number(pair, where), 0.0]
            for k, pair in enumerate(response)
        ]
        return Output(np.array([complex(real, imaginary) for real, imaginary in pairs]), limit, name)
    if isinstance(response, str):
        raise ValueError(
            f"{where}.response is {shown(response)}; use 'slew rate', 'integral', numbers or a transfer function"
        )
    return Output(_number(response, f"{where}.response"), limit, name)


def _transfer_function(data: dict[str, Any], where: str) -> Callable[[np.ndarray], np.ndarray]:
    _require_object(data, where, ("numerator", "denominator"), ())
    numerator = _numbers(data["numerator"], f"{where}.numerator")
    denominator = _numbers(data["denominator"], f"{where}.denominator")

    def response(frequencies: np.ndarray) -> np.ndarray:
        s = 2j * np.pi * frequencies
        with np.errstate(all="ignore"):  # a pole on a tone is refused by name afterwards
            return np.asarray(np.polyval(numerator, s) / np.polyval(denominator, s))

    return response


def _constraint(data: Any, where: str) -> Constraint | None:
    kind = data.get("kind") if isinstance(data, dict) else None
    if kind == "hold":
        _require_object(data, where, ("kind", "phases_rad"), ())
        phases = data["phases_rad"]
        if not isinstance(phases, dict) or not all(key.isdecimal() for key in phases):
            raise ValueError(f"{where}.phases_rad is {shown(phases)}; it must map indices of tones to phases")
        return Hold({int(key): _number(value, f"{where}.phases_rad.{key}") for key, value in phases.items()})
    if kind == "link":
        _require_object(data, where, ("kind", "tones"), ("offsets_rad",))
        offsets = _numbers(data["offsets_rad"], f"{where}.offsets_rad") if "offsets_rad" in data else None
        return Link(_indices(data["tones"], f"{where}.tones"), offsets)
    if kind == "conjugate-symmetric":
        _require_object(data, where, ("kind",), ())
        return ConjugateSymmetric()
    if kind == "delays":
        _require_object(data, where, ("kind", "groups"), ("phases_rad",))
        if not isinstance(data["groups"], list):
            raise ValueError(f"{where}.groups is {shown(data['groups'])}; it must be a list of lists of tones")
        groups = [_indices(group, f"{where}.groups[{k}]") for k, group in enumerate(data["groups"])]
        return Delays(groups, _numbers(data["phases_rad"], f"{where}.phases_rad") if "phases_rad" in data else None)
    if kind == _CUSTOM:
        return None
    raise ValueError(f"{where}.kind is {shown(kind)}; use 'hold', 'link', 'conjugate-symmetric' or 'delays'")


def _outputs(data: Mapping[str, Any], ms: Multisine) -> tuple[Output, ...]:
    outputs = _each(data, "outputs", _output)
    for number, output in enumerate(outputs):
        try:
            output.responses(ms)
        except ValueError as error:
            raise ValueError(f"outputs[{number}].response: {error}") from None
    return tuple(outputs)


def _freedom(data: Any) -> AmplitudeFreedom:
    _require_object(data, "amplitudes", ("low", "high", "wanted"), ())
    low, high = (np.array(_numbers(data[key], f"amplitudes.{key}")) for key in ("low", "high"))
    wanted = data["wanted"]
    if not isinstance(wanted, list) or not all(type(value) is bool for value in wanted):
        raise ValueError(f"amplitudes.wanted is {shown(wanted)}; it must be a list of true and false")
    return AmplitudeFreedom(low, high, np.array(wanted, dtype=bool))


def _require_object(data: Any, where: str, needed: tuple[str, ...], optional: tuple[str, ...]) -> None:
    if not isinstance(data, dict):
        raise ValueError(f"{where} is {shown(data)}; it must be a table of keys and values")
    if missing := [key for key in needed if key not in data]:
        raise ValueError(f"{where}.{missing[0]} is missing")
    if unknown := [key for key in data if key not in (*needed, *optional)]:
        raise ValueError(f"{where}.{unknown[0]} is unknown; known are {', '.join((*needed, *optional))}")


def _number(value: Any, where: str) -> float:
    number = inf
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):  # an integer beyond all floats
            number = float(value)
    if not isfinite(number):
        raise ValueError(f"{where} is {shown(value)}; it must be a finite number")
    return number


def _numbers(values: Any, where: str, count: int | None = None) -> list[float]:
    if not isinstance(values, list) or (count is not None and len(values) != count):
        raise ValueError(f"{where} is {shown(values)}; it must be a list of {count or ''} numbers".replace("  ", " "))
    return [_number(value, f"{where}[{k}]") for k, value in enumerate(values)]


def _indices(values: Any, where: str) -> list[int]:
    if not isinstance(values, list) or not all(type(value) is int for value in values):
        raise ValueError(f"{where} is {shown(values)}; it must be a list of indices of tones")
    return values
