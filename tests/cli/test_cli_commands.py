"""The commands, run as processes: what they print, what they write, and how they refuse."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import soundfile

import crestfall as cf
from crestfall.design.explain.argument import argument_in_words, in_words
from crestfall.files import EXPORTS

EXAMPLE = Path(__file__).parents[2] / "examples" / "impedance_tones.csv"
JSON_KEYS = [
    "frequencies_hz",
    "amplitudes",
    "phases_rad",
    "complex",
    "peak",
    "peak_interval",
    "crest_factor",
    "papr_db",
    "lower_bound",
    "gap",
    "status",
]


def test_design_reads_toml_and_writes_every_export(run, tmp_path):
    (tmp_path / "tones.toml").write_text("frequencies_hz = [100, 200, 300]\namplitudes = [1, 0.5, 1]\n")
    outs = [argument for ending in EXPORTS for argument in ("--out", f"design{ending}")]
    done = run("design", "tones.toml", *outs[2:], "--out", "design.mat")  # one of SigMF's two names writes both files
    assert done.code == 0, done.err
    names = ["design.sigmf-data", "design.sigmf-meta", "design.i16", "design.i16.json", "design.f32", "design.f32.json"]
    names += ["design.scpi", "design.scpi.json", "design.mat", "tones.toml"]
    names += [f"design{ending}" for ending in EXPORTS if f"design{ending}" not in names]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert all(name in done.out for name in names if name != "tones.toml")
    measured = run("measure", "design.mat", "--json")
    assert json.loads(measured.out)["frequencies_hz"] == [100.0, 200.0, 300.0]
    assert cf.load(tmp_path / "design.mat") == cf.load(tmp_path / "design.scpi.json")


@pytest.mark.parametrize("suffix", [".json", ".npz", ".mat", ".toml", ".txt"])
def test_design_reads_plain_tones(suffix, run, tmp_path):
    tones = {"frequencies_hz": [-100, 200], "amplitudes": [1, 0.5]}
    path = tmp_path / f"tones{suffix}"
    if suffix == ".npz":
        np.savez(path, **tones)
    elif suffix == ".mat":
        scipy.io.savemat(path, tones)
    elif suffix == ".txt":
        path.write_text("f_Hz a_V\n-100 1\n200 0.5\n")
    else:
        path.write_text(json.dumps(tones) if suffix == ".json" else "\n".join(f"{k} = {v}" for k, v in tones.items()))
    found = json.loads(run("design", path.name, "--complex", "--json").out)
    assert found["frequencies_hz"] == [-100.0, 200.0]
    assert found["amplitudes"] == [1.0, 0.5]


def test_design_goes_on_from_a_waveform(run, tmp_path):
    t = np.arange(480) / 48_000
    x = sum(0.3 * np.cos(2 * np.pi * f * t) for f in (100.0, 200.0, 300.0))  # a spike: all phases zero
    soundfile.write(tmp_path / "spike.wav", x, 48_000, subtype="FLOAT")
    found = json.loads(run("design", "spike.wav", "--json").out)
    assert found["frequencies_hz"] == [100.0, 200.0, 300.0]
    assert found["amplitudes"] == pytest.approx([0.3] * 3, rel=1e-6)
    assert found["peak"] < 0.7 < np.abs(x).max()


def test_design_prints_one_json_object(run):
    done = run("design", "--harmonics", "1:15", "--fundamental", 10, "--json")
    assert done.code == 0
    assert done.err == ""
    found = json.loads(done.out)
    assert set(JSON_KEYS) <= set(found)
    assert found["frequencies_hz"] == [10.0 * k for k in range(1, 16)]
    t = np.linspace(0, 0.1, 2000)
    x = np.cos(2 * np.pi * np.outer(t, found["frequencies_hz"]) + found["phases_rad"]) @ found["amplitudes"]
    assert np.max(np.abs(x)) == pytest.approx(found["peak"], rel=1e-3)
    assert found["crest_factor"] < 1.41


def test_design_proves_on_request(run, tmp_path):
    done = run("design", "--harmonics", "1:4", "--prove", "--out", "proven.json", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert set(JSON_KEYS) <= set(found)
    assert found["status"].startswith("global optimum to 0.1 %: branch and bound, ")
    assert 0 <= found["gap"] <= 1e-3
    assert cf.load(tmp_path / "proven.json").lower_bound == found["lower_bound"]
    refused = run("design", "--harmonics", "1:40", "--prove")
    assert refused.code == 2
    assert "there are 40 tones, too many for branch and bound" in refused.err


def test_a_bound_by_moments_is_said_and_kept(run, tmp_path):
    done = run("design", "--harmonics", "1:14", "--bound-time", "4s", "--out", "bounded.json", "--json")
    found = json.loads(done.out)
    assert found["lower_bound_argument"].startswith("moments of ")
    assert 1.18 < found["lower_bound"] < found["crest_factor"]
    assert cf.load(tmp_path / "bounded.json").lower_bound == found["lower_bound"]
    words = argument_in_words(cf.load(tmp_path / "bounded.json"))
    assert words.removeprefix("as the file states, ") == in_words(found["lower_bound_argument"])
    assert f"({words})" in run("explain", "bounded.json").out
    refused = run("design", "--frequencies", "1,1,2", "--bound-time", "1s")
    assert refused.code == 2
    assert "leave out --bound-time" in refused.err


def test_design_writes_every_format_and_they_agree(run, tmp_path):
    tones = tmp_path / "tones.csv"
    tones.write_text("frequency_hz,amplitude\n100,1\n200,0.5\n300,1\n500,2\n")
    endings = ["wav", "json", "npz", "csv", "png", "svg", "pdf"]
    (tmp_path / "out").mkdir()
    outs = [argument for ending in endings for argument in ("--out", f"out/design.{ending}")]
    done = run("design", tones, *outs)
    assert done.code == 0, done.err
    assert done.err == ""  # no terminal, no progress
    files = sorted(path.suffix[1:] for path in (tmp_path / "out").iterdir())
    assert files == sorted(endings)
    designs = [cf.load(tmp_path / "out" / f"design.{ending}") for ending in ("wav", "json", "npz", "csv")]
    assert all(design == designs[0] for design in designs)
    samples, rate = soundfile.read(tmp_path / "out" / "design.wav")
    assert rate == 48_000
    assert samples.size == 480
    assert np.max(np.abs(samples)) <= 1.0
    assert (tmp_path / "out" / "design.png").read_bytes().startswith(b"\x89PNG")


def test_design_prints_for_a_person(run):
    done = run("design", "--harmonics", "1:8")
    assert done.code == 0
    for word in ("peak", "crest factor", "lower bound", "gap", "status", "certified between"):
        assert word in done.out


def test_one_tone_has_nothing_to_choose(run):
    done = run("design", "--harmonics", "3", "--json")
    assert done.code == 0
    assert json.loads(done.out)["status"].startswith("global optimum")


def test_the_same_seed_gives_the_same_phases(run):
    first, again = (json.loads(run("design", "--harmonics", "1:9", "--starts", 5, "--json").out) for _ in range(2))
    assert first["phases_rad"] == again["phases_rad"]


def test_a_saved_design_is_a_start(run, tmp_path):
    assert run("design", "--harmonics", "1:20", "--out", "a.json").code == 0
    done = run("design", "a.json", "--starts", 1, "--json")
    assert json.loads(done.out)["peak"] <= cf.load(tmp_path / "a.json").peak * (1 + 1e-12)


def test_measure_reads_what_design_wrote(run, tmp_path):
    design = run("design", "--harmonics", "1:9", "--fundamental", 100, "--out", "a.wav", "--json")
    measured = run("measure", "a.wav", "--json")
    assert measured.code == 0, measured.err
    found = json.loads(measured.out)
    assert found["peak"] == json.loads(design.out)["peak"]
    assert found["sample_rate_hz"] == 48_000
    assert found["sample_peak"] <= found["peak"]
    assert "crest factor" in run("measure", "a.wav").out


def test_demo_compares(run):
    done = run("demo", "--json")
    found = json.loads(done.out)
    assert found["crestfall"] < found["Schroeder's phases"] < found["zero phases"]
    assert "crest factor" in run("demo").out


def test_demo_equal_answers_the_original_question(run, tmp_path):
    done = run("demo", "--equal", 5, "--samples", 480, "--steps", 300, "--out", "polygon.png")
    assert done.code == 0, done.err
    maxima = [float(value) for value in re.findall(r"maximum value over the samples: (\S+)", done.out)]
    assert len(maxima) == 4
    assert done.out.count("optimal theta: [") == 4
    assert min(maxima) < 1e-12
    assert max(maxima) == pytest.approx(3.0, abs=0.01)  # the accepted answer's run is stuck
    assert (tmp_path / "polygon.png").read_bytes().startswith(b"\x89PNG")


def test_help_and_version(run):
    assert cf.__version__ in run("--version").out
    for command in ((), ("design",), ("measure",), ("demo",)):
        done = run(*command, "--help")
        assert done.code == 0
        assert "crestfall" in done.out


def test_the_command_stays_light():
    code = (
        "import sys, crestfall, crestfall.cli\n"
        "assert not {'torch', 'matplotlib', 'soundfile'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


BAD_ARGUMENTS = [
    ("design",),
    ("design", "--harmonics", "1:3", EXAMPLE),
    ("design", EXAMPLE, "--fundamental", "5"),
    ("design", "missing.csv"),
    ("design", "missing.xyz"),
    ("design", "--harmonics", "0:3"),
    ("design", "--harmonics", "1:x"),
    ("design", "--harmonics", "1:3", "--fundamental", "-1"),
    ("design", "--harmonics", "1:3", "--fundamental", "nan"),
    ("design", "--harmonics", "1:3", "--starts", "0"),
    ("design", "--harmonics", "1:3", "--time-limit", "0"),
    ("design", "--harmonics", "1:3", "--time-limit", "-5s"),
    ("design", "--harmonics", "1:3", "--goal-rate", "0"),
    ("design", "--harmonics", "1:3", "--goal-rate", "8", "--points", "9"),
    ("design", "--harmonics", "1:3", "--out", "a.xyz"),
    ("design", "--harmonics", "1:3", "--out", "a.json", "--out", "a.json"),
    ("design", "--harmonics", "1:3", "--out", "a.sigmf-meta", "--out", "a.sigmf-data"),
    ("design", "--harmonics", "1:3", "--out", "a.i16", "--out", "a.i16.json"),
    ("design", "tones.xlsx"),
    ("measure", "missing.wav"),
    ("measure", "missing.i16"),
    ("measure", EXAMPLE),
]


@pytest.mark.parametrize("arguments", BAD_ARGUMENTS, ids=lambda arguments: " ".join(map(str, arguments))[-40:])
def test_bad_arguments_get_one_line(run, tmp_path, arguments):
    done = run(*arguments)
    assert done.is_one_line_error(), done
    assert list(tmp_path.iterdir()) == []


BAD_FILES = {
    "empty.csv": b"",
    "header.csv": b"frequency_hz,amplitude\n",
    "columns.csv": b"q,a\n1,1\n",
    "text.csv": b"frequency_hz,amplitude\n1,loud\n",
    "nan.csv": b"frequency_hz,amplitude\n1,1\nnan,1\n",
    "inf.csv": b"frequency_hz,amplitude\n1,inf\n",
    "negative.csv": b"frequency_hz,amplitude\n1,-1\n",
    "zero.csv": b"frequency_hz,amplitude\n0,1\n",
    "short.csv": b"frequency_hz,amplitude\n1,1\n2\n",
    "binary.csv": bytes(range(256)),
    "not.wav": b"this is not a WAV file",
    "cut.wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "version.json": b'{"format": "crestfall-design", "version": 99}',
    "garbage.json": b"{",
    "garbage.npz": b"PK\x03\x04garbage",
    "garbage.mat": b"MATLAB 5.0 MAT-file".ljust(126) + b"IM\x0f\x00",
    "unclosed.toml": b"[[tone",
    "unit.txt": b"frequency_furlong, amplitude_dB\n1, 1\n",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_get_one_line(run, tmp_path, name):
    (tmp_path / name).write_bytes(BAD_FILES[name])
    done = run("design", name, "--out", "out.json")
    assert done.is_one_line_error(), done
    assert not (tmp_path / "out.json").exists()


def test_a_long_wav_without_tones(run, tmp_path):
    soundfile.write(tmp_path / "silent.wav", np.zeros(1_000_000), 48_000)
    done = run("design", "silent.wav")
    assert done.is_one_line_error(), done
    assert "tone" in done.err


def test_tones_above_half_the_sample_rate_are_refused_when_saving(tmp_path):
    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 9), fundamental=1000.0), starts=1)
    with pytest.raises(ValueError, match="8 kHz"):
        design.save(tmp_path / "a.wav", sample_rate=8000)
    assert list(tmp_path.iterdir()) == []


def test_existing_and_impossible_outputs_are_refused_before_the_search(run, tmp_path):
    (tmp_path / "taken.json").write_text("mine")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "file").write_text("not a folder")
    for out in ("taken.json", "folder.json", "file/out.json"):
        done = run("design", "--harmonics", "1:5", "--out", out)
        assert done.is_one_line_error(), done
    assert (tmp_path / "taken.json").read_text() == "mine"
    done = run("design", "--harmonics", "1:5", "--out", "taken.json", "--overwrite")
    assert done.code == 0
    assert cf.load(tmp_path / "taken.json").multisine.n == 5


def test_a_write_that_fails_does_not_lose_the_phases(run, tmp_path):
    # Amplitudes beyond 32-bit floats, which is only found out when the file is written.
    (tmp_path / "loud.csv").write_text("frequency_hz,amplitude\n" + "".join(f"{k},1e300\n" for k in range(1, 9)))
    done = run("design", "loud.csv", "--out", "a.f32", "--out", "a.json")
    assert done.is_one_line_error(), done
    assert "phases_rad " in done.out
    assert cf.load(tmp_path / "a.json").multisine.n == 8
    assert not (tmp_path / "a.f32").exists()


def test_a_rate_that_no_file_can_have_is_refused_before_the_search(run, tmp_path):
    for extra in (("--fundamental", 1e12), ("--rate", 15), ("--rate", 1000.5), ("--periods", 3, "--rate", 1024.4)):
        done = run("design", "--harmonics", "1:8", *extra, "--out", "a.wav", "--out", "a.json", "--time-limit", "1h")
        assert done.is_one_line_error(), done
        assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX sends them")
def test_ctrl_c_writes_the_best_so_far(tmp_path):
    command = [sys.executable, "-m", "crestfall", "design", "--harmonics", "1:64", "--time-limit", "1min"]
    terminal, error = os.openpty()  # where progress is shown, so that the signal comes when the search is under way
    child = subprocess.Popen(
        [*command, "--out", "best.json"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=error, text=True
    )
    os.close(error)
    shown, interrupted = b"", False
    with contextlib.suppress(OSError):  # which is how the end of a terminal reads
        while data := os.read(terminal, 65536):
            shown += data
            if not interrupted and b"best crest factor" in shown:
                child.send_signal(signal.SIGINT)
                interrupted = True
    os.close(terminal)
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 0, shown
    assert "interrupted" in out
    assert cf.load(tmp_path / "best.json").crest_factor < 1.42


def test_a_problem_file_is_designed_for_and_saved_with_its_goal(run, tmp_path):
    example = EXAMPLE.parent / "shaker.toml"
    out = tmp_path / "shaker.json"
    done = run("design", example, "--starts", 16, "--out", out)
    assert done.code == 0, done.err
    assert re.search(r"within all limits; .* binds?$", done.out, re.M)
    design = cf.load(out)
    assert [output.name for output in design.problem.outputs] == ["voltage", "current", "slew rate"]
    assert design.phases[0] % (2 * np.pi) == pytest.approx(0.0, abs=1e-12)
    again = run("design", out, "--starts", 4)
    assert "largest drive" in again.out
    refused = run("design", example, "--fundamental", 3)
    assert refused.code == 2
    assert "has its own tones" in refused.err


def test_what_does_not_fit_into_memory_is_refused_in_one_line(run):
    done = run("design", "--harmonics", "1:100000", "--max-memory", "100MB")
    assert done.code == 2
    assert "needs about" in done.err
    assert "100 MB that --max-memory allows" in done.err
    assert done.err.count("\n") == 1


def test_pytorch_designs_on_request(run):
    here, there = (
        json.loads(run("design", "--harmonics", "1:12", "--starts", "8", "--no-atlas", "--json", *option).out)
        for option in ((), ("--device", "cpu"))
    )
    assert there["crest_factor"] == pytest.approx(here["crest_factor"], rel=1e-9)


def test_tones_that_cancel(run, tmp_path):
    (tmp_path / "tones.csv").write_text("frequency_hz,amplitude\n" + "50,1\n" * 5)
    done = run("design", "tones.csv", "--out", "none.npz")
    for text in (done.out, run("measure", "none.npz").out):
        rows = dict(line.split(maxsplit=1) for line in text.splitlines() if line.startswith(("gap", "peak")))
        assert rows["gap"] == "none: they do"
        assert "nan" not in text
        assert "lower bound   0   tones of one frequency can cancel" in text
    explained = run("explain", "none.npz").out
    assert "It is the global optimum: the tones cancel" in explained
    assert "--time-limit" not in explained
    refused = run("measure", "tones.csv")
    assert "no phases; give it to crestfall design" in refused.err


def test_the_bound_of_a_repeated_frequency_is_one_of_the_peak(run, tmp_path):
    (tmp_path / "tones.csv").write_text("frequency_hz,amplitude,phase_rad\n50,1,0\n50,1,2\n50,1,3\n60,1,1\n")
    rows = dict(line.split("  ", 1) for line in run("measure", "tones.csv").out.splitlines() if "  " in line)
    peak, bound = float(rows["peak"].split()[0]), float(rows["lower bound"].split()[0])
    assert "bring the peak below this" in rows["lower bound"]
    assert rows["gap"].split()[0] == f"{peak / bound - 1:.2%}"


def test_ctrl_c_while_a_file_is_read_is_one_quiet_line(run, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("crestfall.files.waveforms.measure_waveform", interrupted)
    np.save(tmp_path / "big.npy", np.zeros(16))
    done = run("measure", "big.npy", "--waveform", "48k")
    assert (done.code, done.out, done.err) == (130, "", "crestfall: interrupted\n")


def test_a_redesign_that_cannot_keep_to_its_time_is_not_begun(run, tmp_path, monkeypatch):
    module = sys.modules["crestfall.cli.measure"]  # the name in the package is that of the command
    monkeypatch.setattr(module, "_MOST_TONES_AT_ONCE", 3)
    cf.Design.of(cf.Multisine.harmonics(range(1, 6), 10.0), np.zeros(5)).save(tmp_path / "a.wav", sample_rate=1000)
    monkeypatch.setattr(module, "_least_time", lambda design: 7.0)
    said = "not tried: the peaks of 5 tones alone take 7 s; give more time, such as --redesign 21s"
    assert said in run("measure", "a.wav", "--redesign", "2s").out
    monkeypatch.setattr(module, "_least_time", lambda design: 0.1)
    assert "with other phases" in run("measure", "a.wav", "--redesign", "0.2s").out
    assert "redesign" not in run("measure", "a.wav", "--redesign", "0").out


def test_a_value_that_is_known_is_not_certified_again(monkeypatch):
    from crestfall.engine import compiled_problem

    problem = compiled_problem.CompiledProblem(cf.Problem(cf.Multisine([1.0, 2.0])))
    values = [problem.value(np.array([0.0, phase])) for phase in (0.0, 1.0)]
    monkeypatch.setattr(compiled_problem, "value_of", lambda *_: -1.0)
    assert [problem.value(np.array([0.0, phase])) for phase in (0.0, 1.0, 0.5)] == [*values, -1.0]


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--starts", "many", "Invalid value for '--starts': give a whole number, such as 16"),
        ("--bits", "3.5", "Invalid value for '--bits': give a whole number, such as 16"),
        ("--tolerance-db", "much", "--tolerance-db is 'much'; give a number of decibels"),
        ("--separator", "pipe", "Invalid value for '--separator': 'pipe' is not one of 'tab'"),
    ],
)
def test_wrong_values_are_named_in_plain_words(option, value, said, run):
    done = run("design", "--harmonics", "1:5", option, value)
    assert done.code == 2
    assert said in done.err
