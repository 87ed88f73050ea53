"""Lines that may move: what is refused, where they may go, and that no mutation leaves that."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.search.lines.line_set import mutated

MS = cf.Multisine.harmonics([3, 7, 12], fundamental=10.0)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "nothing given"),
        ({"steps": 1, "hz": 2.0}, "steps and hz given"),
        ({"steps": 0}, "steps is 0"),
        ({"hz": -1.0}, "hz is -1.0"),
        ({"percent": 100.0}, "percent is 100.0"),
        ({"steps": 1, "raster": np.nan}, "raster is nan"),
        ({"steps": 1, "excluded": [np.inf]}, "excluded is not a list of finite"),
    ],
)
def test_what_makes_no_tolerance_is_refused(fields, message):
    with pytest.raises(ValueError, match=message) as caught:
        cf.MovableLines(**fields)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (cf.MovableLines(1, raster=4.0), "30 Hz is not a multiple of the raster of 4 Hz"),
        (cf.MovableLines(2**30), "raster is 10 Hz, of which the lines reach 1073741836"),
        (cf.MovableLines(1, around=[30.0, 70.0]), "around has 2 frequencies"),
        (cf.MovableLines(1, raster=10.0, around=[30.0, 90.0, 120.0]), "tone 1 is at 70 Hz, further than 1 line"),
    ],
)
def test_lines_that_do_not_fit_the_tones_are_refused(lines, message):
    with pytest.raises(ValueError, match=message):
        cf.Problem(MS, lines=lines)


def test_tones_without_a_period_need_a_raster():
    tones = cf.Multisine([1.0, np.pi])
    with pytest.raises(ValueError, match="raster is missing"):
        cf.Problem(tones, over=cf.Window(0.0, 1.0), lines=cf.MovableLines(1))


def test_something_else_than_lines_is_refused():
    with pytest.raises(TypeError, match=r"give MovableLines"):
        cf.Problem(MS, lines=2)


def test_the_tolerance_is_in_lines_in_hz_or_in_percent():
    for lines, reach in (
        (cf.MovableLines(2), [2, 2, 2]),
        (cf.MovableLines(hz=5.0, raster=2.0), [2, 2, 2]),
        (cf.MovableLines(percent=10.0, raster=5.0), [0, 1, 2]),
    ):
        ranges = lines.ranges(MS)
        assert (ranges.high - ranges.centre).tolist() == reach
        assert (ranges.centre - ranges.low).tolist() == reach


def test_real_lines_stay_above_zero_and_complex_ones_need_not():
    assert cf.MovableLines(5).ranges(MS).low.tolist() == [1, 2, 7]
    assert cf.MovableLines(5).ranges(MS.as_complex()).low.tolist() == [-2, 2, 7]


def test_moved_tones_keep_what_belongs_to_them():
    ms = cf.Multisine.harmonics([3, 7], 10.0, [1.0, 0.5], initial_phases=[0.1, 0.2])
    problem = cf.Problem(ms, lines=cf.MovableLines(1)).at_lines(np.array([40.0, 60.0]))
    assert problem.multisine.frequencies.tolist() == [40.0, 60.0]
    assert problem.multisine.amplitudes.tolist() == [1.0, 0.5]
    assert problem.multisine.initial_phases.tolist() == [0.1, 0.2]
    assert problem.lines.around.tolist() == [30.0, 70.0]


@st.composite
def cases(draw):
    n = draw(st.integers(2, 7))
    numbers = np.array(sorted(draw(st.sets(st.integers(1, 40), min_size=n, max_size=n))))
    numbers = numbers[draw(st.permutations(range(n)))]
    raster = draw(st.sampled_from([0.1, 1.0, 5.0]))
    kind = draw(st.sampled_from(["steps", "hz", "percent"]))
    size = draw(st.integers(1, 12))
    tolerance = {"steps": size, "hz": size * 0.7 * raster, "percent": 7.0 * size}[kind]
    excluded = [number * raster for number in draw(st.sets(st.integers(1, 50), max_size=15))]
    return (
        numbers,
        raster,
        cf.MovableLines(**{kind: tolerance}, raster=raster, excluded=excluded),
        draw(st.integers(0, 9)),
    )


@settings(deadline=None, max_examples=60)
@given(cases())
def test_mutations_keep_tolerance_raster_order_and_what_is_excluded(case):
    numbers, raster, lines, seed = case
    ranges = lines.ranges(cf.Multisine.harmonics(numbers.tolist(), raster))
    rng, moved = np.random.default_rng(seed), numbers
    size = {"steps": (lines.steps or 0) * raster, "hz": lines.hz, "percent": None}
    limit = size["steps"] or size["hz"] or np.abs(numbers) * raster * (lines.percent or 0.0) / 100.0
    for share in (0.25, 0.5, 1.0):
        for _ in range(8):
            moved = mutated(moved, ranges.within(share), rng)
            assert np.all(np.abs(moved - numbers) * raster <= limit * (1 + 1e-6) + 1e-9)
            assert np.all(moved >= 1)
            assert np.array_equal(np.argsort(moved), np.argsort(numbers))
            assert np.unique(moved).size == moved.size
            away = set(moved.tolist()) - set(numbers.tolist())
            assert not away & {round(f / raster) for f in lines.excluded}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"steps": 2**62}, "coarser raster or a smaller tolerance"),
        ({"hz": 1e300}, "coarser raster or a smaller tolerance"),
        ({"steps": 1, "raster": 1e300}, "20 Hz is not a multiple of the raster"),
    ],
)
def test_values_out_of_range_are_refused(asked, words):
    with pytest.raises(ValueError, match=words):
        cf.Problem(cf.Multisine([20.0, 50.0]), lines=cf.MovableLines(**asked))


def test_excluded_frequencies_may_be_far_away():
    lines = cf.MovableLines(1, excluded=[1e300, 60.0])
    assert lines.ranges(cf.Multisine([20.0, 50.0])).forbidden == {6}
