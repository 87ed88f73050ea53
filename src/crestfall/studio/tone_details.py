"""What few problems say of their tones: what to leave out, a raster, amplitudes and lines that may move, a unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crestfall.files.line_tables import tolerance_table
from crestfall.studio.amplitude_form import factor_between, scaled
from crestfall.studio.field_specs import short
from crestfall.studio.typed_numbers import exact, number, whole

_TOLERANCE_KEYS = {"steps": "", "tolerance_hz": " Hz", "tolerance_percent": " %"}

DETAILS = ("exclude", "raster", "tolerance", "unit", "bands")
"""Names of the fields."""

_KEYS = {"exclude": "exclude", "raster": "raster_hz", "tolerance": "tolerance_db", "unit": "unit", "bands": "bands"}


def with_details(data: dict[str, Any], typed: Mapping[str, str]) -> dict[str, Any]:
    """The tables with these keys of ``[tones]``; the rest stays.

    Args:
        data: The tables.
        typed: What the fields of ``DETAILS`` show; those that are left out stay as they are.

    Raises:
        ValueError: A field does not hold a number, or there are no common tones.

    Example:
        >>> tones = {"tones": {"harmonics": "1:9"}}
        >>> with_details(tones, {"exclude": "mains, 900..1100", "raster": "0,1 Hz", "unit": "V"})["tones"]
        {'harmonics': '1:9', 'exclude': ['mains', '900..1100'], 'raster_hz': 0.1, 'unit': 'V'}
    """
    before = details_of(data)
    changed = {name: text.strip() for name, text in typed.items() if text.strip() != before[name]}
    if not changed:
        return data
    if "tones" not in data:
        raise ValueError(f"{short(next(iter(changed)))} is about tones that all inputs share; write it under Text")
    tones = dict(data["tones"])
    for name, text in changed.items():
        tones.pop(_KEYS[name], None)
        if text:
            tones[_KEYS[name]] = _read(name, text)
    if "unit" in changed and not _OF_THE_UNIT & data.keys():
        amplitudes = _in_other_unit(tones.get("amplitudes", 1.0), before["unit"], changed["unit"])
        tones |= {"amplitudes": amplitudes} if amplitudes != tones.get("amplitudes", 1.0) else {}
    return {**data, "tones": tones}


_OF_THE_UNIT = {"outputs", "extra", "fixed", "inputs", "shapes"}
"""Tables with more numbers in the unit of the amplitudes: with them another unit is a correction of them all."""


def _in_other_unit(amplitudes: Any, before: str, after: str) -> Any:
    """The same voltages or currents in another unit; numbers in any other unit, and laws, stay as they are."""
    factor = factor_between(before, after)
    if factor is None or isinstance(amplitudes, str):
        return amplitudes
    return [scaled(size, factor) for size in amplitudes] if isinstance(amplitudes, list) else scaled(amplitudes, factor)


def _read(name: str, text: str) -> Any:
    """The value of a key."""
    if name == "exclude":
        return [part for each in text.split(",") if (part := each.strip())]
    if name == "tolerance":
        return number(text, short(name), "dB", least=None)
    if name == "bands":
        return whole(text, short(name), least=2)
    if name == "raster":
        try:
            return number(text, short(name), "Hz")
        except ValueError:
            several = [part for part in re.split("[,;]", text) if part.strip()]
            if len(several) < 2:
                raise
        return [number(part, short(name), "Hz") for part in several]
    return text


def with_lines(data: dict[str, Any], tolerance: str, raster: str | None = None) -> dict[str, Any]:
    """The tables with another tolerance of the lines; the rest stays.

    Args:
        data: The tables.
        tolerance: ``2``, ``0.5 Hz`` or ``5 %``; nothing for lines that stay.
        raster: Distance of the lines to which they may move; nothing for the default, ``None`` for what it was.

    Raises:
        ValueError: It is none of these, or there is a raster and no tolerance.

    Example:
        >>> with_lines({"tones": {"harmonics": "1:3"}}, "0.5 Hz")
        {'tones': {'harmonics': '1:3'}, 'lines': {'tolerance_hz': 0.5}}
    """
    before = data.get("lines", {})
    shown = details_of(data)
    raster = shown["line_raster"] if raster is None else raster.strip()
    if (tolerance.strip(), raster) == (shown["lines"], shown["line_raster"]):  # to the last digit
        return data
    rest = {key: value for key, value in data.items() if key != "lines"}
    if not tolerance.strip():
        if raster and raster != shown["line_raster"]:
            raise ValueError(f"{short('lines')} is empty; say how far, such as 2, 0.5 Hz or 5 %")
        return rest
    kept = {key: value for key, value in before.items() if key not in (*_TOLERANCE_KEYS, "raster_hz")}
    table = tolerance_table(tolerance, short("lines"))
    if raster == shown["line_raster"] and "raster_hz" in before:
        table["raster_hz"] = before["raster_hz"]
    elif raster:
        table["raster_hz"] = number(raster, short("line_raster"), "Hz")
    return {**rest, "lines": {**table, **kept}}


def details_of(data: dict[str, Any]) -> dict[str, str]:
    """What the fields show for these tables.

    Example:
        >>> details_of({"tones": {"exclude": ["mains"], "raster_hz": [0.01, 10.0]}, "lines": {"steps": 2}})["raster"]
        '0.01 Hz, 10 Hz'
    """
    tones, lines = data.get("tones", {}), data.get("lines", {})
    exclude, raster, tolerance = (tones.get(key) for key in ("exclude", "raster_hz", "tolerance_db"))
    said = next((key for key in _TOLERANCE_KEYS if key in lines), None)
    return {
        "exclude": ", ".join(map(str, exclude)) if isinstance(exclude, list) else str(exclude or ""),
        "raster": _frequencies(raster),
        "tolerance": exact(float(tolerance)) if isinstance(tolerance, int | float) else "",
        "unit": str(tones.get("unit", "")),
        "bands": str(tones.get("bands", "")),
        "lines": "" if said is None else f"{lines[said]:.12g}{_TOLERANCE_KEYS[said]}",
        "line_raster": _frequencies(lines.get("raster_hz")),
    }


def _frequencies(given: Any) -> str:
    """A frequency, or several; a file may have them with units."""
    if isinstance(given, list):
        return ", ".join(one if isinstance(one, str) else f"{exact(float(one))} Hz" for one in given)
    return "" if given is None else given if isinstance(given, str) else exact(float(given))
