"""Undo and redo of the problem."""

from __future__ import annotations

_MOST = 100


class Undo:
    """The texts that a window has shown, and where it stands among them.

    Example:
        >>> undo = Undo()
        >>> for text in ("a", "b", "b", "c"):
        ...     undo.record(text)
        >>> undo.back(), undo.back(), undo.can_go_back, undo.forth()
        ('b', 'a', False, 'b')
        >>> undo.go_to("a")
        >>> undo.can_go_back, undo.forth()
        (False, 'b')
        >>> undo.record("d")
        >>> undo.can_go_forth
        False
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._place = -1

    def record(self, text: str) -> None:
        """A problem is shown; what was undone before is forgotten, unless it is this one that is shown again."""
        if self._texts and self._texts[self._place] == text:
            return
        if self.can_go_forth and self._texts[self._place + 1] == text:
            self._place += 1
            return
        self._texts = [*self._texts[: self._place + 1], text][-_MOST:]
        self._place = len(self._texts) - 1

    def go_to(self, text: str) -> None:
        """The browser leads to a text that it has shown: nothing is forgotten.

        Of several places that have the text, the nearest is where the window stands then. One that is new here, as it
        was shown before a reload, comes after the present one.
        """
        if text not in self._texts:
            self._texts.insert(self._place + 1, text)
        places = [place for place, one in enumerate(self._texts) if one == text]
        self._place = min(places, key=lambda place: abs(place - self._place))

    @property
    def can_go_back(self) -> bool:
        """Whether there is something to undo."""
        return self._place > 0

    @property
    def can_go_forth(self) -> bool:
        """Whether something was undone."""
        return self._place < len(self._texts) - 1

    def back(self) -> str:
        """The text before this one, which is shown now."""
        self._place = max(0, self._place - 1)
        return self._texts[self._place]

    def forth(self) -> str:
        """The text after this one, which is shown now."""
        self._place = min(len(self._texts) - 1, self._place + 1)
        return self._texts[self._place]
