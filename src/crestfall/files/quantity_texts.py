"""Texts with units in plain data: ``fundamental_hz = "1/60 Hz"`` says the same as ``fundamental_hz = 0.0166…``."""

from __future__ import annotations

from typing import Any

from crestfall.problem.quantities import quantity

_UNITS = {"hz": "Hz", "s": "s", "db": "dB", "rad": "rad", "v": "V"}
"""The endings of keys that name a unit."""


def with_numbers(data: Any, where: str = "") -> Any:
    """The same data with numbers for the texts of all keys that name a unit: ``*_hz``, ``*_s``, ``*_db``, ``*_rad``,
    ``*_v``, and limits.

    Args:
        data: Tables, lists and values; what has no texts is passed on as it is.
        where: The key that they are the value of, for errors.

    Raises:
        ValueError: A text is not such a quantity; the message begins with the key.

    Example:
        >>> with_numbers({"tones": {"harmonics": "1:3", "fundamental_hz": "2 kHz"}, "goal": {"window_s": [0, "5 ms"]}})
        {'tones': {'harmonics': '1:3', 'fundamental_hz': 2000.0}, 'goal': {'window_s': [0, 0.005]}}
        >>> with_numbers({"tones": {"fundamental_hz": "2 kV"}})
        Traceback (most recent call last):
        ValueError: tones.fundamental_hz is '2 kV'; give a frequency such as 10 kHz
    """
    if isinstance(data, list):
        return [with_numbers(one, f"{where}[{k}]") for k, one in enumerate(data)] if _has_tables(data) else data
    if not isinstance(data, dict):
        return data
    found = {}
    for key, value in data.items():
        place = f"{where}.{key}" if where else str(key)
        unit = "V" if key == "limit" else _UNITS.get(str(key).rpartition("_")[2]) if "_" in str(key) else None
        if key == "frequencies_hz" and isinstance(value, str):  # a rule (see ``lines_text``), no quantity
            unit = None
        found[key] = with_numbers(value, place) if unit is None else _numbers(value, unit, place)
    return found


def _has_tables(values: list[Any]) -> bool:
    return bool(values) and isinstance(values[0], dict)


def _numbers(value: Any, unit: str, where: str) -> Any:
    """A value of a key with a unit: texts become numbers, whatever else is there stays for the schema to judge."""
    if isinstance(value, str):
        return quantity(value, unit, name=where)
    if isinstance(value, list) and any(isinstance(one, str) for one in value):
        return [_numbers(one, unit, f"{where}[{k}]") for k, one in enumerate(value)]
    if isinstance(value, dict):
        return {key: _numbers(one, unit, f"{where}.{key}") for key, one in value.items()}
    return value
