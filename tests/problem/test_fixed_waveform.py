"""A waveform that is added as it is: peaks by direct sums, bounds below them, files, and what excludes it."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.files import problem_from_text, problem_to_text
from crestfall.problem.fixed_waveform import without_repeated_end

MS = cf.Multisine.harmonics([1, 2, 3, 5], fundamental=10.0)
T = np.linspace(0.0, 0.1, 20_001)


def added(fixed, t):
    """The fixed waveform at times [s], from its fields."""
    x = np.full(t.size, fixed.offset)
    for f, a, phase in zip(
        *(
            [()] * 3
            if fixed.tones is None
            else (fixed.tones.frequencies, fixed.tones.amplitudes, fixed.tones.initial_phases)
        ),
        strict=True,
    ):
        x = x + a * np.cos(2 * np.pi * f * t + phase)
    return x


def signal(design, t):
    """The sum at times [s], the chosen tones by their phases and the fixed waveform by its fields."""
    n = design.problem.multisine.n
    turns = 2 * np.pi * np.outer(t, design.multisine.frequencies[:n]) + design.phases[:n]
    return np.cos(turns) @ design.multisine.amplitudes[:n] + added(design.problem.fixed, t)


FIXED = {
    "a constant": cf.FixedWaveform(offset=-2.5),
    "tones": cf.FixedWaveform(cf.Multisine([20.0, 70.0], [0.8, 0.4], initial_phases=[1.0, -2.0])),
    "both": cf.FixedWaveform(cf.Multisine([15.0], 0.5, initial_phases=[0.3]), 0.7),
}
PERIODS = {"a constant": 1, "tones": 1, "both": 2}


@pytest.mark.parametrize("measure", ["peak", "range", "one-sided"])
@pytest.mark.parametrize("name", FIXED)
def test_the_sum_counts(name, measure):
    design = cf.minimize_peak(cf.Problem(MS, fixed=FIXED[name], measure=measure), starts=4)
    x = signal(design, T if PERIODS[name] == 1 else np.linspace(0.0, 0.2, 40_001))
    expected = {"peak": np.abs(x).max(), "range": np.ptp(x) / 2, "one-sided": x.max()}[measure]
    assert design.worst.value == pytest.approx(expected, rel=1e-5, abs=1e-5)
    assert design.peak == pytest.approx(np.abs(x).max(), rel=1e-5)
    assert design.rms == pytest.approx(np.sqrt(np.mean(x[:-1] ** 2)), rel=1e-6)
    assert design.lower_bound <= design.figure * (1 + 1e-9)
    assert design.certificate.is_stationary
    assert design.status.startswith("local minimax")


@pytest.mark.parametrize("name", FIXED)
def test_no_other_phases_on_a_dense_grid_are_better(name):
    ms = cf.Multisine.harmonics([1, 2], fundamental=10.0)
    design = cf.minimize_peak(cf.Problem(ms, fixed=FIXED[name]), starts=24)
    t = np.linspace(0.0, 0.1 * PERIODS[name], 400, endpoint=False)
    one, two = (np.cos(2 * np.pi * f * t + np.linspace(0, 2 * np.pi, 90)[:, None]) for f in ms.frequencies)
    sums = one[:, None] + two[None] + added(FIXED[name], t)
    assert design.peak <= np.abs(sums).max(axis=-1).min() * 1.001
    assert design.peak >= np.abs(sums).max(axis=-1).min() * 0.97


@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_bounds_are_below_what_any_phases_reach(seed):
    rng = np.random.default_rng(seed)
    ms = cf.Multisine.harmonics(rng.choice(8, 3, replace=False) + 1, 10.0, rng.uniform(0.1, 2.0, 3))
    tones = cf.Multisine.harmonics([2], 10.0, rng.uniform(0.1, 2.0), initial_phases=[rng.uniform(0, 6)])
    fixed = cf.FixedWaveform(tones if rng.random() < 0.5 else None, float(rng.normal()) * 3)
    for measure in ("peak", "range", "one-sided"):
        problem = cf.Problem(ms, fixed=fixed, measure=measure)
        design = cf.Design.of(problem, problem.phase_map.phases(rng.uniform(0, 2 * np.pi, problem.phase_map.n_free)))
        x = signal(design, np.linspace(0.0, 0.1, 5001))
        expected = {"peak": np.abs(x).max(), "range": np.ptp(x) / 2, "one-sided": x.max()}[measure]
        assert design.worst.value == pytest.approx(expected, rel=1e-3, abs=1e-3)
        assert design.lower_bound <= design.figure + 1e-12


def test_outputs_see_the_waveform_too_and_a_derivative_no_constant():
    fixed = cf.FixedWaveform(cf.Multisine([20.0], 0.5, initial_phases=[0.4]), 3.0)
    outputs = [cf.Output(limit=8.0, name="voltage"), cf.slew_rate(400.0)]
    design = cf.minimize_peak(cf.Problem(MS, fixed=fixed, outputs=outputs), starts=8)
    x = signal(design, T)
    assert design.signals[0].peak == pytest.approx(np.abs(x).max(), rel=1e-5)
    assert design.signals[1].peak == pytest.approx(np.abs(np.gradient(x, T)).max(), rel=1e-3)


def test_a_window_with_a_constant():
    problem = cf.Problem(MS, fixed=cf.FixedWaveform(offset=-4.0), over=cf.Window(0.01, 0.06), measure="one-sided")
    design = cf.minimize_peak(problem, starts=8)
    x = signal(design, np.linspace(0.01, 0.07, 20_001))
    assert design.worst.value == pytest.approx(x.max(), rel=1e-5)
    assert design.worst.value < 0.0


def test_complex_tones_take_a_complex_waveform():
    ms = cf.Multisine.harmonics([1, 2, 4], complex=True)
    z = np.exp(2j * np.pi * 3 * np.arange(16) / 16) * 0.5 + 0.2
    design = cf.minimize_peak(ms, fixed=cf.FixedWaveform.of_samples(z, period=1.0), starts=8)
    t = np.linspace(0, 1, 4001)
    total = np.exp(2j * np.pi * np.outer(t, [1, 2, 4])) @ np.exp(1j * design.phases[:3])
    total = total + 0.5 * np.exp(6j * np.pi * t) + 0.2
    assert design.peak == pytest.approx(np.abs(total).max(), rel=1e-5)


def test_samples_become_lines_that_give_them_back():
    x = np.array([0.0, 2.0, 2.0, -1.0, 0.5, 0.5])
    fixed = cf.FixedWaveform.of_samples(x, 60.0)
    np.testing.assert_allclose(added(fixed, np.arange(6) / 60.0), x, atol=1e-12)
    assert cf.FixedWaveform.of_samples([1.5, 1.5, 1.5], period=2.0) == cf.FixedWaveform(offset=1.5)
    twice = cf.FixedWaveform.of_samples(np.tile(x, 2), 60.0)
    np.testing.assert_allclose(twice.tones.amplitudes, fixed.tones.amplitudes, rtol=1e-12)


def test_what_is_dropped_is_reported():
    t = np.arange(1000) / 1000
    with pytest.warns(cf.CrestfallWarning, match=r"lines below -20 dB are left out, which moves samples by up to"):
        cf.FixedWaveform.of_samples((t < 0.3).astype(float), period=1.0, drop_below_db=-20.0)


@pytest.mark.parametrize("ending", [".json", ".npz", ".mat", ".csv", ".wav"])
@pytest.mark.parametrize("name", FIXED)
def test_saved_designs_come_back(name, ending, tmp_path):
    design = cf.minimize_peak(cf.Problem(MS, fixed=FIXED[name]), starts=1)
    design.save(tmp_path / f"a{ending}")
    again = cf.load(tmp_path / f"a{ending}")
    assert again.problem == design.problem
    assert np.array_equal(again.phases, design.phases)
    assert problem_from_text(problem_to_text(design.problem)) == design.problem


def test_what_is_played_has_the_waveform():
    design = cf.minimize_peak(cf.Problem(MS, fixed=FIXED["a constant"]), starts=2)
    x = cf.Playback(rate=6400.0).of(design).one
    assert np.mean(x) == pytest.approx(-2.5, rel=1e-12)
    np.testing.assert_allclose(x, signal(design, np.arange(640) / 6400.0), atol=1e-9)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: cf.FixedWaveform(), "neither tones nor an offset"),
        (lambda: cf.FixedWaveform(MS), "the tones have no phases"),
        (lambda: cf.FixedWaveform(offset=float("nan")), "fixed: offset is nan"),
        (lambda: cf.FixedWaveform.of_samples([1.0, 2.0]), "either sample_rate in Hz or period in seconds"),
        (lambda: cf.FixedWaveform.of_samples([1.0, float("inf")], period=1.0), "samples"),
        (lambda: cf.Problem(MS, fixed=FIXED["both"], start_at_zero=True), "a shift in time would move it"),
        (lambda: cf.Problem(MS, fixed=FIXED["both"], tolerance_db=1.0), "a fixed waveform keeps its own"),
        (lambda: cf.Problem(MS, fixed=FIXED["both"], channels=cf.Interleaved(2)), "which input"),
        (lambda: cf.Problem(MS, fixed=FIXED["both"], phases=[cf.Alphabet(4)]), "of no alphabet"),
        (lambda: cf.Problem(MS, fixed=FIXED["both"], measure="envelope"), "have no envelope"),
        (lambda: cf.Problem(MS.as_complex(), fixed=FIXED["both"]), "the waveform is real, but the tones are complex"),
    ],
)
def test_what_makes_no_sense_is_refused(make, words):
    with pytest.raises(ValueError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_tones_and_fixed_waveform_are_counted_apart(run, tmp_path):
    t = np.arange(40) / 40
    np.savetxt(tmp_path / "cycle.csv", 2 * np.cos(2 * np.pi * t) + 0.5 * np.cos(2 * np.pi * 3 * t + 1) - 1.0)
    done = run("design", "--harmonics", "3:7", "--fixed", "cycle.csv:1s", "--starts", 1, "--out", "a.json")
    assert "tones         5 real, 3 Hz … 7 Hz, fundamental 1 Hz\n" in done.out
    rms = np.sqrt(2**2 / 2 + 0.5**2 / 2 + 1.0)
    assert f"fixed         2 lines, 1 Hz … 3 Hz and a constant of -1, not chosen; RMS {rms:.6g}\n" in done.out
    assert "tones and fixed waveform together" in done.out
    assert "no phases of the tones bring" in done.out
    design = cf.load(tmp_path / "a.json")
    x = signal(design, np.linspace(0.0, 1.0, 4001)[:-1])
    assert f", over the RMS of this sum, {np.sqrt(np.mean(x**2)):.6g}" in done.out
    assert design.summary()["fixed_tones"] == design.fixed_tones == 3
    assert design.own_tones.frequencies.tolist() == [3.0, 4.0, 5.0, 6.0, 7.0]
    told = run("explain", "a.json").out
    assert "5 tones, 3 Hz to 7 Hz" in told
    assert "A fixed waveform is added to them, 2 tones with fixed phases and a constant of -1" in told
    assert "(fixed)" in told
    assert "at 7 Hz (fixed)" not in told


@pytest.mark.parametrize("constant", [20.0, -20.0])
@pytest.mark.parametrize("measure", ["range", "one-sided"])
def test_a_large_constant_leaves_the_search_as_good_as_none(measure, constant):
    """Powers of samples far from zero tell no peaks from others: the constant is left out of them."""
    ms = cf.Multisine.harmonics(range(3, 15))
    plain = cf.minimize_peak(cf.Problem(ms, measure=measure), starts=4)
    moved = cf.minimize_peak(cf.Problem(ms, measure=measure, fixed=cf.FixedWaveform(offset=constant)), starts=4)
    x = signal(moved, np.linspace(0.0, 1.0, 20_001)) - constant
    height = x.max() if measure == "one-sided" else np.ptp(x) / 2
    assert height == pytest.approx(moved.worst.value - (constant if measure == "one-sided" else 0.0), rel=1e-4)
    assert height <= 1.002 * plain.worst.value


def test_outputs_with_constants_of_their_own_are_lowered_together():
    ms = cf.Multisine.harmonics(range(1, 7))
    outputs = [cf.Output(limit=10.0, name="a"), cf.Output(lambda f: np.where(f > 0, 1j, -0.5), limit=7.0, name="b")]
    problem = cf.Problem(ms, measure="one-sided", outputs=outputs, fixed=cf.FixedWaveform(offset=6.0))
    design = cf.minimize_peak(problem, starts=4)
    t = np.linspace(0.0, 1.0, 5001)
    rng = np.random.default_rng(0)

    def largest(phases):
        z = np.exp(1j * (2 * np.pi * np.outer(t, ms.frequencies) + phases))
        return max((z.real.sum(axis=1).max() + 6.0) / 10.0, ((1j * z).real.sum(axis=1).max() - 3.0) / 7.0)

    assert design.figure == pytest.approx(largest(design.phases[:6]), rel=1e-4)
    assert design.figure < min(largest(rng.uniform(0, 2 * np.pi, 6)) for _ in range(50))


def test_a_file_of_complex_samples_is_added_to_complex_tones(run, tmp_path):
    t = np.arange(32) / 32
    np.save(tmp_path / "z.npy", 0.7 * np.exp(2j * np.pi * 2 * t) + 0.2j)
    text = '[tones]\nharmonics = "5:8"\ncomplex = {}\n[fixed]\nfile = "z.npy"\n{}'
    (tmp_path / "good.toml").write_text(text.format("true", 'period_s = "1 s"\n'))
    (tmp_path / "real.toml").write_text(text.format("false", "period_s = 1.0\n"))
    (tmp_path / "rate.toml").write_text(text.format("true", ""))
    (tmp_path / "both.toml").write_text(text.format("true", "period_s = 1.0\nsample_rate_hz = 32\n"))
    found = [cf.files.read_problem(tmp_path / "good.toml").fixed]
    options = ("--harmonics", "5:8", "--complex", "--fixed", "z.npy:1s", "--starts", 1, "--out", "a.json")
    assert run("design", *options).code == 0
    found.append(cf.load(tmp_path / "a.json").problem.fixed)
    for fixed in found:
        assert fixed.tones.frequencies.tolist() == [0.0, 2.0]
        np.testing.assert_allclose(fixed.tones.amplitudes, [0.2, 0.7], rtol=1e-12)
        np.testing.assert_allclose(fixed.tones.initial_phases, [np.pi / 2, 0.0], atol=1e-12)
    for name, said in (
        ("real.toml", "the samples are complex; give a real signal, or say in [tones] that the tones are complex"),
        ("rate.toml", "fixed: the file says no sample rate; give sample_rate_hz or period_s, too"),
        ("both.toml", "fixed: give either sample_rate in Hz or period in seconds"),
    ):
        refused = run("design", name)
        assert refused.is_one_line_error()
        assert said in refused.err
    refused = run("design", "--harmonics", "5:8", "--fixed", "z.npy:1s")
    assert "z.npy: the samples are complex; give a real signal, or complex tones: --complex" in refused.err


def test_a_path_of_windows_is_not_taken_for_a_file_and_a_time(run):
    for path in (r"C:\data\cycle.csv", "C:cycle.csv"):
        refused = run("design", "--harmonics", "1:3", "--fixed", path)
        assert refused.is_one_line_error()
        assert f"{path} cannot be read" in refused.err


@pytest.mark.parametrize(
    ("samples", "period", "kept"),
    [
        ([0, 3, 1, 2, 0], 4.0, 4),  # from 0 s to 4 s, both ends included
        ([0, 3, 1, 2, 0], 2.0, 4),  # two periods of the tones
        ([0, 3, 1, 2, 0], 5.0, 5),  # a period of its own, whose ends happen to be equal
        ([0, 3, 1, 2, 0], 3.0, 5),
        ([0, 3, 1, 2, 1], 4.0, 5),
        ([0, 0], 1.0, 2),
    ],
)
def test_a_last_sample_that_repeats_the_first_is_left_out_where_the_periods_say_so(samples, period, kept):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = without_repeated_end(np.array(samples, float), 1.0, cf.Multisine([1.0 / period]))
    assert found.tolist() == samples[:kept]
    assert ["the last sample repeats the first" in str(each.message) for each in caught] == [True] * (
        kept < len(samples)
    )


def test_a_cycle_with_both_ends_is_one_period_in_a_problem_file():
    text = (
        '[tones]\nharmonics = "1, 2"\nfundamental_hz = 0.25\n[fixed]\nsamples = [0, 3, 1, 2, 0]\nsample_rate_hz = 1\n'
    )
    with pytest.warns(cf.CrestfallWarning, match="the last sample repeats the first"):
        problem = problem_from_text(text)
    assert problem.fixed.tones.frequencies.tolist() == [0.25, 0.5]
    assert problem.fixed.offset == pytest.approx(1.5)


def test_free_amplitudes_are_refused_by_the_table_before_responses_at_the_fixed_tones_are_missed():
    ms, fixed = cf.Multisine([1.0, 2.0]), cf.FixedWaveform(offset=1.0)
    response = cf.Output([1.0, 0.5, 2.0], limit=1.0)  # at both tones, and at 0 Hz
    with pytest.raises(ValueError, match="a fixed waveform cannot be combined with tolerance_db or extra"):
        cf.Problem(ms, fixed=fixed, outputs=[response], tolerance_db=1.0)
    assert cf.Problem(ms, fixed=fixed, outputs=[response]).tones.n == 3
