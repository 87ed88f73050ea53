"""docs/trust.md says what the records say, they say what they must, and the audit distinguishes good from bad."""

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "trust.md").read_text("utf-8")


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
    for name, table in tables.items():
        assert re.search(f"<!-- numbers:{name} -->\n(.*?)\n<!-- end:{name} -->", PAGE, re.S)[1] == table


def test_the_soak_found_nothing_wrong():
    found = json.loads((ROOT / "docs" / "records" / "soak.json").read_text())
    assert found["designs"] >= 100_000
    assert found["faults"] == []
    assert found["place"] <= 1.0
    assert abs(found["memory"]["bytes_per_design"]) < 100
    assert found["memory"]["designs"] > 50_000


def test_the_fuzz_run_left_nothing_unrepaired(fuzzing):
    found = json.loads((ROOT / "docs" / "records" / "fuzz.json").read_text())
    rows = {row["reader"]: row for row in found["readers"]}
    assert sorted(rows) == sorted(each.name for each in fuzzing.READERS)
    assert found["inputs"] == sum(row["inputs"] + row["guided_inputs"] for row in rows.values()) >= 1_000_000
    assert all(row["inputs"] >= 2000 for row in rows.values())
    assert [finding for finding in found["findings"] if finding["now"] is not None] == []


def test_a_soak_that_is_cut_short_goes_on(tmp_path):
    before = list(sys.path)
    sys.path.insert(0, str(ROOT / "soak"))
    soak = module(ROOT / "soak" / "run.py")
    sys.path[:] = before
    soak._CHUNK = 1
    state = tmp_path / "state.json"
    first = soak.run(25, state, 0)
    whole = soak.run(50, state, 0)
    assert (first["problems"], whole["problems"], whole["designs"]) == (1, 2, 50)
    assert whole["faults"] == []
    again = soak.run(50, tmp_path / "other.json", 0)
    assert {**again, "rss": 0, "seconds": 0} == {**whole, "rss": 0, "seconds": 0}
    with pytest.raises(ValueError, match="state of seed 0"):
        soak.run(50, state, 1)


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
