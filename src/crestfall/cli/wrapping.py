"""Lines for a terminal of any width: broken between words, never within one."""

from __future__ import annotations

import re
import shutil
import sys
from textwrap import TextWrapper
from typing import IO, Any

from typer.core import TyperCommand, TyperGroup

_NARROWEST = 24
_WIDEST_HELP = 80
_TWO_COLUMNS = 60
"""Width from which help texts stand beside the options, not below them."""


def wrapped(text: str, width: int, *, first: str = "", later: str = "") -> str:
    """A paragraph of lines of at most this width, unless a single word is longer.

    Example:
        >>> print(wrapped("random-odd:127:4, log:1:1000:20", 20, first="- ", later="  "))
        - random-odd:127:4,
          log:1:1000:20
    """
    wrapper = TextWrapper(width, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)
    wrapper.break_long_words = False
    wrapper.replace_whitespace = False
    return wrapper.fill(text)


def fitted(text: str, stream: IO[str] | None = None, *, later: str = "") -> str:
    """The text, broken between words where the stream is a terminal; what goes to a file or a pipe stays as it is.

    Args:
        text: Lines; each keeps its indentation.
        stream: Where it goes; standard output if none.
        later: What the second and later lines of a broken line begin with, besides the indentation of the first.
    """
    if not (sys.stdout if stream is None else stream).isatty():
        return text
    width = max(shutil.get_terminal_size().columns, _NARROWEST)
    lines = []
    for line in text.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        lines.append(wrapped(line.lstrip(), width, first=indent, later=indent + later) if len(line) > width else line)
    return "\n".join(lines)


_Formatter: Any = TyperCommand.context_class.formatter_class


class HelpFormatter(_Formatter):
    """Help that fits a narrow terminal and breaks no word."""

    def __init__(self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None) -> None:
        columns = min(shutil.get_terminal_size().columns, max_width or _WIDEST_HELP)
        super().__init__(indent_increment, width or max(columns - 1, _NARROWEST), max_width)

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage."""
        self.write(wrapped(f"{prefix or 'Usage: '}{prog} {args}".rstrip(), self.width, later="    ") + "\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        indent = " " * self.current_indent
        paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
        hanging = indent + "    "  # of a command in more than one line
        laters = (hanging if one.startswith("crestfall ") else indent for one in paragraphs)
        self.write(
            "\n\n".join(
                wrapped(one, self.width, first=indent, later=later)
                for one, later in zip(paragraphs, laters, strict=True)
            )
        )
        self.write("\n")

    def write_dl(self, rows: Any, col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names and texts: side by side, or one below the other where the line is too short for both."""
        rows = [(str(first), " ".join(str(second).split())) for first, second in rows]
        indent = " " * self.current_indent
        longest = max((len(first) for first, _ in rows), default=0)
        beside = min(longest, col_max) + col_spacing
        if self.width < _TWO_COLUMNS and longest > self.width // 4:
            beside = 4
        later = indent + " " * beside
        for first, second in rows:
            if second and len(first) + col_spacing <= beside:
                self.write(wrapped(second, self.width, first=indent + first.ljust(beside), later=later) + "\n")
            else:
                self.write(wrapped(first, self.width, first=indent, later=indent + "    ") + "\n")
                if second:
                    self.write(wrapped(second, self.width, first=later, later=later) + "\n")


_PLAIN_WORDS = (
    (re.compile(r"Input should be a valid integer.*|'.*' is not a valid integer.*"), "give a whole number, such as 16"),
    (re.compile(r"Input should be a valid number.*|'.*' is not a valid float.*"), "give a number, such as 0.5"),
    (re.compile(r"Value error, "), ""),
)
"""What Typer's versions say about a wrong value, and what to say."""

_KINDS = {"str": "text", "int": "number", "float": "number", "path": "path", "Path": "path"}
_KIND = re.compile(rf"<(?:list\[)?({'|'.join(_KINDS)})(?:\]| range)?>")
"""How Typer names the kinds of values, which are those of Python."""


class Command(TyperCommand):
    """A command whose help fits, and that Ctrl-C ends with a line of its own."""

    def make_context(self, *args: Any, **more: Any) -> Any:
        """Read the arguments; what is wrong with them is said in plain words."""
        try:
            return super().make_context(*args, **more)
        except Exception as error:
            message = getattr(error, "message", None)
            if isinstance(message, str):
                for theirs, ours in _PLAIN_WORDS:
                    message = theirs.sub(ours, message)
                error.message = message  # type: ignore[attr-defined]
            raise

    def invoke(self, ctx: Any) -> Any:
        """Run the command; Typer turns an interrupt into the exit code 130 without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            print("crestfall: interrupted", file=sys.stderr)
            raise

    def get_help(self, ctx: Any) -> str:
        """The help of the command."""
        ctx.formatter_class = HelpFormatter
        return super().get_help(ctx)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options under their headings; those without one come last."""
        sections: dict[str, list[tuple[str, str]]] = {}
        others: list[tuple[str, str]] = []
        for one in self.get_params(ctx):
            row = one.get_help_record(ctx)
            if row is None:
                continue
            heading = "Arguments" if one.param_type_name == "argument" else getattr(one, "rich_help_panel", None)
            rows = others if heading is None else sections.setdefault(heading, [])
            rows.append((_KIND.sub(lambda kind: f"<{_KINDS[kind[1]]}>", row[0]), row[1]))
        for heading, rows in (*sections.items(), ("Options", others)):
            with formatter.section(heading):
                formatter.write_dl(rows)


class Group(TyperGroup):
    """A group of commands whose help fits, with the first sentence of each of them in full."""

    def get_help(self, ctx: Any) -> str:
        """The help of the group."""
        ctx.formatter_class = HelpFormatter
        return super().get_help(ctx)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, one.get_short_help_str(500)) for name, one in commands if one is not None and not one.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
