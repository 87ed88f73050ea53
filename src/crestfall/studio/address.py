"""The problem in the address of the page, and the way back to those before it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

from crestfall.studio.controls import STYLE
from crestfall.studio.draft import Draft
from crestfall.studio.limits import Limits
from crestfall.studio.parts import Link
from crestfall.studio.problem_in_address import packed, unpacked
from crestfall.studio.undo import Undo


class Address:
    """The address of the page, with Undo, Redo and the browser's Back.

    Args:
        limits: What is unpacked.
        go_to: Called with a function that makes the draft to show; it returns whether there is one.

    Attributes:
        part: The link on the page.
        undo: The problems of the window.
    """

    def __init__(self, limits: Limits, go_to: Callable[[Callable[[], Draft]], bool]) -> None:
        self._limits, self._go_to = limits, go_to
        self.part = Link(self._went_back, stylesheets=[STYLE], margin=0)
        self.undo = Undo()

    def show(self, draft: Draft) -> None:
        """Put a problem that is shown into the address."""
        self.undo.record(draft.text)
        self.part.show(packed(draft.text), draft.text)

    def restore(self, draft: Draft) -> None:
        """Put it there again, after somebody went elsewhere and then did not want to."""
        self.undo.go_to(draft.text)
        self.part.restore_address()

    def back(self) -> None:
        """Show the problem before this one."""
        self._go_to(lambda: Draft.of_text(self.undo.back(), self._limits))

    def forth(self) -> None:
        """Show the problem after this one, which was shown before."""
        self._go_to(lambda: Draft.of_text(self.undo.forth(), self._limits))

    def _went_back(self, search: str, text: str | None) -> None:
        """Show the problem of an address that the browser's Back, Forward or a reload led to."""

        def draft() -> Draft:
            if text == "":
                raise ValueError("this browser no longer has the problem of this link; begin with an example")
            packets = parse_qs(search.removeprefix("?")).get("problem", [""])
            found = Draft.of_text(unpacked(packets[0], self._limits) if text is None else text, self._limits)
            self.undo.go_to(found.text)  # so that Redo leads forward again
            return found

        if not self._go_to(draft):
            self.part.restore_address()
