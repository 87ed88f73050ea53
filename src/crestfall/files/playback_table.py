"""The table ``[playback]`` of problem files: what an instrument plays, in keys with units.

.. code-block:: toml

    [playback]
    rate_hz = 48000             # or samples_per_period = 4096
    periods = 10                # or duration_s = 2.0
    # multiple_of = 32          # all periods together are a multiple of 32 samples
    level = "-1 dBFS"           # "0.5 V", "1 Vpp", "200 mVrms", "-1 to 3 V", "designed", "limits"
    # full_scale_v = 1.0        # the converter's last step
    # offset_v = 0.5
    # lead_s = 0.1              # silence, then the signal fades in
    # fade_in_s = 0.05
    # fade_out_s = 0.05
    # trail_s = 0.1
    # bits = 14
    # signed = false            # offset binary
    # big_endian = true
    # q_first = true
    # compensate_hold = true
    # seam = true               # also periods that are not a whole number of samples
    # beyond_limits = true
"""

# No annotations as text: msgspec would compile those of the tables while a file is read.

from dataclasses import fields
from typing import Annotated, Any

from msgspec import Meta, Struct

from crestfall.design.playback import Playback
from crestfall.files.conversion import Finite, Positive, converted

Count = Annotated[int, Meta(ge=1, description="it must be an integer of at least 1")]
Time = Annotated[float, Meta(ge=0.0, le=1e300, description="it must be a time in seconds, 0 or more")]
_UNITS = {
    "rate": "hz",
    "duration": "s",
    "full_scale": "v",
    "offset": "v",
    "fade_in": "s",
    "fade_out": "s",
    "lead": "s",
    "trail": "s",
}
KEYS = {one.name: f"{one.name}_{_UNITS[one.name]}" if one.name in _UNITS else one.name for one in fields(Playback)}
"""Fields of ``Playback``, and the keys that say them."""


class PlaybackTable(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """``[playback]``."""

    rate_hz: Positive | None = None
    samples_per_period: Count | None = None
    periods: Count | None = None
    duration_s: Positive | None = None
    multiple_of: Count | None = None
    level: float | str | None = None
    full_scale_v: Positive | None = None
    offset_v: Finite = 0.0
    fade_in_s: Time = 0.0
    fade_out_s: Time = 0.0
    lead_s: Time = 0.0
    trail_s: Time = 0.0
    bits: Annotated[int, Meta(ge=2, le=32, description="it must be an integer from 2 to 32")] | None = None
    signed: bool = True
    big_endian: bool = False
    q_first: bool = False
    compensate_hold: bool = False
    seam: bool = False
    beyond_limits: bool = False


def playback_from_data(data: Any) -> Playback:
    """The playback of a table.

    Raises:
        ValueError: A key is unknown, or a value is wrong. The message begins with the key.

    Example:
        >>> playback_from_data({"rate_hz": 1000, "lead_s": 0.5})
        Playback(rate=1000.0, ..., lead=0.5, ...)
        >>> playback_from_data({"periods": 2, "duration_s": 1.0})
        Traceback (most recent call last):
        ValueError: playback: periods and duration_s say the same thing; give one of them
    """
    return playback_of_table(converted(data, PlaybackTable))


def playback_of_table(table: PlaybackTable) -> Playback:
    """The same of a table that has been checked."""
    try:
        return Playback(**{name: getattr(table, key) for name, key in KEYS.items()})
    except ValueError as error:
        message = in_keys(str(error))
        is_about_one = message.partition(" is ")[0] in KEYS.values()
        raise ValueError(f"playback{'.' if is_about_one else ': '}{message}") from None


def playback_to_data(playback: Playback) -> dict[str, Any]:
    """The table of a playback, without what is at its default.

    Example:
        >>> playback_to_data(Playback(rate=1000, level="-1 dBFS"))
        {'rate_hz': 1000.0, 'level': '-1 dBFS'}
    """
    return {KEYS[name]: value for name, value in playback.said().items()}


def in_keys(message: str) -> str:
    """A message about fields of ``Playback`` in the keys of the table."""
    return " ".join(KEYS.get(word, word) for word in message.split(" "))
