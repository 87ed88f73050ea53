"""Interleaved converters: copies of one current waveform that may only be delayed.

python docs/figures/fields/converter.py
"""

from __future__ import annotations

import numpy as np
from common import draw, fill, samples

import crestfall as cf

HARMONICS = (1, 2, 3, 4, 5, 6)


def main() -> None:
    # Ripple of a phase with duty cycle 0.3: a triangle, its Fourier series cut off.
    duty = 0.3
    k = np.array(HARMONICS)
    amplitudes = np.abs(np.sin(np.pi * k * duty)) / k**2
    shape = np.angle(np.sin(np.pi * k * duty) * np.exp(-1j * np.pi * k * duty) + 0j)
    rows = [("sizes of the copies", "together", "equally spaced", "crestfall")]
    waves = {}
    t = np.arange(2000) / 2000
    # unequal phases: the currents of real inductors differ
    for sizes in ((1.0, 1.0, 1.0), (1.0, 0.7, 0.5), (1.0, 0.9, 0.6, 0.4)):
        copies = len(sizes)
        ms = cf.Multisine.harmonics(list(HARMONICS) * copies, 1.0, np.concatenate([s * amplitudes for s in sizes]))
        base = np.tile(shape, copies)
        groups = [list(range(6 * c, 6 * c + 6)) for c in range(copies)]
        spaced = base - np.concatenate([2 * np.pi * k * c / copies for c in range(copies)])
        design = cf.minimize_peak(ms, constraints=[cf.Delays(groups, base)], measure="range", starts=256)
        found = [np.ptp(samples(ms, p, 20000)) / 2 for p in (base, spaced, design.phases)]
        rows.append((", ".join(map(str, sizes)), *(f"{value:.4f}" for value in found)))
        if sizes == (1.0, 0.7, 0.5):
            named = {"equally spaced": spaced, "crestfall": design.phases}
            waves = {name: (t, samples(ms, p, 2000)) for name, p in named.items()}
    fill("converter", rows)
    draw("converter", waves, "time [switching periods]", "ripple")


if __name__ == "__main__":
    main()
