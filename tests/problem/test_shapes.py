"""Shapes that are only delayed, against sums of pulses over a dense grid of delays, and against all delays in steps."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.design.explain import explain

STAGES = ((Fraction(5, 12), 4.0), (Fraction(33, 120), 6.0), (Fraction(18, 120), 10.0))


def pulse(t, duty, amplitude, delay, low=0.0):
    """A pulse at times in periods, from nothing but its edges."""
    place = np.mod(t - delay + 1e-12, 1.0)
    return np.where(place < float(duty), amplitude, low)


def least_of_all(waves, strides, measure):
    """The least measure over all delays in steps, by trying each."""
    counts = [len(wave) // stride for wave, stride in zip(waves, strides, strict=True)]
    best = np.inf
    for delays in product(*(range(count) for count in counts[1:])):
        moved = zip(waves[1:], delays, strides[1:], strict=True)
        best = min(best, measure(waves[0] + sum(np.roll(wave, delay * stride) for wave, delay, stride in moved)))
    return best


MEASURES = {
    "peak": lambda x: np.abs(x).max(),
    "range": lambda x: np.ptp(x) / 2,
    "one-sided": lambda x: x.max(),
}


def test_three_stages_whose_duties_add_up_to_less_than_one_need_not_overlap():
    stages = cf.Shapes([cf.Pulse(duty, size) for duty, size in STAGES], fundamental=100e3)
    design = cf.minimize_peak(stages.problem())
    assert design.worst.value == pytest.approx(10.0, rel=1e-12)
    assert design.peak == pytest.approx(10.0, rel=1e-12)
    assert design.gap < 1e-9
    assert design.status.startswith("global optimum")
    # The delays that it names, as pulses of their own on a grid of their own.
    t = np.linspace(0.0, 1.0, 7919, endpoint=False)
    total = sum(
        pulse(t, duty, size, delay * 100e3) for (duty, size), delay in zip(STAGES, design.delays_s, strict=True)
    )
    assert total.max() == 10.0


@pytest.mark.parametrize("measure", MEASURES)
def test_the_crest_factor_is_that_of_the_sum_and_what_was_minimised_is_in_the_unit_of_the_shapes(
    measure, tmp_path, run
):
    design = cf.minimize_peak(cf.Shapes([cf.Pulse(d, a) for d, a in STAGES], 100e3).problem(measure=measure))
    t = np.linspace(0.0, 1.0, 7919, endpoint=False)
    total = sum(pulse(t, d, a, delay * 100e3) for (d, a), delay in zip(STAGES, design.delays_s, strict=True))
    crest = np.abs(total).max() / np.sqrt(np.mean(total**2))
    assert design.crest_factor == pytest.approx(crest, rel=1e-3)
    assert design.summary()["crest_factor"] == design.crest_factor
    assert "crest" not in design.problem.figure
    assert design.figure == pytest.approx(MEASURES[measure](total), rel=1e-9)
    assert design.lower_bound == pytest.approx(design.figure, rel=1e-8)
    assert design.gap < 1e-8
    design.save(tmp_path / "a.json")
    shown = run("measure", "a.json").out
    assert f"{design.crest_factor:.6f}" in shown
    assert f"over the RMS of this sum, {design.rms:.6g}" in shown
    assert f"  {design.figure:.6f}   {design.problem.figure}\n" in shown
    assert cf.load(tmp_path / "a.json").figure == design.figure
    told = str(explain(design))
    assert f"What was minimised is the {design.problem.figure} (only the samples count): {design.figure:.4f}." in told
    assert "the delays change the rms, too" in told


def test_a_target_of_shapes_is_a_peak():
    shapes = cf.Shapes([cf.Sampled(np.random.default_rng(k).normal(size=30)) for k in range(4)], steps=30)
    first = cf.minimize_peak(shapes.problem(), starts=1)
    assert cf.minimize_peak(shapes.problem(), target=1.2 * first.peak).peak <= 1.2 * first.peak


def test_the_unit_of_the_shapes_scales_what_is_minimised():
    small = cf.minimize_peak(cf.Shapes([cf.Pulse("1/4", 1e-6), cf.Pulse("1/2", 2e-6)]).problem())
    assert small.figure == pytest.approx(2e-6, rel=1e-9)
    assert "None" not in repr(small)


def test_tones_of_one_frequency_have_an_rms_that_is_named_for_what_it_is():
    ms = cf.Multisine([1.0, 1.0, 2.0, 3.0])
    design = cf.Design.of(cf.Problem(ms, over=cf.Samples(64)), [0.0, 0.5, 1.0, 2.0])
    assert design.problem.figure == "crest factor of the samples, RMS of uncorrelated tones"
    x = np.cos(2 * np.pi * np.outer(np.arange(64) / 64, ms.frequencies) + np.array([0.0, 0.5, 1.0, 2.0])).sum(axis=1)
    assert design.figure == pytest.approx(np.abs(x).max() / np.sqrt(2.0))
    assert design.crest_factor == pytest.approx(cf.true_peak(ms, design.phases) / np.sqrt(np.mean(x**2)))
    assert "the phases change the rms, too" in str(explain(design))


def test_no_delays_between_the_steps_are_better_for_pulses():
    shapes = [cf.Pulse("1/3", 3.0), cf.Pulse("1/4", 2.0, low=-1.0), cf.Pulse("5/6", 1.5)]
    least = cf.minimize_peak(cf.Shapes(shapes).problem(measure="range"))
    assert least.status.startswith("global optimum")
    t = np.linspace(0.0, 1.0, 613, endpoint=False)
    values = [
        np.ptp(
            pulse(t, Fraction(1, 3), 3.0, 0.0)
            + pulse(t, Fraction(1, 4), 2.0, first, -1.0)
            + pulse(t, Fraction(5, 6), 1.5, second)
        )
        for first, second in product(np.linspace(0.0, 1.0, 61), repeat=2)
    ]
    assert least.worst.value <= min(values) / 2 + 1e-12


@pytest.mark.parametrize("measure", MEASURES)
@given(st.integers(0, 2**32))
@settings(max_examples=12, deadline=None)
def test_the_least_of_all_delays_is_found_and_proven(measure, seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 11))
    values = [rng.integers(-3, 4, n).astype(float) if rng.random() < 0.6 else rng.normal(size=n) for _ in range(3)]
    for wave in values:
        wave[0] += 0.5  # never a constant, never with a shorter period
        wave[1] += 7.25
    design = cf.minimize_peak(cf.Shapes([cf.Sampled(wave) for wave in values], steps=n).problem(measure=measure))
    expected = least_of_all(values, [1, 1, 1], MEASURES[measure])
    assert design.worst.value == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert design.status.startswith("global optimum")
    assert design.lower_bound <= design.figure * (1.0 + 1e-9) + 1e-12
    if measure == "peak":  # the proof is kept
        assert design.gap == pytest.approx(0.0, abs=1e-9)
        assert design.peak_lower_bound == pytest.approx(expected, rel=1e-9)
    steps = np.rint(np.array(design.delays_s) * n).astype(int)
    total = sum(np.roll(wave, step) for wave, step in zip(values, steps, strict=True))
    assert MEASURES[measure](total) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_shapes_of_other_frequencies_are_delayed_within_their_own_periods():
    slow, fast = np.repeat([2.0, 0.0, 1.0, 0.0], 6), np.tile([3.0, -1.0, 0.0], 8)
    shapes = [cf.Sampled([2.0, 0.0, 1.0, 0.0]), cf.Sampled([3.0, -1.0, 0.0], repeats=8)]
    design = cf.minimize_peak(cf.Shapes(shapes, fundamental=50.0, steps=24).problem())
    assert design.worst.value == pytest.approx(least_of_all([slow, fast], [1, 1], MEASURES["peak"]), rel=1e-12)
    assert design.delays_s[1] < 1 / 400


def test_shapes_that_all_repeat_have_the_shorter_period():
    design = cf.minimize_peak(cf.Shapes([cf.Pulse("1/4", 1.0, repeats=2), cf.Pulse("1/2", 1.0, repeats=2)]).problem())
    assert design.multisine.fundamental == 2.0
    assert design.worst.value == pytest.approx(1.0, rel=1e-12)


def test_triangles_are_as_low_as_the_delays_in_steps_allow():
    shapes = cf.Shapes([cf.Triangle(1.0), cf.Triangle(0.8, "1/4"), cf.Triangle(0.5)], steps=24)
    design = cf.minimize_peak(shapes.problem(measure="range"))
    t = np.arange(24) / 24
    waves = [np.interp(t, [0, rise, 1], [-a, a, -a]) for a, rise in ((1.0, 0.5), (0.8, 0.25), (0.5, 0.5))]
    assert design.worst.value == pytest.approx(least_of_all(waves, [1, 1, 1], MEASURES["range"]), rel=1e-12)


def test_several_outputs_and_their_limits_count():
    rng = np.random.default_rng(4)
    waves = [rng.normal(size=9) for _ in range(3)]
    gain = 0.5 * np.exp(0.7j)
    outputs = [cf.Output(limit=2.0, name="sum"), cf.Output(lambda f: np.where(f > 1.5, gain, 1.0), 1.0, "filtered")]
    design = cf.minimize_peak(cf.Shapes([cf.Sampled(wave) for wave in waves], steps=9).problem(outputs=outputs))

    def measure(x):
        c = np.fft.rfft(x)
        c[2:] *= gain
        return max(np.abs(x).max() / 2.0, np.abs(np.fft.irfft(c, 9)).max())

    assert design.figure == pytest.approx(least_of_all(waves, [1, 1, 1], measure), rel=1e-9)


def test_a_waveform_that_is_held_takes_part():
    held = np.array([3.0, 3.0, 3.0, 0.0, 0.0, 0.0, -1.0, 0.0])
    wave = np.array([2.0, 2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    fixed = cf.FixedWaveform.of_samples(held, period=1.0)
    design = cf.minimize_peak(cf.Shapes([cf.Sampled(wave)], steps=8).problem(fixed=fixed))
    expected = min(np.abs(held + np.roll(wave, k)).max() for k in range(8))
    assert design.worst.value == pytest.approx(expected, rel=1e-12)
    assert design.status.startswith("global optimum")


def test_an_interrupted_search_says_what_is_missing_and_bounds_what_is_left():
    rng = np.random.default_rng(0)
    shapes = cf.Shapes([cf.Sampled(rng.normal(size=200)) for _ in range(7)], steps=200)
    design = cf.minimize_peak(shapes.problem(), time_limit=0.2)
    assert design.status.startswith("not proven: none of the delays in steps of 1/200 of the period is more than")
    assert "time limit" in design.status
    assert 0.0 < design.lower_bound <= design.figure


def test_the_same_seed_gives_the_same_answer():
    rng = np.random.default_rng(1)
    problem = cf.Shapes([cf.Sampled(rng.normal(size=30)) for _ in range(4)], steps=30).problem()
    first, second = (cf.minimize_peak(problem, starts=3, seed=2) for _ in range(2))
    assert np.array_equal(first.phases, second.phases)


def test_a_longer_search_is_no_worse():
    rng = np.random.default_rng(2)
    problem = cf.Shapes([cf.Sampled(rng.normal(size=64)) for _ in range(5)], steps=64).problem()
    first = cf.minimize_peak(problem, starts=1, time_limit=0.05)
    assert cf.minimize_peak(first, starts=1, time_limit=0.05).figure <= first.figure * (1.0 + 1e-12)


def test_played_pulses_have_no_overshoot_at_any_rate():
    stages = cf.Shapes([cf.Pulse(duty, size) for duty, size in STAGES], fundamental=100.0)
    design = cf.minimize_peak(stages.problem())
    for rate in (12_000.0, 48_000.0, 36_000.0):
        x = design.waveform(rate)
        assert x.size == rate / 100.0
        np.testing.assert_allclose(np.unique(np.round(x, 9)), [0.0, 4.0, 6.0, 10.0], atol=1e-9)
        assert np.mean(x) == pytest.approx(5 / 12 * 4 + 3.3 / 12 * 6 + 1.8 / 12 * 10, rel=1e-9)
    with pytest.raises(ValueError, match="120 steps of a period need at least 12 kHz"):
        design.waveform(6000.0)
    with pytest.warns(cf.CrestfallWarning, match="edges move by up to one sample"):
        design.waveform(44_100.0)
    assert cf.Playback(level="2 V").of(design).one.max() == pytest.approx(2.0, rel=1e-12)
    filled = cf.Playback(level="-1 to 3 V").of(design).one
    assert (filled.min(), filled.max()) == pytest.approx((-1.0, 3.0))
    assert design.rms == pytest.approx(np.sqrt(np.mean(design.waveform(12_000.0) ** 2)))


@pytest.mark.parametrize("ending", [".json", ".npz", ".mat", ".csv", ".wav"])
def test_saved_designs_come_back_with_their_delays(ending, tmp_path):
    design = cf.minimize_peak(cf.Shapes([cf.Pulse("1/4", 1.0), cf.Pulse("1/2", 2.0)], 1000.0).problem())
    design.save(tmp_path / f"a{ending}")
    again = cf.load(tmp_path / f"a{ending}")
    assert again.problem == design.problem
    assert again.delays_s == design.delays_s
    assert again.status == design.status


def test_delays_of_any_time_are_named_too():
    ms = cf.Multisine.harmonics([2, 4, 1, 3], 10.0, [1.0, 0.5, 1.0, 0.3], initial_phases=[0.3, 1.0, -0.4, 2.0])
    problem = cf.Problem(ms, phases=[cf.Delays([[0, 1], [2, 3]])])
    design = cf.minimize_peak(problem, starts=4)
    t = np.linspace(0.0, 0.1, 50, endpoint=False)
    for group, delay in zip(([0, 1], [2, 3]), design.delays_s, strict=True):
        moved = 2j * np.pi * np.outer(t - delay, ms.frequencies[group])
        expected = (np.exp(moved) @ (ms.amplitudes[group] * np.exp(1j * ms.initial_phases[group]))).real
        found = np.exp(2j * np.pi * np.outer(t, ms.frequencies[group])) @ (
            ms.amplitudes[group] * np.exp(1j * design.phases[group])
        )
        np.testing.assert_allclose(found.real, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: cf.Pulse(1.2, 1.0), "pulse: duty is 1.2; give a part of the period between 0 and 1"),
        (lambda: cf.Pulse("one half", 1.0), "pulse: duty is 'one half'; give a part of the period such as"),
        (lambda: cf.Pulse(0.5, 1.0, low=1.0), "amplitude and low are both 1; give two different values"),
        (lambda: cf.Pulse(0.5, 1.0, repeats=0), "pulse: repeats is 0; give an integer of at least 1"),
        (lambda: cf.Triangle(-1.0), "triangle: amplitude is -1.0; give a finite number above 0"),
        (lambda: cf.Sampled([1.0, 1.0]), "samples: values are all the same"),
        (lambda: cf.Shapes([]), "shapes: there are 0; give 1 to 64"),
        (lambda: cf.Shapes([cf.Pulse("1/3")], steps=64), "steps is 64, but the edges lie on 3 steps"),
        (lambda: cf.Shapes([cf.Pulse("1/997"), cf.Pulse("1/991")]), "no fewer than 988027 steps"),
        (lambda: cf.Shapes([cf.Pulse(0.5)]).problem(over=cf.Period()), r"say over=Samples\(64\)"),
        (lambda: cf.Shapes([cf.Pulse(0.5)]).problem(over=cf.Samples(100)), r"say over=Samples\(128\), a multiple"),
        (lambda: cf.Shapes([cf.Pulse(0.5)]).problem(over=cf.Window(0.0, 1.0)), "about samples of a period"),
        (
            lambda: cf.Problem(
                cf.Multisine([1.0, 2.0, 3.0]),
                over=cf.Samples(8),
                phases=[cf.Delays([[0, 1]], steps=8), cf.Link((1, 2))],
            ),
            "tone 0 moves in another way; put it into a group, or hold it",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(make, words):
    with pytest.raises(ValueError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)
