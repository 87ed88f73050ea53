"""Problem files for several inputs: the tables ``[channels]`` and ``[[inputs]]`` (see ``problem_toml`` for the others).

.. code-block:: toml

    [channels]
    kind = "orthogonal"             # all inputs at the same frequencies, as many experiments as inputs
    inputs = 4                      # how many, or their names: ["x", "y", "z"]
    matrix = "hadamard"             # powers of two; "chirp" and "dft" for any number
    phases = "common"               # "own": each input its own

    [channels]
    kind = "interleaved"            # each input has frequencies of its own, one experiment
    inputs = ["elevator", "aileron", "rudder"]
    deal = "in turn"                # how [tones] are dealt out; "random" within groups of neighbours
    # deal_seed = 0
    # start_at_zero = true

    [[inputs]]                      # where inputs differ: one table for each, instead of channels.inputs
    name = "force"
    limit = 10.0                    # largest peak allowed; for all inputs or none
    amplitudes = 1.0                # one for all tones, or a list
    harmonics = "1:2:31"            # interleaved only, instead of [tones] harmonics
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from crestfall.design.channels.design_set import PHASES, DesignSet
from crestfall.problem.channels.matrices import MATRICES, MOST_INPUTS, turns_of
from crestfall.design.channels.tones import MEASURES, require_channels, require_same_tones, union_of
from crestfall.files.harmonics_text import parse_harmonics
from crestfall.files.reading import shown
from crestfall.problem.goal import Measure
from crestfall.problem.grids import deal
from crestfall.problem.multisine import Multisine

CHANNEL_KEYS = ("kind", "inputs", "matrix", "phases", "deal", "deal_seed", "start_at_zero")
INPUT_KEYS = ("name", "limit", "amplitudes", "harmonics", "frequencies_hz")
_KINDS = ("orthogonal", "interleaved")
_ONLY = {"matrix": "orthogonal", "phases": "orthogonal"} | dict.fromkeys(
    ("deal", "deal_seed", "start_at_zero"), "interleaved"
)
_DEALS = ("in turn", "random")


@dataclass(frozen=True)
class ChannelsProblem:
    """What a problem file asks for several inputs.

    Attributes:
        kind: ``"orthogonal"`` or ``"interleaved"``.
        inputs: Tones of each input.
        names: What the inputs are called, or ``None``.
        limits: Limit of each input, or ``None``.
        measure: ``"peak"`` or ``"range"``.
        matrix: Matrix of an orthogonal set.
        phases: Whether its inputs share their phases.
        start_at_zero: Whether interleaved channels begin at a zero crossing.
    """

    kind: str
    inputs: tuple[Multisine, ...]
    names: tuple[str, ...] | None
    limits: tuple[float, ...] | None
    measure: Measure
    matrix: str = "hadamard"
    phases: str = "common"
    start_at_zero: bool = False

    @classmethod
    def of(cls, found: DesignSet) -> ChannelsProblem:
        """What a set was designed for, to go on from its phases."""
        turns = np.zeros(found.n_inputs) if found.matrix is None else turns_of(found.matrix, found.n_inputs)[:, 0]
        begun = [
            Multisine(ms.frequencies, ms.amplitudes, complex=ms.complex, initial_phases=row[0].phases - turn)
            for ms, row, turn in zip(found.inputs, found.designs, turns, strict=True)
        ]
        matrix = found.matrix or "hadamard"
        return cls(found.kind, tuple(begun), found.names, found.limits, found.measure, matrix, found.phases)


def channels_problem(data: dict[str, Any], tones: Multisine | None) -> ChannelsProblem:
    """The problem of a parsed file with ``[channels]``.

    Args:
        data: The whole file, its tables checked for unknown keys.
        tones: What ``[tones]`` says, or ``None`` if it has no frequencies.

    Raises:
        ValueError: The tables make no problem; the message begins with the key.
    """
    channels, tables, measure = data["channels"], data.get("inputs"), data.get("goal", {}).get("measure", "peak")
    kind = _word(channels, "kind", _KINDS, None)
    for key, only in _ONLY.items():
        if key in channels and kind != only:
            raise ValueError(f"channels.{key} belongs to kind = {only!r}; leave it out")
    if measure not in MEASURES:
        raise ValueError(f"goal.measure is {shown(measure)}; for several inputs it is 'peak' or 'range'")
    names, limits, count = _named(channels, tables)
    matrix = _word(channels, "matrix", MATRICES, "hadamard")
    phases = _word(channels, "phases", PHASES, "common")
    zero = channels.get("start_at_zero", False)
    if type(zero) is not bool:
        raise ValueError(f"channels.start_at_zero is {shown(zero)}; it must be true or false")
    if kind == "orthogonal":
        inputs = _same_tones(tables, tones, count)
        try:
            turns_of(matrix, count)
        except ValueError as error:
            raise ValueError(f"channels.matrix: {error}") from None
        require_same_tones(inputs)
    else:
        inputs = _own_tones(data, tones, count)
        union_of(inputs)
    if measure == "range" and inputs[0].complex:
        raise ValueError("goal.measure is 'range', which needs real tones")
    try:
        require_channels(inputs, names, limits, measure)
    except ValueError as error:
        raise ValueError(f"{'channels.inputs' if tables is None else 'inputs'}: {error}") from None
    return ChannelsProblem(kind, tuple(inputs), names, limits, measure, matrix, phases, zero)


def _named(channels: dict[str, Any], tables: Any) -> tuple[tuple[str, ...] | None, tuple[float, ...] | None, int]:
    """Names, limits and number of the inputs."""
    given = channels.get("inputs")
    if (given is None) == (tables is None):
        raise ValueError("channels.inputs: give their number or names there, or a table [[inputs]] for each, not both")
    if tables is None:
        if type(given) is int and 1 <= given <= MOST_INPUTS:
            return None, None, given
        if type(given) is list and given and all(type(name) is str for name in given):
            return tuple(given), None, len(given)
        raise ValueError(f"channels.inputs is {shown(given)}; give a number from 1 to {MOST_INPUTS} or a list of names")
    if type(tables) is not list or not tables or not all(type(table) is dict for table in tables):
        raise ValueError(f"inputs is {shown(tables)}; write each input as a table: [[inputs]]")
    names, limits = [], []
    for number, table in enumerate(tables):
        if unknown := [key for key in table if key not in INPUT_KEYS]:
            raise ValueError(f"inputs[{number}].{unknown[0]} is unknown; known are {', '.join(INPUT_KEYS)}")
        name = table.get("name", f"input {number + 1}")
        if type(name) is not str:
            raise ValueError(f"inputs[{number}].name is {shown(name)}; it must be a text")
        names.append(name)
        if ("limit" in table) != ("limit" in tables[0]):
            raise ValueError(f"inputs[{number}].limit: give a limit to all inputs or to none")
        if "limit" in table:
            limit = table["limit"]
            if type(limit) not in (int, float) or not 0.0 < limit < float("inf"):
                raise ValueError(f"inputs[{number}].limit is {shown(limit)}; a limit must be a number above 0")
            limits.append(float(limit))
    return tuple(names), tuple(limits) or None, len(tables)


def _same_tones(tables: Any, tones: Multisine | None, count: int) -> list[Multisine]:
    if tones is None:
        raise ValueError("tones: an orthogonal set needs harmonics or frequencies_hz, the same for all inputs")
    if tables is None:
        return [tones] * count
    inputs = []
    for number, table in enumerate(tables):
        for key in ("harmonics", "frequencies_hz"):
            if key in table:
                raise ValueError(f"inputs[{number}].{key}: an orthogonal set has the same tones in all; leave it out")
        inputs.append(_with_amplitudes(tones, table, number))
    return inputs


def _own_tones(data: dict[str, Any], tones: Multisine | None, count: int) -> list[Multisine]:
    channels, tables, common = data["channels"], data.get("inputs"), data.get("tones", {})
    if tables is None or not any("harmonics" in table or "frequencies_hz" in table for table in tables):
        if tones is None:
            raise ValueError("tones: give harmonics to deal out, or harmonics in each [[inputs]]")
        return _dealt(channels, tables, tones, count)
    for key in ("deal", "deal_seed"):
        if key in channels:
            raise ValueError(f"channels.{key} is about harmonics of [tones]; here the inputs have their own")
    for key in ("harmonics", "frequencies_hz", "amplitudes", "phases_rad"):
        if key in common:
            raise ValueError(f"tones.{key}: the inputs have tones of their own; leave it out, or out of [[inputs]]")
    fundamental, is_complex = common.get("fundamental_hz", 1.0), common.get("complex", False)
    if type(is_complex) is not bool:
        raise ValueError(f"tones.complex is {shown(is_complex)}; it must be true or false")
    return [_tones_of(table, number, fundamental, is_complex) for number, table in enumerate(tables)]


def _dealt(channels: dict[str, Any], tables: Any, tones: Multisine, count: int) -> list[Multisine]:
    """The tones of ``[tones]``, dealt out."""
    how, seed = _word(channels, "deal", _DEALS, "in turn"), channels.get("deal_seed")
    if seed is not None and (type(seed) is not int or seed < 0 or how != "random"):
        raise ValueError(f"channels.deal_seed is {shown(seed)}; it is an integer of at least 0, for deal = 'random'")
    try:
        hands = deal(tones.harmonic_numbers.tolist(), count, seed=(seed or 0) if how == "random" else None)
    except ValueError as error:
        raise ValueError(f"channels.deal: {error}") from None
    inputs = []
    for number, hand in enumerate(hands):
        where = np.isin(tones.harmonic_numbers, hand)
        initial = None if tones.initial_phases is None else tones.initial_phases[where]
        ms = Multisine(tones.frequencies[where], tones.amplitudes[where], complex=tones.complex, initial_phases=initial)
        inputs.append(ms if tables is None else _with_amplitudes(ms, tables[number], number))
    return inputs


def _tones_of(table: dict[str, Any], number: int, fundamental: Any, is_complex: bool) -> Multisine:
    """The tones of one ``[[inputs]]``."""
    where = f"inputs[{number}]"
    if ("harmonics" in table) == ("frequencies_hz" in table):
        raise ValueError(f"{where}.harmonics: give either harmonics or frequencies_hz, in every [[inputs]] or in none")
    key = "harmonics" if "harmonics" in table else "frequencies_hz"
    values = table[key]
    try:
        if key == "frequencies_hz":
            ms = Multisine(values, complex=is_complex)
        else:
            numbers = parse_harmonics(values) if isinstance(values, str) else values
            ms = Multisine.harmonics(numbers, fundamental, complex=is_complex)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{where}.{key}: {error}") from None
    return _with_amplitudes(ms, table, number)


def _with_amplitudes(ms: Multisine, table: dict[str, Any], number: int) -> Multisine:
    if "amplitudes" not in table:
        return ms
    try:
        return ms.with_amplitudes(table["amplitudes"])
    except (ValueError, TypeError) as error:
        raise ValueError(f"inputs[{number}].amplitudes: {error}") from None


def _word(table: dict[str, Any], key: str, known: tuple[str, ...], default: str | None) -> str:
    value = table.get(key, default)
    if value not in known:
        found = "is missing" if value is None else f"is {shown(value)}"
        raise ValueError(f"channels.{key} {found}; choose one of {', '.join(map(repr, known))}")
    return str(value)
