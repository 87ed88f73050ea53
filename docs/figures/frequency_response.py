"""The picture and table of docs/frequency-response.md: one plant, one peak, one noise, four sets of phases.

The plant is python-control's, the simulation SciPy's behind it, the estimate NumPy's.

python docs/figures/frequency_response.py
"""

from __future__ import annotations

from pathlib import Path

import control
import numpy as np
from matplotlib.figure import Figure
from page import fill

import crestfall as cf
from crestfall.files.pictures import save_picture
from crestfall.files.pictures.style import tidy

DOCS = Path(__file__).parents[1]
RATE, SAMPLES, PEAK, NOISE = 1024.0, 1024, 1.0, 0.1  # one period takes 1 s; the noise is white, its rms in volts
TONES = cf.Multisine.harmonics(range(1, 65))  # 1 to 64 Hz
RANDOM_SETS, MEASUREMENTS = 101, 4000
SHOWN = ("random", "crestfall")


def plant() -> control.TransferFunction:
    """A mass on a spring, resonant at 25 Hz with 5 % damping, behind a zero-order hold."""
    w = 2 * np.pi * 25.0
    return control.sample_system(control.tf([w**2], [1.0, 2 * 0.05 * w, w**2]), 1 / RATE, "zoh")


def candidates() -> dict[str, cf.Design]:
    """Random phases (the median and the best of many sets), Schroeder's, and ours."""
    sets = [cf.Design.of(TONES, cf.random_phases(TONES, seed=seed)) for seed in range(RANDOM_SETS)]
    sets.sort(key=lambda design: design.crest_factor)
    return {
        "random": sets[RANDOM_SETS // 2],
        "best random": sets[0],
        "Schroeder": cf.Design.of(TONES, cf.schroeder(TONES)),
        "crestfall": cf.minimize_peak(TONES, seed=0),
    }


def estimates(drive: np.ndarray, system: control.TransferFunction, noise: np.random.Generator) -> np.ndarray:
    """``(measurements, tones)`` frequency responses, each from one noisy period in the steady state."""
    settled = control.forced_response(system, inputs=np.tile(drive, 6)).outputs[-SAMPLES:]
    noisy = settled + noise.normal(0.0, NOISE, (MEASUREMENTS, SAMPLES))
    numbers = TONES.harmonic_numbers
    return np.fft.rfft(noisy)[:, numbers] / np.fft.rfft(drive)[numbers]


def theory(design: cf.Design) -> float:
    """Variance of each estimate when all tones are equal: 4 σ² / (N a²), with a = peak √2 / (CF √n)."""
    amplitude = PEAK * np.sqrt(2.0 / TONES.n) / design.crest_factor
    return 4.0 * NOISE**2 / (SAMPLES * amplitude**2)


def table(designs: dict[str, cf.Design], variances: dict[str, np.ndarray]) -> str:
    names = {"random": f"random, the median of {RANDOM_SETS} sets", "best random": f"random, the best of {RANDOM_SETS}"}
    ours, best = designs["crestfall"], np.mean(variances["crestfall"])
    lines = [
        "| phases | crest factor | rms | variance / ours, theory | measured | same precision takes |",
        "|---" * 6 + "|",
    ]
    for name, design in designs.items():
        expected, measured = (design.crest_factor / ours.crest_factor) ** 2, np.mean(variances[name]) / best
        figures = f"{design.crest_factor:.4f} | {PEAK / design.crest_factor:.3f} V | {expected:.3f} | {measured:.3f}"
        lines.append(f"| {names.get(name, name)} | {figures} | {measured:.2f} × the time |")
    worst = max(abs(np.mean(v) / theory(designs[name]) - 1.0) for name, v in variances.items())
    lines.append(f"\nAgainst theory's absolute variance the measured ones are off by {worst:.2%} at most.")
    return "\n".join(lines)


def picture(designs: dict[str, cf.Design], found: dict[str, np.ndarray], truth: np.ndarray) -> Figure:
    figure = Figure(figsize=(12.5, 3.8), layout="constrained")
    wave, response, spread = figure.subplots(1, 3)
    time, colours = np.arange(SAMPLES) / RATE, {"random": "0.6", "crestfall": "C0"}
    for name in SHOWN:
        drive = designs[name].waveform(RATE, peak=PEAK)
        wave.plot(time, drive, color=colours[name], lw=1, label=f"{name}, rms {drive.std():.3f} V")
        response.plot(TONES.frequencies, np.abs(found[name][0]), ".", color=colours[name], label=name)
        variance = np.mean(np.abs(found[name] - truth) ** 2, axis=0)
        spread.plot(TONES.frequencies, variance, ".", color=colours[name], label=f"{name}, measured")
        spread.axhline(theory(designs[name]), color=colours[name], lw=1)
    response.plot(TONES.frequencies, np.abs(truth), color="k", lw=0.8, label="true", zorder=0)
    wave.set(xlabel="time (s)", ylabel="drive (V)", xlim=(0, 0.5), ylim=(-1.15, 1.5))
    response.set(xlabel="frequency (Hz)", ylabel="|H|", yscale="log")
    spread.set(xlabel="frequency (Hz)", ylabel="variance of H", ylim=(0, 1.3 * theory(designs["random"])))
    titles = ("under the same peak", "one measurement of one period", f"{MEASUREMENTS} measurements; lines: theory")
    for axes, title in zip((wave, response, spread), titles, strict=True):
        tidy(axes, title=title)
        axes.legend(loc="upper right", frameon=False, fontsize=8.5)
    return figure


def main() -> None:
    noise, system, designs = np.random.default_rng(0), plant(), candidates()
    truth = system(np.exp(2j * np.pi * TONES.frequencies / RATE))
    found = {name: estimates(design.waveform(RATE, peak=PEAK), system, noise) for name, design in designs.items()}
    variances = {name: np.mean(np.abs(each - truth) ** 2, axis=0) for name, each in found.items()}
    fill(DOCS / "frequency-response.md", "variance", table(designs, variances))
    save_picture(picture(designs, found, truth), DOCS / "images" / "frequency-response.png", overwrite=True, dpi=110)


if __name__ == "__main__":
    main()
