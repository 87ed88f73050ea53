"""Impedance over six decades: 25 tones from 1 Hz to 1 MHz, larger where the impedance is small.

python docs/figures/fields/electrochemistry.py
"""

from __future__ import annotations

import numpy as np
from common import draw, fill

import crestfall as cf

SECONDS = 100.0


def impedance(f: np.ndarray) -> np.ndarray:
    """A cell: 20 mΩ, two arcs of 15 and 40 mΩ with time constants of 30 µs and 50 ms, and 50 nH of leads [Ω]."""
    s = 2j * np.pi * np.asarray(f)
    return 0.02 + 0.015 / (1 + 3e-5 * s) + 0.04 / (1 + 0.05 * s) + 5e-8 * s


def main() -> None:
    decades = {"1 Hz … 1 kHz": (1000, 13), "1 Hz … 30 kHz": (30_001, 19), "1 Hz … 1 MHz": (1_000_001, 25)}
    rows = [("band", "tones", "best of 10 random sets", "Schroeder", "crestfall", "seconds", "no phases below")]
    for name, (highest, n) in decades.items():
        numbers = cf.grids.quasi_logarithmic(1, highest, n, odd=True)
        ms = cf.Multisine.harmonics(numbers, 1.0, 1.0 / np.abs(impedance(numbers)) ** 0.5)
        random = min(cf.crest_factor(ms, cf.random_phases(ms, seed=k)) for k in range(10))
        design = cf.minimize_peak(ms, time_limit=SECONDS if highest > 10**5 else SECONDS / 5)
        figures = (random, cf.crest_factor(ms, cf.schroeder(ms)), design.crest_factor)
        seconds = f"{design.provenance.seconds:.0f}"
        rows.append((name, str(n), *(f"{value:.3f}" for value in figures), seconds, f"{design.lower_bound:.3f}"))
        if highest == 1000:
            t = np.arange(8192) / 8192
            waves = {
                "random phases, the best of 10 sets": _best_random(ms),
                "Schroeder": cf.schroeder(ms),
                "crestfall": design.phases,
            }
            carrier = np.exp(2j * np.pi * np.outer(t, ms.frequencies))
            pictures = {k: (t, (carrier @ (ms.amplitudes * np.exp(1j * p))).real) for k, p in waves.items()}
            draw("electrochemistry", pictures, "time [s]", "current")
    fill("electrochemistry", rows)


def _best_random(ms: cf.Multisine) -> np.ndarray:
    return min((cf.random_phases(ms, seed=k) for k in range(10)), key=lambda p: cf.crest_factor(ms, p))


if __name__ == "__main__":
    main()
