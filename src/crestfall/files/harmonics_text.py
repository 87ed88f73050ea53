"""Lists of harmonic numbers as people write them: ``1:31``, ``1:2:63``, ``1,3,7:11``, or a grid by its name.

=============================  ==================================================================
``odd:63``                     odd harmonics up to 63
``odd-odd:63``                 every other odd harmonic: 1, 5, 9, …
``random-odd:127:4``           odd ones, one of each 4 left out; ``:7`` more is the seed
``log:1:1000:20``              20 harmonics from 1 to 1000, about equally spaced on a log scale
``odd-log:1:1000:20``          the same, odd only
``random:127:4``               all up to 127, one in every 4 left out at random; ``:7`` more is the seed
``random-log:1:1000:20``       one at random from each of 20 ranges of equal ratio; ``:7`` more is the seed
``intermodulation-free:12``    12 harmonics free of second-order products; ``:100`` more is the lowest
=============================  ==================================================================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from crestfall.files.reading import MAX_TONES, shown
from crestfall.problem import grids
from crestfall.problem.arrays import IntArray
from crestfall.problem.notes import note

_WORDS: dict[str, tuple[Callable[..., IntArray], range]] = {
    "odd": (grids.odd, range(1, 2)),
    "odd-odd": (grids.odd_odd, range(1, 2)),
    "random-odd": (lambda *values: grids.random_odd(*values).excited, range(2, 4)),
    "random": (grids.random_full, range(2, 4)),
    "random-log": (grids.random_logarithmic, range(3, 5)),
    "log": (grids.quasi_logarithmic, range(3, 4)),
    "odd-log": (lambda *values: grids.quasi_logarithmic(*values, odd=True), range(3, 4)),
    "intermodulation-free": (grids.free_of_intermodulation, range(1, 3)),
}
"""What a word means, and how many numbers may follow it."""


def parse_harmonics(text: str) -> list[int]:
    """Harmonic numbers of a text: ranges (both ends included) joined by commas, ``1:31`` or ``1:2:63``; or a word.

    Raises:
        ValueError: The text is not such a list, or it is empty or too long.

    Example:
        >>> parse_harmonics("1:3,7,10:5:20"), parse_harmonics("odd-odd:13"), parse_harmonics("log:1:100:5")
        ([1, 2, 3, 7, 10, 15, 20], [1, 5, 9, 13], [1, 3, 10, 32, 100])
    """
    word, *given = text.strip().split(":")
    if word in _WORDS:
        return _of_word(text, word, given)
    numbers: list[int] = []
    for part in text.split(","):
        fields = part.strip().split(":")
        try:
            values = [int(field) for field in fields]
        except ValueError:
            raise ValueError(_harmonics_error(text, f"{shown(part.strip())} is not a number or range")) from None
        if len(values) > 3:
            raise ValueError(_harmonics_error(text, f"{shown(part.strip())} has too many colons"))
        start, stop = values[0], values[-1]
        step = values[1] if len(values) == 3 else 1
        if step < 1 or stop < start:
            raise ValueError(_harmonics_error(text, f"{shown(part.strip())} is an empty range"))
        if len(numbers) + (stop - start) // step + 1 > MAX_TONES:
            raise ValueError(_harmonics_error(text, f"more than {MAX_TONES} tones, the most that are read; give fewer"))
        numbers.extend(range(start, stop + 1, step))
    if len(set(numbers)) < len(numbers):
        twice = next(number for number, count in Counter(numbers).items() if count > 1)
        note(
            f"harmonics is {shown(text)}, where {twice} occurs twice, probably by mistake: tones of one frequency "
            "add up to one, and may cancel"
        )
    return numbers


def _of_word(text: str, word: str, given: list[str]) -> list[int]:
    choose, counts = _WORDS[word]
    try:
        values = [int(value) for value in given]
    except ValueError:
        raise ValueError(_harmonics_error(text, "what follows a word are whole numbers")) from None
    if len(values) not in counts:
        many = " or ".join(str(count) for count in counts)
        raise ValueError(_harmonics_error(text, f"{word!r} needs {many} numbers after it"))
    if max(values) > MAX_TONES:
        raise ValueError(
            _harmonics_error(text, f"{shown(max(values))} is above {MAX_TONES}, the highest harmonic number here")
        )
    try:
        return [int(number) for number in choose(*values)]
    except ValueError as error:
        raise ValueError(_harmonics_error(text, str(error))) from None


def _harmonics_error(text: str, what: str) -> str:
    return (
        f"harmonics is {shown(text)}: {what}; write 1:31, 1:2:63 (start:step:stop), 1,3,7:11, or odd:63, log:1:1000:20"
    )
