"""The commands that are suggested: each saves its answer, in a file that does not exist yet."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

_ENDING = ".json"


@dataclass(frozen=True)
class Commands:
    """Commands about the design of one file.

    Attributes:
        file: Its name.
        saved_as: Name of a file for the answers.
    """

    file: str
    saved_as: str

    @classmethod
    def of(cls, file: str) -> Commands:
        """Those about a file; answers are saved next to it.

        Example:
            >>> Commands.of("designs/no such.wav").design("--time-limit 60s")
            "crestfall design 'designs/no such.wav' --time-limit 60s --out 'designs/no such-2.json'"
            >>> Commands.of("best-2.json").saved_as
            'best-3.json'
        """
        path = Path(file)
        stem, number = path.stem, 2
        if counted := re.fullmatch(r"(.+)-(\d{1,4})", stem):
            stem, number = counted[1], int(counted[2]) + 1
        while (new := path.with_name(f"{stem}-{number}{_ENDING}")).exists():
            number += 1
        return cls(file, str(new))

    def design(self, options: str = "") -> str:
        """``crestfall design`` from the file, with these options."""
        asked = f" {options}" if options else ""
        return f"crestfall design {shlex.quote(self.file)}{asked} --out {shlex.quote(self.saved_as)}"
