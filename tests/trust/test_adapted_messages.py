"""Messages of the library are put into the words of the command line and the page by replacing parts of them.

A part that the library does not say any more would silently stay as it is: each of them has to occur in the source.
"""

import ast
from pathlib import Path

import pytest

from crestfall.cli import errors, option_names, playback_options, waveform_options
from crestfall.problem.problem import Problem
from crestfall.search.effort import Effort
from crestfall.studio import noted, playback_form

SOURCE = Path(errors.__file__).parents[1]
GAP = "\0"
"""Stands for what is filled into a message."""

TABLES = {
    "cli/errors.py": errors._WORDS,
    "cli/option_names.py": option_names._WORDS,
    "cli/playback_options.py": playback_options._WORDS,
    "cli/waveform_options.py": waveform_options._WORDS,
    "studio/noted.py": noted._WORDS,
}
LEAST = 8
"""Shorter texts are marks such as dashes and not parts of messages."""


def texts_of(node):
    """All texts of a syntax tree, with a gap for each value that is filled in."""
    inner = set()
    for each in ast.walk(node):
        if isinstance(each, ast.JoinedStr):
            inner |= {id(part) for part in each.values}
            yield "".join(part.value if isinstance(part, ast.Constant) else GAP for part in each.values)
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in inner:
            yield each.value


def replaced_in(node):
    """First arguments of ``text.replace(…)``, where they are texts or names of texts."""
    names = {}
    for each in ast.walk(node):
        if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
            with_text = isinstance(each.value, ast.Constant) and isinstance(each.value.value, str)
            names |= {each.targets[0].id: each.value.value} if with_text else {}
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and getattr(each.func, "attr", "") == "replace" and len(each.args) == 2:
            first = each.args[0]
            text = first.value if isinstance(first, ast.Constant) else names.get(getattr(first, "id", ""))
            if isinstance(text, str) and len(text) >= LEAST and " " in text:
                yield text


TREES = {path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text("utf-8")) for path in SOURCE.rglob("*.py")}
REPLACED = sorted(
    {(name, text) for name, table in TABLES.items() for text in table}
    | {(name, text) for name, tree in TREES.items() for text in replaced_in(tree)}
)


FILLED = {
    "output 'drive':": f"output {GAP}: limit",
    "two are called 'drive'": f"outputs: two are called {GAP}; give each a name of its own",
    "frequencies '": f"frequencies {GAP}",
    "model is 'D": f"model is {GAP}; use one of ",
    ": rate is ": f"rate is {GAP}, but the file says {GAP} samples per second; leave it out",
}
"""What is said only once a value is filled in, and the message, or its beginning, that it is filled into."""


@pytest.fixture(scope="module")
def said():
    """Each module's texts, once."""
    return {name: sorted(set(texts_of(tree))) for name, tree in TREES.items()}


@pytest.mark.parametrize(("name", "text"), REPLACED)
def test_what_is_replaced_is_still_said(name, text, said):
    others = [message for where, messages in said.items() if where != name for message in messages]
    if text in FILLED:
        assert any(message.startswith(FILLED[text]) for message in others)
        return
    with_more = {f"{message}{after}" for message in others for after in (" is", ": ", "[")}  # names of arguments
    assert text in with_more or any(text in message for message in others), f"no message says {text!r} any more"


def test_every_way_to_replace_is_seen():
    places = {name for name, _ in REPLACED}
    assert places >= {*TABLES, "studio/draft.py", "cli/shape_options.py", "files/waveform_tables.py"}


@pytest.mark.parametrize("advice", ["seam=True", "beyond_limits=True", "or give periods="])
def test_advice_that_the_page_leaves_out_is_still_given(advice, said):
    given = f", {advice}" if advice.endswith("True") else f"; {advice}5"
    assert playback_form._ADVICE.sub("", f"give another rate{given}") == "give another rate"
    of_designs = [message for name, messages in said.items() if name.startswith("design/") for message in messages]
    assert any(advice in message for message in of_designs)


def test_the_explanation_that_the_page_shortens_is_still_given(said):
    line = f"{GAP}: {GAP} answers with them."
    assert any(message.endswith(line[1:]) for message in said["design/explain/what_next.py"]), "words._for_the_page"


def test_the_names_that_become_options_are_names_of_arguments():
    known = {*Problem.__dataclass_fields__, *Effort.__dataclass_fields__, "client", "method", "fundamental", "raster"}
    known |= {"amplitudes", "bands", "exclude", "frequencies"}  # of multisines and of tables
    assert set(option_names._OPTIONS) <= known
