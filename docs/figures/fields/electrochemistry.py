"""Impedance over three to six decades: the current that is driven and the voltage that answers, both with low peaks.

python docs/figures/fields/electrochemistry.py
"""

from __future__ import annotations

import numpy as np
from common import draw, fill

import crestfall as cf
from crestfall.certainty.measures import rms

BANDS = {"1 Hz … 1 kHz": (1000, 13, 15.0), "1 Hz … 30 kHz": (30_001, 19, 30.0), "1 Hz … 1 MHz": (1_000_001, 25, 120.0)}
"""Highest harmonic of 1 Hz, number of tones, and time limit of each search [s]."""
RANDOM_SETS = 10
TOLERANCES = (None, 2.5, 5.0, 10.0)
STARTS = 64


def impedance(f: np.ndarray) -> np.ndarray:
    """A cell: 20 mΩ, two arcs of 15 and 40 mΩ with time constants of 30 µs and 50 ms, and 50 nH of leads [Ω]."""
    s = 2j * np.pi * np.asarray(f)
    return 0.02 + 0.015 / (1 + 3e-5 * s) + 0.04 / (1 + 0.05 * s) + 5e-8 * s


def main() -> None:
    rows = [("band, tones", "phases", "current", "voltage", "the larger")]
    for band, (highest, n, seconds) in BANDS.items():
        numbers = cf.grids.quasi_logarithmic(1, highest, n, odd=True)
        current = cf.Multisine.harmonics(numbers, 1.0, 1.0 / np.abs(impedance(numbers)) ** 0.5)
        (output,) = cf.Problem(current, outputs=[cf.Output(impedance)]).signals()
        voltage, angles = output.tones, output.angles
        found = phase_sets(current, voltage, seconds)
        for name, phases in found.items():
            pair = (cf.crest_factor(current, phases), cf.crest_factor(voltage, phases + angles))
            cells = (f"{value:.3f}" for value in (*pair, max(pair)))
            rows.append((f"{band}, {n} tones" if name == next(iter(found)) else "", name, *cells))
        bounds = (cf.lower_bound(current), cf.lower_bound(voltage))
        rows.append(("", "no phases below", *(f"{bound:.3f}" for bound in (*bounds, max(bounds)))))
        if highest == 1000:
            shown = {name: found[name] for name in ("Schroeder", "crestfall, both")}
            draw("electrochemistry", pictures(current, voltage, angles, shown), "time [s]", "value / RMS")
        print(band, "done", flush=True)
    fill("electrochemistry", rows)
    lines()


def lines() -> None:
    """13 equal tones whose lines may move, to odd ones."""
    ms = cf.Multisine.harmonics(cf.grids.quasi_logarithmic(1, 999, 13, odd=True))
    rows = [("lines", "frequencies [Hz]", "crest factor")]
    for percent in TOLERANCES:
        moves = None if percent is None else cf.MovableLines(percent=percent, excluded=np.arange(2.0, 1200.0, 2.0))
        design = cf.minimize_peak(ms, lines=moves, starts=STARTS)
        name = "as they are" if percent is None else f"± {percent:g} %"
        numbers = ", ".join(f"{frequency:g}" for frequency in design.multisine.frequencies)
        rows.append((name, numbers, f"{design.crest_factor:.3f}"))
    fill("electrochemistry", rows, "lines")


def phase_sets(current: cf.Multisine, voltage: cf.Multisine, seconds: float) -> dict[str, np.ndarray]:
    """Customary phases, and ours for the current alone and for both signals."""
    random = (cf.random_phases(current, seed=seed) for seed in range(RANDOM_SETS))
    outputs = [
        cf.Output(limit=rms(current, np.zeros(current.n)), name="current"),
        cf.Output(impedance, rms(voltage, np.zeros(current.n)), "voltage"),
    ]
    return {
        f"random, for the current the best of {RANDOM_SETS}": min(random, key=lambda p: cf.crest_factor(current, p)),
        "Schroeder": cf.schroeder(current),
        "crestfall, current alone": cf.minimize_peak(current, time_limit=seconds, workers=1).phases,
        "crestfall, both": cf.minimize_peak(current, outputs=outputs, time_limit=seconds, workers=1).phases,
    }


def pictures(
    current: cf.Multisine, voltage: cf.Multisine, angles: np.ndarray, sets: dict[str, np.ndarray]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Both signals for each set of phases, in units of their RMS."""
    t = np.arange(16384) / 16384

    def wave(ms: cf.Multisine, phases: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x = np.cos(2 * np.pi * np.outer(t, ms.frequencies) + phases) @ ms.amplitudes
        return t, x / rms(ms, phases)

    shown = {}
    for name, phases in sets.items():
        shown[f"{name}: current"] = wave(current, phases)
        shown[f"{name}: voltage"] = wave(voltage, phases + angles)
    return shown


if __name__ == "__main__":
    main()
