"""The polish ends at certified local minima of the true peak, for any tones, and never makes the peak higher."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.polish import certify, polish
from crestfall.engine.polish.curvature import peak_hessian
from crestfall.engine.polish.peaks import Signal
from crestfall.engine.polish.stack import Stack
from crestfall.engine.solvers.continuation import LATE, PATH, follow


def never():
    return False


def dense_peak(ms, phases, per_cycle=64):
    n_samples = per_cycle * int(np.max(np.abs(ms.harmonic_numbers)))
    t = np.arange(n_samples) / n_samples
    z = np.exp(2j * np.pi * np.outer(t, ms.harmonic_numbers)) @ (ms.amplitudes * np.exp(1j * phases))
    return np.max(np.abs(z if ms.complex else z.real))


def p_norm_solutions(ms, starts, seed=0):
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, (starts, ms.n))
    return follow(CompiledProblem(cf.Problem(ms)), phases, PATH[: LATE + 3], never)[0]


CASES = {
    "flat": lambda n, rng: (np.arange(1, n + 1), np.ones(n)),
    "weighted": lambda n, rng: (np.arange(1, n + 1), rng.uniform(0.1, 1, n)),
    "sparse": lambda n, rng: (np.sort(rng.choice(np.arange(1, 4 * n + 1), n, replace=False)), np.ones(n)),
}


@pytest.mark.parametrize("is_complex", [False, True], ids=["real", "complex"])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("n", [2, 3, 5, 8, 16, 31, 64])
def test_it_ends_at_certified_strict_minima(n, case, is_complex):
    numbers, amplitudes = CASES[case](n, np.random.default_rng(n))
    ms = cf.Multisine.harmonics(numbers, amplitudes=amplitudes, complex=is_complex)
    for phases in p_norm_solutions(ms, 3 if n <= 31 else 1):
        found = polish(cf.Problem(ms), phases)
        assert found.converged, found
        assert found.peak <= cf.true_peak(ms, phases) * (1 + 1e-12)
        low, high = cf.peak_interval(ms, found.variables)
        assert low * (1 - 1e-12) <= found.peak <= high * (1 + 1e-12)
        assert dense_peak(ms, found.variables) <= found.peak * (1 + 1e-12)
        proof = certify(cf.Problem(ms), found.variables)
        assert proof.is_strict_minimum, proof
        assert proof.residual <= 1e-8
        assert proof.spread <= 1e-9


def test_the_certificate_agrees_with_direct_summation():
    ms = cf.Multisine.harmonics(range(1, 13), fundamental=3.0)
    proof = cf.minimize_peak(ms, starts=16, use_atlas=False).certificate
    phases = cf.minimize_peak(ms, starts=16, use_atlas=False).phases
    angle = 2 * np.pi * np.outer(proof.times, ms.frequencies) + phases
    x = np.cos(angle).sum(axis=1)
    np.testing.assert_allclose(np.abs(x), proof.heights, rtol=1e-12)
    np.testing.assert_allclose(np.sign(x), proof.signs.real)
    gradients = -np.sign(x)[:, None] * np.sin(angle) / proof.peak
    assert np.linalg.norm(proof.multipliers @ gradients) == pytest.approx(proof.residual, abs=1e-12)
    assert proof.multipliers.sum() == pytest.approx(1.0)
    assert np.all(proof.multipliers > 0)
    slopes = (-2 * np.pi * ms.frequencies * np.sin(angle)).sum(axis=1)
    assert np.max(np.abs(slopes)) < 1e-8 * np.sum(2 * np.pi * ms.frequencies)


def test_no_neighbour_of_a_minimum_is_lower():
    ms = cf.Multisine.harmonics(range(1, 9))
    phases = cf.minimize_peak(ms, starts=8, use_atlas=False).phases
    height = cf.true_peak(ms, phases)
    rng = np.random.default_rng(0)
    for size in (1e-2, 1e-3, 1e-4):
        for _ in range(30):
            assert cf.true_peak(ms, phases + size * rng.standard_normal(8)) >= height * (1 - 1e-12)


@pytest.mark.parametrize("is_complex", [False, True])
def test_the_hessian_agrees_with_finite_differences(is_complex):
    rng = np.random.default_rng(3)
    ms = cf.Multisine.harmonics([1, 2, 4, 5, 7], amplitudes=rng.uniform(0.5, 1, 5), complex=is_complex)
    signal = Signal.of(ms)
    phases = rng.uniform(0, 2 * np.pi, 5)
    peaks = signal.peaks(phases, 0.5)
    weights = rng.uniform(0, 1, len(peaks.times))

    def gradient(theta):
        moved = signal.climb(theta, peaks.times.copy(), 1e-2)
        return weights @ -moved.tones.imag

    step = 1e-6
    columns = [(gradient(phases + step * e) - gradient(phases - step * e)) / (2 * step) for e in np.eye(5)]
    np.testing.assert_allclose(peak_hessian(Stack.of(cf.Problem(ms)), peaks, weights), np.array(columns), atol=1e-6)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32), st.integers(1, 9), st.booleans())
def test_it_never_makes_the_peak_higher(seed, n, is_complex):
    rng = np.random.default_rng(seed)
    numbers = rng.choice(np.arange(1, 30), n, replace=False)
    ms = cf.Multisine.harmonics(numbers, amplitudes=10 ** rng.uniform(-2, 2, n), complex=is_complex)
    phases = rng.uniform(0, 2 * np.pi, n)
    found = polish(cf.Problem(ms), phases, max_iterations=20)
    assert cf.true_peak(ms, found.variables) <= cf.true_peak(ms, phases) * (1 + 1e-10)


def test_all_phases_zero_is_left():
    ms = cf.Multisine.harmonics(range(1, 9))
    found = polish(cf.Problem(ms), np.zeros(8))
    assert found.converged
    assert found.peak < 3.2


@pytest.mark.parametrize("n_samples", [40, 64, 160])
def test_samples_are_polished_too(n_samples):
    ms = cf.Multisine.harmonics(range(1, 13))
    phases = p_norm_solutions(ms, 1)[0]
    problem = cf.Problem(ms, over=cf.Samples(n_samples))
    found = polish(problem, phases)
    assert found.converged
    t = np.arange(n_samples) / n_samples
    samples = np.cos(2 * np.pi * np.outer(t, ms.harmonic_numbers) + found.variables).sum(axis=1)
    assert np.max(np.abs(samples)) == pytest.approx(found.peak, rel=1e-12)
    assert certify(problem, found.variables).is_stationary


def test_it_stops_when_asked():
    ms = cf.Multisine.harmonics(range(1, 32))
    phases = p_norm_solutions(ms, 1)[0]
    found = polish(cf.Problem(ms), phases, stop=lambda: True)
    assert not found.converged
    assert found.peak == pytest.approx(cf.true_peak(ms, phases), rel=1e-12)


def heights_by_bfgs(ms, starts, seed, times=2048):
    """Lowest peak over a dense grid that SciPy's BFGS finds from random phases, on p-norms of 20 and 200."""
    turns = 2 * np.pi * np.outer(np.arange(times) / times * ms.period, ms.frequencies)
    lowest = np.inf
    for phases in np.random.default_rng(seed).uniform(0, 2 * np.pi, (starts, ms.n)):
        for p in (20, 200):

            def norm(theta, p=p):
                x = np.cos(turns + theta) @ ms.amplitudes
                top = np.abs(x).max()
                powers = (np.abs(x) / top) ** (p - 1)
                total = (powers * np.abs(x) / top).sum()
                slope = (np.sign(x) * powers) @ (-np.sin(turns + theta) * ms.amplitudes) / (total * top)
                return np.log(top) + np.log(total) / p, slope

            phases = minimize(norm, phases, jac=True, method="BFGS").x
        lowest = min(lowest, cf.true_peak(ms, phases))
    return lowest


@pytest.mark.parametrize("numbers", [[1, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8, 8], [2, 3, 3, 3, 7, 11]])
def test_repeated_frequencies_are_polished_too(numbers):
    ms = cf.Multisine.harmonics(numbers, amplitudes=np.linspace(1.0, 0.6, len(numbers)))
    design = cf.minimize_peak(ms, seed=1)
    assert design.certificate.is_stationary
    assert design.peak <= heights_by_bfgs(ms, 20, seed=3) * (1 + 1e-6)


@pytest.mark.filterwarnings("ignore:samples:crestfall.CrestfallWarning")
def test_samples_below_nyquist_are_polished_too():
    ms = cf.Multisine.harmonics([15, 1, 2, 19, 14, 9])
    design = cf.minimize_peak(ms, over=cf.Samples(20), seed=1)
    assert design.certificate.is_stationary
    turns = 2 * np.pi * np.outer(np.arange(20) / 20, ms.harmonic_numbers)
    x = np.cos(turns + design.phases) @ ms.amplitudes
    assert np.abs(x).max() == pytest.approx(design.worst.value, rel=1e-12)
    # Linear in small steps: no direction of a linear program leads down.
    active = np.abs(x) > np.abs(x).max() * (1 - 1e-9)
    slopes = -np.sign(x[active])[:, None] * np.sin(turns[active] + design.phases)
    step = linprog(
        np.append(np.zeros(6), 1.0),
        A_ub=np.hstack([slopes, -np.ones((active.sum(), 1))]),
        b_ub=np.zeros(active.sum()),
        bounds=[(-1, 1)] * 6 + [(None, None)],
    )
    assert step.fun > -1e-6


def test_the_time_of_a_complex_peak_is_within_the_first_envelope():
    ms = cf.Multisine([100e6, 102e6, 106e6], complex=True)
    proof = cf.minimize_peak(ms, starts=4, use_atlas=False).certificate
    z = np.exp(2j * np.pi * np.outer(proof.times, ms.frequencies)) @ np.exp(
        1j * cf.minimize_peak(ms, starts=4, use_atlas=False).phases
    )
    np.testing.assert_allclose(np.abs(z), proof.heights, rtol=1e-6)
    assert np.all(proof.times < 1 / 2e6)


RESPONSES = np.array([1.0, 0.8 - 0.3j, 0.5j, -0.4, 0.3 + 0.3j, 0.2, 0.1j, 0.05])
CONDITIONS = {
    "outputs": {"outputs": [cf.Output(limit=2.0, name="a"), cf.Output(RESPONSES, 0.7, "b")]},
    "held": {"phases": [cf.Hold({0: 0.3, 4: 1.0})]},
    "linked outputs": {"outputs": [cf.slew_rate(20.0), cf.Output(limit=3.0)], "phases": [cf.Link((1, 2, 5))]},
    "mirrored": {"phases": [cf.ConjugateSymmetric()]},
    "delayed": {"phases": [cf.Delays([[1, 3, 5], [2, 4]], np.linspace(0, 5, 8))]},
    "envelope": {"measure": "envelope", "phases": [cf.Hold({1: 0.0})]},
    "outputs over samples": {
        "over": cf.Samples(40),
        "outputs": [cf.Output(limit=2.0, name="a"), cf.Output(RESPONSES, 0.7, "b")],
    },
}


@pytest.mark.parametrize("name", sorted(CONDITIONS))
def test_conditioned_problems_reach_a_local_minimum_that_an_independent_test_confirms(name):
    ms = cf.Multisine.harmonics(range(1, 9))
    problem = cf.Problem(ms, **CONDITIONS[name])
    design = cf.minimize_peak(problem, starts=64)
    assert design.status.startswith("local minimax"), design.status
    proof = design.certificate
    assert proof.residual < 1e-8
    t = np.arange(4096 if problem.samples is None else problem.samples)
    carrier = np.exp(2j * np.pi * np.outer(t / len(t), ms.harmonic_numbers))

    def height(phases):
        values = []
        for response in [output.responses(ms) / output.limit for output in problem.outputs] or [np.ones(8)]:
            z = carrier @ (response * np.exp(1j * phases))
            values.append(np.max(np.abs(z if problem.measure == "envelope" else z.real)))
        return max(values)

    phase_map = problem.phase_map
    variables = phase_map.nearest(design.phases)
    turns = (phase_map.phases(variables) - design.phases) / (2 * np.pi)
    np.testing.assert_allclose(turns, np.rint(turns), atol=1e-9)
    here = height(phase_map.phases(variables))
    assert here == pytest.approx(proof.peak, rel=1e-5)
    rng = np.random.default_rng(0)
    for size in (1e-2, 1e-3):
        for _ in range(40):
            step = size * rng.standard_normal(phase_map.n_free)
            assert height(phase_map.phases(variables + step)) >= here * (1 - 2e-6)
