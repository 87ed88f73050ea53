"""Lines that may move, and inputs in runs, in problem files and saved designs."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.files import problem_from_text, problem_to_text

TEXT = """\
[tones]
harmonics = "3,7,12"
fundamental_hz = 10.0
exclude = "200..300"

[lines]
"""


def test_each_tolerance_is_read():
    for line, expected in (
        ("steps = 2", cf.MovableLines(2)),
        ('tolerance_hz = "0.02 kHz"', cf.MovableLines(hz=20.0)),
        ("tolerance_percent = 5.0\nraster_hz = 2.0", cf.MovableLines(percent=5.0, raster=2.0)),
        ("steps = 1\nexcluded_hz = [40.0]", cf.MovableLines(1, excluded=[40.0])),
    ):
        problem = problem_from_text(TEXT + line)
        assert problem == cf.Problem(problem.multisine, lines=expected)


def test_what_is_left_out_of_the_tones_and_of_the_lines_is_no_place_to_go():
    text = TEXT.replace("200..300", "60..65") + 'steps = 2\nexclude = ["mains", "130..140"]'
    assert problem_from_text(text).lines.excluded.tolist() == [50.0, 60.0, 100.0, 130.0, 140.0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "lines: give one of steps, tolerance_hz, tolerance_percent"),
        ("steps = 0", "lines.steps is 0"),
        ("steps = 1\ntolerance_hz = 1.0", "lines: give one of steps"),
        ("steps = 1\nraster_hz = 4.0", "lines: 30 Hz is not a multiple"),
        ("steps = 1\naround_hz = [30.0]", "lines.around_hz: around has 1"),
        ('steps = 1\nexclude = "sums"', "lines.exclude: exclude is 'sums'"),
        ('steps = 1\nexclude = "nowhere"', "lines.exclude: exclude is 'nowhere'"),
        ("steps = 2000000000", "lines.raster_hz: raster is 10 Hz, of which"),
        ("step = 1", "lines.step is unknown|step"),
    ],
)
def test_what_makes_no_lines_is_refused_by_its_key(line, message):
    with pytest.raises(ValueError, match=message) as caught:
        problem_from_text(TEXT + line)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("line ")


def test_a_pair_that_does_not_go_together_names_the_table():
    with pytest.raises(ValueError, match="lines"):
        problem_from_text(TEXT + "steps = 1\n[goal]\nsamples = 64")


def test_a_design_with_moved_lines_comes_back_from_every_format(tmp_path):
    ms = cf.Multisine.harmonics([2, 5, 9, 14], 10.0, [1.0, 0.5, 1.0, 0.7])
    design = cf.minimize_peak(ms, lines=cf.MovableLines(2, excluded=[60.0]), starts=1)
    assert design.moved_lines
    for name in ("design.json", "design.npz", "design.csv", "design.mat"):
        design.save(tmp_path / name, **({"sample_rate": 1000.0} if name.endswith("mat") else {}))
        again = cf.load(tmp_path / name)
        assert again.moved_lines == design.moved_lines
        assert again.problem == design.problem
        np.testing.assert_equal(again.summary(), design.summary())


def test_a_problem_with_moved_lines_comes_back_from_its_text():
    ms = cf.Multisine.harmonics([2, 5, 9], 10.0)
    problem = cf.Problem(ms, lines=cf.MovableLines(percent=10.0, raster=5.0)).at_lines(np.array([20.0, 55.0, 85.0]))
    again = problem_from_text(problem_to_text(problem))
    assert again == problem
    assert again.lines.around.tolist() == [20.0, 50.0, 90.0]


RUNS = """\
[channels]
kind = "interleaved"
inputs = ["x", "y"]
deal = "runs"
{more}

[tones]
harmonics = "{numbers}"
fundamental_hz = 0.1
"""


def test_inputs_are_dealt_in_runs():
    problem = problem_from_text(RUNS.format(more="tones_each = 3", numbers="2:20"))
    dealt = [problem.multisine.harmonic_numbers[problem.channels.indices_of(problem.tones, i)] for i in (0, 1)]
    expected = cf.grids.interleaved_runs(range(2, 21), 2, tones=3)
    divisor = round(problem.multisine.fundamental / 0.1)
    assert [(one * divisor).tolist() for one in dealt] == [one.tolist() for one in expected]
    assert problem.multisine.n == 6
    everything = problem_from_text(RUNS.format(more="", numbers="1:8"))
    assert everything.multisine.n == 8
    assert everything == problem_from_text(problem_to_text(everything))


@pytest.mark.parametrize(
    ("more", "numbers", "message"),
    [
        ("tones_each = 30", "2:20", "channels.deal: numbers: 19 harmonics hold no 2 runs of 30"),
        ("tones_each = 0", "2:20", "channels.tones_each"),
        ("deal_seed = 1", "2:20", "channels.deal_seed is 1; it is for deal = 'random'"),
    ],
)
def test_runs_that_are_not_there_are_refused(more, numbers, message):
    with pytest.raises(ValueError, match=message):
        problem_from_text(RUNS.format(more=more, numbers=numbers))


def test_tones_each_belongs_to_runs():
    text = RUNS.format(more="tones_each = 3", numbers="2:20").replace('"runs"', '"in turn"')
    with pytest.raises(ValueError, match="tones_each is 3; it is for deal = 'runs'"):
        problem_from_text(text)


def test_the_raster_is_the_fundamental_of_the_tones_whatever_divides_them():
    text = TEXT.replace("3,7,12", "4,8,12") + "steps = 2"
    assert problem_from_text(text).lines.raster == 10.0
    assert problem_from_text(text.replace("fundamental_hz = 10.0", "period_s = 0.1")).lines.raster == 10.0
