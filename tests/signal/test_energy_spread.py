"""The share of a band's energy in a segment, against sums over a dense grid; and very many tones begin like noise."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.design.explain import explain
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.search.starts import Starts
from crestfall.signal.energy_spread import largest_energy_share


def by_sums(ms, phases, bands, segments):
    t = (np.arange(segments * 512) + 0.5) / (segments * 512)
    shares = []
    for tones in np.array_split(np.argsort(ms.harmonic_numbers), bands):
        z = np.exp(2j * np.pi * np.outer(t, ms.harmonic_numbers[tones])) @ (ms.amplitudes * np.exp(1j * phases))[tones]
        energy = (np.abs(z) ** 2).reshape(segments, -1).sum(axis=1)
        shares.append(energy.max() / energy.sum())
    return max(shares)


@pytest.mark.parametrize("kind", [cf.schroeder, cf.zero_phases, lambda ms: cf.random_phases(ms, seed=1)])
def test_against_sums(kind):
    ms = cf.Multisine.harmonics(range(5, 133), amplitudes=np.linspace(1.0, 0.3, 128))
    phases = kind(ms)
    assert largest_energy_share(ms, phases) == pytest.approx(by_sums(ms, phases, 8, 16), rel=0.1)


def test_a_sweep_and_noise():
    ms = cf.Multisine.harmonics(range(1, 2049))
    assert largest_energy_share(ms, cf.schroeder(ms)) > 0.4
    assert largest_energy_share(ms, cf.random_phases(ms, seed=2)) < 0.12
    design = cf.Design.of(ms, cf.schroeder(ms))
    assert any(line.endswith("like a sweep.") for line in explain(design).sections[0].lines)


def test_few_tones_have_no_such_share():
    ms = cf.Multisine.harmonics(range(1, 40))
    assert largest_energy_share(ms, cf.schroeder(ms)) is None


def test_very_many_tones_begin_at_random_and_know_schroeders_phases():
    for n, first in ((2**15, True), (2**15 + 1, False)):
        problem = CompiledProblem(cf.Problem(cf.Multisine.harmonics(range(1, n + 1))))
        starts, schroeder = Starts(problem, 0), cf.schroeder(problem.ms)
        np.testing.assert_array_equal(starts.at_once[0], problem.nearest(schroeder))
        assert np.array_equal(starts[0], starts.at_once[0]) == first
