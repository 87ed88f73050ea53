"""Wrap the paragraphs of the pages that have a line of more than 100 characters.

python scripts/wrap_pages.py [PAGE …]      all pages, if none is named

Tables, code, headings, pictures and what scripts fill in between two comments stay as they are; so does a paragraph
whose lines are short enough. Code within a line is not broken.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from textwrap import TextWrapper

ROOT = Path(__file__).parents[1]
WIDTH = 100
_KEPT = re.compile(r"\s*(\||#+ |<|!!!|!\[[^]]*\]\([^)]*\)$|---$)| {4,}|\t")
_ITEM = re.compile(r"(\s*(?:[-*+]|\d+\.)\s+|\s*> ?)")
_MARK_OF_BLOCK = re.compile(r" (?=(?:[-+*>#|=]|\d+[.)]) )")
_HELD = "\x00"


def pages() -> list[Path]:
    """All pages of the repository."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def wrapped(text: str) -> str:
    """The text of a page with its long paragraphs wrapped."""
    out: list[str] = []
    block: list[str] = []
    fence, filled = "", False
    for line in text.split("\n"):
        mark = re.match(r"\s*(```+)", line)
        if mark and not filled:
            out += _wrapped_block(block)
            block = []
            fence = "" if fence else mark[1]
            out.append(line)
            continue
        filled = (filled or line.startswith("<!-- numbers:")) and not line.startswith("<!-- end:")
        continues = bool(block) and line.startswith("  ") and line.strip() and not _ITEM.match(line)
        if fence or filled or not line.strip() or (_KEPT.match(line) and not continues):
            out += _wrapped_block(block)
            block = []
            out.append(line)
        elif _ITEM.match(line):
            out += _wrapped_block(block)
            block = [line]
        else:
            block.append(line)
    return "\n".join(out + _wrapped_block(block))


def _wrapped_block(lines: list[str]) -> list[str]:
    if all(len(line) <= WIDTH for line in lines):
        return lines
    item = _ITEM.match(lines[0])
    first = item[0] if item else re.match(r"\s*", lines[0])[0]  # type: ignore[index]
    later = first if first.lstrip().startswith(">") else " " * len(first)
    text = " ".join([lines[0][len(first) :].strip(), *(line.strip() for line in lines[1:])])
    text = re.sub(r"(`+)[^`]+?\1", lambda code: code[0].replace(" ", _HELD), text)
    text = _MARK_OF_BLOCK.sub(_HELD, text)  # what would begin a list or a heading does not begin a line
    wrapper = TextWrapper(WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)
    wrapper.break_long_words = False
    return [line.replace(_HELD, " ") for line in wrapper.wrap(text)]


def main() -> None:
    for page in [Path(name) for name in sys.argv[1:]] or pages():
        text = page.read_text("utf-8")
        if (fresh := wrapped(text)) != text:
            page.write_text(fresh, "utf-8")
            print(page)


if __name__ == "__main__":
    main()
