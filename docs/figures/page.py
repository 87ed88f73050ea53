"""Numbers on a page stand between markers, so that a script can write them and nobody else needs to."""

from __future__ import annotations

from pathlib import Path


def fill(path: Path, name: str, text: str) -> None:
    """Put the text between the markers of this name on a Markdown page.

    Args:
        path: The page.
        name: The text goes between ``<!-- numbers:name -->`` and ``<!-- end:name -->``.
        text: Markdown.
    """
    begin, end = f"<!-- numbers:{name} -->", f"<!-- end:{name} -->"
    page = path.read_text(encoding="utf-8")
    head, rest = page.split(begin)
    path.write_text(f"{head}{begin}\n{text}\n{end}{rest.split(end)[1]}", encoding="utf-8")
