"""Lines that may move: the best of all sets in small cases, never worse than unmoved, and every limit is kept."""

from itertools import combinations, product

import numpy as np
import pytest

import crestfall as cf
from crestfall.cli.report import print_design

WIDE = cf.Multisine.harmonics([2, 5, 9, 14], fundamental=10.0)


def peak_by_sum(design):
    """Highest magnitude of the drive, tone by tone on a fine grid."""
    ms = design.multisine
    t = np.linspace(0.0, ms.period, 20_001)
    return np.abs(np.cos(2 * np.pi * np.outer(t, ms.frequencies) + design.phases) @ ms.amplitudes).max()


def lowest_peak(numbers, starts=40):
    """Lowest crest factor of these harmonics that many short searches without the library find."""
    from scipy.optimize import minimize

    t = 2 * np.pi * np.arange(256) / 256
    waves = np.exp(1j * np.outer(t, numbers))

    def norm(phases):
        c = np.exp(1j * phases)
        x = (waves @ c).real
        top = np.abs(x).max()
        share = np.abs(x / top) ** 60
        weights = share / np.where(x == 0.0, 1.0, x) / share.sum()
        return np.log(top) + np.log(share.mean()) / 60, np.imag(c.conj() * (waves.conj().T @ weights))

    rng, found = np.random.default_rng(0), []
    for _ in range(starts):
        phases = minimize(norm, rng.uniform(0, 2 * np.pi, len(numbers)), jac=True, method="L-BFGS-B").x
        found.append(np.abs((waves @ np.exp(1j * phases)).real).max())
    return min(found) / np.sqrt(len(numbers) / 2)


def test_the_best_of_all_sets_is_found_or_nearly():
    numbers, reach = (2, 5, 9), 1
    sets = product(*(range(number - reach, number + reach + 1) for number in numbers))
    best = min(lowest_peak(np.array(one), starts=12) for one in sets if one[0] < one[1] < one[2])
    design = cf.minimize_peak(cf.Multisine.harmonics(numbers), lines=cf.MovableLines(reach), starts=8)
    assert design.crest_factor <= best * 1.01
    assert design.crest_factor < 0.97 * cf.minimize_peak(cf.Multisine.harmonics(numbers), starts=16).crest_factor


def test_moved_lines_are_within_the_tolerance_and_lower_the_peak():
    fixed = cf.minimize_peak(WIDE, starts=4)
    design = cf.minimize_peak(WIDE, lines=cf.MovableLines(2), starts=4)
    assert design.crest_factor < 0.99 * fixed.crest_factor
    assert np.all(np.abs(design.multisine.frequencies - WIDE.frequencies) <= 20.0 + 1e-9)
    assert np.all(design.multisine.frequencies % 10.0 == 0.0)
    assert design.peak == pytest.approx(peak_by_sum(design), rel=1e-4)
    assert design.certificate.is_stationary
    assert [move[1] for move in design.moved_lines] == [WIDE.frequencies[move[0]] for move in design.moved_lines]
    assert design.summary()["moved_lines"][0]["to_hz"] == design.moved_lines[0][2]


def test_a_wider_tolerance_ends_no_higher():
    figures = [cf.minimize_peak(WIDE, lines=cf.MovableLines(steps), starts=2).figure for steps in (1, 2, 4)]
    assert figures == sorted(figures, reverse=True)


def test_lines_that_are_best_stay_where_they_are():
    ms = cf.Multisine.harmonics([1, 2, 3])
    fixed = cf.minimize_peak(ms, starts=4, seed=3)
    design = cf.minimize_peak(ms, lines=cf.MovableLines(1, excluded=[4.0]), starts=4, seed=3)
    assert design.figure <= fixed.figure
    assert design.moved_lines == ()


def test_no_tone_moves_to_what_is_excluded_or_to_an_extra_tone():
    lines = cf.MovableLines(1, excluded=[10.0, 40.0, 60.0, 80.0])
    design = cf.minimize_peak(WIDE, lines=lines, extra=cf.ExtraTones([100.0], 0.2), starts=1)
    moved = {to for _, _, to in design.moved_lines}
    assert not moved & {10.0, 40.0, 60.0, 80.0, 100.0}
    assert design.multisine.frequencies[-1] == 100.0


def test_several_inputs_keep_lines_of_their_own():
    inputs = [cf.Multisine.harmonics([2, 6, 11], 1.0), cf.Multisine.harmonics([3, 7, 12], 1.0)]
    fixed = cf.minimize_peak(cf.Problem.interleaved(inputs), starts=3)
    design = cf.minimize_peak(cf.Problem.interleaved(inputs, lines=cf.MovableLines(2)), starts=3)
    assert design.figure < 0.99 * fixed.figure
    assert np.unique(design.multisine.frequencies).size == 6
    for row, before in zip(design.channels, inputs, strict=True):
        assert np.all(np.diff(row[0].multisine.frequencies) > 0)
        assert np.all(np.abs(row[0].multisine.frequencies - before.frequencies) <= 2.0)
        assert row[0].peak == pytest.approx(peak_by_sum(row[0]), rel=1e-4)


def test_tones_in_a_window_move_on_the_raster():
    tones = cf.Multisine([3.0, 7.1, 11.3])
    design = cf.minimize_peak(tones, over=cf.Window(0.0, 0.7), lines=cf.MovableLines(hz=0.5, raster=0.1), starts=2)
    fixed = cf.minimize_peak(tones, over=cf.Window(0.0, 0.7), starts=2)
    assert design.figure < fixed.figure
    t = np.linspace(0.0, 0.7, 20_001)
    x = np.cos(2 * np.pi * np.outer(t, design.multisine.frequencies) + design.phases).sum(axis=1)
    assert design.peak == pytest.approx(np.abs(x).max(), rel=1e-4)


# ------------------------------------------------------------------ effort


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_seed_gives_the_same_answer_with_any_number_of_workers(workers):
    design = cf.minimize_peak(WIDE, lines=cf.MovableLines(1), starts=2, seed=7, workers=workers)
    again = cf.minimize_peak(WIDE, lines=cf.MovableLines(1), starts=2, seed=7)
    assert np.array_equal(design.multisine.frequencies, again.multisine.frequencies)
    np.testing.assert_allclose(design.phases, again.phases, rtol=1e-12)


def test_a_target_that_the_lines_reach_where_they_are_moves_none():
    design = cf.minimize_peak(WIDE, lines=cf.MovableLines(2), starts=16, target=5.0)
    assert design.moved_lines == ()
    assert "target reached" in design.status


def test_a_short_limit_has_an_answer_that_says_so():
    design = cf.minimize_peak(cf.Multisine.harmonics(range(3, 200, 7)), lines=cf.MovableLines(2), time_limit=0.1)
    assert np.isfinite(design.figure)
    assert "time limit" in design.status


@pytest.mark.parametrize("calls", [1, 20, 40])
def test_a_callback_ends_it_at_any_moment_with_the_best_so_far(calls):
    seen = []

    def progress(report):
        seen.append(report)
        if len(seen) >= calls:
            raise StopIteration

    design = cf.minimize_peak(WIDE, lines=cf.MovableLines(2), starts=8, progress=progress)
    known = [report.best for report in seen if report.best_phases is not None]
    assert not known or design.figure <= min(known) * (1 + 1e-12)


def test_reports_are_about_the_best_of_all_sets_and_say_where_its_lines_are():
    seen = []
    design = cf.minimize_peak(WIDE, lines=cf.MovableLines(2), starts=2, progress=seen.append)
    best = [report.best for report in seen if report.best_phases is not None]
    assert best == sorted(best, reverse=True)
    starts = [report.starts_done for report in seen]
    assert starts == sorted(starts)
    last = seen[-1]
    assert np.array_equal(last.best_frequencies, design.multisine.frequencies)
    asked = cf.Problem(WIDE, lines=cf.MovableLines(2)).at_lines(last.best_frequencies)
    assert cf.Design.of(asked, last.best_phases).figure == pytest.approx(last.best, rel=1e-9)
    values = [value for _, value in design.provenance.history]
    assert values == sorted(values, reverse=True)


def test_a_search_goes_on_from_a_design_around_the_lines_that_were_asked_for():
    first = cf.minimize_peak(WIDE, lines=cf.MovableLines(2), starts=2)
    second = cf.minimize_peak(first, effort=cf.Effort(starts=2, seed=5))
    assert second.figure <= first.figure * (1 + 1e-12)
    assert np.all(np.abs(second.multisine.frequencies - WIDE.frequencies) <= 20.0 + 1e-9)


def test_one_tone_has_nothing_to_gain():
    alone = cf.minimize_peak(cf.Multisine([10.0]), lines=cf.MovableLines(1, raster=1.0))
    assert alone.moved_lines == ()


def test_the_report_and_the_explanation_name_the_moves(capsys):
    from crestfall.design.explain import explain

    design = cf.minimize_peak(WIDE, lines=cf.MovableLines(2), starts=1)
    _, old, new = design.moved_lines[0]
    print_design(design)
    assert f"{old:g} Hz to {new:g} Hz" in capsys.readouterr().out
    text = str(explain(design))
    assert f"{old:g} Hz → {new:g} Hz" in text
    assert "--prove" not in text


# ------------------------------------------------------------------ runs


def test_runs_are_equal_steps_of_allowed_harmonics_and_as_wide_as_any():
    rng = np.random.default_rng(3)
    for _ in range(40):
        numbers = np.sort(rng.choice(np.arange(1, 40), size=int(rng.integers(6, 30)), replace=False))
        inputs, tones = int(rng.integers(1, 4)), int(rng.integers(2, 5))
        widest = _widest(numbers.tolist(), inputs, tones)
        if widest is None:
            with pytest.raises(ValueError, match="equal steps"):
                cf.grids.interleaved_runs(numbers, inputs, tones=tones)
            continue
        runs = cf.grids.interleaved_runs(numbers, inputs, tones=tones)
        everything = np.concatenate(runs)
        assert len(runs) == inputs
        assert np.unique(everything).size == everything.size == inputs * tones
        assert np.all(np.isin(everything, numbers))
        assert {int(step) for run in runs for step in np.diff(run)} == {widest}


def _widest(numbers, inputs, tones):
    """The widest step with that many disjoint runs, by trying all of them."""
    for step in range(40, 0, -1):
        runs = [set(range(a, a + step * tones, step)) for a in numbers]
        runs = [run for run in runs if run <= set(numbers)]
        if any(len(set.union(*some)) == inputs * tones for some in combinations(runs, inputs)):
            return step
    return None
