"""The unit of a problem: in problem files, in designs of every format, and beside every number that is played."""

import json
import re

import numpy as np
import pytest

import crestfall as cf
from crestfall.design.level import unit_of_level
from crestfall.files import problem_from_text, problem_to_text, read_problem
from crestfall.files.waveforms import read_waveform

TEXT = """[tones]
harmonics = "1:4"
fundamental_hz = 10
unit = "mA"
[[outputs]]
name = "current"
limit = 9
[[outputs]]
name = "voltage"
limit = 2
response = 0.5
unit = "µV"
[[outputs]]
name = "slope"
limit = 2000
response = "slew rate"
[[outputs]]
name = "charge"
limit = 1
response = "integral"
[[outputs]]
name = "unknown"
limit = 1
response = 0.25
"""
UNITS = ["mA", "µV", "mA/s", "mA s", ""]


def units_of(problem):
    return problem.unit, [output.unit for output in problem.outputs]


def design_in(unit, **fields):
    ms = cf.Multisine.harmonics([1, 2, 3], fundamental=10.0)
    return cf.Design.of(cf.Problem(ms, unit=unit, **fields), [0.0, 1.0, 2.5])


def test_a_problem_file_names_units_and_outputs_get_those_that_follow():
    problem = problem_from_text(TEXT)
    assert units_of(problem) == ("mA", UNITS)
    assert units_of(problem_from_text(problem_to_text(problem))) == ("mA", UNITS)
    assert problem == problem_from_text(re.sub("unit = .*", "", TEXT))  # a unit is a label
    outputs = [cf.Output(limit=9.0), cf.slew_rate(2000.0), cf.integral(1.0), cf.Output(lambda f: 1.0 / f, name="y")]
    assert units_of(cf.Problem(problem.multisine, outputs=outputs, unit="mA"))[1] == ["mA", "mA/s", "mA s", ""]


@pytest.mark.parametrize(
    ("line", "said"), [('"V\\n"', "line 4: tones.unit is"), ('"a long unit of mine"', "line 4: tones")]
)
def test_a_unit_is_a_short_text_in_one_line(line, said):
    with pytest.raises(ValueError, match=said):
        problem_from_text(TEXT.replace('"mA"', line))
    with pytest.raises(ValueError, match="unit is 'a\\\\nb'; give a unit such as 'V'"):
        cf.Output(unit="a\nb")


@pytest.mark.parametrize("ending", [".json", ".npz", ".mat", ".csv", ".wav"])
def test_a_design_keeps_the_units_of_its_problem(ending, tmp_path):
    problem = problem_from_text(TEXT)
    path = tmp_path / f"a{ending}"
    cf.minimize_peak(problem, starts=1, time_limit=5.0).save(path)
    assert units_of(cf.load(path).problem) == ("mA", UNITS)
    assert units_of(read_problem(path)) == ("mA", UNITS)


@pytest.mark.parametrize("unit", ["V", "mA", "µA", "m/s²", "V s", "*/", ""])
@pytest.mark.parametrize(
    ("name", "bits"), [("a.txt", None), ("a.txt", 8), ("a.dat", None), ("a.h", None), ("a.coe", None), ("a.mif", 12)]
)
def test_texts_of_samples_name_the_unit_and_it_is_read_again(name, bits, unit, tmp_path):
    design_in(unit).save(tmp_path / name, cf.Playback(samples_per_period=16, bits=bits))
    text = (tmp_path / name).read_text("utf-8")
    ascii = {"µA": "uA", "m/s²": "m/s^2", "*/": "* /"}.get(unit, unit)
    shown = unit if name.endswith(("txt", "dat")) else ascii
    assert not re.search(r"\bV\b|[vV]olts\b", text) or unit.startswith("V")
    if unit:
        assert f" {shown} " in text
    assert read_waveform(tmp_path / name).unit == shown


@pytest.mark.parametrize("unit", ["V", "mA", ""])
@pytest.mark.parametrize("ending", [".i16", ".f32", ".scpi", ".sigmf-meta", ".h5", ".play.json"])
def test_descriptions_of_samples_name_the_unit(ending, unit, tmp_path):
    if ending == ".h5":
        pytest.importorskip("h5py")
    path = tmp_path / f"a{ending}"
    design_in(unit).save(path, cf.Playback(samples_per_period=16))
    if ending == ".play.json":
        assert json.loads(path.read_text())["content"]["unit"] == unit
    else:
        assert read_waveform(path).unit == unit


def test_tdms_names_the_unit(tmp_path):
    nptdms = pytest.importorskip("nptdms")
    design_in("mA").save(tmp_path / "a.tdms", cf.Playback(samples_per_period=16))
    assert nptdms.TdmsFile(tmp_path / "a.tdms")["multisine"]["drive"].properties["unit_string"] == "mA"


@pytest.mark.parametrize(
    ("level", "unit"),
    [
        ("1 Vpp", "V"),
        ("200mVrms", "V"),
        ("-10 dBV", "V"),
        ("5 mA", "A"),
        ("-1 to 3 V", "V"),
        ("-1 dBFS", ""),
        (0.5, ""),
    ],
)
def test_a_level_with_a_unit_says_what_is_played(level, unit):
    assert unit_of_level(level) == unit
    played = cf.Playback(samples_per_period=16, level=level).of(design_in("kPa"))
    assert played.unit == (unit or "kPa")


def test_a_level_in_another_unit_than_the_limits_is_refused():
    """10 is 10 mA here, and the peak would be 20 mA."""
    limited = design_in("mA", outputs=[cf.Output(limit=10.0)])
    for level in ("20 mA", "-1 to 1 A"):
        with pytest.raises(ValueError, match=r"reaches [\d.]+% of a limit"):
            cf.Playback(samples_per_period=16, level=level).of(limited)
    for level in ("20 V", "5 mV", "-1 to 1 V"):
        with pytest.raises(ValueError, match=r"is in [VA], but the limits are in mA; give the level as a number"):
            cf.Playback(samples_per_period=16, level=level).of(limited)
    assert cf.Playback(samples_per_period=16, level=5).of(limited).unit == "mA"
    assert cf.Playback(samples_per_period=16, level="20 mA", beyond_limits=True).of(limited).unit == "A"
    in_amperes = design_in("A", outputs=[cf.Output(limit=10.0)])
    assert abs(cf.Playback(samples_per_period=16, level="20 mA").of(in_amperes).values).max() <= 0.02


def test_descriptions_from_before_there_were_units_are_in_volts(tmp_path):
    design_in("mA").save(tmp_path / "a.i16", cf.Playback(samples_per_period=16))
    described = json.loads((tmp_path / "a.i16.json").read_text())
    del described["unit"]
    (tmp_path / "a.i16.json").write_text(json.dumps(described))
    assert read_waveform(tmp_path / "a.i16").unit == "V"
    old = "# crestfall samples in steps of 0.5 V at 4 Hz: 4 samples, 1 period, 8 bits, signed\n# drive\n1\n0\n-1\n0\n"
    (tmp_path / "a.txt").write_text(old)
    found = read_waveform(tmp_path / "a.txt")
    assert (found.unit, found.samples.tolist()) == ("V", [[0.5, 0.0, -0.5, 0.0]])


def test_the_report_and_the_picture_name_units(run, tmp_path):
    (tmp_path / "a.toml").write_text(
        '[tones]\nharmonics = "1:5"\nfundamental_hz = 10\nunit = "V"\n[[outputs]]\nname = "drive"\nlimit = 10\n'
        '[[outputs]]\nname = "slew"\nresponse = "slew rate"\nlimit = 4000\n'
    )
    done = run("design", "a.toml", "--starts", "8", "--out", "a.csv", "--out", "a.f32", "--out", "a.svg")
    assert done.code == 0, done.err
    rows = {line[:15].strip(): line[15:] for line in done.out.splitlines()}
    assert re.match(r"2\.3435\d* V   certified", rows["peak"])
    assert re.search(r"^peak 2\.3435\d? V, .* of 10 V allowed", rows["drive"])
    assert re.search(r"^peak 6\d\d\.\d+ V/s, .* of 4000 V/s allowed", rows["slew"])
    assert rows["largest drive"].startswith("10 V peak within all limits")
    assert re.search(r"samples, peak 10 V$", done.out, re.M)
    assert run("design", "a.toml", "--starts", "8", "--out", "b.f32", "--level", "1 Vpp").out.count("peak 0.5 V") == 1


def limited_to_5_mA():
    ms = cf.Multisine.harmonics([1, 2, 3])
    coil = cf.Output(2.0, limit=20.0, name="coil", unit="mV")  # twice the current: 10 mV at 5 mA
    problem = cf.Problem(ms, outputs=[cf.Output(limit=5.0, name="current", unit="mA"), coil], unit="mA")
    return cf.minimize_peak(problem, starts=1)


@pytest.mark.parametrize("level", ["5.1 mA", "10.2 mApp", "0.0051 A", "-5.1 to 5.1 mA", 5.1])
def test_a_level_is_held_to_limits_in_the_unit_of_the_problem(level):
    with pytest.raises(ValueError, match=r"reaches .* of a limit of the problem"):
        cf.Playback(samples_per_period=64, level=level).of(limited_to_5_mA())


@pytest.mark.parametrize(("level", "peak"), [("4.9 mA", 0.0049), ("0.0049 A", 0.0049), (4.9, 4.9), ("limits", 5.0)])
def test_a_level_below_the_limits_is_played_whatever_its_unit(level, peak):
    samples = cf.Playback(samples_per_period=4096, level=level).of(limited_to_5_mA()).one
    assert np.max(np.abs(samples)) == pytest.approx(peak, rel=1e-3)


def test_a_file_to_play_says_peaks_in_the_unit_of_their_limits(tmp_path):
    limited_to_5_mA().save(tmp_path / "a.play.json", cf.Playback(samples_per_period=64, level="4 mA"))
    limits = json.loads((tmp_path / "a.play.json").read_text())["content"]["limits"]
    assert [(one["limit"], round(one["peak"], 6)) for one in limits] == [(5.0, 4.0), (20.0, 8.0)]


def largest_number(path, ending):
    """The largest voltage of a file, without a reader of this package."""
    text = path.read_text()
    if ending == ".arb":
        return float(re.search(r"High Level:(\S+)", text)[1])
    if ending in ("_rigol.csv", "_siglent.csv"):
        return float(re.search(r"(?i)^amp[:,]([\d.e-]+)", text, re.M)[1]) / 2
    return np.max(np.abs(np.loadtxt(path)[:, 1]))


@pytest.mark.parametrize("ending", [".arb", "_rigol.csv", "_siglent.csv", ".pwl"])
@pytest.mark.parametrize(
    ("unit", "volts"), [("V", 1.0), ("mV", 1e-3), ("kV", 1e3), ("mA", 1e-3), ("", 1.0), ("Pa", 1.0)]
)
def test_files_in_volts_hold_volts_of_a_problem_in_millivolts(ending, unit, volts, tmp_path):
    ms = cf.Multisine([1.0], [5.0])
    design = cf.Design.of(cf.Problem(ms, unit=unit), [0.0])
    design.save(tmp_path / f"a{ending}", cf.Playback(samples_per_period=16))
    assert largest_number(tmp_path / f"a{ending}", ending) == pytest.approx(5.0 * volts, rel=1e-6)
    design.save(tmp_path / f"b{ending}", cf.Playback(samples_per_period=16, level="20 mV"))
    assert largest_number(tmp_path / f"b{ending}", ending) == pytest.approx(0.02, rel=1e-6)


@pytest.mark.parametrize("field", [{"offset": 0.5}, {"full_scale": "10 V"}])
def test_volts_of_an_offset_are_not_added_to_millivolts(field):
    design = cf.Design.of(cf.Problem(cf.Multisine([1.0], [5.0]), unit="mV"), [0.0])
    with pytest.raises(ValueError, match=r"but the amplitudes are in mV, and no level says V; give a level such as"):
        cf.Playback(samples_per_period=16, **field).of(design)
    played = cf.Playback(samples_per_period=16, level="2 V", **field).of(design)
    assert (played.unit, np.ptp(played.one)) == ("V", pytest.approx(4.0))
