"""Headings with units, separators, decimal commas, workbooks, arrays and frames: all of them the same tones."""

import json
from math import pi, sqrt

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xarray as xr

import crestfall as cf
from crestfall.files.tone_columns import headed_columns
from crestfall.files.tones import read_tones


@pytest.mark.parametrize(
    ("heading", "cell", "hertz"),
    [
        ("freq_MHz", "1.5", 1.5e6),
        ("frequency [Hz]", "1.5", 1.5),
        ("f / kHz", "1.5", 1500.0),
        ("Frequency (Hz)", "1.5", 1.5),
        ("f(Hz)", "1.5", 1.5),
        ("FREQ (MHZ)", "1.5", 1.5e6),
        ("Frequency in kHz", "1.5", 1500.0),
        ("kHz", "1.5", 1500.0),
        ("freq_mHz", "1.5", 0.0015),
        ("rad/s", "10", 10 / (2 * pi)),
        ("omega", "10", 10 / (2 * pi)),
        ("ω [rad/s]", "10", 10 / (2 * pi)),
        ("angular_frequency_rad_s", "10", 10 / (2 * pi)),
        ("frequency", "1.5 kHz", 1500.0),
        ("frequency", "1/60", 1 / 60),
    ],
)
def test_frequencies(heading, cell, hertz, tmp_path):
    (tmp_path / "a.csv").write_text(f"{heading}\n{cell}\n", "utf-8")
    assert read_tones(tmp_path / "a.csv").frequencies.tolist() == pytest.approx([hertz], rel=1e-15)


@pytest.mark.parametrize(
    ("heading", "cell", "amplitude"),
    [
        ("amplitude", "0.5", 0.5),
        ("amplitude_dB", "-20", 0.1),
        ("level_dBFS", "-20", 0.1),
        ("level_dBV", "0", sqrt(2)),
        ("Level [dBµV]", "120", sqrt(2)),
        ("level_dBmV", "60", sqrt(2)),
        ("level_dBu", "0", sqrt(2) * sqrt(1e-3 * 600)),
        ("power_dBm", "10", sqrt(2 * 50 * 10e-3)),
        ("power_dBm_75ohm", "10", sqrt(2 * 75 * 10e-3)),
        ("Level (dBm, 600 Ω)", "0", sqrt(2 * 600 * 1e-3)),
        ("power_dBW", "0", 10.0),
        ("power (mW)", "10", sqrt(2 * 50 * 10e-3)),
        ("voltage_mV", "20", 0.02),
        ("Vrms", "2", 2 * sqrt(2)),
        ("amplitude_mVpp", "30", 0.015),
        ("current / mA", "3", 0.003),
        ("amplitude", "20 mV", 0.02),
        ("amplitude", "-20 dB", 0.1),
    ],
)
def test_amplitudes(heading, cell, amplitude, tmp_path):
    (tmp_path / "a.txt").write_text(f"f_Hz; {heading}\n1; {cell}\n", "utf-8")
    assert read_tones(tmp_path / "a.txt").amplitudes.tolist() == pytest.approx([amplitude], rel=1e-13)


@pytest.mark.parametrize(("heading", "cell"), [("Phase (deg)", "90"), ("phase [°]", "90"), ("phi_rad", str(pi / 2))])
def test_phases(heading, cell, tmp_path):
    (tmp_path / "a.tsv").write_text(f"f_Hz\t{heading}\n1\t{cell}\n", "utf-8")
    assert read_tones(tmp_path / "a.tsv").initial_phases.tolist() == pytest.approx([pi / 2])


@pytest.mark.parametrize(
    "heading", ["phase", "frequency_V", "amplitude [N]", "power", "omega_Hz", "freq_mhz", "level_dBm_0ohm", "q", "f_Pa"]
)
def test_headings_that_are_not_understood_are_refused(heading):
    with pytest.raises(ValueError, match="column"):
        headed_columns(["f_Hz", heading])


EXPECTED = cf.Multisine([10.5, 20.0, 1000.0], [1.0, 0.25, 2.0])
WRITTEN = {
    "commas.csv": "10.5,1\n20,0.25\n1000,2\n",
    "semicolons.csv": "10,5;1\n20;0,25\n1'000;2\n",
    "semicolons with points.csv": "f;a\n10.5;1\n20;0.25\n1\N{NO-BREAK SPACE}000,0;2,0;\n",
    "tabs.tsv": "Frequenz\tPegel\n10,5\t1\n20\t0,25\n1.000,0\t2\n",
    "blanks.txt": "% from MATLAB\n10.5  1\n20 0.25 # weak\n1e3\t2\n".replace("\t", " "),
    "columns with blanks.txt": "Frequency [Hz]  Amplitude (V)\n10.5 1\n20 .25\n1000 2\n",
    "units below.csv": "frequency,amplitude\nkHz,mV\n0.0105,1000\n0.020,250\n1,2000\n",
    "excel.csv": "sep=;\n" + '"f [Hz]";"a [V]"\n"10,5";"1"\n"20";"0,25"\n"1000";"2"\n',
    "numbered.csv": "tone,frequency_hz,amplitude\n0,10.5,1\n1,20,0.25\n2,1000,2\n",
    "mixed units.csv": "10.5 Hz,1\n0.02 kHz,250 mV\n1k,2\n",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_texts_as_people_write_them(name, tmp_path):
    (tmp_path / name).write_text(WRITTEN[name], "utf-8")
    assert read_tones(tmp_path / name) == EXPECTED


def test_one_column(tmp_path):
    (tmp_path / "a.txt").write_text("10\n20\n40\n")
    assert read_tones(tmp_path / "a.txt") == cf.Multisine([10.0, 20.0, 40.0])


@pytest.mark.parametrize(
    "rows",
    [
        [["f / kHz", "level (mV)"], [0.0105, 1000], [], [0.02, 250], ["1", "2000"]],
        [["frequency", "amplitude"], ["10,5 Hz", 1], ["20", "0,25"], [1000, 2.0]],
        [[10.5, 1], [20, 0.25], [1000, 2]],
    ],
)
def test_workbooks(rows, tmp_path):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert read_tones(tmp_path / "a.xlsx") == EXPECTED


def test_a_workbook_that_is_wrong_names_the_row(tmp_path, error_of):
    book = openpyxl.Workbook()
    for row in (["f_Hz", "a"], [1, 1], [2, "x"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert "row 3: a is 'x'" in error_of(ValueError, tmp_path / "a.xlsx", read_tones, tmp_path / "a.xlsx")


PAIRS = np.array([[10.5, 1.0], [20.0, 0.25], [1000.0, 2.0]])
NAMED = np.array([(0.0105, 1.0), (0.02, 0.25), (1.0, 2.0)], dtype=[("f_kHz", float), ("amplitude", float)])


@pytest.mark.parametrize("array", [PAIRS, PAIRS.T, PAIRS.astype(np.float32), NAMED])
def test_arrays_in_files(array, tmp_path):
    np.save(tmp_path / "a.npy", array)
    assert read_tones(tmp_path / "a.npy") == EXPECTED
    np.save(tmp_path / "b.npy", PAIRS[:, 0])
    assert read_tones(tmp_path / "b.npy") == cf.Multisine(PAIRS[:, 0])


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.ones((2, 2)), "shape (2, 2)"),
        (np.ones((5, 3)), "shape (5, 3)"),
        (np.array(["10"]), "give real numbers"),
        (np.array([1.0, np.nan]), "row 1: frequency is nan"),
    ],
)
def test_arrays_that_are_no_tones(array, said, tmp_path, error_of):
    np.save(tmp_path / "a.npy", array)
    assert said in error_of(ValueError, tmp_path / "a.npy", read_tones, tmp_path / "a.npy")


def test_pickles_are_not_loaded(tmp_path, error_of):
    np.save(tmp_path / "a.npy", np.array([{"f": 1}], dtype=object), allow_pickle=True)
    assert "not an NPY file" in error_of(ValueError, tmp_path / "a.npy", read_tones, tmp_path / "a.npy")


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"f_kHz": [0.0105, 0.02, 1.0], "Level [mV]": [1000, 250, 2000]}),
        {"frequency": PAIRS[:, 0], "amplitude": PAIRS[:, 1].tolist()},
        NAMED,
        xr.Dataset({"amplitude": ("frequency_hz", PAIRS[:, 1])}, coords={"frequency_hz": PAIRS[:, 0]}),
    ],
)
def test_tables_in_memory(table):
    assert cf.Multisine.from_table(table) == EXPECTED


def test_tables_in_memory_that_are_none():
    with pytest.raises(TypeError, match="table is of type list"):
        cf.Multisine.from_table([1, 2])
    with pytest.raises(ValueError, match="columns differ in length: f has 2, a has 1"):
        cf.Multisine.from_table({"f": [1, 2], "a": [1]})
    with pytest.raises(ValueError, match="row 1: a is nan"):
        cf.Multisine.from_table(pd.DataFrame({"f": [1, 2], "a": [1, np.nan]}))


def test_a_frame_of_tones_comes_back(design, tmp_path):
    from crestfall.files.pandas_tables import tones_to_pandas

    tones_to_pandas(design).to_csv(tmp_path / "a.csv")
    assert read_tones(tmp_path / "a.csv") == design.multisine.with_initial_phases(design.phases)


def test_amplitude_0_and_repeated_frequencies_are_told(tmp_path, run):
    path = tmp_path / "a.csv"
    path.write_text("f,a\n10,1\n20,0\n30,1\n40,0\n")
    with pytest.warns(cf.CrestfallWarning, match="lines 3 and 5: amplitude 0; left out"):
        assert read_tones(path) == cf.Multisine([10.0, 30.0])
    done = run("design", path, "--starts", 1, "--json")
    assert done.err == "crestfall: note: lines 3 and 5: amplitude 0; left out\n"
    assert json.loads(done.out)["frequencies_hz"] == [10.0, 30.0]
    path.write_text("f,a\n10,1\n10,1\n30,1\n")
    with pytest.warns(cf.CrestfallWarning, match="lines 2 and 3: 10 Hz occurs 2 times, probably by mistake"):
        assert read_tones(path).n == 3


def test_lists_are_told_the_same(tmp_path, run):
    lists = {"frequencies_hz": [10, 20, 30], "amplitudes": [1, 0, 2], "phases_rad": [0, 1, 2]}
    (tmp_path / "a.json").write_text(json.dumps(lists))
    expected = cf.Multisine([10.0, 30.0], [1.0, 2.0], initial_phases=[0.0, 2.0])
    with pytest.warns(cf.CrestfallWarning, match="^tone 1: amplitude 0; left out$"):
        assert read_tones(tmp_path / "a.json") == expected
    (tmp_path / "a.toml").write_text("[[tone]]\nfrequency_hz = 10\n[[tone]]\nfrequency_hz = 10\n")
    with pytest.warns(cf.CrestfallWarning, match="^tones 0 and 1: 10 Hz occurs 2 times"):
        assert read_tones(tmp_path / "a.toml").n == 2
    done = run("design", "--harmonics", "1:3,2", "--starts", 1, "--quiet")
    assert done.err.startswith("crestfall: note: harmonics is '1:3,2', where 2 occurs twice, probably by mistake")


def test_points_set_off_thousands_where_commas_are_decimal():
    from crestfall.files.tone_list import decode

    found = decode(b"kHz;mV\n999,5;1\n1.000,5;2,5\n2.000;0.125\n".replace(b"kHz", b"f / kHz").replace(b"mV", b"U [mV]"))
    assert found.frequencies.tolist() == [999_500.0, 1_000_500.0, 2_000_000.0]
    assert found.amplitudes.tolist() == pytest.approx([0.001, 0.0025, 0.000125])
    assert decode(b"f / kHz;U [mV]\n2.000;1\n3.500;1\n").frequencies.tolist() == [2000.0, 3500.0]


def test_tables_as_spreadsheets_leave_them(tmp_path):
    (tmp_path / "empty rows.csv").write_bytes(b"f;a\r\n10;1\r\n20;2\r\n;;\r\n;\r\n \t\r\n")
    assert read_tones(tmp_path / "empty rows.csv").frequencies.tolist() == [10.0, 20.0]
    (tmp_path / "unicode.txt").write_bytes("f [Hz]\ta\n10\t1\n20\t2\n".encode("utf-16"))
    assert read_tones(tmp_path / "unicode.txt").n == 2
    (tmp_path / "latin.csv").write_bytes("# für Prüfstand\nf,U [µV]\n10,1\n20,2\n".encode("latin-1"))
    with pytest.warns(cf.CrestfallWarning, match="read as Windows-1252"):
        found = read_tones(tmp_path / "latin.csv")
    np.testing.assert_allclose(found.amplitudes, [1e-6, 2e-6])
    (tmp_path / "remarks.csv").write_text("f,a,Remark\n10,1,first of all\n20,2\n")
    with pytest.warns(cf.CrestfallWarning, match="column 'Remark' holds remarks"):
        assert read_tones(tmp_path / "remarks.csv").amplitudes.tolist() == [1.0, 2.0]


def test_rows_of_empty_cells_in_a_workbook(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (("f", "a"), (10, 1), (20, 2), ("", ""), (" ", None), (None, None)):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert read_tones(tmp_path / "a.xlsx").frequencies.tolist() == [10.0, 20.0]


def test_huge_harmonic_numbers_off_a_decimal_raster_come_back(tmp_path):
    ms = cf.Multisine.harmonics([2**52 + 1, 2**52 + 3, 2**52 + 4], fundamental=1.0 / 3.0)
    design = cf.Design.of(ms, [0.0, 1.0, 2.0])
    for ending in (".json", ".npz", ".csv"):
        design.save(tmp_path / f"a{ending}")
        again = cf.load(tmp_path / f"a{ending}")
        assert again == design
        assert again.multisine.harmonic_numbers.tolist() == ms.harmonic_numbers.tolist()


def test_a_point_that_sets_off_thousands_is_noted(tmp_path):
    path = tmp_path / "tones.csv"
    path.write_text("f (kHz);level dBV\n1.500;-10,5\n2,25;-12\n", "utf-8")
    with pytest.warns(cf.CrestfallWarning, match=r"line 2: f \(kHz\) '1\.500': the point sets off thousands"):
        found = read_tones(str(path))
    assert found.frequencies.tolist() == [1_500_000.0, 2250.0]
    path.write_text("f (kHz);level dBV\n1.500;-10\n", "utf-8")
    assert read_tones(str(path)).frequencies.tolist() == [1500.0]
