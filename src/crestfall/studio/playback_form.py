"""What is played, from the fields of the page and from the table ``[playback]`` of the problem's text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from crestfall.design.playback import Playback
from crestfall.files.problem_data import playback_of_problem
from crestfall.files.reading import shown
from crestfall.problem.quantities import quantity
from crestfall.studio.field_specs import MORE_SAVE, SAVE, short

RATE, LENGTH = short("rate"), short("length")
"""Labels of two fields."""

_NUMBERS = {"full_scale": "V", "offset": "V", "lead": "s", "trail": "s", "fade_in": "s", "fade_out": "s"}
_COUNTS = ("samples_per_period", "multiple_of", "bits")
_FLAGS = ("big_endian", "q_first", "compensate_hold", "seam", "beyond_limits")
_NAMES = {"offset": "played_offset"}
"""Fields of ``Playback`` whose field on the page has another name."""

_LABELS = {key: spec.short for spec in (*SAVE, *MORE_SAVE) for key in spec.keys}
_NAMED = re.compile(rf"^({'|'.join(_LABELS)})(?= is |: )")
_ADVICE = re.compile(r", (?:or )?(?:seam|beyond_limits)=True|;? or give periods=\d+")


def playback_from(data: dict[str, Any], values: Mapping[str, str]) -> Playback | None:
    """The playback that the fields and the text ask for; ``None`` if neither asks for anything.

    Args:
        data: Tables of the problem's text; its table ``playback`` says the rest.
        values: What the fields of ``field_specs.SAVE`` and ``MORE_SAVE`` show, by their names; those that are left out
            are empty.

    Raises:
        ValueError: A field cannot be read, or is out of range; the message begins with what it is called.

    Example:
        >>> playback_from({}, {"rate": "48 kHz", "length": "2 s", "fade_in": "50 ms"}).said()
        {'rate': 48000.0, 'duration': 2.0, 'fade_in': 0.05}
        >>> playback_from({}, {"length": "soon"})
        Traceback (most recent call last):
        ValueError: Periods, or seconds is 'soon'; give a time such as 20 ms, 10 s, 2 min or 1 h
    """
    of_text = playback_of_problem(data) if "playback" in data else None
    said = _said(values)
    try:
        fields = Playback(**said)
    except ValueError as error:
        raise ValueError(in_fields(str(error))) from None
    if not said:
        return of_text
    return fields if of_text is None else of_text.changed(**said)


def playbacks_from(data: dict[str, Any], values: Mapping[str, str], bands: int) -> list[Playback | None]:
    """What is played of each of several bands: the field of the rate may have one for each, separated by commas.

    Raises:
        ValueError: As ``playback_from``; or there are more or fewer rates than bands.

    Example:
        >>> [one.rate for one in playbacks_from({}, {"rate": "1 kHz, 400 kHz"}, 2)]
        [1000.0, 400000.0]
    """
    rates = [part.strip() for part in re.split("[,;]", values.get("rate", "")) if part.strip()]
    if len(rates) < 2:
        return [playback_from(data, values)] * bands
    if len(rates) != bands:
        raise ValueError(f"{RATE} is {shown(values['rate'])}; give one rate, or one for each of the {bands} bands")
    return [playback_from(data, {**values, "rate": rate}) for rate in rates]


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
            said[key] = quantity(text(key), "", name=_LABELS[key])
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
