"""StoredTones, designs that get better one by one, and processes that write to a store until they are killed."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from crestfall.atlas.store import Improvement, Store, StoredTones
from crestfall.design.provenance import Provenance
from crestfall.problem.multisine import Multisine

WRITER = """
import sys
from pathlib import Path
from crestfall.design.provenance import Provenance
from crestfall.problem.multisine import Multisine
from crestfall.atlas.store import Improvement, Store, StoredTones

path, first, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
wal = path.with_name(path.name + "-wal")
with Store.open(path) as store:
    for k in range(first, last):
        tones = StoredTones(Multisine([1.0, 2.0 + k]))
        assert store.add(tones, Improvement.measured(tones, [0.0, 0.1 + k], Provenance("writer")))
        print(k, wal.stat().st_size, flush=True)
    sys.stdin.read(1)  # stay alive with the WAL unmerged, until the test kills this process
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "designs.sqlite"


@pytest.fixture
def tones() -> StoredTones:
    return StoredTones(Multisine.harmonics(range(1, 6)))


@pytest.fixture
def better(tones: StoredTones) -> list[Improvement]:
    """Five designs of random phases, each better than the one before."""
    return improving(tones)


def improving(tones: StoredTones, count: int = 5, seed: int = 0) -> list[Improvement]:
    rng = np.random.default_rng(seed)
    made = [
        Improvement.measured(tones, rng.uniform(0, 2 * np.pi, tones.asked.n), Provenance("random phases", seed, 1, 0.5))
        for _ in range(count)
    ]
    return sorted(made, key=lambda improvement: -improvement.peak_high)


@pytest.fixture
def python(tmp_path: Path):
    """Start Python processes, which are killed at the end of the test if they still run."""
    started = []

    def start(*arguments: object, **options) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            **{"cwd": tmp_path, **options},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


@pytest.fixture
def writer(path: Path, python):
    """Start a process that saves designs of ever new problems and says so."""

    def start(first: int = 0, last: int = 10_000) -> subprocess.Popen:
        return python("-c", WRITER, path, first, last)

    return start


def written_numbers(store: Store) -> set[int]:
    """Which designs of ``WRITER`` are in the store, each with its own phases."""
    found = set()
    for tones in store.problems():
        best = store.best(tones)
        k = tones.asked.harmonic_numbers[1] - 2
        assert best.phases_rad[1] == np.mod(0.1 + k, 2 * np.pi)
        found.add(int(k))
    return found


@pytest.fixture
def numbers_in():
    return written_numbers


@pytest.fixture
def make_improving():
    return improving


@pytest.fixture
def command(python):
    """Start ``crestfall`` as a process; ``preexec_fn`` prepares its limits."""
    return partial(python, "-m", "crestfall")


@pytest.fixture
def run_process(command):
    """Run ``crestfall`` as a process to its end: exit code, standard output, standard error."""

    def done(*arguments: object, **options) -> tuple[int, str, str]:
        process = command(*arguments, **options)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    return done


@pytest.fixture
def one_line():
    """Check that an outcome is a refusal in one line."""

    def check(outcome: tuple[int, str, str]) -> str:
        code, _, err = outcome
        assert code == 2, err
        assert err.startswith("crestfall: error: ")
        assert err.count("\n") == 1
        return err

    return check
