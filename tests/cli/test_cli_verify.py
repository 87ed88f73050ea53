"""``crestfall design --proof`` and ``crestfall verify``."""

import json
import re

import pytest

import crestfall as cf
from crestfall.cli import proof_file

THREE = ("design", "--harmonics", "1:3", "--fundamental", "10", "--bound-time", "60s")


def test_a_proof_is_written_and_verified(run, tmp_path):
    done = run(*THREE, "--proof", "bound.json", "--out", "design.json")
    assert done.code == 0, done.err
    assert "crest factor below 1.585" in done.out
    proof, design = cf.load_proof(tmp_path / "bound.json"), cf.load(tmp_path / "design.json")
    assert proof.check(design.multisine) == proof.peak <= design.peak
    checked = run("verify", "bound.json", "--tones", "design.json")
    assert checked.code == 0
    assert checked.out.startswith(
        "bound.json: no phases of 3 real tones (harmonics 1:3, all of amplitude 1) have a crest factor below 1.585"
    )
    assert "checked in exact arithmetic" in checked.out
    assert "examples/check_bound.py checks it without crestfall" in checked.out
    percent = (design.peak_interval[1] / proof.peak - 1) * 100
    said = float(checked.out.splitlines()[1].removeprefix("design.json is within ").split(" % of the best possible")[0])
    assert percent <= said < percent + 0.0011
    found = json.loads(run("verify", "bound.json", "--json").out)["proofs"]
    assert [(one["file"], one["proven"], one["peak"]) for one in found] == [("bound.json", True, proof.peak)]
    (tmp_path / "other.csv").write_text("frequency_hz\n10\n20\n40\n")
    text = (tmp_path / "bound.json").read_text()
    (tmp_path / "damaged.json").write_text(text.replace('"order":4', '"order":3'))
    for arguments, reason in (
        (
            ("bound.json", "--tones", "other.csv"),
            "it is about other tones, 3 real tones (harmonics 1:3, all of amplitude 1)",
        ),
        (("bound.json", "damaged.json"), "it was changed or damaged after it was saved"),
        (("design.json",), "this is a design; its proof is the file that --proof"),
    ):
        refused = run("verify", *arguments)
        assert refused.code == 1
        assert f"proves nothing: {reason}" in refused.err
        assert len(refused.err.splitlines()) == 1
    found = json.loads(run("verify", "damaged.json", "--json").out)["proofs"]
    assert [one["proven"] for one in found] == [False]
    assert run("verify", "none.json").is_one_line_error()


def test_every_file_gets_a_verdict_when_one_cannot_be_read(run, tmp_path):
    cf.prove_in_boxes(cf.Multisine.harmonics([1, 2, 3]), 1.9).save(tmp_path / "boxes.json")
    (tmp_path / "damaged.json").write_text("{")
    done = run("verify", "none.json", "boxes.json", "damaged.json", ".", "boxes.json")
    assert done.code == 2
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["boxes.json", "boxes.json"]
    first, second, third = done.err.splitlines()
    assert first.startswith("crestfall: error: none.json cannot be read: no such file")
    assert second.startswith("damaged.json: proves nothing: not JSON")
    assert third.startswith("crestfall: error: . is a folder")
    done = run("verify", "none.json", "boxes.json", "--json")
    assert (done.code, done.err) == (2, "")
    assert [one["proven"] for one in json.loads(done.out)["proofs"]] == [False, True]


def test_only_of_one_drive_with_given_amplitudes_is_said_how_far_it_is_from_the_best(run, tmp_path):
    ms = cf.Multisine.harmonics([1, 2, 3])
    cf.prove_in_boxes(ms, 1.9).save(tmp_path / "boxes.json")
    cf.minimize_peak(cf.Problem(ms, tolerance_db=1.0), starts=4).save(tmp_path / "free.json")
    cf.Design.of(ms, [0.0, 0.0, 0.0]).save(tmp_path / "flat.json")
    done = run("verify", "boxes.json", "--tones", "free.json")
    assert (done.code, len(done.out.splitlines())) == (0, 1)
    done = run("verify", "boxes.json", "--tones", "flat.json", "--json")
    found = json.loads(done.out)["proofs"][0]
    assert found["design_excess"] == pytest.approx(3.0 / 1.9 - 1.0)
    assert "flat.json is within 57.895 % of the best possible" in found["distance"]


def test_a_proof_is_no_design(run, tmp_path):
    cf.prove_in_boxes(cf.Multisine.harmonics([1, 2, 3]), 1.9).save(tmp_path / "boxes.json")
    refused = run("measure", "boxes.json")
    assert refused.is_one_line_error()
    assert "it is a proof of a lower bound, not a design; crestfall verify or" in refused.err


def test_the_boxes_of_a_proof_are_written_and_verified(run, tmp_path):
    done = run("design", "--harmonics", "1:5", "--prove", "--proof", "boxes.json")
    assert done.code == 0, done.err
    assert "no phases of 5 real tones (harmonics 1:5, all of amplitude 1) have a crest factor below 1.4807" in done.out
    assert "crestfall verify boxes.json checks it, and examples/check_boxes.py without crestfall" in done.out
    assert cf.load_proof(tmp_path / "boxes.json").argument == "branch and bound"
    checked = run("verify", "boxes.json")
    assert checked.code == 0
    assert "branch and bound" in checked.out
    assert "checked with a margin for rounding" in checked.out


def test_a_proof_that_has_not_ended_has_no_file(run, tmp_path):
    arguments = ("design", "--harmonics", "1:3", "--prove", "--time-limit", "1ms", "--no-atlas", "--proof", "a.json")
    done = run(*arguments)
    assert done.code == 2
    assert "a.json: not written: branch and bound has not ended" in done.err
    assert not (tmp_path / "a.json").exists()
    done = run(*arguments, "--bound-time", "60s")  # then moments have to do
    assert done.code == 0, done.err
    assert cf.load_proof(tmp_path / "a.json").argument.startswith("moments")


def test_boxes_of_many_tones_are_refused_before_the_search(run, tmp_path):
    for tones in (("--harmonics", "1:11"), ("--harmonics", "0:11", "--complex")):
        refused = run("design", *tones, "--prove", "--proof", "a.json")
        assert refused.is_one_line_error()
        assert "--proof: the boxes of 1" in refused.err
        assert "--bound-time" in refused.err
    done = run("design", "--harmonics", "1:11", "--prove", "--bound-time", "5s", "--proof", "a.json")
    assert done.code == 0, done.err
    assert cf.load_proof(tmp_path / "a.json").argument.startswith("moments")


def test_an_interrupt_while_boxes_are_found_leaves_the_design(run, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(proof_file, "prove_in_boxes", interrupted)
    done = run("design", "--harmonics", "1:5", "--prove", "--proof", "a.json", "--out", "design.json")
    assert done.code == 2
    assert "a.json: not written: interrupted; the design is not affected" in done.err
    assert "crest factor" in done.out
    assert cf.load(tmp_path / "design.json").status.startswith("global optimum")


def test_an_unfinished_proof_says_how_it_goes_on(run):
    asked = ("design", "--harmonics", "1:10", "--no-atlas", "--starts", "1", "--time-limit", "1s", "--prove")
    done = run(*asked, "--checkpoint", "c.npz", "--proof", "a.json")
    assert done.code == 2
    assert "give the same command again, and it continues from c.npz" in done.err
    assert re.search(r"stopped at the time limit after \d+ boxes", done.out)


def test_a_checkpoint_that_the_atlas_makes_useless_is_noted(run, tmp_path):
    done = run("design", "--harmonics", "1:5", "--prove", "--checkpoint", "c.npz")
    assert done.code == 0
    assert "the checkpoint is not used: the atlas knows" in done.err
    assert not (tmp_path / "c.npz").exists()


@pytest.mark.parametrize("tones", [("--harmonics", "5"), ("--frequencies", "5,5")])
def test_a_single_frequency_has_no_proof(run, tmp_path, tones):
    done = run("design", *tones, "--prove", "--proof", "a.json")
    assert done.code == 2
    assert "a.json: not written: the least peak of a single frequency has a closed form" in done.err
    assert not (tmp_path / "a.json").exists()


def test_the_checkpoint_of_other_tones_is_named(run):
    asked = ("design", "--prove", "--no-atlas", "--starts", "4", "--checkpoint", "state.npz", "--harmonics")
    assert run(*asked, "1:4").code == 0
    for other, said in (
        (("1:5",), "is about other tones (4 of them, harmonics 1, 2, 3, 4)"),
        (("4,3,2,1",), "is about other tones"),
        (("1:4", "--complex"), "is about other tones"),
        (("1:4", "--amplitudes", "1:1, 4:0.5"), "is about other amplitudes"),
    ):
        refused = run(*asked, *other)
        assert refused.is_one_line_error()
        assert said in refused.err
        assert refused.err.startswith("crestfall: error: state.npz: ")
        assert "choose another file, or delete it" in refused.err


def test_a_proof_keeps_where_it_stands_in_a_file(run, tmp_path):
    asked = ("design", "--harmonics", "1:8", "--prove", "--no-atlas", "--starts", "16", "--json")
    refused = run(*asked, "--checkpoint", "no/state.npz")
    assert refused.is_one_line_error()
    assert "--checkpoint no/state.npz: there is no folder no" in refused.err
    refused = run(*asked[:3], "--checkpoint", "state.npz")
    assert refused.is_one_line_error()
    assert "--checkpoint is for a proof by branch and bound; give --prove, too" in refused.err
    done = run(*asked, "--checkpoint", "state.npz")
    assert done.code == 0, done.err
    assert json.loads(done.out)["status"].startswith("global optimum to 0.1 %")
    boxes = json.loads(done.out)["status"].split()[-2]
    again = json.loads(run(*asked, "--checkpoint", "state.npz").out)
    assert again["status"].split()[-2] == boxes  # nothing was bounded again


def test_a_bound_that_its_squares_do_not_prove(run, tmp_path):
    from dataclasses import replace

    proof = cf.prove_bound(cf.Multisine.harmonics([1, 2, 3]), effort=60.0)
    replace(proof, peak=2 * proof.peak).save(tmp_path / "high.json")
    refused = run("verify", "high.json")
    assert refused.code == 1
    assert "high.json: proves nothing: its squares do not prove that no phases have a peak below" in refused.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--harmonics", "1:3", "--proof", "a.json"), "give --prove, or time for one: --bound-time"),
        ((*THREE[1:], "--proof", "a.csv"), "ends with .json"),
        ((*THREE[1:], "--proof", "there.json"), "there.json exists"),
        ((*THREE[1:], "--proof", "no/a.json"), "there is no folder no"),
        ((*THREE[1:], "--proof", "one.json", "--out", "one.json"), "--proof and --out write one file, one.json"),
        ((*THREE[1:], "--bands", "2", "--proof", "a.json"), "not with --bands"),
    ],
)
def test_a_proof_that_cannot_be_written_is_refused_before_the_search(run, tmp_path, arguments, message):
    (tmp_path / "there.json").write_text("")
    refused = run("design", *arguments)
    assert refused.is_one_line_error()
    assert message in refused.err


@pytest.mark.parametrize("proof", [("--prove",), ("--bound-time", "5s")])
@pytest.mark.parametrize(
    ("goal", "what"),
    [
        (("--tolerance-db", "1"), "a tolerance or extra tones"),
        (("--complex", "--measure", "components"), "measure 'components'"),
        (("--alphabet", "4"), "an alphabet"),
        (("--goal-rate", "32"), "samples that count"),
    ],
)
def test_what_cannot_be_proved_is_named_with_what_remains(run, proof, goal, what):
    refused = run("design", "--harmonics", "1:5", *goal, *proof)
    assert refused.is_one_line_error()
    assert f"{proof[0]} cannot be combined with {what}" in refused.err
    assert "the true peak of one drive over a period, its tones given and its phases free" in refused.err
    assert "a bound by formula remains, where one is known" in refused.err


def test_no_proof_in_no_time(run, tmp_path):
    done = run("design", "--harmonics", "1:3", "--bound-time", "1ns", "--proof", "a.json")
    assert done.code == 2
    assert "crest factor" in done.out
    assert "a.json: not written: --bound-time is 1e-09 s, in which moments proved nothing" in done.err
    assert not (tmp_path / "a.json").exists()


def test_a_design_has_the_proof_of_its_bound(tmp_path):
    ms = cf.Multisine.harmonics([1, 2, 5], 10.0, [1.0, 0.5, 0.8])
    design = cf.minimize_peak(ms, starts=1, bound_time=60.0)
    assert design.bound_proof.check(ms) == design.proven_peak_bound
    assert design.bound_proof.argument == design.proven_by
    assert design.starting_at_zero().bound_proof == design.bound_proof
    design.save(tmp_path / "design.json")
    again = cf.load(tmp_path / "design.json")
    assert again == design
    assert again.bound_proof is None
    assert cf.minimize_peak(ms, starts=1).bound_proof is None
