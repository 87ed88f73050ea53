"""Options of single formats on the command line, and every new format from end to end."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

import crestfall as cf
from crestfall.cli.file_options import RigolModel, Separator
from crestfall.files import EXPORTS, FORMATS
from crestfall.files.rigol_csv import MODELS
from crestfall.files.samples_text import SEPARATORS

PAGE = Path(__file__).parents[2] / "docs" / "instruments.md"
COMMANDS = re.findall(r"`crestfall (convert [^`]+)`", PAGE.read_text("utf-8"))
TONES = ("--harmonics", "1:8", "--fundamental", "10", "--starts", "1", "--quiet")


def summed(design, times):
    angles = 2 * np.pi * np.multiply.outer(times, design.multisine.frequencies) + design.phases
    return np.cos(angles) @ design.multisine.amplitudes


@pytest.fixture
def saved(run, tmp_path):
    assert run("design", *TONES, "--out", "a.json").code == 0
    return cf.load(tmp_path / "a.json")


def test_a_column_with_the_time(run, tmp_path, saved):
    done = run("convert", "a.json", "--out", "a.txt", "--time-column", "--separator", "comma", "--rate", "1kHz")
    assert done.code == 0, done.err
    times, values = np.loadtxt(tmp_path / "a.txt", delimiter=",").T
    np.testing.assert_allclose(times, np.arange(100) / 1000.0)
    np.testing.assert_allclose(values, summed(saved, times), atol=1e-12)


def test_options_go_to_the_files_that_have_them(run, tmp_path):
    outs = ("--out", "a.dat", "--out", "a_rigol.csv", "--out", "a.play.json", "--out", "a.json")
    done = run("design", *TONES, *outs, "--no-header", "--rigol-model", "DG5000", "--tones-only")
    assert done.code == 0, done.err
    assert float((tmp_path / "a.dat").read_text().splitlines()[0])
    assert (tmp_path / "a_rigol.csv").read_text().startswith("RIGOL:DG5:CSV DATA FILE\n")
    assert json.loads((tmp_path / "a.play.json").read_text())["content"]["signals"] == []
    assert cf.load(tmp_path / "a.play.json") == cf.load(tmp_path / "a.json")


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--time-column",), "--time-column: no file of --out takes it; write one of .txt, .dat, or leave it out"),
        (("--rigol-model", "DG800"), "--rigol-model: no file of --out takes it; write one of _rigol.csv"),
        (("--separator", "|"), "'|' is not one of 'tab', 'space', 'comma', 'semicolon'"),
    ],
)
def test_options_that_no_file_has_are_refused_before_anything_is_written(options, said, run, tmp_path):
    done = run("convert", "a.json", "--out", "a.wav", *options)
    assert done.code == 2
    assert said in " ".join(done.err.replace("│", " ").split())
    assert not (tmp_path / "a.wav").exists()


def test_choices_are_those_of_the_formats():
    assert {one.value for one in Separator} == set(SEPARATORS)
    assert {one.value for one in RigolModel} == set(MODELS)


@pytest.mark.usefixtures("saved")
def test_what_a_format_cannot_do_is_said_before_a_search(run, tmp_path):
    done = run("design", *TONES, "--out", "b.tdms", "--out", "b.json", "--bits", "12")
    assert done.code == 2
    assert "--bits is 12, but .tdms files hold volts; leave it out" in done.err
    assert not (tmp_path / "b.json").exists()


@pytest.mark.usefixtures("saved")
def test_a_saved_design_is_converted_to_every_format(run, tmp_path):
    endings = [ending for ending in FORMATS | EXPORTS if ending not in (".json", ".sigmf-data")]
    outs = [argument for ending in endings for argument in ("--out", f"b{ending}")]
    done = run("convert", "a.json", *outs, "--rate", "8000", "--periods", "2", "--json")
    assert done.code == 0, done.err
    lengths = json.loads(done.out)["files"]
    for ending in endings:
        assert (tmp_path / f"b{ending}").stat().st_size
        sampled = ending not in (".csv", ".npz")
        assert lengths[f"b{ending}"] == ({"rate_hz": 8000.0, "periods": 2, "samples": 1600} if sampled else None)


def test_every_command_of_the_page_of_instruments_writes_its_file(run, tmp_path, saved):
    saved.save(tmp_path / "design.json")
    iq = cf.Multisine.harmonics([-3, 1, 2], 10.0, complex=True)
    cf.Design.of(iq, [0.0, 1.0, 2.0]).save(tmp_path / "iq.json")
    assert len(COMMANDS) > 20
    for command in COMMANDS:
        words = shlex.split(command)
        done = run(*words, "--overwrite", "--quiet")
        assert done.code == 0, (command, done.err)
        path = tmp_path / words[words.index("--out") + 1]
        assert path.stat().st_size, command
        path.unlink()


def test_every_ending_of_samples_is_on_the_page_of_instruments():
    named = {Path(word).name for command in COMMANDS for word in shlex.split(command)}
    sampled = {ending for ending in FORMATS | EXPORTS if ending not in (".json", ".csv", ".npz", ".sigmf-data", ".dat")}
    assert {ending for ending in sampled if not any(name.endswith(ending) for name in named)} == set()
