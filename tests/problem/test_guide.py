"""Errors name the page that explains them, and every page that they name exists."""

import importlib
import re
from pathlib import Path

import numpy as np
import pytest

import crestfall as cf
from crestfall.cli.errors import complain
from crestfall.files import read_problem
from crestfall.files.tones import read_tones
from crestfall.problem import guide

ROOT = Path(__file__).parents[2]
MS = cf.Multisine.harmonics(range(1, 9))


@pytest.mark.parametrize(("module", "page"), guide.EXPLAINED_BY.items())
def test_every_page_that_is_named_exists_and_so_does_the_module(module, page):
    importlib.import_module(module)
    name, _, anchor = page.partition("#")
    text = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    if anchor:
        headings = re.findall(r"^#+ (.*)$", text, re.M)
        assert anchor in [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]


ERRORS = {
    "a tone that is not there": (lambda: cf.minimize_peak(MS, constraints=[cf.Hold({9: 0.0})]), "problems#constraints"),
    "a limit of zero": (lambda: cf.Output(limit=0.0), "problems#outputs-and-limits"),
    "a response of the wrong length": (
        lambda: cf.minimize_peak(MS, outputs=[cf.Output(np.ones(3))]),
        "problems#outputs-and-limits",
    ),
    "an unknown measure": (lambda: cf.minimize_peak(MS, measure="width"), "problems"),
    "an alphabet of one": (lambda: cf.Alphabet(1), "problems#discrete-phases"),
    "a window of no length": (
        lambda: cf.Window(0.0, duration=0.0),
        "problems#times-that-count",
    ),
    "no common period": (lambda: cf.Multisine([1.0, 2**0.5]).period, "start#the-same-in-python"),
    "two fields that exclude each other": (
        lambda: cf.minimize_peak(MS, over=cf.Window(0.0, 1.0), prove=True),
        "problems#what-goes-with-what",
    ),
    "an effort of no starts": (lambda: cf.minimize_peak(MS, starts=0), "problems#effort"),
    "a raster of no samples": (lambda: cf.snap([1.0], 10.0, 0), "problems#grids-rasters-and-converters"),
    "too many tones for a proof": (lambda: cf.minimize_peak(cf.Multisine.harmonics(range(1, 40)), prove=True), "proof"),
    "tones of one frequency in L2p": (
        lambda: cf.minimize_peak(cf.Multisine([1, 1, 2]), method="l2p"),
        "methods#limits",
    ),
    "a format that is not read": (lambda: cf.load("a.docx"), "exports"),
    "a file without tones": (lambda: read_tones("tones.txt"), "exports#in"),
    "a wrong problem file": (lambda: read_problem(Path("wrong.toml")), "problems#problem-files"),
    "nothing that a page explains": (lambda: cf.Design.of(MS, np.zeros(8)).waveform(1.0), None),
}


@pytest.mark.parametrize("what", ERRORS)
def test_an_error_leads_to_its_page(what, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("tones.txt").write_text("furlongs\n1\n")
    Path("wrong.toml").write_text("[tones]\nharmonics = '1:5'\n[goal]\nnothing = 1\n")
    fail, page = ERRORS[what]
    with pytest.raises((ValueError, TypeError)) as caught:
        fail()
    assert guide.page_about(caught.value) == page
    notes = getattr(caught.value, "__notes__", [])
    assert notes in ([], [f"crestfall help {page} explains this"])


def test_public_functions_add_the_page_to_their_errors_once():
    with pytest.raises(ValueError, match="9 is not a tone") as caught:
        cf.minimize_peak(MS, constraints=[cf.Hold({9: 0.0})])
    assert caught.value.__notes__ == ["crestfall help problems#constraints explains this"]
    assert "crestfall help" not in str(caught.value)


def test_pages_and_their_parts_are_found():
    found = guide.pages()
    on_disk = [path for path in (ROOT / "docs").rglob("*.md") if "api" not in path.parts]
    assert len(found) == len(on_disk)
    for name in found:
        text = guide.read_page(name)
        parts = [line for line in re.sub(r"```.*?```", "", text, flags=re.S).splitlines() if line.startswith("## ")]
        whole = "".join(guide.read_page(f"{name}#{guide.anchor_of(part[3:])}") for part in parts)
        assert text.endswith(whole)


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("problem", "did you mean 'problems'"),
        ("xyz", "there are "),
        ("problems#x", "it has tones, grids-rasters-and-converters"),
    ],
)
def test_what_is_not_there_is_refused(topic, words):
    with pytest.raises(ValueError, match=words):
        guide.read_page(topic)


@pytest.mark.parametrize("terminal", [True, False])
def test_the_page_stands_on_a_line_of_its_own_for_a_person(terminal, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(ValueError, match="limit") as caught:
        cf.Output(limit=0.0)
    complain(caught.value)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("crestfall: error: ")
    assert lines[1:] == ["crestfall help problems#outputs-and-limits explains this"] * terminal
