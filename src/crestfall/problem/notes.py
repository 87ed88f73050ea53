"""Notes: what was read or changed in a way that the user may not have meant, but that is not an error."""

from __future__ import annotations

import warnings


class CrestfallWarning(UserWarning):
    """Something was left out, repeated or rounded; the message says what, and what to do.

    Silence it with ``warnings.simplefilter("ignore", crestfall.CrestfallWarning)``; the command line prints it in one
    line on standard error.
    """


def note(text: str) -> None:
    """Warn the user, once for each text and place.

    Example:
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     warnings.simplefilter("always")
        ...     note("a tone was left out")
        >>> str(caught[0].message)
        'a tone was left out'
    """
    warnings.warn(text, CrestfallWarning, stacklevel=3)
