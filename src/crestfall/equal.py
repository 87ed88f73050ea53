"""The original question side by side: every way to choose the phases of equal waves, with its figures."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from math import pi
from time import perf_counter

import numpy as np

from crestfall._types import FloatArray
from crestfall.closed_form.polygon import cancelling_phases

_RANDOM_SETS = 1000
_RANDOM_PHASES = 2**24  # phases drawn at most: fewer sets for very many waves
_LARGEST_DESCENT = 10_000


@dataclass(frozen=True)
class Row:
    """One way to choose the phases.

    Attributes:
        method: Its name.
        phases: ``(n,)`` phases [rad] of the waves ``sin(t + θ_i)``.
        maximum: Largest ``|Σ sin(t + θ_i)|`` over the samples.
        seconds: What it took [s].
        note: What else there is to say.
    """

    method: str
    phases: FloatArray
    maximum: float
    seconds: float
    note: str = ""


def compare_equal_waves(n: int, samples: int = 48_000, steps: int = 1000, seed: int = 0) -> list[Row]:
    """Every way to choose the phases of ``n`` equal waves.

    Args:
        n: Number of waves.
        samples: Points of ``[0, 2π]``, both ends included.
        steps: Steps of the gradient descents, which need PyTorch.
        seed: Seed of everything random.

    Raises:
        ValueError: A number is too small.

    Example:
        >>> rows = compare_equal_waves(5, samples=480, steps=100)
        >>> rows[0].method, rows[0].maximum < 1e-12
        ('closed form', True)
    """
    for name, value, least in (("n", n, 1), ("samples", samples, 2), ("steps", steps, 1)):
        if value < least:
            raise ValueError(f"{name} is {value}; it must be at least {least}")
    rows = [_row("closed form", lambda: cancelling_phases(np.ones(n)), samples)]
    if importlib.util.find_spec("torch") is None:
        note = "install PyTorch with pip install 'crestfall[torch]' to see the gradient descents"
        rows[0] = Row(rows[0].method, rows[0].phases, rows[0].maximum, rows[0].seconds, note)
    elif n <= _LARGEST_DESCENT:
        rows += _descents(n, samples, steps, seed)
    sets = max(1, min(_RANDOM_SETS, _RANDOM_PHASES // n))
    rows.append(_row(f"best of {sets} random phase sets", lambda: _best_of_random(n, sets, seed), samples))
    return rows


def maximum_over_samples(phases: FloatArray, samples: int) -> float:
    """Largest ``|Σ sin(t + θ_i)|`` over ``linspace(0, 2π, samples)``, by way of the phasor."""
    phasor = np.sum(np.exp(1j * phases))
    t = np.linspace(0.0, 2.0 * pi, samples)
    return float(np.max(np.abs((np.exp(1j * t) * phasor).imag)))


def _row(method: str, choose: Callable[[], FloatArray], samples: int) -> Row:
    begin = perf_counter()
    phases = choose()
    seconds = perf_counter() - begin
    return Row(method, phases, maximum_over_samples(phases, samples), seconds)


def _descents(n: int, samples: int, steps: int, seed: int) -> list[Row]:
    from crestfall.torch import phase_optimize
    from crestfall.torch.accepted import accepted_answer_run

    begin = perf_counter()
    result = phase_optimize(n, samples, steps, start="zeros", seed=seed)
    ours = Row(
        "PyTorch descent from all zeros",
        result.phases,
        result.maximum,
        perf_counter() - begin,
        "; ".join(finding.message for finding in result.findings),
    )
    begin = perf_counter()
    accepted = accepted_answer_run(n, samples, steps)
    note = "the phases that start equal stay equal" if n > 2 else ""
    return [ours, Row("the accepted answer", accepted.phases, accepted.maximum, perf_counter() - begin, note)]


def _best_of_random(n: int, sets: int, seed: int) -> FloatArray:
    """The set with the shortest phasor sum, which is what the largest sample measures."""
    rng = np.random.default_rng(seed)
    best, shortest = np.zeros(n), np.inf
    for _ in range(sets):
        phases = rng.uniform(0.0, 2.0 * pi, n)
        length = abs(np.sum(np.exp(1j * phases)))
        if length < shortest:
            best, shortest = phases, length
    return best
