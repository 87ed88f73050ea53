"""What a converter that holds each sample does to the tones, undone before it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.problem.times import samples_per_period


def raised_for_hold(signal: npt.NDArray[Any], design: Design, rate: float, periods: int) -> npt.NDArray[Any]:
    """Samples with each tone divided by ``sinc(f / rate)``, by which the hold of a converter multiplies it."""
    if design.problem.held_samples is not None:
        raise ValueError("compensate_hold is True, but the samples of these shapes are meant to be held; leave it out")
    ratio = None if design.problem.window is not None else samples_per_period(design.multisine, rate)
    if ratio is None or (periods * ratio).denominator != 1:
        raise ValueError(
            "compensate_hold is True, but it needs whole periods that close, and no window; leave out one of them"
        )
    n = signal.shape[-1]
    if np.iscomplexobj(signal):
        return np.asarray(np.fft.ifft(np.fft.fft(signal) / np.sinc(np.fft.fftfreq(n))))
    return np.asarray(np.fft.irfft(np.fft.rfft(signal) / np.sinc(np.fft.rfftfreq(n)), n))


def rise_of_hold(design: Design, rate: float, periods: int) -> float:
    """By how much the samples of a signal rise at most if its tones are raised for a converter that holds them."""
    signal = design.waveform(rate, periods)
    raised = raised_for_hold(signal, design, rate, periods).reshape(-1, signal.shape[-1])
    peaks = [one.peak for row in design.channels for one in row]
    return max(1.0, *(float(np.max(np.abs(x))) / peak for x, peak in zip(raised, peaks, strict=True) if peak > 0.0))
