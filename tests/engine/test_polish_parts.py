"""What each part of the polish is for: the fine scan, flat tops, saddles, exchange, correction, ends of windows."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.polish import certify, polish
from crestfall.engine.polish.minimax import _Model, _Search
from crestfall.engine.polish.peaks import Signal
from crestfall.engine.polish.stack import Stack
from crestfall.engine.polish.window_peaks import ANGLE, WindowSignal
from crestfall.engine.solvers.continuation import PATH, follow


def never():
    return False


def local_maxima(ms, phases, count=20_000):
    """Times (0 … 2π) and heights of all local maxima of the magnitude, on a dense grid."""
    t = 2 * np.pi * np.arange(count) / count
    z = sum(a * np.exp(1j * (h * t + p)) for a, h, p in zip(ms.amplitudes, ms.harmonic_numbers, phases, strict=True))
    height = np.abs(z if ms.complex else z.real)
    tops = (height >= np.roll(height, 1)) & (height > np.roll(height, -1))
    return t[tops], height[tops]


@pytest.mark.parametrize("complex", [False, True])
def test_a_peak_that_the_scan_missed_is_found_in_the_end(complex, monkeypatch):
    """The coarse scan is blind to a twelfth of the period, and a polish hides its highest peaks there."""
    scan = Signal.peaks

    def blind(self, phases, window=0.1, *, oversampling=1.0, most=None):
        if oversampling > 1.0:
            return scan(self, phases, window, oversampling=oversampling, most=most)
        found = scan(self, phases, 0.8)
        found = found.pick((found.times < 1.0) | (found.times > 1.5))
        return found.pick(found.heights >= (1.0 - window) * found.heights.max())

    monkeypatch.setattr(Signal, "peaks", blind)
    ms = cf.Multisine.harmonics(range(1, 8), complex=complex)
    for seed in range(4):
        found = polish(cf.Problem(ms), np.random.default_rng(seed).uniform(0.0, 6.0, 7))
        assert found.peak == pytest.approx(cf.true_peak(ms, found.variables), rel=1e-11)
        assert found.converged


@pytest.mark.parametrize("excess", [1.0005, 1.002])
def test_two_tops_that_no_sample_separates_are_two_peaks(excess):
    """cos t − a/4 cos 2t is flat at 0 for a = 1, and for more has two tops near it, at cos t = 1/a."""
    ms = cf.Multisine.harmonics([1, 2], amplitudes=[1.0, 0.25 * excess])
    signal, apart = Signal.of(ms, one_sided=True), 2.0 * np.arccos(1.0 / excess)
    assert apart < 2.0 * np.pi / signal.grid()
    for shift in np.linspace(0.0, 0.2, 9):
        peaks = signal.peaks(np.array([0.0, np.pi]) + shift * ms.harmonic_numbers, 1e-3)
        found = np.sort((peaks.times + shift + 1.0) % (2 * np.pi)) - 1.0
        np.testing.assert_allclose(found, [-apart / 2, apart / 2], atol=1e-6)


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize("window", [0.02, 0.1, 0.3])
def test_all_peaks_within_a_window_of_heights_are_found(window, complex):
    ms = cf.Multisine.harmonics([1, 2, 4, 5, 7, 8, 11], complex=complex)
    rng = np.random.default_rng(0)
    for _ in range(8):
        phases = rng.uniform(0.0, 2.0 * np.pi, 7)
        times, heights = local_maxima(ms, phases)
        within = heights >= (1.0 - window) * heights.max()
        found = Signal.of(ms).peaks(phases, window)
        np.testing.assert_allclose(found.times, times[within], atol=4e-4)
        np.testing.assert_allclose(found.heights, heights[within], rtol=2e-6)


def test_a_saddle_is_left_and_its_certificate_says_what_it_is():
    ms = cf.Multisine.harmonics(range(1, 6))
    problem, zero = cf.Problem(ms), np.zeros(5)
    saddle = certify(problem, zero)  # one peak, at t = 0, where every slope by the phases is 0
    assert saddle.is_stationary
    assert not saddle.is_strict_minimum
    assert saddle.least_curvature < 0
    found = polish(problem, zero)
    assert found.peak < 0.8 * 5.0
    assert certify(problem, found.variables).is_strict_minimum


@pytest.mark.parametrize("size", [1e-6, 1e-4, 1.0])
def test_phases_next_to_a_minimum_are_not_stationary(size):
    problem = cf.Problem(cf.Multisine.harmonics(range(1, 8)))
    found = polish(problem, np.random.default_rng(0).uniform(0.0, 6.0, 7)).variables
    assert certify(problem, found).is_stationary
    moved = found + size * np.random.default_rng(1).standard_normal(7)
    proof = certify(problem, moved, within=1e-2)
    assert not proof.is_stationary
    assert not proof.is_strict_minimum
    assert proof.multipliers.sum() == pytest.approx(1.0, abs=1e-13)


def test_a_peak_that_appears_elsewhere_becomes_a_constraint_where_it_was_seen():
    ms = cf.Multisine.harmonics(range(1, 9))
    stack = Stack.of(cf.Problem(ms))
    search = _Search(stack.scaled(0.25), np.random.default_rng(2).uniform(0.0, 6.0, 8), never, None)
    search._window_at_first = 1e-3  # only the highest peak is in the model
    search._begin_at(search._first_point(search.point.variables))
    model = _Model(search._stack, search.point, np.zeros(0), search._cell)
    trial = search._stack.peaks(search.point.variables, 0.3)
    high = trial.heights > 0.8 * search.point.peak
    known = len(model.heights)
    assert np.sum(high) > known
    assert model.exchange(trial, 0.8 * search.point.peak)
    assert len(model.heights) == np.sum(high)
    np.testing.assert_allclose(np.sort(model.heights), np.sort(trial.heights[high]), rtol=1e-9)
    assert not model.exchange(trial, 0.8 * search.point.peak)  # they are there already
    solution, _ = model.solve(1.0, search.point.defect)
    assert np.all(model.heights + model.slopes @ solution.step <= solution.level + 1e-7)


def test_steps_that_are_corrected_are_far_fewer(monkeypatch):
    """Trials that a polish of path ends needs: without the second-order correction they are four times as many."""
    trials, step = [], _Search._try
    monkeypatch.setattr(_Search, "_try", lambda self, *asked: trials.append(1) or step(self, *asked))
    ms = cf.Multisine.harmonics(range(1, 25), complex=True)
    starts = np.random.default_rng(24).uniform(0.0, 2.0 * np.pi, (6, 24))
    ends, _ = follow(CompiledProblem(cf.Problem(ms)), starts, PATH[:3], never)
    assert all(polish(cf.Problem(ms), phases).converged for phases in ends)
    assert len(trials) < 280


@pytest.mark.parametrize("seed", range(3))
def test_what_is_returned_is_the_lowest_point_that_it_moved_to(seed, monkeypatch):
    """Next to the end a step counts by the conditions of a minimum, and may lift the peak; here any step may."""
    ms = cf.Multisine.harmonics(range(1, 13))
    phases = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, 12)
    taken, move = [cf.true_peak(ms, phases)], _Search._move_to

    def moved(self, trial):
        taken.append(cf.true_peak(ms, trial.point.variables))
        return move(self, trial)

    monkeypatch.setattr(_Search, "_move_to", moved)
    monkeypatch.setattr(_Search, "_is_closer", lambda self, trial: True)
    found = polish(cf.Problem(ms), phases, max_iterations=12)
    assert max(np.diff(taken)) > 0.0  # some steps went up
    assert cf.true_peak(ms, found.variables) == pytest.approx(min(taken), rel=1e-12)


def test_the_ends_of_a_window_are_peaks_where_the_signal_is_high_there():
    ms, window = cf.Multisine([1.0, 2.3]), cf.Window(0.05, 0.4)
    rng, at_ends = np.random.default_rng(4), 0
    t = np.linspace(window.start, window.end, 100_001)
    signal = WindowSignal.within(ms, window)
    for _ in range(20):
        phases = rng.uniform(0.0, 2.0 * np.pi, 2)
        x = np.cos(2 * np.pi * np.outer(t, ms.frequencies) + phases).sum(axis=1)
        peaks = signal.peaks(phases, 0.3)
        assert peaks.heights.max() == pytest.approx(np.abs(x).max(), rel=1e-7)
        place = peaks.times[np.argmax(peaks.heights)] / ANGLE * window.duration + window.start
        assert place == pytest.approx(t[np.argmax(np.abs(x))], abs=1e-4)
        at_ends += int(np.argmax(np.abs(x)) in (0, len(t) - 1))
    assert 3 < at_ends < 20


@pytest.mark.parametrize("number", [1.7, 17.3, -5.2])
def test_a_constant_magnitude_in_a_window_has_a_peak_whatever_rounding_says(number):
    """|z| of one input with a single complex tone, beside others: its slope at both ends is rounding."""
    signal = WindowSignal(np.array([number]), np.array([np.exp(0.3j)]), True)
    for phase in np.linspace(0.0, 6.0, 200):
        peaks = signal.peaks(np.array([phase]))
        assert len(peaks.times)
        np.testing.assert_allclose(peaks.heights, 1.0, rtol=1e-12)


def test_times_at_which_complex_tones_cancel_are_looked_at_without_a_division_by_zero():
    signal = Signal(np.array([0, 1]), np.array([1.0, -1.0]), True)
    with np.errstate(divide="raise", invalid="raise"):
        peaks, slope, third = signal.at(np.zeros(2), np.array([0.0, np.pi]))
    np.testing.assert_allclose(peaks.heights, [0.0, 2.0], atol=1e-15)
    assert np.all(np.isfinite([*peaks.curvature, *slope, *third]))
