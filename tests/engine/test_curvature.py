"""Exact first and second derivatives of the heights, for every combination, against differences of direct sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

import crestfall as cf
from crestfall.engine.polish.curvature import peak_hessian, symmetries
from crestfall.engine.polish.stack import Stack, signal_of

NUMBERS = [1, 2, 4, 6, 7, 9, 11, 12]
RESPONSES = np.array([1.0, 0.8 - 0.3j, 0.5j, -0.4, 0.3 + 0.3j, 0.2, 0.1j, 0.05])
OUTPUTS = [(), (cf.slew_rate(20.0), cf.Output(limit=3.0)), (cf.Output(RESPONSES, 0.7, "b"),)]
CONSTRAINTS = [
    (),
    (cf.Hold({0: 0.3, 4: 1.0}),),
    (cf.Link((1, 2, 5), (0.0, 2.0, 1.0)), cf.Hold({0: 0.1})),
    (cf.ConjugateSymmetric(),),
    (cf.Delays([[0, 2, 4], [1, 3, 5, 7]], np.linspace(0, 5, 8)),),
]


@st.composite
def combinations(draw):
    """Real and complex; every measure; outputs, constraints and amplitudes of all kinds; period, samples or window."""
    is_complex = draw(st.booleans())
    half = draw(st.lists(st.floats(0.2, 3.0), min_size=4, max_size=4))
    ms = cf.Multisine.harmonics(NUMBERS, 1.0, half + half[::-1], is_complex)
    measure = draw(st.sampled_from(["peak"] if is_complex else ["peak", "range", "one-sided", "envelope"]))
    outputs, constraints = draw(st.sampled_from(OUTPUTS)), draw(st.sampled_from(CONSTRAINTS))
    over = draw(st.sampled_from([cf.Period(), cf.Period(), cf.Samples(40), cf.Samples(61)]))
    return cf.Problem(ms, over, outputs, measure, constraints), draw(st.integers(0, 10**6))


def directly(problem, stack, variables, number, sign, time):
    """The height of one peak by direct summation: where it is highest near its time, or at that very sample."""
    ms, outputs = problem.tones, problem.outputs
    response = outputs[number].responses(ms) / outputs[number].limit if outputs else 1.0
    m = stack.phase_map.n_free
    coefficients = response * ms.amplitudes * np.exp(1j * stack.phase_map.phases(variables[:m]))
    offset = variables[m + number] if problem.measure == "range" else 0.0

    def height(t):
        z = np.sum(coefficients * np.exp(1j * ms.harmonic_numbers * t))
        return abs(z) if ms.complex or problem.measure == "envelope" else sign * (z.real + offset)

    if problem.samples is not None:
        return height(time)
    near = minimize_scalar(lambda t: -height(t), bounds=(time - 0.02, time + 0.02), options={"xatol": 1e-9})
    return -near.fun


@settings(max_examples=80, deadline=None)
@given(combinations())
def test_gradients_and_hessians_by_the_variables_agree_with_differences_of_direct_sums(case):
    problem, seed = case
    rng = np.random.default_rng(seed)
    stack = Stack.of(problem)
    variables = stack.centred(rng.uniform(0, 2 * np.pi, stack.phase_map.n_free))
    assert len(variables) == stack.n_variables
    peaks = stack.peaks(variables, 0.4)
    if problem.samples is None:
        # A peak that is nearly flat in time moves far for a small change, and no difference quotient can follow it.
        peaks = peaks.pick(-peaks.curvature > 2.0 * peaks.heights)
    weights = rng.uniform(0, 1, len(peaks.times))
    places = list(zip(signal_of(peaks.times), peaks.signs.real, peaks.times % 8.0, strict=True))

    def total(moved):
        heights = [directly(problem, stack, moved, *place) for place in places]
        return float(weights @ np.array(heights)) if heights else 0.0

    here = total(variables)
    assert here == pytest.approx(float(weights @ peaks.heights), rel=1e-9)
    gradient, hessian = weights @ stack.slopes(peaks), peak_hessian(stack, peaks, weights)
    step = 2e-4
    for _ in range(3):
        direction = rng.standard_normal(len(variables))
        up, down = total(variables + step * direction), total(variables - step * direction)
        scale = 1.0 + np.abs(gradient) @ np.abs(direction) + np.abs(direction) @ np.abs(hessian) @ np.abs(direction)
        assert gradient @ direction == pytest.approx((up - down) / (2 * step), abs=1e-5 * scale)
        assert direction @ hessian @ direction == pytest.approx((up - 2 * here + down) / step**2, abs=1e-3 * scale)


@settings(max_examples=40, deadline=None)
@given(combinations())
def test_no_peak_changes_along_a_symmetry(case):
    problem, seed = case
    stack = Stack.of(problem)
    variables = stack.centred(np.random.default_rng(seed).uniform(0, 2 * np.pi, stack.phase_map.n_free))
    peaks = stack.peaks(variables, 0.2)
    basis = symmetries(stack, peaks)
    np.testing.assert_allclose(basis.T @ basis, np.eye(basis.shape[1]), atol=1e-12)
    for direction in basis.T:
        moved = stack.peaks(variables + 0.7 * direction, 0.2)
        if problem.measure == "range":  # an offset of a signal without a high peak is one of them
            moved = moved.pick(np.isin(signal_of(moved.times), signal_of(peaks.times)))
        assert moved.heights.max() == pytest.approx(peaks.heights.max(), rel=1e-9)
