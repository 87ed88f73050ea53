"""Windows from problem files."""

import json
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "beats.toml"


def test_the_example_is_designed_and_saved(run, tmp_path):
    found = json.loads(run("design", EXAMPLE, "--starts", 8, "--json", "--out", tmp_path / "a.json").out)
    assert found["window_s"] == [0.0, 0.05]
    assert found["peak_lower_bound"] < found["peak"] < sum(found["amplitudes"])
    assert json.loads((tmp_path / "a.json").read_text())["peak"] == found["peak"]
    assert "within the window lies between" in run("explain", "a.json").out
    assert json.loads(run("explain", "a.json", "--json").out)["sections"]["What is proven"]
    assert json.loads(run("measure", "a.json", "--json").out)["peak"] == found["peak"]
    assert "within the window" in run("measure", "a.json").out
    assert run("measure", "a.json", "--sample-rate", 48_000).is_one_line_error()
    shown = run("design", EXAMPLE, "--starts", 8).out
    assert "within the window" in shown


def test_held_phases_of_a_window_are_held(run, tmp_path):
    text = EXAMPLE.read_text() + '\n[[constraints]]\nkind = "hold"\nphases_rad = { 1 = 0.5 }\n'
    (tmp_path / "held.toml").write_text(text)
    found = json.loads(run("design", "held.toml", "--starts", 8, "--json", "--out", "a.json").out)
    assert found["phases_rad"][1] == pytest.approx(0.5, abs=1e-9)
    assert json.loads((tmp_path / "a.json").read_text())["constraints"] == [{"kind": "hold", "phases_rad": {"1": 0.5}}]


MIRROR = '[[constraints]]\nkind = "conjugate-symmetric"\n'


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (("[goal]", f"{MIRROR}[goal]"), (), "constraints[0].kind is 'conjugate-symmetric'; in a window use"),
        (("[goal]", '[[constraints]]\nkind = "hold"\nphases_rad = { 44 = 0.0 }\n[goal]'), (), "44 is no tone"),
        (("[0.0, 0.05]", "[1.0, 0.5]"), (), "line 9: goal.window_s is [1.0, 0.5]; the end must come after"),
        (("[0.0, 0.05]", "0.05"), (), "write beginning and end in seconds"),
        (("[goal]", "[goal]\nalphabet = 2"), (), "goal.alphabet does not go together with goal.window_s"),
        (("[tones]", "[[extra]]\nlargest=1.0\nharmonics='9'\n[tones]"), (), "extra does not go together"),
        (("997.0", "-997.0"), (), "line 5: tones.frequencies_hz: frequencies[0] is -997"),
        (("", ""), ("--prove",), "leave out --prove"),
        (("", ""), ("--out", "a.wav"), "saved as .json"),
    ],
)
def test_mistakes_are_named(run, tmp_path, change, options, message):
    file = tmp_path / "problem.toml"
    file.write_text(EXAMPLE.read_text().replace(*change) if change[0] else EXAMPLE.read_text())
    done = run("design", file, *options)
    assert done.is_one_line_error()
    assert message in done.err
