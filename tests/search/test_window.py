"""Windows: peaks that direct summation confirms, bounds that are never crossed, one transform by two routes."""

import json
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.certainty.bounds import montgomery_vaughan
from crestfall.certainty.window_maximum import window_maximum
from crestfall.engine.objectives.p_norm import PNorm
from crestfall.engine.objectives.phase_space import PhaseSpace
from crestfall.signal import window_synthesis as transforms
from crestfall.signal.window_signal import window_rms
from crestfall.signal.window_synthesis import WindowSynthesis


def summed(tones, phases, t):
    z = np.zeros(len(t), complex)
    for f, a, p in zip(tones.frequencies, tones.amplitudes, phases, strict=True):
        z += a * np.exp(1j * (2 * np.pi * f * t + p))
    return z if tones.complex else z.real


def dense(window, count=40_001):
    return np.linspace(window.start, window.start + window.duration, count)


@st.composite
def windows(draw):
    n = draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    is_complex = draw(st.booleans())
    frequencies = rng.uniform(-20, 20, n) if is_complex else rng.uniform(0.5, 30, n)
    tones = cf.Multisine(frequencies, rng.uniform(0.1, 2.0, n), complex=is_complex)
    start, duration = draw(st.sampled_from([0.0, -3.0, 100.0])), draw(st.sampled_from([1e-3, 0.1, 1.0, 7.3]))
    return tones, cf.Window(start, duration), rng.uniform(0, 2 * np.pi, n)


@settings(max_examples=80, deadline=None)
@given(windows())
def test_the_certified_peak_is_that_of_a_dense_grid(case):
    tones, window, phases = case
    maximum = window_maximum(tones, window, phases)
    grid = np.max(np.abs(summed(tones, phases, dense(window))))
    allowance = 1e-11 * float(np.sum(tones.amplitudes))
    assert maximum.low <= maximum.value <= maximum.high
    assert grid <= maximum.high + allowance
    # between points 1.8e-4 apart a tone of 30 Hz hides at most 2e-4 of its amplitude
    assert maximum.value <= grid + 1e-3 * float(np.sum(tones.amplitudes))
    at = window.start + maximum.angle / (2 * np.pi) * window.duration
    assert window.start <= at <= window.end
    reached = abs(summed(tones, phases, np.array([at]))[0])
    assert reached == pytest.approx(maximum.value, abs=1e3 * allowance)
    assert maximum.high - maximum.low <= 1e-6 * float(np.sum(tones.amplitudes))


@settings(max_examples=60, deadline=None)
@given(windows())
def test_rms_and_bound_agree_with_direct_summation(case):
    tones, window, phases = case
    t = dense(window)
    square = np.abs(summed(tones, phases, t)) ** 2
    mean = np.trapezoid(square, t) / window.duration
    total = float(np.sum(tones.amplitudes) ** 2)
    assert window_rms(tones, window, phases) ** 2 == pytest.approx(mean, abs=1e-5 * total)
    assert montgomery_vaughan(tones, window) <= window_maximum(tones, window, phases).high * (1 + 1e-12)


def test_the_bound_is_no_empty_promise():
    """For well separated tones in a long window it comes close to Parseval's bound for a period."""
    tones = cf.Multisine(np.arange(1, 9) * 10.0 + 0.123)
    assert montgomery_vaughan(tones, cf.Window(0.0, 50.0)) > 0.99 * np.sqrt(8 / 2)


@pytest.mark.parametrize("is_complex", [False, True])
def test_matrix_and_finufft_agree_and_are_adjoint(monkeypatch, is_complex):
    pytest.importorskip("finufft")
    rng = np.random.default_rng(0)
    frequencies = rng.uniform(1, 100, 40)
    c = rng.standard_normal((3, 40)) + 1j * rng.standard_normal((3, 40))
    exact = WindowSynthesis(frequencies, 2.5, 1025, complex=is_complex)
    monkeypatch.setattr(transforms, "MOST_ENTRIES", 0)
    fast = WindowSynthesis(frequencies, 2.5, 1025, complex=is_complex)
    assert (exact.is_exact, fast.is_exact) == (True, False)
    t = (np.arange(1025) - 512) * 2.5 / 1025
    direct = c @ np.exp(2j * np.pi * np.outer(frequencies, t))
    direct = direct if is_complex else direct.real
    w = rng.standard_normal(direct.shape) + (1j * rng.standard_normal(direct.shape) if is_complex else 0)
    for synthesis in (exact, fast):
        np.testing.assert_allclose(synthesis.samples(c), direct, atol=1e-10)
        inner = np.sum(np.conj(w) * synthesis.samples(c)).real
        assert inner == pytest.approx(np.sum(np.conj(synthesis.adjoint(w)) * c).real, rel=1e-10)
    np.testing.assert_allclose(fast.adjoint(w), exact.adjoint(w), atol=1e-9)


@pytest.mark.parametrize("is_complex", [False, True])
def test_gradients_agree_with_finite_differences(is_complex):
    rng = np.random.default_rng(1)
    synthesis = WindowSynthesis(rng.uniform(1, 20, 6), 1.7, 401, complex=is_complex)
    space = PhaseSpace(synthesis, rng.uniform(0.5, 1.5, 6), PNorm(5))
    phases = rng.uniform(0, 6, 6)
    _, gradient = space.value_and_gradient(phases[None])
    for k in range(6):
        moved = np.stack([phases, phases])
        moved[:, k] += [1e-6, -1e-6]
        values, _ = space.value_and_gradient(moved)
        assert gradient[0, k] == pytest.approx((values[0] - values[1]) / 2e-6, abs=1e-6)


@pytest.mark.parametrize("is_complex", [False, True])
def test_the_search_beats_random_phases(is_complex):
    rng = np.random.default_rng(2)
    tones, window = cf.Multisine(rng.uniform(10, 100, 24), complex=is_complex), cf.Window(5.0, 1.0)
    design = cf.minimize_peak(tones, over=window, starts=16)
    peak = np.max(np.abs(summed(tones, design.phases, dense(window))))
    assert peak == pytest.approx(design.peak, rel=1e-4)
    random = min(cf.Design.of(design.problem, rng.uniform(0, 6, 24)).peak for _ in range(30))
    assert design.peak < 0.75 * random
    assert window.start <= design.peak_time <= window.end
    assert design.status.startswith("local minimax")
    assert design.certificate.is_stationary


def test_a_window_of_one_period_is_the_periodic_problem():
    ms = cf.Multisine.harmonics(range(1, 12))
    periodic = cf.minimize_peak(ms, starts=128, use_atlas=False)
    problem = cf.Problem(ms, over=cf.Window(0.0, ms.period))
    assert cf.Design.of(problem, periodic.phases).peak == pytest.approx(periodic.peak, rel=1e-9)
    found = cf.minimize_peak(problem, starts=128)
    assert found.peak == pytest.approx(periodic.peak, rel=0.02)


def test_the_same_seed_gives_the_same_phases():
    problem = cf.Problem(cf.Multisine([1.0, 2**0.5, 3**0.5, 5**0.5, 7**0.5]), over=cf.Window(0.0, 9.0))
    one, two, many = (cf.minimize_peak(problem, starts=20, seed=4, workers=workers) for workers in (1, 1, 2))
    assert np.array_equal(one.phases, two.phases)
    assert np.array_equal(one.phases, many.phases)


def test_a_time_limit_and_a_callback_end_it():
    problem = cf.Problem(cf.Multisine(np.linspace(10, 100, 40) ** 1.01), over=cf.Window(0.0, 3.0))
    assert "time limit" in cf.minimize_peak(problem, time_limit=0.2).status
    told = []

    def stop(progress):
        told.append(progress)
        if len(told) == 3:
            raise StopIteration

    design = cf.minimize_peak(problem, starts=1000, progress=stop)
    assert "stopped by the progress callback" in design.status
    assert told[0].best >= design.peak / np.sqrt(40 / 2) * (1 - 1e-12)
    assert told[0].figure == design.problem.figure == "crest factor in the window, RMS over a long time"


def test_samples_and_files(tmp_path):
    tones = cf.Multisine([3.0, 10**0.5], [1.0, 0.5])
    design = cf.minimize_peak(tones, over=cf.Window(0.25, 2.0), starts=4)
    x = design.waveform(100.0)
    np.testing.assert_allclose(x, summed(tones, design.phases, 0.25 + np.arange(201) / 100), atol=1e-12)
    assert np.max(np.abs(design.waveform(100.0, peak=0.5))) <= 0.5
    design.save(tmp_path / "a.json")
    back = cf.load(tmp_path / "a.json")
    assert np.array_equal(back.phases, design.phases)
    assert (back.peak, back.problem.over) == (design.peak, cf.Window(0.25, 2.0))
    assert back == design
    with pytest.raises(FileExistsError):
        design.save(tmp_path / "a.json")
    record = json.loads((tmp_path / "a.json").read_text())
    record["design"]["phases_rad"][0] += 0.5
    (tmp_path / "b.json").write_text(json.dumps(record))
    with pytest.raises(ValueError, match="but its phases give"):
        cf.load(tmp_path / "b.json")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, np.nan],), r"frequencies\[1\] is nan"),
        (([1.0, -2.0],), r"frequencies\[1\] is -2; a real tone"),
        (([1.0], [0.0]), r"amplitudes\[0\] is 0"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        cf.minimize_peak(cf.Multisine(*arguments), over=cf.Window(0.0, 1.0))


def test_a_window_needs_a_length():
    with pytest.raises(ValueError, match="duration is 0"):
        cf.Window(0.0, 0)
    with pytest.raises(ValueError, match="start is inf"):
        cf.Window(np.inf, 1)
    with pytest.raises(ValueError, match="more than 2\\^52 cycles"):
        cf.Problem(cf.Multisine([1e9, 2e9]), over=cf.Window(1e9, 1.0))
    with pytest.raises(ValueError, match="shorten the window"):
        cf.minimize_peak(cf.Multisine([1e9, 2e9]), over=cf.Window(0.0, 1.0))
    with pytest.raises(ValueError, match="starts is 0"):
        cf.minimize_peak(cf.Multisine([1.0]), over=cf.Window(0.0, 1.0), starts=0)


def test_without_finufft_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "finufft", None)
    monkeypatch.setattr(transforms, "MOST_ENTRIES", 0)
    with pytest.raises(ImportError, match=r"pip install 'crestfall\[nufft\]'"):
        cf.minimize_peak(cf.Multisine([1.0, 2.0]), over=cf.Window(0.0, 1.0), starts=1)


CONSTRAINTS = [cf.Hold({0: 0.7, 3: -1.0}), cf.Link((1, 4), (0.0, 2.0))]


@pytest.mark.parametrize("is_complex", [False, True])
@pytest.mark.parametrize("start", [0.0, -3.0, 100.0])
def test_held_and_linked_phases_are_those_at_time_zero(start, is_complex):
    frequencies = np.random.default_rng(4).uniform(5, 20, 8)
    tones, window = cf.Multisine(frequencies, complex=is_complex), cf.Window(start, 0.8)
    design = cf.minimize_peak(tones, over=window, constraints=CONSTRAINTS, starts=24)
    turns = np.exp(1j * design.phases)
    np.testing.assert_allclose(turns[[0, 3]], np.exp(1j * np.array([0.7, -1.0])), atol=1e-9)
    assert turns[4] / turns[1] == pytest.approx(np.exp(2j), abs=1e-9)
    highest = np.max(np.abs(summed(tones, design.phases, dense(window))))
    assert highest == pytest.approx(design.peak, rel=1e-5)
    rng = np.random.default_rng(5)
    peaks = []
    for _ in range(60):  # random phases that obey the constraints
        phases = rng.uniform(0, 2 * np.pi, 8)
        phases[[0, 3, 4]] = [0.7, -1.0, phases[1] + 2.0]
        peaks.append(window_maximum(tones, window, phases).value)
    assert design.peak < np.min(peaks)
    assert design.peak >= cf.minimize_peak(tones, over=window, starts=24).peak * (1 - 1e-3)


def test_constraints_of_a_window_survive_saving(tmp_path):
    tones, window = cf.Multisine([5.0, 7.1, 8.3, 9.9, 11.7]), cf.Window(0.0, 0.5)
    design = cf.minimize_peak(tones, over=window, constraints=CONSTRAINTS, starts=2)
    design.save(tmp_path / "held.json")
    hold, link = cf.load(tmp_path / "held.json").problem.constraints
    assert hold == CONSTRAINTS[0]
    assert (list(link.tones), list(link.offsets)) == ([1, 4], [0.0, 2.0])
    held = cf.minimize_peak(tones, over=window, constraints=[cf.Hold(dict.fromkeys(range(5), 0.5))])
    assert "nothing to choose" in held.status
    np.testing.assert_allclose(held.phases, 0.5)


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        ([cf.Hold({9: 0.0})], "9 is not a tone"),
        ([cf.Hold({0: 0.0}), cf.Hold({0: 1.0})], "contradicts"),
    ],
)
def test_constraints_that_contradict_the_tones_are_refused(constraints, message):
    with pytest.raises(ValueError, match=message):
        cf.minimize_peak(cf.Multisine([5.0, 7.1]), over=cf.Window(0.0, 0.5), constraints=constraints)


MEASURED = {
    "peak": lambda y: np.max(np.abs(y)),
    "envelope": lambda y: np.max(np.abs(y)),
    "range": lambda y: 0.5 * np.ptp(y.real),
    "one-sided": lambda y: np.max(y.real),
}


@pytest.mark.parametrize("measure", sorted(MEASURED))
@pytest.mark.parametrize(
    "free", [{}, {"tolerance_db": 1.0, "extra": cf.ExtraTones([23.7], 0.4)}], ids=["fixed", "free"]
)
def test_every_measure_and_free_amplitudes_in_a_window(measure, free):
    tones, window = cf.Multisine(np.random.default_rng(6).uniform(5, 20, 9)), cf.Window(-0.7, 1.3)
    problem = cf.Problem(tones, over=window, measure=measure, **free)
    design = cf.minimize_peak(problem, starts=24, seed=2)
    ms = design.multisine
    y = summed(ms.as_complex() if measure == "envelope" else ms, design.phases, dense(window))
    wanted = ms.amplitudes[:9]
    rms = np.sqrt(np.sum(wanted**2) * (1.0 if measure == "envelope" else 0.5))
    value = MEASURED[measure](y) / rms / (np.sqrt(2) if measure == "range" else 1.0)
    assert design.figure == pytest.approx(value, rel=1e-4)
    assert np.all(np.abs(20 * np.log10(wanted)) <= free.get("tolerance_db", 0.0) + 1e-9)
    rng = np.random.default_rng(7)
    random = min(cf.Design.of(problem, rng.uniform(0, 6, problem.tones.n)).figure for _ in range(30))
    assert design.figure < 0.9 * random


def test_a_target_and_a_stall_end_a_search_in_a_window():
    problem = cf.Problem(cf.Multisine(np.linspace(10, 50, 12) ** 1.01), over=cf.Window(0.0, 3.0))
    design = cf.minimize_peak(problem, starts=10**6, target=1.8)
    assert design.figure <= 1.8
    assert "target reached" in design.status
    assert "no improvement for 0.3 s" in cf.minimize_peak(problem, stall_limit=0.3).status
    assert all(later[1] < earlier[1] for earlier, later in pairwise(design.provenance.history))


def test_a_search_in_a_window_begins_with_the_phases_that_the_tones_came_with():
    tones, window = cf.Multisine(np.linspace(10, 50, 12) ** 1.01), cf.Window(0.0, 3.0)
    good = cf.minimize_peak(tones, over=window, starts=48)
    again = cf.minimize_peak(tones.with_initial_phases(good.phases), over=window, starts=1, seed=9)
    assert again.peak <= good.peak * (1 + 1e-12)


@pytest.mark.parametrize("measure", ["peak", "range", "one-sided", "envelope"])
@pytest.mark.parametrize("duration", [1.5e-5, 5e-5, 2e-4, 8e-4, 3e-3])
def test_however_short_the_window(duration, measure):
    """A thousandth of a cycle: all tones can nearly pass through zero there at once."""
    ms = cf.Multisine.harmonics(range(1, 8), fundamental=10.0)
    design = cf.minimize_peak(ms, over=cf.Window(0.0, duration), measure=measure, starts=2)
    times = np.linspace(0.0, duration, 10001)
    z = np.exp(2j * np.pi * np.outer(times, ms.frequencies)) @ np.exp(1j * design.phases)
    y = {"envelope": np.abs(z), "one-sided": z.real, "peak": np.abs(z.real)}.get(measure, np.ptp(z.real) / 2)
    unit = {"envelope": np.sqrt(7.0), "range": np.sqrt(7.0)}.get(measure, np.sqrt(3.5))
    assert design.figure == pytest.approx(np.max(y) / unit, rel=1e-6, abs=1e-12)
    assert design.status


@pytest.mark.filterwarnings("ignore:samples:crestfall.CrestfallWarning")
def test_a_signal_that_is_zero_wherever_it_counts_is_the_optimum():
    ms = cf.Multisine.harmonics(range(1, 8), fundamental=10.0)
    assert cf.minimize_peak(ms, over=cf.Samples(1), starts=2).status.startswith("global optimum: the signal is below")
    with pytest.raises(ValueError, match=r"at least 0\.001 are needed; give a longer window"):
        cf.Problem(ms, over=cf.Window(0.0, 1e-6))
    assert cf.Problem(cf.Multisine([7.0], complex=True), over=cf.Window(0.0, 1e-6)).window.duration == 1e-6
