"""Designs for the larger of I and Q, against brute force, two real outputs, and direct sums."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import PATH
from crestfall.problem.compatibility import IncompatibleError


def parts(ms, phases, count=40_000, start=0.0, duration=None):
    """I and Q, summed tone by tone on a dense grid."""
    t = start + np.arange(count) / count * (ms.period if duration is None else duration)
    z = np.exp(2j * np.pi * np.outer(t, ms.frequencies)) @ (ms.amplitudes * np.exp(1j * np.asarray(phases)))
    return z.real, z.imag


def larger(ms, phases, **times):
    return max(np.abs(part).max() for part in parts(ms, phases, **times))


def test_few_tones_come_to_what_brute_force_finds():
    ms = cf.Multisine.harmonics([-1, 0, 2], 1.0, [1.0, 0.8, 0.6], True)
    t = np.arange(360) / 360
    waves = ms.amplitudes[:, None] * np.exp(2j * np.pi * np.outer(ms.harmonic_numbers, t))
    angles = np.linspace(0.0, 2.0 * np.pi, 121)[:-1]
    # A shift in time takes one phase to zero, whatever the others.
    grids = (np.exp(1j * a) * waves[1] + np.exp(1j * b) * waves[2] + waves[0] for a in angles for b in angles)
    least = min(max(np.abs(z.real).max(), np.abs(z.imag).max()) for z in grids)
    design = cf.minimize_peak(ms, measure="components", starts=64)
    assert design.peak <= least * (1 + 1e-4)
    assert design.peak >= 0.97 * least  # half a step of both angles moves the peak by less
    assert larger(ms, design.phases) == pytest.approx(design.peak, rel=1e-7)


def test_the_optimum_of_two_tones():
    """1 + e^{it}: with phase θ of the first, the larger of 1 + |cos θ| and 1 + |sin θ| is least at 45°."""
    design = cf.minimize_peak(cf.Multisine([0.0, 1.0], complex=True), measure="components")
    assert design.peak == pytest.approx(1.0 + np.sqrt(0.5), rel=1e-9)
    assert design.figure == pytest.approx((1.0 + np.sqrt(0.5)) / np.sqrt(2.0), rel=1e-9)


def test_it_is_the_problem_of_two_real_outputs():
    """Above 0 Hz, I and Q are two responses of one real drive."""
    numbers = [1, 2, 3, 5, 8, 9, 12]
    both = cf.minimize_peak(cf.Multisine.harmonics(numbers, complex=True), measure="components", starts=48, seed=4)
    outputs = [cf.Output(name="I"), cf.Output(-1j, name="Q")]
    two = cf.minimize_peak(cf.Multisine.harmonics(numbers), outputs=outputs, starts=48, seed=4)
    assert both.peak == pytest.approx(two.worst.value, rel=1e-9)
    assert both.certificate.is_strict_minimum
    assert two.certificate.is_strict_minimum
    assert len(both.certificate.times) == len(two.certificate.times)


@pytest.mark.parametrize("numbers", [range(1, 17), range(-8, 8)], ids=["above zero", "around zero"])
def test_it_beats_the_design_for_the_envelope(numbers):
    ms = cf.Multisine.harmonics(numbers, complex=True)
    envelope = cf.minimize_peak(ms, starts=32)
    turned = min(larger(ms, envelope.phases + angle) for angle in np.linspace(0.0, np.pi / 2, 46))
    design = cf.minimize_peak(ms, measure="components", starts=32)
    assert larger(ms, design.phases) < 0.99 * turned
    assert design.peak_interval[0] <= larger(ms, design.phases) * (1 + 1e-7)
    assert larger(ms, design.phases) <= design.peak_interval[1]


def test_the_certificate_lists_equal_peaks_of_both_parts():
    ms = cf.Multisine.harmonics([-6, -4, -1, 0, 1, 3, 5], 2.0, [1.0, 0.5, 0.8, 1.0, 0.7, 1.2, 0.6], True)
    design = cf.minimize_peak(ms, measure="components", starts=32, seed=1)
    proof = design.certificate
    assert proof.is_stationary
    z = np.exp(2j * np.pi * np.outer(proof.times, ms.frequencies)) @ (ms.amplitudes * np.exp(1j * design.phases))
    np.testing.assert_allclose((proof.signs.conj() * z).real, design.peak, rtol=1e-8)
    assert set(np.round(proof.signs, 12)) <= {1.0, -1.0, 1j, -1j}
    assert {0.0, 1.0} == set(np.abs(np.round(proof.signs.real, 12)))  # some of I, some of Q
    assert proof.outputs.max() == 0
    # The gradient of each height by the phases, and a convex combination that vanishes.
    tones = ms.amplitudes * np.exp(1j * (2 * np.pi * np.outer(proof.times, ms.frequencies) + design.phases))
    gradients = -(proof.signs.conj()[:, None] * tones).imag
    assert np.linalg.norm(proof.multipliers @ gradients) <= 1e-7 * design.peak
    # No peak of either part is missed.
    for part in parts(ms, design.phases):
        assert np.abs(part).max() <= design.peak * (1 + 1e-12)


@pytest.mark.parametrize("over", [cf.Period(), cf.Samples(70), cf.Window(0.1, 1.3)])
def test_gradients_agree_with_finite_differences(over):
    ms = cf.Multisine.harmonics([-5, -2, 0, 1, 2, 7], 1.0, [1.0, 0.5, 0.8, 0.8, 0.5, 1.0], True)
    compiled = CompiledProblem(cf.Problem(ms, over=over, measure="components"))
    phases = np.random.default_rng(6).uniform(0.0, 6.0, 6)
    for stage in PATH:
        space = compiled.space(stage)
        _, gradient = space.value_and_gradient(phases[None])
        for k in range(6):
            moved = np.stack([phases, phases])
            moved[:, k] += [1e-6, -1e-6]
            values, _ = space.value_and_gradient(moved)
            assert gradient[0, k] == pytest.approx((values[0] - values[1]) / 2e-6, abs=2e-5)


def test_samples_are_scaled_to_what_two_converters_take():
    design = cf.minimize_peak(cf.Multisine.harmonics(range(-4, 4), 10.0, complex=True), measure="components", starts=8)
    x = design.waveform(sample_rate=8192.0, peak=1.0)
    assert 0.999 < max(np.abs(x.real).max(), np.abs(x.imag).max()) <= 1.0
    assert np.abs(x).max() > 1.0
    assert design.rms == pytest.approx(np.sqrt(8.0))
    assert design.crest_factor == pytest.approx(design.peak / np.sqrt(8.0))


def test_inputs_that_differ_by_right_angles_are_one_problem():
    ms = cf.Multisine.harmonics(range(1, 9), complex=True)
    dft = cf.Problem(ms, channels=cf.Orthogonal(4, matrix="dft"), measure="components")
    (part,) = cf.Design.of(dft, np.zeros(8)).parts
    assert part.problem.outputs == ()
    design = cf.minimize_peak(dft, starts=8)
    for row in design.channels:
        for one in row:
            assert larger(one.multisine, one.phases) == pytest.approx(design.peak, rel=1e-6)
    # A third of a turn is not a right angle: all three rotations count.
    chirp = cf.Problem(ms, channels=cf.Orthogonal(3, matrix="dft"), measure="components")
    (part,) = cf.Design.of(chirp, np.zeros(8)).parts
    assert len(part.problem.outputs) == 3
    design = cf.minimize_peak(chirp, starts=8)
    peaks = [larger(one.multisine, one.phases) for row in design.channels for one in row]
    assert max(peaks) == pytest.approx(design.peak, rel=1e-6)
    assert design.figure == pytest.approx(max(peaks) / np.sqrt(8.0), rel=1e-6)


def test_amplitudes_that_may_move_have_a_bound_of_their_own():
    ms = cf.Multisine.harmonics([-3, -1, 0, 1, 2, 4], complex=True)
    extra = cf.ExtraTones([-4.0, 5.0], largest=0.3)
    design = cf.minimize_peak(ms, measure="components", tolerance_db=1.0, extra=extra, starts=16)
    fixed = cf.minimize_peak(ms, measure="components", starts=16)
    assert design.figure < fixed.figure
    report = design.amplitude_report
    wanted = np.linalg.norm(design.multisine.amplitudes[:6])
    assert report.crest_factor == pytest.approx(larger(design.multisine, design.phases) / wanted, rel=1e-6)
    assert np.sqrt(0.5) < report.lower_bound < report.crest_factor
    assert design.lower_bound < design.figure


@pytest.mark.parametrize("sign", [1, -1])
def test_in_a_narrow_band_both_parts_reach_the_envelope(sign):
    ms = cf.Multisine.harmonics(sign * np.array([9000, 9001, 9003, 9006, 9010]), complex=True)
    design = cf.minimize_peak(ms, measure="components", starts=8, use_atlas=False)
    assert "of the envelope" in design.status
    assert larger(ms, design.phases, count=300_000) == pytest.approx(design.peak, rel=2e-3)
    assert larger(ms, design.phases, count=300_000) <= design.peak_interval[1]
    assert design.certificate.is_stationary
    far = cf.Multisine(sign * 1e9 + np.array([0.0, 1.0, 3.0, 6.0, 10.0]), complex=True)
    again = cf.minimize_peak(far, measure="components", starts=8, use_atlas=False)
    assert again.peak == pytest.approx(design.peak, rel=2e-3)
    low, high = again.peak_interval
    assert high - low < 1e-6


def test_refusals_say_why():
    ms = cf.Multisine.harmonics(range(4), complex=True)
    with pytest.raises(IncompatibleError, match="measure 'components' cannot be combined with real tones"):
        cf.minimize_peak(cf.Multisine([1.0, 2.0]), measure="components")
    for asked in ({"prove": True}, {"method": "clip"}, {"start_at_zero": True}):
        with pytest.raises(IncompatibleError):
            cf.minimize_peak(ms, measure="components", **asked)


def test_a_design_and_its_problem_come_back_from_a_file(tmp_path):
    ms = cf.Multisine.harmonics([-2, 0, 1, 3], 10.0, complex=True)
    design = cf.minimize_peak(ms, measure="components", starts=8)
    for name in ("design.json", "design.wav", "design.csv", "design.npz", "design.mat"):
        design.save(tmp_path / name)
        again = cf.load(tmp_path / name)
        assert again.problem == design.problem
        assert again.peak == pytest.approx(design.peak, rel=1e-12)
        assert again.figure == pytest.approx(design.figure, rel=1e-12)
