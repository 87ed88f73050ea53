"""Designs as pandas objects: the tones as a DataFrame, the waveform as a Series. Needs ``crestfall[tables]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crestfall.design.design import Design
from crestfall.design.playback import Playback
from crestfall.problem.extras import imported

if TYPE_CHECKING:
    import pandas as pd


def tones_to_pandas(design: Design) -> pd.DataFrame:
    """One row for each tone: ``frequency_hz``, ``amplitude``, ``phase_rad``; the figures in ``attrs``.

    Several inputs have a row for each tone of each input in each experiment, with the columns ``input`` and
    ``experiment``.

    Raises:
        ImportError: pandas is not installed.

    Example:
        >>> from crestfall import Multisine
        >>> tones_to_pandas(Design.of(Multisine([1.0, 2.0]), [0.0, 1.0]))["phase_rad"].tolist()
        [0.0, 1.0]
    """
    pandas = imported("pandas")
    every = [one for row in design.channels for one in row]
    columns: dict[str, Any] = {}
    if design.problem.channels is not None:
        names, counts = design.problem.channels.names, [one.multisine.n for one in every]
        places = [(name, e) for name, row in zip(names, design.channels, strict=True) for e in range(1, len(row) + 1)]
        columns["input"] = np.repeat([name for name, _ in places], counts)
        columns["experiment"] = np.repeat([e for _, e in places], counts)
    columns["frequency_hz"] = np.concatenate([one.multisine.frequencies for one in every])
    columns["amplitude"] = np.concatenate([one.multisine.amplitudes for one in every])
    columns["phase_rad"] = np.concatenate([one.phases for one in every])
    frame = pandas.DataFrame(columns)
    frame.index.name = "tone"
    frame.attrs.update({key: value for key, value in design.summary().items() if not isinstance(value, list)})
    return frame


def waveform_to_pandas(
    design: Design, sample_rate: float | None = None, periods: int | None = None, *, peak: float | None = None
) -> pd.Series | pd.DataFrame:
    """Samples over whole periods, or of the window once, indexed by ``time_s``.

    Several inputs have a column for each signal.

    Args:
        design: The design.
        sample_rate: Samples per second [Hz]; by default a power of two of samples a period.
        periods: Number of periods; by default the fewest that are a whole number of samples.
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
    played = Playback(rate=sample_rate, periods=periods, level=peak).of(design)
    times = pandas.Index(played.times_s, name="time_s")
    if design.problem.channels is None:
        series = pandas.Series(played.one, index=times, name="amplitude")
    else:
        series = pandas.DataFrame(dict(played.signals()), index=times)
    series.attrs.update(sample_rate_hz=played.sample_rate_hz, periods=played.periods, gain=played.gain)
    return series
