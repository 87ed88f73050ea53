"""Schroeder's phases as a method: a formula, with which every run of a published method begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.search.methods.published import PublishedMethod, Step


@dataclass(frozen=True)
class Schroeder(PublishedMethod):
    """Schroeder's phases: nothing is searched.

    Source: Schroeder, IEEE Trans. Inf. Theory 16(1):85, 1970.
    """

    name: str = field(default="schroeder", init=False)
    title: str = field(default="Schroeder's phases (Schroeder 1970)", init=False, repr=False)
    unproven: str = field(default="a formula, nothing was searched", init=False, repr=False)
    options: frozenset[str] = field(default=frozenset({"time_limit", "target", "seed"}), init=False, repr=False)

    def steps(self, ms: Multisine, start: FloatArray) -> Iterator[Step]:
        """No step at all: the start is the answer."""
        return iter(())

    def refusal(self, problem: Problem) -> str | None:
        """It takes repeated frequencies, too."""
        return None
