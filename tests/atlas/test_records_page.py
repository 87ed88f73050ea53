"""docs/records.md says what the atlas says, and what published phases give."""

import importlib.util
import re
import sys
from math import sqrt
from pathlib import Path

import pytest

import crestfall as cf
from crestfall.atlas import entries, highest_bound

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "records.md").read_text("utf-8")


@pytest.fixture(scope="module")
def records():
    spec = importlib.util.spec_from_file_location("records", DOCS / "figures" / "records.py")
    module = importlib.util.module_from_spec(spec)
    path = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = path
    return module


def rows(kind):
    table = re.search(f"<!-- numbers:{kind} -->\n(.*?)\n<!-- end:{kind} -->", PAGE, re.S)[1]
    return {int(cells[1]): cells[2:] for line in table.splitlines()[2:] if (cells := line.replace("*", "").split("|"))}


@pytest.mark.parametrize(("kind", "column"), [("real", 3), ("odd", 3), ("complex", 2)])
def test_the_tables_are_those_of_the_atlas(kind, column):
    """If this fails, the atlas has improved: run docs/figures/records.py."""
    stated = {n: cells[column].strip() for n, cells in rows(kind).items()}
    assert stated == {entry.n: f"{entry.crest_factor:.6f}" for entry in entries() if entry.kind == kind}


@pytest.mark.parametrize(("kind", "column"), [("real", 4), ("odd", 4), ("complex", 3)])
def test_the_bounds_are_those_of_the_atlas_rounded_down(kind, column):
    stated = {n: (float(cells[column]), cells[column + 1].strip()) for n, cells in rows(kind).items()}
    for entry in (one for one in entries() if one.kind == kind):
        bound, gap = stated[entry.n]
        assert highest_bound(entry) - 1e-4 < bound <= highest_bound(entry) + 1e-12
        assert gap == f"{entry.crest_factor / highest_bound(entry) - 1:.1%}"
        if kind == "complex":
            assert bound > (1 + 2 / entry.n) ** 0.5 - 1e-4
            assert (entry.n <= 14) == (entry.crest_factor / highest_bound(entry) < 1.0011)


def test_the_summary_is_fresh(records):
    assert re.search("<!-- numbers:summary -->\n(.*?)\n<!-- end:summary -->", PAGE, re.S)[1] == records.summary()


def test_the_other_columns():
    real, complex_ = rows("real"), rows("complex")
    ms = cf.Multisine.harmonics(range(1, 32))
    assert float(real[31][0]) == pytest.approx(cf.crest_factor(ms, cf.schroeder(ms)), abs=5e-5)
    for column, method in ((1, "clip"), (2, "l2p")):
        assert float(real[7][column]) == pytest.approx(
            cf.minimize_peak(cf.Multisine.harmonics(range(1, 8)), method=method).crest_factor, abs=2e-3
        )
    assert float(complex_[5][1]) == pytest.approx(2.7374 / sqrt(5), abs=1e-4)


def test_wongs_peaks_are_those_of_his_phases(records):
    assert sorted(records.WONG_2012) == list(range(3, 17))
    assert records.wong_peak(16) == pytest.approx(4.8183, abs=5e-5)
    for n, phases in records.WONG_2012.items():
        assert len(phases) == n
        true = cf.true_peak(cf.Multisine.harmonics(range(n), complex=True), phases)
        assert records.wong_peak(n) == pytest.approx(true, rel=1e-6)
        assert records.wong_peak(n) <= true * (1 + 1e-12)
