"""How a design was found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Provenance:
    """How a design was found.

    Attributes:
        method: What chose the phases, in a few words.
        seed: Seed of the random starts, or ``None`` if nothing was random.
        starts: Number of starts tried.
        seconds: Time the search took [s].
        history: ``(seconds, figure of merit)`` at each improvement (see ``Problem.figure``).
    """

    method: str
    seed: int | None = None
    starts: int = 0
    seconds: float = 0.0
    history: tuple[tuple[float, float], ...] = ()
