"""Code that stands beside numbers on a page gives those numbers."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def snippet(page, number=0):
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.S)[number]


def rows(page, name="numbers"):
    text = (ROOT / page).read_text("utf-8")
    table = re.search(f"<!-- numbers:{name} -->\n(.*?)\n<!-- end:{name} -->", text, re.S)[1]
    return [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


@pytest.fixture
def names_of(tmp_path, monkeypatch):
    """The variables that a snippet leaves."""
    monkeypatch.chdir(tmp_path)

    def run(page, number=0):
        names = {}
        exec(compile(snippet(page, number), page, "exec"), names)
        return names

    return run


def test_the_first_code_of_the_readme_gives_the_numbers_beside_it(names_of):
    design = names_of("README.md")["design"]
    said = re.search(r"# (\d\.\d+), certified \(low, high\), (\d\.\d+)", snippet("README.md"))
    assert round(design.crest_factor, 2) == float(said[1])
    assert round(design.lower_bound, 2) == float(said[2])


def test_the_cell_of_the_code_is_that_of_the_table(names_of):
    page = "docs/fields/electrochemistry.md"
    names = names_of(page)
    both = next(row for row in rows(page) if row[1] == "crestfall, both")
    found = [report.crest_factor for report in names["both"].signals]
    assert found == pytest.approx([float(cell) for cell in both[2:4]], abs=1e-3)
    said = re.search(r"# (\d\.\d+) and (\d\.\d+)", snippet(page))
    assert [float(one) for one in said.groups()] == [float(cell) for cell in both[2:4]]


def test_the_band_of_the_code_is_the_one_that_is_said(names_of):
    page = "docs/fields/audio.md"
    names = names_of(page)
    low, high = re.search(r"# ([\d.]+) to ([\d.]+) Hz", snippet(page)).groups()
    frequencies = names["ms"].frequencies
    assert frequencies[0] == pytest.approx(float(low), rel=1e-2)
    assert frequencies[-1] == pytest.approx(float(high), rel=1e-2)
    whole = [int(k.replace("_", "")) for k in re.search(r"range\((\S+), (\S+)\) is 20 Hz", snippet(page)).groups()]
    raster = names["ms"].fundamental
    assert 20.0 <= whole[0] * raster < 20.0 + raster
    assert 20e3 - raster < (whole[1] - 1) * raster <= 20e3
