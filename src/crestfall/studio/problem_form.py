"""What a visitor typed into the fields, as the tables of a problem file."""

from __future__ import annotations

from typing import Any

from crestfall.files.line_tables import tolerance_table
from crestfall.files.lines_text import is_rule
from crestfall.files.reading import shown
from crestfall.files.shape_text import shape_of_words, shape_table, words_of_table
from crestfall.problem.amplitude_laws import is_law
from crestfall.problem.problem import MEASURES
from crestfall.problem.quantities import quantity
from crestfall.studio.limits import Limits

_TIMES = "Times that count"
_LINES = "Lines may move"
_SHAPE_FREQUENCY = "Frequency of the period"
_TOLERANCE_KEYS = {"steps": "", "tolerance_hz": " Hz", "tolerance_percent": " %"}
_TIMES_KEYS = ("window_s", "window_duration_s", "sample_rate_hz", "samples", "points")


def number(text: str, label: str, unit: str = "", *, least: float | None = 0.0, most: float | None = None) -> float:
    """A finite number, in a unit (see ``crestfall.problem.quantities``), above ``least`` if there is one, from a field.

    Raises:
        ValueError: It is none; the message begins with the label of the field.

    Example:
        >>> number(" 2,5 kHz ", "Fundamental", "Hz")
        2500.0
        >>> number("ten", "Fundamental", "Hz")
        Traceback (most recent call last):
        ValueError: Fundamental is 'ten'; give a frequency such as 10 kHz
    """
    value = quantity(text, unit, name=label, decimal_comma=True)
    if least is not None and value <= least:
        raise ValueError(f"{label} is {shown(text)}; write a number above {least:g}")
    if most is not None and value > most:
        raise ValueError(f"{label} is {shown(text)}; this studio allows {most:g} at most")
    return value


def seconds(text: str, limits: Limits) -> float:
    """The time limit of a search [s]."""
    return number(text, "Time limit", "s", most=limits.seconds)


def seed(text: str) -> int:
    """The seed of a search.

    Example:
        >>> seed("7")
        7
    """
    return whole(text, "Seed", least=0)


def whole(text: str, label: str, *, least: int) -> int:
    """A whole number of at least ``least`` from a field."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12 and int(digits) >= least):
        raise ValueError(f"{label} is {shown(text)}; write a whole number such as {max(least, 4) if least else 0}")
    return int(digits)


def with_harmonics(
    data: dict[str, Any], harmonics: str, fundamental: str, amplitudes: str, complex: bool
) -> dict[str, Any]:
    """The tables with tones at multiples of a fundamental; the rest stays.

    Args:
        data: The tables.
        harmonics: Harmonic numbers, or frequencies in words (see ``crestfall.files.lines_text``).
        fundamental: Frequency of harmonic 1.
        amplitudes: Numbers, or a law (see ``crestfall.problem.amplitude_laws``).
        complex: Whether the tones are complex.

    Raises:
        ValueError: A field holds no number.

    Example:
        >>> with_harmonics({}, "odd:9", "10", "1 0.5; 0.5 0.5 0.2", False)["tones"]["amplitudes"]
        [1.0, 0.5, 0.5, 0.5, 0.2]
    """
    key = "frequencies_hz" if is_rule(harmonics) else "harmonics"
    tones: dict[str, Any] = {key: harmonics.strip(), "fundamental_hz": number(fundamental, "Fundamental", "Hz")}
    if "exclude" in data.get("tones", {}):
        tones["exclude"] = data["tones"]["exclude"]
    if is_law(amplitudes):
        return with_tones(data, tones | {"amplitudes": amplitudes.strip()}, complex)
    sizes = [number(size, "Amplitudes") for size in amplitudes.replace(";", " ").split()]
    if len(sizes) > 1:
        tones["amplitudes"] = sizes
    elif sizes and sizes[0] != 1.0:
        tones["amplitudes"] = sizes[0]
    return with_tones(data, tones, complex)


def with_tones(data: dict[str, Any], tones: dict[str, Any], complex: bool) -> dict[str, Any]:
    """The tables with other tones; the rest stays."""
    tolerance = data.get("tones", {}).get("tolerance_db")
    kept = {"tolerance_db": tolerance} if isinstance(tolerance, int | float) else {}
    rest = {key: value for key, value in data.items() if key not in ("tones", "shapes")}
    if "lines" in rest:  # where other tones were asked for says nothing about these
        rest["lines"] = {key: value for key, value in rest["lines"].items() if key != "around_hz"}
    return {"tones": {**tones, **({"complex": True} if complex else {}), **kept}, **rest}


def with_goal(data: dict[str, Any], measure: str, times: str, alphabet: str) -> dict[str, Any]:
    """The tables with another measure, other times that count, and another alphabet; the rest stays.

    Args:
        data: The tables.
        measure: One of ``Problem.measure``.
        times: The times that count (see ``times_of``).
        alphabet: Number of phases that are allowed; nothing for all.

    Raises:
        ValueError: The measure is unknown, or a field holds no number.

    Example:
        >>> with_goal({"tones": {"harmonics": "1:3"}}, "range", "0:0.05", "4")["goal"]
        {'measure': 'range', 'window_s': [0.0, 0.05], 'alphabet': 4}
    """
    if measure not in MEASURES:
        raise ValueError(f"What counts is {shown(measure)}; choose one of {', '.join(MEASURES)}")
    before = data.get("goal", {})
    goal = {key: value for key, value in before.items() if key not in ("measure", *_TIMES_KEYS, "alphabet")}
    if measure != "peak":
        goal["measure"] = measure
    if times.strip() == _times_text(before):  # to the last digit
        goal |= {key: before[key] for key in _TIMES_KEYS if key in before}
    else:
        goal |= times_of(times)
    if alphabet.strip():
        goal["alphabet"] = whole(alphabet, "Allowed phases", least=2)
    found: dict[str, Any] = {}
    for name in dict.fromkeys(["tones", "goal", *data]):
        content = goal if name == "goal" else data.get(name)
        if content:
            found[name] = content
    return found


def with_lines(data: dict[str, Any], tolerance: str) -> dict[str, Any]:
    """The tables with another tolerance of the lines; the rest stays.

    Args:
        data: The tables.
        tolerance: ``2``, ``0.5 Hz`` or ``5 %``; nothing for lines that stay.

    Raises:
        ValueError: It is none of these.

    Example:
        >>> with_lines({"tones": {"harmonics": "1:3"}}, "0.5 Hz")
        {'tones': {'harmonics': '1:3'}, 'lines': {'tolerance_hz': 0.5}}
    """
    before = data.get("lines", {})
    if tolerance.strip() == _tolerance_text(before):  # to the last digit
        return data
    rest = {key: value for key, value in data.items() if key != "lines"}
    if not tolerance.strip():
        return rest
    kept = {key: value for key, value in before.items() if key not in _TOLERANCE_KEYS}
    return {**rest, "lines": {**tolerance_table(tolerance, _LINES), **kept}}


def with_shapes(data: dict[str, Any], shapes: str, fundamental: str) -> dict[str, Any]:
    """The tables with periodic shapes instead of tones; what is measured and a fixed waveform stay.

    Args:
        data: The tables.
        shapes: Pulses and triangles in words (see ``crestfall.files.shape_text``), with blanks between them.
        fundamental: Frequency of the common period.

    Raises:
        ValueError: A text is not a shape, or the field has no frequency.

    Example:
        >>> with_shapes({}, "pulse:5/12:4 triangle:2", "100 kHz")["shapes"][0]
        {'kind': 'pulse', 'duty': '5/12', 'amplitude': 4.0}
    """
    hertz = number(fundamental, _SHAPE_FREQUENCY, "Hz")
    before = data.get("shapes", [])
    if before and shapes.split() == _shapes_text(before).split():
        return {**data, "tones": {"fundamental_hz": hertz}}
    tables = []
    for text in shapes.replace(";", " ").split():
        try:
            tables.append(shape_table(shape_of_words(text)))
        except ValueError as error:
            raise ValueError(f"Shapes: {shown(text)}: {error}") from None
    if not tables:
        raise ValueError("Shapes is empty; write pulses and triangles, such as pulse:5/12:4 pulse:0.3:6")
    kept: dict[str, Any] = {key: data[key] for key in ("outputs", "fixed", "playback") if key in data}
    measure = data.get("goal", {}).get("measure")
    goal: dict[str, Any] = {} if measure is None else {"goal": {"measure": measure}}
    return {"tones": {"fundamental_hz": hertz}, **goal, "shapes": tables, **kept}


def _shapes_text(shapes: list[dict[str, Any]]) -> str:
    """What ``with_shapes`` reads; nothing if there are others."""
    words = [words_of_table(table) for table in shapes]
    return " ".join(words) if all(words) else ""


def with_offset(data: dict[str, Any], offset: str) -> dict[str, Any]:
    """The tables with another constant in the fixed waveform; the rest stays.

    Args:
        data: The tables.
        offset: The constant in the unit of the amplitudes; nothing for none.

    Raises:
        ValueError: It is not a number.

    Example:
        >>> with_offset({"tones": {"harmonics": "1:3"}}, "-1.5")["fixed"]
        {'offset': -1.5}
    """
    before = {key: value for key, value in data.get("fixed", {}).items() if key != "offset"}
    value = number(offset, "Added constant", least=None) if offset.strip() else 0.0
    return with_fixed(data, before | ({"offset": value} if value else {}))


def with_fixed(data: dict[str, Any], fixed: dict[str, Any]) -> dict[str, Any]:
    """The tables with another fixed waveform, or none."""
    rest = {key: value for key, value in data.items() if key != "fixed"}
    return {**rest, "fixed": fixed} if fixed else rest


def _tolerance_text(lines: dict[str, Any]) -> str:
    """What ``with_lines`` reads."""
    said = next((key for key in _TOLERANCE_KEYS if key in lines), None)
    return "" if said is None else f"{lines[said]:.12g}{_TOLERANCE_KEYS[said]}"


def times_of(text: str) -> dict[str, Any]:
    """What ``[goal]`` says of the times that count: nothing for the period, a sample rate, samples, or a window.

    Raises:
        ValueError: It is none of these.

    Example:
        >>> times_of(" "), times_of("48 000 Hz"), times_of("64 samples"), times_of("0.1 : 0,2 s")
        ({}, {'sample_rate_hz': 48000.0}, {'samples': 64}, {'window_s': [0.1, 0.2]})
    """
    entry = text.strip()
    if not entry or entry == "period":
        return {}
    if ":" in entry:
        ends = entry.split(":")
        if len(ends) != 2:
            raise ValueError(f"{_TIMES} is {shown(text)}; write a window as start:end in seconds, such as 0:0.05")
        start, end = (number(each, _TIMES, "s", least=None) for each in ends)
        if not start < end:
            raise ValueError(f"{_TIMES} is {shown(text)}; the end of a window must come after its start")
        return {"window_s": [start, end]}
    if entry.endswith("samples"):
        return {"samples": whole(entry.removesuffix("samples"), _TIMES, least=1)}
    return {"sample_rate_hz": number(entry, _TIMES, "Hz")}


def _times_text(goal: dict[str, Any]) -> str:
    """What ``times_of`` reads."""
    if "window_s" in goal:
        return ":".join(f"{end:.12g}" for end in goal["window_s"])
    if "sample_rate_hz" in goal:
        return f"{goal['sample_rate_hz']:.12g}"
    samples = goal.get("samples", goal.get("points", 0) - 1)
    return f"{samples} samples" if samples > 0 else ""


def _fundamental_hz(tones: dict[str, Any]) -> float:
    return float(1.0 / tones["period_s"] if "period_s" in tones else tones.get("fundamental_hz", 1.0))


def _exact(value: float) -> str:
    """A number that reads back as the same, in few digits if they suffice."""
    short = f"{value:.12g}"
    return short if float(short) == value else repr(value)


def fields_of(data: dict[str, Any]) -> dict[str, str]:
    """What the fields show for these tables; fields that do not apply are empty."""
    tones, goal = data.get("tones", {}), data.get("goal", {})
    amplitudes = tones.get("amplitudes", 1.0)
    rule = tones.get("frequencies_hz")
    offset = data.get("fixed", {}).get("offset")
    harmonics = rule if isinstance(rule, str) else tones.get("harmonics", "")
    if isinstance(amplitudes, list) and len(set(amplitudes)) == 1:
        amplitudes = amplitudes[0]
    sizes = amplitudes if isinstance(amplitudes, list) else [amplitudes]
    return {
        "harmonics": ",".join(map(str, harmonics)) if isinstance(harmonics, list) else harmonics,
        "fundamental": _exact(_fundamental_hz(tones)) if harmonics else "",
        "amplitudes": amplitudes if isinstance(amplitudes, str) else " ".join(f"{size:.9g}" for size in sizes),
        "signal": "complex" if tones.get("complex") else "real",
        "measure": goal.get("measure", "peak"),
        "times": _times_text(goal),
        "alphabet": str(goal.get("alphabet", "")),
        "lines": _tolerance_text(data.get("lines", {})),
        "shapes": _shapes_text(data.get("shapes", [])),
        "shape_frequency": _exact(_fundamental_hz(tones)) if "shapes" in data else "",
        "offset": _exact(float(offset)) if offset else "",
    }
