"""Audio: pink periodic noise, 20 Hz to 20 kHz, 65 536 samples at 48 kHz. About a minute.

python docs/figures/fields/audio.py
"""

from __future__ import annotations

import numpy as np
from common import draw, fill

import crestfall as cf

N_SAMPLES, SAMPLE_RATE = 2**16, 48_000.0
RASTER_HZ = 0.5
STARTS = 8


def main() -> None:
    raster = SAMPLE_RATE / N_SAMPLES
    bins = np.arange(int(np.ceil(20 / raster)), int(20_000 / raster) + 1)
    ms = cf.Multisine.harmonics(bins, raster, 1 / np.sqrt(bins))
    designs = {
        "random phases": cf.Design.of(ms, cf.random_phases(ms, seed=0)),
        "Schroeder": cf.Design.of(ms, cf.schroeder(ms)),
        "crestfall, the samples count, 30 s": cf.minimize_peak(ms, over=cf.Samples(N_SAMPLES), time_limit=30.0),
        "crestfall, the true peak counts, 30 s": cf.minimize_peak(ms, time_limit=30.0),
    }
    rows = [("phases", "crest factor of the samples", "true-peak crest factor")]
    waves = {}
    t = np.arange(N_SAMPLES) / SAMPLE_RATE
    for name, design in designs.items():
        x = design.waveform(SAMPLE_RATE)
        waves[name] = (t, x / design.rms)
        rows.append((name, f"{np.max(np.abs(x)) / np.sqrt(np.mean(x**2)):.4f}", f"{design.crest_factor:.4f}"))
    fill("audio", rows)
    draw("audio", waves, "time [s]", "x / rms")
    third_octaves()


def third_octaves() -> None:
    """31 tones at the nominal third octaves, and near them."""
    ms = cf.Multisine(cf.grids.preferred_numbers(20, 20_000, "R10"))
    rows = [("lines", "tones that moved", "crest factor")]
    for percent in (None, 1.0, 2.0):
        moves = None if percent is None else cf.MovableLines(percent=percent, raster=RASTER_HZ)
        design = cf.minimize_peak(ms, lines=moves, starts=STARTS)
        name = "nominal" if percent is None else f"within {percent:g} %"
        rows.append((name, str(len(design.moved_lines)), f"{design.crest_factor:.3f}"))
    fill("audio", rows, "lines")


if __name__ == "__main__":
    main()
