"""What is played, from the fields of the page and from the table ``[playback]`` of the problem's text."""

from __future__ import annotations

import re
from typing import Any

from crestfall.design.playback import Playback
from crestfall.files.problem_data import playback_of_problem
from crestfall.problem.quantities import quantity

RATE, LENGTH, LEVEL, BITS = "Sample rate", "Periods, or seconds", "Level", "Bits"
"""Labels of the fields."""

_FIELDS = {
    "rate": RATE,
    "sample_rate": RATE,
    "periods": LENGTH,
    "duration": LENGTH,
    "level": LEVEL,
    "bits": BITS,
}
_NAMED = re.compile(rf"^({'|'.join(_FIELDS)})(?= is |: )")
_ADVICE = re.compile(r", (?:or )?(?:seam|beyond_limits)=True|;? or give periods=\d+")


def playback_from(data: dict[str, Any], rate: str, length: str, level: str, bits: str) -> Playback | None:
    """The playback that the fields and the text ask for; ``None`` if neither asks for anything.

    Args:
        data: Tables of the problem's text; its table ``playback`` says the rest.
        rate: Samples per second, such as ``48 kHz``.
        length: A number of periods, such as ``10``, or a time, such as ``2 s``.
        level: A level, such as ``0.5 V`` or ``-1 dBFS``.
        bits: Bits of the converter.

    Raises:
        ValueError: A field cannot be read, or is out of range; the message begins with what it is called.

    Example:
        >>> playback_from({}, "48 kHz", "2 s", "", "").said()
        {'rate': 48000.0, 'duration': 2.0}
        >>> playback_from({}, "", "soon", "", "")
        Traceback (most recent call last):
        ValueError: Periods, or seconds is 'soon'; give a time such as 20 ms, 10 s, 2 min or 1 h
    """
    of_text = playback_of_problem(data) if "playback" in data else None
    said: dict[str, Any] = {}
    if rate.strip():
        said["rate"] = quantity(rate, "Hz", name=RATE)
    if re.fullmatch(r"\d+", length.strip()):
        said["periods"] = int(length)
    elif length.strip():
        said["duration"] = quantity(length, "s", name=LENGTH)
    if level.strip():
        said["level"] = level
    if bits.strip():
        said["bits"] = quantity(bits, "", name=BITS)
    try:
        fields = Playback(**said)
    except ValueError as error:
        raise ValueError(in_fields(str(error))) from None
    if not said:
        return of_text
    return fields if of_text is None else of_text.changed(**said)


def in_fields(message: str) -> str:
    """A message about fields of ``Playback`` in the words of the page.

    Example:
        >>> in_fields("rate is 15 Hz, but the highest tone is at 20 Hz")
        'Sample rate is 15 Hz, but the highest tone is at 20 Hz'
        >>> in_fields("level is '3 V', which is too much; give level='limits', or beyond_limits=True")
        "Level is '3 V', which is too much; give 'limits'"
    """
    message = _NAMED.sub(lambda found: _FIELDS[found[1]], message)
    return _ADVICE.sub("", message).replace("level='", "'")
