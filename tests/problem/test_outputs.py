import numpy as np
import pytest
from scipy import optimize, signal

import crestfall as cf


def low_pass(f):
    return 1.0 / (1.0 + 1j * f / 20.0)


def test_systems_of_scipy_arrays_and_functions_agree():
    ms = cf.Multisine.harmonics(range(1, 11), fundamental=5.0)
    system = signal.lti([1.0], [1 / (2 * np.pi * 20.0), 1.0])
    by_function = cf.Output(low_pass).responses(ms)
    np.testing.assert_allclose(cf.Output(system).responses(ms), by_function, rtol=1e-12)
    np.testing.assert_allclose(cf.Output(low_pass(ms.frequencies)).responses(ms), by_function)


def test_discrete_systems_use_their_sample_time():
    ms = cf.Multisine([1.0, 2.0, 3.0])
    system = signal.dlti([1.0, 1.0], [2.0, 0.0], dt=0.01)  # mean of two samples
    expected = (1 + np.exp(-2j * np.pi * ms.frequencies * 0.01)) / 2
    np.testing.assert_allclose(cf.Output(system).responses(ms), expected, rtol=1e-12)


def test_slew_rate_and_integral_are_what_differentiation_says():
    ms = cf.Multisine([1.0, 3.0, 4.0], [1.0, 0.5, 0.2])
    phases = np.array([0.3, 2.0, 1.0])
    t = np.linspace(0, 1, 200_001)
    x = np.cos(2 * np.pi * np.outer(t, ms.frequencies) + phases) @ ms.amplitudes
    design = cf.Design.of(cf.Problem(ms, outputs=[cf.slew_rate(10.0), cf.integral(1.0)]), phases)
    peaks = {report.name: report.peak for report in design.signals}
    assert peaks["slew rate"] == pytest.approx(np.max(np.abs(np.gradient(x, t))), rel=1e-6)
    running = np.cumsum(x) * (t[1] - t[0])
    running -= np.mean(running[:-1])
    assert peaks["integral"] == pytest.approx(np.max(np.abs(running)), rel=1e-3)


def test_drive_and_response_are_small_together():
    """Guillaume's second problem: input and output crest factors at once."""
    ms = cf.Multisine.harmonics(range(1, 16), fundamental=4.0)
    amplitudes = np.abs(low_pass(ms.frequencies))
    rms_in, rms_out = np.sqrt(ms.n / 2), np.sqrt(np.sum(amplitudes**2) / 2)
    both = [cf.Output(limit=rms_in, name="input"), cf.Output(low_pass, rms_out, "output")]
    joint = cf.minimize_peak(ms, outputs=both, starts=256)
    alone = cf.minimize_peak(ms, starts=256, use_atlas=False)
    worst = {id(design): 0.0 for design in (joint, alone)}
    t = np.arange(8192) / 8192 * ms.period
    carrier = np.exp(2j * np.pi * np.outer(t, ms.frequencies))
    for design in (joint, alone):
        for response, rms in ((1.0, rms_in), (low_pass(ms.frequencies), rms_out)):
            peak = np.max(np.abs((carrier @ (response * np.exp(1j * design.phases))).real))
            worst[id(design)] = max(worst[id(design)], peak / rms)
    assert worst[id(joint)] < worst[id(alone)] * 0.97
    assert joint.worst.share == pytest.approx(worst[id(joint)], rel=1e-5)
    assert joint.worst.share < 1.55


def joint_problem(harmonics):
    """Tones with the limits that make shares crest factors: of the drive and of its low-passed response."""
    ms = cf.Multisine.harmonics(harmonics, fundamental=4.0)
    rms_out = np.linalg.norm(low_pass(ms.frequencies)) / np.sqrt(2)
    outputs = [cf.Output(limit=np.sqrt(ms.n / 2), name="input"), cf.Output(low_pass, rms_out, "output")]
    return ms, outputs


def larger_crest_factor(ms, phases, n_samples):
    """The larger of both crest factors of phases ``(…, n)``, by direct summation over a period."""
    tones = np.exp(2j * np.pi * np.outer(ms.harmonic_numbers, np.arange(n_samples)) / n_samples)
    found = []
    for response in (np.ones(ms.n), low_pass(ms.frequencies)):
        x = ((response * np.exp(1j * phases)) @ tones).real
        found.append(np.max(np.abs(x), axis=-1) / np.sqrt(np.mean(x**2, axis=-1)))
    return np.maximum(*found)


def test_the_joint_crest_factor_is_that_of_brute_force():
    """Guillaume's second problem for four tones: all phases on a grid, the best then lowered by a simplex search."""
    ms, outputs = joint_problem([1, 2, 3, 5])
    joint = cf.minimize_peak(ms, outputs=outputs, starts=256)
    steps = 2 * np.pi * np.arange(36) / 36
    grid = np.stack(np.meshgrid([0.0], steps, steps, steps, indexing="ij"), axis=-1).reshape(
        -1, 4
    )  # a time shift is free
    coarse = larger_crest_factor(ms, grid, 60)
    lowered = [
        optimize.minimize(
            lambda free: larger_crest_factor(ms, np.append(0.0, free), 1024),
            grid[k, 1:],
            method="Nelder-Mead",
            options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 300},
        ).fun
        for k in np.argsort(coarse)[:6]
    ]
    assert joint.figure == pytest.approx(min(lowered), abs=2e-4)
    assert joint.figure == pytest.approx(max(report.crest_factor for report in joint.signals), rel=1e-12)
    assert joint.certificate.is_strict_minimum


def test_the_joint_optimum_is_balanced_between_input_and_output():
    ms, outputs = joint_problem(range(1, 16))
    joint = cf.minimize_peak(ms, outputs=outputs, starts=128)
    proof = joint.certificate
    assert proof.is_strict_minimum
    weights = [float(proof.multipliers[proof.outputs == number].sum()) for number in (0, 1)]
    assert min(weights) > 0.05  # both bind: neither could be lowered without the other
    assert joint.signals[0].crest_factor == pytest.approx(joint.signals[1].crest_factor, rel=1e-8)
    assert joint.figure == pytest.approx(float(larger_crest_factor(ms, joint.phases, 8192)), rel=1e-5)


def test_the_largest_drive_respects_every_limit_and_one_binds():
    ms = cf.Multisine.harmonics(range(1, 8))
    design = cf.minimize_peak(ms, outputs=[cf.Output(limit=10.0), cf.slew_rate(50.0)], starts=32)
    factor = design.largest_drive / design.peak
    shares = [report.share * factor for report in design.signals]
    assert max(shares) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="nothing limits the drive"):
        _ = cf.minimize_peak(ms, starts=1).largest_drive


def test_no_response_at_zero_frequency_is_refused_by_name():
    ms = cf.Multisine.harmonics([0, 1], complex=True)
    with pytest.raises(ValueError, match=r"output 'slew rate': response\[0\] is 0\+0j at 0 Hz"):
        cf.minimize_peak(ms, outputs=[cf.slew_rate(1.0)])
    with pytest.raises(ValueError, match="output 'integral'"):
        cf.minimize_peak(ms, outputs=[cf.integral(1.0)])
