"""Systems of python-control as outputs, against the same systems of scipy.signal and against the formula."""

import numpy as np
import pytest
from scipy import signal

import crestfall as cf

control = pytest.importorskip("control")

MS = cf.Multisine.harmonics(range(1, 13), 5.0)
NUMERATOR, DENOMINATOR = [2.0, 30.0], [1.0, 12.0, 4e4]  # a resonance at 32 Hz
S = 2j * np.pi * MS.frequencies


def responses(system):
    return cf.Output(system).responses(MS)


def test_a_continuous_transfer_function():
    ours = responses(control.tf(NUMERATOR, DENOMINATOR))
    assert ours == pytest.approx(np.polyval(NUMERATOR, S) / np.polyval(DENOMINATOR, S), rel=1e-12)
    assert ours == pytest.approx(responses(signal.TransferFunction(NUMERATOR, DENOMINATOR)), rel=1e-10)


def test_a_continuous_state_space_system():
    matrices = signal.tf2ss(NUMERATOR, DENOMINATOR)
    ours = responses(control.ss(*matrices))
    assert ours == pytest.approx(responses(signal.StateSpace(*matrices)), rel=1e-9)
    assert ours == pytest.approx(np.polyval(NUMERATOR, S) / np.polyval(DENOMINATOR, S), rel=1e-9)


def test_a_sampled_system_knows_its_rate():
    b, a, dt = [0.2, 0.1], [1.0, -1.2, 0.5], 1e-3
    ours = responses(control.tf(b, a, dt))
    z = np.exp(S * dt)
    assert ours == pytest.approx(np.polyval(b, z) / np.polyval(a, z), rel=1e-12)
    assert ours == pytest.approx(responses(signal.TransferFunction(b, a, dt=dt)), rel=1e-10)


def test_a_frequency_response_that_was_measured():
    omega = 2.0 * np.pi * MS.frequencies
    exact = np.polyval(NUMERATOR, S) / np.polyval(DENOMINATOR, S)
    assert responses(control.frd(exact, omega)) == pytest.approx(exact, rel=1e-9)


def test_a_system_with_two_outputs_is_refused():
    two = control.ss([[-1.0]], [[1.0]], [[1.0], [2.0]], [[0.0], [0.0]])
    with pytest.raises(ValueError, match="several inputs or outputs"):
        responses(two)
    assert responses(two[1, 0]) == pytest.approx(2.0 / (S + 1.0), rel=1e-9)


def test_a_design_with_a_limit_on_it_is_the_one_that_scipy_gives():
    drive = cf.Output(limit=5.0)
    limit = 0.02
    designs = [
        cf.minimize_peak(MS, outputs=[drive, cf.Output(system, limit=limit, name="travel")], starts=8)
        for system in (control.tf(NUMERATOR, DENOMINATOR), signal.TransferFunction(NUMERATOR, DENOMINATOR))
    ]
    assert designs[0].worst.share == pytest.approx(designs[1].worst.share, rel=1e-6)
    t = np.linspace(0.0, MS.period, 20_001)
    travel = np.exp(np.outer(t, S)) @ (responses(control.tf(NUMERATOR, DENOMINATOR)) * np.exp(1j * designs[0].phases))
    reported = next(report for report in designs[0].signals if report.name == "travel")
    assert np.abs(travel.real).max() == pytest.approx(reported.peak, rel=1e-5)


def test_a_pole_of_a_state_space_system_at_a_tone_is_refused():
    undamped = signal.StateSpace([[0.0, 1.0], [-((2 * np.pi * 5.0) ** 2), 0.0]], [[0.0], [1.0]], [[1.0, 0.0]], [[0.0]])
    with pytest.raises(ValueError, match=r"response\[0\] is .* at 5 Hz"):
        cf.Output(undamped).responses(MS)
