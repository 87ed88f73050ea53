"""What a visitor typed into the fields, as the tables of a problem file."""

from __future__ import annotations

from math import isfinite
from typing import Any

from crestfall.files.reading import shown
from crestfall.problem.goal import MEASURES
from crestfall.studio.limits import Limits


def number(text: str, label: str, *, least: float = 0.0, most: float | None = None) -> float:
    """A finite number above ``least`` from a field.

    Raises:
        ValueError: It is none; the message begins with the label of the field.

    Example:
        >>> number(" 2,5 ", "Fundamental")
        2.5
        >>> number("ten", "Fundamental")
        Traceback (most recent call last):
        ValueError: Fundamental is 'ten'; write a number such as 10
    """
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = float("nan")
    if "_" in text or not isfinite(value):
        raise ValueError(f"{label} is {shown(text)}; write a number such as 10")
    if value <= least:
        raise ValueError(f"{label} is {shown(text)}; write a number above {least:g}")
    if most is not None and value > most:
        raise ValueError(f"{label} is {shown(text)}; this studio allows {most:g} at most")
    return value


def seconds(text: str, limits: Limits) -> float:
    """The time limit of a search [s]."""
    return number(text, "Time limit", most=limits.seconds)


def seed(text: str) -> int:
    """The seed of a search.

    Example:
        >>> seed("7")
        7
    """
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) <= 12):
        raise ValueError(f"Seed is {shown(text)}; write a whole number such as 0")
    return int(text)


def with_harmonics(
    data: dict[str, Any], harmonics: str, fundamental: str, amplitudes: str, complex: bool
) -> dict[str, Any]:
    """The tables with tones at multiples of a fundamental; the rest stays.

    Raises:
        ValueError: A field holds no number.

    Example:
        >>> with_harmonics({}, "odd:9", "10", "1 0.5; 0.5 0.5 0.2", False)["tones"]["amplitudes"]
        [1.0, 0.5, 0.5, 0.5, 0.2]
    """
    tones: dict[str, Any] = {"harmonics": harmonics.strip(), "fundamental_hz": number(fundamental, "Fundamental")}
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
    rest = {key: value for key, value in data.items() if key != "tones"}
    return {"tones": {**tones, **({"complex": True} if complex else {}), **kept}, **rest}


def with_goal(data: dict[str, Any], measure: str, sample_rate: str) -> dict[str, Any]:
    """The tables with another measure, and a sample rate [Hz] unless the field is empty."""
    if measure not in MEASURES:
        raise ValueError(f"What counts is {shown(measure)}; choose one of {', '.join(MEASURES)}")
    goal = {key: value for key, value in data.get("goal", {}).items() if key not in ("measure", "sample_rate_hz")}
    if measure != "peak":
        goal["measure"] = measure
    if sample_rate.strip():
        goal["sample_rate_hz"] = number(sample_rate, "Sample rate")
    rest = {key: value for key, value in data.items() if key not in ("goal", "tones")}
    return {"tones": data["tones"], **({"goal": goal} if goal else {}), **rest}


def fields_of(data: dict[str, Any]) -> dict[str, str]:
    """What the fields show for these tables; fields that do not apply are empty."""
    tones, goal = data["tones"], data.get("goal", {})
    amplitudes = tones.get("amplitudes", 1.0)
    harmonics = tones.get("harmonics", "")
    if isinstance(amplitudes, list) and len(set(amplitudes)) == 1:
        amplitudes = amplitudes[0]
    sizes = amplitudes if isinstance(amplitudes, list) else [amplitudes]
    return {
        "harmonics": ",".join(map(str, harmonics)) if isinstance(harmonics, list) else harmonics,
        "fundamental": f"{tones.get('fundamental_hz', 1.0):.12g}" if harmonics else "",
        "amplitudes": " ".join(f"{size:.9g}" for size in sizes),
        "signal": "complex" if tones.get("complex") else "real",
        "measure": goal.get("measure", "peak"),
        "sample_rate": f"{goal['sample_rate_hz']:.12g}" if "sample_rate_hz" in goal else "",
    }
