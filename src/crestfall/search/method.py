"""What a method is: it runs a compiled problem within a budget, and says why it does not suit a problem."""

from __future__ import annotations

from typing import Protocol

from crestfall.problem.problem import Problem
from crestfall.search.run import Run, Solution


class Method(Protocol):
    """A way to choose phases. Make one of your own with these members, and give it to ``minimize_peak(method=…)``.

    Attributes:
        name: What it is called.
        options: Fields of ``Effort`` that it uses; any other one that is asked for is refused.
        abilities: What it is in the words of the table of exclusions (``crestfall.problem.compatibility``).
    """

    @property
    def name(self) -> str: ...

    @property
    def options(self) -> frozenset[str]: ...

    @property
    def abilities(self) -> frozenset[str]: ...

    def refusal(self, problem: Problem) -> str | None:
        """Why it cannot run this problem of one drive, beyond what the table says; ``None`` if it can."""
        ...

    def run(self, run: Run) -> Solution:
        """Choose the variables of ``run.problem``: offer each candidate to ``run``, and ask ``run.spent()`` often."""
        ...


def require_suitable(method: Method, problem: Problem) -> None:
    """Raise a ``ValueError`` with the method's reason, if it refuses a problem of one drive."""
    refusal = method.refusal(problem)
    if refusal is not None:
        raise ValueError(f"method {method.name!r} is not for this problem: {refusal}")
