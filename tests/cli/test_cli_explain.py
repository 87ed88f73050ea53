"""``crestfall explain``."""

import json
import re
import shlex

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


def test_the_commands_that_are_suggested_save_their_answers_and_replace_nothing(run, tmp_path):
    done = run("design", "--harmonics", "1,2,5,6", "--bound-time", "1ms", "--out", "my tones.json")
    assert "the bound ended with its time" in done.out
    (tmp_path / "my tones-2.json").write_text("mine")
    told = run("explain", "my tones.json").out
    commands = re.findall(r"^  crestfall (design .+?): ", told, re.M)
    assert any("--bound-time" in command for command in commands)
    assert all(shlex.split(command)[-2:] == ["--out", "my tones-3.json"] for command in commands)
    raising = next(command for command in commands if "--bound-time" in command)
    assert run(*shlex.split(raising)).code == 0
    assert (tmp_path / "my tones-2.json").read_text() == "mine"
    first, raised = (cf.load(tmp_path / f"my tones{number}.json") for number in ("", "-3"))
    assert raised.lower_bound > first.lower_bound
    # Continuing without time for a bound keeps it.
    kept = json.loads(run("design", "my tones-3.json", "--starts", "1", "--json").out)
    assert kept["lower_bound"] == raised.lower_bound
    assert kept["lower_bound_argument"] == raised.proven_by


def test_a_bound_that_only_a_file_states_is_called_that(run, tmp_path):
    run("design", "--harmonics", "1,2,5,6", "--starts", "2", "--out", "a.json")
    record = json.loads((tmp_path / "a.json").read_text())
    record["design"] |= {"proven_peak_bound": 0.99 * record["design"]["peak"], "proven_by": "moments of order 4"}
    (tmp_path / "a.json").write_text(json.dumps(record))
    for command in (("measure", "a.json"), ("design", "a.json", "--starts", "1")):
        told = run(*command).out
        assert "(as the file states, by moments: order 4; crestfall verify checks its proof)" in told
    assert "(as the file states, by moments: order 4)" in run("explain", "a.json").out
    assert json.loads(run("measure", "a.json", "--json").out)["lower_bound_is_stated"] is True
    record["design"]["proven_peak_bound"] = 1.01 * record["design"]["peak"]
    (tmp_path / "a.json").write_text(json.dumps(record))
    refused = run("measure", "a.json")
    assert refused.is_one_line_error()
    assert "no phases can be below a lower bound" in refused.err
