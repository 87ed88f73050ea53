"""Ctrl-C while ``crestfall`` is still being imported as a command ends it quietly, with the usual exit code."""

from __future__ import annotations

import sys
from pathlib import PurePath
from types import TracebackType

_COMMANDS = ("crestfall", "-m")
"""What ``sys.argv`` begins with while the command, or ``python -m crestfall``, imports this package."""


def _end_quietly(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):  # which Python turns into exit code 130 by itself
        sys.__excepthook__(kind, error, trace)


if sys.argv and PurePath(sys.argv[0]).stem in _COMMANDS and sys.excepthook is sys.__excepthook__:
    sys.excepthook = _end_quietly
