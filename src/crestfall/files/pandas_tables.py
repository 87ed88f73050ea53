"""Designs as pandas objects: the tones as a DataFrame, the waveform as a Series. Needs ``crestfall[tables]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crestfall.design.design import Design
from crestfall.files.samples import take_samples
from crestfall.problem.extras import imported

if TYPE_CHECKING:
    import pandas as pd


def tones_to_pandas(design: Design) -> pd.DataFrame:
    """One row for each tone: ``frequency_hz``, ``amplitude``, ``phase_rad``; the figures in ``attrs``.

    Raises:
        ImportError: pandas is not installed.

    Example:
        >>> from crestfall import Multisine
        >>> tones_to_pandas(Design.of(Multisine([1.0, 2.0]), [0.0, 1.0]))["phase_rad"].tolist()
        [0.0, 1.0]
    """
    pandas = imported("pandas")
    ms = design.multisine
    columns = {"frequency_hz": ms.frequencies, "amplitude": ms.amplitudes, "phase_rad": design.phases}
    frame = pandas.DataFrame({key: np.array(values) for key, values in columns.items()})
    frame.index.name = "tone"
    frame.attrs.update(figures(design))
    return frame


def waveform_to_pandas(
    design: Design, sample_rate: float | None = None, periods: int = 1, *, peak: float | None = None
) -> pd.Series:
    """Samples over whole periods, indexed by ``time_s``.

    Args:
        design: The design.
        sample_rate: Samples per second [Hz]; by default a power of two of samples a period.
        periods: Number of periods.
        peak: Certified true peak; by default that of the design.

    Raises:
        ImportError: pandas is not installed.
        ValueError: As ``Design.waveform``.

    Example:
        >>> from crestfall import Multisine
        >>> waveform_to_pandas(Design.of(Multisine([1.0]), [0.0])).round(9).to_dict()
        {0.0: 1.0, 0.25: 0.0, 0.5: -1.0, 0.75: 0.0}
    """
    pandas = imported("pandas")
    samples = take_samples(design, sample_rate, periods, peak)
    times = pandas.Index(np.arange(samples.values.size) / samples.sample_rate_hz, name="time_s")
    series = pandas.Series(samples.values, index=times, name="amplitude")
    series.attrs.update(sample_rate_hz=samples.sample_rate_hz, periods=samples.periods, gain=samples.gain)
    return series


def figures(design: Design) -> dict[str, Any]:
    """The numbers of ``Design.summary`` without the vectors."""
    return {key: value for key, value in design.summary().items() if not isinstance(value, list)}
