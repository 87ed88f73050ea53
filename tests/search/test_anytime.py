"""Whatever exists is offered at once: ends of paths before their polish, and the steps of a long polish."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.polish import polish


def offers_of(ms, **effort):
    reports = []
    design = cf.minimize_peak(ms, use_atlas=False, progress=reports.append, workers=1, **effort)
    return design, reports


def test_the_end_of_a_path_is_offered_before_its_polish():
    ms = cf.Multisine.harmonics(range(100, 300))
    design, reports = offers_of(ms, starts=1)
    at_polish = [report for report in reports if report.stage == "polish"]
    assert at_polish
    figures = [figure for _, figure in design.provenance.history]
    assert figures == sorted(figures, reverse=True)
    assert len(figures) >= 6  # Schroeder's phases, the ends of p = 10, 66, 258 and 1026, the polish
    assert figures[1] < 0.9 * figures[0]
    assert figures[4] < 0.85 * figures[0]
    assert figures[4] > figures[-1]


def test_few_tones_begin_with_least_squares():
    ms = cf.Multisine.harmonics(range(1, 32))
    published = cf.minimize_peak(ms, method="l2p")
    design, reports = offers_of(ms, target=published.crest_factor * 1.0001)
    assert reports[-1].starts_done == 0
    assert design.crest_factor <= published.crest_factor * 1.0001
    without, _ = offers_of(ms, starts=1, closed_forms=False)
    assert without.provenance.history[0][1] != design.provenance.history[0][1]


def test_a_target_that_the_path_reaches_needs_no_polish():
    ms = cf.Multisine.harmonics(range(1, 65))
    path_only = cf.minimize_peak(ms, use_atlas=False, starts=1)
    target = path_only.provenance.history[1][1] * 1.0001
    design = cf.minimize_peak(ms, use_atlas=False, starts=1, target=target)
    assert "target reached" in design.status
    assert design.crest_factor <= target
    assert design.crest_factor > path_only.crest_factor


def test_a_start_counts_when_its_path_has_ended():
    ms = cf.Multisine.harmonics(range(1, 600))

    def stop(report):
        if report.stage == "polish":
            raise StopIteration

    design = cf.minimize_peak(ms, use_atlas=False, starts=1, progress=stop)
    assert "stopped by the progress callback after 1 start" in design.status


def test_a_polish_tells_of_each_step():
    problem = cf.Problem(cf.Multisine.harmonics(range(1, 21)))
    seen = []
    found = polish(problem, np.random.default_rng(0).uniform(0, 6, 20), improved=seen.append)
    peaks = [cf.true_peak(problem.tones, phases) for phases in seen]
    assert len(peaks) > 3
    assert peaks == sorted(peaks, reverse=True)
    assert peaks[-1] == pytest.approx(found.peak, rel=1e-9)


def test_a_polish_may_leave_what_is_little():
    problem = cf.Problem(cf.Multisine.harmonics(range(1, 41)))
    phases = cf.minimize_peak(problem.tones, starts=1, use_atlas=False).phases + 0.01
    loose = polish(problem, phases, least_fall=1e-3)
    assert loose.reason == "little to gain"
    assert loose.peak <= cf.true_peak(problem.tones, phases)
