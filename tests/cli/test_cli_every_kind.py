"""Every kind of problem through every command: searched, saved, gone on from, measured, explained, drawn."""

import builtins
import json
import sys

import numpy as np
import pytest

import crestfall as cf
from crestfall.cli.outputs import write_all
from crestfall.cli.report import print_design
from crestfall.cli.terminal_picture import COLUMNS, ROWS, picture_of

FLAT = '[tones]\nharmonics = "1:6"\nfundamental_hz = 50.0\n'
IRREGULAR = "[tones]\nfrequencies_hz = [97.0, 141.42135623731, 223.60679774998, 331.0]\n"
LIMITS = '[[outputs]]\nname = "force"\nlimit = 3.0\n[[outputs]]\nname = "jerk"\nlimit = 900.0\nresponse = "slew rate"\n'
KINDS = {
    "plain": FLAT,
    "complex": FLAT + "complex = true\n",
    "samples": FLAT + "[goal]\nsamples = 32\n",
    "range": FLAT + '[goal]\nmeasure = "range"\n',
    "window": IRREGULAR + "[goal]\nwindow_s = [0.01, 0.06]\n",
    "window, range": IRREGULAR + '[goal]\nwindow_s = [0.0, 0.05]\nmeasure = "range"\n',
    "limits": FLAT + LIMITS,
    "alphabet": FLAT + "[goal]\nalphabet = 4\n",
    "free amplitudes": FLAT + "tolerance_db = 0.5\n[[extra]]\nharmonics = '8,9'\nlargest = 0.2\n",
    "orthogonal": FLAT + '[channels]\nkind = "orthogonal"\ninputs = ["x", "y"]\n',
    "own phases": FLAT + '[channels]\nkind = "orthogonal"\ninputs = ["x", "y"]\nphases = "own"\n',
    "interleaved": FLAT + '[channels]\nkind = "interleaved"\ninputs = ["x", "y"]\n',
    "interleaved, window": IRREGULAR
    + '[goal]\nwindow_s = [0.0, 0.05]\n[channels]\nkind = "interleaved"\ninputs = ["x", "y"]\n',
}
ROWS_OF_ALL = ["tones", "times", "peak", "crest factor", "lower bound", "gap", "status", "found by"]


def keys_of(record):
    return {key: sorted(value[0]) if key == "signals" else None for key, value in record.items()}


@pytest.fixture
def designed(run, tmp_path):
    def make(kind, *options):
        (tmp_path / "problem.toml").write_text(KINDS[kind])
        done = run("design", "problem.toml", "--starts", 3, *options)
        assert done.code == 0, done.err
        return done

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_goes_through_every_command(kind, designed, run, tmp_path):
    outs = [word for name in ("a.json", "a.wav", "a.png") for word in ("--out", name)]
    found = json.loads(designed(kind, "--json", *outs).out)
    plain = json.loads(run("design", "--harmonics", "1:3", "--json").out)
    assert keys_of(found) == keys_of(plain)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    saved = cf.load(tmp_path / "a.json")
    assert saved.figure == found["figure_value"]
    if saved.problem.samples is None:
        assert np.max(np.abs(saved.waveform(48_000))) <= found["peak"] * (1 + 1e-9)
    for name in ("a.json", "a.wav"):
        measured = json.loads(run("measure", name, "--json").out)
        assert measured["figure_value"] == found["figure_value"], name
        assert set(measured) - set(found) == {"sample_peak", "sample_rate_hz"}
    assert measured["sample_peak"] <= found["peak"] * (1 + 1e-9)
    words = run("measure", "a.json").out
    assert [name for name in ROWS_OF_ALL if f"\n{name} " in "\n" + words] == ROWS_OF_ALL
    shown = json.loads(run("explain", "a.json", "--json").out)
    assert list(shown["sections"]) == [
        "What it is",
        "What is proven",
        "What limits it",
        "What to try next",
    ]
    assert shown["figure_value"] == found["figure_value"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_design_of_every_kind_is_gone_on_from(kind, designed, run, tmp_path):
    found = json.loads(designed(kind, "--json", "--out", "a.json").out)
    done = run("design", "a.json", "--starts", 1, "--no-atlas", "--json", "--out", "b.json")
    assert done.code == 0, done.err
    # Free amplitudes begin in the middle of their ranges again.
    allowance = 1.02 if kind == "free amplitudes" else 1 + 1e-9
    assert json.loads(done.out)["figure_value"] <= found["figure_value"] * allowance
    first, again = (cf.load(tmp_path / name).problem for name in ("a.json", "b.json"))
    assert (again.over, again.measure, again.phases) == (first.over, first.measure, first.phases)
    assert again.outputs == first.outputs
    assert again.extra == first.extra
    assert type(again.channels) is type(first.channels)


@pytest.mark.parametrize("kind", KINDS)
def test_quiet_and_picture_are_obeyed_by_every_kind(kind, designed):
    assert designed(kind, "--quiet", "--picture").out == ""
    shown = designed(kind, "--picture").out
    assert any("\u2801" <= character <= "\u28ff" for character in shown)
    assert not any("\u2801" <= character <= "\u28ff" for character in designed(kind).out)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_cannot_be_written_loses_nothing(kind, designed, run, tmp_path, monkeypatch):
    """The disk is full for one file, another fails in a way that nobody foresaw; the third is written."""
    from crestfall.files import npz, wav

    def full(*_, **__):
        raise OSError(28, "No space left on device", "a.npz")

    def broken(*_, **__):
        raise KeyError("surprise")

    monkeypatch.setattr(npz, "encode", full)
    monkeypatch.setattr(wav, "encode", broken)
    (tmp_path / "problem.toml").write_text(KINDS[kind])
    outs = [word for name in ("a.npz", "a.wav", "a.json") for word in ("--out", name)]
    done = run("design", "problem.toml", "--starts", 2, *outs)
    assert done.code == 2
    assert "no space left on device" in done.err
    assert "a.wav: not written: KeyError: 'surprise'" in done.err
    assert done.err.count("\n") == 2
    design = cf.load(tmp_path / "a.json")
    rows = [line.split()[1:] for line in done.out.splitlines() if line.startswith("phases_rad ")]
    assert [[float(phase) for phase in row] for row in rows] == np.atleast_2d(design.phases).tolist()
    (tmp_path / "a.json").unlink()
    again = run("design", "problem.toml", "--starts", 2, "--json", *outs)
    assert again.code == 2
    assert json.loads(again.out)["phases_rad"] == design.phases.tolist()
    if kind == "free amplitudes":
        kept = next(line for line in done.out.splitlines() if line.startswith("amplitudes ") and "." in line.split()[1])
        assert [float(value) for value in kept.split()[1:]] == design.multisine.amplitudes.tolist()


def test_a_report_that_fails_loses_nothing(run, monkeypatch):
    def broken(*_, **__):
        raise ValueError("no report today")

    monkeypatch.setattr(sys.modules["crestfall.cli.design"], "print_design", broken)
    done = run("design", "--harmonics", "1:5")
    assert done.is_one_line_error()
    assert len(done.out.split()) == 6
    assert done.out.startswith("phases_rad ")


def test_an_unknown_error_of_a_picture_is_no_traceback(tmp_path, capsys, monkeypatch):
    design = cf.Design.of(cf.Multisine([1.0, 2.0]), [0.0, 1.0])
    monkeypatch.setattr(cf.Design, "plot", lambda self: builtins.__dict__["no such name"])
    written, failed = write_all(design, [tmp_path / "a.png", tmp_path / "a.json"], overwrite=False)
    assert [path.name for path in written + failed] == ["a.json", "a.png"]
    assert "KeyError" in capsys.readouterr().err


REFUSALS = [
    (("--target", "nan"), "--target is nan; give a finite number above 0\n"),
    (("--target", "-1"), "--target is -1.0; give a finite number above 0\n"),
    (("--seed", "-1"), "--seed is -1; give an integer of at least 0"),
    (("--starts", "0"), "--starts is 0; give an integer of at least 1\n"),
    (("--workers", "0"), "--workers is 0; give an integer of at least 1\n"),
    (("--stall-limit", "soon"), "--stall-limit is 'soon'; give a time"),
    (("--stall-limit", "0s"), "--stall-limit is '0s'; give a time above 0"),
    (("--time-limit", "soon"), "--time-limit is 'soon'; give a time"),
    (("--tolerance-db", "-1"), "--tolerance-db is -1"),
    (("--tolerance-db", "nan"), "--tolerance-db is 'nan'; give a number of decibels"),
    (("--period", "0"), "--period is '0'; give a time above 0"),
    (("--fundamental", "5 V"), "--fundamental is '5 V'; give a frequency such as 10 kHz"),
    (("--goal-rate", "1e3 s"), "--goal-rate is '1e3 s'; give a frequency"),
    (("--window", "0:5 Hz"), "--window is '5 Hz'; give a time"),
    (("--fundamental", "2", "--period", "2"), "--fundamental and --period say the same thing"),
    (("--alphabet", "1"), "--alphabet is 1; give an integer from 2 to "),
    (("--measure", "loudness"), "--measure is 'loudness'; choose one of"),
    (("--fundamental", "0"), "crestfall: error: --fundamental is 0.0; "),
    (("--samples", "0"), "--samples is 0; give an integer of at least 1"),
    (("--points", "1"), "--points is 1; give 2 or more"),
    (("--goal-rate", "-8"), "--goal-rate is -8.0; give a finite number"),
    (("--window", "0:1", "--prove"), "a window cannot be combined with --prove: "),
    (("--start-at-zero", "--samples", "16"), "--start-at-zero cannot be combined with samples that count: "),
    (("--prove", "--stall-limit", "1s"), "--prove cannot be combined with --stall-limit: "),
    (("--device", "cpu", "--workers", "2"), "--workers cannot be combined with --device: "),
    (("--method", "clip", "--workers", "4"), "method 'clip' does not use --workers"),
    (("--method", "clip", "--max-memory", "1GB"), "method 'clip' does not use --max-memory"),
    (("--method", "clip", "--no-atlas"), "method 'clip' does not use --no-atlas"),
    (("--method", "schroeder", "--stall-limit", "1s"), "method 'schroeder' does not use --stall-limit"),
    (("--harmonics", "0:3"), "crestfall: error: --harmonics: numbers[0] is 0; "),
    (("--harmonics", "1:50", "--prove"), "leave out --prove, "),
    (("--method", "magic"), "--method is 'magic'; choose one of"),
]


@pytest.mark.parametrize(("options", "words"), REFUSALS, ids=lambda value: " ".join(value)[:40])
def test_refusals_name_options(options, words, run, tmp_path):
    done = run("design", "--harmonics", "1:5", *options, "--out", "a.json")
    assert done.is_one_line_error(), done
    assert words in done.err
    assert list(tmp_path.iterdir()) == []


def test_what_a_file_says_keeps_the_names_of_the_file(run, tmp_path):
    (tmp_path / "bad.toml").write_text(FLAT + "tolerance_db = -1\n")
    done = run("design", "bad.toml")
    assert done.is_one_line_error()
    assert "line 4: tones.tolerance_db" in done.err


def test_complex_is_no_option_of_a_file_that_says_real(run, tmp_path):
    (tmp_path / "real.toml").write_text(FLAT + '[goal]\nmeasure = "range"\n')
    assert run("design", "real.toml", "--complex").is_one_line_error()
    run("design", "--harmonics", "1:4", "--out", "real.json")
    assert "says that its tones are real" in run("design", "real.json", "--complex").err


WINDOW = cf.Problem(cf.Multisine([97.0, 141.4, 223.6]), over=cf.Window(0.01, 0.05))
INPUTS = cf.Problem(cf.Multisine([1.0, 3.0, 4.0], [1.0, 1.0, 0.1]), channels=cf.Orthogonal(["x", "y"]))


def test_a_window_is_drawn_in_the_terminal():
    design = cf.minimize_peak(WINDOW, starts=4)
    lines = picture_of(design)
    assert lines[-1].split() == ["0.01", "the", "window", "0.06", "s"]
    assert len({len(line) for line in lines[:ROWS]}) == 1
    ms = WINDOW.multisine
    columns = 2 * COLUMNS
    times = np.linspace(0.01, 0.06, columns * 50 + 1)
    x = np.cos(2 * np.pi * np.outer(times, ms.frequencies) + design.phases).sum(axis=1)
    dots = np.array([[(ord(character) - 0x2800) for character in line[-COLUMNS:]] for line in lines[:ROWS]])
    for column in range(0, COLUMNS):
        part = x[100 * column : 100 * (column + 1) + 1]
        rows = np.flatnonzero(dots[1:-1, column]) + 1  # the first and last row also hold the dashes
        highest = (design.peak - part.max()) / (2 * design.peak) * ROWS
        if 1.2 < highest < ROWS - 1.2:
            assert rows[0] == pytest.approx(highest, abs=1.01)


def test_of_several_inputs_the_worst_is_drawn():
    design = cf.minimize_peak(INPUTS, starts=2)
    worst = design.worst
    lines = picture_of(design)
    assert f"{worst.channel}, experiment {worst.experiment + 1}: one period" in lines[-1]
    assert lines[0].split()[0] == f"{worst.peak:.4g}"


def test_the_report_of_inputs_with_limits_names_what_binds(capsys):
    problem = cf.Problem(
        cf.Multisine([1.0, 2.0, 3.0, 4.0]), channels=cf.Interleaved(2, names=["x", "y"], limits=[10.0, 1.0])
    )
    print_design(cf.Design.of(problem, np.zeros(4)))
    shown = capsys.readouterr().out
    assert "2 of 1 allowed (200.0%)" in shown
    assert "1 peak within all limits; y binds" in shown


def test_refusals_about_files_are_in_words_of_the_command(run, tmp_path):
    (tmp_path / "a.wav").write_bytes(b"mine")
    assert run("design", "--harmonics", "1:5", "--out", "a.wav").err.endswith(
        "choose another name or give --overwrite\n"
    )
    text = '[tones]\nharmonics = "1:5"\n[[outputs]]\nlimit = 5.0\n[[outputs]]\nlimit = 7.0\n'
    (tmp_path / "a.toml").write_text(text)
    refused = run("design", "a.toml")
    assert refused.is_one_line_error()
    assert "which is the name of an output without one; give each a name of its own" in refused.err


def test_options_take_units(run):
    options = ("--starts", 1, "--json")
    asked = [
        ("--fundamental", "1/50 kHz", "--goal-rate", "1 kHz"),
        ("--period", "50 ms", "--goal-rate", "1000"),
        ("--fundamental", "20", "--goal-rate", "1e3Hz"),
    ]
    found = [json.loads(run("design", "--harmonics", "1:5", *each, *options).out) for each in asked]
    assert found[0] == found[1] == found[2]
    assert found[0]["frequencies_hz"] == pytest.approx([20.0, 40.0, 60.0, 80.0, 100.0], rel=1e-15)
    windows = [("--window", "0:300ms", "--tolerance-db", "1 dB"), ("--window", "0:0.3", "--tolerance-db", "1")]
    found = [json.loads(run("design", "--harmonics", "1:5", *each, *options).out) for each in windows]
    assert found[0] == found[1]


def test_tones_in_words(run):
    options = ("--fundamental", 10, "--exclude", "mains", "--exclude", "100..110", "--amplitudes", "-6.0206 dB/octave")
    found = json.loads(run("design", "--frequencies", "20..120", *options, "--starts", 1, "--json").out)
    assert found["frequencies_hz"] == [20.0, 30.0, 40.0, 60.0, 70.0, 80.0, 90.0, 120.0]
    assert found["amplitudes"] == pytest.approx([20.0 / f for f in found["frequencies_hz"]], rel=1e-5)


def test_tones_off_the_raster_are_snapped_where_they_are_advised_to_be(run, tmp_path):
    (tmp_path / "off.csv").write_text("f,a\n1,1\n1.4142135623,1\n")
    refused = run("design", "off.csv")
    assert "round them with --snap RASTER" in refused.err
    assert "np." not in refused.err
    done = run("design", "off.csv", "--snap", "0.1Hz", "--starts", 1, "--json")
    assert "the largest error is 14.2 mHz: 1.41421356 Hz is now 1.4 Hz" in done.err
    assert json.loads(done.out)["frequencies_hz"] == [1.0, pytest.approx(1.4)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--frequencies", "20..50"), "--frequencies is '20..50', which needs the distance of the tones"),
        (("--harmonics", "1:9", "--exclude", "noise"), "--exclude is 'noise'; give mains"),
        (("--harmonics", "1:9", "--amplitudes", "loud"), "--amplitudes is 'loud'; give flat"),
        (("--harmonics", "1:9", "--snap", "5"), "--snap is 5 Hz, on which 1 Hz falls on 0 Hz"),
        (
            ("--harmonics", "1:9", "--frequencies", "1"),
            "--harmonics and --frequencies are two ways to say what is designed; give one",
        ),
    ],
)
def test_words_that_are_not_understood_name_options(options, said, run):
    done = run("design", *options)
    assert done.is_one_line_error()
    assert said in done.err


SHAPE = ("--shape", "pulse:0.3:4")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "no tones are given; name a file of tones, or give --harmonics"),
        (("--amplitudes", "pink"), "no tones are given"),
        (("--bands", 2), "no tones are given"),
        ((*SHAPE, "--harmonics", "1:3"), "--harmonics and --shape are two ways to say what is designed"),
        ((*SHAPE, "--frequencies", "1,2"), "--frequencies and --shape are two ways to say what is designed"),
        (("t.txt", *SHAPE), "t.txt and --shape are two ways to say what is designed"),
        (("t.txt", "--harmonics", "1:3", "--frequencies", "1"), "t.txt, --harmonics and --frequencies are three ways"),
        (("t.txt", "--bands", 2, "--harmonics", "1:3"), "t.txt and --harmonics are two ways"),
        ((*SHAPE, "--bands", 2), "--bands splits tones, and --shape gives shapes"),
        ((*SHAPE, "--waveform", "48k"), "--shape: --waveform and --channel are about a file"),
        ((*SHAPE, "--channel", "1"), "--shape: --waveform and --channel are about a file"),
        ((*SHAPE, "--snap", "1"), "--shape: shapes keep their lines"),
        ((*SHAPE, "--samples", 64), "give --steps instead of --samples"),
        ((*SHAPE, "--prove"), "--prove cannot be combined with shapes, or waveforms that are delayed in steps"),
        ((*SHAPE, "--start-at-zero"), "--start-at-zero cannot be combined with shapes"),
        ((*SHAPE, "--move-lines", 1), "--move-lines cannot be combined with shapes"),
        (("--harmonics", "1:3", "--steps", 4), "--steps goes with --shape; leave it out"),
        (("pwm.toml", "--steps", 240), "write samples = 240 into [goal] of pwm.toml"),
        (("pwm.toml", "--fixed", 1), "--fixed: the file has shapes, whose mean is fixed already; change [fixed]"),
    ],
)
def test_two_ways_to_say_the_tones_are_named_as_they_were_given(options, said, run, tmp_path):
    (tmp_path / "t.txt").write_text("1 1\n2 1\n")
    (tmp_path / "pwm.toml").write_text('[[shapes]]\nkind = "pulse"\nduty = "1/4"\n')
    done = run("design", *options)
    assert done.is_one_line_error(), done
    assert said in done.err
