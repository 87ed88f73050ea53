"""Multiband MRI pulses: n slices at once, the peak of the RF envelope limits the shortest pulse.

python docs/figures/fields/mri.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from common import draw, fill, samples

import crestfall as cf

sys.path.insert(0, str(Path(__file__).parents[1]))
from published import MALIK_2015, WONG_2012  # phases of the published schedules, with their sources


def main() -> None:
    rows = [
        ("bands", "all in phase", "Wong 2012", "crestfall", "no phases below", "AM only, Malik 2015", "AM only, ours")
    ]
    for n in range(3, 17):
        ms = cf.Multisine.harmonics(range(n), complex=True)
        design = cf.minimize_peak(ms, use_atlas=False, time_limit=3.0)
        mirrored = cf.minimize_peak(ms, constraints=[cf.ConjugateSymmetric()], time_limit=2.0)
        wong = cf.true_peak(ms, WONG_2012[n])
        malik = f"{cf.true_peak(ms, MALIK_2015[n]):.3f}" if n in MALIK_2015 else "–"
        cells = (float(n), wong, design.peak, design.peak_lower_bound)
        rows.append((str(n), *(f"{cell:.3f}" for cell in cells), malik, f"{mirrored.peak:.3f}"))
    fill("mri", rows)
    ms = cf.Multisine.harmonics(range(8), complex=True)
    t = np.arange(2048) / 2048
    mirrored = cf.minimize_peak(ms, constraints=[cf.ConjugateSymmetric()])
    waves = {
        "all in phase": np.zeros(8),
        "crestfall": cf.minimize_peak(ms).phases,
        "amplitude-modulated": mirrored.phases,
    }
    draw("mri", {k: (t, samples(ms, p, 2048)) for k, p in waves.items()}, "time [1 / band spacing]", "|B1|")


if __name__ == "__main__":
    main()
