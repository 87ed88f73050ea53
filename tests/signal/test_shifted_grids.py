"""The pieces of a fine grid are that grid, in either precision, and the p-norm over them is the p-norm."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.objectives.p_norm import PNorm
from crestfall.engine.objectives.phase_space import PhaseSpace
from crestfall.engine.objectives.streamed_space import StreamedSpace
from crestfall.engine.solvers.continuation import LATE, LONG_PATH, PATH
from crestfall.problem.constraints import PhaseMap
from crestfall.problem.constraints.phase_map import Relation
from crestfall.signal.shifted_grids import ShiftedGrids, coarse_size
from crestfall.signal.synthesis import Synthesis

NUMBERS = np.array([1, 2, 3, 7, 12, 13, 40])


def direct(c, numbers, instants, is_complex):
    z = np.exp(2j * np.pi * np.outer(instants, numbers)) @ c
    return z if is_complex else z.real


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("is_complex", [False, True])
def test_each_piece_against_direct_sums(is_complex, single):
    rng = np.random.default_rng(0)
    numbers = NUMBERS if not is_complex else NUMBERS - 1
    coarse, count = coarse_size(40, complex=is_complex), 5
    grids = ShiftedGrids.of(numbers, coarse, count, complex=is_complex, single=single)
    phases = rng.uniform(-1e6, 1e6, 7)  # Schroeder's phases are as large
    amplitudes = rng.uniform(0.5, 2.0, 7)
    c = grids.coefficients(amplitudes, phases)
    tolerance = 2e-5 if single else 1e-8  # a phase of 1e6 is known to 1e-10
    for shift in range(count):
        instants = np.arange(coarse) / coarse + shift / (coarse * count)
        y = grids.samples(c, shift)
        expected = direct(amplitudes * np.exp(1j * phases), numbers, instants, is_complex)
        np.testing.assert_allclose(y, expected, rtol=0, atol=tolerance)
        assert y.dtype.itemsize == (4 if single else 8) * (2 if is_complex else 1)
        weights = rng.normal(size=coarse).astype(y.real.dtype) * (1 + 1j if is_complex else 1)
        back = np.exp(-2j * np.pi * np.outer(numbers, instants)) @ weights
        np.testing.assert_allclose(grids.adjoint(weights.astype(y.dtype), shift), back, rtol=0, atol=10 * tolerance)


@pytest.mark.parametrize("squarings", [0, 2, 9])
@pytest.mark.parametrize("is_complex", [False, True])
def test_the_p_norm_over_the_pieces_is_that_over_the_whole(is_complex, squarings):
    rng = np.random.default_rng(1)
    numbers, coarse, count = NUMBERS - 1 * is_complex, coarse_size(40, complex=is_complex), 13
    phases, amplitudes = rng.uniform(0, 2 * np.pi, (3, 7)), rng.uniform(0.5, 2.0, 7)
    whole = Synthesis(numbers, coarse * count, complex=is_complex)
    value, gradient = PhaseSpace(whole, amplitudes, PNorm(squarings)).value_and_gradient(phases)
    for single, tolerance in ((False, 1e-13), (True, 2e-6)):
        grids = ShiftedGrids.of(numbers, coarse, count, complex=is_complex, single=single)
        space = StreamedSpace(grids, amplitudes, PNorm(squarings), 2)
        values, gradients = space.value_and_gradient(phases)
        np.testing.assert_allclose(values, value, rtol=0, atol=tolerance)
        np.testing.assert_allclose(gradients, gradient, rtol=0, atol=100 * tolerance)
        dense = np.max(np.abs(whole.samples(amplitudes * np.exp(1j * phases))), axis=-1)
        np.testing.assert_allclose(space.peaks(phases), dense, rtol=10 * tolerance)


def test_threads_and_companions_change_no_bit():
    grids = ShiftedGrids.of(NUMBERS, coarse_size(40, complex=False), 12, complex=False, single=True)
    phases = np.random.default_rng(2).uniform(0, 2 * np.pi, (3, 7))
    one = StreamedSpace(grids, np.ones(7), PNorm(5), 1).value_and_gradient(phases)
    for threads in (2, 5):
        space = StreamedSpace(grids, np.ones(7), PNorm(5), threads)
        for here, there in zip(one, space.value_and_gradient(phases), strict=True):
            np.testing.assert_array_equal(here, there)
        np.testing.assert_array_equal(space.value_and_gradient(phases[1:2])[1][0], one[1][1])


def test_linked_phases_move_together():
    phase_map = PhaseMap.of(7, [Relation(2, 0, 1.0, 0.3, "link"), Relation(4, None, 0.0, 1.0, "hold")])
    grids = ShiftedGrids.of(NUMBERS, coarse_size(40, complex=False), 4, complex=False)
    space = StreamedSpace(grids, np.ones(7), PNorm(3), 2, phase_map)
    variables = np.random.default_rng(3).uniform(0, 6, (1, 5))
    _, gradient = space.value_and_gradient(variables)
    for k in range(5):
        step = np.zeros((1, 5))
        step[0, k] = 1e-6
        above, below = (space.value_and_gradient(variables + sign * step)[0][0] for sign in (1, -1))
        assert gradient[0, k] == pytest.approx((above - below) / 2e-6, abs=1e-8)


def test_many_tones_are_streamed_and_few_are_not():
    few, many = (CompiledProblem(cf.Problem(cf.Multisine.harmonics(range(1, n + 1)))) for n in (100, 5000))
    assert not any(few.is_streamed(stage) for stage in PATH)
    assert all(many.is_streamed(stage) for stage in PATH)
    phases = cf.random_phases(many.ms, seed=0)[None]
    value, _ = many.space(PATH[LATE]).value_and_gradient(phases)
    grid = many.streamed_grids(PATH[LATE]) * many.coarse_samples
    assert grid >= 11.5 * 5000
    x = np.fft.irfft(np.append(0, np.exp(1j * phases[0]) / 2), grid, norm="forward")
    expected = np.log(np.max(np.abs(x))) + np.log(np.mean((np.abs(x) / np.max(np.abs(x))) ** 66)) / 66
    assert value[0] == pytest.approx(expected - np.log(many.ms.amplitude_scale), abs=1e-12)


def test_very_many_tones_begin_in_single_precision_and_end_in_double():
    path = CompiledProblem(cf.Problem(cf.Multisine.harmonics(range(1, 40_001)))).path
    assert path == LONG_PATH
    assert path[0].single
    assert not path[-1].single
    assert path[-1].exponent == PATH[-1].exponent


def test_very_many_tones_fall_the_same_each_time():
    ms = cf.Multisine.harmonics(range(1, 33_001))

    def stop_after_p_10(report):
        if report.stage == "p = 66":
            raise StopIteration

    first, again = (cf.minimize_peak(ms, progress=stop_after_p_10) for _ in range(2))
    np.testing.assert_array_equal(first.phases, again.phases)
    assert first.crest_factor < 0.95 * cf.crest_factor(ms, cf.schroeder(ms))
    x = first.waveform(sample_rate=16 * 33_000)
    assert np.max(np.abs(x)) <= first.peak * (1 + 1e-12)
    assert np.max(np.abs(x)) >= first.peak * np.cos(np.pi / 16)
    low, high = first.peak_interval
    assert low <= first.peak <= high
    assert high - low < 1e-9 * high
