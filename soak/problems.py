"""Random problems of every kind that the package takes: sizes, spectra, dynamic ranges, scales, near coincidences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

import crestfall as cf

GRIDS = ("dense", "sparse", "wide", "nearly equal", "odd", "one far away", "repeated", "negative and zero")
SPECTRA = ("flat", "random", "geometric", "120 dB", "one dominant", "pink")
SCALES = (1.0, 1.0, 1.0, 1e-12, 1e12, 1e-160, 1e150)
FUNDAMENTALS = (1.0, 1.0, 10.0, 0.1, 1e-12, 1e12, 1 / 3, 1e-200, 1e200)


class Case(NamedTuple):
    """A multisine and what it is made of."""

    ms: cf.Multisine
    grid: str
    spectrum: str


def numbers_of(grid: str, n: int, rng: np.random.Generator, reach: int) -> np.ndarray:
    """``(n,)`` harmonic numbers of a kind, all but ``repeated`` distinct; those of ``wide`` reach up to ``reach``."""
    if grid == "dense":
        return np.arange(1, n + 1)
    if grid == "sparse":
        return rng.choice(np.arange(1, 6 * n + 2), n, replace=False)
    if grid == "wide":
        return rng.choice(np.arange(1, reach), n, replace=False)
    if grid == "nearly equal":
        return int(rng.integers(reach // 2, reach)) + np.cumsum(rng.integers(1, 3, n))
    if grid == "odd":
        return np.arange(1, 2 * n, 2)
    if grid == "repeated":
        return rng.integers(1, n + 1, n)
    if grid == "one far away":
        return np.append(np.arange(1, n), int(rng.integers(n, reach)))[:n]
    return rng.choice(np.arange(-2 * n, 2 * n), n, replace=False)


def amplitudes_of(spectrum: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """``(n,)`` amplitudes of a kind."""
    if spectrum == "flat":
        return np.ones(n)
    if spectrum == "random":
        return rng.uniform(0.05, 1.0, n)
    if spectrum == "geometric":
        return np.geomspace(1.0, 10 ** -rng.uniform(0.1, 2.0), n)
    if spectrum == "120 dB":
        return 10 ** -rng.uniform(0.0, 6.0, n)
    if spectrum == "one dominant":
        a = np.full(n, 1e-3)
        a[rng.integers(n)] = 1.0
        return a
    return 1 / np.sqrt(np.arange(1, n + 1))


def draw(rng: np.random.Generator, most_tones: int, reach: int = 200) -> Case:
    """A random problem.

    Args:
        rng: Source of chance.
        most_tones: Largest number of tones.
        reach: Highest harmonic number of wide grids.
    """
    n = int(rng.integers(1, most_tones + 1))
    is_complex = bool(rng.integers(2))
    grid = str(rng.choice(GRIDS if is_complex else GRIDS[:-1]))
    spectrum = str(rng.choice(SPECTRA))
    numbers = rng.permutation(numbers_of(grid, n, rng, reach))
    amplitudes = amplitudes_of(spectrum, n, rng) * float(rng.choice(SCALES))
    ms = cf.Multisine.harmonics(numbers.tolist(), float(rng.choice(FUNDAMENTALS)), amplitudes, is_complex)
    return Case(ms, grid, spectrum)


def phases_of(ms: cf.Multisine, rng: np.random.Generator) -> np.ndarray:
    """``(n,)`` phases of a random kind: any, signs, all equal, by formula, or with very many turns."""
    kind = int(rng.integers(6))
    if kind == 0:
        return rng.choice([0.0, np.pi], ms.n)
    if kind == 1:
        return np.full(ms.n, float(rng.uniform(-10, 10)))
    if kind == 2:
        return cf.schroeder(ms)
    if kind == 3:
        return rng.uniform(-1e9, 1e9, ms.n)
    return rng.uniform(0, 2 * np.pi, ms.n)
