"""What a visitor typed into the fields, as the tables of a problem file."""

from __future__ import annotations

from typing import Any

from crestfall.files.lines_text import is_rule
from crestfall.files.reading import shown
from crestfall.files.shape_text import shape_of_words, shape_table, words_of_table
from crestfall.problem.amplitude_laws import is_law
from crestfall.problem.problem import MEASURES
from crestfall.problem.quantities import number_and_unit, quantity
from crestfall.studio.amplitude_form import amplitude_text, amplitudes_of
from crestfall.studio.field_specs import short
from crestfall.studio.tone_details import details_of
from crestfall.studio.typed_numbers import exact, number, whole

_TIMES = short("times")
_TIMES_KEYS = ("window_s", "window_duration_s", "sample_rate_hz", "samples", "points")


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
        ValueError: A field does not hold a number.

    Example:
        >>> with_harmonics({}, "odd:9", "10", "1 0.5; 0.5 0.5 0.2", False)["tones"]["amplitudes"]
        [1.0, 0.5, 0.5, 0.5, 0.2]
    """
    if not harmonics.strip():
        raise ValueError(
            f"{short('harmonics')} is empty; write harmonics such as 1:31, or frequencies such as 20..2000"
        )
    key = "frequencies_hz" if is_rule(harmonics) else "harmonics"
    before = data.get("tones", {})
    tones: dict[str, Any] = {key: harmonics.strip(), **_fundamental_of(fundamental, before)}
    tones |= {key: before[key] for key in ("exclude", "raster_hz") if key in before}
    if is_law(amplitudes):
        return with_tones(data, tones | {"amplitudes": amplitudes.strip()}, complex)
    sizes, unit = amplitudes_of(amplitudes, before.get("unit", ""))
    if len(sizes) > 1:
        tones["amplitudes"] = sizes
    elif sizes and sizes[0] != 1.0:
        tones["amplitudes"] = sizes[0]
    return with_tones(data, tones | ({"unit": unit} if unit else {}), complex)


def _fundamental_of(text: str, before: dict[str, Any]) -> dict[str, Any]:
    """What a frequency or a period says: ``10 Hz``, or ``60 s``."""
    if before and text.strip() == _fundamental_text(before):  # to the last digit
        return {key: before[key] for key in ("fundamental_hz", "period_s") if key in before} or {"fundamental_hz": 1.0}
    try:
        return {"fundamental_hz": number(text, short("fundamental"), "Hz")}
    except ValueError:
        if (given := number_and_unit(text, decimal_comma=True)) is None or not given[1] or given[0] <= 0:
            raise
        try:
            return {"period_s": quantity(text, "s", decimal_comma=True)}
        except ValueError:
            pass
        raise


def _fundamental_text(tones: dict[str, Any]) -> str:
    return f"{exact(float(tones['period_s']))} s" if "period_s" in tones else exact(_fundamental_hz(tones))


def with_tones(data: dict[str, Any], tones: dict[str, Any], complex: bool) -> dict[str, Any]:
    """The tables with other tones; the rest stays."""
    before = data.get("tones", {})
    tolerance = before.get("tolerance_db")
    kept = {"tolerance_db": tolerance} if isinstance(tolerance, int | float) else {}
    if "unit" in before and "unit" not in tones:
        kept["unit"] = before["unit"]
    if "bands" in before:
        kept |= {key: before[key] for key in ("bands", "raster_hz") if key in before}
    rest = {key: value for key, value in data.items() if key not in ("tones", "shapes")}
    if "lines" in rest:  # where other tones were asked for says nothing about these
        rest["lines"] = {key: value for key, value in rest["lines"].items() if key != "around_hz"}
    return {"tones": {**tones, **({"complex": True} if complex else {}), **kept}, **rest}


def with_goal(
    data: dict[str, Any], measure: str, times: str, alphabet: str, *, start_at_zero: bool | None = None
) -> dict[str, Any]:
    """The tables with another measure, other times that count, and another alphabet; the rest stays.

    Args:
        data: The tables.
        measure: One of ``Problem.measure``.
        times: The times that count (see ``times_of``).
        alphabet: Number of phases that are allowed; nothing for all.
        start_at_zero: Whether the period is to begin at a zero crossing; ``None`` leaves it as it is.

    Raises:
        ValueError: The measure is unknown, or a field does not hold a number.

    Example:
        >>> with_goal({"tones": {"harmonics": "1:3"}}, "range", "0:0.05", "4")["goal"]
        {'measure': 'range', 'window_s': [0.0, 0.05], 'alphabet': 4}
    """
    if measure not in MEASURES:
        raise ValueError(f"{short('measure')} is {shown(measure)}; choose one of {', '.join(MEASURES)}")
    before = data.get("goal", {})
    goal = {key: value for key, value in before.items() if key not in ("measure", *_TIMES_KEYS, "alphabet")}
    if measure != "peak":
        goal["measure"] = measure
    if times.strip() == _times_text(before):  # to the last digit
        goal |= {key: before[key] for key in _TIMES_KEYS if key in before}
    else:
        goal |= times_of(times)
    if alphabet.strip():
        goal["alphabet"] = whole(alphabet, short("alphabet"), least=2)
    if start_at_zero is not None and start_at_zero is not bool(before.get("start_at_zero")):
        goal = {key: value for key, value in goal.items() if key != "start_at_zero"}
        goal |= {"start_at_zero": True} if start_at_zero else {}
    found: dict[str, Any] = {}
    for name in dict.fromkeys(["tones", "goal", *data]):
        content = goal if name == "goal" else data.get(name)
        if content:
            found[name] = content
    return found


def with_shapes(data: dict[str, Any], shapes: str, fundamental: str, steps: str = "") -> dict[str, Any]:
    """The tables with periodic shapes instead of tones; what is measured and a fixed waveform stay.

    Args:
        data: The tables.
        shapes: Pulses and triangles in words (see ``crestfall.files.shape_text``), with blanks between them.
        fundamental: Frequency of the common period.
        steps: Steps of it; nothing for as many as the shapes need.

    Raises:
        ValueError: A text is not a shape, or the field does not hold a frequency.

    Example:
        >>> with_shapes({}, "pulse:5/12:4 triangle:2", "100 kHz")["shapes"][0]
        {'kind': 'pulse', 'duty': '5/12', 'amplitude': 4.0}
    """
    hertz = number(fundamental, short("shape_frequency"), "Hz")
    count = {"samples": whole(steps, short("steps"), least=1)} if steps.strip() else {}
    before, old = data.get("shapes", []), data.get("tones", {})
    tones: dict[str, Any] = {"fundamental_hz": hertz, **({"unit": old["unit"]} if "unit" in old else {})}
    if before and shapes.split() == _shapes_text(before).split():
        goal = {key: value for key, value in data.get("goal", {}).items() if key != "samples"} | count
        rest = {key: value for key, value in data.items() if key not in ("tones", "goal")}
        return {"tones": tones, **({"goal": goal} if goal else {}), **rest}
    tables = []
    for text in shapes.replace(";", " ").split():
        try:
            tables.append(shape_table(shape_of_words(text)))
        except ValueError as error:
            raise ValueError(f"{short('shapes')}: {shown(text)}: {error}") from None
    if not tables:
        raise ValueError(f"{short('shapes')} is empty; write pulses and triangles, such as pulse:5/12:4 pulse:0.3:6")
    kept: dict[str, Any] = {key: data[key] for key in ("outputs", "fixed", "playback") if key in data}
    measure = data.get("goal", {}).get("measure")
    asked: dict[str, Any] = ({} if measure is None else {"measure": measure}) | count
    return {"tones": tones, **({"goal": asked} if asked else {}), "shapes": tables, **kept}


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
    value = number(offset, short("offset"), "V", least=None) if offset.strip() else 0.0
    return with_fixed(data, before | ({"offset": value} if value else {}))


def with_fixed(data: dict[str, Any], fixed: dict[str, Any]) -> dict[str, Any]:
    """The tables with another fixed waveform, or none."""
    rest = {key: value for key, value in data.items() if key != "fixed"}
    return {**rest, "fixed": fixed} if fixed else rest


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
    try:
        return {"sample_rate_hz": number(entry, _TIMES, "Hz")}
    except ValueError as error:
        raise ValueError(f"{error}, a window such as 0:0.05, or samples of a period such as 480 samples") from None


def _times_text(goal: dict[str, Any]) -> str:
    """What ``times_of`` reads."""
    if "window_s" in goal:
        return ":".join(f"{end:.12g}" for end in goal["window_s"])
    if "sample_rate_hz" in goal:
        return f"{goal['sample_rate_hz']:.12g}"
    samples = goal.get("samples", goal.get("points", 0) - 1)
    return f"{samples} samples" if samples > 0 else ""


def _steps_text(data: dict[str, Any]) -> str:
    samples = data.get("goal", {}).get("samples")
    return str(samples) if "shapes" in data and samples is not None else ""


def _fundamental_hz(tones: dict[str, Any]) -> float:
    return float(1.0 / tones["period_s"] if "period_s" in tones else tones.get("fundamental_hz", 1.0))


def _amplitudes_text(amplitudes: Any, unit: str) -> str:
    """A law, numbers, or one amplitude with its unit."""
    if isinstance(amplitudes, list):
        return " ".join(f"{size:.9g}" for size in amplitudes)
    return amplitudes if isinstance(amplitudes, str) else amplitude_text(amplitudes, unit)


def fields_of(data: dict[str, Any]) -> dict[str, str]:
    """What the fields show for these tables; fields that do not apply are empty."""
    tones, goal = data.get("tones", {}), data.get("goal", {})
    amplitudes = tones.get("amplitudes", 1.0)
    rule = tones.get("frequencies_hz")
    offset = data.get("fixed", {}).get("offset")
    harmonics = rule if isinstance(rule, str) else tones.get("harmonics", "")
    if isinstance(amplitudes, list) and len(set(amplitudes)) == 1:
        amplitudes = amplitudes[0]
    return {
        "harmonics": ",".join(map(str, harmonics)) if isinstance(harmonics, list) else harmonics,
        "fundamental": _fundamental_text(tones) if harmonics else "",
        "amplitudes": _amplitudes_text(amplitudes, str(tones.get("unit", ""))),
        "signal": "complex" if tones.get("complex") else "real",
        "measure": goal.get("measure", "peak"),
        "times": "" if "shapes" in data else _times_text(goal),
        "alphabet": str(goal.get("alphabet", "")),
        **details_of(data),
        "shapes": _shapes_text(data.get("shapes", [])),
        "shape_frequency": exact(_fundamental_hz(tones)) if "shapes" in data else "",
        "steps": _steps_text(data),
        "offset": exact(float(offset)) if offset else "",
        "start_at_zero": "yes" if goal.get("start_at_zero") else "",
    }
