"""Tones over many decades, split into bands that are played one after the other, each at a rate of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crestfall.problem.arguments import real_numbers, shown, whole_number
from crestfall.problem.multisine import Multisine
from crestfall.problem.raster import moved_to_raster
from crestfall.problem.readable import readable
from crestfall.problem.tones_argument import require_tones

MAX_BANDS = 32


def split_bands(ms: Multisine, bands: int, *, raster: float | Sequence[float] | None = None) -> list[Multisine]:
    """Split tones into bands with equal ratios of highest to lowest frequency.

    Seven decades in one signal need a rate of twice the highest tone for a whole period of the lowest. Split into
    bands, as in impedance analysers, each band has its own rate and period.

    Args:
        ms: Real tones, with or without a common period.
        bands: How many bands, 2 to 32.
        raster: Frequencies are rounded to its multiples [Hz]; a list has one for each band, so that a high band need
            not keep the period of a low one. By default they stay as they are.

    Returns:
        The tones of each band, the lowest band first.

    Raises:
        ValueError: There are not as many tones, a band would be empty, the tones are complex, a raster is missing, or
            tones meet on one.

    Warns:
        CrestfallWarning: Tones had to move to a raster; the message names the largest error.

    Example:
        >>> ms = Multisine([0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0])
        >>> [band.frequencies.tolist() for band in split_bands(ms, 3)]
        [[0.1, 0.2, 0.5], [1.0, 2.0, 5.0], [10.0, 20.0, 50.0]]
        >>> [band.fundamental for band in split_bands(ms, 3, raster=[0.1, 1.0, 10.0])]
        [0.1, 1.0, 10.0]
    """
    require_tones("ms", ms)
    count = whole_number("bands", bands, 2, f"an integer from 2 to {MAX_BANDS}", MAX_BANDS)
    if ms.complex:
        raise ValueError(f"bands is {bands}, but the tones are complex; only real tones are split into bands")
    logs = np.log(ms.frequencies)
    edges = np.linspace(logs.min(), logs.max(), count + 1)
    place = np.clip(np.searchsorted(edges, logs * (1 + 1e-12), side="right") - 1, 0, count - 1)
    rasters = _rasters(raster, count)
    found = []
    for number in range(count):
        chosen = np.flatnonzero(place == number)
        if not chosen.size:
            low, high = np.exp(edges[number : number + 2])
            raise ValueError(
                f"bands is {bands}, but no tone lies between {readable(low, 'Hz', 6)} and {readable(high, 'Hz', 6)}; "
                "give fewer"
            )
        initial = None if ms.initial_phases is None else ms.initial_phases[chosen]
        band = Multisine(ms.frequencies[chosen], ms.amplitudes[chosen], initial_phases=initial)
        step = rasters[number]
        found.append(band if step is None else moved_to_raster(band, step))
    return found


def _rasters(raster: float | Sequence[float] | None, count: int) -> list[float | None]:
    if raster is None:
        return [None] * count
    need = "give one frequency in Hz above 0, or one for each band"
    values = np.atleast_1d(real_numbers("raster", raster, need, unit="Hz")).tolist()
    if any(isinstance(one, list) for one in values):
        raise ValueError(f"raster is {shown(raster)}; {need}")
    if len(values) not in (1, count):
        raise ValueError(f"raster has {len(values)} values, but there are {count} bands; give one, or one for each")
    return list(values * count if len(values) == 1 else values)
