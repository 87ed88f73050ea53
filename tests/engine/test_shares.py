"""Shares of the tones in the peak, against the peak of designs that were found again with another amplitude."""

from dataclasses import replace

import pytest

import crestfall as cf
from crestfall.engine.polish import certify, polish
from crestfall.engine.polish.shares import tone_shares


def peak_with(problem, variables, k, factor):
    amplitudes = problem.tones.amplitudes.copy()
    amplitudes[k] *= factor
    changed = replace(problem, multisine=problem.tones.with_amplitudes(amplitudes))
    return polish(changed, variables, tolerance=1e-12).peak


@pytest.mark.parametrize(
    "problem",
    [
        cf.Problem(cf.Multisine.harmonics([1, 2, 3, 5, 8], 10.0, [1.0, 0.7, 1.2, 0.9, 1.1])),
        cf.Problem(cf.Multisine.harmonics([100, 103, 104, 110, 111], 7.0, complex=True)),
        cf.Problem(cf.Multisine.harmonics([20, 21, 23, 24, 26]), measure="envelope"),
        cf.Problem(cf.Multisine.harmonics([9000, 9001, 9003, 9004, 9006])),
        cf.Problem(cf.Multisine.harmonics([-3, -1, 0, 1, 4], complex=True), measure="components"),
        cf.Problem(cf.Multisine.harmonics(range(1, 7)), outputs=(cf.Output(limit=4.0), cf.slew_rate(70.0))),
        cf.Problem(cf.Multisine.harmonics(range(1, 7)), phases=(cf.Hold({0: 0.0, 3: 1.0}),)),
        cf.Problem(cf.Multisine([1.0, 2**0.5, 3.1, 4.0]), over=cf.Window(0.1, 3.0)),
    ],
    ids=["real", "complex", "envelope", "narrow band", "components", "outputs", "held", "window"],
)
def test_shares_are_the_derivatives_of_the_best_peak(problem):
    found = cf.minimize_peak(problem, starts=16, use_atlas=False)
    variables = problem.phase_map.nearest(found.phases)
    variables = polish(problem, variables, tolerance=1e-12).variables
    phases = problem.phase_map.phases(variables)
    certificate = certify(problem, phases)
    assert certificate.is_stationary
    shares = tone_shares(problem, phases, certificate)
    assert shares.sum() == pytest.approx(1.0, abs=1e-9)
    step = 1e-5
    for k in range(problem.tones.n):
        up, down = (peak_with(problem, variables, k, 1.0 + sign * step) for sign in (1, -1))
        assert shares[k] == pytest.approx((up - down) / (2 * step * certificate.peak), abs=2e-3), k
