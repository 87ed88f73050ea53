"""What was noticed about an optimisation: a code for programs, sentences and a remedy for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was noticed.

    Attributes:
        code: Stable name for programs, such as ``stale-graph``.
        message: What was seen, in one sentence, with numbers and names.
        remedy: What to do about it.
        why: Why that stops the optimisation.
        fix: The remedy as code, two lines at most.
        parameters: Names of the parameters that it is about.

    Example:
        >>> print(Finding("saddle-at-start", "the start is a saddle", "start from random phases"))
        the start is a saddle; start from random phases
    """

    code: str
    message: str
    remedy: str
    why: str = ""
    fix: str = ""
    parameters: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}"
