"""Tolerances and extra tones: bounds never crossed, lower peaks, and figures that direct summation confirms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import PATH
from crestfall.problem.amplitudes import with_freedom

WANTED = [1, 2, 3, 5, 7, 8]
OUTPUTS = {"drive": (), "two": (cf.Output(limit=2.0, name="voltage"), cf.slew_rate(30.0))}


def summed(design, n=2**14):
    """The signal of a design, by direct summation on a dense grid."""
    ms = design.multisine
    t = np.arange(n) / n * ms.period
    z = sum(
        a * np.exp(1j * (2 * np.pi * f * t + p))
        for f, a, p in zip(ms.frequencies, ms.amplitudes, design.phases, strict=True)
    )
    return z if ms.complex else z.real


@st.composite
def problems(draw):
    complex = draw(st.booleans())
    amplitudes = draw(st.lists(st.floats(0.1, 10.0), min_size=len(WANTED), max_size=len(WANTED)))
    ms = cf.Multisine.harmonics(WANTED, 2.0, amplitudes, complex)
    tolerance = draw(st.sampled_from([None, 0.5, [0.0, 1.0, 3.0, 0.0, 0.1, 6.0]]))
    extra = draw(st.sampled_from([None, cf.ExtraTones([8.0, 18.0], 0.5), cf.ExtraTones([24.0], 3.0)]))
    if tolerance is None and extra is None:
        tolerance = 1.0
    constraints = draw(st.sampled_from([(), (cf.Hold({0: 0.5}),), (cf.Link((1, 2), (0.0, 1.0)),)]))
    measure = "peak" if complex else draw(st.sampled_from(["peak", "range", "one-sided", "envelope"]))
    outputs = OUTPUTS[draw(st.sampled_from(sorted(OUTPUTS)))]
    over = draw(st.sampled_from([cf.Period(), cf.Samples(64)]))
    fields = {"over": over, "outputs": outputs, "phases": constraints, "measure": measure}
    return cf.Problem(ms, tolerance_db=tolerance, extra=extra, **fields), draw(st.integers(0, 10**6))


def freed(case):
    problem, seed = case
    compiled = CompiledProblem(problem)
    return compiled, np.random.default_rng(seed).uniform(0, 6, compiled.ranges.size)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_gradients_agree_with_finite_differences(case):
    problem, variables = freed(case)
    for stage in (PATH[0], PATH[-1]):
        space = problem.space(stage)
        _, gradient = space.value_and_gradient(variables[None])
        for k in range(variables.size):
            moved = np.stack([variables, variables])
            moved[:, k] += [1e-6, -1e-6]
            values, _ = space.value_and_gradient(moved)
            assert gradient[0, k] == pytest.approx((values[0] - values[1]) / 2e-6, abs=3e-5)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_no_variables_lead_out_of_the_ranges(case):
    problem, variables = freed(case)
    asked = case[0]
    ms, tolerance, extra = asked.multisine, asked.tolerance_db, asked.extra
    amplitudes = problem.tones(variables).amplitudes
    factor = 10 ** (np.broadcast_to(0.0 if tolerance is None else tolerance, ms.n) / 20)
    wanted = amplitudes[: ms.n]
    assert np.all(wanted <= ms.amplitudes * factor * (1 + 1e-14))
    assert np.all(wanted >= ms.amplitudes / factor * (1 - 1e-14))
    if extra is not None:
        assert np.all((amplitudes[ms.n :] > 0) & (amplitudes[ms.n :] <= extra.largest))


@settings(max_examples=40, deadline=None)
@given(problems())
def test_all_measures_count_relative_to_the_wanted_tones(case):
    """The peak over the RMS of the wanted tones is what counts; the bound stays below."""
    compiled, variables = freed(case)
    problem, tones = compiled.problem, compiled.tones(variables)
    wanted = tones.amplitudes[: len(WANTED)]
    rms = np.sqrt(np.sum(wanted**2) * (1.0 if tones.complex else 0.5))
    if not problem.outputs and problem.measure == "peak" and problem.samples is None:
        peak = cf.true_peak(tones, compiled.phases(variables))
        assert compiled.value(variables) == pytest.approx(peak / rms, rel=1e-9)
        assert peak / rms >= problem.freedom.lower_bound(tones)
        design = cf.Design.of(problem, compiled.phases(variables), multisine=tones)
        assert design.figure == pytest.approx(peak / rms, rel=1e-9)
    assert compiled.value(variables) > 0


@pytest.mark.parametrize("is_complex", [False, True])
def test_a_tolerance_lowers_the_crest_factor(is_complex):
    ms = cf.Multisine.harmonics(range(1, 24), complex=is_complex)
    exact = cf.minimize_peak(ms, starts=128, use_atlas=False)
    free = cf.minimize_peak(ms, starts=128, tolerance_db=0.5)
    assert free.crest_factor < exact.crest_factor * (1 - 5e-3)
    assert np.all(np.abs(20 * np.log10(free.multisine.amplitudes)) <= 0.5 + 1e-9)
    x = summed(free)
    assert np.max(np.abs(x)) / np.sqrt(np.mean(np.abs(x) ** 2)) == pytest.approx(free.crest_factor, rel=1e-4)


def test_extra_tones_lower_the_peak_and_are_reported_apart():
    ms = cf.Multisine.harmonics(range(1, 24))
    exact = cf.minimize_peak(ms, starts=128, use_atlas=False)
    extra = cf.ExtraTones([24.0, 25.0, 27.0, 29.0], [0.5, 0.5, 0.3, 0.3])
    free = cf.minimize_peak(ms, starts=128, extra=extra)
    assert free.peak < exact.peak * (1 - 2e-3)
    assert np.array_equal(free.multisine.amplitudes[:23], ms.amplitudes)
    assert np.all(free.multisine.amplitudes[23:] <= extra.largest)
    report = free.amplitude_report
    spectrum = np.abs(np.fft.rfft(summed(free), norm="forward")) * 2
    assert report.extra_rms == pytest.approx(np.sqrt(np.sum(spectrum[24:30] ** 2) / 2), rel=1e-9)
    assert report.wanted_rms == pytest.approx(np.sqrt(23 / 2), rel=1e-12)
    assert report.crest_factor == pytest.approx(np.max(np.abs(summed(free))) / np.sqrt(23 / 2), rel=1e-4)
    assert report.lower_bound < report.crest_factor


def test_the_bound_holds_for_every_allowed_choice():
    ms, freedom = with_freedom(cf.Multisine.harmonics(range(1, 8)), 3.0, cf.ExtraTones([9.0], 1.0))
    rng = np.random.default_rng(0)
    bound = freedom.lower_bound(ms)
    least = np.inf
    for _ in range(200):
        tones = ms.with_amplitudes(np.exp(rng.uniform(np.log(freedom.low), np.log(freedom.high))))
        squares = tones.amplitudes[:7] ** 2
        least = min(least, np.sqrt(1 + np.sum(squares * (np.arange(1, 8) / 9) ** 2) / np.sum(squares)))
    assert bound <= least
    assert bound >= 0.97 * least  # and it is not a wild understatement of what was drawn


def test_constraints_and_limits_go_together_with_free_amplitudes():
    ms = cf.Multisine.harmonics(range(1, 12))
    outputs = [cf.Output(limit=4.0, name="voltage"), cf.slew_rate(200.0)]
    arguments = {"outputs": outputs, "constraints": [cf.Hold({0: 0.25})], "starts": 32}
    exact, free = cf.minimize_peak(ms, **arguments), cf.minimize_peak(ms, tolerance_db=1.0, **arguments)
    assert np.angle(np.exp(1j * (free.phases[0] - 0.25))) == pytest.approx(0, abs=1e-9)
    # relative to the loudness of the wanted tones the binding share has fallen
    share = free.worst.share / (free.amplitude_report.wanted_rms / exact.rms)
    assert share < exact.worst.share * (1 - 1e-3)


def test_a_saved_design_says_what_was_free(tmp_path):
    ms = cf.Multisine.harmonics(range(1, 8))
    design = cf.minimize_peak(ms, starts=4, tolerance_db=0.5, extra=cf.ExtraTones([9.0], 0.2))
    for name in ("a.json", "a.npz"):
        design.save(tmp_path / name)
        back = cf.load(tmp_path / name)
        assert np.array_equal(back.problem.freedom.high, design.problem.freedom.high)
        assert back.amplitude_report.extra_rms == design.amplitude_report.extra_rms
        assert back.problem == design.problem


def test_the_same_seed_gives_the_same_answer_on_one_core_and_on_two():
    ms = cf.Multisine.harmonics(range(1, 10))
    one, two = (cf.minimize_peak(ms, starts=48, tolerance_db=1.0, seed=3, workers=k) for k in (1, 2))
    assert np.array_equal(one.phases, two.phases)
    assert np.array_equal(one.multisine.amplitudes, two.multisine.amplitudes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tolerance_db": -0.1}, r"tolerance_db\[0\] is -0.1; give decibels from 0"),
        ({"tolerance_db": [0.0, np.nan, 0.0]}, r"tolerance_db\[1\] is nan"),
        ({"tolerance_db": [1.0, 1.0]}, "tolerance_db has shape"),
        ({"extra": cf.ExtraTones([2.0], 1.0)}, "which the signal or another extra tone has already"),
        ({"extra": cf.ExtraTones([4.0, 4.0], 1.0)}, "which the signal or another extra tone has already"),
        ({"extra": cf.ExtraTones([np.pi], 1.0)}, "no usable common period"),
        (
            {"tolerance_db": 1.0, "constraints": [cf.ConjugateSymmetric()]},
            "mirrored and delayed waveforms keep their amplitudes",
        ),
        ({"tolerance_db": 1.0, "prove": True}, "prove cannot be combined with a tolerance or extra tones"),
        ({"tolerance_db": 1.0, "method": "l2p"}, "method 'l2p' cannot be combined with"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(arguments, message):
    with pytest.raises(ValueError, match=message):
        cf.minimize_peak(cf.Multisine([1.0, 2.0, 3.0]), starts=1, **arguments)


@pytest.mark.parametrize(
    ("frequencies", "largest", "message"),
    [
        ([], 1.0, "frequencies are empty"),
        ([1.0, np.inf], 1.0, r"frequencies\[1\] is inf"),
        ([1.0], 0.0, r"largest\[0\] is 0.0"),
        ([1.0, 2.0], [1.0, 1.0, 1.0], "largest has shape"),
    ],
)
def test_extra_tones_are_checked_where_they_are_made(frequencies, largest, message):
    with pytest.raises(ValueError, match=message):
        cf.ExtraTones(frequencies, largest)


def test_a_design_without_freedom_has_no_report():
    with pytest.raises(ValueError, match="no free amplitudes"):
        _ = cf.minimize_peak(cf.Multisine([1.0, 2.0]), starts=1).amplitude_report
