"""Texts that fit into the width that a picture has for them."""

from __future__ import annotations

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

_SMALLEST = 7.0


def width_of(text: str, size: float) -> float:
    """Width of a line [points] at a font size [points]."""
    # A dollar would begin a formula.
    path = TextPath((0.0, 0.0), text.replace("$", "S"), size=size, prop=FontProperties())
    return float(path.get_extents().width) if len(path.vertices) else 0.0


def size_within(text: str, width: float, largest: float) -> float:
    """The font size [points], at most the largest, at which a line fits into the width [points].

    Example:
        >>> size_within("short", 200.0, 12.0)
        12.0
        >>> size_within("long " * 10, 200.0, 12.0) < 12.0
        True
    """
    return max(_SMALLEST, min(largest, largest * width / max(width_of(text, largest), 1.0)))


def lines_within(text: str, width: float, size: float, most: int) -> list[str]:
    """The text in at most so many lines that fit into the width [points]; the last ends in … where there is more.

    Example:
        >>> lines_within("left front actuator", 70.0, 9.0, 2)
        ['left front', 'actuator']
        >>> lines_within("left front actuator of the table", 70.0, 9.0, 2)
        ['left front', 'actuator of th…']
    """
    lines: list[str] = []
    words = text.split() or [text]
    while words and len(lines) < most:
        taken = 1
        while taken < len(words) and width_of(" ".join(words[: taken + 1]), size) <= width:
            taken += 1
        lines.append(" ".join(words[:taken]))
        words = words[taken:]
    shortened = [_shortened(line, width, size) for line in lines]
    if words:
        shortened[-1] = _shortened(lines[-1] + "…", width, size)
    return shortened


def _shortened(line: str, width: float, size: float) -> str:
    while len(line) > 2 and width_of(line, size) > width:
        line = line.removesuffix("…")[:-1].rstrip() + "…"
    return line
