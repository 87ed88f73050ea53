"""Every number and picture of docs/original-question.md, computed again.

    python docs/figures/original_question.py

Pictures go to docs/images/, numbers into the page between its markers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure

import crestfall as cf
from crestfall.engine.closed_form.polygon import cancelling_phases
from crestfall.files.pictures import plot_phasor_polygon, save_picture
from crestfall.files.pictures.style import BOUND, DESIGN, PEAK, REFERENCE, tidy
from crestfall.torch import phase_optimize
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


def run_the_question(n: int, samples: int = SAMPLES) -> np.ndarray:
    """Where the question's loop, with its three faults, ends after all its steps."""
    _, theta, step = broken_parts(n, samples)
    for _ in range(STEPS):
        step()
    return theta.detach().double().numpy().ravel()


def run_an_answer(n: int, start: str) -> np.ndarray:
    """Where plain gradient descent ends with the first two faults corrected, at the answers' own settings."""
    return accepted_answer_run(n, s=SAMPLES, nsteps=STEPS, start=start).phases


def table_of_methods() -> str:
    """Maximum over the samples for every method and size."""
    sizes = (2, 5, 20)
    methods: dict[str, Callable[[int], np.ndarray]] = {
        "the question's code": run_the_question,
        "the accepted answer (θ₀ = 1, the rest 0)": lambda n: run_an_answer(n, "one_moved"),
        "the second answer (start from noise)": lambda n: run_an_answer(n, "noise"),
        "best of 1000 random phase sets": best_of_random,
    }
    for start, name in (("zeros", "all zeros"), ("one_moved", "θ₀ = 1, the rest 0"), ("noise", "noise")):
        methods[f"`phase_optimize` from {name}"] = lambda n, start=start: (
            phase_optimize(n, SAMPLES, STEPS, start=start).phases
        )
    methods["closed form"] = lambda n: cancelling_phases(np.ones(n))
    lines = ["| method | n = 2 | n = 5 | n = 20 |", "|---|---|---|---|"]
    for name, method in methods.items():
        values = [maximum_over_samples(np.asarray(method(n))) for n in sizes]
        lines.append(f"| {name} | " + " | ".join(f"{value:.2g}" for value in values) + " |")
    return "\n".join(lines)


def findings_on_the_way() -> str:
    """What phase_optimize noticed from the two hard starts."""
    lines = []
    for start in ("zeros", "one_moved"):
        result = phase_optimize(5, SAMPLES, STEPS, start=start)
        for finding in result.findings:
            lines.append(f"- start `{start}`: {finding}")
    return "\n".join(lines)


def draw_polygons() -> None:
    """Five waves as arrows, head to tail: where each method leaves them."""
    n = 5
    figure = plot_phasor_polygon(
        {
            "the question's code": run_the_question(n, samples=480),
            "the accepted answer": run_an_answer(n, "one_moved"),
            "phase_optimize": phase_optimize(n, SAMPLES, STEPS, start="one_moved").phases,
            "closed form": cancelling_phases(np.ones(n)),
        }
    )
    save_picture(figure, DOCS / "images" / "original-question-polygons.png", overwrite=True)


def draw_history() -> None:
    """How the largest sum over the samples falls, or does not, with the steps."""
    n = 5
    figure = Figure(figsize=(8.0, 4.2), layout="constrained")
    ax = figure.subplots()
    curves = {
        "the question's code": (np.full(STEPS, float(n)), REFERENCE, "-"),
        "the accepted answer (θ₀ = 1, the rest 0)": (accepted_answer_run(n, SAMPLES, STEPS).maxima, PEAK, "-"),
        "the second answer (noise)": (accepted_answer_run(n, SAMPLES, STEPS, start="noise").maxima, PEAK, ":"),
        "phase_optimize from all zeros": (phase_optimize(n, SAMPLES, STEPS, start="zeros").maxima, DESIGN, "-"),
        "phase_optimize from θ₀ = 1, the rest 0": (
            phase_optimize(n, SAMPLES, STEPS, start="one_moved").maxima,
            BOUND,
            "-",
        ),
    }
    for name, (maxima, colour, line) in curves.items():
        ax.loglog(1 + np.arange(STEPS), np.maximum(maxima, 1e-17), line, color=colour, label=name, linewidth=1.8)
    ax.set_ylim(1e-17, 1e2)
    ax.set_xlabel("step")
    ax.set_ylabel("largest |Σ sin(t + θ)|")
    ax.set_title(f"{n} waves of one frequency: who leaves the saddle", fontsize="medium", loc="left")
    ax.legend(frameon=False, loc="lower left", fontsize="small")
    tidy(ax)
    save_picture(figure, DOCS / "images" / "original-question-history.png", overwrite=True)


def main() -> None:
    torch.set_num_threads(1)
    path = DOCS / "original-question.md"
    fill(path, "methods", table_of_methods())
    fill(path, "findings", findings_on_the_way())
    draw_polygons()
    draw_history()
    print(f"wrote {path.name} and its pictures with crestfall {cf.__version__}, torch {torch.__version__}")


if __name__ == "__main__":
    main()
