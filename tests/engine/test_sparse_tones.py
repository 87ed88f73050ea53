"""Tones that are far between: their tops are followed, and what is found is what a scan of every period would find."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.polish import certify, polish
from crestfall.engine.polish.stack import Stack
from crestfall.engine.solvers.continuation import follow

LOGARITHMIC = cf.Multisine(np.round(np.geomspace(0.01, 200.0, 12), 2))
SCATTERED = cf.Multisine.harmonics([3, 17, 1001, 2003, 20011, 20123, 25000])


def path_end(ms, seed):
    problem = CompiledProblem(cf.Problem(ms))
    starts = np.random.default_rng(seed).uniform(0, 2 * np.pi, (1, ms.n))
    return follow(problem, starts, problem.path, lambda: False)[0][0]


@pytest.mark.parametrize("ms", [LOGARITHMIC, SCATTERED], ids=["logarithmic", "scattered"])
@pytest.mark.parametrize("seed", range(3))
def test_following_ends_where_scanning_ends(ms, seed, monkeypatch):
    problem, phases = cf.Problem(ms), path_end(ms, seed)
    assert Stack.of(problem).follows_tops
    followed = polish(problem, phases)
    assert followed.converged
    assert followed.peak == pytest.approx(cf.true_peak(ms, followed.variables), rel=1e-9)
    assert followed.peak < 0.99 * cf.true_peak(ms, phases)
    certificate = certify(problem, followed.variables)
    monkeypatch.setattr(Stack, "follows_tops", False)
    scanned = polish(problem, phases)
    assert scanned.converged
    assert followed.peak <= scanned.peak * 1.02  # another minimum may be near, but none that only a scan would find
    assert certify(problem, followed.variables).is_stationary == certificate.is_stationary is True


def test_outputs_are_followed_too():
    ms = LOGARITHMIC
    outputs = [cf.Output(limit=8.0, name="force"), cf.Output(1.0 / (1.0 + 0.1 * ms.frequencies), 6.0, name="stroke")]
    design = cf.minimize_peak(ms, outputs=outputs, starts=4)
    t = np.arange(400_000) / 400_000 * ms.period
    turns = 2 * np.pi * np.outer(t, ms.frequencies) + design.phases
    shares = [
        np.abs(np.cos(turns) @ (ms.amplitudes * r)).max() / limit
        for r, limit in ((1.0, 8.0), (1.0 / (1.0 + 0.1 * ms.frequencies), 6.0))
    ]
    assert max(shares) == pytest.approx(design.figure, rel=2e-3)
    assert max(shares) <= design.figure * (1 + 1e-9)
    assert design.certificate.is_stationary


def test_a_sequence_of_linear_programs_is_not_lower():
    """Peak instants on a grid, a linear program for the step within a trust region, twelve random starts."""
    from scipy.optimize import linprog

    ms = LOGARITHMIC
    t = np.arange(16 * 20_000) / (16 * 20_000)
    rotations = np.exp(2j * np.pi * np.outer(t, ms.harmonic_numbers))
    lowest = np.inf
    for seed in range(3):
        phases, size = np.random.default_rng(seed).uniform(0, 2 * np.pi, ms.n), 0.3
        z = rotations @ np.exp(1j * phases)
        while size > 1e-3:
            x = np.abs(z.real)
            high = np.flatnonzero(x > (1 - 2 * size) * x.max())
            high = high[(x[high] >= x[high - 1]) & (x[high] >= x[(high + 1) % len(x)])][:4000]
            slopes = -np.sign(z.real[high])[:, None] * (rotations[high] * np.exp(1j * phases)).imag
            step = linprog(
                np.append(np.zeros(ms.n), 1.0),
                A_ub=np.hstack([slopes, -np.ones((len(high), 1))]),
                b_ub=-x[high],
                bounds=[(-size, size)] * ms.n + [(None, None)],
            ).x[: ms.n]
            trial = rotations @ np.exp(1j * (phases + step))
            if np.abs(trial.real).max() < x.max():
                phases, z = phases + step, trial
            else:
                size /= 2
        lowest = min(lowest, np.abs(z.real).max())
    assert cf.minimize_peak(ms).peak <= lowest * 1.001


def test_a_short_limit_gives_an_answer_over_many_decades():
    ms = cf.Multisine(np.round(np.geomspace(0.01, 1000.0, 30), 2))
    design = cf.minimize_peak(ms, time_limit=3.0, workers=1, use_atlas=False)
    assert "in the first start" not in design.status
    assert design.crest_factor < 0.9 * cf.crest_factor(ms, cf.schroeder(ms))


def test_a_narrow_band_on_a_carrier_is_its_envelope():
    ms = cf.Multisine(1e5 + np.cumsum(np.arange(20.0)))
    design = cf.minimize_peak(ms, use_atlas=False)
    assert design.crest_factor < 2.3132
    assert design.crest_factor == pytest.approx(
        np.sqrt(2) * cf.minimize_peak(ms.as_complex(), use_atlas=False).crest_factor, rel=1e-4
    )
    low, high = design.peak_interval
    assert high / low - 1 < 8e-5


def test_a_design_over_samples_begins_with_the_atlas():
    ms = cf.Multisine.harmonics(range(1, 32))
    known = cf.minimize_peak(ms)
    assert known.provenance.method.startswith("atlas")
    over = cf.minimize_peak(ms, over=cf.Samples(4096), starts=1)
    assert "begun with the atlas" in over.provenance.method
    assert over.worst.value <= cf.sample_peak(ms, known.phases, n_points=4097) * (1 + 1e-12)
