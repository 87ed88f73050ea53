"""``crestfall explain``."""

import json

import pytest

import crestfall as cf


@pytest.fixture
def saved(run, tmp_path):
    assert run("design", "--harmonics", "1:9", "--starts", "8", "--no-atlas", "--out", "nine.json").code == 0
    return tmp_path / "nine.json"


def test_explain_prints_four_sections(run, saved):
    done = run("explain", saved)
    assert done.code == 0, done.err
    titles = [line for line in done.out.splitlines() if line and not line.startswith(" ")]
    assert titles == ["What it is", "What is proven", "What limits it", "What to try next"]
    assert str(saved) in done.out  # the commands that it suggests can be copied


def test_explain_for_a_machine(run, saved):
    found = json.loads(run("explain", saved, "--json").out)
    assert found["stationary"] is True
    assert sum(peak["multiplier"] for peak in found["peaks"]) == pytest.approx(1.0)
    assert {peak["output"] for peak in found["peaks"]} == {"drive"}
    assert sum(found["tone_shares"]) == pytest.approx(1.0)
    assert found["crest_factor"] == pytest.approx(cf.load(saved).crest_factor)


def test_explain_names_the_outputs(run, tmp_path):
    (tmp_path / "two.toml").write_text(
        '[tones]\nharmonics = "1:6"\n[[outputs]]\nname = "force"\nlimit = 9.0\n'
        '[[outputs]]\nname = "jerk"\nlimit = 20.0\nresponse = "slew rate"\n'
    )
    assert run("design", "two.toml", "--starts", "8", "--out", "two.json").code == 0
    assert "jerk reaches" in run("explain", "two.json").out
    assert {peak["output"] for peak in json.loads(run("explain", "two.json", "--json").out)["peaks"]} == {"jerk"}


def test_explain_refuses_what_is_no_design(run, tmp_path):
    (tmp_path / "tones.toml").write_text("frequencies_hz = [1, 2]\n")
    assert run("explain", "tones.toml").is_one_line_error()
    assert run("explain", "missing.json").is_one_line_error()
