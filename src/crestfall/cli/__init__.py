"""The ``crestfall`` command: one file for each of its commands."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

import crestfall
from crestfall.cli import atlas
from crestfall.cli.convert import convert
from crestfall.cli.demo import demo
from crestfall.cli.design import design
from crestfall.cli.errors import errors_in_one_line
from crestfall.cli.explain import explain
from crestfall.cli.help import help
from crestfall.cli.measure import measure
from crestfall.cli.move import move
from crestfall.cli.report import print_rows
from crestfall.cli.search import search
from crestfall.cli.split_quantities import require_joined
from crestfall.cli.store import store_app
from crestfall.cli.studio import studio
from crestfall.cli.verify import verify
from crestfall.cli.wrapping import Command, Group

app = typer.Typer(
    cls=Group,
    help="Choose the phases of a sum of sine waves so that its peak is as small as possible, with proof.",
    epilog=(
        "Examples:\n\n"
        "    crestfall design tones.csv --out excitation.wav --out excitation.png\n\n"
        "    crestfall design --harmonics 1:31 --fundamental 10 --time-limit 10s\n\n"
        "    crestfall measure excitation.wav\n\n"
        "    crestfall convert design.json --out excitation.arb --rate 1MHz --level 1Vpp\n\n"
        "    crestfall demo --equal 5\n\n"
        "    crestfall atlas\n\n"
        "    crestfall search real:2:64 --store designs.sqlite --seconds 5"
    ),
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(cls=Command)(design)
app.command(cls=Command)(measure)
app.command(cls=Command)(convert)
app.command(cls=Command)(move)
app.command(cls=Command)(explain)
app.command(cls=Command)(demo)
app.command(cls=Command)(verify)
app.command(cls=Command)(help)
app.command(cls=Command)(search)
app.command(cls=Command)(studio)
app.add_typer(atlas.app, name="atlas")
app.add_typer(store_app, name="store")


_BEGIN = (
    ("In the browser:", "crestfall studio"),
    ("Here:", "crestfall design --harmonics 1:31 --out excitation.wav"),
    ("More:", "crestfall --help, crestfall help start"),
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"crestfall {crestfall.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Choose the phases of a sum of sine waves so that its peak is as small as possible, with proof."""
    if context.invoked_subcommand is None:
        print_rows(_BEGIN)


def _print_whatever_the_encoding() -> None:
    """Print a question mark for what a terminal or a pipe cannot encode, such as θ in a console of Windows."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def main() -> None:
    """Run the command line; errors become one line on standard error and exit code 2."""
    _print_whatever_the_encoding()
    with errors_in_one_line():
        require_joined(sys.argv[1:])
        app(prog_name="crestfall")
