"""The problems of a campaign, from the arguments of the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from crestfall.atlas.entry import KINDS, multisine_of
from crestfall.cli.parsing import harmonic_numbers
from crestfall.cli.tones import problem_from
from crestfall.problem.multisine import Multisine

_WORD = re.compile(rf"({'|'.join(KINDS)}):([0-9:,\s-]*)")
_MOST_TONES = 2**24


def problems_from(words: Iterable[str]) -> list[Multisine]:
    """The tones of problem words and files.

    Args:
        words: ``real:64``, ``real:2:512`` (all from 2 to 512), ``odd:2:2:32`` (start:step:stop), ``complex:8,16``, for
            the flat problems of the atlas; anything else is a file of tones or a saved design.

    Raises:
        ValueError: A word is not a problem, or a file does not hold tones.
        OSError: A file cannot be read.

    Example:
        >>> problems_from(["real:2:3", "complex:4"])
        [Multisine(n=2, 1 … 2 Hz, fundamental 1 Hz, real), Multisine(n=3, 1 … 3 Hz, fundamental 1 Hz, real),
         Multisine(n=4, 0 … 3 Hz, fundamental 1 Hz, complex)]
    """
    problems: list[Multisine] = []
    for word in words:
        match = _WORD.fullmatch(word)
        if match is not None:
            problems += [multisine_of(match[1], n) for n in _numbers_of_tones(word, match[2])]
        elif Path(word).suffix:
            problems.append(_tones_of(word))
        else:
            raise ValueError(
                f"problem {word!r} is unknown; write real:2:64, complex:8, odd:2:32, or a file of tones or a design"
            )
    return problems


def _tones_of(word: str) -> Multisine:
    problem = problem_from(Path(word)).problem
    if not problem.is_only_true_peak:
        raise ValueError(
            f"{word}: a campaign lowers the true peak of one drive over free phases, and this file asks for something "
            "else; use crestfall design"
        )
    return problem.multisine


def _numbers_of_tones(word: str, text: str) -> list[int]:
    try:
        numbers = harmonic_numbers(text)
    except ValueError:
        raise ValueError(
            f"problem {word!r} has no numbers of tones; write real:64, real:2:64, real:2:2:64 or real:8,16"
        ) from None
    if min(numbers) < 1 or sum(numbers) > _MOST_TONES:
        raise ValueError(f"problem {word!r} needs 1 tone or more, and {_MOST_TONES} at most in all")
    return numbers
