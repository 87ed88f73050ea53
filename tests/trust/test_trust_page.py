"""docs/trust.md says what the records say, they say what they must, and the audit distinguishes good from bad."""

import importlib
import importlib.util
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import crestfall as cf
from crestfall.problem import compatibility as pairs
from crestfall.problem.problem import MEASURES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "trust.md").read_text("utf-8")


NOT_DRAWN = {"an alphabet × delays"}
"""Pairs that no problem of the soak asks for, whose phases have one kind of constraint; test_pairs.py does."""


def modules_of_soak(*names):
    before = list(sys.path)
    sys.path.insert(0, str(ROOT / "soak"))
    try:
        return tuple(importlib.import_module(name) for name in names)
    finally:
        sys.path[:] = before


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    found = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(found)
    sys.path[:] = before
    return found


def test_the_tables_are_those_of_the_records():
    """If this fails, run docs/figures/trust.py."""
    page = module(ROOT / "docs" / "figures" / "trust.py")
    tables = {"fuzz": page.fuzz_table(), "soak": page.soak_table(), "mutants": page.mutants_table()}
    tables["combinations"] = page.combinations_table()
    for name, table in tables.items():
        assert re.search(f"<!-- numbers:{name} -->\n(.*?)\n<!-- end:{name} -->", PAGE, re.S)[1] == table


def test_the_soak_found_nothing_wrong():
    found = json.loads((ROOT / "docs" / "records" / "soak.json").read_text())
    assert found["designs"] >= 100_000
    assert found["faults"] == []
    assert found["place"] <= 1.0
    assert abs(found["memory"]["bytes_per_design"]) < 100
    assert found["memory"]["designs"] > 50_000


def test_the_soak_of_combinations_found_nothing_wrong_and_had_everything():
    found = json.loads((ROOT / "docs" / "records" / "soak_combinations.json").read_text())
    assert found["designs"] >= 20 * found["problems"] >= 20_000
    assert found["faults"] == []
    abilities = {name for each in pairs.EXCLUSIONS for name in each[:2]}
    of_searches = {pairs.PROOF, pairs.BOUND_TIME, pairs.PUBLISHED_METHOD, pairs.STALL_LIMIT, pairs.OTHER_GOAL}
    of_searches |= {pairs.WORKERS, pairs.CLIENT, pairs.DEVICE, pairs.NARROW_BAND}
    assert set(found["kinds"]) >= abilities - of_searches
    assert {f"measure {one}" for one in MEASURES} <= set(found["kinds"])
    drawn = [one for one in pairs.EXCLUSIONS if not {one.first, one.second} & {*of_searches, pairs.STEPS}]
    assert {f"{first} × {second}" for first, second, _ in drawn} <= {*found["refused"]} | NOT_DRAWN
    assert min(found["files"].values()) >= 10
    assert set(found["files"]) == set(modules_of_soak("played_files")[0].ENDINGS)


def test_the_fuzz_run_left_nothing_unrepaired(fuzzing):
    found = json.loads((ROOT / "docs" / "records" / "fuzz.json").read_text())
    rows = {row["reader"]: row for row in found["readers"]}
    assert sorted(rows) == sorted(each.name for each in fuzzing.READERS)
    assert found["inputs"] == sum(row["inputs"] + row["guided_inputs"] for row in rows.values()) >= 1_000_000
    assert all(row["inputs"] >= 2000 for row in rows.values())
    assert [finding for finding in found["findings"] if finding["now"] is not None] == []


@pytest.mark.parametrize("name", ["run", "combinations"])
def test_a_soak_that_is_cut_short_goes_on(name, tmp_path, monkeypatch):
    (driver,) = modules_of_soak("driver")
    before = list(sys.path)
    sys.path.insert(0, str(ROOT / "soak"))
    script = module(ROOT / "soak" / f"{name}.py")  # by its path: fuzz/ has a run.py, too
    sys.path[:] = before
    soak = {"run": "soak_problem", "combinations": "soak_combination"}[name]
    monkeypatch.setattr(driver, "_CHUNK", 1)

    def run(total, state, seed=0):
        return driver.run(getattr(script, soak), script.fresh(), total, state, seed)

    state = tmp_path / "state.json"
    first = run(25, state)
    whole = run(50, state)
    assert (first["problems"] + 1, whole["faults"]) == (whole["problems"], [])
    assert 50 <= whole["designs"] <= 51
    again = run(50, tmp_path / "other.json")
    assert {**again, "rss": 0, "seconds": 0} == {**whole, "rss": 0, "seconds": 0}
    with pytest.raises(ValueError, match="state of seed 0"):
        run(50, state, 1)


def test_problems_with_faults_are_soaked_again(tmp_path):
    (driver,) = modules_of_soak("driver")
    broken, state = {3, 5}, tmp_path / "state.json"

    def soak(seed, number, counts):
        counts["designs"] += 1
        counts["problems"] += 1
        counts["faults"] += [f"problem {number}: wrong"] if number in broken else []

    fresh = {"problems": 0, "designs": 0}
    assert driver.run(soak, fresh, 10, state, 0)["faults"] == ["problem 3: wrong", "problem 5: wrong"]
    broken.remove(3)
    again = driver.run_again(soak, fresh, state)
    assert (again["faults"], again["repaired"], again["designs"]) == (["problem 5: wrong"], [3], 10)
    broken.clear()
    record = driver.record_of(driver.run_again(soak, fresh, state))
    assert (record["faults"], record["repaired"]) == ([], 2)


def test_the_soak_of_combinations_sees_what_is_wrong():
    """A wrong design and a wrong file are found by direct sums."""
    combined, checks, files = modules_of_soak("combined", "combined_checks", "played_files")
    rng = np.random.default_rng(0)
    seen = 0
    for _ in range(40):
        asked = combined.draw_combined(rng)
        combined.reduce(asked, rng)
        phases = combined.allowed_phases(asked, rng)
        design = cf.Design.of(asked.problem(), phases)
        numbers = np.rint(design.multisine.frequencies / asked.raster).astype(int)
        amplitudes = np.where(asked.numbers == asked.numbers[0], 1.001, 1.0) * design.multisine.amplitudes
        right = checks.Direct(asked, numbers, design.multisine.amplitudes)
        wrong = checks.Direct(asked, numbers, amplitudes)
        assert list(checks.design_faults(design, right)) == []
        assert not asked.constraints or list(checks.answer_faults(design, asked, numbers)) == [] or asked.start_at_zero
        seen += bool(list(checks.design_faults(design, wrong)))
        turned = cf.Design.of(cf.Problem(design.multisine), np.ravel(phases)[: design.multisine.n] + 0.3)
        seen += bool(asked.constraints and list(checks.answer_faults(turned, asked, numbers)))
    assert seen > 35
    values = np.array([[0.0, 1.0, -1.0]])
    expected = files.Expected(values, 1.0, 0.0)
    assert files._fault_of(".f32", expected, values, (1, 1), 0) is None
    assert "off by" in files._fault_of(".f32", expected, values + 1e-4, (1, 1), 0)
    assert files._fault_of(".i16", expected, values + 1e-5, (1, 1), 16) is None
    assert "full scale" in files._fault_of(".wav", expected, 0.5 * values, (1, 1), 16)


def test_a_fuzz_run_that_is_cut_short_goes_on(fuzzing, tmp_path):
    each = fuzzing.reader("tone list")
    fuzzing.drive(each, 30, 0, tmp_path)
    fuzzing.drive(each, 50, 0, tmp_path)
    figures = fuzzing.progress_of(tmp_path, each)
    assert (figures["next"], figures["inputs"]) == (50, 50)
    record = fuzzing.record_of(0, tmp_path)
    assert record["inputs"] == 50
    assert record["findings"] == []


@pytest.mark.parametrize(
    ("licence", "user", "development"),
    [
        ("MIT", True, True),
        ("BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0", True, True),
        ("Apache-2.0 OR BSD-2-Clause", True, True),
        ("GPL-3.0-only OR MIT", True, True),
        ("GNU Lesser General Public License v3 or later (LGPLv3+)", False, True),
        ("GNU General Public License v3 (GPLv3)", False, False),
        ("MIT AND GPL-2.0-only", False, False),
        ("AGPL-3.0-or-later", False, False),
        ("unknown", False, False),
    ],
)
def test_licences_are_distinguished(licence, user, development):
    audit = module(ROOT / "scripts" / "audit.py")
    assert audit.allowed(licence, audit.PERMISSIVE) == user
    assert audit.allowed(licence, audit.PERMISSIVE + audit.COPYLEFT) == development


def test_the_audit_says_plainly_what_it_could_not_look_up(monkeypatch, capsys):
    audit = module(ROOT / "scripts" / "audit.py")

    def answers(text, code=0):
        done = type(
            "Done", (), {"stdout": text, "stderr": "No route to host\n" if not text else "", "returncode": code}
        )
        monkeypatch.setattr(audit.subprocess, "run", lambda *arguments, **options: done)

    def outcome(*options):
        monkeypatch.setattr(sys, "argv", ["audit.py", *options])
        with pytest.raises(SystemExit) as end:
            audit.main()
        return end.value.code, capsys.readouterr().out

    answers("")
    assert outcome()[0] == 0
    assert "NOT looked up: pip-audit could not reach its index (No route to host)" in outcome()[1]
    assert outcome("--require-advisories")[0] == 1
    answers(json.dumps({"dependencies": [{"name": "a", "skip_reason": "not found"}]}))
    assert outcome("--require-advisories")[0] == 1
    assert "NOT looked up: 1 packages" in outcome()[1]
    hole = {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
    answers(json.dumps({"dependencies": [hole]}), 1)
    assert outcome()[0] == 1
    answers(json.dumps({"dependencies": [{**hole, "vulns": []}]}))
    assert outcome("--require-advisories")[0] == 0
