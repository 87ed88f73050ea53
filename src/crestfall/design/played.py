"""A design as it is played: the samples of every signal at the rate, the length and the level that were asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isfinite, isnan
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.design.gain import scale_of
from crestfall.design.hold import raised_for_hold
from crestfall.design.length import edges_of, length_of
from crestfall.design.level import base_of_unit, unit_of_level
from crestfall.design.playback import Playback
from crestfall.problem.arrays import FloatArray

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Played:
    """Whole periods of a design's waveform, or its window once, of every signal that is played.

    Attributes:
        values: ``(inputs, experiments, N)`` float64, or complex128, in ``unit``.
        sample_rate_hz: Samples per second [Hz].
        periods: Number of whole periods; what fades in or out is not counted.
        gain: Factor from the design's amplitudes to those of ``values``.
        offset: Constant that was added, in ``unit``.
        full_scale: Value of the last step of a converter, in ``unit``.
        names: What the inputs are called; ``("drive",)`` where there is one.
        start_s: Time of the first sample; not 0 for a window that begins elsewhere, or with something before it.
        first: Index of the sample with which the first period begins.
        playback: What was asked for.
        unit: Unit of all these values: that of the level, else that of the problem; empty where neither is known.
    """

    values: npt.NDArray[Any]
    sample_rate_hz: float
    periods: int
    gain: float
    offset: float
    full_scale: float
    names: tuple[str, ...]
    start_s: float
    first: int
    playback: Playback
    unit: str = ""

    @property
    def one(self) -> npt.NDArray[Any]:
        """``(N,)`` samples of the only signal."""
        return self.values[0, 0]

    @property
    def times_s(self) -> FloatArray:
        """``(N,)`` times [s]."""
        return np.asarray(self.start_s + np.arange(self.values.shape[2]) / self.sample_rate_hz)

    @property
    def in_frames(self) -> npt.NDArray[Any]:
        """``(experiments · N, inputs)``: a channel for each input, the experiments one after the other."""
        inputs, experiments, count = self.values.shape
        return self.values.transpose(1, 2, 0).reshape(experiments * count, inputs)

    def in_base_unit(self) -> Played:
        """The same in V where it is in mV, µV or kV, and in A where it is in mA, for files that hold V or A alone.

        Example:
            >>> from crestfall import Design, Multisine, Playback, Problem
            >>> design = Design.of(Problem(Multisine([1.0], [5.0]), unit="mV"), [0.0])
            >>> float(Playback(rate=4.0).of(design).in_base_unit().values.max())
            0.005
        """
        factor, base = base_of_unit(self.unit)
        if factor == 1.0:
            return self
        return replace(
            self,
            values=self.values * factor,
            gain=self.gain * factor,
            offset=self.offset * factor,
            full_scale=self.full_scale * factor,
            unit=base,
        )

    def signals(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Name and ``(N,)`` samples of each signal, by inputs and then experiments."""
        for name, rows in zip(self.names, self.values, strict=True):
            for number, row in enumerate(rows, 1):
                yield (name if len(rows) == 1 else f"{name} experiment {number}"), row


def played(design: Design, playback: Playback) -> Played:
    """What is played of a design.

    Raises:
        ValueError: A tone reaches half the rate, the periods do not close, the level is above a limit or full scale,
            there would be too many samples, or the design has no period or no level to be scaled to. The message names
            the field of the playback and what to do.

    Example:
        >>> from crestfall import Multisine
        >>> found = played(Design.of(Multisine([1.0]), [0.0]), Playback(rate=4.0, level="2 V", lead=0.5))
        >>> (found.one.round(9) + 0.0).tolist(), found.first
        ([0.0, 0.0, 2.0, 0.0, -2.0, 0.0], 2)
    """
    unit = unit_of_level(playback.level) or design.problem.unit
    _require_one_unit(playback, unit)
    rate, periods, _ = length_of(design, playback)
    gain, offset = scale_of(design, playback)
    if not isfinite(gain * design.peak_interval[1] + abs(offset)):
        raise ValueError(f"level is {playback.level!r}, offset {playback.offset}: the samples would not be finite")
    signal = gain * design.waveform(rate, periods)
    if design.problem.channels is None:
        signal = signal[None, None]
    if playback.compensate_hold:
        signal = raised_for_hold(signal, design, rate, periods)
    full_scale = _full_scale(design, playback, gain, offset, signal)
    values, first = _with_edges(signal, playback, rate)
    window, channels = design.problem.window, design.problem.channels
    return Played(
        values=values + offset if offset else values,
        sample_rate_hz=float(rate),
        periods=periods,
        gain=gain,
        offset=offset,
        full_scale=full_scale,
        names=("drive",) if channels is None else tuple(channels.names),
        start_s=(0.0 if window is None else window.start) - first / rate,
        first=first,
        playback=playback,
        unit=unit,
    )


def _require_one_unit(playback: Playback, unit: str) -> None:
    """Raise where an offset or full scale is in V, and the rest would be in mV."""
    factor, base = base_of_unit(unit)
    if base != "V" or factor == 1.0:
        return
    for name in ("offset", "full_scale"):
        if getattr(playback, name):
            raise ValueError(
                f"{name} is {getattr(playback, name):.9g} V, but the amplitudes are in {unit}, and no level says V; "
                "give a level such as '0.5 V'"
            )


def _full_scale(design: Design, playback: Playback, gain: float, offset: float, signal: npt.NDArray[Any]) -> float:
    """Value of the last step of a converter."""
    level, silent = playback.asked_level, isnan(design.crest_factor)
    # Tones that cancel stay silent instead of becoming loud rounding errors.
    peak = 0.0 if silent else design.peak_interval[1] * gain
    if playback.compensate_hold:
        peak = float(np.max(np.abs(signal)))
    is_range = level is not None and level.kind == "range"
    reach = max(abs(level.value), abs(level.upper)) if level is not None and is_range else peak + abs(offset)
    if playback.full_scale is not None:
        if reach > playback.full_scale * (1.0 + _ROUNDING):
            raise ValueError(
                f"full_scale is {playback.full_scale:.9g} V, but the signal reaches {reach:.9g} V; "
                "give a lower level, or a larger full_scale"
            )
        return playback.full_scale
    if not reach:
        return 1.0
    if level is not None and level.kind == "full scale":
        return reach / 10.0 ** (level.value / 20.0)
    return reach


def _with_edges(signal: npt.NDArray[Any], playback: Playback, rate: float) -> tuple[npt.NDArray[Any], int]:
    """The signal with what comes before and after it, and the number of the sample with which it begins."""
    if playback.is_loop:
        return signal, 0
    n = signal.shape[-1]
    lead, rise, fall, trail = edges_of(playback, rate)
    parts = [np.zeros((*signal.shape[:-1], lead))]
    parts.append(signal[..., np.arange(-rise, 0) % n] * _cosine_edge(rise))
    parts.append(signal)
    parts.append(signal[..., np.arange(fall) % n] * _cosine_edge(fall)[::-1])
    parts.append(np.zeros((*signal.shape[:-1], trail)))
    return np.concatenate(parts, axis=-1), lead + rise


def _cosine_edge(count: int) -> FloatArray:
    """``(count,)`` factors that rise from 0 to 1 like half a period of a cosine, both ends left out."""
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / max(count, 1)))
