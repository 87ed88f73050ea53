"""Optional packages, imported where they are used and nowhere else."""

from __future__ import annotations

import importlib
from typing import Any


def imported(package: str, extra: str = "tables", *, command: str | None = None) -> Any:
    """A package of an optional extra.

    Args:
        package: Its name.
        extra: The extra that brings it.
        command: How it is installed instead, where no extra does.

    Raises:
        ImportError: It is not installed; the message says which extra brings it.

    Example:
        >>> imported("nothing_of_the_kind")
        Traceback (most recent call last):
        ImportError: nothing_of_the_kind is not installed; pip install 'crestfall[tables]' brings it
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        how = f"pip install 'crestfall[{extra}]'" if command is None else command
        raise ImportError(f"{package} is not installed; {how} brings it") from None
