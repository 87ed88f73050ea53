"""Shares of the tones in the peak, against the peak of designs that were found again with another amplitude."""

import pytest

import crestfall as cf
from crestfall.engine.polish import certify, polish
from crestfall.engine.polish.shares import tone_shares
from crestfall.problem.goal import Goal


def peak_with(ms, variables, goal, k, factor):
    amplitudes = ms.amplitudes.copy()
    amplitudes[k] *= factor
    return polish(ms.with_amplitudes(amplitudes), variables, goal=goal, tolerance=1e-12).peak


@pytest.mark.parametrize(
    ("ms", "goal"),
    [
        (cf.Multisine.harmonics([1, 2, 3, 5, 8], 10.0, [1.0, 0.7, 1.2, 0.9, 1.1]), Goal()),
        (cf.Multisine.harmonics([100, 103, 104, 110, 111], 7.0, complex=True), Goal()),
        (cf.Multisine.harmonics([20, 21, 23, 24, 26]), Goal(measure="envelope")),
        (cf.Multisine.harmonics(range(1, 7)), Goal(outputs=(cf.Output(limit=4.0), cf.slew_rate(70.0)))),
        (cf.Multisine.harmonics(range(1, 7)), Goal(constraints=(cf.Hold({0: 0.0, 3: 1.0}),))),
    ],
    ids=["real", "complex", "envelope", "outputs", "held"],
)
def test_shares_are_the_derivatives_of_the_best_peak(ms, goal):
    found = cf.minimize_peak(
        ms, starts=16, use_atlas=False, outputs=goal.outputs, constraints=goal.constraints, measure=goal.measure
    )
    variables = goal.phase_map(ms).nearest(found.phases)
    variables = polish(ms, variables, goal=goal, tolerance=1e-12).variables
    phases = goal.phase_map(ms).phases(variables)
    certificate = certify(ms, phases, goal=goal)
    assert certificate.is_stationary
    shares = tone_shares(ms, phases, certificate, goal)
    assert shares.sum() == pytest.approx(1.0, abs=1e-9)
    step = 1e-5
    for k in range(ms.n):
        up, down = (peak_with(ms, variables, goal, k, 1.0 + sign * step) for sign in (1, -1))
        assert shares[k] == pytest.approx((up - down) / (2 * step * certificate.peak), abs=2e-3), k
