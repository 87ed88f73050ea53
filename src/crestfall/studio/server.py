"""The web server of the studio: who may connect, and what ends with a window."""

from __future__ import annotations

import ipaddress
import logging
import secrets
import signal
import socket
import warnings
import webbrowser
from dataclasses import dataclass
from typing import Any

import panel as pn
from panel.io.resources import LOCAL_DIST, patch_model_css
from panel.io.server import get_server

from crestfall.studio.access import TokenAccess, new_token
from crestfall.studio.blocked_ports import BLOCKED
from crestfall.studio.limits import Limits
from crestfall.studio.page import INTRO, Studio
from crestfall.studio.palette import DARK, LIGHT
from crestfall.studio.problem_in_address import unpacked
from crestfall.studio.run import Workers

_TEMPLATE = """
{% extends base %}
{% block preamble %}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
      content="default-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; connect-src 'self' ws: wss: blob: data:">
<style>
html, body { height: auto; min-height: 100%; }
.begins { font: 14px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; padding: 16px 20px; max-width: 62em; }
.begins h1 { font-size: 20px; font-weight: 650; margin: 0 0 14px; }
html { background: LIGHT.page; } .begins { color: LIGHT.ink; }
@media (prefers-color-scheme: dark) { html { background: DARK.page; } .begins { color: DARK.ink; } }
</style>
{% endblock %}
{% block js_resources %}{% endblock %}
{% block contents %}
<main>
<div class="begins" id="begins"><h1>crestfall studio</h1><p>INTRO</p><p role="status">The page is loading …</p>
<noscript><p>The studio needs JavaScript.</p></noscript></div>
{{ embed(roots.page) }}
</main>
<script>
new MutationObserver((changes, observer) => {
  if (!document.querySelector("main > [data-root-id] > *")) return;
  document.getElementById("begins").remove();
  observer.disconnect();
}).observe(document.querySelector("main > [data-root-id]"), { childList: true });
</script>
{{ bokeh_js }}
{% endblock %}
"""
"""The scripts come last, so that the introduction is shown before they have loaded."""
for _name, _palette in (("LIGHT", LIGHT), ("DARK", DARK)):
    for _role in ("page", "ink"):
        _TEMPLATE = _TEMPLATE.replace(f"{_name}.{_role}", getattr(_palette, _role))
_TEMPLATE = _TEMPLATE.replace("INTRO", INTRO)
_FORGET_MS, _LOOK_MS = 6000, 1000
"""A window that has been gone for so long is not coming back; a reload makes a new one."""


@dataclass(frozen=True)
class Listening:
    """A server that is ready.

    Attributes:
        url: Where a browser finds it, with the token if it asks for one.
        token: The token, or ``None``.
        server: Bokeh's server.
        workers: Its search processes.
    """

    url: str
    token: str | None
    server: Any
    workers: Workers

    def run(self) -> None:
        """Serve until Ctrl-C or a termination signal."""
        signal.signal(
            signal.SIGTERM, lambda number, frame: self.server.io_loop.asyncio_loop.call_soon_threadsafe(self.stop)
        )
        self.server.start()
        self.server.io_loop.start()
        self.workers.close()

    def stop(self) -> None:
        """End the server and every search."""
        self.server.io_loop.stop()


def is_local(address: str) -> bool:
    """Whether nobody but this machine reaches an address.

    Example:
        >>> is_local("127.0.0.1"), is_local("localhost"), is_local("0.0.0.0"), is_local("192.168.1.5")
        (True, True, False, False)
    """
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def listen(
    address: str = "127.0.0.1",
    port: int = 5006,
    *,
    limits: Limits | None = None,
    token: str | None = None,
    origins: tuple[str, ...] = (),
) -> Listening:
    """Make a server; ``run`` serves.

    Args:
        address: Address to listen on. Any but this machine's own is served only to who brings a token.
        port: Port; 0 takes a free one.
        limits: What a visitor may ask for.
        token: The token; by default a new one where one is needed. On this machine's own address a given one is asked
            for, too.
        origins: ``host:port`` names by which browsers may reach it besides its own address.

    Raises:
        OSError: The address cannot be listened on.
    """
    limits = limits or Limits()
    port = port or _free_port(address)
    token = token or (None if is_local(address) else new_token())
    workers = Workers(limits)
    pn.config.notifications = False
    _be_silent_about_closed_windows()
    # The first message of a section that was just opened repeats models that the server has; Bokeh warns of each.
    warnings.filterwarnings("ignore", "reference already known")
    access: dict[str, Any] = (
        {} if token is None else {"auth_provider": TokenAccess(token), "cookie_secret": secrets.token_hex(32)}
    )
    server = get_server(
        {"/": _Windows(limits, workers).page},
        address=address,
        port=port,
        title="crestfall studio",
        websocket_origin=[*_names(address, port), *origins],
        start=False,
        show=False,
        check_unused_sessions_milliseconds=_LOOK_MS,
        unused_session_lifetime_milliseconds=_FORGET_MS,
        websocket_max_message_size=2 * limits.upload_bytes,
        **access,
    )
    query = "" if token is None else f"?token={token}"
    return Listening(f"http://{_names(address, port)[0]}/{query}", token, server, workers)


_CLOSED = ("WebSocketClosedError", "StreamClosedError")


def _says_more(record: logging.LogRecord) -> bool:
    """Whether a line of the log says more than that a window was closed or reloaded in mid-message."""
    raised = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] is not None else ""
    return raised not in _CLOSED and "connection was closed" not in str(record.msg)


def _be_silent_about_closed_windows() -> None:
    for name in ("bokeh.server.views.ws", "bokeh.server.protocol_handler", "tornado.application", "asyncio"):
        logger = logging.getLogger(name)
        if _says_more not in logger.filters:
            logger.addFilter(_says_more)


def _names(address: str, port: int) -> list[str]:
    """What browsers may call this server: the only pages that may open its websocket are its own."""
    if is_local(address):
        hosts = ["localhost", "127.0.0.1"]
    elif address in ("0.0.0.0", "::"):
        hosts = [socket.gethostname(), "localhost", "127.0.0.1"]
    else:
        hosts = [address]
    return [f"{host}:{port}" for host in hosts]


def _free_port(address: str) -> int:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.bind((address, 0))
        port = int(probe.getsockname()[1])
    return _free_port(address) if port in BLOCKED else port


class _Windows:
    """Makes a page for each window that opens, and counts them."""

    def __init__(self, limits: Limits, workers: Workers) -> None:
        self._limits, self._workers, self._open = limits, workers, 0

    def page(self) -> Any:
        """A new window's page."""
        template = pn.Template(_TEMPLATE)
        template.title = "crestfall studio"
        if self._open >= self._limits.windows:
            template.add_panel(
                "page", pn.pane.HTML("<p>This studio has as many windows open as it can serve; try again later.</p>")
            )
            return template
        self._open += 1
        studio = self._studio()

        def gone(context: Any) -> None:
            self._open -= 1
            studio.close()

        pn.state.on_session_destroyed(gone)
        # A search process is started in advance, but only after the page has loaded, which it would slow down.
        pn.state.onload(self._workers.warm_up)
        _serve_styles_from_here(pn.state.curdoc)
        template.add_panel("page", studio.__panel__())
        return template

    def _studio(self) -> Studio:
        message = ""
        packets = [value.decode("ascii", "replace") for value in pn.state.session_args.get("problem", [])]
        if packets:
            try:
                text = unpacked(packets[0], self._limits)
                return Studio(text, limits=self._limits, workers=self._workers)
            except ValueError as error:
                message = " ".join(str(error).split())
        studio = Studio(limits=self._limits, workers=self._workers)
        studio.say(message)
        return studio


def _serve_styles_from_here(document: Any) -> None:
    """Let a page that was long in coming find its styles here, too.

    Panel directs them to this server while it renders the HTML. A window that connects so late that its session was
    forgotten gets a new one without HTML, and would ask Panel's own server for them.
    """

    def direct() -> None:
        document.template_variables["dist_url"] = LOCAL_DIST
        for root in document.roots:
            patch_model_css(root, dist_url=LOCAL_DIST)

    document.add_next_tick_callback(direct)


def open_browser(url: str) -> None:
    """Show the studio to the person at this machine."""
    webbrowser.open(url)
