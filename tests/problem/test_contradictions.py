"""Problems that contradict themselves are refused with the reason: in Python, and in a problem file with its line."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.files import read_problem

MS = cf.Multisine([1.0, 2.0, 3.0])
TONES = "[tones]\nfrequencies_hz = [1.0, 2.0, 3.0]\n"


def hold(phases):
    return f'[[constraints]]\nkind = "hold"\nphases_rad = {{ {phases} }}\n'


def output(*lines):
    return "\n".join(["[[outputs]]", *lines, ""])


CASES = {
    "a held phase outside the alphabet": (
        lambda: cf.minimize_peak(MS, constraints=[cf.Alphabet(4), cf.Hold({1: 1.0})]),
        f"{TONES}[goal]\nalphabet = 4\n{hold('1 = 1.0')}",
        7,
        r"tone 1 is held at 1 rad, outside the alphabet of 4 phases; use a multiple of 1.5708 rad",
    ),
    "a limit of 0": (
        lambda: cf.minimize_peak(MS, outputs=[cf.Output(limit=0.0)]),
        TONES + output("limit = 2.0") + output('name = "current"', "limit = 0"),
        7,
        r"limit is 0(\.0)?; (a limit must be|give a finite number) above 0",
    ),
    "a limit below 0": (
        lambda: cf.minimize_peak(MS, outputs=[cf.Output(limit=-1.0)]),
        TONES + output("limit = -1.0"),
        4,
        r"limit is -1(\.0)?; (a limit must be|give a finite number) above 0",
    ),
    "a tolerance below 0": (
        lambda: cf.minimize_peak(MS, tolerance_db=[0.0, -0.5, 0.0]),
        f"{TONES}tolerance_db = [0.0, -0.5, 0.0]\n",
        3,
        r"tolerance_db\[1\] is -0.5; give decibels from 0",
    ),
    "more held phases than tones": (
        lambda: cf.minimize_peak(MS, constraints=[cf.Hold(dict.fromkeys(range(4), 0.0))]),
        TONES + hold("0 = 0.0, 1 = 0.0, 2 = 0.0, 3 = 0.0"),
        5,
        "hold names 4 tones, but there are only 3",
    ),
    "a held tone that there is not": (
        lambda: cf.minimize_peak(MS, constraints=[cf.Hold({0: 0.0}), cf.Hold({3: 0.0})]),
        TONES + hold("0 = 0.0") + hold("3 = 0.0"),
        8,
        "hold: 3 is not a tone; give an index from 0 to 2",
    ),
    "one tone held at two phases": (
        lambda: cf.minimize_peak(MS, constraints=[cf.Hold({0: 0.0}), cf.Hold({0: 1.0})]),
        TONES + hold("0 = 0.0") + hold("0 = 1.0"),
        8,
        "hold of tone 0 at 1 rad contradicts hold of tone 0 at 0 rad, by 1 rad; give up one of them",
    ),
    "linked tones that are held apart": (
        lambda: cf.minimize_peak(MS, constraints=[cf.Hold({0: 0.0, 1: 1.0}), cf.Link((0, 1))]),
        TONES + hold("0 = 0.0, 1 = 1.0") + '[[constraints]]\nkind = "link"\ntones = [0, 1]\n',
        8,
        "link of tones 0 and 1 contradicts",
    ),
    "an output with a response of 0 at a tone": (
        lambda: cf.minimize_peak(MS, outputs=[cf.Output([1.0, 0.0, 1.0], name="current")]),
        TONES + output("limit = 1.0") + output('name = "current"', "limit = 1.0", "response = [1.0, 0.0, 1.0]"),
        8,
        r"output 'current': response\[1\] is 0\+0j at 2 Hz; it must be finite and not 0: leave out the tone",
    ),
    "an output with a pole at a tone": (
        lambda: cf.minimize_peak(MS, outputs=[cf.Output(lambda f: 1 / np.where(f == 3.0, 0.0, f), name="x")]),
        TONES.replace("[tones]", "[tones]\ncomplex = true").replace("1.0,", "0.0,")
        + output("limit = 1.0", 'name = "x"', "response = { numerator = [1.0], denominator = [1.0, 0.0] }"),
        7,
        r"output 'x': response\[\d\] is (inf|nan)",
    ),
    "an output with a response that is not a number": (
        lambda: cf.minimize_peak(MS, outputs=[cf.Output([1.0, np.nan, 1.0])]),
        TONES + output("limit = 1.0", "response = [[1.0, 0.0], [nan, 0.0], [1.0, 0.0]]"),
        5,
        r"response\[1\](\[0\])? is nan",
    ),
    "an output with too few responses": (
        lambda: cf.minimize_peak(MS, outputs=[cf.Output([1.0, 2.0], name="short")]),
        TONES + output('name = "short"', "limit = 1.0", "response = [1.0, 2.0]"),
        6,
        "output 'short': the response is not one complex number for each of 3 tones",
    ),
    "an output with too many responses": (
        lambda: cf.minimize_peak(MS, outputs=[cf.Output(np.ones(4))]),
        TONES + output("limit = 1.0", "response = [1.0, 1.0, 1.0, 1.0]"),
        5,
        "output 'drive': the response is not one complex number for each of 3 tones",
    ),
}


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")  # the case's own function divides
@pytest.mark.parametrize("name", sorted(CASES))
def test_it_is_refused_in_python(name):
    call, _, _, reason = CASES[name]
    with pytest.raises(ValueError, match=reason) as error:
        call()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", sorted(CASES))
def test_it_is_refused_in_a_problem_file_with_its_line(name, tmp_path):
    _, text, line, reason = CASES[name]
    path = tmp_path / "problem.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=reason) as error:
        read_problem(path)
    assert f"line {line}: " in str(error.value)
    assert "\n" not in str(error.value)
