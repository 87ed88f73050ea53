"""Problems as plain data and back: the one schema that TOML files and saved designs share (see ``problem_schema``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from crestfall.design.playback import Playback
from crestfall.files.channel_tables import channels_of, channels_to_data
from crestfall.files.constraint_tables import constraints_of, constraints_to_data
from crestfall.files.conversion import converted
from crestfall.files.effort_keys import naming_what_is_no_problem
from crestfall.files.harmonics_text import parse_harmonics
from crestfall.files.line_tables import lines_of, lines_to_data
from crestfall.files.playback_table import playback_of_table
from crestfall.files.problem_schema import (
    ExtraTable,
    GoalTable,
    OutputTable,
    ProblemTables,
    TonesTable,
    TransferFunction,
)
from crestfall.files.quantity_texts import with_numbers
from crestfall.files.reading import shown
from crestfall.files.tone_tables import bands_of, fundamental_of, multisine_of, tones_to_data
from crestfall.files.waveform_tables import fixed_of, fixed_to_data, shapes_of
from crestfall.problem import compatibility as pairs
from crestfall.problem.amplitudes import ExtraTones, with_freedom
from crestfall.problem.arguments import unit_text
from crestfall.problem.arrays import ComplexArray, FloatArray
from crestfall.problem.fixed_waveform import FixedWaveform
from crestfall.problem.multisine import Multisine
from crestfall.problem.outputs import Output, integral, slew_rate, unit_of_output
from crestfall.problem.problem import Problem
from crestfall.problem.times import Period, Samples, Times, Window

_MOST_EXTRA = 2**14
_ABILITIES = {
    pairs.WINDOW: "goal.window_s",
    pairs.OUTPUTS: "outputs",
    pairs.RANGE: "goal.measure",
    pairs.FREE_AMPLITUDES: "tones.tolerance_db",
    pairs.CONSTRAINTS: "constraints",
    pairs.SHAPES: "constraints",
    pairs.ALPHABET: "goal.alphabet",
    pairs.CHANNELS: "channels",
    pairs.ORTHOGONAL: "channels.kind",
    pairs.FIXED: "fixed",
    pairs.STEPS: "constraints",
    pairs.START_AT_ZERO: "goal.start_at_zero",
    pairs.LINES: "lines",
}
"""The key that an error about two abilities points at."""


def problem_from_data(data: Any) -> Problem:
    """The problem of plain data.

    Raises:
        ValueError: A key that is unknown or missing, a value of the wrong kind, or a problem that makes no sense. The
            message begins with the key.

    Example:
        >>> problem_from_data({"tones": {"harmonics": "1:4"}, "goal": {"measure": "range"}}).figure
        'relative peak factor'
        >>> problem_from_data({"tones": {"harmonics": "1:4"}, "outputs": [{"limit": 0}]})
        Traceback (most recent call last):
        ValueError: outputs[0].limit is 0; a limit must be above 0 and finite
    """
    tables = _tables_of(data)
    if tables.tones is not None and tables.tones.bands is not None:
        raise ValueError(
            f"tones.bands is {tables.tones.bands}, which asks for a design for each band, but one problem is wanted "
            "here; leave it out, or use crestfall design or crestfall.files.read_bands"
        )
    if tables.shapes:
        return _problem_of_shapes(tables)
    channels = None
    if tables.channels is not None or tables.inputs is not None:
        ms, channels = channels_of(tables)
    elif tables.tones is None:
        raise ValueError("tones is missing; begin with [tones] and frequencies_hz or harmonics")
    else:
        ms = multisine_of(tables.tones)
    return _problem_of(tables, ms, channels)


def problems_of_bands(data: Any) -> list[Problem]:
    """The problem of each band of plain data whose tones say ``bands``; none, if they do not.

    Raises:
        ValueError: As ``problem_from_data``; or something is asked for that a part of the tones cannot have.

    Example:
        >>> tones = {"frequencies_hz": [0.1, 1.0, 10.0, 100.0], "bands": 2}
        >>> [problem.multisine.frequencies.tolist() for problem in problems_of_bands({"tones": tones})]
        [[0.1, 1.0], [10.0, 100.0]]
    """
    tables = _tables_of(data)
    if tables.tones is None or tables.tones.bands is None:
        return []
    for key in ("channels", "inputs", "constraints", "extra", "shapes"):
        if getattr(tables, key):
            raise ValueError(f"{key}: they cannot be combined with tones.bands; design each band in a file of its own")
    if isinstance(tables.tones.tolerance_db, list) or any(isinstance(one.response, list) for one in tables.outputs):
        raise ValueError("tones.bands cannot be combined with lists of a value for each tone, but for amplitudes")
    return [_problem_of(tables, ms, None) for ms in bands_of(tables.tones)]


def _tables_of(data: Any) -> ProblemTables:
    with naming_what_is_no_problem():
        return converted(with_numbers(data), ProblemTables)


def _fundamental(table: TonesTable) -> float | None:
    """What harmonics are counted by [Hz], if the table says it."""
    return 1.0 / table.period_s if table.period_s is not None else table.fundamental_hz


def _unit(tables: ProblemTables) -> str:
    """The unit of the amplitudes; empty where the tables name none."""
    unit = "" if tables.tones is None else tables.tones.unit
    return unit_text("tones.unit", unit)


def _problem_of(tables: ProblemTables, ms: Multisine, channels: Any) -> Problem:
    """The problem of tables whose tones and channels are known."""
    if tables.playback is not None:
        playback_of_table(tables.playback)  # may contradict itself
    goal = tables.goal or GoalTable()
    tolerance = None if tables.tones is None else tables.tones.tolerance_db
    extra = _extra(tables)
    fixed = None if tables.fixed is None else fixed_of(tables.fixed, ms)
    try:
        tones, _ = with_freedom(ms, tolerance, extra)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{'extra' if 'extra' in str(error) else 'tones.tolerance_db'}: {error}") from None
    _require_channels(tables.outputs, () if channels is None else channels.names)
    lines = None
    if tables.lines is not None:
        tones_table = tables.tones or TonesTable()
        lines = lines_of(tables.lines, ms, tones_table.exclude, _fundamental(tones_table))
    everything = tones if fixed is None else _joined(fixed, tones)
    unit = _unit(tables)
    fields: dict[str, Any] = {
        "over": _times(goal, everything),
        "outputs": [_output(table, number, everything, unit) for number, table in enumerate(tables.outputs)],
        "measure": goal.measure,
        "phases": constraints_of(tables.constraints, goal.alphabet, tones),
        "tolerance_db": tolerance,
        "extra": extra,
        "channels": channels,
        "fixed": fixed,
        "start_at_zero": goal.start_at_zero or bool(tables.channels and tables.channels.start_at_zero),
        "lines": lines,
        "unit": unit,
    }
    return _checked(lambda: Problem(ms, **fields))


def _checked(make: Callable[[], Problem]) -> Problem:
    """A problem whose errors begin with a key."""
    try:
        return make()
    except pairs.IncompatibleError as error:
        key = next((_ABILITIES[one] for one in error.exclusion[:2] if one in _ABILITIES), "tones")
        raise ValueError(f"{key}: {error}") from None
    except ValueError as error:
        if str(error).startswith("delays:"):
            raise ValueError(f"constraints: {error}") from None
        raise


def _joined(fixed: FixedWaveform, ms: Multisine) -> Multisine:
    try:
        return fixed.joined_to(ms)
    except ValueError as error:
        raise ValueError(f"fixed: {str(error).removeprefix('fixed: ')}") from None


def _problem_of_shapes(tables: ProblemTables) -> Problem:
    """The problem of ``[[shapes]]``."""
    shapes, goal = shapes_of(tables), tables.goal or GoalTable()
    for key in ("points", "sample_rate_hz", "window_s", "window_duration_s", "alphabet"):
        if getattr(goal, key) is not None:
            raise ValueError(f"goal.{key}: shapes count over their steps, which goal.samples may say; leave it out")
    for key in ("extra", "lines"):
        if getattr(tables, key):
            raise ValueError(f"{key}: shapes keep their lines; leave it out")
    if tables.playback is not None:
        playback_of_table(tables.playback)
    fixed = None if tables.fixed is None else fixed_of(tables.fixed, Multisine.harmonics([1], shapes.fundamental))
    plain = _checked(lambda: shapes.problem(fixed=fixed))
    _require_channels(tables.outputs, ())
    return _checked(
        lambda: replace(
            plain,
            measure=goal.measure,
            outputs=[_output(table, number, plain.tones, _unit(tables)) for number, table in enumerate(tables.outputs)],
            phases=[*plain.phases, *constraints_of(tables.constraints, None, plain.multisine)],
            start_at_zero=goal.start_at_zero,
            unit=_unit(tables),
        )
    )


def playback_of_problem(data: Any) -> Playback | None:
    """What the table ``playback`` of the plain data of a problem says is played; ``None`` without one.

    Raises:
        ValueError: As ``problem_from_data``.

    Example:
        >>> playback_of_problem({"tones": {"harmonics": "1:4"}, "playback": {"rate_hz": "48 kHz"}}).rate
        48000.0
    """
    table = _tables_of(data).playback
    return None if table is None else playback_of_table(table)


def problem_to_data(problem: Problem) -> dict[str, Any]:
    """The problem as plain data; ``problem_from_data`` makes the same problem of it again, to the last bit.

    Responses are stored as numbers, and constraints of the caller's own as the relations that they ask for.

    Example:
        >>> problem_to_data(Problem(Multisine([1.0, 2.0]), over=Samples(64)))["goal"]
        {'samples': 64}
    """
    tones = tones_to_data(problem.multisine) | ({"unit": problem.unit} if problem.unit else {})
    if problem.tolerance_db is not None:
        tones["tolerance_db"] = np.asarray(problem.tolerance_db).tolist()
    constraints, alphabet = constraints_to_data(
        problem.phases, problem.tones if problem.fixed is None else problem.multisine
    )
    goal = _times_to_data(problem.over)
    if problem.measure != "peak":
        goal = {"measure": problem.measure, **goal}
    if alphabet is not None:
        goal["alphabet"] = alphabet
    if problem.start_at_zero:
        goal["start_at_zero"] = True
    data: dict[str, Any] = {
        "tones": tones,
        "goal": goal,
        "outputs": [_output_to_data(output) for output in problem.outputs],
        "constraints": constraints,
    }
    if problem.extra is not None:
        extra = {key: np.asarray(getattr(problem.extra, key)).tolist() for key in ("frequencies", "largest")}
        data["extra"] = [{"frequencies_hz": extra["frequencies"], "largest": extra["largest"]}]
    if problem.lines is not None:
        data["lines"] = lines_to_data(problem.lines, problem.multisine)
    if problem.channels is not None:
        data |= channels_to_data(problem.channels, problem.multisine)
    if problem.fixed is not None:
        data["fixed"] = fixed_to_data(problem.fixed)
    return {key: value for key, value in data.items() if value}


# ------------------------------------------------------------------ times


def _times(goal: GoalTable, ms: Multisine) -> Times:
    asked = [key for key in ("samples", "points", "sample_rate_hz", "window_s") if getattr(goal, key) is not None]
    if len(asked) > 1:
        raise ValueError(f"goal.{asked[1]} cannot be combined with goal.{asked[0]}; leave out one of them")
    if not asked:
        if goal.window_duration_s is not None:
            raise ValueError("goal.window_duration_s goes with goal.window_s; give both")
        _require(lambda: ms.fundamental, "tones.frequencies_hz")
        return Period()
    over = _require(lambda: _asked_times(goal), f"goal.{asked[0]}")
    fits = over.require_fit if isinstance(over, Window) else over.count
    _require(lambda: fits(ms), f"goal.{asked[0]}")
    return over


def _asked_times(goal: GoalTable) -> Samples | Window:
    if goal.window_s is None:
        count = goal.samples if goal.points is None else goal.points - 1
        return Samples(count, goal.sample_rate_hz)
    start, end = goal.window_s
    duration = goal.window_duration_s
    if duration is None:  # else a short one may be lost in the rounding of the end
        if not start < end:
            raise ValueError(f"{list(goal.window_s)} must end after its beginning")
        duration = end - start
    if abs(start + duration - end) > 1e-9 * max(abs(start), abs(end)):
        raise ValueError(f"it ends at {end} s, but a window of {duration} s from {start} s on does not; leave out one")
    return Window(start, duration)


def _times_to_data(over: Times) -> dict[str, Any]:
    if isinstance(over, Samples):
        return {"samples": over.n} if over.n is not None else {"sample_rate_hz": over.rate}
    if isinstance(over, Window):
        exact = {} if over.end - over.start == over.duration else {"window_duration_s": over.duration}
        return {"window_s": [over.start, over.end], **exact}
    return {}


def _require(call: Any, key: str) -> Any:
    try:
        return call()
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{key}: {error}") from None


# ------------------------------------------------------------------ extra tones


def _extra(tables: ProblemTables) -> ExtraTones | None:
    """The extra tones of all tables together."""
    frequencies: list[float] = []
    largest: list[float] = []
    fundamental = 1.0 if tables.tones is None else fundamental_of(tables.tones)
    for number, table in enumerate(tables.extra):
        where = f"extra[{number}]"
        found = _extra_frequencies(table, where, fundamental)
        if len(frequencies) + len(found) > _MOST_EXTRA:
            key = "frequencies_hz" if table.harmonics is None else "harmonics"
            raise ValueError(
                f"{where}.{key}: more than {_MOST_EXTRA} extra tones are too many to choose; leave some out"
            )
        try:
            ExtraTones(found, table.largest)
        except ValueError as error:
            key = "largest" if "largest" in str(error) else "frequencies_hz"
            raise ValueError(f"{where}.{key}: {error}") from None
        frequencies += found
        largest += table.largest if isinstance(table.largest, list) else [table.largest] * len(found)
    return ExtraTones(frequencies, largest) if frequencies else None


def _extra_frequencies(table: ExtraTable, where: str, fundamental: float) -> list[float]:
    if (table.harmonics is None) == (table.frequencies_hz is None):
        raise ValueError(f"{where}: give either frequencies_hz or harmonics")
    if table.harmonics is None:
        return list(table.frequencies_hz or ())
    return [number * fundamental for number in _require(lambda: parse_harmonics(table.harmonics), f"{where}.harmonics")]


# ------------------------------------------------------------------ outputs


def _output(table: OutputTable, number: int, ms: Multisine, unit: str) -> Output:
    """The output of a table; ``unit`` is that of the drive."""
    where, given = f"outputs[{number}].response", table.response
    response: Any = given
    if isinstance(given, str):
        if given not in ("slew rate", "integral"):
            raise ValueError(f"{where} is {shown(given)}; use 'slew rate', 'integral', numbers or a transfer function")
        response = (slew_rate if given == "slew rate" else integral)(table.limit).response
    elif isinstance(given, list):
        response = np.array([_complex(one) for one in given])
    elif isinstance(given, TransferFunction):
        if not given.denominator:
            raise ValueError(f"{where}.denominator is []; give at least one number")
        response = _ratio(given, ms.frequencies)
    own = unit_text(f"outputs[{number}].unit", table.unit)
    output = Output(response, table.limit, table.name, table.channel, own)
    output = replace(output, unit=unit_of_output(output, unit))
    resolved: Output = _require(lambda: output.resolved(ms), where)
    return resolved


def _require_channels(outputs: list[OutputTable], names: Sequence[str]) -> None:
    """Raise unless the inputs that outputs belong to are there."""
    for number, table in enumerate(outputs):
        if table.channel is not None and table.channel not in names:
            known = f"the inputs are {', '.join(names)}" if names else "there is one drive"
            raise ValueError(f"outputs[{number}].channel is {shown(table.channel)}, but {known}")


def _complex(value: float | tuple[float, float]) -> complex:
    return complex(*value) if isinstance(value, tuple) else complex(value)


def _ratio(response: TransferFunction, frequencies: FloatArray) -> ComplexArray:
    s = 2j * np.pi * frequencies
    with np.errstate(all="ignore"):  # a pole on a tone is refused by name afterwards
        return np.asarray(np.polyval(response.numerator, s) / np.polyval(response.denominator, s))


def _output_to_data(output: Output) -> dict[str, Any]:
    data: dict[str, Any] = {"name": output.name, "limit": float(output.limit)}
    response = np.asarray(output.response, dtype=np.complex128)
    first = response[0]
    same = np.all(response == first) and not first.imag and not np.any(np.signbit(response.imag))
    if not same:
        data["response"] = np.stack([response.real, response.imag], axis=1).tolist()
    elif first != 1.0:
        data["response"] = float(first.real)
    data |= {"unit": output.unit} if output.unit else {}
    return data if output.channel is None else data | {"channel": output.channel}
