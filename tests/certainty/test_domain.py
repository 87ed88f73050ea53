"""Every design has a copy in the domain: found by trying all shifts, with its peak by direct summation."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crestfall.certainty.proof.domain import domain


def peak(h, a, phases, is_complex, n_samples):
    z = np.exp(2j * np.pi * np.outer(np.arange(n_samples) / n_samples, h)) @ (a * np.exp(1j * phases))
    return np.max(np.abs(z if is_complex else z.real))


def copies(h, phases, fixed, is_complex):
    """All designs of the same peak that have phase zero at the fixed tones, by trying shifts, signs and reversal."""
    for direction in (1, -1):
        for sign in (0.0,) if is_complex else (0.0, np.pi):
            theta = direction * phases + sign
            if is_complex:
                i, j = fixed
                difference = h[i] - h[j]
                shifts = (theta[j] - theta[i] + 2 * np.pi * np.arange(abs(difference))) / difference
            else:
                i = fixed[0]
                shifts = (-theta[i] + 2 * np.pi * np.arange(h[i])) / h[i]
            moved = theta + shifts[:, None] * h
            yield from moved - moved[:, [i]] if is_complex else moved


def copy_in_domain(h, a, phases, is_complex):
    free, width = domain(np.array(h), np.array(a), is_complex)
    fixed = [k for k in range(len(h)) if k not in free]
    assert len(fixed) == (2 if is_complex else 1)
    for copy in copies(np.array(h), phases, fixed, is_complex):
        at = np.mod(copy[free] + 1e-11, 2 * np.pi)
        if np.all(at <= width + 1e-9):
            inside = np.zeros(len(h))
            inside[free] = at
            return inside
    return None


tones = st.one_of(
    st.tuples(st.lists(st.integers(1, 12), min_size=2, max_size=5, unique=True), st.just(False)),
    st.tuples(st.lists(st.integers(-8, 8), min_size=2, max_size=5, unique=True), st.just(True)),
)


@settings(max_examples=150, deadline=None)
@given(tones, st.integers(0, 2**32), st.booleans())
def test_every_design_has_a_copy_with_its_peak(tones, seed, is_flat):
    h, is_complex = tones
    rng = np.random.default_rng(seed)
    a = np.ones(len(h)) if is_flat else rng.uniform(0.2, 2.0, len(h))
    phases = rng.uniform(0.0, 2 * np.pi, len(h))
    inside = copy_in_domain(h, a, phases, is_complex)
    assert inside is not None
    # A shift moves the samples, so each grid can miss part of its peak: 1 - cos(π K / N), with K up to 16.
    there, here = (peak(np.array(h), a, theta, is_complex, 16384) for theta in (phases, inside))
    assert here == pytest.approx(there, rel=1e-5)


@pytest.mark.parametrize("n", range(2, 7))
def test_flat_tones_have_no_more_than_the_known_domain(n):
    free, width = domain(np.arange(1, n + 1), np.ones(n), False)
    # 2 n shifts and signs and the reversal share the (n - 1)-fold circle among at most 4 n copies.
    assert np.prod(width / (2 * np.pi)) >= 1 / (4 * n) * (1 - 1e-12)
    assert list(free) == list(range(n - 1))


def test_a_brute_force_over_the_domain_finds_what_one_over_all_phases_finds():
    h, a = np.array([2, 3, 7]), np.array([1.0, 0.7, 1.3])
    waves = np.exp(1j * np.outer(h, np.linspace(0, 2 * np.pi, 512, endpoint=False)))
    free, width = domain(h, a, False)

    def least(axes):
        phases = np.zeros((np.prod([len(axis) for axis in axes]), 3))
        phases[:, free] = list(itertools.product(*axes))
        blocks = np.array_split(phases, 32)
        return min(np.abs(((a * np.exp(1j * block)) @ waves).real).max(1).min() for block in blocks)

    everywhere = least([np.linspace(0, 2 * np.pi, 121)] * 2)
    inside = least([np.linspace(0, w, 61) for w in width])
    # Both grids come within half a step of the minimum in each phase, and the peak changes by at most a_k per radian.
    assert abs(inside - everywhere) <= np.pi / 120 * (a[free].sum())
