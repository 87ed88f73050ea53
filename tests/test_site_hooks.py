"""What the site makes of docstrings: no formula stays behind as source text."""

import importlib.util
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[1]
pytest.importorskip("griffe")
pytest.importorskip("latex2mathml")


@pytest.fixture(scope="module")
def hook():
    spec = importlib.util.spec_from_file_location("docstrings", ROOT / "docs/hooks/docstrings.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def formulas():
    for path in sorted((ROOT / "src").rglob("*.py")):
        for docstring in re.findall(r'r?"""(.*?)"""', path.read_text("utf-8"), re.S):
            if "math::" in docstring or ":math:" in docstring:
                yield pytest.param(docstring, id=f"{path.stem}-{len(docstring)}")


@pytest.mark.parametrize("docstring", list(formulas()))
def test_every_formula_becomes_mathml(hook, docstring):
    text = hook.prepare(docstring)
    assert "math::" not in text
    assert ":math:" not in text
    found = re.findall(r"<math.*?</math>", text, re.S)
    assert len(found) == docstring.count("math::") + len(re.findall(r":math:`", docstring))
    for formula in found:
        shown = "".join(ElementTree.fromstring(formula).itertext())
        assert not set(shown) & set("\\^_"), shown


def test_tables_and_examples_are_rewritten(hook):
    table = "====  ====\na     b c\n====  ====\nx     y z\n====  ====\n\nExample:\n    >>> 1\n    1\n"
    assert hook.prepare(table) == "| a | b c |\n|---|---|\n| x | y z |\n\nExamples:\n    >>> 1\n    1"
