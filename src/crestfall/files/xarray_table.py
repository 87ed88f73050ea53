"""The waveform of a design as an xarray DataArray. Needs ``crestfall[tables]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crestfall.design.design import Design
from crestfall.design.playback import Playback
from crestfall.problem.extras import imported

if TYPE_CHECKING:
    import xarray as xr


def waveform_to_xarray(
    design: Design, sample_rate: float | None = None, periods: int | None = None, *, peak: float | None = None
) -> xr.DataArray:
    """Samples over whole periods, or of the window once, along ``time`` [s]; rate, crest factor and tones in ``attrs``.

    Several inputs have the dimensions ``input`` and ``experiment`` before it. The attributes are numbers, texts and
    vectors only, so that the array can be written to NetCDF.

    Args:
        design: The design.
        sample_rate: Samples per second [Hz]; by default a power of two of samples a period.
        periods: Number of periods; by default the fewest that are a whole number of samples.
        peak: Certified true peak; by default that of the design.

    Raises:
        ImportError: xarray is not installed.
        ValueError: As ``Design.waveform``.

    Example:
        >>> from crestfall import Multisine
        >>> array = waveform_to_xarray(Design.of(Multisine([1.0]), [0.0]))
        >>> array.dims, array.sizes["time"], array.attrs["sample_rate_hz"]
        (('time',), 4, 4.0)
    """
    xarray = imported("xarray")
    played = Playback(rate=sample_rate, periods=periods, level=peak).of(design)
    ms = design.multisine
    several = design.problem.channels is not None
    coords: dict[str, Any] = {"time": ("time", played.times_s, {"units": "s"})}
    if several:
        coords |= {"input": list(played.names), "experiment": np.arange(1, played.values.shape[1] + 1)}
    return xarray.DataArray(
        played.values if several else played.one,
        dims=("input", "experiment", "time") if several else ("time",),
        coords=coords,
        name="amplitude",
        attrs={
            "sample_rate_hz": played.sample_rate_hz,
            "periods": played.periods,
            "gain": played.gain,
            "crest_factor": design.crest_factor,
            "frequencies_hz": np.array(ms.frequencies),
            "amplitudes": np.array(ms.amplitudes),
            "phases_rad": np.array(design.phases).ravel(),
            "status": design.status,
        },
    )
