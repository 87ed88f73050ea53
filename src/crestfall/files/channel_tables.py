"""``[channels]`` and ``[[inputs]]`` to the tones and channels of a problem, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from crestfall.files.problem_schema import ChannelsTable, InputTable, ProblemTables, TonesTable
from crestfall.files.reading import shown
from crestfall.files.tone_tables import fundamental_of, multisine_of, naming_keys
from crestfall.problem.channels import Channels, Interleaved, Orthogonal, joined_tones
from crestfall.problem.channels.matrices import MOST_INPUTS, angles_of
from crestfall.problem.grids import deal, interleaved_runs
from crestfall.problem.multisine import Multisine
from crestfall.problem.readable import readable

_ONLY = {"matrix": "orthogonal", "phases": "orthogonal"} | dict.fromkeys(
    ("deal", "deal_seed", "tones_each", "start_at_zero"), "interleaved"
)


def channels_of(tables: ProblemTables) -> tuple[Multisine, Channels]:
    """All tones, and how the inputs share them.

    Raises:
        ValueError: The tables make no inputs; the message begins with the key.
    """
    channels = tables.channels
    if channels is None:
        raise ValueError("inputs: several inputs need a table [channels] with their kind")
    for key, only in _ONLY.items():
        if getattr(channels, key) is not None and channels.kind != only:
            raise ValueError(f"channels.{key} belongs to kind = {only!r}; leave it out")
    inputs, named = _inputs(channels, tables.inputs)
    has_tones = tables.tones is not None and (
        tables.tones.harmonics is not None or tables.tones.frequencies_hz is not None
    )
    common = multisine_of(tables.tones) if tables.tones is not None and has_tones else None
    found = _orthogonal if channels.kind == "orthogonal" else _interleaved
    ms, made = found(channels, inputs, common, tables.tones or TonesTable())
    try:
        # The kinds differ in what else they hold; both have names and limits, whose number is checked here.
        made = replace(made, names=tuple(one.name or "" for one in inputs), limits=_limits(inputs))
        made.require_fit(ms)
    except ValueError as error:
        raise ValueError(f"{'inputs' if named else 'channels.inputs'}: {_bare(error)}") from None
    return ms, made


def channels_to_data(channels: Channels, ms: Multisine) -> dict[str, Any]:
    """The tables ``channels`` and, where inputs differ, ``inputs``, as plain data.

    Args:
        channels: How the inputs share the tones.
        ms: The tones, without extra ones.

    Example:
        >>> channels_to_data(Interleaved(2, names=["x", "y"]), Multisine([1.0, 2.0, 3.0]))
        {'channels': {'kind': 'interleaved', 'inputs': ['x', 'y']}}
    """
    table: dict[str, Any] = {"kind": channels.kind}
    inputs: list[dict[str, Any]] = [{"name": name} for name in channels.names]
    more: dict[str, Any] = {"limit": channels.limits}
    if isinstance(channels, Orthogonal):
        table |= {"matrix": channels.matrix, "phases": channels.phases}
        for key, values in (("amplitudes", channels.amplitudes), ("phases_rad", channels.initial_phases)):
            more[key] = None if values is None else np.asarray(values).tolist()
    elif not isinstance(channels.inputs, int | np.integer):
        more["tones"] = [list(group) for group in channels.inputs]
    elif np.any(np.diff(ms.frequencies) < 0.0):
        table["deal"] = "by index"
    for key, values in more.items():
        for one, value in zip(inputs, values or (), strict=False):
            one[key] = value
    if all(len(one) == 1 for one in inputs):
        return {"channels": table | {"inputs": list(channels.names)}}
    return {"channels": table, "inputs": inputs}


def _bare(error: Exception) -> str:
    return str(error).removeprefix("channels: ")


def _inputs(channels: ChannelsTable, tables: list[InputTable] | None) -> tuple[list[InputTable], bool]:
    """A table for each input, with its name, and whether the file has them."""
    given = channels.inputs
    if (given is None) == (tables is None):
        raise ValueError("channels.inputs: give their number or names there, or a table [[inputs]] for each, not both")
    if tables is None:
        count = given if isinstance(given, int) else 0
        names = given if isinstance(given, list) else [f"input {i + 1}" for i in range(min(count, MOST_INPUTS + 1))]
        if not 1 <= len(names) <= MOST_INPUTS:
            raise ValueError(
                f"channels.inputs is {shown(given)}; give a number from 1 to {MOST_INPUTS} or a list of names"
            )
        return [InputTable(name=name) for name in names], False
    if not 1 <= len(tables) <= MOST_INPUTS:
        raise ValueError(f"inputs: there are {len(tables)}; write a table [[inputs]] for each of 1 to {MOST_INPUTS}")
    for number, table in enumerate(tables):
        if (table.limit is None) != (tables[0].limit is None):
            raise ValueError(f"inputs[{number}].limit: give a limit to all inputs or to none")
    return [
        msgspec.structs.replace(table, name=f"input {number + 1}" if table.name is None else table.name)
        for number, table in enumerate(tables)
    ], True


def _limits(inputs: list[InputTable]) -> tuple[float, ...] | None:
    return None if inputs[0].limit is None else tuple(float(one.limit or 0.0) for one in inputs)


def _orthogonal(
    channels: ChannelsTable, inputs: list[InputTable], common: Multisine | None, _: TonesTable
) -> tuple[Multisine, Orthogonal]:
    if common is None:
        raise ValueError("tones: orthogonal inputs need harmonics or frequencies_hz, the same for all")
    for number, one in enumerate(inputs):
        for key in ("harmonics", "frequencies_hz", "tones"):
            if getattr(one, key) is not None:
                raise ValueError(f"inputs[{number}].{key}: orthogonal inputs have the same tones; leave it out")
    matrix = channels.matrix or ("chirp" if len(inputs) & (len(inputs) - 1) else "hadamard")
    try:
        angles_of(matrix, len(inputs))
    except ValueError as error:
        raise ValueError(f"channels.matrix: {error}") from None
    rows = [_with_own(common, one, number) for number, one in enumerate(inputs)]
    differ = any(one.amplitudes is not None for one in inputs)
    begun = all(one.phases_rad is not None for one in inputs)
    return common, Orthogonal(
        len(inputs),
        matrix,
        channels.phases or "common",
        amplitudes=[row.amplitudes for row in rows] if differ else None,
        initial_phases=np.array([row.initial_phases for row in rows]) if begun else None,
    )


def _interleaved(
    channels: ChannelsTable, inputs: list[InputTable], common: Multisine | None, tones: TonesTable
) -> tuple[Multisine, Interleaved]:
    own = any(one.harmonics is not None or one.frequencies_hz is not None for one in inputs)
    if own:
        return _own_tones(channels, inputs, tones)
    if common is None:
        raise ValueError("tones: give harmonics to deal out, or harmonics in each [[inputs]]")
    groups: int | list[list[int]]
    if channels.deal == "runs" and inputs[0].tones is None:
        common, groups = _dealt_in_runs(channels, common, len(inputs))
    else:
        groups = _picked(inputs) or _dealt(channels, common, len(inputs))
    made = Interleaved(groups)
    try:
        made.require_fit(common)
    except ValueError as error:
        raise ValueError(f"{'inputs' if inputs[0].tones is not None else 'channels.deal'}: {_bare(error)}") from None
    amplitudes = np.array(common.amplitudes)
    for number, one in enumerate(inputs):
        which = made.indices_of(common, number)
        amplitudes[which] = _with_own(common.pick(which), one, number).amplitudes
    if any(one.amplitudes is not None for one in inputs):
        common = common.with_amplitudes(amplitudes)
    return common, made


def _picked(inputs: list[InputTable]) -> list[list[int]] | None:
    """The indices of each input's tones, where the file has them."""
    groups = [one.tones for one in inputs if one.tones is not None]
    if groups and len(groups) < len(inputs):
        raise ValueError("inputs: give tones to all inputs or to none")
    return groups or None


def _dealt(channels: ChannelsTable, ms: Multisine, count: int) -> int | list[list[int]]:
    """How the tones are dealt out: their number for tones in order dealt in turn, else the indices of each."""
    how, seed = channels.deal or "in turn", channels.deal_seed
    if channels.tones_each is not None:
        raise ValueError(f"channels.tones_each is {channels.tones_each}; it is for deal = 'runs': leave it out")
    if how == "by index" and seed is None:
        return count
    if seed is not None and how != "random":
        raise ValueError(f"channels.deal_seed is {shown(seed)}; it is for deal = 'random': leave it out")
    order = np.argsort(ms.frequencies, kind="stable")
    try:  # by their places in order of frequency, which exist without a period, too
        dealt = deal(range(ms.n), count, seed=(seed or 0) if how == "random" else None)
    except ValueError as error:
        raise ValueError(f"channels.deal: {error}") from None
    if how == "in turn" and np.array_equal(order, np.arange(ms.n)):
        return count
    return [sorted(order[group].tolist()) for group in dealt]


def _dealt_in_runs(channels: ChannelsTable, ms: Multisine, count: int) -> tuple[Multisine, list[list[int]]]:
    """The tones that are in a run, and the indices of each input's."""
    if channels.deal_seed is not None:
        raise ValueError(f"channels.deal_seed is {shown(channels.deal_seed)}; it is for deal = 'random': leave it out")
    try:
        runs = interleaved_runs(ms.harmonic_numbers.tolist(), count, tones=channels.tones_each)
    except ValueError as error:
        raise ValueError(f"channels.deal: {error}") from None
    kept = np.flatnonzero(np.isin(ms.harmonic_numbers, np.concatenate(runs)))
    numbers = ms.harmonic_numbers[kept]
    return ms.pick(kept), [np.flatnonzero(np.isin(numbers, run)).tolist() for run in runs]


def _own_tones(channels: ChannelsTable, inputs: list[InputTable], tones: TonesTable) -> tuple[Multisine, Interleaved]:
    for key in ("deal", "deal_seed", "tones_each"):
        if getattr(channels, key) is not None:
            raise ValueError(f"channels.{key} is about harmonics of [tones]; here the inputs have their own")
    for key in ("harmonics", "frequencies_hz", "amplitudes", "phases_rad"):
        if getattr(tones, key) is not None:
            raise ValueError(f"tones.{key}: the inputs have tones of their own; leave it out, or out of [[inputs]]")
    found = []
    for number, one in enumerate(inputs):
        where = f"inputs[{number}]"
        if (one.harmonics is None) == (one.frequencies_hz is None):
            raise ValueError(
                f"{where}.harmonics: give either harmonics or frequencies_hz, in every [[inputs]] or in none"
            )
        fundamental = fundamental_of(tones) if one.frequencies_hz is None else None
        table = TonesTable(one.harmonics, one.frequencies_hz, fundamental, complex=tones.complex)
        found.append(_with_own(multisine_of(table, where), one, number))
    _require_apart(found)
    ms, groups = joined_tones(found)
    return ms, Interleaved(groups)


def _require_apart(found: list[Multisine]) -> None:
    """Raise if two inputs have one frequency."""
    owner: dict[float, int] = {}
    for number, ms in enumerate(found):
        for frequency in ms.frequencies.tolist():
            if owner.setdefault(frequency, number) != number:
                raise ValueError(
                    f"inputs[{owner[frequency]}] and inputs[{number}] both have {readable(frequency, 'Hz')}; with "
                    "interleaved inputs each frequency belongs to one of them"
                )


def _with_own(ms: Multisine, table: InputTable, number: int) -> Multisine:
    """The tones with the amplitudes and phases of an input, where it has its own."""
    with naming_keys(f"inputs[{number}]"):
        ms = ms if table.amplitudes is None else ms.with_amplitudes(table.amplitudes)
        return ms if table.phases_rad is None else ms.with_initial_phases(table.phases_rad)
