"""What an instrument plays of a design: rate, length, level, and how its converter takes numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from crestfall.design.level import Level, level_of
from crestfall.problem.arguments import finite_number, require_flag, whole_number

if TYPE_CHECKING:
    from crestfall.design.design import Design
    from crestfall.design.played import Played

LEAST_BITS, MOST_BITS = 2, 32
_RATE = "a finite number of samples per second above 0"
_EITHER = (("rate", "samples_per_period"), ("periods", "duration"))
_TIME = "a finite time in seconds, 0 or more"


@dataclass(frozen=True)
class Playback:
    """What an instrument plays. Every field has a default that suits the design and the format of the file.

    Rates, times and voltages may be text with a unit: ``"48 kHz"``, ``"20 ms"``, ``"500 mV"``.

    Attributes:
        rate: Samples per second [Hz].
        samples_per_period: Number of samples of one period, instead of ``rate``.
        periods: Number of periods. By default the fewest that are a whole number of samples, so that a loop has no
            seam.
        duration: Shortest duration of the signal [s], instead of ``periods``; the number of periods is rounded up to
            one that closes.
        multiple_of: All periods together are a multiple of this number of samples, for memories that are filled in
            blocks.
        level: Peak [V] as a number, or a text: ``"0.5 V"``, ``"1 Vpp"``, ``"200 mVrms"``, ``"-10 dBV"``, ``"-1 dBFS"``;
            or a range that the signal fills, ``"-1 to 3 V"``, which sets its offset, too. ``"designed"`` takes the
            amplitudes as they are, ``"limits"`` plays as large as all limits of the problem allow. By default
            ``"limits"`` where there are limits, else ``"designed"``. Peaks are certified true peaks, inter-sample peaks
            included. With several signals the highest counts, and all are scaled by one factor.
        full_scale: Voltage [V] of the converter's last step, and of 1.0 in a WAV file. By default the peak, or the
            voltage that puts the peak at the level in dBFS.
        offset: Constant that is added [V].
        fade_in: Time [s] in which the signal rises before its first period, with half a period of a cosine.
        fade_out: Time [s] in which it falls after its last period.
        lead: Time [s] without signal before everything else.
        trail: Time [s] without signal at the end.
        bits: Bits of the converter, sign included, 2 to 32; by default those of the format.
        signed: Whether numbers are two's complement; else half of the range is added (offset binary).
        big_endian: Whether the most significant byte comes first.
        q_first: Whether complex samples are stored as Q, I instead of I, Q.
        compensate_hold: Whether each tone is raised by ``1/sinc(f / rate)``, to make up for a converter that holds each
            sample.
        seam: Whether periods that are not a whole number of samples may be played.
        beyond_limits: Whether a level above the limits of the problem is allowed.

    Raises:
        ValueError: A value is out of range, or two contradict each other.

    Example:
        >>> import crestfall as cf
        >>> design = cf.Design.of(cf.Multisine.harmonics([1, 2, 3], 10.0), [0.0, 0.0, 3.0])
        >>> played = Playback(rate=1024.0, level="-6 dBFS").of(design)
        >>> played.periods, played.values.shape[-1], round(played.full_scale / design.peak, 3)
        (5, 512, 1.995)
    """

    rate: float | None = None
    samples_per_period: int | None = None
    periods: int | None = None
    duration: float | None = None
    multiple_of: int | None = None
    level: float | str | None = None
    full_scale: float | None = None
    offset: float = 0.0
    fade_in: float = 0.0
    fade_out: float = 0.0
    lead: float = 0.0
    trail: float = 0.0
    bits: int | None = None
    signed: bool = True
    big_endian: bool = False
    q_first: bool = False
    compensate_hold: bool = False
    seam: bool = False
    beyond_limits: bool = False

    def __post_init__(self) -> None:
        for one, other in _EITHER:
            if getattr(self, one) is not None and getattr(self, other) is not None:
                raise ValueError(f"{one} and {other} say the same thing; give one of them")
        for name, need, unit in (
            ("rate", _RATE, "Hz"),
            ("duration", "a finite time above 0 s", "s"),
            ("full_scale", "a level above 0 V", "V"),
        ):
            if getattr(self, name) is not None:
                self._keep(name, finite_number(name, getattr(self, name), need, above_zero=True, unit=unit))
        for name in ("samples_per_period", "periods", "multiple_of"):
            if getattr(self, name) is not None:
                self._keep(name, whole_number(name, getattr(self, name), 1, "an integer of at least 1"))
        self._keep("offset", finite_number("offset", self.offset, "a finite number of volts", unit="V"))
        for name in ("fade_in", "fade_out", "lead", "trail"):
            seconds = finite_number(name, getattr(self, name), _TIME, unit="s")
            if seconds < 0.0:
                raise ValueError(f"{name} is {seconds}; give {_TIME}")
            self._keep(name, seconds)
        if self.bits is not None:
            need = f"an integer from {LEAST_BITS} to {MOST_BITS}"
            self._keep("bits", whole_number("bits", self.bits, LEAST_BITS, need, MOST_BITS))
        for name in ("signed", "big_endian", "q_first", "compensate_hold", "seam", "beyond_limits"):
            require_flag(name, getattr(self, name))
        if self.level is not None:
            level_of(self.level)

    def _keep(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    @property
    def asked_level(self) -> Level | None:
        """The level, if one is asked for."""
        return None if self.level is None else level_of(self.level)

    @property
    def is_loop(self) -> bool:
        """Whether what is played is to be repeated: whole periods, and nothing before or after them."""
        return not (self.fade_in or self.fade_out or self.lead or self.trail)

    def said(self) -> dict[str, Any]:
        """The fields that are not at their defaults."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name)) != one.default}

    def changed(self, **changes: Any) -> Playback:
        """This playback with other fields; fields that say the same thing as one of them are dropped.

        Example:
            >>> Playback(rate=1000.0, periods=2, level="1 V", offset=1.0).changed(duration=1.0, offset=0.0).said()
            {'rate': 1000.0, 'duration': 1.0, 'level': '1 V'}
        """
        for one, alternative in _EITHER:
            if one in changes:
                changes.setdefault(alternative, None)
            elif alternative in changes:
                changes.setdefault(one, None)
        return replace(self, **changes)

    def of(self, design: Design) -> Played:
        """What is played of a design: its samples, with rate, gain and full scale.

        Raises:
            ValueError: As ``crestfall.design.played.played``.
        """
        from crestfall.design.played import played

        return played(design, self)


AS_DESIGNED = Playback()
"""Everything at its default."""
