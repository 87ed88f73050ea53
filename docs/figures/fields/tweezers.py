"""Optical tweezers: traps from acousto-optic deflectors, tones every megahertz around 100 MHz.

python docs/figures/fields/tweezers.py
"""

from __future__ import annotations

import numpy as np
from common import draw, fill, samples

import crestfall as cf

MHZ = 1e6


def main() -> None:
    rows = [("traps", "random phases, best of 100", "Schroeder", "crestfall", "no phases below")]
    for n in (7, 20):
        ms = cf.Multisine(np.arange(100, 100 + n) * MHZ)
        random = min(cf.crest_factor(ms, cf.random_phases(ms, seed=seed)) for seed in range(100))
        design = cf.minimize_peak(ms, use_atlas=False)
        cells = (random, cf.crest_factor(ms, cf.schroeder(ms)), design.crest_factor, design.lower_bound)
        rows.append((f"{n} at 100 … {99 + n} MHz", *(f"{cell:.4f}" for cell in cells)))
    # Trap 3 of 7 moves by 0.5 MHz; the others run on with the phases that they have.
    before = cf.minimize_peak(cf.Multisine(np.arange(100, 107) * MHZ), use_atlas=False)
    moved = np.array([100, 101, 102, 103.5, 104, 105, 106]) * MHZ
    ms = cf.Multisine(moved)
    held = {k: float(before.phases[k]) for k in range(7) if k != 3}
    kept = cf.minimize_peak(ms, constraints=[cf.Hold(held)])
    careless = np.median(
        [cf.crest_factor(ms, np.where(np.arange(7) == 3, p, before.phases)) for p in np.arange(64) / 10]
    )
    free = cf.minimize_peak(ms)
    rows.append(
        ("7, one moved, the others held", f"{careless:.4f} (median phase)", "–", f"{kept.crest_factor:.4f}", "–")
    )
    rows.append(("7, one moved, all free", "–", "–", f"{free.crest_factor:.4f}", f"{free.lower_bound:.4f}"))
    fill("tweezers", rows)
    ms = cf.Multisine(np.arange(100, 120) * MHZ)
    t = np.arange(16384) / 16384 * ms.period * 1e6
    waves = {"zero phases": np.zeros(20), "Schroeder": cf.schroeder(ms), "crestfall": cf.minimize_peak(ms).phases}
    draw("tweezers", {k: (t, samples(ms, p, 16384)) for k, p in waves.items()}, "time [µs]", "drive")


if __name__ == "__main__":
    main()
