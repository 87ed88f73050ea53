"""What differs between systems is said in the code: encodings, names of files, consoles, programs that hold files."""

import ast
import errno
import io
import sys
from pathlib import Path

import pytest

import crestfall as cf
from crestfall.cli import main
from crestfall.files.samples import signal_files

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for folder in ("src", "atlas", "benchmarks", "docs", "fuzz", "scripts", "soak")
    for path in (ROOT / folder).rglob("*.py")
)
NEEDED = {"read_text": 0, "write_text": 1, "open": None}
"""Calls that choose an encoding, and which of their arguments it may be; Windows would choose another one."""

OTHER_OPENERS = ("os", "cls", "Store", "archive", "Image", "webbrowser")


def calls_without_encoding(source):
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", None))
        of = getattr(getattr(node.func, "value", None), "id", None)
        if name in NEEDED and of not in OTHER_OPENERS and not (_is_binary(node) or _has_encoding(node, NEEDED[name])):
            yield f"line {node.lineno}: {ast.unparse(node)[:80]}"


def _is_binary(call):
    values = [*call.args, *(key.value for key in call.keywords)]
    modes = [one.value for one in values if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return any("b" in mode and set(mode) <= set("rwaxb+") for mode in modes)


def _has_encoding(call, place):
    by_name = any(key.arg in ("encoding", None) for key in call.keywords)
    return by_name or (place is not None and len(call.args) > place)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_text_has_an_encoding(path):
    assert list(calls_without_encoding(path.read_text("utf-8"))) == []


def test_the_check_of_encodings_sees_what_it_is_for():
    wrong = "open(p)\nopen(p, 'w')\np.read_text()\np.write_text(s)\np.open()"
    right = (
        "open(p, 'rb')\nopen(p, encoding='ascii')\np.read_text('utf-8')\np.write_text(s, encoding='utf-8')\nos.open(p)"
    )
    assert len(list(calls_without_encoding(wrong))) == 5
    assert list(calls_without_encoding(right)) == []


@pytest.mark.parametrize("encoding", ["cp1252", "cp437"])
def test_the_command_prints_in_every_encoding(encoding, monkeypatch):
    """The pages have a θ, which the consoles of Windows do not."""
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding=encoding))
    monkeypatch.setattr(sys, "argv", ["crestfall", "help", "original-question"])
    with pytest.raises(SystemExit) as left:
        main()
    sys.stdout.flush()
    assert not left.value.code
    assert "?" in out.getvalue().decode(encoding)


def test_names_of_inputs_become_names_that_every_system_allows():
    problem = cf.Problem.orthogonal([cf.Multisine([1.0, 2.0])] * 2, names=["a:b/c?", 'x"<>|*\\y'])
    names = signal_files(cf.Design.of(problem, [0.0, 1.0]), "out.csv")
    assert len(set(names)) == 4
    assert not any(set(name) & set('<>:"/\\|?*') for name in names)


@pytest.mark.parametrize("code", [5, 32, 33])
def test_a_file_that_another_program_has_open_is_named(code, tmp_path, monkeypatch):
    """Windows does not replace a file that is open, and says no more than that access is denied."""
    path = tmp_path / "design.json"
    path.write_bytes(b"open elsewhere")

    def refuse(self, target):
        error = PermissionError(errno.EACCES, "Access is denied")
        error.winerror = code
        raise error

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError, match=r"design\.json cannot be written: another program may have it open; clo"):
        cf.Design.of(cf.Multisine([1.0, 2.0]), [0.0, 1.0]).save(path, overwrite=True)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("design.json", b"open elsewhere")]
