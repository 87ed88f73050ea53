"""The ``crestfall`` command: one file for each of its commands."""

from __future__ import annotations

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
from crestfall.cli.search import search
from crestfall.cli.store import store_app
from crestfall.cli.studio import studio

app = typer.Typer(
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
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(design)
app.command()(measure)
app.command()(convert)
app.command()(move)
app.command()(explain)
app.command()(demo)
app.command()(help)
app.command()(search)
app.command()(studio)
app.add_typer(atlas.app, name="atlas")
app.add_typer(store_app, name="store")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"crestfall {crestfall.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Choose the phases of a sum of sine waves so that its peak is as small as possible, with proof."""


def main() -> None:
    """Run the command line; errors become one line on standard error and exit code 2."""
    with errors_in_one_line():
        app(prog_name="crestfall")
