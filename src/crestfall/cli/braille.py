"""A canvas of dots in a terminal: every character of the braille block holds two columns of four dots."""

from __future__ import annotations

import numpy as np

_BLANK = 0x2800
# Unicode numbers the dots of a character down the left column and down the right one; the lowest row came later.
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])


class Canvas:
    """Dots, all off at first.

    Args:
        columns: Width in characters; twice as many dots.
        rows: Height in characters; four times as many dots.

    Example:
        >>> canvas = Canvas(2, 1)
        >>> canvas.span(0, 0, 3)
        >>> canvas.span(3, 0, 0)
        >>> canvas.lines()
        ['⡇⢀']
    """

    def __init__(self, columns: int, rows: int) -> None:
        self.width, self.height = 2 * columns, 4 * rows
        self._dots = np.zeros((self.height, self.width), dtype=bool)

    def span(self, column: int, low: int, high: int) -> None:
        """Switch on the dots of a column from ``low`` to ``high``, both included, counted from the lowest row."""
        self._dots[self.height - 1 - high : self.height - low, column] = True

    def lines(self) -> list[str]:
        """The rows of characters, the highest first."""
        cells = self._dots.reshape(self.height // 4, 4, self.width // 2, 2)
        codes = _BLANK + np.einsum("rdcs,ds->rc", cells, _BITS)
        return ["".join(map(chr, row)) for row in codes.tolist()]
