"""Phases of a finite alphabet."""

from itertools import product

import numpy as np
import pytest

import crestfall as cf
from crestfall import minimize_peak_discrete
from crestfall.discrete.words import Alphabet


def dense_peaks(ms, phases, n_samples=2048):
    t = np.arange(n_samples) / n_samples
    z = np.exp(1j * np.asarray(phases)) * ms.amplitudes @ np.exp(2j * np.pi * np.outer(ms.harmonic_numbers, t))
    return np.max(np.abs(z if ms.complex else z.real), axis=-1)


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize(("n", "levels"), [(2, 2), (5, 2), (8, 2), (4, 4), (5, 3)])
def test_exhaustive_search_is_that_of_brute_force(n, levels, complex):
    rng = np.random.default_rng(n)
    ms = cf.Multisine.harmonics(
        np.sort(rng.choice(np.arange(1, 14), n, replace=False)), 1.0, rng.uniform(0.5, 1, n), complex
    )
    design = minimize_peak_discrete(ms, levels)
    words = np.array(list(product(range(levels), repeat=n)))
    least = dense_peaks(ms, 2 * np.pi * words / levels).min()
    assert "global optimum" in design.status
    assert design.peak == pytest.approx(least, rel=1e-4)
    assert design.peak >= least * (1 - 1e-12)


@pytest.mark.parametrize(("levels", "complex"), [(2, False), (4, True), (3, False)])
def test_every_phase_is_of_the_alphabet_and_the_search_beats_rounding(levels, complex):
    ms = cf.Multisine.harmonics(range(1, 41), complex=complex)
    alphabet = Alphabet(ms, levels)
    for seed in range(3):
        design = minimize_peak_discrete(ms, levels, seed=seed, descents=120)
        letters = design.phases * levels / (2 * np.pi)
        np.testing.assert_allclose(letters, np.rint(letters), atol=1e-12)
        optimum = cf.minimize_peak(ms, starts=64, seed=seed).phases
        shifts = np.linspace(0, 2 * np.pi, 64, endpoint=False)[:, None] * ms.harmonic_numbers
        rounded = dense_peaks(ms, alphabet.phases(alphabet.rounded(optimum + shifts))).min()
        # the coarser the alphabet, the more rounding costs
        assert design.peak < rounded * (1.0 if levels == 4 else 0.98)
        assert dense_peaks(ms, design.phases) <= design.peak * (1 + 1e-12)


def test_the_search_finds_what_is_proven(monkeypatch):
    ms = cf.Multisine.harmonics(range(1, 15))
    proven = minimize_peak_discrete(ms, 2)
    monkeypatch.setattr("crestfall.discrete.minimize.MOST_SAMPLES", 0)
    found = [minimize_peak_discrete(ms, 2, seed=seed) for seed in range(4)]
    assert sum(design.peak <= proven.peak * (1 + 1e-9) for design in found) >= 3
    assert all(design.peak >= proven.peak * (1 - 1e-9) for design in found)
    assert all("local optimum" in design.status for design in found)


def test_same_seed_same_answer_and_limits_end_it():
    ms = cf.Multisine.harmonics(range(1, 49))
    first, again = (minimize_peak_discrete(ms, 2, seed=3, descents=30) for _ in range(2))
    np.testing.assert_array_equal(first.phases, again.phases)
    assert "time limit" in minimize_peak_discrete(ms, 2, time_limit=0.05).status

    def stop(progress):
        raise StopIteration

    assert "progress callback" in minimize_peak_discrete(ms, 2, progress=stop).status


@pytest.mark.parametrize(
    ("ms", "arguments", "message"),
    [
        (cf.Multisine([1.0, 2.0]), {"levels": 1}, "levels is 1"),
        (cf.Multisine([1.0, 2.0]), {"levels": 2.5}, "levels is 2.5"),
        (cf.Multisine([1.0, 2.0]), {"levels": 2, "descents": 0}, "descents is 0"),
        (cf.Multisine([1.0, 1.0]), {"levels": 2}, "occur twice"),
        (cf.Multisine.harmonics(range(1, 3001)), {"levels": 2}, "too many"),
    ],
)
def test_what_cannot_be_done_is_refused(ms, arguments, message):
    with pytest.raises(ValueError, match=message):
        minimize_peak_discrete(ms, **arguments)
