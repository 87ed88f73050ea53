"""Methods of the literature: their algebra, their manners, and that they do what their papers say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.literature import METHODS, clip, l2p, run_baseline
from crestfall.literature.l2p import PowerResiduals
from crestfall.synthesis import Synthesis, band_numbers

NAMES = sorted(METHODS)


def dense_peak(ms, phases, n_samples=8192):
    t = np.arange(n_samples) / n_samples * ms.period
    z = np.exp(2j * np.pi * np.outer(t, ms.frequencies)) @ (ms.amplitudes * np.exp(1j * phases))
    return np.max(np.abs(z if ms.complex else z.real))


@st.composite
def residuals(draw):
    complex = draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    numbers = np.sort(rng.choice(np.arange(0 if complex else 1, 12), 5, replace=False))
    synthesis = Synthesis(numbers, 64, complex=complex)
    amplitudes = rng.uniform(0.3, 1.0, 5)
    exponent = draw(st.sampled_from([2, 4, 8]))
    return PowerResiduals(synthesis, numbers, amplitudes, exponent), rng.uniform(0, 2 * np.pi, 5)


@settings(max_examples=30, deadline=None)
@given(residuals())
def test_normal_equations_are_those_of_the_dense_jacobian(case):
    power, phases = case
    c = power.amplitudes * np.exp(1j * phases)
    t = 2 * np.pi * np.arange(64) / 64
    tones = np.exp(1j * np.outer(t, power.numbers)) * c
    x = tones.sum(axis=1) if power.synthesis.complex else tones.sum(axis=1).real
    peak = np.max(np.abs(x))
    x, tones = x / peak, tones / peak
    p = power.exponent
    # d|x|^p/dθ_k = p |x|^(p-2) Re(conj(x) i c_k e^{iht})
    jacobian = p * (np.abs(x) ** (p - 2))[:, None] * np.real(np.conj(x)[:, None] * 1j * tones)
    matrix, gradient = power.normal_equations(phases)
    np.testing.assert_allclose(matrix, jacobian.T @ jacobian, atol=1e-9 * np.max(np.abs(matrix)))
    np.testing.assert_allclose(gradient, jacobian.T @ np.abs(x) ** p, atol=1e-9 * p * 64)


@settings(max_examples=30, deadline=None)
@given(residuals())
def test_the_right_side_is_the_gradient_of_the_norm(case):
    power, phases = case
    _, gradient = power.normal_equations(phases)
    norm, peak = power.norm_and_peak(phases)
    # gradient of Σ (|x|/peak)^2p / 2 by finite differences of the norm
    step = 1e-6
    for k in range(5):
        moved = [power.norm_and_peak(phases + sign * step * np.eye(5)[k])[0] for sign in (1, -1)]
        slope = (moved[0] - moved[1]) / (2 * step)
        expected = 64 * power.exponent * (norm / peak) ** (2 * power.exponent) / norm * slope
        assert gradient[k] == pytest.approx(expected, abs=2e-4 * power.exponent * 64)


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize("method", [clip, l2p])
def test_every_step_is_measured_and_ends_lower(method, complex):
    ms = cf.Multisine.harmonics(range(1, 16), 5.0, np.linspace(1.0, 0.3, 15), complex)
    steps = list(method(ms, cf.schroeder(ms)))
    np.testing.assert_array_equal(steps[0].phases, cf.schroeder(ms))
    for step in steps[:: max(1, len(steps) // 20)]:
        # Ehlich and Zeller: with 8 samples per period of the highest tone the peak is at most 1/cos(π/8) higher
        assert np.cos(np.pi / 8) <= step.sample_peak / dense_peak(ms, step.phases) <= 1 + 1e-3
    assert min(step.sample_peak for step in steps) < 0.9 * steps[0].sample_peak


def test_clipping_moves_phases_only():
    ms = cf.Multisine.harmonics([1, 2, 5, 9], amplitudes=[1.0, 0.4, 0.7, 0.2])
    numbers = band_numbers(ms)
    for step in list(clip(ms, cf.schroeder(ms)))[::250]:
        spectrum = np.fft.rfft(Synthesis(numbers, 64, complex=False).samples(ms.coefficients(step.phases)))
        np.testing.assert_allclose(np.abs(spectrum[numbers]) / 32, ms.amplitudes, rtol=1e-12)


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_the_design_is_what_a_dense_grid_says(name, complex):
    ms = cf.Multisine.harmonics(range(1, 21), 10.0, complex=complex)
    design = cf.minimize_peak(ms, method=name)
    assert dense_peak(ms, design.phases) == pytest.approx(design.peak, rel=1e-4)
    assert dense_peak(ms, design.phases) <= design.peak * (1 + 1e-12)
    assert design.provenance.method == METHODS[name].title
    assert design.status.startswith("not converged")


@pytest.mark.parametrize("n", [15, 31])
def test_each_generation_beats_the_one_before(n):
    ms = cf.Multisine.harmonics(range(1, n + 1))
    found = {name: cf.minimize_peak(ms, method=name).crest_factor for name in ("schroeder", "clip", "l2p")}
    ours = cf.minimize_peak(ms, use_atlas=False).crest_factor
    assert ours < found["l2p"] < found["clip"] < found["schroeder"]
    assert found["schroeder"] == pytest.approx(cf.crest_factor(ms, cf.schroeder(ms)), rel=1e-12)


@pytest.mark.parametrize("name", ["clip", "l2p"])
def test_more_starts_never_hurt_and_repeat(name):
    ms = cf.Multisine.harmonics(range(1, 9))
    one, three, again = (cf.minimize_peak(ms, method=name, starts=k, seed=2) for k in (1, 3, 3))
    assert three.crest_factor <= one.crest_factor
    np.testing.assert_array_equal(three.phases, again.phases)
    assert three.provenance.starts == 3


@pytest.mark.parametrize("name", ["clip", "l2p"])
def test_target_time_limit_and_callback_end_a_run(name):
    ms = cf.Multisine.harmonics(range(1, 65))
    assert "time limit" in run_baseline(ms, name, starts=10**6, time_limit=0.05).status
    assert "target reached" in run_baseline(ms, name, target=1.6).status

    def stop(progress):
        raise StopIteration

    assert "progress callback" in run_baseline(ms, name, starts=10**6, progress=stop).status


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "magic"}, "method is 'magic'; choose one of 'minimax', 'schroeder', 'clip', 'l2p'"),
        ({"method": "l2p", "n_points": 64}, "method 'l2p' lowers the true peak"),
        ({"method": "clip", "measure": "range"}, "method 'clip' lowers the true peak"),
        ({"method": "schroeder", "starts": 3}, "a formula with one answer"),
    ],
)
def test_what_cannot_be_done_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        cf.minimize_peak(cf.Multisine([1.0, 2.0, 3.0]), **arguments)


def test_repeated_frequencies_are_refused_but_not_by_the_formula():
    ms = cf.Multisine([1.0, 1.0, 2.0])
    for name in ("clip", "l2p"):
        with pytest.raises(ValueError, match="a frequency occurs twice"):
            cf.minimize_peak(ms, method=name)
    assert cf.minimize_peak(ms, method="schroeder").peak > 0
