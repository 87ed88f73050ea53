"""Windows: peaks that direct summation confirms, bounds that are never crossed, one transform by two routes."""

import json
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.certainty.bounds.montgomery_vaughan import window_peak_bound
from crestfall.engine.objectives.p_norm import PNorm
from crestfall.engine.objectives.phase_space import PhaseSpace
from crestfall.search.window import WindowDesign, load_window_design, window_maximum
from crestfall.search.window import synthesis as transforms
from crestfall.signal.window_synthesis import WindowSynthesis


def summed(tones, phases, t):
    z = np.zeros(len(t), complex)
    for f, a, p in zip(tones.frequencies, tones.amplitudes, phases, strict=True):
        z += a * np.exp(1j * (2 * np.pi * f * t + p))
    return z if tones.complex else z.real


def dense(tones, count=40_001):
    return np.linspace(tones.start, tones.start + tones.duration, count)


@st.composite
def windows(draw):
    n = draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    is_complex = draw(st.booleans())
    frequencies = rng.uniform(-20, 20, n) if is_complex else rng.uniform(0.5, 30, n)
    tones = cf.WindowedMultisine(
        frequencies,
        rng.uniform(0.1, 2.0, n),
        duration=draw(st.sampled_from([1e-3, 0.1, 1.0, 7.3])),
        start=draw(st.sampled_from([0.0, -3.0, 100.0])),
        complex=is_complex,
    )
    return tones, rng.uniform(0, 2 * np.pi, n)


@settings(max_examples=80, deadline=None)
@given(windows())
def test_the_certified_peak_is_that_of_a_dense_grid(case):
    tones, phases = case
    maximum = window_maximum(tones, phases)
    grid = np.max(np.abs(summed(tones, phases, dense(tones))))
    allowance = 1e-11 * float(np.sum(tones.amplitudes))
    assert maximum.low <= maximum.value <= maximum.high
    assert grid <= maximum.high + allowance
    # between points 1.8e-4 apart a tone of 30 Hz hides at most 2e-4 of its amplitude
    assert maximum.value <= grid + 1e-3 * float(np.sum(tones.amplitudes))
    at = tones.start + maximum.angle / (2 * np.pi) * tones.duration
    assert tones.start <= at <= tones.start + tones.duration
    reached = abs(summed(tones, phases, np.array([at]))[0])
    assert reached == pytest.approx(maximum.value, abs=1e3 * allowance)
    assert maximum.high - maximum.low <= 1e-6 * float(np.sum(tones.amplitudes))


@settings(max_examples=60, deadline=None)
@given(windows())
def test_rms_and_bound_agree_with_direct_summation(case):
    tones, phases = case
    t = dense(tones)
    square = np.abs(summed(tones, phases, t)) ** 2
    mean = np.trapezoid(square, t) / tones.duration
    total = float(np.sum(tones.amplitudes) ** 2)
    assert tones.rms(phases) ** 2 == pytest.approx(mean, abs=1e-5 * total)
    assert window_peak_bound(tones) <= window_maximum(tones, phases).high * (1 + 1e-12)


def test_the_bound_is_no_empty_promise():
    """For well separated tones in a long window it comes close to Parseval's bound for a period."""
    tones = cf.WindowedMultisine(np.arange(1, 9) * 10.0 + 0.123, duration=50.0)
    assert window_peak_bound(tones) > 0.99 * tones.nominal_rms


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
    tones = cf.WindowedMultisine(rng.uniform(10, 100, 24), duration=1.0, start=5.0, complex=is_complex)
    design = cf.minimize_peak_in_window(tones, starts=16)
    peak = np.max(np.abs(summed(tones, design.phases, dense(tones))))
    assert peak == pytest.approx(design.peak, rel=1e-4)
    random = min(WindowDesign.of(tones, rng.uniform(0, 6, 24)).peak for _ in range(30))
    assert design.peak < 0.75 * random


def test_a_window_of_one_period_is_the_periodic_problem():
    ms = cf.Multisine.harmonics(range(1, 12))
    periodic = cf.minimize_peak(ms, starts=128, use_atlas=False)
    tones = cf.WindowedMultisine.of(ms, duration=ms.period)
    assert WindowDesign.of(tones, periodic.phases).peak == pytest.approx(periodic.peak, rel=1e-9)
    found = cf.minimize_peak_in_window(tones, starts=128)
    assert found.peak == pytest.approx(periodic.peak, rel=0.02)


def test_the_same_seed_gives_the_same_phases():
    tones = cf.WindowedMultisine([1.0, 2**0.5, 3**0.5, 5**0.5, 7**0.5], duration=9.0)
    one, two = (cf.minimize_peak_in_window(tones, starts=20, seed=4) for _ in range(2))
    assert np.array_equal(one.phases, two.phases)


def test_a_time_limit_and_a_callback_end_it():
    tones = cf.WindowedMultisine(np.linspace(10, 100, 40) ** 1.01, duration=3.0)
    assert "time limit" in cf.minimize_peak_in_window(tones, time_limit=0.2).status
    told = []

    def stop(progress):
        told.append(progress)
        if len(told) == 3:
            raise StopIteration

    design = cf.minimize_peak_in_window(tones, starts=1000, progress=stop)
    assert "stopped by the progress callback" in design.status
    assert told[0].best_crest_factor >= design.peak / tones.nominal_rms * (1 - 1e-12)


def test_samples_and_files(tmp_path):
    tones = cf.WindowedMultisine([3.0, 10**0.5], [1.0, 0.5], duration=2.0, start=0.25)
    design = cf.minimize_peak_in_window(tones, starts=4)
    x = design.waveform(100.0)
    np.testing.assert_allclose(x, summed(tones, design.phases, 0.25 + np.arange(201) / 100), atol=1e-12)
    assert np.max(np.abs(design.waveform(100.0, peak=0.5))) <= 0.5
    design.save(tmp_path / "a.json")
    back = load_window_design(tmp_path / "a.json")
    assert np.array_equal(back.phases, design.phases)
    assert (back.peak, back.tones.start, back.tones.duration) == (design.peak, 0.25, 2.0)
    with pytest.raises(FileExistsError):
        design.save(tmp_path / "a.json")
    record = json.loads((tmp_path / "a.json").read_text())
    record["phases_rad"][0] += 0.5
    (tmp_path / "b.json").write_text(json.dumps(record))
    with pytest.raises(ValueError, match="but its phases give"):
        load_window_design(tmp_path / "b.json")


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
        cf.WindowedMultisine(*arguments, duration=1.0)


def test_a_window_needs_a_length():
    with pytest.raises(ValueError, match="duration is 0"):
        cf.WindowedMultisine([1.0], duration=0)
    with pytest.raises(ValueError, match="start is inf"):
        cf.WindowedMultisine([1.0], duration=1, start=np.inf)
    with pytest.raises(ValueError, match="shorten the window"):
        cf.minimize_peak_in_window(cf.WindowedMultisine([1e9, 2e9], duration=1.0))
    with pytest.raises(ValueError, match="starts is 0"):
        cf.minimize_peak_in_window(cf.WindowedMultisine([1.0], duration=1.0), starts=0)


def test_without_finufft_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "finufft", None)
    monkeypatch.setattr(transforms, "MOST_ENTRIES", 0)
    with pytest.raises(ImportError, match=r"pip install 'crestfall\[nufft\]'"):
        cf.minimize_peak_in_window(cf.WindowedMultisine([1.0, 2.0], duration=1.0), starts=1)


CONSTRAINTS = [cf.Hold({0: 0.7, 3: -1.0}), cf.Link((1, 4), (0.0, 2.0))]


@pytest.mark.parametrize("is_complex", [False, True])
@pytest.mark.parametrize("start", [0.0, -3.0, 100.0])
def test_held_and_linked_phases_are_those_at_time_zero(start, is_complex):
    frequencies = np.random.default_rng(4).uniform(5, 20, 8)
    tones = cf.WindowedMultisine(frequencies, duration=0.8, start=start, complex=is_complex)
    design = cf.minimize_peak_in_window(tones, constraints=CONSTRAINTS, starts=24)
    turns = np.exp(1j * design.phases)
    np.testing.assert_allclose(turns[[0, 3]], np.exp(1j * np.array([0.7, -1.0])), atol=1e-9)
    assert turns[4] / turns[1] == pytest.approx(np.exp(2j), abs=1e-9)
    highest = np.max(np.abs(summed(tones, design.phases, dense(tones))))
    assert highest == pytest.approx(design.peak, rel=1e-5)
    rng = np.random.default_rng(5)
    peaks = []
    for _ in range(60):  # random phases that obey the constraints
        phases = rng.uniform(0, 2 * np.pi, 8)
        phases[[0, 3, 4]] = [0.7, -1.0, phases[1] + 2.0]
        peaks.append(window_maximum(tones, phases).value)
    assert design.peak < np.min(peaks)
    assert design.peak >= cf.minimize_peak_in_window(tones, starts=24).peak * (1 - 1e-3)


def test_constraints_of_a_window_survive_saving(tmp_path):
    tones = cf.WindowedMultisine([5.0, 7.1, 8.3, 9.9, 11.7], duration=0.5)
    design = cf.minimize_peak_in_window(tones, constraints=CONSTRAINTS, starts=2)
    design.save(tmp_path / "held.json")
    hold, link = load_window_design(tmp_path / "held.json").constraints
    assert hold == CONSTRAINTS[0]
    assert (list(link.tones), list(link.offsets)) == ([1, 4], [0.0, 2.0])
    held = cf.minimize_peak_in_window(tones, constraints=[cf.Hold(dict.fromkeys(range(5), 0.5))])
    assert "nothing to choose" in held.status
    np.testing.assert_allclose(held.phases, 0.5)


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        ([cf.ConjugateSymmetric()], "in a window phases can be held and linked, not ConjugateSymmetric"),
        ([cf.Hold({9: 0.0})], "9 is no tone"),
        ([cf.Hold({0: 0.0}), cf.Hold({0: 1.0})], "contradicts"),
    ],
)
def test_constraints_that_a_window_cannot_have_are_refused(constraints, message):
    with pytest.raises(ValueError, match=message):
        cf.minimize_peak_in_window(cf.WindowedMultisine([5.0, 7.1], duration=0.5), constraints=constraints)
