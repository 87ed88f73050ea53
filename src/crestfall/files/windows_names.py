"""Names that Windows takes for something else than a file of this name: devices, streams, names that lose their end."""

from __future__ import annotations

import os
from pathlib import PurePath

_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{k}" for port in ("com", "lpt") for k in "123456789¹²³")}
_FORBIDDEN = '<>:"|?*'


def require_name(path: PurePath, *, windows: bool = os.name == "nt") -> None:
    r"""Raise a ``ValueError`` for a name under which nothing, or something else, would be written.

    Args:
        path: Where a file is to be written.
        windows: Whether the rules of Windows hold.

    Example:
        >>> from pathlib import PureWindowsPath
        >>> require_name(PureWindowsPath(r"C:\data\a.json"), windows=True)
        >>> require_name(PureWindowsPath(r"C:\data\nul.json"), windows=True)
        Traceback (most recent call last):
        ValueError: C:\data\nul.json cannot be written: nul is a device of Windows; give another name
        >>> require_name(PureWindowsPath("10:30.csv"), windows=True)
        Traceback (most recent call last):
        ValueError: 10:30.csv cannot be written: a name has no ':' on Windows; give another name
    """
    if not windows:
        return
    for name in path.parts[1:] if path.anchor else path.parts:
        stem = name.partition(".")[0].rstrip(" ").lower()
        reason = ""
        if stem in _DEVICES:
            reason = f"{stem} is a device of Windows"
        elif found := next((one for one in name if one in _FORBIDDEN or ord(one) < 32), ""):
            reason = f"a name has no {found!r} on Windows"
        elif name not in (".", "..") and name[-1] in " .":
            reason = "Windows drops a space or a dot at the end of a name"
        if reason:
            raise ValueError(f"{path} cannot be written: {reason}; give another name")
