"""The command as a user runs it: a process of its own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Outcome:
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
def run(tmp_path: Path):
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
