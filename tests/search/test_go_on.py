"""Going on from a design: its phases are refined first, and the answer is never worse."""

import numpy as np
import pytest

import crestfall as cf

MS = cf.Multisine.harmonics(range(1, 24), fundamental=10.0)

PROBLEMS = {
    "plain": cf.Problem(MS),
    "window": cf.Problem(MS, over=cf.Window(0.0, 0.07)),
    "samples": cf.Problem(MS, over=cf.Samples(64)),
    "range": cf.Problem(MS, measure="range"),
    "held": cf.Problem(MS, phases=[cf.Hold({3: 0.5})]),
    "alphabet": cf.Problem(MS, phases=[cf.Alphabet(4)]),
    "tolerance": cf.Problem(MS, tolerance_db=0.5),
    "extra": cf.Problem(MS, extra=cf.ExtraTones([300.0, 310.0], 0.2)),
    "common": cf.Problem(MS, channels=cf.Orthogonal(3)),
    "own": cf.Problem(MS, channels=cf.Orthogonal(2, phases="own")),
    "interleaved": cf.Problem(MS, channels=cf.Interleaved(2), tolerance_db=0.5),
    "starting at zero": cf.Problem(MS, start_at_zero=True),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_answer_is_no_worse_than_the_design_it_begins_with(name):
    good = cf.minimize_peak(PROBLEMS[name], starts=64, seed=3, use_atlas=False)
    again = cf.minimize_peak(good, starts=1, seed=4, use_atlas=False)
    assert again.problem == good.problem
    assert again.figure <= good.figure * (1.0 + 1e-9)
    assert cf.minimize_peak(good, time_limit=1e-3, use_atlas=False).figure <= good.figure * (1.0 + 1e-9)


def test_it_may_begin_another_problem_of_the_same_tones():
    flat = cf.minimize_peak(MS, starts=64)
    begun = cf.minimize_peak(MS, begin=flat, measure="range", starts=1, use_atlas=False)
    as_it_was = cf.Design.of(cf.Problem(MS, measure="range"), flat.phases)
    assert begun.figure < as_it_was.figure
    held = cf.minimize_peak(MS, begin=flat, constraints=[cf.Hold({0: 1.0})], starts=1, use_atlas=False)
    assert held.phases[0] == 1.0


def test_amplitudes_go_on_too():
    problem = cf.Problem(MS, tolerance_db=1.0)
    good = cf.minimize_peak(problem, starts=64, use_atlas=False)
    ended = cf.minimize_peak(good, time_limit=1e-3, use_atlas=False)
    assert np.max(np.abs(ended.multisine.amplitudes / good.multisine.amplitudes - 1.0)) < 0.05
    assert ended.figure <= good.figure * (1.0 + 1e-9)


@pytest.mark.parametrize(
    ("begin", "error", "words"),
    [
        (np.zeros(23), TypeError, "give a Design, such as load"),
        (cf.minimize_peak(cf.Multisine([1.0, 2.0]), starts=1), ValueError, "a design of other tones or inputs"),
        (
            cf.Design.of(cf.Problem(MS, channels=cf.Orthogonal(2, phases="own")), np.zeros((2, 23))),
            ValueError,
            "a design of other tones or inputs",
        ),
    ],
)
def test_what_is_no_beginning_is_named(begin, error, words):
    with pytest.raises(error, match=words):
        cf.minimize_peak(MS, begin=begin)
