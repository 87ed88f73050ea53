"""What the command prints fits the terminal: no word in two, quantities in readable units, a short beginning."""

import json
import re

import pytest

from crestfall.cli import app
from crestfall.cli.completion import measure, method, page
from crestfall.cli.wrapping import fitted
from crestfall.search.methods import METHODS

COMMANDS = [(), ("design",), ("measure",), ("convert",), ("search",), ("studio",), ("atlas",), ("store",)]


def words_of(text):
    return re.findall(r"\S+", text)


@pytest.mark.parametrize("columns", [40, 80])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_fits_and_breaks_no_word(run, monkeypatch, command, columns):
    monkeypatch.setenv("COLUMNS", "1000")
    whole = run(*command, "--help").out
    monkeypatch.setenv("COLUMNS", str(columns))
    narrow = run(*command, "--help").out
    assert words_of(narrow) == words_of(whole)
    for line in narrow.splitlines():
        assert len(line) < columns or len(words_of(line)) == 1


HEADINGS = ["Arguments", "Tones", "What the file holds", "What is minimised", "Search", "Proof", "Files"]


def test_the_options_of_design_are_under_headings(run):
    lines = run("design", "--help").out.splitlines()
    headings = [line.rstrip(":") for line in lines if re.fullmatch(r"\w[^<>]*:", line)]
    assert headings == [*HEADINGS, "What is played", "What some files hold", "Options"]
    under = {}
    for line in lines:
        if line.rstrip(":") in headings:
            under[line.rstrip(":")] = names = []
        elif found := re.match(r"  (?:-h, )?--([\w-]+)", line):
            names.append(found[1])
    assert under["Options"] == ["picture", "json", "quiet", "help"]
    assert under["Proof"] == ["bound-time", "prove", "checkpoint", "proof"]
    assert under["Files"] == ["out", "overwrite", "band-rates"]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_names_kinds_of_values_in_plain_words(run, command):
    kinds = set(re.findall(r"<[a-z][^>]*>", run(*command, "--help").out, re.I))
    choices = {kind for kind in kinds if "|" in kind}
    assert kinds - choices <= {"<text>", "<number>", "<path>"}


def test_every_command_has_this_help():
    assert all(one.cls.__name__ == "Command" for one in app.registered_commands)
    for group in app.registered_groups:
        assert group.typer_instance.info.cls.__name__ == "Group"
        assert all(one.cls.__name__ == "Command" for one in group.typer_instance.registered_commands)


def test_the_command_alone_prints_three_lines(run):
    done = run()
    assert done.code == 0
    assert done.out.count("\n") == 3
    assert all(len(line) < 80 for line in done.out.splitlines())


BOUND_0 = ("--bound-time", "0")


class Terminal:
    def isatty(self):
        return True


def test_lines_for_a_terminal_are_broken_between_words(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    text = (
        "gap           55.43%   how far this design is above the bound, which does not know the constraints\n  at 0.5 s"
    )
    shown = fitted(text, Terminal(), later=" " * 14)
    assert words_of(shown) == words_of(text)
    assert max(map(len, shown.splitlines())) <= 40
    assert shown.splitlines()[1].startswith(" " * 14)
    assert shown.splitlines()[-1] == "  at 0.5 s"


def test_frequencies_are_in_readable_units(run):
    frequencies = ("--frequencies", "100MHz,101MHz,103MHz,106.5MHz")
    out = run("design", *frequencies, "--starts", "1", "--out", "a.wav").out
    assert "4 real, 100 MHz … 106.5 MHz, fundamental 500 kHz" in out
    assert "one period of 2 µs" in out
    assert re.search(r"a\.wav   \S+ [kMG]Hz, ", out)


def test_the_gap_says_when_the_bound_does_not_know_the_constraints(run):
    free = run("design", "--harmonics", "1:7", "--starts", "1").out
    assert re.search(r"above the bound$", free, re.M)
    four = run("design", "--harmonics", "1:7", "--starts", "1", "--alphabet", "2").out
    assert "above the bound, which does not know the constraints" in four


def test_names_are_completed():
    assert method("") == list(METHODS)
    assert method("mini") == ["minimax"]
    assert measure("one") == ["one-sided"]
    assert "fields/mri" in page("fields/")
    assert page("problems#meas") == ["problems#measures"]
    assert page("nothing#") == []


def test_a_design_of_the_atlas_says_so_once(run):
    told = run("design", "--harmonics", "1:31").out
    assert "found by" not in told
    assert re.search(r"^status .*; from the atlas of \d{4}-\d\d-\d\d$", told, re.M)
    assert re.search(
        r"^lower bound +1\.2020\d+ .*\(by moments: order 2, with 3 derivatives, from the atlas\)$", told, re.M
    )
    assert "found by" in run("design", "--harmonics", "1:31", "--starts", "1").out


def test_no_time_for_a_bound_may_be_said(run):
    told = [run("design", "--harmonics", "1,2,5", "--starts", "1", *more, "--json").out for more in ((), BOUND_0)]
    assert json.loads(told[0])["lower_bound"] == json.loads(told[1])["lower_bound"]
    assert "the bound" not in json.loads(told[1])["status"]
    refused = run("design", "--harmonics", "1,2,5", "--bound-time", "-1s")
    assert refused.is_one_line_error()
    assert "or 0 for none" in refused.err
