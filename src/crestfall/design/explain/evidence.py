"""What the words of an explanation rest on: certificates, and what the tones contribute to the peak."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from crestfall.design.design import Design
from crestfall.engine.polish import Certificate
from crestfall.engine.polish.shares import tone_shares
from crestfall.problem.arrays import FloatArray
from crestfall.problem.division import Part

MOST_TONES = 512
"""A certificate of more tones takes minutes, and their search does not end at one."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """First- and second-order conditions of a design, computed again from its problem, tones and phases.

    Attributes:
        design: The design.
        certificates: One for each set of phases that was chosen by itself; ``None`` where there are none.
        missing: Why there are none; empty where there are.
        part: The part whose phases decide the worst signal.
        certificate: Its certificate, or ``None``.
        shares: ``(n,)`` shares of that part's tones in the peak (see ``crestfall.engine.polish.shares``), or ``None``
            where it is not stationary.
    """

    design: Design
    certificates: tuple[Certificate, ...] | None
    missing: str
    part: Part
    certificate: Certificate | None
    shares: FloatArray | None

    @classmethod
    def of(cls, design: Design) -> Evidence:
        """Ask for the certificates, where that makes sense and does not take minutes."""
        missing = _why_none(design)
        number = design.deciding_part
        part = design.parts[number]
        if missing:
            return cls(design, None, missing, part, None, None)
        certificate, shares = design.certificates[number], None
        if certificate.is_stationary:
            shares = tone_shares(design.problem_of(part), design.phases[part.where], certificate)
        return cls(design, design.certificates, "", part, certificate, shares)


def _why_none(design: Design) -> str:
    levels = design.problem.alphabet
    if levels is not None:
        return f"its phases are of an alphabet of {levels} phases, which has no small changes"
    if design.problem.delay_steps is not None:
        return "delays in steps have no small changes"
    if any(part.problem.tones.n > MOST_TONES for part in design.parts):
        return f"there are more than {MOST_TONES} tones"
    if not design.worst.peak > 0.0 or isnan(design.crest_factor):
        return "the signal is silent"
    if all(part.problem.phase_map.n_free == 0 for part in design.parts):
        return "the constraints leave no phases to choose"
    return ""
