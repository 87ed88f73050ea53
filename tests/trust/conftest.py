"""The folders soak/ and fuzz/ are not packages: their modules are found by path, as their scripts find them."""

import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def modules(folder, *names):
    path = list(sys.path)
    sys.path.insert(0, str(ROOT / folder))
    try:
        return tuple(importlib.import_module(name) for name in names)
    finally:
        sys.path[:] = path


@pytest.fixture(scope="session")
def exact():
    return modules("soak", "exact")[0]


@pytest.fixture(scope="session")
def problems():
    return modules("soak", "problems")[0]


@pytest.fixture(scope="session")
def fuzzing():
    """The modules readers, mutate, guard and run of the folder fuzz/, as one."""
    pytest.importorskip("resource")  # of POSIX: the guard limits memory with it
    found = modules("fuzz", "readers", "mutate", "guard", "run")
    return type("Fuzzing", (), {name: staticmethod(value) for part in found for name, value in vars(part).items()})
