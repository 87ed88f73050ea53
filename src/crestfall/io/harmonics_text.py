"""Lists of harmonic numbers as people write them: ``1:31``, ``1:2:63``, ``1,3,7:11``."""

from __future__ import annotations

from crestfall.io.reading import MAX_TONES


def parse_harmonics(text: str) -> list[int]:
    """Harmonic numbers of a text: ``1:31`` (both ends included), ``1:2:63`` (start:step:stop), joined by commas.

    Raises:
        ValueError: The text is not such a list, or it is empty or too long.

    Example:
        >>> parse_harmonics("1:3,7,10:5:20")
        [1, 2, 3, 7, 10, 15, 20]
    """
    numbers: list[int] = []
    for part in text.split(","):
        fields = part.strip().split(":")
        try:
            values = [int(field) for field in fields]
        except ValueError:
            raise ValueError(_harmonics_error(text, f"{part.strip()!r} is not a number or range")) from None
        if len(values) > 3:
            raise ValueError(_harmonics_error(text, f"{part.strip()!r} has too many colons"))
        start, stop = values[0], values[-1]
        step = values[1] if len(values) == 3 else 1
        if step < 1 or stop < start:
            raise ValueError(_harmonics_error(text, f"{part.strip()!r} is an empty range"))
        if len(numbers) + (stop - start) // step + 1 > MAX_TONES:
            raise ValueError(_harmonics_error(text, f"more than {MAX_TONES} tones"))
        numbers.extend(range(start, stop + 1, step))
    return numbers


def _harmonics_error(text: str, what: str) -> str:
    return f"harmonics is {text!r}: {what}; write 1:31, 1:2:63 (start:step:stop) or 1,3,7:11"
