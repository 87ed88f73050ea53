"""atlas/compute.py: it goes on where it was, never makes an entry worse, and may be killed at any moment."""

import importlib.util
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import crestfall as cf
from crestfall.atlas.entry import Entry, from_lines, to_lines

SCRIPT = Path(__file__).parents[2] / "atlas" / "compute.py"


@pytest.fixture(scope="module")
def compute():
    spec = importlib.util.spec_from_file_location("atlas_compute", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*arguments):
    return subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )


def entry_of(kind, n, phases):
    ms = cf.Multisine.harmonics(range(1, n + 1))
    return Entry.of(kind, cf.Design.of(ms, phases), "2000-01-01")


def test_it_computes_goes_on_and_keeps_the_other_entries(tmp_path):
    file = tmp_path / "designs.jsonl"
    other = entry_of("real", 5, np.zeros(5))
    file.write_text(to_lines([other]))
    done = run("--kinds", "real,odd", "--sizes", "2:3", "--seconds", 0.2, "--file", file)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 4
    first = from_lines(file.read_text())
    assert [(entry.kind, entry.n) for entry in first] == [("real", 2), ("real", 3), ("real", 5), ("odd", 2), ("odd", 3)]
    assert first[2] == other
    again = run("--kinds", "real,odd", "--sizes", "2:3", "--seconds", 0.2, "--seed", 9, "--file", file)
    assert again.returncode == 0, again.stderr
    for old, new in zip(first, from_lines(file.read_text()), strict=True):
        assert new == old or new.peak < old.peak


def test_only_a_lower_peak_replaces_an_entry(compute, tmp_path):
    file = tmp_path / "designs.jsonl"
    good = np.array([3.8824788000318895, 3.2268844001199435, 4.291532365531875, 1.0314828543575167])
    ms = cf.Multisine.harmonics(range(1, 5))
    assert compute.keep_if_better(file, "real", cf.Design.of(ms, np.zeros(4)), "2001-01-01").date == "2001-01-01"
    assert compute.keep_if_better(file, "real", cf.Design.of(ms, good), "2001-01-02").date == "2001-01-02"
    before = file.read_text()
    for phases in (np.zeros(4), good, good + 0.7 * np.arange(1, 5)):  # worse, the same, the same later
        assert compute.keep_if_better(file, "real", cf.Design.of(ms, phases), "2001-01-03") is None
    assert file.read_text() == before


def test_a_claim_that_the_phases_do_not_keep_does_not_stay(compute, tmp_path):
    file = tmp_path / "designs.jsonl"
    file.write_text(to_lines([replace(entry_of("real", 3, np.zeros(3)), peak=1.0)]))
    better = cf.minimize_peak(cf.Multisine.harmonics(range(1, 4)), starts=4)
    assert compute.keep_if_better(file, "real", better, "2001-01-01") is not None


def test_what_another_process_found_meanwhile_is_kept(compute, tmp_path, monkeypatch):
    file = tmp_path / "designs.jsonl"
    others = entry_of("real", 3, np.array([0.0, 0.0, np.pi]))

    def search_while_another_writes(kind, n, known, seconds, seed):
        file.write_text(to_lines([others]))
        return cf.Design.of(cf.Multisine.harmonics(range(1, n + 1)), np.zeros(n))

    monkeypatch.setattr(compute, "search", search_while_another_writes)
    monkeypatch.setattr(sys, "argv", ["compute.py", "--kinds", "real", "--sizes", "2", "--file", str(file)])
    compute.main()
    assert [entry.n for entry in from_lines(file.read_text())] == [2, 3]


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", ["SIGKILL", "SIGINT"])
def test_the_file_survives_when_it_is_stopped_midway(number, tmp_path):
    file = tmp_path / "designs.jsonl"
    command = [sys.executable, str(SCRIPT), "--kinds", "real", "--sizes", "2:40", "--seconds", "0.3"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, "--file", str(file)], **pipes) as process:
        lines = [process.stdout.readline() for _ in range(3)]  # each line comes after its entry is on the disk
        process.send_signal(getattr(signal, number))
        _, complaints = process.communicate(timeout=60)
    assert process.returncode == (-signal.SIGKILL if number == "SIGKILL" else 0), complaints
    kept = from_lines(file.read_text())
    assert [entry.n for entry in kept][:3] == [2, 3, 4]
    assert len(kept) < 39
    assert [line.split(":")[0] for line in lines] == [f"real n = {n}" for n in (2, 3, 4)]
    assert run("--kinds", "real", "--sizes", "5", "--seconds", 0.2, "--file", file).returncode == 0
    assert {2, 3, 4, 5} <= {entry.n for entry in from_lines(file.read_text())}


def test_a_damaged_file_is_left_alone(tmp_path):
    file = tmp_path / "designs.jsonl"
    file.write_text('{"kind": "real", ')
    done = run("--kinds", "real", "--sizes", "2", "--seconds", 0.1, "--file", file)
    assert done.returncode != 0
    assert "atlas line 1" in done.stderr
    assert file.read_text() == '{"kind": "real", '


@pytest.mark.parametrize("choice", [("--kinds", "even"), ("--sizes", "200"), ("--sizes", "x")])
def test_bad_choices_are_refused(compute, choice, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["compute.py", *choice, "--file", str(tmp_path / "designs.jsonl")])
    with pytest.raises(SystemExit) as exit:
        compute.main()
    assert exit.value.code == 2
    assert choice[0].lstrip("-") in capsys.readouterr().err
