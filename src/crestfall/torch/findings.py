"""What was noticed about an optimisation: a code for programs, a sentence and a remedy for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was noticed.

    Attributes:
        code: Stable name for programs, such as ``stale-graph``.
        message: What is the case, in one sentence.
        remedy: What to do about it.

    Example:
        >>> print(Finding("saddle-at-start", "the start is a saddle", "start from random phases"))
        the start is a saddle; start from random phases
    """

    code: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}"
