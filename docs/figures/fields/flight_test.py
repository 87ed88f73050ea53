"""Flight test: three control surfaces at once, each with harmonics of its own, smallest relative peak factor.

python docs/figures/fields/flight_test.py
"""

from __future__ import annotations

import numpy as np
from common import draw, fill

import crestfall as cf

SURFACES = ("elevator", "aileron", "rudder")


def main() -> None:
    rows = [("input", "harmonics of 0.1 Hz", "Schroeder, RPF", "peak minimised, RPF", "range minimised, RPF")]
    waves = {}
    t = np.arange(4000) / 400
    for number, name in enumerate(SURFACES):
        # interleaved: orthogonal over one period of 10 s, 0.2 … 2 Hz
        ms = cf.Multisine.harmonics(range(2 + number, 21, 3), 0.1)
        by_peak = cf.minimize_peak(ms, use_atlas=False)
        begun = cf.Multisine(ms.frequencies, initial_phases=by_peak.phases)
        by_range = cf.minimize_peak(begun, measure="range")
        found = [cf.relative_peak_factor(ms, p) for p in (cf.schroeder(ms), by_peak.phases, by_range.phases)]
        harmonics = ", ".join(f"{frequency / 0.1:.0f}" for frequency in ms.frequencies)
        rows.append((name, harmonics, *(f"{value:.4f}" for value in found)))
        x = np.cos(2 * np.pi * np.outer(t, ms.frequencies) + by_range.phases).sum(axis=1)
        waves[name] = (t, x)
    fill("flight_test", rows)
    draw("flight_test", waves, "time [s]", "deflection")


if __name__ == "__main__":
    main()
