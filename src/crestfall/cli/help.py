"""``crestfall help``: the pages of the documentation, without a network."""

from __future__ import annotations

import re
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from crestfall.cli.completion import page
from crestfall.cli.report import print_rows
from crestfall.cli.wrapping import fitted
from crestfall.problem.guide import pages, read_page

_WIDEST = 110
_COMMENTS = re.compile(r"<!--.*?-->\n?", re.S)
_PICTURES = re.compile(r"^!\[.*?\]\(.*?\)(\{.*?\})?\n+", re.M)
_LINKS = re.compile(r"\[([^]]+)\]\((?!http)([^)]+?)(?:\.md)?(#[^)]*)?\)")


def help(
    topic: Annotated[
        str | None,
        typer.Argument(
            help="A page, or a part of one, such as problems#constraints.", show_default=False, autocompletion=page
        ),
    ] = None,
) -> None:
    """Print a page of the documentation, or list the pages.

    For instance: crestfall help problems#constraints
    """
    if topic is None:
        print_rows(list(pages().items()))
        typer.echo(fitted("\nPrint one with crestfall help PAGE; a part of it with crestfall help PAGE#PART."))
        return
    text = _plain(read_page(topic))
    console = Console()
    if console.is_terminal:
        console.print(Markdown(text, hyperlinks=False), width=min(_WIDEST, console.width))
    else:
        typer.echo(text)


def _plain(text: str) -> str:
    """Markdown without what only a browser shows.

    Example:
        >>> _plain("See [limits](problems.md#measures), [these](#in).")
        'See limits (problems#measures), these.'
    """
    text = _PICTURES.sub("", _COMMENTS.sub("", text))
    text = re.sub(r"\[([^]]+)\]\(#[^)]*\)", r"\1", text)
    return _LINKS.sub(lambda link: f"{link[1]} ({link[2]}{link[3] or ''})", text)
