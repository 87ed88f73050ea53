"""Phases of a finite alphabet."""

from itertools import product

import numpy as np
import pytest

import crestfall as cf
from crestfall import minimize_peak_discrete
from crestfall.engine.discrete.words import Alphabet


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
    monkeypatch.setattr("crestfall.engine.discrete.minimize.MOST_SAMPLES", 0)
    found = [minimize_peak_discrete(ms, 2, seed=seed) for seed in range(4)]
    assert sum(design.peak <= proven.peak * (1 + 1e-9) for design in found) >= 3
    assert all(design.peak >= proven.peak * (1 - 1e-9) for design in found)
    assert all("local optimum" in design.status for design in found)


CONSTRAINTS = {
    "held": (cf.Hold({0: np.pi, 3: 0.0}),),
    "linked": (cf.Link((1, 2, 4), (0.0, np.pi, 0.0)),),
    "both": (cf.Link((0, 5), (0.3, 0.3 + np.pi)), cf.Hold({5: -np.pi})),
}


def allowed(name, words):
    """Which of all words ``(w, 6)`` of 0 and 1 obey the constraints, by hand."""
    if name == "held":
        return (words[:, 0] == 1) & (words[:, 3] == 0)
    if name == "linked":
        return (words[:, 1] == words[:, 4]) & (words[:, 1] != words[:, 2])
    return (words[:, 5] == 1) & (words[:, 0] == 0)


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize("exhaustive", [True, False])
@pytest.mark.parametrize("name", sorted(CONSTRAINTS))
def test_held_and_linked_letters_are_searched_as_brute_force_would(name, exhaustive, complex, monkeypatch):
    if not exhaustive:
        monkeypatch.setattr("crestfall.engine.discrete.minimize.MOST_SAMPLES", 0)
    ms = cf.Multisine.harmonics([1, 2, 3, 5, 6, 8], amplitudes=[1.0, 0.6, 0.8, 1.0, 0.5, 0.7], complex=complex)
    design = minimize_peak_discrete(ms, 2, constraints=CONSTRAINTS[name], descents=40)
    words = np.array(list(product(range(2), repeat=6)))
    words = words[allowed(name, words)]
    found = np.rint(design.phases / np.pi).astype(int)
    np.testing.assert_allclose(design.phases, found * np.pi, atol=1e-12)
    assert allowed(name, found[None] % 2)[0]
    assert design.peak == pytest.approx(dense_peaks(ms, np.pi * words).min(), rel=1e-4)
    assert design.status.startswith("global" if exhaustive else "local")
    assert design.goal.constraints == CONSTRAINTS[name]


def test_where_all_letters_are_held_there_is_nothing_to_choose():
    ms = cf.Multisine.harmonics([1, 2, 3])
    design = minimize_peak_discrete(ms, 4, constraints=[cf.Hold({0: 0.0, 1: np.pi / 2}), cf.Link((1, 2))])
    assert design.status == "global optimum: the constraints leave nothing to choose"
    np.testing.assert_allclose(design.phases, [0.0, np.pi / 2, np.pi / 2])


@pytest.mark.parametrize("ending", ["json", "npz", "mat"])
def test_a_saved_design_says_which_alphabet_it_was_for(ending, tmp_path):
    ms = cf.Multisine.harmonics(range(1, 7))
    design = minimize_peak_discrete(ms, 4, constraints=[cf.Hold({1: np.pi / 2})])
    design.save(tmp_path / f"a.{ending}")
    goal = cf.load(tmp_path / f"a.{ending}").goal
    assert goal.alphabet == 4
    assert not goal.is_plain
    assert goal.constraints == (cf.Hold({1: np.pi / 2}),)


def test_phases_that_the_tones_came_with_are_never_lost():
    ms = cf.Multisine.harmonics(range(1, 41))
    best = minimize_peak_discrete(ms, 2, descents=300)
    begun = cf.Multisine(ms.frequencies, initial_phases=best.phases)
    assert minimize_peak_discrete(begun, 2, descents=1, seed=5).peak <= best.peak * (1 + 1e-12)


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
        (
            cf.Multisine([1.0, 2.0]),
            {"levels": 2, "constraints": [cf.Hold({1: 1.0})]},
            r"constraints\[0\].phases_rad holds tone 1 at 1 rad, outside the alphabet of 2 phases",
        ),
        (
            cf.Multisine([1.0, 2.0]),
            {"levels": 4, "constraints": [cf.Hold({0: 0.0}), cf.Link((0, 1), (0.5, 1.5))]},
            r"constraints\[1\].offsets_rad links tones 1 rad apart, which no phases of the alphabet of 4 are",
        ),
        (cf.Multisine([1.0, 2.0]), {"levels": 2, "constraints": [cf.ConjugateSymmetric()]}, "other constraints"),
        (
            cf.Multisine([1.0, 2.0]),
            {"levels": 2, "constraints": [cf.Hold({0: 0.0, 1: 0.0}), cf.Link((0, 1), (0.0, np.pi))]},
            "contradicts",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(ms, arguments, message):
    with pytest.raises(ValueError, match=message):
        minimize_peak_discrete(ms, **arguments)
