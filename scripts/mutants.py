"""Deliberate faults, and whether the tests notice them: scripts/faults.toml, one after the other.

python scripts/mutants.py                   # all; writes docs/records/mutants.json and fills docs/trust.md
python scripts/mutants.py --new             # those that the record does not know; adds them to it
python scripts/mutants.py --only polish     # those whose file or line says so; writes nothing

Source and tests are copied to a temporary folder, and each fault is put there alone. Tests draw the same examples each
time and do not shrink them: what counts is whether they fail.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "scripts" / "faults.toml"
RECORD = ROOT / "docs" / "records" / "mutants.json"
PACKAGE = Path("src") / "crestfall"
LIMIT_S = 120.0
_COPIED = ("src", "tests", "soak", "fuzz", "pyproject.toml")
_PASSED, _FAILED = 0, 1  # exit codes of pytest; all others mean that no test has run
_PLUGIN = """from hypothesis import Phase, settings
settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate), derandomize=True, database=None)
settings.load_profile("mutants")
"""


@dataclass(frozen=True)
class Fault:
    """A deliberate fault.

    Attributes:
        breaks: What it breaks, in one line.
        file: The file, below ``src/crestfall``.
        old: Its text, which occurs once.
        new: What stands there instead.
        tests: Files of tests, or single tests, that should notice.
        survives: Why no test can notice; empty where one should.
    """

    breaks: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    survives: str = ""

    def applied(self, text: str) -> str:
        """The file's text with the fault.

        Raises:
            ValueError: The old text does not occur exactly once.
        """
        count = text.count(self.old)
        if count != 1:
            raise ValueError(f"{self.file}: {self.old!r} occurs {count} times, not once ({self.breaks})")
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Outcome:
    """What became of a fault.

    Attributes:
        breaks: What it breaks.
        file: The file, below ``src/crestfall``.
        killed: Whether a test failed, or did not end.
        noticed_by: The first test that failed, without its parameters; ``"time limit"`` where none ended, empty for a
            survivor.
        why: Why a survivor is one.
    """

    breaks: str
    file: str
    killed: bool
    noticed_by: str
    why: str


def faults() -> list[Fault]:
    """The table of faults."""
    rows = tomllib.loads(TABLE.read_text("utf-8"))["fault"]
    return [Fault(**{**row, "tests": tuple(row["tests"])}) for row in rows]


class Copy:
    """A copy of source and tests, in which one fault at a time stands.

    Args:
        folder: An empty folder.

    Attributes:
        environment: Variables of processes that use the copy.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in _COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(ROOT / name, folder / name)
        (folder / "no_shrinking.py").write_text(_PLUGIN, "utf-8")
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        path = os.pathsep.join((str(folder / "src"), str(folder)))
        self.environment = {**os.environ, **threads, "PYTHONPATH": path}

    def write(self, file: str, text: str) -> None:
        """Write a file of the package; what Python has compiled of it is forgotten."""
        path = self.folder / PACKAGE / file
        path.write_text(text, "utf-8")
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            compiled.unlink()

    def run(self, tests: Sequence[str], *, first_only: bool = True) -> tuple[int, str]:
        """Run tests; the exit code of pytest, or -1 after the time limit, and what it has printed."""
        plugins = ("-p", "no:cacheprovider", "-p", "no_shrinking")
        command = [sys.executable, "-m", "pytest", "-q", *(["-x"] if first_only else []), *plugins, *tests]
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            printed, _ = process.communicate(timeout=LIMIT_S if first_only else 10 * LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # workers of the tests, too
            process.communicate()
            return -1, ""
        return process.returncode, printed


def outcome_of(copy: Copy, fault: Fault) -> Outcome:
    """Put a fault into the copy, run its tests, and take it out again."""
    text = (ROOT / PACKAGE / fault.file).read_text("utf-8")
    copy.write(fault.file, fault.applied(text))
    code, printed = copy.run(fault.tests)
    copy.write(fault.file, text)
    if code not in (_PASSED, _FAILED, -1):
        raise RuntimeError(f"no test has run ({fault.breaks}):\n{printed[-2000:]}")
    failed = re.search(r"^FAILED ([^\s[]+)", printed, re.M)
    noticed = "time limit" if code == -1 else failed[1] if failed and code else ""
    return Outcome(fault.breaks, fault.file, code != _PASSED, noticed, fault.survives if code == _PASSED else "")


def require_passing(copy: Copy, chosen: Sequence[Fault]) -> None:
    """Raise unless all tests pass without a fault, on the copy and nothing else."""
    where = "import crestfall, sys; sys.exit(crestfall.__file__)"
    asked = [sys.executable, "-c", where]
    found = subprocess.run(asked, env=copy.environment, capture_output=True, text=True, check=False).stderr
    if not Path(found.strip()).is_relative_to(copy.folder):
        raise RuntimeError(f"the tests would use {found.strip()}, not the copy")
    tests = dict.fromkeys(test for fault in chosen for test in fault.tests)
    code, printed = copy.run(list(tests), first_only=False)
    if code != _PASSED:
        raise RuntimeError(f"the tests fail without any fault:\n{printed[-4000:]}")


def outcomes(chosen: Sequence[Fault]) -> list[Outcome]:
    """What becomes of each fault, one after the other."""
    found = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Copy(Path(folder).resolve())
        began = perf_counter()
        require_passing(copy, chosen)
        print(f"without a fault all tests pass ({perf_counter() - began:.0f} s)", flush=True)
        for fault in chosen:
            began = perf_counter()
            found.append(outcome_of(copy, fault))
            word = "killed  " if found[-1].killed else "SURVIVED"
            print(f"{word} {perf_counter() - began:5.1f} s  {fault.file}: {fault.breaks}", flush=True)
    return found


def write_record(found: Sequence[Outcome], seconds: float) -> None:
    """Write the record, whole or not at all, and fill the page."""
    import numpy

    import crestfall

    record = {
        "date": datetime.now(UTC).date().isoformat(),
        "version": crestfall.__version__,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "seconds": round(seconds),
        "faults": len(found),
        "killed": sum(one.killed for one in found),
        "survivors": [{"breaks": one.breaks, "file": one.file, "why": one.why} for one in found if not one.killed],
        "outcomes": [asdict(one) for one in found],
    }
    partial = RECORD.with_suffix(".part")
    partial.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    partial.replace(RECORD)
    subprocess.run([sys.executable, str(ROOT / "docs" / "figures" / "trust.py")], check=True)


def recorded() -> tuple[dict[str, Outcome], float]:
    """The outcomes of the record, by what the faults break, and the seconds that they took."""
    found = json.loads(RECORD.read_text("utf-8"))
    return {one["breaks"]: Outcome(**one) for one in found["outcomes"]}, found["seconds"]


def main() -> int:
    """Run the faults that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--new", action="store_true", help="only faults that the record does not know; they are added")
    parser.add_argument(
        "--only", default="", help="faults with this in their file or in what they break; nothing is written"
    )
    asked = parser.parse_args()
    table = faults()
    known, seconds = recorded() if asked.new else ({}, 0.0)
    chosen = [one for one in table if one.breaks not in known and (asked.only in one.file or asked.only in one.breaks)]
    if not chosen:
        parser.error(f"no fault has {asked.only!r} in its file or in what it breaks" if asked.only else "none is new")
    for fault in chosen:
        fault.applied((ROOT / PACKAGE / fault.file).read_text("utf-8"))
    began = perf_counter()
    found = outcomes(chosen)
    seconds += perf_counter() - began
    survivors = [one for one in found if not one.killed]
    print(f"{len(found)} faults, {len(survivors)} survived, {seconds:.0f} s")
    if not asked.only:
        known |= {one.breaks: one for one in found}
        write_record([known[one.breaks] for one in table], seconds)
    return 0 if all(one.why for one in survivors) else 1


if __name__ == "__main__":
    sys.exit(main())
