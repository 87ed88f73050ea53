"""What the pages of docs/fields have in common: waveforms before and after in one picture, and a table."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import crestfall as cf

DOCS = Path(__file__).parents[2]
MOST_POINTS = 4000


def fill(name: str, rows: list[tuple[str, ...]], marker: str = "numbers") -> None:
    """Put a table (first row: titles) on the page of a field, between the markers of this name."""
    spec = importlib.util.spec_from_file_location("page", DOCS / "figures" / "page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|---" * len(rows[0]) + "|")
    module.fill(DOCS / "fields" / f"{name}.md", marker, "\n".join(lines))


def samples(ms: cf.Multisine, phases: np.ndarray, count: int) -> np.ndarray:
    """One period by direct summation, as magnitudes where the signal is complex."""
    t = np.arange(count) / count
    x = np.zeros(count, complex)
    for number, amplitude, phase in zip(ms.harmonic_numbers, ms.amplitudes, phases, strict=True):
        x += amplitude * np.exp(1j * (2 * np.pi * number * t + phase))
    return np.abs(x) if ms.complex else x.real


def draw(name: str, waveforms: dict[str, tuple[np.ndarray, np.ndarray]], xlabel: str, ylabel: str) -> None:
    """One panel for each waveform, on one scale."""
    figure, axes = plt.subplots(len(waveforms), 1, figsize=(9, 1.9 * len(waveforms)), sharex=True, layout="constrained")
    highest = max(float(np.max(np.abs(y))) for _, y in waveforms.values())
    for axis, (title, (x, y)) in zip(np.atleast_1d(axes), waveforms.items(), strict=True):
        axis.plot(*_extremes(x, y), lw=0.8, color="tab:blue")
        for level in (float(np.max(y)), float(np.min(y))):
            if level == np.max(y) or level < 0:  # a magnitude has no lower limit to show
                axis.axhline(level, color="tab:red", lw=0.8, ls="--")
        axis.set(ylim=(0 if float(np.min(y)) >= 0 else -1.08 * highest, 1.08 * highest), ylabel=ylabel)
        axis.set_title(title, loc="left", fontsize=10)
    np.atleast_1d(axes)[-1].set_xlabel(xlabel)
    figure.savefig(DOCS / "images" / "fields" / f"{name}.png", dpi=110)


def _extremes(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest value of each block of many points, so that no peak is left out of a picture."""
    block = -(-2 * len(x) // MOST_POINTS)
    if block <= 2:
        return x, y
    count = len(x) // block
    blocks = y[: count * block].reshape(count, block)
    return np.repeat(x[: count * block : block], 2), np.stack([blocks.min(axis=1), blocks.max(axis=1)], axis=1).ravel()
