"""Endings of files, which choose the format."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

COMPOUND = (".play.json", "_rigol.csv", "_siglent.csv")
"""Longer endings; generators and other programs look at the last part alone."""

PICTURES = (".png", ".svg", ".pdf")
"""Endings of pictures, which are drawn and hold no design."""


def ending_of(path: str | PathLike[str]) -> str:
    """The ending of a path in small letters.

    Example:
        >>> ending_of("out/A.WAV"), ending_of("a_rigol.csv"), ending_of("rigol.csv"), ending_of("a.b.csv")
        ('.wav', '_rigol.csv', '.csv', '.csv')
    """
    path = Path(path)
    name = path.name.lower()
    return next((one for one in COMPOUND if name.endswith(one) and name != one), path.suffix.lower())


def split_ending(name: str) -> tuple[str, str]:
    """A name without its ending, and the ending as it is written.

    Example:
        >>> split_ending("a.b_rigol.csv"), split_ending("a.ARB")
        (('a.b', '_rigol.csv'), ('a', '.ARB'))
    """
    length = len(name) - len(ending_of(name))
    return name[:length], name[length:]
