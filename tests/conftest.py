"""One thread for the mathematics of each process; and the command, in this process, which is quick, or in its own."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

# Two processes of tests with two threads each wait for one another most of the time. Read when NumPy and PyTorch are
# imported, and inherited by what tests start; tests about threads say how many.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

SYSTEMS = {"posix": os.name == "posix", "linux": sys.platform.startswith("linux")}
"""Marks of tests that need what only some systems have: signals, pseudo-terminals, /proc."""


def pytest_collection_modifyitems(items):
    for item in items:
        for name, there in SYSTEMS.items():
            if not there and item.get_closest_marker(name) is not None:
                item.add_marker(pytest.mark.skip(reason=f"only where the system is {name}"))


@pytest.fixture(autouse=True, scope="module")
def _memory_goes_back():
    """What a file of tests has freed goes back to the system, instead of adding up in a process that runs them all."""
    yield
    if SYSTEMS["linux"] and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)


@pytest.fixture(autouse=True)
def _formats_are_forgotten():
    """A format that a test or a snippet of a page has registered is no format for the tests after it."""
    files = sys.modules.get("crestfall.files")
    before = set() if files is None else set(files._REGISTERED)
    yield
    if (files := sys.modules.get("crestfall.files")) is not None:
        for ending in set(files._REGISTERED) - before:
            del files._REGISTERED[ending], files.WRITABLE[ending]


class Outcome(NamedTuple):
    code: int
    out: str
    err: str

    def is_one_line_error(self) -> bool:
        return (
            self.code == 2
            and self.err.startswith("crestfall: error: ")
            and self.err.count("\n") == 1
            and "Traceback" not in self.err
        )


@pytest.fixture
def run(tmp_path: Path, monkeypatch, capsys):
    """``run("design", "tones.csv")`` in an empty folder; warnings are errors here, as everywhere in the tests."""
    from crestfall.cli import main  # here: most tests do without the command

    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> Outcome:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["crestfall", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit:
            main()
        printed = capsys.readouterr()
        return Outcome(exit.value.code or 0, printed.out, printed.err)

    return command


@pytest.fixture
def run_process(tmp_path: Path):
    """The same in a process of its own."""

    def command(*arguments: object) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "crestfall", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=120,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return command


class Counted:
    """A space that counts its evaluations: of a p-norm on NumPy's arrays, or on a device's tensors."""

    def __init__(self, space):
        self.space, self.calls = space, 0

    def value_and_gradient(self, phases):
        self.calls += 1
        return self.space.value_and_gradient(phases)


@pytest.fixture
def counted():
    """``counted(space)``: the same space, whose ``calls`` say how often it was evaluated."""
    return Counted
