"""What a terminal shows besides figures: a picture of the waveform, a curve of the search; and when it does not."""

import os
import re
import sys

import numpy as np
import pytest

import crestfall as cf
from crestfall.cli.braille import Canvas
from crestfall.cli.progress import Curve
from crestfall.cli.terminal_picture import COLUMNS, ROWS, picture_of

DESIGN = ("design", "--harmonics", "1:9", "--starts", "4", "--no-atlas")


def is_braille(text):
    return any("\u2801" <= character <= "\u28ff" for character in text)


def dots_of(lines):
    """``(height, width)`` dots, the lowest row first, by what Unicode says of the characters."""
    order = [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1)]  # dots 1 to 8
    dots = np.zeros((4 * len(lines), 2 * len(lines[0])), dtype=bool)
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            for bit, (down, right) in enumerate(order):
                dots[4 * row + down, 2 * column + right] = (ord(character) - 0x2800) >> bit & 1
    return dots[::-1]


def test_dots_come_out_where_they_were_put():
    canvas, wanted = Canvas(7, 3), np.zeros((12, 14), dtype=bool)
    for column, (low, high) in enumerate([(0, 11), (3, 3), (5, 9), (0, 0), (11, 11), (2, 4), (6, 7)] * 2):
        canvas.span(column, low, high)
        wanted[low : high + 1, column] = True
    assert np.array_equal(dots_of(canvas.lines()), wanted)


@pytest.mark.parametrize("over", [cf.Period(), cf.Window(0.1, 0.7)], ids=["period", "window"])
def test_every_column_spans_what_i_and_q_do_there(over):
    ms = cf.Multisine.harmonics([-3, -1, 0, 2, 5], complex=True)
    design = cf.Design.of(cf.Problem(ms, over=over, measure="components"), [0.0, 1.0, 2.0, 3.0, 4.0])
    lines = picture_of(design)
    assert "I and Q over" in lines[-1]
    assert (lines[0].split()[0], lines[ROWS - 1].split()[0]) == (f"{design.peak:.4g}", f"{-design.peak:.4g}")
    start, duration = getattr(over, "start", 0.0), getattr(over, "duration", 1.0)
    dots = dots_of([line[-COLUMNS:] for line in lines[:ROWS]])
    t = start + duration * np.linspace(0.0, 1.0, 2 * COLUMNS * 200 + 1)
    z = np.exp(1j * (2 * np.pi * np.outer(t, ms.frequencies) + design.phases)).sum(axis=1)
    row = (4 * ROWS - 1) / (2.0 * design.peak)
    for column in range(2 * COLUMNS):
        if column % 4 == 0:
            continue  # where the dashes of the peak are
        inside = np.zeros(4 * ROWS, dtype=bool)
        for part in (z.real, z.imag):
            here = part[200 * column : 200 * (column + 1) + 1]
            low, high = (round((value + design.peak) * row) for value in (here.min(), here.max()))
            inside[low : high + 1] = True
            assert dots[low : high + 1, column].sum() >= high - low - 1  # rounding may take an end
        wider = inside | np.roll(inside, 1) | np.roll(inside, -1)
        assert not np.any(dots[:, column] & ~wider)


@pytest.mark.parametrize(
    "ms", [cf.Multisine.harmonics(range(1, 9), 10.0), cf.Multisine.harmonics([101, 103, 109], complex=True)]
)
def test_every_column_spans_what_the_signal_does_there(ms):
    design = cf.minimize_peak(ms, starts=8)
    lines = picture_of(design)
    assert len(lines) == ROWS + 1
    assert max(map(len, lines)) <= 76
    assert lines[0].split()[0] == f"{design.peak:.4g}"
    seconds = float(lines[-1].split()[-2])
    assert seconds == pytest.approx(ms.period / (2 if ms.complex else 1), rel=1e-3)
    dots = dots_of([line[-COLUMNS:] for line in lines[:ROWS]])
    angle = 2j * np.pi * np.outer(np.linspace(0, seconds, 2 * COLUMNS * 200 + 1), ms.frequencies)
    direct = np.exp(angle + 1j * design.phases).sum(axis=1)
    direct = np.abs(direct) if ms.complex else direct.real
    bottom = 0.0 if ms.complex else -design.peak
    for column in range(2 * COLUMNS):
        if column % 4 == 0:
            continue  # where the dashes of the peak are
        part = direct[200 * column : 200 * (column + 1) + 1]
        on = np.flatnonzero(dots[:, column])
        ends = (np.array([part.min(), part.max()]) - bottom) / (design.peak - bottom) * (4 * ROWS - 1)
        assert on[[0, -1]] == pytest.approx(ends, abs=1.5)
        assert len(on) == on[-1] - on[0] + 1


def test_silence_and_a_single_complex_tone_can_be_drawn():
    for design in (
        cf.Design.of(cf.Multisine([50.0, 50.0]), [0.0, np.pi]),
        cf.Design.of(cf.Multisine([50.0], complex=True), [0.0]),
    ):
        assert len(picture_of(design)) == ROWS + 1


def test_many_samples_are_thinned_out():
    ms = cf.Multisine([1.0, 99_999.0])
    assert is_braille("".join(picture_of(cf.Design.of(ms, [0.0, 0.0]))))


def test_no_picture_in_a_pipe_unless_asked_for(run):
    assert not is_braille(run(*DESIGN).out)
    assert is_braille(run(*DESIGN, "--picture").out)
    assert run(*DESIGN, "--picture", "--json").out.startswith("{")


def test_quiet_prints_nothing_but_errors(run, tmp_path):
    done = run(*DESIGN, "--quiet", "--picture", "--out", "a.csv")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (tmp_path / "a.csv").exists()
    assert run(*DESIGN, "--quiet", "--out", "a.csv").is_one_line_error()


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_terminal_shows_curve_and_picture():
    shown = in_a_terminal("design", "--harmonics", "1:40", "--no-atlas", "--time-limit", "2s", "--workers", "1")
    before, _, after = shown.partition("crest factor  ")
    assert "Ctrl-C keeps the best" in before
    assert is_braille(before)
    assert is_braille(after)
    without = in_a_terminal("design", "--harmonics", "1:9", "--no-atlas", "--starts", "4", "--no-picture")
    assert not is_braille(without.partition("crest factor  ")[2])


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize(("columns", "picture"), [(50, True), (30, False)])
def test_a_narrow_terminal_gets_a_narrow_picture_or_none(columns, picture):
    shown = in_a_terminal(*DESIGN, columns=columns)
    lines = shown[shown.rindex("found by") :].splitlines()[1:]
    assert is_braille("".join(lines)) == picture
    assert max(map(len, lines), default=0) <= columns


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_lists_fit_a_narrow_terminal(run, tmp_path):
    store = tmp_path / "a.sqlite"
    assert run("search", "real:2:3", "--store", store, "--seconds", 0.1, "--workers", 1).code == 0
    for command in ((), ("help",), ("store", "list", store), ("demo", "--equal", 2, "--samples", 100)):
        whole = run(*command).out
        narrow = in_a_terminal(*map(str, command), columns=40)
        assert [word for word in narrow.split() if "." not in word] == [
            word for word in whole.split() if "." not in word
        ]
        assert max(map(len, narrow.splitlines())) <= 40 < max(map(len, whole.splitlines()))


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_terminals_without_colour_cursor_or_unicode_show_no_rubbish():
    search = ("design", "--harmonics", "1:40", "--no-atlas", "--time-limit", "1.5s", "--workers", "1")
    plain = in_a_terminal(*search, NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9][;m]", plain)
    assert is_braille(plain)
    dumb = in_a_terminal(*search, TERM="dumb")
    assert "\x1b" not in dumb
    assert "crest factor  " in dumb
    ascii_only = in_a_terminal(*search, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert "crest factor  " in ascii_only
    assert "\\u28" not in ascii_only


def in_a_terminal(*arguments, columns=110, **environment):
    import fcntl
    import struct
    import subprocess
    import termios

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm", "PYTHONUTF8": "1", **environment}
    environment = {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES")}
    command = [sys.executable, "-m", "crestfall", *arguments]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not data:
                break
            shown += data
    os.close(ours)
    assert process.returncode == 0, shown
    return shown.decode()


def test_the_curve_is_the_best_so_far():
    curve = Curve()
    steps = [(0.1, 1.8), (1.0, 1.42), (2.5, 1.40), (5.0, 1.38)]
    for seconds, best in steps:
        curve.add(seconds, best)
    curve.add(10.0, 1.38)
    lines = curve.lines()
    assert [lines[0].split()[0], lines[-2].split()[0], lines[-1].split()] == ["1.4200", "1.3800", ["0", "10.0", "s"]]
    dots = dots_of([line[-60:] for line in lines[:-1]])
    for column in range(120):
        now = 10.0 * (column + 1) / 120
        best = min(value for seconds, value in steps if seconds <= now) if now >= 0.1 else None
        on = np.flatnonzero(dots[:, column])
        if best is None or best > 1.45:
            assert len(on) == 0
        else:
            assert on[0] == round((best - 1.38) / 0.04 * 19)


def test_a_curve_that_falls_from_far_above_can_be_drawn():
    curve = Curve()
    curve.add(0.0, 3.0)
    assert not curve.is_informative
    curve.add(2.0, 1.4)
    assert curve.is_informative
    assert curve.lines()[0].split()[0] == "1.4700"


def test_completion_is_offered_and_completes(run, monkeypatch):
    assert "--install-completion" in run("--help").out
    for name, value in {
        "_CRESTFALL_COMPLETE": "complete_bash",
        "COMP_WORDS": "crestfall ex",
        "COMP_CWORD": "1",
    }.items():
        monkeypatch.setenv(name, value)
    assert run().out.split() == ["explain"]
