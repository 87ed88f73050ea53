"""Text and SPICE files of samples, read by NumPy and by pandas."""

import contextlib

import numpy as np
import pandas as pd
import pytest

import crestfall as cf
from crestfall.files import load, read_problem, save

PLAYED = cf.Playback(rate=7200.0, periods=3, level="0.25 V")
COUNT = 216


def expected(design, direct_sum):
    return 0.25 / design.peak * direct_sum(design, 7200.0, COUNT)


@pytest.mark.parametrize("ending", [".txt", ".dat"])
def test_one_column_is_the_waveform(ending, design, tmp_path, direct_sum):
    save(design, tmp_path / f"a{ending}", PLAYED)
    values = np.loadtxt(tmp_path / f"a{ending}")
    np.testing.assert_allclose(values, expected(design, direct_sum), atol=1e-12)
    first = (tmp_path / f"a{ending}").read_text().splitlines()[0]
    assert first == "# crestfall samples in V at 7200 Hz: 216 samples, 3 periods"


@pytest.mark.parametrize(("separator", "mark"), [("tab", "\t"), ("comma", ","), (";", ";"), ("space", " ")])
def test_time_and_value(separator, mark, design, tmp_path, direct_sum):
    save(design, tmp_path / "a.txt", PLAYED, time=True, separator=separator)
    table = pd.read_csv(tmp_path / "a.txt", sep=mark, skiprows=1)
    assert [*table.columns] == ["# time_s", "drive"] if mark != " " else len(table.columns) == 3
    values = np.loadtxt(tmp_path / "a.txt", delimiter=mark)
    np.testing.assert_allclose(values[:, 0], np.arange(COUNT) / 7200.0, rtol=1e-15)
    np.testing.assert_allclose(values[:, 1], expected(design, direct_sum), atol=1e-12)


def test_without_a_header_there_is_nothing_but_numbers(design, tmp_path):
    save(design, tmp_path / "a.txt", PLAYED, header=False)
    assert len([float(line) for line in (tmp_path / "a.txt").read_text().splitlines()]) == COUNT


@pytest.mark.parametrize("signed", [True, False])
def test_bits_make_counts(signed, design, tmp_path, direct_sum):
    save(design, tmp_path / "a.txt", cf.Playback(rate=7200.0, bits=12, signed=signed, full_scale=4.0), header=False)
    counts = np.array([int(line) for line in (tmp_path / "a.txt").read_text().split()])
    assert counts.min() >= (-2047 if signed else 1)
    volts = (counts - (0 if signed else 2048)) * 4.0 / 2047
    np.testing.assert_allclose(volts, direct_sum(design, 7200.0, 72), atol=0.51 * 4.0 / 2047)


@pytest.mark.parametrize("q_first", [False, True])
def test_complex_signals_have_two_columns(q_first, complex_design, tmp_path, direct_sum):
    save(complex_design, tmp_path / "a.txt", cf.Playback(rate=9000.0, q_first=q_first))
    values = np.loadtxt(tmp_path / "a.txt")
    signal = values[:, 1] + 1j * values[:, 0] if q_first else values[:, 0] + 1j * values[:, 1]
    np.testing.assert_allclose(signal, direct_sum(complex_design, 9000.0, 36), atol=1e-12)


def test_several_inputs_have_a_column_each(tmp_path):
    ms = cf.Multisine([100.0, 300.0])
    design = cf.Design.of(cf.Problem.orthogonal([ms] * 2, names=["x", "y"]), [0.0, 1.0])
    save(design, tmp_path / "a.txt", cf.Playback(rate=2400.0, offset=0.5), time=True, separator="comma")
    values = np.loadtxt(tmp_path / "a.txt", delimiter=",")
    assert (tmp_path / "a.txt").read_text().splitlines()[1] == (
        "# time_s,x experiment 1,x experiment 2,y experiment 1,y experiment 2"
    )
    one = design.channels[1][0]
    angles = 2 * np.pi * np.outer(values[:, 0], one.multisine.frequencies) + one.phases
    np.testing.assert_allclose(values[:, 3], 0.5 + np.cos(angles) @ one.multisine.amplitudes, atol=1e-12)


@pytest.mark.parametrize("header", [True, False])
def test_samples_are_read_as_samples(header, design, tmp_path):
    path = tmp_path / "a.txt"
    save(design, path, cf.Playback(rate=6400.0), header=header)
    with pytest.warns(cf.CrestfallWarning, match="says no rate") if not header else contextlib.nullcontext():
        found = load(path)
    unit = 1.0 if header else 1.0 / 6400.0
    np.testing.assert_allclose(found.multisine.frequencies, design.multisine.frequencies * unit, rtol=1e-12)
    np.testing.assert_allclose(found.multisine.amplitudes, design.multisine.amplitudes, rtol=1e-9)
    with pytest.warns(cf.CrestfallWarning) if not header else contextlib.nullcontext():
        assert read_problem(path).multisine.initial_phases is not None


@pytest.mark.parametrize(
    ("playback", "options", "said"),
    [
        ({"big_endian": True}, {}, "big_endian is True"),
        ({"signed": False}, {}, "signed is False, but the text holds volts; give bits"),
        ({}, {"separator": "|"}, r"separator is '\|'; use one of tab, space"),
        ({}, {"time": 1}, "time is 1; give True or False"),
    ],
)
def test_what_a_text_cannot_do_is_refused(playback, options, said, design, tmp_path):
    with pytest.raises(ValueError, match=f"^{said}"):
        save(design, tmp_path / "a.txt", cf.Playback(**playback), **options)
    assert not list(tmp_path.iterdir())


# ------------------------------------------------------------------ SPICE


def test_a_pwl_source_repeats_without_a_seam(design, tmp_path, direct_sum):
    save(design, tmp_path / "a.pwl", PLAYED)
    times, values = np.loadtxt(tmp_path / "a.pwl").T
    np.testing.assert_allclose(times, np.arange(COUNT + 1) / 7200.0, rtol=1e-15)
    assert np.all(np.diff(times) > 0.0)
    assert values[0] == values[-1]
    np.testing.assert_allclose(values[:-1], expected(design, direct_sum), atol=1e-12)


def test_with_edges_a_pwl_source_ends_at_rest(design, tmp_path):
    save(design, tmp_path / "a.pwl", cf.Playback(rate=7200.0, lead=0.01, trail=0.01))
    times, values = np.loadtxt(tmp_path / "a.pwl").T
    assert times.size == 72 + 2 * 72
    assert times[0] == values[0] == values[-1] == 0.0


def test_complex_pwl_files(complex_design, tmp_path, direct_sum):
    save(complex_design, tmp_path / "a.pwl", cf.Playback(rate=9000.0))
    i, q = (np.loadtxt(tmp_path / f"a_{part}.pwl")[:-1, 1] for part in "IQ")
    np.testing.assert_allclose(i + 1j * q, direct_sum(complex_design, 9000.0, 36), atol=1e-12)


@pytest.mark.parametrize("field", ["bits", "compensate_hold", "big_endian", "q_first"])
def test_a_simulator_has_no_converter(field, design, tmp_path):
    with pytest.raises(ValueError, match=rf"^{field} is .*leave it out"):
        save(design, tmp_path / "a.pwl", cf.Playback(**{field: 8 if field == "bits" else True}))
