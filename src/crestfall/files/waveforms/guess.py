"""Whether bare numbers are samples of a waveform or a list of tones.

A heading decides: a time means samples, a frequency means tones. Without headings, frequencies are above 0 and nearly
always sorted, and samples are neither: one column of 8 or more numbers that are not sorted holds samples, if some are
not above 0 or many occur twice. Two columns hold times and values if the first rises in equal steps and begins at 0 or
below, or some values are negative; else frequencies and amplitudes. What may be either is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from crestfall.files.waveforms.equal_steps import has_equal_steps

_LEAST = 8
"""Fewer numbers are taken for tones."""


def are_samples(columns: Any, *, complex: bool = False) -> bool:
    """Whether columns without headings are samples.

    Args:
        columns: ``(columns, N)``.
        complex: Whether tones would be complex, whose frequencies may be below 0: then only times are told.

    Raises:
        ValueError: They may be either.

    Example:
        >>> are_samples(np.array([[100.0, 200.0, 300.0]]))
        False
        >>> are_samples(np.sin(np.arange(20.0))[None, :])
        True
    """
    columns = np.asarray(columns)
    first = columns[0]
    if np.iscomplexobj(columns):
        return True
    if first.size < _LEAST:
        return columns.shape[0] > 1 and has_equal_steps(first) and bool(first[0] == 0.0 and np.any(columns[1] < 0.0))
    steps = np.diff(first)
    is_sorted = bool(np.all(steps > 0.0) or np.all(steps < 0.0))
    if columns.shape[0] > 1:
        if has_equal_steps(first):
            return bool(np.any(columns[1] < 0.0) or (first[0] <= 0.0 and not complex))
        return not is_sorted and bool(np.any(columns[1] < 0.0))
    if is_sorted or complex:
        return False
    if np.any(first <= 0.0) or np.unique(first).size < 0.75 * first.size:
        return True
    raise ValueError(
        f"its {first.size} numbers may be frequencies or samples; say that they are samples with sample_rate, or that "
        "they are tones by sorting them or by a heading frequency_hz"
    )
