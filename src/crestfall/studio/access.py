"""Access to the studio: free on this machine; from elsewhere with a token."""

from __future__ import annotations

import hmac
import secrets
from html import escape
from typing import Any

from bokeh.server.auth_provider import AuthProvider
from tornado.web import RequestHandler

_COOKIE = "crestfall-studio"
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>crestfall studio</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 22em; margin: 12vh auto; padding: 0 1em; }}
  label, input, button {{ display: block; width: 100%; box-sizing: border-box; font: inherit; }}
  input, button {{ margin-top: .4em; padding: .5em .7em; }}
  [role=alert] {{ font-weight: 600; }}
</style></head>
<body><main><h1>crestfall studio</h1>
<p>This studio asks for the token that was printed where it was started.</p>
<p role="alert">{message}</p>
<form method="post"><label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="off" autofocus required>
<button type="submit">Enter</button></form></main></body></html>"""


def new_token() -> str:
    """A token that cannot be guessed.

    Example:
        >>> len(new_token())
        32
    """
    return secrets.token_urlsafe(24)


class TokenAccess(AuthProvider):
    """Admits visitors with the token, given once in the address or on the login page, then kept in a cookie.

    Bokeh asks before it creates a session and before it opens a websocket.

    Args:
        token: The token.
    """

    def __init__(self, token: str) -> None:
        self._token = token
        super().__init__()

    @property
    def get_user(self) -> Any:
        """A function from a request to its visitor, ``None`` without access."""

        def user(handler: RequestHandler) -> str | None:
            if handler.get_signed_cookie(_COOKIE) == b"in":
                return "visitor"
            given = handler.get_query_argument("token", "")
            if self.fits(given):
                _let_in(handler)
                return "visitor"
            return None

        return user

    @property
    def login_url(self) -> str:
        """Path of the login page."""
        return "/login"

    @property
    def login_handler(self) -> type[RequestHandler]:
        """Handler of the login page."""
        access = self

        class Login(RequestHandler):
            def get(self) -> None:
                self.write(_PAGE.format(message=""))

            def post(self) -> None:
                if access.fits(self.get_body_argument("token", "")):
                    _let_in(self)
                    self.redirect(_own_path(self.get_query_argument("next", "/")))
                    return
                self.set_status(403)
                self.write(_PAGE.format(message=escape("That is not the token.")))

        return Login

    def fits(self, given: str) -> bool:
        """Whether this is the token, compared in constant time."""
        return hmac.compare_digest(given.encode(), self._token.encode())


def _let_in(handler: RequestHandler) -> None:
    handler.set_signed_cookie(_COOKIE, "in", expires_days=1, httponly=True, samesite="Strict")


def _own_path(path: str) -> str:
    """The path if it is one of this server, else ``/``: a link must not redirect to another site."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
