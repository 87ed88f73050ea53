"""Flight test: three control surfaces at once in one record, and four shakers in four experiments on the ground.

python docs/figures/fields/flight_test.py
"""

from __future__ import annotations

import numpy as np
from common import DOCS, fill
from scipy.optimize import minimize

import crestfall as cf
from crestfall.files.pictures import save_picture
from crestfall.problem.channels.matrices import angles_of

SURFACES = ("elevator", "aileron", "rudder")
BAND_HZ = (0.2, 2.0)
RECORDS_S = (10, 30)
SAMPLE_S = 0.02
SIMPLEX_RUNS = 50
SHAKER_TONES = 31
RANDOM_SETS = 100
NAMES = {"hadamard": "Hadamard", "dft": "DFT", "chirp": "chirp"}
STARTS = 1024


RUN_S, RUN_INPUTS, RUN_TONES, RUN_BAND_HZ = 20, 4, 8, (0.1, 3.3)
RUN_STARTS = 64


def main() -> None:
    surfaces()
    lines()
    shakers()


# ------------------------------------------------------------------ interleaved: one record


def surfaces() -> None:
    titles = ("Schroeder", "Schroeder, then simplex", "peak minimised", "range minimised")
    rows = [("record", "input", "harmonics", *titles)]
    for record_s in RECORDS_S:
        low, high = (round(frequency * record_s) for frequency in BAND_HZ)
        dealt = cf.grids.deal(range(low, high + 1), len(SURFACES))
        inputs = [cf.Multisine.harmonics(hand, 1.0 / record_s) for hand in dealt]
        by_peak = cf.minimize_peak(cf.Problem.interleaved(inputs, names=SURFACES))
        begun = [row[0].multisine.with_initial_phases(row[0].phases) for row in by_peak.channels]
        by_range = cf.minimize_peak(cf.Problem.interleaved(begun, names=SURFACES, measure="range", start_at_zero=True))
        for i, (name, ms, hand) in enumerate(zip(SURFACES, inputs, dealt, strict=True)):
            found = (
                cf.relative_peak_factor(ms, schroeder_of_the_record(ms, record_s)),
                cf.relative_peak_factor(ms, simplex(ms, record_s)),
                by_peak.signals[i].relative_peak_factor,
                by_range.signals[i].relative_peak_factor,
            )
            harmonics = f"{hand[0]}, {hand[1]}, … {hand[-1]}"
            rows.append((f"{record_s} s", name, harmonics, *(f"{value:.4f}" for value in found)))
        if record_s == RECORDS_S[0]:
            path = DOCS / "images" / "fields" / "flight_test.png"
            save_picture(by_range.plot(), path, overwrite=True, dpi=110)
    fill("flight_test", rows)


def lines() -> None:
    """Eight tones for each of four inputs: dealt at random, in runs, and moved from there."""
    low, high = (round(frequency * RUN_S) for frequency in RUN_BAND_HZ)
    runs = cf.grids.interleaved_runs(range(low, high + 1), RUN_INPUTS, tones=RUN_TONES)
    random = cf.grids.deal(np.concatenate(runs).tolist(), RUN_INPUTS, seed=0)
    rows = [("tones", "worst RPF", *(f"input {i + 1}" for i in range(RUN_INPUTS)))]
    for name, dealt, moves in (
        ("the same lines, dealt at random", random, None),
        ("runs", runs, None),
        ("runs, moved by 4 lines (0.2 Hz) at most", runs, cf.MovableLines(4, raster=1.0 / RUN_S)),
    ):
        inputs = [cf.Multisine.harmonics(numbers, 1.0 / RUN_S) for numbers in dealt]
        design = cf.minimize_peak(cf.Problem.interleaved(inputs, measure="range", lines=moves), starts=RUN_STARTS)
        each = (f"{report.relative_peak_factor:.4f}" for report in design.signals)
        rows.append((name, f"{design.figure:.4f}", *each))
    fill("flight_test", rows, "lines")


def schroeder_of_the_record(ms: cf.Multisine, record_s: float) -> np.ndarray:
    """Schroeder's phases for equal powers, the record's length as the period: Morelli's start."""
    shares = np.arange(1, ms.n) / ms.n
    steps = -2.0 * np.pi * np.diff(ms.frequencies) * record_s * shares
    return np.concatenate(([0.0], np.cumsum(steps)))


def simplex(ms: cf.Multisine, record_s: float) -> np.ndarray:
    """The customary procedure (Morelli 2003): Nelder and Mead's simplex on the RPF of samples, up to 50 times anew.

    Before each run the signal is moved in time to its first zero crossing, which is all that changes between them.
    """
    t = np.arange(0.0, record_s + SAMPLE_S / 2, SAMPLE_S)
    omega = 2.0 * np.pi * ms.frequencies
    cosine, sine = np.cos(np.outer(t, omega)), np.sin(np.outer(t, omega))

    def factor(phases: np.ndarray) -> float:
        x = cosine @ np.cos(phases) - sine @ np.sin(phases)
        return float(np.ptp(x) / np.sqrt(8.0 * np.mean(x**2)))

    phases = schroeder_of_the_record(ms, record_s)
    limits = {"xatol": 1e-4, "fatol": 1e-4, "maxiter": 200 * ms.n, "maxfev": 200 * ms.n}
    fine = np.arange(0.0, record_s, 1e-3)
    for _ in range(SIMPLEX_RUNS):
        if factor(phases) <= 1.01:
            break
        phases = minimize(factor, phases, method="Nelder-Mead", options=limits).x
        signs = np.cos(np.outer(fine, omega) + phases).sum(axis=1) > 0.0
        phases = phases + omega * fine[int(np.argmax(signs != signs[0]))]
    return phases


# ------------------------------------------------------------------ orthogonal: as many experiments as inputs


def shakers() -> None:
    ms = cf.Multisine.harmonics(range(1, SHAKER_TONES + 1))
    titles = ("random phases, median", "random phases, best", "Schroeder", "crestfall, common", "crestfall, own")
    rows = [("shakers", "matrix", *titles)]
    for m, matrix in ((4, "hadamard"), (4, "dft"), (3, "dft"), (3, "chirp")):
        turns = angles_of(matrix, m)
        random = [
            worst(ms, np.random.default_rng([m, seed]).uniform(0.0, 2.0 * np.pi, (m, ms.n)), turns)
            for seed in range(RANDOM_SETS)
        ]
        ours = {
            phases: cf.minimize_peak(ms, channels=cf.Orthogonal(m, matrix, phases), starts=STARTS)
            for phases in ("common", "own")
        }
        for found in ours.values():
            assert found.orthogonality < 1e-12
        values = (
            np.median(random),
            min(random),
            worst(ms, np.tile(cf.schroeder(ms), (m, 1)), turns),
            ours["common"].worst.crest_factor,
            ours["own"].worst.crest_factor,
        )
        rows.append((str(m), NAMES[matrix], *(f"{value:.3f}" for value in values)))
        if (m, matrix) == (4, "dft"):
            path = DOCS / "images" / "fields" / "shakers.png"
            save_picture(ours["common"].plot(), path, overwrite=True, dpi=80)
    fill("flight_test", rows, "shakers")


def worst(ms: cf.Multisine, phases: np.ndarray, turns: np.ndarray) -> float:
    """Largest crest factor of the signals with these phases ``(m, n)``."""
    return max(
        cf.crest_factor(ms, row + turn)
        for row, by_experiment in zip(phases, turns, strict=True)
        for turn in by_experiment
    )


if __name__ == "__main__":
    main()
