"""``crestfall studio``: the page in which a multisine is designed."""

from __future__ import annotations

from typing import Annotated

import typer

from crestfall.problem.extras import imported
from crestfall.studio.blocked_ports import require_open_port
from crestfall.studio.limits import Limits

_LIMITS = Limits()


def studio(
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 5006,
    address: Annotated[
        str, typer.Option(help="Address to listen on; any but this machine's own asks visitors for a token.")
    ] = "127.0.0.1",
    token: Annotated[
        str | None,
        typer.Option(help="The token to ask for (default: a new one, where one is needed).", envvar="CRESTFALL_TOKEN"),
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(help="host:port by which browsers reach it, if not its own address. May be repeated."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    max_tones: Annotated[int, typer.Option(help="Most tones of a problem.", min=1)] = _LIMITS.tones,
    max_seconds: Annotated[float, typer.Option(help="Longest search in seconds.")] = _LIMITS.seconds,
    max_runs: Annotated[int, typer.Option(help="Most searches at one time.", min=1)] = _LIMITS.runs,
) -> None:
    """Design in the browser: choose an example or enter tones, press Go, watch the crest factor fall, save the file.

    For instance: crestfall studio
    """
    if not max_seconds > 0:
        raise ValueError(f"--max-seconds is {max_seconds}; give a time above 0")
    if not origin:  # otherwise browsers connect through a proxy, on another port
        require_open_port(port)
    imported("panel", "studio")
    from crestfall.studio.server import listen, open_browser

    limits = Limits(tones=max_tones, seconds=max_seconds, runs=max_runs)
    listening = listen(address, port, limits=limits, token=token, origins=tuple(origin or ()))
    typer.echo(f"crestfall studio: {listening.url}   Ctrl-C ends it")
    if browser:
        open_browser(listening.url)
    listening.run()
