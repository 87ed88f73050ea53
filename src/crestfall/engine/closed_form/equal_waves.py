"""The original question side by side: every way to choose the phases of equal waves, with its figures."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import pi
from time import perf_counter

import numpy as np
import numpy.typing as npt

from crestfall.engine.closed_form.polygon import cancelling_phases
from crestfall.problem.arrays import ComparedByValue, FloatArray

__all__ = ["Row", "compare_equal_waves", "maximum_over_samples"]

_RANDOM_SETS = 1000
_RANDOM_PHASES = 2**24  # phases drawn at most: fewer sets for very many waves
_CHUNK = 2**20  # phases held at a time
_LARGEST_DESCENT = 10_000


@dataclass(frozen=True, eq=False)
class Row(ComparedByValue):
    """One way to choose the phases.

    Attributes:
        method: Its name.
        phases: ``(n,)`` phases [rad] of the waves ``a_i sin(t + θ_i)``.
        maximum: Largest ``|Σ a_i sin(t + θ_i)|`` over the samples, in the unit of the amplitudes.
        seconds: What it took [s].
        note: What else there is to say.
    """

    method: str
    phases: FloatArray
    maximum: float
    seconds: float
    note: str = ""


def compare_equal_waves(
    n: int, samples: int = 48_000, steps: int = 1000, seed: int = 0, amplitudes: npt.ArrayLike = 1.0
) -> list[Row]:
    r"""Every way to choose the phases of ``n`` waves of one frequency.

    .. math:: \max_t \Bigl|\sum_i a_i \sin(t + \theta_i)\Bigr|, \qquad t \in \{0, \ldots, 2\pi\}

    The gradient descents need PyTorch, and are left out for more than 10 000 waves; the note of the closed form says
    so.

    Args:
        n: Number of waves.
        samples: Points of ``[0, 2π]``, both ends included.
        steps: Steps of the gradient descents, which need PyTorch.
        seed: Seed of everything random.
        amplitudes: One for all, or ``(n,)``, above 0, in any unit.

    Returns:
        One row for each way, the closed form first.

    Raises:
        ValueError: A number is too small or not whole, or the amplitudes are not ``n`` finite ones above 0.

    Example:
        >>> rows = compare_equal_waves(5, samples=480, steps=100)
        >>> rows[0].method, rows[0].maximum < 1e-12
        ('closed form', True)
    """
    for name, value, least in (("n", n, 1), ("samples", samples, 2), ("steps", steps, 1)):
        if value != value // 1 or value < least:
            raise ValueError(f"{name} is {value}; it must be an integer and must be at least {least}")
    a = _amplitudes(amplitudes, n)
    rows, note = [_row("closed form", lambda: cancelling_phases(a), a, samples)], ""
    if importlib.util.find_spec("torch") is None:
        note = "install PyTorch with pip install 'crestfall[torch]' to see the gradient descents"
    elif n > _LARGEST_DESCENT:
        note = f"the gradient descents are left out for more than {_LARGEST_DESCENT} waves"
    else:
        rows += [_descent(a, samples, steps, seed), _accepted(a, samples, steps)]
    rows[0] = replace(rows[0], note=note)
    sets = max(1, min(_RANDOM_SETS, _RANDOM_PHASES // n))
    fewer = f"{sets} sets instead of {_RANDOM_SETS}, because of the many waves" if sets < _RANDOM_SETS else ""
    best = _row(f"best of {sets} random phase sets", lambda: _best_of_random(a, sets, seed), a, samples)
    return [*rows, replace(best, note=fewer)]


def maximum_over_samples(phases: FloatArray, samples: int, amplitudes: npt.ArrayLike = 1.0) -> float:
    """Largest ``|Σ a_i sin(t + θ_i)|`` over ``linspace(0, 2π, samples)``, by way of the phasor.

    Args:
        phases: ``(n,)`` phases [rad].
        samples: Points of ``[0, 2π]``, both ends included.
        amplitudes: One for all, or ``(n,)``.

    Example:
        >>> maximum_over_samples(np.zeros(3), samples=5, amplitudes=2.0)
        6.0
    """
    phasor = np.sum(np.asarray(amplitudes) * np.exp(1j * phases))
    t = np.linspace(0.0, 2.0 * pi, samples)
    return float(np.max(np.abs((np.exp(1j * t) * phasor).imag)))


def _amplitudes(amplitudes: npt.ArrayLike, n: int) -> FloatArray:
    try:
        given = np.asarray(amplitudes, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"amplitudes are not real numbers ({error}); give one for all, or {n}") from None
    if given.shape not in ((), (n,)):
        raise ValueError(f"amplitudes have shape {given.shape}; give one for all, or {n}")
    values = np.array(np.broadcast_to(given, (n,)))
    good = np.isfinite(values) & (values > 0)
    if not np.all(good):
        k = int(np.argmin(good))
        raise ValueError(f"amplitudes[{k}] is {values[k]:.9g}; an amplitude must be finite and above 0")
    return values


def _row(method: str, choose: Callable[[], FloatArray], amplitudes: FloatArray, samples: int) -> Row:
    begin = perf_counter()
    phases = choose()
    seconds = perf_counter() - begin
    return Row(method, phases, maximum_over_samples(phases, samples, amplitudes), seconds)


def _descent(amplitudes: FloatArray, samples: int, steps: int, seed: int) -> Row:
    from crestfall.torch import phase_optimize

    begin = perf_counter()
    result = phase_optimize(amplitudes.size, samples, steps, start="zeros", amplitudes=amplitudes, seed=seed)
    note = "; ".join(finding.message for finding in result.findings)
    return Row("PyTorch descent from all zeros", result.phases, result.maximum, perf_counter() - begin, note)


def _accepted(amplitudes: FloatArray, samples: int, steps: int) -> Row:
    """The answer with its own rate, in units of the largest amplitude: the rate is one for amplitudes near 1."""
    from crestfall.torch.accepted import accepted_answer_run

    begin = perf_counter()
    # Amplitudes below 1e-15 of the largest would leave float32's range, and do not show in its sums.
    units = np.maximum(amplitudes / amplitudes.max(), 1e-15)
    result = accepted_answer_run(amplitudes.size, samples, steps, amplitudes=units)
    seconds = perf_counter() - begin
    trapped = amplitudes.size > 2 and bool(np.all(amplitudes == amplitudes[0]))
    note = "the phases that start equal stay equal" if trapped else ""
    maximum = maximum_over_samples(result.phases, samples, amplitudes)
    return Row("the accepted answer", result.phases, maximum, seconds, note)


def _best_of_random(amplitudes: FloatArray, sets: int, seed: int) -> FloatArray:
    """The set with the shortest phasor sum, which is what the largest sample measures."""
    n, rng = amplitudes.size, np.random.default_rng(seed)
    best, shortest = np.zeros(n), np.inf
    for first in range(0, sets, max(1, _CHUNK // n)):
        phases = rng.uniform(0.0, 2.0 * pi, (min(max(1, _CHUNK // n), sets - first), n))
        lengths = np.abs(np.exp(1j * phases) @ amplitudes)
        k = int(np.argmin(lengths))
        if lengths[k] < shortest:
            best, shortest = phases[k].copy(), lengths[k]
    return best
