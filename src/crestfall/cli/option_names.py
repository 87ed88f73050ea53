"""Errors of the library in the words of the command line: ``stall_limit`` is ``--stall-limit`` there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

_OPTIONS = {
    "amplitudes": "--amplitudes",
    "bands": "--bands",
    "checkpoint": "--checkpoint",
    "client": "--scheduler",
    "device": "--device",
    "exclude": "--exclude",
    "frequencies": "--frequencies",
    "fundamental": "--fundamental",
    "max_memory": "--max-memory",
    "measure": "--measure",
    "method": "--method",
    "prove": "--prove",
    "bound_time": "--bound-time",
    "raster": "--snap",
    "seed": "--seed",
    "stall_limit": "--stall-limit",
    "start_at_zero": "--start-at-zero",
    "starts": "--starts",
    "target": "--target",
    "time_limit": "--time-limit",
    "tolerance_db": "--tolerance-db",
    "use_atlas": "--no-atlas",
    "workers": "--workers",
}
_ANY = "|".join(_OPTIONS)
_NO_WORD = "|".join(name for name in _OPTIONS if "_" in name)
# Names that are also plain words count only where a message names an argument.
_NAMED = re.compile(
    rf"^({_ANY})(?:\[\d+\])?(?= is )|(?<=does not use )({_ANY})\b|(?<=leave out )({_ANY})(?=[,;:]|$)"
    rf"|^({_ANY})(?= cannot be combined )"
    rf"|(?<=cannot be combined with )({_ANY})(?=:)|(?<![\w.-])({_NO_WORD})(?:\[\d+\])?(?!\w)"
)
_WORDS = {
    "alphabet: levels is": "--alphabet is",
    "lines: raster": "--raster",
    "lines: ": "--move-lines: ",
    "lines that may move": "--move-lines",
    "samples: n is": "--samples is",
    "samples: rate is": "--goal-rate is",
    "samples: the": "--goal-rate: the",
    "give prove=True": "give --prove",
    "numbers[": "--harmonics: numbers[",
    "; give the fundamental, such as 10 Hz": "; give --fundamental, such as --fundamental 10",
    "; use 'cuda', 'cpu' or None": "; use cuda or cpu",
    "frequencies '": "--frequencies '",
}
_NONE = re.compile(r", or None(?: for [\w ]+)?$")


def in_words_of_options(text: str) -> str:
    """A message of the library with the names of options for those of arguments.

    Example:
        >>> in_words_of_options("stall_limit is nan; give a finite number of seconds above 0, or None for no limit")
        '--stall-limit is nan; give a finite number of seconds above 0'
        >>> in_words_of_options("method 'clip' does not use workers; leave out one of them")
        "method 'clip' does not use --workers; leave out one of them"
        >>> in_words_of_options("there are 50 tones; leave out prove, or take fewer")
        'there are 50 tones; leave out --prove, or take fewer'
        >>> in_words_of_options("a target of 3 starts")
        'a target of 3 starts'
    """
    for ours, theirs in _WORDS.items():
        text = text.replace(ours, theirs)
    return _NONE.sub("", _NAMED.sub(lambda found: _OPTIONS[found[found.lastindex or 0]], text))


@contextmanager
def errors_reworded(reword: Callable[[str], str], kinds: tuple[type[Exception], ...] = (ValueError,)) -> Iterator[None]:
    """Errors of these kinds that are raised within have their message reworded."""
    try:
        yield
    except kinds as error:
        if error.args and isinstance(error.args[0], str):
            error.args = (reword(error.args[0]), *error.args[1:])
        raise


def errors_naming_options() -> AbstractContextManager[None]:
    """Errors that are raised within name options; what a file says keeps the names of the file."""
    return errors_reworded(in_words_of_options, (ValueError, TypeError, MemoryError))
