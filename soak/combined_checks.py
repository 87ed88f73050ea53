"""What must hold for a design of any kind, from what was asked and the phases alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from math import sqrt
from typing import NamedTuple

import numpy as np
from combined import Asked
from direct import ROUNDING, Span

import crestfall as cf

_CLOSE = 1e-9


class Signal(NamedTuple):
    """A signal that counts.

    Attributes:
        channel: Number of its input; ``None`` for one drive.
        experiment: Number of the experiment.
        name: Name of the output, or ``"drive"``.
        which: Its tones.
        c: ``(n,)`` coefficients at time 0.
        limit: Its limit, or ``None``.
    """

    channel: int | None
    experiment: int
    name: str
    which: np.ndarray
    c: np.ndarray
    limit: float | None


class Direct:
    """All figures of a design, computed from what was asked.

    Args:
        asked: What was asked.
        numbers: ``(n,)`` multiples of the raster at which the tones are.
        amplitudes: ``(n,)`` amplitudes that were chosen.
    """

    def __init__(self, asked: Asked, numbers: np.ndarray, amplitudes: np.ndarray) -> None:
        self.asked, self.numbers, self.amplitudes = asked, numbers, amplitudes

    @cached_property
    def _spans(self) -> dict[bytes, Span]:
        return {}

    def span(self, which: np.ndarray) -> Span:
        """The times that count for some of the tones: samples are those of the period of all tones."""
        key = which.tobytes()
        if key not in self._spans:
            asked = self.asked
            if asked.times[0] == "window":
                self._spans[key] = asked.span(self.numbers[which])
            else:
                count = asked.times[1] if asked.times[0] == "samples" else None
                self._spans[key] = Span(self.numbers[which] // asked.period(self.numbers), True, count)
        return self._spans[key]

    def groups(self) -> list[np.ndarray]:
        """Tones of each input; of one drive all."""
        asked = self.asked
        channels = asked.channels
        everything = np.arange(asked.numbers.size)
        if channels is None or channels["kind"] != "interleaved":
            return [everything] * (1 if channels is None else channels["count"])
        extra = np.arange(asked.wanted, asked.numbers.size)
        return [np.append(group, extra[i :: channels["count"]]) for i, group in enumerate(channels["groups"])]

    def drives(self, phases: np.ndarray) -> Iterator[tuple[int | None, int, np.ndarray, np.ndarray]]:
        """Input, experiment, tones and coefficients of each drive."""
        asked, channels = self.asked, self.asked.channels
        if channels is None:
            yield None, 0, np.arange(asked.numbers.size), self.amplitudes * np.exp(1j * phases)
            return
        for i, which in enumerate(self.groups()):
            if channels["kind"] == "interleaved":
                yield i, 0, which, self.amplitudes[which] * np.exp(1j * phases[which])
                continue
            own = phases[i] if channels["kind"] == "own" else phases
            factors = np.ones(which.size)
            if channels["amplitudes"] is not None:
                given, n = channels["amplitudes"], asked.wanted
                factors[:n] = given[i] / asked.amplitudes[:n]
                factors[n:] = np.linalg.norm(given[i]) / np.linalg.norm(asked.amplitudes[:n])
            for e, turn in enumerate(_matrix(channels)[i]):
                yield i, e, which, self.amplitudes * factors * np.exp(1j * own) * turn

    def signals(self, phases: np.ndarray) -> Iterator[Signal]:
        """The signals that count."""
        limits = None if self.asked.channels is None else self.asked.channels["limits"]
        for i, e, which, drive in self.drives(phases):
            mine = [one for one in self.asked.outputs if one[4] in (None, i)]
            for name, _, response, limit, _ in mine:
                yield Signal(i, e, name, which, drive * response[which], limit)
            if limits is not None or not mine:  # the input counts beside its outputs where it has a limit of its own
                name = f"input {i + 1}" if mine else "drive"
                yield Signal(i, e, name, which, drive, None if limits is None else limits[i])

    def value(self, signal: Signal) -> float:
        """The measure of a signal over the times that count."""
        c = signal.c * self.asked.at_start(self.numbers[signal.which])
        return self.span(signal.which).measure(self.asked.measure, c, self.asked.is_complex)

    def peak(self, which: np.ndarray, c: np.ndarray, measure: str = "peak") -> float:
        """Largest magnitude over continuous time; or of the envelope, or of I and Q."""
        turned = c * self.asked.at_start(self.numbers[which])
        return self.span(which).measure(measure, turned, self.asked.is_complex, continuous=True)

    def share(self, signal: Signal, value: float) -> float:
        """A value over the limit, or over the RMS of the wanted tones; a range over the amplitude of a sine."""
        if signal.limit is not None:
            return value / signal.limit
        is_wanted = signal.which < self.asked.wanted
        if self.asked.extra == 0:
            is_wanted[:] = True  # a fixed waveform counts, too
        as_measured = self.asked.is_complex or self.asked.measure == "envelope"
        power = np.where((self.numbers[signal.which] == 0) | as_measured, 1.0, 0.5)
        rms = sqrt(float(np.sum((power * np.abs(signal.c) ** 2)[is_wanted])))
        return value / rms / (sqrt(2) if self.asked.measure == "range" else 1.0)

    def relative_rms(self, signal: Signal) -> float:
        """RMS of the wanted tones of a signal, relative to that of the amplitudes that were asked for."""
        if self.asked.tolerance_db is None and not self.asked.extra:
            return 1.0
        mine = signal.which[signal.which < self.asked.wanted]
        return float(np.linalg.norm(self.amplitudes[mine]) / np.linalg.norm(self.asked.amplitudes[mine]))

    def figure(self, phases: np.ndarray) -> float:
        """What is minimised."""
        return max(
            self.share(one, self.value(one)) / (1.0 if one.limit is None else self.relative_rms(one))
            for one in self.signals(phases)
        )


def _matrix(channels: dict) -> np.ndarray:
    """Unit entries with orthogonal rows, as the kinds are defined."""
    m = channels["count"]
    kind = channels["matrix"] or ("hadamard" if m == 2 else "chirp")
    i, e = np.meshgrid(np.arange(m), np.arange(m), indexing="ij")
    if kind == "dft":
        return np.exp(2j * np.pi * i * e / m)
    if m == 2:
        return np.array([[1, 1], [1, -1]], dtype=complex)
    return np.exp(1j * np.pi * (m + 1) * (i + e) ** 2 / m)


def design_faults(design: cf.Design, direct: Direct) -> Iterator[str]:
    """Values, figures and bounds of a design against direct sums."""
    asked = direct.asked
    reports = {(one.channel, one.experiment, one.name): one for one in design.signals}
    names = None if asked.channels is None else design.problem.channels.names
    expected = list(direct.signals(design.phases))
    if len(reports) != len(expected):
        yield f"there are {len(reports)} signals, not {len(expected)}"
        return
    figure = -np.inf
    for signal in expected:
        channel = None if signal.channel is None else names[signal.channel]
        report = reports[channel, signal.experiment, signal.name]
        value, unsure = direct.value(signal), ROUNDING * float(np.sum(np.abs(signal.c)))
        yield from _outside(f"{report!r}: the value", value, report.value_interval, unsure)
        if asked.times[0] == "samples" or asked.measure in ("range", "one-sided"):
            peak = direct.peak(signal.which, signal.c, _true_peak(asked.measure))
            yield from _outside(f"{report!r}: the peak", peak, report.peak_interval, unsure)
        share = direct.share(signal, value)
        if abs(share - report.share) > _CLOSE * abs(share) * max(1.0, unsure / abs(value or 1.0) / ROUNDING):
            yield f"{report!r}: the share is {share!r}, not {report.share!r}"
        figure = max(figure, share / (1.0 if signal.limit is None else direct.relative_rms(signal)))
    unsure = 1e-9 * max(abs(figure), float(np.sum(direct.amplitudes)) * 1e-3)
    if abs(figure - design.figure) > unsure:
        yield f"the figure is {figure!r}, not {design.figure!r}"
    if figure < design.lower_bound - unsure:
        yield f"the figure {figure!r} is below its bound {design.lower_bound!r}"


def drive_faults(design: cf.Design, direct: Direct) -> Iterator[str]:
    """The peak of the drive against direct sums."""
    drives = list(direct.drives(design.phases))
    measure = "components" if direct.asked.measure == "components" else "peak"
    peak = max(direct.peak(which, c, measure) for _, _, which, c in drives)
    unsure = ROUNDING * max(float(np.sum(np.abs(c))) for *_, c in drives)
    yield from _outside("the peak of the drive", peak, design.peak_interval, unsure)
    if peak < design.peak_lower_bound * (1 - 1e-9):
        yield f"the peak {peak!r} is below its bound {design.peak_lower_bound!r}"


def _true_peak(measure: str) -> str:
    """What the peak of a signal is, where another measure counts."""
    return measure if measure in ("envelope", "components") else "peak"


def _outside(what: str, value: float, interval: tuple[float, float], unsure: float) -> Iterator[str]:
    low, high = interval
    if not low - unsure <= value <= high + unsure:
        yield f"{what} is {value!r}, outside {low!r} … {high!r}"


def answer_faults(design: cf.Design, asked: Asked, numbers: np.ndarray) -> Iterator[str]:
    """Whether the answer keeps to what was asked: constraints, tolerances, lines, the beginning."""
    ms, n = design.multisine, asked.wanted
    if not np.allclose(ms.frequencies, numbers * asked.raster, rtol=1e-12, atol=0.0):
        yield "the tones are not where they were asked for"
    decibels = 20 * np.log10(ms.amplitudes[:n] / asked.amplitudes[:n])
    if np.max(np.abs(decibels)) > (asked.tolerance_db or 0.0) + 1e-9:
        yield f"an amplitude moved by {np.max(np.abs(decibels)):.6g} dB, with a tolerance of {asked.tolerance_db} dB"
    if np.any(ms.amplitudes[n:] > asked.amplitudes[n:] * (1 + 1e-12)):
        yield "an extra tone is larger than allowed"
    if asked.fixed and not np.allclose(ms.amplitudes[n:], asked.amplitudes[n:], rtol=1e-12):
        yield "an amplitude of the fixed waveform moved"
    for row in np.atleast_2d(design.phases):
        yield from _phase_faults(asked, numbers, row)
    if asked.start_at_zero:
        c = ms.amplitudes * np.exp(1j * design.phases)
        if abs(np.sum(c).real) > 1e-9 * np.sum(np.abs(c)):
            yield f"it begins at {np.sum(c).real!r}"
        if np.sum(1j * numbers * c).real < -1e-6 * np.sum(np.abs(c * numbers)):
            yield "it does not begin upward"


def _phase_faults(asked: Asked, numbers: np.ndarray, phases: np.ndarray) -> Iterator[str]:
    def apart(angles: np.ndarray) -> float:
        return float(np.max(np.abs(np.exp(1j * np.asarray(angles)) - 1), initial=0.0))

    for kind, value in asked.constraints:
        if kind == "hold":
            off = apart(phases[list(value)] - np.array(list(value.values())))
        elif kind == "link":
            moved = phases[value[0]] - np.array(value[1])
            off = apart(moved - moved[0])
        elif kind == "symmetric":
            order = np.argsort(asked.numbers[: asked.wanted])
            off = apart(phases[order] + phases[order[::-1]])
        elif kind == "alphabet":
            off = apart(phases[: asked.movable] * value)
        else:
            moved = phases[: asked.wanted] - np.array(value[1])
            off = max(_delay_fault(numbers[group], moved[group]) for group in value[0])
        if off > 1e-7:
            yield f"the phases are off {kind} by {off:.3g}"
    if asked.fixed and apart(phases[-asked.fixed :] - asked.fixed_phases) > 1e-9:
        yield "a phase of the fixed waveform moved"


def _delay_fault(numbers: np.ndarray, moved: np.ndarray) -> float:
    """How far phases are from those of one delay: all delays that suit the lowest tone are tried."""
    lead = int(np.argmin(np.abs(numbers)))
    turns = (-moved[lead] / (2 * np.pi) + np.arange(abs(numbers[lead]))) / numbers[lead]
    off = np.abs(np.exp(1j * (moved + 2 * np.pi * np.multiply.outer(turns, numbers))) - 1)
    return float(np.min(np.max(off, axis=1)))
