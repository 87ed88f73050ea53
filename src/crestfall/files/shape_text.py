"""Periodic shapes as people write them in one word: ``pulse:5/12:4``, ``triangle:2:1/4@2``."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from crestfall.files.reading import shown
from crestfall.problem.quantities import number_and_unit
from crestfall.problem.shapes import Pulse, Triangle


def is_shape_in_words(text: str) -> bool:
    """Whether a text begins as a pulse or a triangle does; else it may name a file of samples."""
    return text.partition("@")[0].partition(":")[0] in ("pulse", "triangle")


def with_repeats(text: str) -> tuple[str, int]:
    """A shape without ``@N``, and the ``N`` periods of it in the common one.

    Raises:
        ValueError: What follows ``@`` is not a number of periods.

    Example:
        >>> with_repeats("pulse:0.3@2"), with_repeats("ripple.csv")
        (('pulse:0.3', 2), ('ripple.csv', 1))
    """
    words, _, count = text.rpartition("@") if "@" in text else (text, "", "1")
    if not (count.isascii() and count.isdigit() and len(count) <= 5 and int(count) > 0):
        raise ValueError("give a number of periods after @, such as @2")
    return words, int(count)


def shape_of_words(text: str) -> Pulse | Triangle:
    """The pulse or triangle of a text.

    Raises:
        ValueError: It is neither.

    Example:
        >>> shape_of_words("triangle:2:1/4@2")
        Triangle(amplitude=2.0, rise=Fraction(1, 4), repeats=2)
    """
    words, repeats = with_repeats(text)
    kind, *values = words.split(":")
    if kind == "pulse" and 1 <= len(values) <= 3:
        amplitude, low = ([_value(value) for value in values[1:]] + [1.0, 0.0][len(values) - 1 :])[:2]
        return Pulse(values[0], amplitude, low, repeats)
    if kind == "triangle" and len(values) <= 2:
        return Triangle(_value(values[0]) if values else 1.0, values[1] if len(values) > 1 else "1/2", repeats)
    raise ValueError("give pulse:DUTY:AMPLITUDE or triangle:AMPLITUDE[:RISE], and @N after it for N periods in one")


def shape_table(shape: Pulse | Triangle) -> dict[str, Any]:
    """A shape as a table of ``[[shapes]]``.

    Example:
        >>> shape_table(Pulse("5/12", 4.0))
        {'kind': 'pulse', 'duty': '5/12', 'amplitude': 4.0}
    """
    found: dict[str, Any]
    if isinstance(shape, Pulse):
        found = {"kind": "pulse", "duty": str(shape.duty), "amplitude": shape.amplitude}
        found |= {"low": shape.low} if shape.low else {}
    else:
        found = {"kind": "triangle", "amplitude": shape.amplitude, "rise": str(shape.rise)}
    return found | ({"repeats": shape.repeats} if shape.repeats > 1 else {})


def words_of_table(table: dict[str, Any]) -> str:
    """The text of a table of ``[[shapes]]``; nothing for one that no text says.

    Example:
        >>> words_of_table({"kind": "pulse", "duty": "5/12", "amplitude": 4.0, "repeats": 2})
        'pulse:5/12:4@2'
    """
    kind, amplitude = table.get("kind"), f"{table.get('amplitude', 1.0):.12g}"
    if kind == "pulse":
        text = f"pulse:{table.get('duty')}:{amplitude}" + (f":{table['low']:.12g}" if table.get("low") else "")
    elif kind == "triangle":
        rise = str(table.get("rise", "1/2"))
        text = f"triangle:{amplitude}" + ("" if Fraction(rise) == Fraction(1, 2) else f":{rise}")
    else:
        return ""
    return text + (f"@{table['repeats']}" if table.get("repeats", 1) > 1 else "")


def _value(text: str) -> float:
    """A number, with a unit that is only read past: the amplitudes of a sum share one."""
    found = number_and_unit(text)
    if found is None or found[1] not in ("", "A", "V", "Ω", "N"):
        raise ValueError(
            f"{shown(text)} is not an amplitude in the unit of the sum; write a number, as in pulse:0.3:10"
        )
    return float(found[0])
