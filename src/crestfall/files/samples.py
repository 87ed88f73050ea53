"""The samples that the waveform formats share: which rate, how many, and how they become 16-bit integers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import floor, isfinite, isnan, log10
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.files.reading import MAX_BYTES
from crestfall.problem.arguments import finite_number, whole_number
from crestfall.problem.times import samples_per_period

FULL_SCALE = 32_767
"""Largest magnitude of a 16-bit sample: −32 768 is left out, so that both polarities have the same range."""

LEAST_PEAK = 1e-290
"""Smallest peak that is scaled to full scale: far smaller ones have no accurate inverse."""

MAX_TEXT_SAMPLES = 2**24
"""Most samples that are written as text."""


class Samples(NamedTuple):
    """Whole periods of a design's waveform, or its window once: every signal that is to be played."""

    values: npt.NDArray[Any]
    """``(inputs, experiments, N)`` float64, or complex128, in the unit of the amplitudes."""
    sample_rate_hz: float
    periods: int
    gain: float
    """Factor from the design's amplitudes to ``values``; 1 unless a peak was asked for."""
    names: tuple[str, ...]
    """What the inputs are called; ``("drive",)`` where there is one."""
    start_s: float
    """Time of the first sample; not 0 for a window that begins elsewhere."""

    @property
    def one(self) -> npt.NDArray[Any]:
        """``(N,)`` samples of the only signal."""
        return self.values[0, 0]

    @property
    def times_s(self) -> npt.NDArray[np.float64]:
        """``(N,)`` times [s]."""
        return np.asarray(self.start_s + np.arange(self.values.shape[2]) / self.sample_rate_hz)

    @property
    def in_frames(self) -> npt.NDArray[Any]:
        """``(experiments · N, inputs)``: a channel for each input, the experiments one after the other."""
        inputs, experiments, count = self.values.shape
        return self.values.transpose(1, 2, 0).reshape(experiments * count, inputs)

    def signals(self) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Name and ``(N,)`` samples of each signal, by inputs and then experiments."""
        for name, rows in zip(self.names, self.values, strict=True):
            for number, row in enumerate(rows, 1):
                yield (name if len(rows) == 1 else f"{name} experiment {number}"), row


def default_rate(design: Design) -> float:
    """Sample rate [Hz] that gives a power of two of samples a period, at least 4 for the fastest tone's cycle.

    Tones without a common period get the next of 1, 2, 5, 10, 20, … that does. A design for samples that count is
    played at their rate.

    Example:
        >>> from crestfall import Multisine
        >>> default_rate(Design.of(Multisine([100.0, 300.0]), [0.0, 0.0]))
        1600.0
    """
    ms = design.multisine
    if (own := rate_of_samples(design)) is not None:
        return own
    if not ms.has_period:
        return round_rate(4.0 * float(np.max(np.abs(ms.frequencies))))
    highest = max(1, int(np.max(np.abs(ms.harmonic_numbers))))
    # A power of two times a float is exact, so that the period is a whole number of samples.
    return ms.fundamental * 2.0 ** (4 * highest - 1).bit_length()


def rate_of_samples(design: Design) -> float | None:
    """The rate [Hz] of the samples that count, where these can be played: more than two a cycle of the fastest tone.

    Where a period has no whole number of samples, it is the rate of all points that sampling for ever visits.

    Example:
        >>> import crestfall as cf
        >>> ms = cf.Multisine([100.0, 300.0])
        >>> [rate_of_samples(Design.of(cf.Problem(ms, over=cf.Samples(n)), [0.0, 1.0])) for n in (6, 7)]
        [None, 700.0]
    """
    over, samples, ms = design.problem.over, design.problem.samples, design.multisine
    if samples is None or samples <= 2 * int(np.max(np.abs(ms.harmonic_numbers))):
        return None
    asked = getattr(over, "rate", None)
    if asked is not None and samples_per_period(ms, asked) == samples:
        return float(asked)
    return samples * ms.fundamental


def round_rate(least: float) -> float:
    """The first of 1, 2, 5, 10, 20, … that is not below a rate.

    Example:
        >>> round_rate(1234.5), round_rate(5000.0), round_rate(0.03)
        (2000.0, 5000.0, 0.05)
    """
    power = floor(log10(least)) if least > 0.0 else 0
    return next(rate for p in (power, power + 1) for digit in (1, 2, 5) if (rate := float(f"{digit}e{p}")) >= least)


def take_samples(design: Design, sample_rate: float | None, periods: int, peak: float | None = None) -> Samples:
    """Whole periods of the waveform, or the window once, as every format takes them.

    Args:
        design: The design.
        sample_rate: Samples per second [Hz]; by default ``default_rate``.
        periods: Number of periods.
        peak: Certified true peak of the result, of several signals that of the highest; by default that of the design.

    Raises:
        ValueError: As ``Design.waveform``; also if the file would be larger than what is read back.
    """
    if sample_rate is not None:
        sample_rate = finite_number("sample_rate", sample_rate, "a finite number of samples per second above 0")
    if peak is not None:
        peak = finite_number("peak", peak, "a finite number above 0")
    periods = whole_number("periods", periods, 1, "an integer of at least 1")
    gain = design.scale(peak=peak)
    if not isfinite(gain * float(np.max(design.multisine.amplitudes))):
        raise ValueError(f"peak is {peak}, and the design has {design.peak}: no number is as large as their ratio")
    rate = default_rate(design) if sample_rate is None else sample_rate
    values = design.waveform(rate, periods, peak=peak)
    if values.nbytes > MAX_BYTES:
        raise ValueError(
            f"periods is {periods} and sample_rate {rate:.12g}: {values.size} samples take {values.nbytes} bytes, more "
            f"than {MAX_BYTES}; lower one of them"
        )
    channels, window = design.problem.channels, design.problem.window
    return Samples(
        values if channels is not None else values[None, None],
        float(rate),
        int(periods),
        gain,
        ("drive",) if channels is None else tuple(channels.names),
        0.0 if window is None else window.start,
    )


def signal_files(design: Design, name: str) -> list[str]:
    """Names of the files of a format that holds one signal each: the name itself, or one for each input and experiment.

    Example:
        >>> from crestfall import Multisine, Problem
        >>> both = Problem.orthogonal([Multisine([1.0, 2.0])] * 2, names=["x", "y"])
        >>> signal_files(Design.of(both, [0.0, 1.0]), "a.arb")
        ['a_x_1.arb', 'a_x_2.arb', 'a_y_1.arb', 'a_y_2.arb']
    """
    channels = design.problem.channels
    if channels is None:
        return [name]
    stem, _, ending = name.rpartition(".")
    labels = [re.sub(r"[^\w-]+", "-", one).strip("-") for one in channels.names]
    if "" in labels or len({label.lower() for label in labels}) < len(labels):
        labels = [f"input-{number}" for number in range(1, len(labels) + 1)]
    return [f"{stem}_{label}_{e + 1}.{ending}" for label in labels for e in range(channels.experiments)]


def volts_per_count(design: Design, gain: float = 1.0) -> float:
    r"""Value of one step of a 16-bit sample, in the unit of the amplitudes.

    The upper end :math:`\bar p` of the certified peak becomes full scale: :math:`\bar p / 32\,767`. No sample, and
    nothing that a converter makes between the samples, lies outside, so that nothing is ever clipped.

    Raises:
        ValueError: The peak is too small to be divided.

    Example:
        >>> from crestfall import Multisine
        >>> design = Design.of(Multisine([1.0], [0.5]), [0.0])
        >>> round(volts_per_count(design) * 32_767, 9)
        0.5
    """
    # Tones that cancel stay silent instead of becoming loud rounding errors.
    peak = 1.0 if isnan(design.crest_factor) else design.peak_interval[1] * gain
    step = peak / FULL_SCALE
    if peak < LEAST_PEAK:
        raise ValueError(f"peak is {peak}, too small to be divided into 16-bit steps; set peak, for instance to 1.0")
    return step


def to_int16(values: npt.NDArray[Any], step: float) -> npt.NDArray[np.int16]:
    """Rounded counts ``values / step``, complex ones interleaved I, Q.

    Raises:
        ValueError: A value lies outside ±32 767 steps: it is refused, not clipped.

    Example:
        >>> to_int16(np.array([1 + 2j, -3.4]), 1.0).tolist()
        [1, 2, -3, 0]
    """
    counts = np.rint(interleaved(values) / step)
    if counts.size and np.max(np.abs(counts)) > FULL_SCALE:
        k = int(np.argmax(np.abs(counts)))
        raise ValueError(f"sample {k} is {counts[k]:.9g} steps, beyond ±{FULL_SCALE}; use a larger step")
    return counts.astype(np.int16)


def to_float32(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """The values as 32-bit floats, complex ones interleaved I, Q.

    Raises:
        ValueError: A value lies beyond the range of 32-bit floats.
    """
    numbers = interleaved(values)
    if numbers.size and np.max(np.abs(numbers)) > np.finfo(np.float32).max:
        raise ValueError("samples reach beyond what 32-bit floats hold; scale them down, for instance with peak=1.0")
    return numbers.astype(np.float32)


def frames_as_bytes(design: Design, samples: Samples, sample_type: str) -> tuple[bytes, float]:
    """All frames as little-endian ``"int16"`` or ``"float32"``, and the volts per count."""
    if sample_type == "int16":
        step = volts_per_count(design, samples.gain)
        return to_int16(samples.in_frames, step).astype("<i2").tobytes(), step
    return to_float32(samples.in_frames).astype("<f4").tobytes(), 1.0


def interleaved(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Numbers one after the other: real values as they are, complex ones as I, Q, I, Q, …"""
    if np.iscomplexobj(values):
        return np.ascontiguousarray(values, dtype=np.complex128).view(np.float64).ravel()
    return np.asarray(values, dtype=np.float64).ravel()


def require_text_size(count: int) -> None:
    """Raise unless so many samples make a text file of a sensible size."""
    if count > MAX_TEXT_SAMPLES:
        raise ValueError(
            f"{count} samples are too many for a text file (at most {MAX_TEXT_SAMPLES}); "
            "lower sample_rate or periods, or save as .i16"
        )
