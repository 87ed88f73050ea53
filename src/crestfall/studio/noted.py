"""What the library notes while something is done, for the page to show."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from typing import TypeVar

from crestfall.problem.notes import CrestfallWarning

_T = TypeVar("_T")
_LOCK = threading.Lock()  # what shows warnings belongs to the whole process, and windows share it
_WORDS = {
    "; give the rate": "; write the rate below the file",
    "say that they are samples with sample_rate, or that": "write their rate below the file, or say that",
    "(if its numbers are samples, give sample_rate)": "(if its numbers are samples, write their rate below the file)",
    "choose one with channel, or take two as I and Q with complex": "write which is meant below the file",
}


def with_notes(make: Callable[[], _T]) -> tuple[_T, tuple[str, ...]]:
    """What a function returns, and the notes that it made; its errors are in words of the page.

    Example:
        >>> from crestfall.problem.notes import note
        >>> with_notes(lambda: note("a tone was left out"))
        (None, ('a tone was left out',))
    """
    with _LOCK, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", CrestfallWarning)
        try:
            made = make()
        except ValueError as error:
            raise ValueError(_in_words_of_the_page(str(error))).with_traceback(error.__traceback__) from None
    notes = [str(one.message) for one in caught if issubclass(one.category, CrestfallWarning)]
    return made, tuple(dict.fromkeys(_in_words_of_the_page(one) for one in notes))


def _in_words_of_the_page(text: str) -> str:
    for ours, theirs in _WORDS.items():
        text = text.replace(ours, theirs)
    return text
