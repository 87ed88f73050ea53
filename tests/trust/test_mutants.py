"""The table of deliberate faults fits the source, and the record of their run fits the table."""

import ast
import importlib.util
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _module():
    spec = importlib.util.spec_from_file_location("mutants", ROOT / "scripts" / "mutants.py")
    found = importlib.util.module_from_spec(spec)
    sys.modules["mutants"] = found  # its dataclasses look for their module
    spec.loader.exec_module(found)
    return found


MUTANTS = _module()
FAULTS = MUTANTS.faults()
RECORD = json.loads(MUTANTS.RECORD.read_text("utf-8"))


def test_every_fault_has_a_line_of_its_own():
    assert len({fault.breaks for fault in FAULTS}) == len(FAULTS) >= 60


@pytest.mark.parametrize("file", sorted({fault.file for fault in FAULTS}))
def test_every_fault_still_applies(file):
    """If this fails, the source has changed: give the fault in scripts/faults.toml the new text."""
    text = (ROOT / MUTANTS.PACKAGE / file).read_text("utf-8")
    for fault in FAULTS:
        if fault.file == file:
            changed = fault.applied(text)
            assert changed != text
            assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(text)), fault.breaks


def test_the_tests_that_should_notice_are_there():
    for fault in FAULTS:
        assert fault.tests
        for test in fault.tests:
            file, _, name = test.partition("::")
            text = (ROOT / file).read_text("utf-8")
            assert not name or f"def {name.split('[')[0]}(" in text, test


def test_a_text_that_does_not_occur_once_is_an_error():
    for text in ("nothing", "here and here"):
        with pytest.raises(ValueError, match="not once"):
            MUTANTS.Fault("", "file.py", "here", "there", ()).applied(text)


def test_the_record_is_that_of_the_table():
    """If this fails, run make mutants."""
    assert [(one["breaks"], one["file"]) for one in RECORD["outcomes"]] == [(one.breaks, one.file) for one in FAULTS]
    survivors = [one for one in RECORD["outcomes"] if not one["killed"]]
    assert RECORD["faults"] == len(FAULTS)
    assert RECORD["killed"] == len(FAULTS) - len(survivors) >= 0.9 * len(FAULTS)
    assert [(one["breaks"], one["why"]) for one in RECORD["survivors"]] == [
        (fault.breaks, fault.survives) for fault in FAULTS if fault.survives
    ]
    assert all(one["why"] for one in survivors)
    assert all(one["noticed_by"] for one in RECORD["outcomes"] if one["killed"])
