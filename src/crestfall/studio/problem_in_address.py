"""A link that restores the problem: its text, packed into the query of the address."""

from __future__ import annotations

import base64
import binascii
import zlib

from crestfall.studio.limits import Limits

LONGEST = 8000
"""Characters: what browsers, proxies and mail programs pass on without loss."""


def packed(text: str) -> str | None:
    """A problem as characters that need no escape in an address; ``None`` if they would be too many.

    Example:
        >>> unpacked(packed("[tones]"), Limits())
        '[tones]'
    """
    packet = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).rstrip(b"=").decode("ascii")
    return packet if len(packet) <= LONGEST else None


def unpacked(packet: str, limits: Limits) -> str:
    """The text of a link. It is not yet known to be a problem.

    Raises:
        ValueError: It was cut off or changed on the way, or unpacks to more than is read.
    """
    broken = "the link is damaged; ask for it again, or begin with an example"
    if len(packet) > LONGEST:
        raise ValueError(broken)
    try:
        data = base64.b64decode(packet + "=" * (-len(packet) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(data, limits.text_bytes)
        if not unpacker.eof:
            raise ValueError(broken)
        return text.decode("utf-8")
    except (binascii.Error, zlib.error, UnicodeError, ValueError):
        raise ValueError(broken) from None
