"""What is played, from the fields of the page, and as the table ``[playback]`` of the problem's text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from crestfall.design.playback import Playback
from crestfall.files.playback_table import playback_to_data
from crestfall.files.problem_data import playback_of_problem
from crestfall.files.reading import shown
from crestfall.problem.quantities import quantity
from crestfall.problem.readable import readable
from crestfall.studio.field_specs import MORE_SAVE, SAVE, short
from crestfall.studio.typed_numbers import exact, whole

RATE, LENGTH = short("rate"), short("length")
"""Labels of two fields."""

_NUMBERS = {"full_scale": "V", "offset": "V", "lead": "s", "trail": "s", "fade_in": "s", "fade_out": "s"}
_COUNTS = ("samples_per_period", "multiple_of", "bits")
_FLAGS = ("big_endian", "q_first", "compensate_hold", "seam", "beyond_limits")
_NAMES = {"offset": "played_offset"}
"""Fields of ``Playback`` whose field on the page has another name."""

PLAYED = (
    *("rate", "length", "level", "bits", "samples_per_period", "multiple_of", "full_scale", "played_offset"),
    *("lead", "trail", "fade_in", "fade_out", "unsigned", *_FLAGS),
)
"""Names of the fields that say what is played; the other fields of these forms are options of single formats."""

_LABELS = {key: spec.short for spec in (*SAVE, *MORE_SAVE) for key in spec.keys}
_NAMED = re.compile(rf"^({'|'.join(_LABELS)})(?= is |: )")
_ADVICE = re.compile(r", (?:or )?(?:seam|beyond_limits)=True|;? or give periods=\d+")


def playback_from(values: Mapping[str, str]) -> Playback | None:
    """The playback that the fields ask for; ``None`` if they ask for nothing.

    Args:
        values: What the fields of ``field_specs.SAVE`` and ``MORE_SAVE`` show, by their names; those that are left out
            are empty.

    Raises:
        ValueError: A field cannot be read, or is out of range; the message begins with what it is called.

    Example:
        >>> playback_from({"rate": "48 kHz", "length": "2 s", "fade_in": "50 ms"}).said()
        {'rate': 48000.0, 'duration': 2.0, 'fade_in': 0.05}
        >>> playback_from({"length": "soon"})
        Traceback (most recent call last):
        ValueError: Periods, or seconds is 'soon'; give a time such as 20 ms, 10 s, 2 min or 1 h
    """
    said = _said(values)
    try:
        return Playback(**said) if said else None
    except ValueError as error:
        raise ValueError(in_fields(str(error))) from None


def playbacks_from(values: Mapping[str, str], bands: int) -> list[Playback | None]:
    """What is played of each of several bands: the field of the rate may have one for each, separated by commas.

    Raises:
        ValueError: As ``playback_from``; or there are more or fewer rates than bands.

    Example:
        >>> [one.rate for one in playbacks_from({"rate": "1 kHz, 400 kHz"}, 2)]
        [1000.0, 400000.0]
    """
    rates = _rates(values)
    if len(rates) < 2:
        return [playback_from(values)] * bands
    if len(rates) != bands:
        raise ValueError(f"{RATE} is {shown(values['rate'])}; give one rate, or one for each of the {bands} bands")
    return [playback_from({**values, "rate": rate}) for rate in rates]


def _rates(values: Mapping[str, str]) -> list[str]:
    return [part.strip() for part in re.split("[,;]", values.get("rate", "")) if part.strip()]


def table_from(values: Mapping[str, str], *, bands: bool = False) -> dict[str, Any]:
    """The table ``[playback]`` of what the fields ask for, without the rates where each band has its own.

    Raises:
        ValueError: As ``playback_from``.

    Example:
        >>> table_from({"rate": "48 kHz", "length": "10 periods", "unsigned": "yes"})
        {'rate_hz': 48000.0, 'periods': 10, 'signed': False}
    """
    several = bands and len(_rates(values)) > 1
    playback = playback_from({**values, "rate": ""} if several else values)
    return {} if playback is None else playback_to_data(playback)


def fields_of_playback(data: dict[str, Any]) -> dict[str, str]:
    """What the fields show for the table ``[playback]`` of a problem; empty texts without it.

    Example:
        >>> fields = fields_of_playback({"tones": {"harmonics": "1:3"}, "playback": {"rate_hz": 48e3, "periods": 2}})
        >>> {name: text for name, text in fields.items() if text}
        {'rate': '48 kHz', 'length': '2 periods'}
    """
    found = dict.fromkeys(PLAYED, "")
    said = {} if "playback" not in data else (playback_of_problem(data) or Playback()).said()
    for key, value in said.items():
        name = _NAMES.get(key, key)
        if key == "rate":
            found["rate"] = _with_unit(value, "Hz")
        elif key == "periods":
            found["length"] = f"{value} period{'s' * (value > 1)}"
        elif key == "duration":
            found["length"] = _with_unit(value, "s")
        elif key == "signed":
            found["unsigned"] = "yes"
        elif key in _FLAGS:
            found[name] = "yes"
        else:
            found[name] = value if isinstance(value, str) else exact(float(value))
    return found


def _with_unit(value: float, unit: str) -> str:
    """A quantity with a readable unit if that is exact, else in the unit itself."""
    text = readable(value, unit, 12)
    return text if quantity(text, unit) == value else f"{exact(value)} {unit}"


def _said(values: Mapping[str, str]) -> dict[str, Any]:
    """The fields of ``Playback`` that are not empty."""

    def text(key: str) -> str:
        return values.get(_NAMES.get(key, key), "").strip()

    said: dict[str, Any] = {}
    if text("rate"):
        said["rate"] = quantity(text("rate"), "Hz", name=RATE, decimal_comma=True)
    if re.fullmatch(r"\d+( *periods?)?", text("length")):
        said["periods"] = int(text("length").removesuffix("s").removesuffix("period"))
    elif text("length"):
        said["duration"] = quantity(text("length"), "s", name=LENGTH, decimal_comma=True)
    if text("level"):
        said["level"] = values["level"]
    for key in _COUNTS:
        if text(key):
            said[key] = whole(text(key), _LABELS[key], least=1)
    for key, unit in _NUMBERS.items():
        if text(key):
            said[key] = quantity(text(key), unit, name=_LABELS[key], decimal_comma=True)
    said |= {key: True for key in _FLAGS if text(key)}
    return said | ({"signed": False} if text("unsigned") else {})


def file_options_from(values: Mapping[str, str], taken: Collection[str]) -> dict[str, Any]:
    """Options of a format, as far as it takes them (see ``crestfall.files.options_of_format``).

    Example:
        >>> file_options_from({"separator": "comma", "time": "yes", "model": "DG5000"}, ["time", "header", "separator"])
        {'time': True, 'separator': 'comma'}
    """
    said: dict[str, Any] = {key: True for key in ("time", "tones_only") if values.get(key)}
    said |= {key: values[key] for key in ("separator", "model") if values.get(key)}
    said |= {"header": False} if values.get("no_header") else {}
    return {key: value for key, value in said.items() if key in taken}


def in_fields(message: str) -> str:
    """A message about fields of ``Playback`` in the words of the page.

    Example:
        >>> in_fields("rate is 15 Hz, but the highest tone is at 20 Hz")
        'Sample rate is 15 Hz, but the highest tone is at 20 Hz'
        >>> in_fields("level is '3 V', which is too much; give level='limits', or beyond_limits=True")
        "Level is '3 V', which is too much; give 'limits'"
    """
    message = _NAMED.sub(lambda found: _LABELS[found[1]], message)
    return _ADVICE.sub("", message).replace("level='", "'")
