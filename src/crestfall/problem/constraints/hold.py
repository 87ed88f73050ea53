"""Phases that are not to change: a tone that already runs, and must run on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crestfall.problem.arguments import finite_number, shown
from crestfall.problem.constraints.phase_map import Relation
from crestfall.problem.multisine import Multisine


@dataclass(frozen=True)
class Hold:
    """Hold some phases.

    Attributes:
        phases: Index of each held tone to its phase [rad].

    Example:
        >>> from crestfall import Multisine, minimize_peak
        >>> ms = Multisine.harmonics(range(1, 9))
        >>> design = minimize_peak(ms, constraints=[Hold({0: 0.0, 3: 1.5})], starts=16)
        >>> design.phases[[0, 3]].tolist()
        [0.0, 1.5]
    """

    phases: Mapping[int, float]

    def __post_init__(self) -> None:
        if not isinstance(self.phases, Mapping):
            raise TypeError(
                f"hold: phases is {shown(self.phases)}; give a phase for each index of a tone: Hold({{0: 0.3}})"
            )
        object.__setattr__(self, "phases", dict(self.phases))

    def __hash__(self) -> int:
        return hash(frozenset(self.phases.items()))

    def relations(self, ms: Multisine) -> Iterator[Relation]:
        """``θ_k = phase``.

        Raises:
            ValueError: More held phases than tones, an index that is not a tone, or a phase that is not finite.
        """
        if len(self.phases) > ms.n:
            raise ValueError(f"hold names {len(self.phases)} tones, but there are only {ms.n}; hold each tone once")
        for tone, phase in self.phases.items():
            require_tone("hold", tone, ms)
            angle = finite_number(f"hold: the phase of tone {tone}", phase, "a finite angle in radians", unit="rad")
            yield Relation(int(tone), None, 0.0, angle, f"hold of tone {tone} at {angle:g} rad")


def require_tone(name: str, tone: object, ms: Multisine) -> int:
    """An index of a tone, 0 … n−1."""
    if isinstance(tone, bool) or not hasattr(tone, "__index__") or not 0 <= tone.__index__() < ms.n:
        raise ValueError(f"{name}: {tone!r} is not a tone; give an index from 0 to {ms.n - 1}")
    return int(tone.__index__())
