"""Every combination of measure, outputs, constraints and kind of signal: gradients, and what the search makes of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import PATH
from crestfall.problem.problem import MEASURES

NUMBERS = [1, 2, 4, 5, 7, 8]
AROUND_ZERO = [-5, -2, -1, 1, 2, 5]
OF_REAL_TONES = [measure for measure in MEASURES if measure != "components"]
CONSTRAINTS = {
    "none": (),
    "hold": (cf.Hold({1: 0.7, 4: -2.0}),),
    "link": (cf.Link((0, 3, 5), (0.0, 1.0, -1.0)),),
    "mirror": (cf.ConjugateSymmetric(),),
    "delays": (cf.Delays([[0, 2, 4], [1, 3, 5]], np.linspace(0, 3, 6)),),
    "hold and link": (cf.Hold({0: 0.4}), cf.Link((1, 2))),
}
OUTPUTS = {
    "drive": (),
    "two": (cf.Output(name="voltage", limit=2.0), cf.Output(lambda f: 1 / (1 + 1j * f), 0.3, "current")),
    "slew": (cf.slew_rate(50.0),),
}


def by_hand(problem, phases, ms=None, n_samples=4096):
    """What is minimised, by direct summation on a dense grid, or over the samples that count."""
    ms, freedom = ms or problem.tones, problem.freedom
    n_samples = problem.samples or n_samples
    t = np.arange(n_samples) / n_samples * ms.period
    carrier = np.exp(2j * np.pi * np.outer(t, ms.frequencies))
    values = []
    for output in problem.outputs or (cf.Output(),):
        response = output.response(ms.frequencies) if callable(output.response) else output.response
        z = carrier @ (response * ms.amplitudes * np.exp(1j * phases))
        y = z if ms.complex or problem.measure == "envelope" else z.real
        if problem.measure == "components":
            value = max(np.abs(z.real).max(), np.abs(z.imag).max())
        elif problem.measure == "range":
            value = (y.max() - y.min()) / 2
        elif problem.measure == "one-sided":
            value = y.max()
        else:
            value = np.abs(y).max()
        wanted = np.ones(ms.n, bool) if freedom is None else freedom.wanted
        rms = np.sqrt(np.sum(ms.amplitudes[wanted] ** 2) * (1.0 if np.iscomplexobj(y) else 0.5))
        # A lower level is no lower peak: shares of limits count at the level that was asked for.
        loudness = np.linalg.norm(ms.amplitudes[wanted]) / np.linalg.norm(problem.multisine.amplitudes)
        values.append(value / (output.limit * loudness if problem.outputs else rms))
    return max(values)


@st.composite
def problems(draw):
    complex = draw(st.booleans())
    measure = draw(st.sampled_from(["peak", "envelope", "components"] if complex else OF_REAL_TONES))
    constraints = CONSTRAINTS[draw(st.sampled_from(sorted(CONSTRAINTS)))]
    outputs = OUTPUTS[draw(st.sampled_from(sorted(OUTPUTS)))]
    amplitudes = [1.0, 0.5, 0.8, 0.8, 0.5, 1.0]
    numbers = draw(st.sampled_from([NUMBERS, AROUND_ZERO])) if complex else NUMBERS
    ms, tolerance, extra = cf.Multisine.harmonics(numbers, 3.0, amplitudes, complex), None, None
    if all(isinstance(constraint, cf.Hold | cf.Link) for constraint in constraints):
        tolerance = draw(st.sampled_from([None, 0.5, [0.0, 1.0, 0.0, 2.0, 0.0, 0.0]]))
        extra = draw(st.sampled_from([None, cf.ExtraTones([9.0, 27.0], 0.3)])) if outputs == () else None
    over = draw(st.sampled_from([cf.Period(), cf.Period(), cf.Samples(40), cf.Samples(61)]))
    problem = cf.Problem(ms, over, outputs, measure, constraints, tolerance, extra)
    return problem, draw(st.integers(0, 10**6))


@settings(max_examples=100, deadline=None)
@given(problems())
def test_gradients_agree_with_finite_differences(case):
    problem, seed = case
    compiled = CompiledProblem(problem)
    variables = np.random.default_rng(seed).uniform(0, 6, len(compiled.ranges))
    for stage in (PATH[0], PATH[-1]):
        space = compiled.space(stage)
        _, gradient = space.value_and_gradient(variables[None])
        step = 1e-6
        for k in range(len(variables)):
            moved = np.stack([variables, variables])
            moved[:, k] += [step, -step]
            values, _ = space.value_and_gradient(moved)
            assert gradient[0, k] == pytest.approx((values[0] - values[1]) / (2 * step), abs=2e-5)


@settings(max_examples=40, deadline=None)
@given(problems())
def test_what_is_minimised_is_what_direct_summation_says(case):
    problem, seed = case
    compiled = CompiledProblem(problem)
    variables = np.random.default_rng(seed).uniform(0, 6, len(compiled.ranges))
    expected = by_hand(problem, compiled.phases(variables), compiled.tones(variables))
    assert compiled.value(variables) == pytest.approx(expected, rel=2e-5)
    assert compiled.value(variables) >= expected * (1 - 1e-9)
    design = cf.Design.of(problem, compiled.phases(variables), multisine=compiled.tones(variables))
    assert design.figure == pytest.approx(problem.figure_of(compiled.value(variables)), rel=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("outputs", sorted(OUTPUTS))
def test_the_search_lowers_every_measure(measure, outputs):
    ms = cf.Multisine.harmonics(range(1, 13), fundamental=2.0, complex=measure == "components")
    problem = cf.Problem(ms, outputs=OUTPUTS[outputs], measure=measure)
    design = cf.minimize_peak(problem, effort=cf.Effort(starts=64, use_atlas=False))
    random = min(by_hand(problem, cf.random_phases(ms, seed=seed)) for seed in range(30))
    assert by_hand(problem, design.phases) < 0.9 * random


def test_minimising_a_measure_beats_minimising_another():
    ms = cf.Multisine.harmonics([1, 2, 3, 4, 6], fundamental=1.0)
    for measure in ("range", "one-sided"):
        problem = cf.Problem(ms, measure=measure)
        direct = cf.minimize_peak(problem, starts=256, use_atlas=False)
        indirect = cf.minimize_peak(ms, starts=256, use_atlas=False)
        assert by_hand(problem, direct.phases) < by_hand(problem, indirect.phases) * (1 - 1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"measure": "loudness"}, "measure is 'loudness'; choose one of"),
        ({"measure": "components"}, "only complex tones have I and Q; say that they are complex, or use 'peak'"),
        ({"outputs": [cf.Output([1.0, 0.0, 1.0])]}, r"response\[1\] is 0\+0j at 2 Hz"),
        ({"outputs": [cf.Output([1.0, 2.0])]}, "not one complex number for each of 3 tones"),
        ({"outputs": [cf.Output(), cf.Output()]}, "two are called 'drive'"),
        ({"constraints": [cf.Hold({7: 0.0})]}, "7 is not a tone; give an index from 0 to 2"),
        ({"constraints": [cf.Hold({0: 0.0}), cf.Hold({0: 1.0})]}, "contradicts hold of tone 0"),
        ({"constraints": [cf.Link((0, 0))]}, "each once"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(arguments, message):
    with pytest.raises(ValueError, match=message):
        cf.minimize_peak(cf.Multisine([1.0, 2.0, 3.0]), starts=1, **arguments)


def test_one_sided_measures_need_a_real_signal():
    with pytest.raises(ValueError, match="cannot be combined with complex tones"):
        cf.minimize_peak(cf.Multisine([1.0, 2.0], complex=True), measure="range")


def test_a_limit_of_zero_is_refused():
    with pytest.raises(ValueError, match="limit is 0"):
        cf.Output(limit=0)


def test_tones_of_one_frequency_are_made_small_and_not_loud():
    """The peak is minimised, not its ratio to an RMS that the phases can raise."""
    ms = cf.Multisine.harmonics([1, 2, 3] * 2, 1.0, [1.0, 0.5, 0.2] * 2)
    design = cf.minimize_peak(ms, starts=64)
    assert design.peak < 1e-6  # they can cancel
