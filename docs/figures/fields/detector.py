"""Detector read-out: 2000 irregular tones in 4 GHz, 2^19 samples of a 14-bit converter. About a minute.

python docs/figures/fields/detector.py
"""

from __future__ import annotations

import numpy as np
from common import draw, fill

import crestfall as cf

N_SAMPLES, SAMPLE_RATE = 2**19, 4.096e9


def main() -> None:
    rng = np.random.default_rng(1)
    bins = np.sort(rng.choice(int(4.0e9 / SAMPLE_RATE * N_SAMPLES), 2000, replace=False))
    ms = cf.Multisine.harmonics(bins, SAMPLE_RATE / N_SAMPLES, complex=True)

    def played(phases: np.ndarray) -> np.ndarray:
        spectrum = np.zeros(N_SAMPLES, complex)
        spectrum[bins] = np.exp(1j * phases)
        return np.fft.ifft(spectrum) * N_SAMPLES

    def decibels(phases: np.ndarray) -> float:
        return 20 * np.log10(np.max(np.abs(played(phases))) / np.sqrt(2000))

    random = [cf.random_phases(ms, seed=seed) for seed in range(100)]
    best = min(random, key=decibels)
    design = cf.minimize_peak(ms, over=cf.Samples(N_SAMPLES), time_limit=55.0)
    rows = [("phases", "crest factor [dB]", "per tone, at full scale of 14 bits [steps]")]
    for name, phases in (("best of 100 random sets", best), ("crestfall, 55 s", design.phases)):
        amplitude = 2**13 / np.max(np.abs(played(phases)))
        rows.append((name, f"{decibels(phases):.2f}", f"{amplitude:.1f}"))
    fill("detector", rows)
    t = np.arange(N_SAMPLES) / SAMPLE_RATE * 1e6
    waves = {"best of 100 random sets": best, "crestfall": design.phases}
    draw("detector", {k: (t, np.abs(played(p))) for k, p in waves.items()}, "time [µs]", "|z|")


if __name__ == "__main__":
    main()
