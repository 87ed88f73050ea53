"""``crestfall search`` and ``crestfall store`` as a user runs them; merging two stores."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import crestfall as cf
from crestfall.atlas.store import Store, StoredTones, merge, verify
from crestfall.cli.problems import problems_from
from crestfall.problem.multisine import Multisine


@pytest.fixture
def other(tmp_path):
    return tmp_path / "other.sqlite"


def peaks(store, tones):
    return [row.peak_high for row in store.history(tones)]


def test_merging_takes_the_best_of_both_and_loses_nothing(path, other, tones, better, make_improving):
    second = StoredTones(Multisine([1.0, 3.0, 4.0], [1, 2, 3]))
    extra = make_improving(second, 3)
    with Store.open(path) as target, Store.open(other) as source:
        for k in (0, 2):
            target.add(tones, better[k])
        for k in (1, 3, 4):
            source.add(tones, better[k])
        for improvement in extra:
            source.add(second, improvement)
        before = [row.to_row() for row in source.history(tones)]
    with Store.open(path) as target, Store.read(other) as source:
        done = merge(target, source)
        assert (done.problems, done.improved, done.added, done.refused) == (2, 2, 5, [])
        assert peaks(target, tones) == [better[k].peak_high for k in (4, 3, 2, 0)]
        assert [row.to_row() for row in target.history(second)] == [row.to_row() for row in source.history(second)]
        assert [row.to_row() for row in source.history(tones)] == before
        assert all(finding is None for _, finding in verify(target))
        assert merge(target, source).added == 0


def test_merging_refuses_a_design_that_is_not_what_it_claims(path, other, tones, better):
    with Store.open(other) as source:
        for improvement in better:
            source.add(tones, improvement)
    content = other.read_bytes()
    phases = better[-1].phases_rad.tobytes()
    other.write_bytes(content.replace(phases, (better[-1].phases_rad + np.arange(5)).tobytes()))
    with Store.open(path) as target, Store.read(other) as source:
        done = merge(target, source)
        assert len(done.refused) == 1
        assert "but the phases give" in done.refused[0]
        assert peaks(target, tones)[0] == better[-2].peak_high


def test_a_campaign_from_beginning_to_end(run, run_process, one_line, tmp_path):
    (tmp_path / "tones.csv").write_text("frequency_hz,amplitude\n300,2\n100,4\n200,1\n")
    search = ("search", "tones.csv", "odd:3:4", "--store", "a.sqlite", "--seconds", 0.1, "--workers", 1)
    code, out, err = run_process(*search)
    assert (code, err) == (0, "")
    assert out.count("saved ") == 4
    assert out.splitlines()[-1] == "finished after 3 searches, 3 better designs saved in a.sqlite"

    listed = [json.loads(line) for line in run("store", "list", "a.sqlite", "--json")[1].splitlines()]
    assert [row["problem"] for row in listed[1:]] == ["odd:3", "odd:4"]
    assert run("store", "list", "a.sqlite")[1].count("crest factor") == 3
    name = listed[0]["problem"]
    assert name.startswith("real-3-")

    shown = json.loads(run("store", "show", "a.sqlite", "tones.csv", "--json")[1])
    assert shown["problem"] == name
    assert shown["history"][0]["method"].startswith("p-norm continuation")
    assert shown["frequencies_hz"] == [100.0, 200.0, 300.0]
    assert "certified between" in run("store", "show", "a.sqlite", "odd:3")[1]
    one_line(run("store", "show", "a.sqlite", "odd:5"))
    one_line(run("store", "show", "a.sqlite", "real"))

    assert run("store", "export", "a.sqlite", "--out", "out")[0] == 0
    design = cf.load(tmp_path / "out" / f"{name}.json")
    assert design.multisine.amplitudes.tolist() == [4.0, 1.0, 2.0]
    assert design.crest_factor == pytest.approx(shown["crest_factor"], rel=1e-12)
    one_line(run("store", "export", "a.sqlite", "--out", "out"))  # the files exist
    one_line(run("store", "export", "a.sqlite", "--format", "exe"))

    assert run("store", "verify", "a.sqlite") == (0, "3 problems verified\n", "")
    code, out, _ = run("store", "merge", "b.sqlite", "a.sqlite")
    assert (code, out) == (0, "3 problems, 3 of them better now, 3 designs taken over\n")
    one_line(run("store", "merge", "a.sqlite", "a.sqlite"))


@pytest.mark.parametrize(
    "words",
    [
        ("search", "real:0", "--store", "s.sqlite"),
        ("search", "real:", "--store", "s.sqlite"),
        ("search", "real:1:99999", "--store", "s.sqlite"),
        ("search", "nonsense", "--store", "s.sqlite"),
        ("search", "missing.csv", "--store", "s.sqlite"),
        ("search", "real:4", "--store", "s.sqlite", "--time-limit", "soon"),
        ("search", "real:4", "--store", "s.sqlite", "--seconds", -1),
        ("store", "list", "missing.sqlite"),
        ("store", "list", "."),
        ("search", "real:4", "--store", "."),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(run, one_line, tmp_path, words):
    one_line(run(*words))
    assert not (tmp_path / "s.sqlite").exists()


@pytest.mark.posix
def test_on_a_terminal_the_bar_goes_there_and_the_lines_where_they_are_sent(tmp_path):
    terminal, its_end = os.openpty()
    search = ("search", "real:3:4", "--store", "s.sqlite", "--seconds", "0.2", "--workers", "1")
    done = subprocess.run(
        [sys.executable, "-m", "crestfall", *search],
        stdout=subprocess.PIPE,
        stderr=its_end,
        cwd=tmp_path,
        text=True,
        check=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
    )
    os.close(its_end)
    drawn = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert done.stdout.count("saved real:") == 2
    assert "saved real:" not in drawn
    assert "Ctrl-C keeps everything" in drawn


def test_problem_words():
    assert [ms.n for ms in problems_from(["real:2:2:6", "odd:3,5"])] == [2, 4, 6, 3, 5]
    for word in ("real:64", "odd:32", "complex:8"):
        (ms,) = problems_from([word])
        assert StoredTones(ms).name == word
