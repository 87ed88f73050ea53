"""Prints which fields of a problem exclude each other on docs/problems.md, from the one table in the code."""

from __future__ import annotations

from pathlib import Path

from page import fill

from crestfall.problem.compatibility import as_markdown

PAGE = Path(__file__).parents[1] / "problems.md"


def table() -> str:
    """What stands between the markers."""
    return as_markdown().strip()


if __name__ == "__main__":
    fill(PAGE, "together", table())
