"""How hard to search is no part of a problem file; the error about a key that says it says where it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

_FLAGS = {"use_atlas": "--no-atlas", "client": "--scheduler", "effort": "--time-limit", "proof": "--proof"}
"""Options whose names are not those of the fields."""
_NO_FLAGS = ("dtype", "closed_forms", "progress")


@contextmanager
def naming_what_is_no_problem() -> Iterator[None]:
    """Where an unknown key says how hard to search, the error says where that is given instead.

    Raises:
        ValueError: The error within; it still begins with the key.

    Example:
        >>> with naming_what_is_no_problem():
        ...     raise ValueError("tones.prove is unknown; known are harmonics")
        Traceback (most recent call last):
        ValueError: tones.prove is not part of a problem, ... give it as an option of the command (--prove), ...
    """
    try:
        yield
    except ValueError as error:
        raise ValueError(_explained(str(error))).with_traceback(error.__traceback__) from None


def _explained(message: str) -> str:
    from crestfall.search.effort import EFFORT_FIELDS  # here: a file that is right does not need the search

    found = re.match(r"(\S*?)([\w-]+) is unknown(?:;|$)", message)
    name = "" if found is None else found[2].replace("-", "_").removesuffix("_s")
    if found is None or name not in (*EFFORT_FIELDS, "effort", "method", "progress", "proof"):
        return message
    flag = "" if name in _NO_FLAGS else f" ({_FLAGS.get(name, '--' + name.replace('_', '-'))})"
    argument = f"{name}=…" if name in ("effort", "method", "progress") else f"effort=cf.Effort({name}=…)"
    in_python = "proof.save(…)" if name == "proof" else f"cf.minimize_peak(problem, {argument})"
    return (
        f"{found[1]}{found[2]} is not part of a problem, which says what is wanted, not how hard to search for it; "
        f"give it as an option of the command{flag}, in Python as {in_python}, or in the studio's fields"
    )
