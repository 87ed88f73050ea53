"""The sample rate that the header of a text says, in the ways in which instruments and people write it."""

from __future__ import annotations

import re
from math import isfinite

from crestfall.files.reading import number_of_text, shown
from crestfall.problem.quantities import quantity

_NUMBER = r"(\d[\d.,'\u2019\u00a0\u202f ]*(?:e[-+]?\d+)?)"
_BETWEEN = r"([ _a-zµμ()\[\]/]*?)[\s:=,;]+\"?"
_RATE = re.compile(
    r"(?:sampl(?:e|ing)[ _]?(?:rate|freq(?:uency)?)|samples per second|\bfs(?=[\W_]))" + _BETWEEN + _NUMBER,
    re.IGNORECASE,
)
_INTERVAL = re.compile(
    r"(?:sampl(?:e|ing)[ _]?(?:interval|period)|\bxincr?|\bincrement\b)" + _BETWEEN + _NUMBER, re.IGNORECASE
)
_REPETITION = re.compile(r"PERIOD\s*:\s*(\S+)\s*S\b.*?DOTS\s*:\s*(\d+)", re.DOTALL)
"""How Rigol's files say their rate."""
_GROUP_OF_THREE = re.compile(r"\d{1,3}([,'\u2019\u00a0\u202f ])\d{3}(?:\1\d{3})*")
_UNIT_OF_RATE = re.compile(
    r"([kKMG]?)(?:(?:S|Sa|Smpl|samples?|sps|Hz) ?(?:/ ?(?:s|sec|second)\.?|per sec(?:ond)?)|sps|Hz)?|per second|1?/s",
    re.IGNORECASE,
)
_SECONDS = re.compile(r"(milli|micro|nano|pico|[mMuµμnp]?)s(?:ec(?:ond)?s?)?\.?", re.IGNORECASE)
_PREFIXES = {"milli": "m", "micro": "u", "nano": "n", "pico": "p"}


def says_rate(header: str) -> bool:
    """Whether a header says a rate or an interval, understood or not."""
    return any(pattern.search(header) for pattern in (_REPETITION, _RATE, _INTERVAL))


def rate_in(header: str) -> float | None:
    """The rate [Hz] that a header says, if it does.

    Raises:
        ValueError: It says one that is not understood, or that may be two: ``48,000``.

    Example:
        >>> rate_in("Sample Rate: 500 kSPS"), rate_in("Sampling interval (ms): 10"), rate_in("CH1")
        (500000.0, 100.0, None)
    """
    if match := _REPETITION.search(header):
        period, count = number_of_text(match[1]), int(match[2])
        return count / period if period and period > 0 else None
    if match := _RATE.search(header):
        return _positive(_said(match, header, "Hz"))
    if match := _INTERVAL.search(header):
        step = _positive(_said(match, header, "s"))
        return None if step is None else 1.0 / step
    return None


# ------------------------------------------------------------------ parts


def _said(match: re.Match[str], header: str, base: str) -> float:
    """The quantity after the name of a rate or an interval, whose unit may stand before the number or after it."""
    in_cell = header[match.start(2) - 1] == ","  # commas separate cells
    line = header[match.start(2) :].partition("\n")[0]
    number, after = _number_and_rest(match[2].rstrip(" \u00a0\u202f"), line, in_cell)
    cells = [cell.strip() for cell in re.split(r"[,;\t\"]", after)]
    unit = _begins_with_unit(cells[0], base)
    if not unit and len(cells) > 1 and _of_unit(cells[1], base):
        unit = cells[1]
    between = re.findall(r"[a-zµμ/]+", match[1], re.IGNORECASE)
    if not unit and between and _of_unit(between[-1], base):
        unit = between[-1]
    value = number_of_text(number)
    known = _of_unit(unit, base) if unit else base
    if value is None or known is None:
        raise ValueError(
            f"the header says {shown(f'{number} {unit}')} for the rate or interval of the samples, which is not "
            f"understood; write a number with a unit, such as {'48 kHz' if base == 'Hz' else '20 us'}"
        )
    return quantity(f"{number} {known}", base, name="the rate in the header")


def _number_and_rest(written: str, line: str, in_cell: bool) -> tuple[str, str]:
    """The number as Python writes it, and what follows it; a comma is a decimal one, or begins another cell.

    Raises:
        ValueError: A comma may also separate thousands.
    """
    grouped = _GROUP_OF_THREE.match(written)
    if grouped and not written[grouped.end() : grouped.end() + 1].isdigit():
        mark = grouped[1]
        if mark == "," and grouped[0].count(",") == 1:
            raise ValueError(
                f"the header says {shown(grouped[0])} for the rate or interval of the samples, which may be a decimal "
                f"or thousands; write {grouped[0].replace(',', '')} or {grouped[0].replace(',', '.')}"
            )
        return grouped[0].replace(mark, ""), line[grouped.end() :]
    plain = re.match(
        r"\d+(?:\.\d*)?(?:e[-+]?\d+)?" if in_cell else r"\d+(?:\.\d*|,\d+)?(?:e[-+]?\d+)?", written, re.IGNORECASE
    )
    assert plain is not None
    return plain[0].replace(",", "."), line[plain.end() :]


def _begins_with_unit(cell: str, base: str) -> str:
    """The unit with which the rest of a cell begins; all of it where it is none."""
    words = cell.strip(" ()[]").split()
    begins = (" ".join(words[:count]).rstrip(".)]") for count in range(min(len(words), 3), 0, -1))
    return next((text for text in begins if _of_unit(text, base)), cell)


def _of_unit(text: str, base: str) -> str | None:
    """A unit of rates or times as ``quantity`` takes it; ``None`` if it is none."""
    if base == "Hz":
        match = _UNIT_OF_RATE.fullmatch(text)
        return None if match is None or not text else f"{(match[1] or '').replace('K', 'k')}Hz"
    match = _SECONDS.fullmatch(text)
    if match is not None:
        return f"{_PREFIXES.get(match[1].lower(), match[1])}s"
    return text if text in ("min", "h") else None


def _positive(value: float) -> float | None:
    return value if value > 0.0 and isfinite(value) else None
