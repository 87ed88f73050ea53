"""Ranges and one-sided peaks are polished and certified as peaks are: dense grids and another solver must agree."""

import numpy as np
import pytest
from scipy.optimize import NonlinearConstraint, minimize

import crestfall as cf
from crestfall.certainty import measures
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.polish import certify, polish
from crestfall.engine.polish.shares import tone_shares
from crestfall.engine.solvers.continuation import LATE, PATH, follow

RESPONSES = np.array([1.0, 0.8 - 0.3j, 0.5j, -0.4, 0.3 + 0.3j, 0.2, 0.1j, 0.05])
TWO = (cf.Output(limit=2.0, name="a"), cf.Output(RESPONSES, 0.83, "b"))
CONDITIONS = {
    "plain": {},
    "outputs": {"outputs": TWO},
    "held": {"phases": [cf.Hold({0: 0.3, 4: 1.0})]},
    "linked outputs": {"outputs": [cf.slew_rate(20.0), cf.Output(limit=3.0)], "phases": [cf.Link((1, 2, 5))]},
    "mirrored": {"phases": [cf.ConjugateSymmetric()]},
    "samples": {"over": cf.Samples(rate=80.0)},
    "outputs over samples": {"over": cf.Samples(40), "outputs": TWO},
}
MS = cf.Multisine.harmonics(range(1, 9), fundamental=2.0)


def signals(problem, phases, n_samples):
    """Every output relative to its limit on a grid, by direct summation."""
    carrier = np.exp(2j * np.pi * np.outer(np.arange(n_samples) / n_samples, MS.harmonic_numbers))
    responses = [output.responses(MS) / output.limit for output in problem.outputs] or [np.ones(8)]
    return [(carrier @ (response * np.exp(1j * phases))).real for response in responses]


def measured(measure, y):
    return 0.5 * (y.max() - y.min()) if measure == "range" else y.max()


def designed(name, measure):
    return cf.minimize_peak(cf.Problem(MS, measure=measure, **CONDITIONS[name]), starts=32)


def lowered(design):
    """What was minimised, relative to limits or in the unit of the amplitudes."""
    return design.worst.share if design.problem.outputs else design.worst.value


@pytest.mark.parametrize("measure", ["range", "one-sided"])
@pytest.mark.parametrize("name", sorted(CONDITIONS))
def test_designs_are_local_minima_that_a_dense_grid_confirms(name, measure):
    design = designed(name, measure)
    problem = design.problem
    proof = design.certificate
    assert design.status.startswith("local minimax"), design.status
    assert proof.is_stationary

    def height(phases):
        return max(measured(measure, y) for y in signals(problem, phases, problem.samples or 4096))

    here = height(design.phases)
    assert here == pytest.approx(proof.peak, rel=1e-5)
    assert here == pytest.approx(lowered(design), rel=1e-5)
    assert proof.peak == pytest.approx(lowered(design), rel=1e-10)
    phase_map = problem.phase_map
    variables = phase_map.nearest(design.phases)
    rng = np.random.default_rng(0)
    for size in (1e-2, 1e-3):
        for _ in range(30):
            moved = phase_map.phases(variables + size * rng.standard_normal(phase_map.n_free))
            assert height(moved) >= here * (1 - 2e-6)


@pytest.mark.parametrize("measure", ["range", "one-sided"])
@pytest.mark.parametrize("name", ["plain", "outputs", "samples"])
def test_the_certificate_agrees_with_direct_summation(name, measure):
    design = designed(name, measure)
    problem = design.problem
    proof = design.certificate
    angle = 2 * np.pi * np.outer(proof.times, MS.frequencies) + design.phases
    responses = np.array([output.responses(MS) / output.limit for output in problem.outputs] or [np.ones(8)])
    tones = responses[proof.outputs] * np.exp(1j * angle)
    signs, x = proof.signs.real, tones.sum(axis=1).real
    assert proof.multipliers.sum() == pytest.approx(1.0)
    gradient = proof.multipliers @ (-signs[:, None] * tones.imag)
    assert np.linalg.norm(gradient) / proof.peak < 1e-8
    if measure == "one-sided":
        assert np.all(signs == 1.0)
        np.testing.assert_allclose(x, proof.heights, rtol=1e-10)
        return
    assert {1.0, -1.0} == set(signs)
    for output in set(proof.outputs):
        here = proof.outputs == output
        up, down = here & (signs > 0), here & (signs < 0)
        assert proof.multipliers[up].sum() == pytest.approx(proof.multipliers[down].sum(), abs=1e-8)
        np.testing.assert_allclose(x[up], x[up][0], rtol=1e-8)
        np.testing.assert_allclose(x[down], x[down][0], rtol=1e-8)
        assert 0.5 * (x[up][0] - x[down][0]) == pytest.approx(proof.peak, rel=1e-8)


@pytest.mark.parametrize("measure", ["range", "one-sided"])
@pytest.mark.parametrize("outputs", [(), TWO], ids=["drive", "outputs"])
def test_another_solver_comes_to_the_same_minimum(measure, outputs):
    """The epigraph over all samples by SciPy's SLSQP: a range as two levels whose sum counts, not as one offset."""
    problem = cf.Problem(MS, cf.Samples(40), outputs, measure, [cf.Hold({0: 0.0})])
    design = cf.minimize_peak(problem, starts=32)
    count, sides = max(1, len(outputs)), 2 if measure == "range" else 1

    def space_left(v):
        """How far all samples of output j are below their level; for a range also the minima above theirs."""
        parts = []
        for j, y in enumerate(signals(problem, np.append(0.0, v[:7]), 40)):
            if measure == "one-sided":
                parts.append(v[7] - y)
            else:
                top, bottom = v[8 + 2 * j], v[9 + 2 * j]
                parts += [top - y, y + bottom, [v[7] - 0.5 * (top + bottom)]]
        return np.concatenate(parts)

    levels = [1.1 * lowered(design)] * (1 + 2 * count if sides == 2 else 1)
    nudged = design.phases[1:] + 0.01 * np.random.default_rng(1).standard_normal(7)
    found = minimize(
        lambda v: v[7],
        np.append(nudged, levels),
        jac=lambda v: np.eye(len(v))[7],
        constraints=NonlinearConstraint(space_left, 0.0, np.inf),
        method="SLSQP",
        options={"maxiter": 300, "ftol": 1e-13},
    )
    assert found.success, found.message
    assert found.fun == pytest.approx(lowered(design), rel=1e-7)
    np.testing.assert_allclose(np.exp(1j * found.x[:7]), np.exp(1j * design.phases[1:]), atol=1e-3)


@pytest.mark.parametrize("measure", ["range", "one-sided"])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 16, 31])
def test_the_polish_of_a_p_norm_solution_converges(measure, n):
    ms = cf.Multisine.harmonics(range(1, n + 1), amplitudes=np.random.default_rng(n).uniform(0.3, 1.0, n))
    problem = cf.Problem(ms, measure=measure)
    starts = np.random.default_rng(n).uniform(0, 6, (1, n))
    begun = follow(CompiledProblem(problem), starts, PATH[: LATE + 3], lambda: False)[0][0]
    found = polish(problem, begun)
    assert found.converged, found
    true = measures.true_range(ms, found.variables) / 2 if measure == "range" else None
    true = measures.true_top(ms, found.variables) if true is None else true
    assert found.peak == pytest.approx(true, rel=1e-11)
    assert certify(problem, found.variables).is_strict_minimum


def test_a_range_is_that_of_its_smallest_offset():
    """What the polish works with: half of the range is the least peak that a constant leaves."""
    ms = cf.Multisine.harmonics([1, 2, 3], amplitudes=[1.0, 0.5, 0.2])
    x = np.cos(np.outer(2 * np.pi * np.arange(4096) / 4096, [1, 2, 3])) @ ms.amplitudes
    peaks = [np.abs(x + c).max() for c in np.linspace(-1, 1, 2001)]
    assert min(peaks) == pytest.approx(measures.true_range(ms, np.zeros(3)) / 2, abs=1e-3)
    assert certify(cf.Problem(ms, measure="range"), np.zeros(3)).peak == pytest.approx(min(peaks), abs=1e-3)


def test_designs_report_what_was_lowered():
    design = cf.minimize_peak(MS, measure="range", starts=16)
    x = np.cos(np.outer(2 * np.pi * np.arange(8192) / 8192, np.arange(1, 9)) + design.phases).sum(axis=1)
    factor = (x.max() - x.min()) / (2 * np.sqrt(2) * np.sqrt(4.0))
    assert design.relative_peak_factor == pytest.approx(factor, rel=1e-6)
    figures = design.summary()
    assert figures["measure"] == "range"
    assert figures["relative_peak_factor"] == design.relative_peak_factor
    assert figures["figure"] == "relative peak factor"
    assert figures["figure_value"] == pytest.approx(factor, rel=1e-6)
    assert figures["signals"][0]["value"] == pytest.approx(0.5 * (x.max() - x.min()), rel=1e-6)
    assert figures.keys() == cf.minimize_peak(MS, starts=2).summary().keys()
    shares = tone_shares(design.problem, design.phases, design.certificate)
    assert shares.sum() == pytest.approx(1.0, abs=1e-6)
