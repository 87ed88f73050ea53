"""Problem files: tones, outputs, constraints and goal in one readable TOML file.

.. code-block:: toml

    [tones]
    harmonics = "1:31"          # or frequencies_hz = [10.0, 20.0]
    fundamental_hz = 10.0
    amplitudes = 1.0            # one for all, or a list
    # phases_rad = [0.0, 1.0]   # phases that the tones come with
    # complex = true
    # tolerance_db = 0.5        # amplitudes may move by this much: one for all, or a list

    [goal]
    measure = "peak"            # "range", "one-sided", "envelope"
    # sample_rate_hz = 48000.0  # the samples count, not continuous time
    # alphabet = 4              # phases 2π m / 4 only: 2 is binary, 4 QPSK
    # window_s = [0.0, 0.1]     # only this stretch counts; frequencies_hz then need no common period, and
    #                           # only constraints of the kinds "hold" and "link" go with it

    [[outputs]]                 # see goal_record
    name = "current"
    limit = 0.1
    response = { numerator = [1.0], denominator = [1e-3, 50.0] }

    [[constraints]]
    kind = "hold"
    phases_rad = { 0 = 0.0 }

    [[extra]]                   # tones that may be added to lower the peak
    harmonics = "33:2:41"       # or frequencies_hz
    largest = 0.3

Several inputs at once have the tables ``[channels]`` and ``[[inputs]]`` (see ``channels_toml``).

Nothing is evaluated. Errors name the line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from crestfall.engine.discrete import require_alphabet_possible
from crestfall.files.channels_toml import CHANNEL_KEYS, ChannelsProblem, channels_problem
from crestfall.files.goal_record import constraints_from_data, goal_from_data
from crestfall.files.harmonics_text import parse_harmonics
from crestfall.files.reading import naming, read_bytes, shown
from crestfall.files.tones_toml import MAX_TOML
from crestfall.problem.amplitudes import ExtraTones, with_freedom
from crestfall.problem.goal import Goal
from crestfall.problem.multisine import Multisine
from crestfall.search.window.problem import WindowProblem
from crestfall.search.window.tones import WindowedMultisine

_TABLES = ("tones", "goal", "outputs", "constraints", "extra", "channels", "inputs")
_TONE_KEYS = (
    *("harmonics", "fundamental_hz", "frequencies_hz", "amplitudes", "phases_rad", "complex"),
    "tolerance_db",
)
_MOST_EXTRA = 2**14
_EXTRA_KEYS = ("harmonics", "frequencies_hz", "largest")
_NAMES = {
    "frequencies": "frequencies_hz",
    "fundamental": "fundamental_hz",
    "initial_phases": "phases_rad",
    "numbers": "harmonics",
}
"""Arguments of ``Multisine``, as its errors name them, and their keys here."""
_GOAL_KEYS = ("measure", "sample_rate_hz", "points", "alphabet", "window_s")


@dataclass(frozen=True)
class ProblemFile:
    """What a problem file asks for.

    Attributes:
        multisine: The tones.
        goal: Outputs, constraints and measure.
        sample_rate: Rate [Hz] of the samples that count, or ``None``.
        n_points: Number of samples of one period that count, both ends included, or ``None``.
        alphabet: Number of equally spaced phases that are allowed, or ``None`` for all.
        tolerance_db: How far the amplitudes may move [dB], one for all or ``(n,)``, or ``None``.
        extra: Tones that may be added, or ``None``.
    """

    multisine: Multisine
    goal: Goal
    sample_rate: float | None = None
    n_points: int | None = None
    alphabet: int | None = None
    tolerance_db: float | list[float] | None = None
    extra: ExtraTones | None = None


AnyProblem = ProblemFile | WindowProblem | ChannelsProblem


def read_problem(path: str | PathLike[str]) -> AnyProblem:
    """Read a problem file; one with a window holds tones in that window, one with channels a set.

    Raises:
        ValueError: It is not TOML, or what it says makes no problem. The message names the file and the line.
        OSError: The file cannot be read.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "two.toml")
        ...     _ = file.write_text('[tones]\\nfrequencies_hz = [1.0, 2.0]\\n[goal]\\nmeasure = "range"\\n')
        ...     read_problem(file).goal.measure
        'range'
    """
    path = Path(path)
    with naming(path):
        try:
            data = read_bytes(path)
            if len(data) > MAX_TOML:
                raise ValueError(f"{len(data)} bytes are too many for a problem file (at most {MAX_TOML})")
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise ValueError("not TOML: the text is not UTF-8") from None
        return parse_text(text)


def parse_text(text: str, check: Callable[[dict[str, Any]], object] | None = None) -> AnyProblem:
    """The problem of the text of a problem file.

    Args:
        text: TOML.
        check: Called with what TOML makes of the text, before anything large is built of it; may refuse it.

    Raises:
        ValueError: As ``read_problem``; the message names the line.
    """
    try:
        data = tomllib.loads(text)
        if check is not None:
            check(data)
        return parse_problem(data)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"not TOML: {error}") from None
    except ValueError as error:
        line = line_of(text, str(error))
        raise ValueError(str(error) if line is None else f"line {line}: {error}") from None


def parse_problem(data: dict[str, Any]) -> AnyProblem:
    """The problem of a parsed file."""
    if unknown := [key for key in data if key not in _TABLES]:
        raise ValueError(f"{unknown[0]} is unknown; a problem file has the tables {', '.join(_TABLES)}")
    if "channels" in data or "inputs" in data:
        return _channels(data)
    if "tones" not in data:
        raise ValueError("tones is missing; begin with [tones] and frequencies_hz or harmonics")
    tones, goal = _table(data, "tones", _TONE_KEYS), _table(data, "goal", _GOAL_KEYS)
    if "window_s" in goal:
        return _windowed(data, tones, goal)
    ms = _tones(tones)
    sample_rate, points = goal.get("sample_rate_hz"), goal.get("points")
    for key, value in (("goal.sample_rate_hz", sample_rate), ("goal.points", points)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ValueError(f"{key} is {shown(value)}; it must be a number")
    parts: dict[str, Any] = {key: data[key] for key in ("outputs", "constraints") if key in data}
    parts |= {key: goal[key] for key in ("measure", "alphabet") if key in goal}
    whole = goal_from_data(parts, ms)
    alphabet = whole.alphabet
    if alphabet is not None:
        require_alphabet_possible(ms, whole, alphabet, sampled=sample_rate is not None or points is not None)
    tolerance, extra = data["tones"].get("tolerance_db"), _extra(data)
    try:
        with_freedom(ms, tolerance, extra)  # a first check, while the line can still be named
    except (ValueError, TypeError) as error:
        raise ValueError(f"{'extra: ' if 'extra' in str(error) else 'tones.tolerance_db: '}{error}") from None
    if alphabet is not None and (tolerance is not None or extra is not None):
        raise ValueError("goal.alphabet: the discrete search takes amplitudes as they are; leave out one of them")
    return ProblemFile(ms, whole, sample_rate, points, alphabet, tolerance, extra)


def _channels(data: dict[str, Any]) -> ChannelsProblem:
    """Several inputs at once."""
    if "channels" not in data:
        raise ValueError("inputs: several inputs need a table [channels] with their kind")
    _table(data, "channels", CHANNEL_KEYS)
    for where, keys, allowed in (
        ("", data, ("tones", "goal", "channels", "inputs")),
        ("goal.", _table(data, "goal", _GOAL_KEYS), ("measure",)),
        ("tones.", _table(data, "tones", _TONE_KEYS), tuple(key for key in _TONE_KEYS if key != "tolerance_db")),
    ):
        if beside := [key for key in keys if key not in allowed]:
            raise ValueError(f"{where}{beside[0]} does not go together with channels; leave out one of them")
    tones = data.get("tones", {})
    return channels_problem(data, _tones(tones) if "harmonics" in tones or "frequencies_hz" in tones else None)


def _windowed(data: dict[str, Any], tones: dict[str, Any], goal: dict[str, Any]) -> WindowProblem:
    """Tones in a window, which go together with held and linked phases and nothing else."""
    for where, keys, allowed in (
        ("", data, ("tones", "goal", "constraints")),
        ("goal.", goal, ("window_s",)),
        ("tones.", tones, ("harmonics", "fundamental_hz", "frequencies_hz", "amplitudes", "complex")),
    ):
        if beside := [key for key in keys if key not in allowed]:
            raise ValueError(f"{where}{beside[0]} does not go together with goal.window_s; leave out one of them")
    window = goal["window_s"]
    if not isinstance(window, list) or len(window) != 2 or not all(type(end) in (int, float) for end in window):
        raise ValueError(f"goal.window_s is {shown(window)}; write beginning and end in seconds: [0.0, 0.1]")
    if not window[0] < window[1]:
        raise ValueError(f"goal.window_s is {shown(window)}; the end must come after the beginning")
    with _naming_keys():
        if "frequencies_hz" in tones and "harmonics" not in tones and "fundamental_hz" not in tones:
            frequencies, is_complex = tones["frequencies_hz"], tones.get("complex", False) is True
        else:  # on a raster: what a multisine says about them holds here, too
            ms = _tones(tones)
            frequencies, is_complex = ms.frequencies, ms.complex
        windowed = WindowedMultisine(
            frequencies,
            tones.get("amplitudes", 1.0),
            duration=window[1] - window[0],
            start=window[0],
            complex=is_complex,
        )
    for number, table in enumerate(data.get("constraints", ())):
        if isinstance(table, dict) and table.get("kind") not in ("hold", "link"):
            raise ValueError(
                f"constraints[{number}].kind is {shown(table.get('kind'))}; in a window use 'hold' or 'link'"
            )
    return WindowProblem(windowed, constraints_from_data(data, windowed))


def _extra(data: dict[str, Any]) -> ExtraTones | None:
    """The extra tones of all tables together."""
    tables = data.get("extra", [])
    if not isinstance(tables, list):
        raise ValueError(f"extra is {shown(tables)}; write each group of extra tones as a table: [[extra]]")
    frequencies: list[float] = []
    largest: list[float] = []
    for number, table in enumerate(tables):
        where = f"extra[{number}]"
        _require_keys(table, where, _EXTRA_KEYS)
        if "largest" not in table:
            raise ValueError(f"{where}.largest is missing; say how large an extra tone may become")
        found = _extra_frequencies(table, where, data["tones"].get("fundamental_hz", 1.0))
        size = table["largest"]
        if isinstance(size, bool) or not isinstance(size, int | float):
            raise ValueError(f"{where}.largest is {shown(size)}; it must be one number for all tones of the table")
        if len(frequencies) + len(found) > _MOST_EXTRA:
            key = "harmonics" if "harmonics" in table else "frequencies_hz"
            raise ValueError(
                f"{where}.{key}: more than {_MOST_EXTRA} extra tones are too many to choose; leave some out"
            )
        try:
            ExtraTones(found, size)
        except ValueError as error:
            key = "largest" if "largest[" in str(error) else "frequencies_hz"
            raise ValueError(f"{where}.{key}: {error}") from None
        frequencies += found
        largest += [float(size)] * len(found)
    return ExtraTones(frequencies, largest) if frequencies else None


def _extra_frequencies(table: dict[str, Any], where: str, fundamental: float) -> list[float]:
    if ("harmonics" in table) == ("frequencies_hz" in table):
        raise ValueError(f"{where}: give either frequencies_hz or harmonics")
    if "harmonics" in table:
        text = table["harmonics"]
        if not isinstance(text, str):
            raise ValueError(f"{where}.harmonics is {shown(text)}; write them as '33:2:41'")
        return [number * float(fundamental) for number in parse_harmonics(text)]
    values = table["frequencies_hz"]
    if not isinstance(values, list) or not all(type(value) in (int, float) for value in values):
        raise ValueError(f"{where}.frequencies_hz is {shown(values)}; it must be a list of numbers")
    return [float(value) for value in values]


def line_of(text: str, message: str) -> int | None:
    """Number of the line that a message is about, if it begins with the key: ``outputs[1].limit is …``.

    Example:
        >>> line_of('[[outputs]]\\nlimit = 1\\n[[outputs]]\\nlimit = 0\\n', "outputs[1].limit is 0")
        4
    """
    where = re.match(r"([a-z]+)(?:\[(\d+)\])?(?:\.(\w+))?", message)
    if where is None:
        return None
    table, number, key = where[1], int(where[2] or 0), where[3]
    found, count, inside = None, -1, table not in _TABLES
    for line_number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}", line)
        if header is not None:
            count += header[1] == table
            inside = header[1] == table and count == number
            found = line_number if inside else found
        elif inside and re.match(rf"\s*\"?{re.escape(key or table)}\"?\s*=", line):
            return line_number
    return found


def _table(data: dict[str, Any], name: str, keys: tuple[str, ...]) -> dict[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(f"{name} is {shown(table)}; it must be a table: [{name}]")
    _require_keys(table, name, keys)
    return table


def _require_keys(table: Any, name: str, keys: tuple[str, ...]) -> None:
    if not isinstance(table, dict):
        raise ValueError(f"{name} is {shown(table)}; it must be a table of keys and values")
    if unknown := [key for key in table if key not in keys]:
        raise ValueError(f"{name}.{unknown[0]} is unknown; known are {', '.join(keys)}")


def _tones(table: dict[str, Any]) -> Multisine:
    if ("harmonics" in table) == ("frequencies_hz" in table):
        raise ValueError("tones: give either frequencies_hz or harmonics")
    is_complex = table.get("complex", False)
    if type(is_complex) is not bool:
        raise ValueError(f"tones.complex is {shown(is_complex)}; it must be true or false")
    amplitudes, phases = table.get("amplitudes", 1.0), table.get("phases_rad")
    with _naming_keys():
        if "frequencies_hz" in table:
            if "fundamental_hz" in table:
                raise ValueError("fundamental_hz goes with harmonics, not with frequencies_hz")
            return Multisine(table["frequencies_hz"], amplitudes, complex=is_complex, initial_phases=phases)
        harmonics = table["harmonics"]
        numbers = parse_harmonics(harmonics) if isinstance(harmonics, str) else harmonics
        if not isinstance(numbers, list):
            raise ValueError(f"harmonics is {shown(harmonics)}; write '1:31' or a list of numbers")
        fundamental = table.get("fundamental_hz", 1.0)
        return Multisine.harmonics(numbers, fundamental, amplitudes, is_complex, initial_phases=phases)


@contextmanager
def _naming_keys() -> Iterator[None]:
    """Errors about an argument become errors about the key of ``[tones]`` that it came from."""
    try:
        yield
    except (ValueError, TypeError) as error:
        key = str(error).split(" ")[0].split("[")[0]
        named = _NAMES.get(key, key)
        raise ValueError(f"tones.{named}: {error}" if named in _TONE_KEYS else f"tones: {error}") from None
