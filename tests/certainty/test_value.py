"""What is minimised, against direct sums; and that nothing allowed is below its bound."""

from itertools import product

import numpy as np
import pytest

import crestfall as cf
from crestfall.certainty.value import measured, value_bound, value_of

MEASURES = ("peak", "range", "one-sided", "envelope")
TIMES = {"period": cf.Period(), "samples": cf.Samples(97), "window": cf.Window(0.02, 0.13)}
KINDS = [
    (over, measure, outputs, free)
    for over, measure, outputs, free in product(
        TIMES, ("peak", "range", "one-sided", "envelope"), (False, True), (0, 1, 2)
    )
    if not (outputs and over == "window")
]


def problem_of(over, measure, outputs, free):
    ms = cf.Multisine.harmonics([1, 2, 3, 5, 8], fundamental=10.0, amplitudes=[1.0, 0.7, 1.2, 0.4, 0.9])
    return cf.Problem(
        ms,
        over=TIMES[over],
        measure=measure,
        outputs=[cf.Output(limit=3.0), cf.Output(lambda f: 2.0 / (1.0 + 0.03j * f), 2.0, "y")] if outputs else (),
        tolerance_db=2.0 if free else None,
        extra=cf.ExtraTones([90.0], largest=0.5) if free == 2 else None,
    )


def drawn(problem, rng):
    """Allowed amplitudes and phases, by chance."""
    tones = problem.tones
    if problem.freedom is not None:
        # Towards the ends of the ranges, where bounds are nearest.
        place = rng.choice([0.0, 1.0, 0.5], tones.n)
        amplitudes = problem.freedom.low + place * (problem.freedom.high - problem.freedom.low)
        tones = tones.with_amplitudes(amplitudes)
    return tones, rng.uniform(0.0, 2.0 * np.pi, tones.n)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_nothing_allowed_is_below_the_bound(kind):
    problem = problem_of(*kind)
    rng = np.random.default_rng(5)
    tried = [drawn(problem, rng) for _ in range(40)]
    design = cf.minimize_peak(problem, effort=cf.Effort(starts=4, seed=1))
    tried.append((design.multisine, design.phases))
    for tones, phases in tried:
        assert value_of(problem, tones, phases) >= value_bound(problem, tones)
    assert design.figure >= design.lower_bound


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind[3]], ids=str)
def test_measures_are_those_of_a_direct_sum(kind):
    problem = problem_of(*kind)
    phases = np.random.default_rng(7).uniform(0.0, 2.0 * np.pi, 5)
    over = problem.over
    t = np.linspace(0.0, 0.1, 200_001) if isinstance(over, cf.Period) else np.arange(97) / 97 * 0.1
    if isinstance(over, cf.Window):
        t = over.start + np.linspace(0.0, over.duration, 200_001)
    for signal, response in zip(
        problem.signals(), (1.0, 2.0 / (1.0 + 0.03j * problem.tones.frequencies)), strict=False
    ):
        c = problem.tones.amplitudes * np.exp(1j * phases) * response
        z = np.exp(2j * np.pi * np.outer(t, problem.tones.frequencies)) @ c
        expected = {
            "peak": np.abs(z.real).max(),
            "range": np.ptp(z.real) / 2,
            "one-sided": z.real.max(),
            "envelope": np.abs(z).max(),
        }[problem.measure]
        value, low, high = measured(problem, signal, phases)
        assert low <= value <= high
        assert low * (1 - 1e-6) <= expected <= high * (1 + 1e-12)
        assert value == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("measure", MEASURES)
def test_of_several_outputs_the_largest_share_of_a_limit_counts(measure):
    ms = cf.Multisine.harmonics([1, 2, 3, 5, 8], amplitudes=[1.0, 0.7, 1.2, 0.4, 0.9])
    factors, limits = (1.0, -0.5j * ms.frequencies, 0.3), (3.0, 6.0, 0.95)
    outputs = [cf.Output(limit=3.0), cf.Output(lambda f: -0.5j * f, 6.0, "b"), cf.Output(0.3, 0.95, "c")]
    problem = cf.Problem(ms, outputs=outputs, measure=measure)
    t, deciding = np.arange(20_000) / 20_000, set()
    for phases in np.random.default_rng(3).uniform(0.0, 2.0 * np.pi, (12, 5)):
        shares = []
        for factor, limit in zip(factors, limits, strict=True):
            z = np.exp(2j * np.pi * np.outer(t, ms.frequencies)) @ (factor * ms.amplitudes * np.exp(1j * phases))
            x = z.real
            of = {"peak": np.abs(x).max(), "range": np.ptp(x) / 2, "one-sided": x.max(), "envelope": np.abs(z).max()}
            shares.append(of[measure] / limit)
        deciding.add(int(np.argmax(shares)))
        assert value_of(problem, ms, phases) == pytest.approx(max(shares), rel=1e-5)
    assert len(deciding) > 1
