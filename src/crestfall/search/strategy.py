"""Where the starts of a round come from: random phases, or the best designs so far, perturbed a good deal.

All strategies run the same path and the same refinement; ``benchmarks/strategies.py`` compares them at equal time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft

from crestfall.problem.arguments import items, shown, whole_number
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine

Perturbation = Callable[[Multisine, list[FloatArray], int, np.random.Generator], FloatArray]
"""The tones, the pool of good phases ``(n,)`` [rad], a count and a generator to ``(count, n)`` starts [rad]; plain
data, so that it can be sent to a worker."""


@dataclass(frozen=True)
class Strategy:
    """How a search goes on once it knows good designs.

    Attributes:
        perturbations: Ways to make starts of the pool, ``None`` for random starts; the tasks of a round take turns.
        pool_size: How many designs are kept.
        patience: Rounds without a better design after which the pool is given up and the search begins again elsewhere.
    """

    perturbations: Sequence[Perturbation | None] = (None,)
    pool_size: int = 4
    patience: int = 10

    def __post_init__(self) -> None:
        need = "a list of functions, or None for random starts, such as [Shake(1.3), None]"
        ways = items("perturbations", self.perturbations, need, is_one=callable)
        if not ways or not all(one is None or callable(one) for one in ways):
            raise TypeError(f"perturbations is {shown(self.perturbations)}; give {need}")
        object.__setattr__(self, "perturbations", ways)
        for name in ("pool_size", "patience"):
            value = whole_number(name, getattr(self, name), 1, "an integer of at least 1")
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Shake:
    """Move all phases of a design by normally distributed angles; with 0.6 rad most fall back to where they were."""

    radians: float

    def __call__(self, ms: Multisine, pool: list[FloatArray], count: int, rng: np.random.Generator) -> FloatArray:
        parents = _chosen(pool, count, rng)
        return np.asarray(parents + self.radians * rng.standard_normal(parents.shape))


@dataclass(frozen=True)
class Redraw:
    """Choose a share of the phases of a design anew."""

    share: float

    def __call__(self, ms: Multisine, pool: list[FloatArray], count: int, rng: np.random.Generator) -> FloatArray:
        parents = _chosen(pool, count, rng)
        anew = rng.uniform(0.0, 2.0 * np.pi, parents.shape)
        return np.where(rng.random(parents.shape) < self.share, anew, parents)


@dataclass(frozen=True)
class Cross:
    """Give a design a share of the phases of another one, which is shifted in time to agree with it best."""

    share: float

    def __call__(self, ms: Multisine, pool: list[FloatArray], count: int, rng: np.random.Generator) -> FloatArray:
        starts = []
        for _ in range(count):
            first, second = (pool[k] for k in rng.integers(len(pool), size=2))
            other = _aligned(ms, second if rng.random() < 0.5 else _reversed(second), first)
            mixed = np.where(rng.random(len(first)) < self.share, other, first)
            starts.append(mixed + 0.3 * rng.standard_normal(len(first)))  # else two copies of one design would stay one
        return np.stack(starts)


def _chosen(pool: list[FloatArray], count: int, rng: np.random.Generator) -> FloatArray:
    return np.stack([pool[k] for k in rng.integers(len(pool), size=count)])


def _reversed(phases: FloatArray) -> FloatArray:
    """The signal run backwards (complex: its conjugate, run backwards) has the same peak."""
    return -phases


def _aligned(ms: Multisine, phases: FloatArray, reference: FloatArray) -> FloatArray:
    r"""``phases`` after the time shift (complex: and the turn) that makes them agree best with the reference.

    .. math:: \max_τ \operatorname{Re} \sum_k e^{i(θ_k + h_k τ - ψ_k)}, \quad\text{complex: } \max_τ |\dots|
    """
    if not ms.has_period or len(phases) != ms.n:  # no period to shift in, or variables that are not phases
        return phases
    numbers = ms.harmonic_numbers
    size = fft.next_fast_len(4 * int(np.max(np.abs(numbers))) + 4)
    spectrum = np.zeros(size, complex)
    np.add.at(spectrum, numbers % size, np.exp(1j * (phases - reference)))
    agreement = fft.ifft(spectrum)
    best = int(np.argmax(np.abs(agreement) if ms.complex else agreement.real))
    shifted = phases + 2.0 * np.pi * best / size * numbers
    return np.asarray(shifted - np.angle(agreement[best]) if ms.complex else shifted)


MULTI_START = Strategy()
SHAKE = Strategy((Shake(1.3),))
REDRAW = Strategy((Redraw(0.5),))
SHAKE_AND_REDRAW = Strategy((Shake(1.3), Redraw(0.5)))
CROSS = Strategy((Cross(0.5),), pool_size=8)
HALF_RANDOM = Strategy((None, Shake(1.3), None, Redraw(0.5)))
