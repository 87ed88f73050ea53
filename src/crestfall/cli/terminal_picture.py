"""One period of a design, or its window, drawn with braille characters."""

from __future__ import annotations

import shutil
import sys
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from crestfall.certainty.measures import sampled
from crestfall.cli.braille import Canvas
from crestfall.design.channel_figures import drive_of
from crestfall.design.design import Design
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.signal.held import held_at
from crestfall.signal.synthesis import Synthesis, band_numbers, grid_size, odd_grid_size
from crestfall.signal.window_signal import cycles, samples_from

COLUMNS, ROWS = 62, 8
_LABEL = 10
_NARROWEST = 24
_MOST_SAMPLES = 2**18
_MOST_PRODUCTS = 2**24
"""Tones times samples of a window."""
_OVERSAMPLING = 8.0
_DASH = 4


def wanted(choice: bool | None) -> bool:
    """Whether to draw: as chosen, else when a terminal that knows the characters shows standard output."""
    if choice is not None:
        return choice
    return sys.stdout.isatty() and (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")


def width_of_picture() -> int:
    """Characters for the picture in this terminal, at most ``COLUMNS``; 0 where it would be too narrow to see much.

    Without a terminal, and without ``COLUMNS`` in the environment, 80 characters a line are assumed.
    """
    width = min(COLUMNS, shutil.get_terminal_size().columns - _LABEL - 1)
    return width if width >= _NARROWEST else 0


def picture_of(design: Design, width: int = COLUMNS) -> list[str]:
    """The signal, the magnitude of a complex one, or its ``I`` and ``Q`` where these count, between its peaks.

    Lines of ``width`` characters after a scale.

    Each column spans what the signal does in its part of the period or window, so that no peak is lost between columns;
    dashes mark the certified peak. Of several inputs the worst is drawn.
    """
    name, one = drive_of(design)
    ms, window, columns = one.multisine, one.problem.window, 2 * width
    magnitude = ms.complex and not one.problem.splits_components
    top, bottom = one.peak, 0.0 if magnitude else -one.peak
    canvas = Canvas(width, ROWS)
    for samples in _samples(one) if top > bottom else []:
        low, high = _extremes(samples, columns)
        for column in range(columns):
            canvas.span(column, *(_dot(value, bottom, top, canvas.height) for value in (low[column], high[column])))
    for column in range(0, columns, _DASH):
        canvas.span(column, canvas.height - 1, canvas.height - 1)
        canvas.span(column, 0, 0)
    labels = [""] * ROWS
    labels[0], labels[-1] = f"{top:.4g}", f"{bottom:.4g}"
    if not magnitude:
        labels[ROWS // 2 - 1] = "0"
    lines = [f"{label:>{_LABEL}} {dots}" for label, dots in zip(labels, canvas.lines(), strict=True)]
    times = "one period" if window is None else "the window"
    what = f"{'magnitude' if magnitude else 'I and Q'} over {times}" if ms.complex else times
    if design.problem.channels is not None:
        what = f"{name}: {what}"
    repeats = _repeats(ms) if magnitude and window is None else 1
    start, end = (0.0, ms.period / repeats) if window is None else (window.start, window.end)
    left, right = f"{start:.4g}", f"{end:.4g} s"
    middle = width - len(left) - len(right)
    return [*lines, f"{'':{_LABEL}} {left}{_fitted(what, middle):^{middle}}{right}"]


def _fitted(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def _samples(design: Design) -> list[FloatArray]:
    """Samples of one period, both ends included, or of its magnitude, which repeats when that of the envelope does.

    Two curves where ``I`` and ``Q`` count.
    """
    ms, window, components = design.multisine, design.problem.window, design.problem.splits_components

    def curves(samples: npt.NDArray[np.inexact]) -> list[FloatArray]:
        if components:
            return [samples.real, samples.imag]
        return [np.abs(samples) if ms.complex else samples.real]

    if (held := design.problem.held_samples) is not None:
        places = np.linspace(0.0, 1.0, held * max(1, 32 * COLUMNS // held) + 1)
        return curves(held_at(sampled(ms, design.phases, held), places))
    if window is not None:
        most = max(_MOST_PRODUCTS // ms.n, 32 * COLUMNS)
        fastest = cycles(ms.real_part() if components else ms, window)
        count = int(np.clip(_OVERSAMPLING * fastest, 32 * COLUMNS, min(most, _MOST_SAMPLES))) + 1
        return curves(samples_from(ms, design.phases, window.start, (count - 1) / window.duration, count))
    numbers = ms.harmonic_numbers if components else band_numbers(ms)
    size = max(grid_size(int(np.abs(numbers).max()), _OVERSAMPLING), 32 * COLUMNS)
    if size > _MOST_SAMPLES:  # an odd number of samples falls on ever other parts of a fast tone's period
        size = odd_grid_size(_MOST_SAMPLES)
    samples = Synthesis(numbers, size, complex=ms.complex).samples(ms.coefficients(design.phases))
    return curves(np.append(samples, samples[0]))


def _repeats(ms: Multisine) -> int:
    """How often the envelope of a complex signal repeats in one period."""
    band = int(np.abs(band_numbers(ms)).max())
    return int(np.ptp(ms.harmonic_numbers)) // band if ms.complex and band else 1


def _extremes(samples: FloatArray, columns: int) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest sample of each column; columns share their borders, so that steep flanks join."""
    edges = np.linspace(0, len(samples) - 1, columns + 1).astype(int)
    parts = [samples[start : end + 1] for start, end in pairwise(edges)]
    return np.array([part.min() for part in parts]), np.array([part.max() for part in parts])


def _dot(value: float, bottom: float, top: float, height: int) -> int:
    return int(np.clip(round((value - bottom) / (top - bottom) * (height - 1)), 0, height - 1))
