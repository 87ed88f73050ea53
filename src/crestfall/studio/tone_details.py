"""What few problems say of their tones: what to leave out, a raster, amplitudes and lines that may move, a unit."""

from __future__ import annotations

import re
from typing import Any

from crestfall.files.line_tables import tolerance_table
from crestfall.studio.field_specs import short
from crestfall.studio.typed_numbers import exact, number

_TOLERANCE_KEYS = {"steps": "", "tolerance_hz": " Hz", "tolerance_percent": " %"}


def with_details(data: dict[str, Any], exclude: str, raster: str, tolerance: str, unit: str) -> dict[str, Any]:
    """The tables with these keys of ``[tones]``; the rest stays.

    Args:
        data: The tables.
        exclude: What to leave out, separated by commas.
        raster: Raster of the frequencies, or one for each band, separated by commas; nothing for none.
        tolerance: By how much amplitudes may move [dB]; nothing for not at all.
        unit: Unit of the amplitudes.

    Raises:
        ValueError: A field holds no number, or there are no common tones.

    Example:
        >>> with_details({"tones": {"harmonics": "1:9"}}, "mains, 900..1100", "0,1 Hz", "0.5 dB", "V")["tones"]
        {'harmonics': '1:9', 'exclude': ['mains', '900..1100'], 'raster_hz': 0.1, 'tolerance_db': 0.5, 'unit': 'V'}
    """
    before = details_of(data)
    given = {"exclude": exclude.strip(), "raster": raster.strip(), "tolerance": tolerance.strip(), "unit": unit.strip()}
    changed = {name: text for name, text in given.items() if text != before[name]}
    if not changed:
        return data
    if "tones" not in data:
        name = next(iter(changed))
        raise ValueError(f"{short(name)} is about tones that all inputs share; write it under Text")
    tones = dict(data["tones"])
    for name, text in changed.items():
        key = _KEYS[name]
        tones.pop(key, None)
        if text:
            tones[key] = _read(name, text)
    return {**data, "tones": tones}


_KEYS = {"exclude": "exclude", "raster": "raster_hz", "tolerance": "tolerance_db", "unit": "unit"}


def _read(name: str, text: str) -> Any:
    if name == "exclude":
        return [part for each in text.split(",") if (part := each.strip())]
    if name == "tolerance":
        return number(text, short(name), "dB", least=None)
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
        "lines": "" if said is None else f"{lines[said]:.12g}{_TOLERANCE_KEYS[said]}",
        "line_raster": _frequencies(lines.get("raster_hz")),
    }


def _frequencies(given: Any) -> str:
    """A frequency, or several; a file may have them with units."""
    if isinstance(given, list):
        return ", ".join(one if isinstance(one, str) else f"{exact(float(one))} Hz" for one in given)
    return "" if given is None else given if isinstance(given, str) else exact(float(given))
