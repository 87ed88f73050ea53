"""Phases that keep their differences: a group of tones that moves as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crestfall.problem.arguments import finite_number, items
from crestfall.problem.constraints.hold import require_tone
from crestfall.problem.constraints.phase_map import Relation
from crestfall.problem.multisine import Multisine


@dataclass(frozen=True)
class Link:
    """Link the phases of some tones: their differences are given, their common phase is free.

    Attributes:
        tones: Indices, two or more.
        offsets: Phase of each relative to the group's [rad]; by default all are equal.

    Example:
        >>> from crestfall import Multisine, minimize_peak
        >>> design = minimize_peak(Multisine.harmonics(range(1, 9)), constraints=[Link((0, 1, 2))], starts=16)
        >>> bool(abs(design.phases[1] - design.phases[0]) < 1e-12)
        True
    """

    tones: Sequence[int]
    offsets: Sequence[float] | None = None

    def __post_init__(self) -> None:
        # Tuples, so that equal constraints are equal whatever they were made of.
        object.__setattr__(self, "tones", items("link: tones", self.tones, "a list of indices of tones"))
        if self.offsets is not None:
            need = "a list of angles in radians"
            object.__setattr__(self, "offsets", items("link: offsets", self.offsets, need))

    def relations(self, ms: Multisine) -> Iterator[Relation]:
        """``θ_k − θ_first = o_k − o_first``.

        Raises:
            ValueError: An index that is not a tone or occurs twice, or offsets that are too few, too many, not finite.
        """
        tones = [require_tone("link", tone, ms) for tone in self.tones]
        if len(set(tones)) < max(len(tones), 2):
            raise ValueError(f"link has the tones {list(self.tones)}; name two or more, each once")
        need = "a finite angle in radians"
        given = [0.0] * len(tones) if self.offsets is None else self.offsets
        offsets = [finite_number(f"link: offsets[{k}]", offset, need, unit="rad") for k, offset in enumerate(given)]
        if len(offsets) != len(tones):
            raise ValueError(f"link: offsets are {offsets}; give one angle in radians for each of {len(tones)}")
        for tone, offset in zip(tones[1:], offsets[1:], strict=True):
            yield Relation(tone, tones[0], 1.0, offset - offsets[0], f"link of tones {tones[0]} and {tone}")
