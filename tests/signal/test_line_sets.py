"""Batches of sets of lines against direct sums."""

import numpy as np
import pytest

from crestfall.signal.line_sets import SynthesisOfSets, WindowOfSets

RNG = np.random.default_rng(5)
NUMBERS = np.array([[1, 4, 9, 30], [2, 3, 31, 45], [0, 8, 16, 17]])  # of 16 samples: folded, and some that meet
FREQUENCIES = RNG.uniform(1.0, 30.0, (3, 4))
TIMES = np.linspace(0.1, 0.35, 21)


def maps(complex):
    j = np.arange(16) / 16
    yield SynthesisOfSets(NUMBERS, 16, complex=complex), np.exp(2j * np.pi * NUMBERS[:, None, :] * j[:, None]), 1e-5
    waves = np.exp(2j * np.pi * FREQUENCIES[:, None, :] * TIMES[:, None])
    yield WindowOfSets(FREQUENCIES, TIMES, complex=complex), waves, 1e-12


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize("outputs", [None, 2])
def test_samples_and_adjoint_are_direct_sums(complex, outputs):
    shape = (3, 4) if outputs is None else (3, outputs, 4)
    for synthesis, waves, error in maps(complex):
        c = RNG.standard_normal(shape) + 1j * RNG.standard_normal(shape)
        z = np.einsum("bjk,b...k->b...j", waves, c)
        np.testing.assert_allclose(synthesis.samples(c), z if complex else z.real, atol=10 * error)
        w = RNG.standard_normal(z.shape) + (1j * RNG.standard_normal(z.shape) if complex else 0.0)
        back = np.einsum("bjk,b...j->b...k", waves.conj(), w)
        np.testing.assert_allclose(synthesis.adjoint(w), back, atol=100 * error)
