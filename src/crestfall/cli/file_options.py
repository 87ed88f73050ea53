"""The options of single formats, such as a column with the time, shared by every command that writes files."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import typer

from crestfall.cli.added_options import added_option, with_options

_PANEL = "What some files hold"


class Separator(StrEnum):
    """The separator between columns."""

    TAB = "tab"
    SPACE = "space"
    COMMA = "comma"
    SEMICOLON = "semicolon"


class RigolModel(StrEnum):
    """Models with a file format of their own."""

    DG800 = "DG800"
    DG5000 = "DG5000"
    DHO900 = "DHO900"


class _Option(NamedTuple):
    name: str
    """Name of the argument of the format."""
    flags: str
    kind: Any
    help: str


_OPTIONS = (
    _Option("time", "--time-column", bool, "A column with the time of each sample: .txt, .dat."),
    _Option("header", "--header/--no-header", bool, "Comment lines at the top: .txt, .dat (default: with them)."),
    _Option("separator", "--separator", Separator, "Separator between columns: .txt, .dat (default: tab)."),
    _Option(
        "model", "--rigol-model", RigolModel, "Model that a NAME_rigol.csv is for (default: DG800, also for DG900)."
    ),
    _Option("tones_only", "--tones-only", bool, "Tones without samples: .play.json."),
)


def takes_file_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose argument ``file_options`` is made of options of the command line: names and values as given."""
    options = [
        added_option(
            _argument(one),
            one.kind,
            typer.Option(one.flags, help=one.help, rich_help_panel=_PANEL, case_sensitive=False),
        )
        for one in _OPTIONS
    ]
    return with_options(command, "file_options", options, _given)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    given = {one.name: values[_argument(one)] for one in _OPTIONS}
    return {
        name: value.value if isinstance(value, StrEnum) else value for name, value in given.items() if value is not None
    }


def require_taken(given: dict[str, Any], outputs: list[Path]) -> None:
    """Raise unless every option that is given is one of a file that is written."""
    for option in _OPTIONS:
        if option.name in given and not any(option.name in _taken_by(path) for path in outputs):
            flag, files = option.flags.partition("/")[0], _formats_with(option.name)
            raise ValueError(f"{flag}: no file of --out takes it; write one of {files}, or leave it out")


def options_for(path: Path, given: dict[str, Any]) -> dict[str, Any]:
    """Those of the given options that the format of a file has."""
    return {name: value for name, value in given.items() if name in _taken_by(path)}


def _taken_by(path: Path) -> list[str]:
    from crestfall.files import WRITABLE, options_of_format
    from crestfall.files.endings import ending_of

    return options_of_format(path) if ending_of(path) in WRITABLE else []


def _formats_with(name: str) -> str:
    from crestfall.files import WRITABLE

    return ", ".join(ending for ending in WRITABLE if name in _taken_by(Path(f"NAME{ending}")))


def _argument(option: _Option) -> str:
    return f"file_{option.name}"
