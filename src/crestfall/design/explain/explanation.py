"""The explanation of a design: four sections of sentences, and the evidence behind them."""

from __future__ import annotations

from dataclasses import dataclass

from crestfall.design.design import Design
from crestfall.design.explain.commands import Commands
from crestfall.design.explain.evidence import MOST_TONES, Evidence
from crestfall.design.explain.proven import what_is_proven
from crestfall.design.explain.what_it_is import what_it_is
from crestfall.design.explain.what_limits import what_limits
from crestfall.design.explain.what_next import what_next
from crestfall.engine.polish import Certificate
from crestfall.problem.arrays import ComparedByValue, FloatArray

__all__ = ["MOST_TONES", "Explanation", "Section", "explain"]


@dataclass(frozen=True)
class Section:
    """A title and its sentences, one a line."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Explanation(ComparedByValue):
    """What ``explain`` has to say.

    Attributes:
        sections: Titles with their sentences, in the order of reading.
        certificates: First- and second-order conditions, one for each set of phases that was chosen by itself (see
            ``Design.certificates``); ``None`` where there are none.
        certificate: That of the phases that decide the worst signal, or ``None``.
        tone_shares: ``(n,)`` shares of these tones in the peak (see ``crestfall.engine.polish.shares``), or ``None``.
        peak_names: Names of the signals that the peaks of ``certificate`` are counted by.
    """

    sections: tuple[Section, ...]
    certificates: tuple[Certificate, ...] | None
    certificate: Certificate | None
    tone_shares: FloatArray | None
    peak_names: tuple[str, ...]

    def __str__(self) -> str:
        return "\n\n".join("\n".join([part.title, *(f"  {line}" for line in part.lines)]) for part in self.sections)


def explain(design: Design, name: str = "FILE") -> Explanation:
    """Explain a design of any kind; everything is computed again from its problem, tones and phases.

    Args:
        design: Any design, however it was found.
        name: What its file is called, for the commands that are suggested. They save their answers next to it, in a
            file that does not exist yet.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> from crestfall.problem.problem import Problem
        >>> both = [Multisine([1.0, 3.0]), Multisine([2.0, 4.0])]
        >>> words = explain(Design.of(Problem.interleaved(both, names=["x", "y"]), [0.0, 0.0, 0.0, 1.0]))
        >>> [section.title for section in words.sections]
        ['What it is', 'What is proven', 'What limits it', 'What to try next']
        >>> words.sections[2].lines[0]
        'x is the worst input: its crest factor is 2.0000.'
    """
    evidence = Evidence.of(design)
    sections = (
        Section("What it is", tuple(what_it_is(design))),
        Section("What is proven", tuple(what_is_proven(evidence))),
        Section("What limits it", tuple(what_limits(evidence))),
        Section("What to try next", tuple(what_next(evidence, Commands.of(name)))),
    )
    names = tuple(output.name for output in evidence.part.problem.outputs) or (evidence.part.label or "drive",)
    return Explanation(sections, evidence.certificates, evidence.certificate, evidence.shares, names)
