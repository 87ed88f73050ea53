"""Every number and picture of docs/original-question.md, computed again.

    python docs/figures/original_question.py

Pictures go to docs/images/, numbers into the page between its markers.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure

import crestfall as cf
from crestfall.closed_form.polygon import cancelling_phases
from crestfall.plot import plot_phasor_polygon, save_picture
from crestfall.plot.style import BOUND, DESIGN, PEAK, tidy
from crestfall.torch import doctor, phase_optimize
from crestfall.torch.accepted import accepted_answer_run
from crestfall.torch.original import broken_parts

sys.path.insert(0, str(Path(__file__).parent))
from page import fill

DOCS = Path(__file__).parents[1]
SAMPLES = 48_000
STEPS = 1000


def maximum_over_samples(phases: np.ndarray) -> float:
    """Largest |Σ sin(t + θ_i)| over the question's samples, summed directly."""
    t = np.linspace(0.0, 2.0 * np.pi, SAMPLES)
    total = np.zeros(SAMPLES)
    for phase in phases:
        total += np.sin(t + phase)
    return float(np.max(np.abs(total)))


def best_of_random(n: int, sets: int = 1000, seed: int = 0) -> np.ndarray:
    """The phases with the least maximum among random sets; the maximum is the length of their phasor sum."""
    phases = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, (sets, n))
    return phases[int(np.argmin(np.abs(np.exp(1j * phases).sum(axis=1))))]


def run_the_question(n: int) -> np.ndarray:
    """Where the question's loop, with its three faults, ends after all its steps."""
    _, theta, step = broken_parts(n, SAMPLES)
    for _ in range(STEPS):
        step()
    return theta.detach().double().numpy().ravel()


def table_of_methods() -> str:
    """Maximum over the samples for every method and size."""
    sizes = (2, 5, 20)
    methods = {
        "the question's code": run_the_question,
        "the accepted answer (θ₀ = 1, the rest 0)": lambda n: np.asarray(
            accepted_answer_run(n, s=SAMPLES, nsteps=STEPS).phases
        ),
        "best of 1000 random phase sets": best_of_random,
        "`phase_optimize` from all zeros": lambda n: phase_optimize(n, SAMPLES, STEPS, start="zeros").phases,
        "`phase_optimize` from θ₀ = 1, the rest 0": lambda n: (
            phase_optimize(n, SAMPLES, STEPS, start="one_moved").phases
        ),
        "closed form": lambda n: cancelling_phases(np.ones(n)),
    }
    lines = ["| method | n = 2 | n = 5 | n = 20 |", "|---|---|---|---|"]
    for name, method in methods.items():
        values = [maximum_over_samples(np.asarray(method(n))) for n in sizes]
        lines.append(f"| {name} | " + " | ".join(f"{value:.2g}" for value in values) + " |")
    return "\n".join(lines)


def doctors_words() -> str:
    """What the doctor says of the question's code."""
    loss, theta, step = broken_parts(5, SAMPLES)
    return "\n".join(f"- **{finding.code}**: {finding}" for finding in doctor(loss, [theta], step=step))


def findings_on_the_way() -> str:
    """What phase_optimize noticed from the two hard starts."""
    lines = []
    for start in ("zeros", "one_moved"):
        result = phase_optimize(5, SAMPLES, STEPS, start=start)
        for finding in result.findings:
            lines.append(f"- start `{start}`: {finding}")
    return "\n".join(lines)


def draw_polygons() -> None:
    n = 5
    stuck = np.asarray(accepted_answer_run(n, s=SAMPLES, nsteps=STEPS).phases)
    figure = plot_phasor_polygon(
        {
            "accepted answer": stuck,
            "phase_optimize": phase_optimize(n, SAMPLES, STEPS, start="one_moved").phases,
            "closed form": cancelling_phases(np.ones(n)),
        }
    )
    save_picture(figure, DOCS / "images" / "original-question-polygons.png", overwrite=True)


def draw_history() -> None:
    n = 5
    figure = Figure(figsize=(8.0, 3.6), layout="constrained")
    ax = figure.subplots()
    curves = {
        "accepted answer": (accepted_answer_run(n, s=SAMPLES, nsteps=STEPS).history, PEAK),
        "phase_optimize, all zeros": (phase_optimize(n, SAMPLES, STEPS, start="zeros").history, DESIGN),
        "phase_optimize, θ₀ = 1, rest 0": (phase_optimize(n, SAMPLES, STEPS, start="one_moved").history, BOUND),
    }
    for name, (history, colour) in curves.items():
        ax.semilogy(np.maximum(history, 1e-34), color=colour, label=name, linewidth=1.5)
    ax.set_xlabel("step")
    ax.set_ylabel("loss: mean square of the sum")
    ax.set_title(f"{n} waves of one frequency: who leaves the saddle", fontsize="medium", loc="left")
    ax.legend(frameon=False)
    tidy(ax)
    save_picture(figure, DOCS / "images" / "original-question-history.png", overwrite=True)


def main() -> None:
    torch.set_num_threads(1)
    path = DOCS / "original-question.md"
    fill(path, "methods", table_of_methods())
    fill(path, "doctor", doctors_words())
    fill(path, "findings", findings_on_the_way())
    draw_polygons()
    draw_history()
    print(f"wrote {path.name} and its pictures with crestfall {cf.__version__}, torch {torch.__version__}")


if __name__ == "__main__":
    main()
