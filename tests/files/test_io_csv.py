"""The CSV format: tones in, designs in and out, and errors that name the line and the column."""

import csv

import numpy as np
import pytest

import crestfall as cf
from crestfall.files import load, read_problem, save
from crestfall.files.tones_csv import read_tones

HEADER = "frequency_hz,amplitude\n"

REFUSED = [
    ("", "no header line"),
    ("# only a comment\n", "no header line"),
    (HEADER, "no tones below the header"),
    ("10,1,0\n20,1,0\n", "there are 3 columns and no header"),
    ("amplitude\n1\n", "line 1: no column is a frequency"),
    ("frequency_hz,amplitude,amplitude\n10,1,1\n", "line 1: the amplitude occurs twice"),
    ("frequency_hz,amplitude,weight\n10,1,x\n", "line 1: column 'weight' is unknown"),
    (HEADER + "# comment\n\n10,abc\n", "line 4: amplitude is 'abc'; it must be a finite number"),
    (HEADER + "10,\n", "line 2: amplitude is ''"),
    (HEADER + "10,nan\n", "line 2: amplitude is 'nan'"),
    (HEADER + "10,1\ninf,1\n", "line 3: frequency_hz is 'inf'"),
    (HEADER + "10,1e999\n", "line 2: amplitude is '1e999'"),
    (HEADER + "1_0,1\n", "line 2: frequency_hz is '1_0'"),
    (HEADER + "10,-1\n", "line 2: amplitude is -1.0; it must be above 0"),
    (HEADER + "10,0\n", "all amplitudes are 0"),
    (HEADER + "-10,1\n", "line 2: frequency_hz is -10.0 Hz; a real tone needs a frequency above 0 Hz"),
    (HEADER + "0,1\n", "line 2: frequency_hz is 0.0"),
    (HEADER + "10,1\n20\n", "line 3: 1 value, but the header names 2 columns"),
    (HEADER + "10,1,2\n", "line 2: 3 values, but the header names 2 columns"),
    (HEADER + "10,1,5\n", "line 2: 3 values"),
    (HEADER + '10,"1\n20,1\n', "line 2: not CSV"),
    (HEADER + "x" * 200_000 + ",1\n", "line 2: not CSV"),
    (HEADER + "y" * 1000 + ",1\n", "line 2: frequency_hz is 'yyy"),
    (b"frequency_hz,amplitude\n10,\x81\n", "not text in UTF-8 (byte 26)"),
    (HEADER.encode("utf-16"), "no tones below the header"),
    (b"RIFF\x00\x00\x00\x00WAVE", "line 1: column"),
]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tones.csv"


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_what_is_wrong_is_named_with_line_and_column(text, said, path, error_of):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    message = error_of(ValueError, path, read_tones, path)
    assert said in message
    assert len(message) < len(str(path)) + 300


@pytest.mark.parametrize(
    "text",
    [
        "frequency_hz,amplitude\n10,1\n30,0.5\n",
        "\ufeff# from a spreadsheet\r\n\r\n amplitude , frequency_hz\r\n1, 1e1\r\n# between\r\n.5,30.0\r\n",
        '"frequency_hz","amplitude"\r"10","1"\r"30","0.5"',
    ],
)
def test_order_spaces_comments_quotes_line_ends_and_byte_order_mark_do_not_matter(text, path):
    path.write_text(text, encoding="utf-8", newline="")
    assert cf.Multisine.from_csv(path) == cf.Multisine([10.0, 30.0], [1.0, 0.5])


def test_phases_become_initial_phases_and_complex_tones_may_be_negative(path):
    path.write_text("phase_rad,frequency_hz,amplitude\n0.5,-10,1\n1.5,0,2\n")
    expected = cf.Multisine([-10.0, 0.0], [1.0, 2.0], complex=True, initial_phases=[0.5, 1.5])
    assert read_tones(str(path), complex=True) == expected


def test_a_plain_file_with_phases_loads_as_a_design_and_one_without_says_why_not(path, error_of):
    path.write_text("frequency_hz,amplitude,phase_rad\n10,1,0.5\n20,2,1.5\n")
    design = load(path)
    assert design.phases.tolist() == [0.5, 1.5]
    assert design.provenance.method == "phases of tones.csv"
    path.write_text(HEADER + "10,1\n")
    assert "holds tones but no design" in error_of(ValueError, path, load, path)


def test_any_csv_reader_finds_the_columns(design, path):
    save(design, path)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert [list(row) for row in rows] == [["frequency_hz", "amplitude", "phase_rad"]] * 4
    assert [float(row["phase_rad"]) for row in rows] == design.phases.tolist()
    text = path.read_text(encoding="utf-8")
    above = 1 + sum(line.startswith("#") for line in text.splitlines())
    np.testing.assert_array_equal(np.genfromtxt(path, delimiter=",", skip_header=above)[:, 2], design.phases)
    for line in (f"# crest_factor: {design.crest_factor!r}", f"# peak: {design.peak!r}", "# version: 2"):
        assert line in text.splitlines()


def test_the_tones_of_a_saved_design_can_be_designed_again(design, complex_design, path):
    save(design, path)
    again = read_tones(path)
    assert again.frequencies.tolist() == design.multisine.frequencies.tolist()
    assert again.initial_phases.tolist() == design.phases.tolist()
    save(complex_design, path, overwrite=True)
    assert read_tones(path).complex


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\n300.0,0.5,-2.0", "\n300.0,0.5,-1.0", "but its phases give"),
        ("\n300.0,0.5,-2.0", "", "but its phases give"),
        ("\n300.0,0.5,-2.0", "\n300.0,0.6,-2.0", "but its phases give"),
        ("# version: 2", "# version: 9", "version is 9"),
        ("# peak: ", "# top: ", "design.top is unknown"),
        ("# peak: ", "# peak: no", "delete the comment lines"),
        ("# peak: ", "# more: 1\n# peak: ", "design.more is unknown"),
        ('"fundamental_hz": 100.0', '"fundamental_hz": 30.0', "not a whole multiple"),
    ],
)
def test_a_design_that_was_changed_by_hand_is_refused(old, new, said, design, path, error_of):
    save(design, path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert said in error_of(ValueError, path, load, path)


def test_tones_without_a_period_are_no_problem_of_one(path, error_of):
    path.write_text(HEADER + "1,1\n1.4142135623730951,1\n")
    assert not read_tones(path).has_period
    assert "no usable common period" in error_of(ValueError, path, read_problem, path)


def test_more_tones_than_can_be_held_are_refused(path, monkeypatch, error_of):
    for module in ("tone_list", "tone_columns"):
        monkeypatch.setattr(f"crestfall.files.{module}.MAX_TONES", 2)
    path.write_text(HEADER + "1,1\n2,1\n3,1\n")
    assert "line 4: more than 2 tones" in error_of(ValueError, path, read_tones, path)


def test_a_file_that_is_not_there(path, error_of):
    assert "no such file" in error_of(FileNotFoundError, path, cf.Multisine.from_csv, path)
