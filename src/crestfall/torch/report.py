"""What the doctor returns: findings for programs, a short table for people."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from crestfall.torch.findings import Finding

_WIDTH = 100  # characters of a printed line


@dataclass(frozen=True, eq=False)
class Report(Sequence[Finding]):
    """Findings, most fundamental first. It is a sequence of them, so that ``if report:`` asks whether there are any.

    Attributes:
        findings: The faults and obstacles that were found.
        checked: What was looked at, for the line that a healthy optimisation gets.
        notes: Remarks that are not faults, such as deliberately frozen parameters.
        passes: How often the loss was computed.

    Example:
        >>> finding = Finding("no-step", "nothing moved", "call optimizer.step()", fix="optimizer.step()")
        >>> print(Report((finding,)))
        1 finding
        1. no-step: nothing moved
           remedy: call optimizer.step()
               optimizer.step()
        >>> print(Report((), checked=("gradients of 2 parameters",)))
        no fault found; checked: gradients of 2 parameters
    """

    findings: tuple[Finding, ...]
    checked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    passes: int = 0

    def __len__(self) -> int:
        return len(self.findings)

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        return self.findings[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(self.findings)

    @property
    def codes(self) -> list[str]:
        """The codes of the findings."""
        return [finding.code for finding in self.findings]

    def __str__(self) -> str:
        if not self.findings:
            lines = _wrapped("", self._healthy())
        else:
            lines = [f"{len(self.findings)} finding{'s' if len(self.findings) > 1 else ''}"]
        for number, finding in enumerate(self.findings, start=1):
            lines += _wrapped(f"{number}. ", f"{finding.code}: {finding.message}")
            if finding.why:
                lines += _wrapped("   ", f"why: {finding.why}")
            lines += _wrapped("   ", f"remedy: {finding.remedy}")
            lines += [f"       {line}" for line in finding.fix.splitlines()]
        for note in self.notes:
            lines += _wrapped("   ", f"note: {note}") if self.findings else _wrapped("", f"note: {note}")
        return "\n".join(lines)

    def _healthy(self) -> str:
        return f"no fault found; checked: {', '.join(self.checked) or 'nothing'}"

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """The same as an HTML table, for notebooks."""
        notes = "".join(f"<p>note: {html.escape(note)}</p>" for note in self.notes)
        if not self.findings:
            return f"<p>{html.escape(self._healthy())}</p>{notes}"
        rows = [
            f"<tr><td><b>{html.escape(finding.code)}</b></td><td>{html.escape(finding.message)}</td>"
            f"<td>{html.escape(finding.why)}</td><td>{html.escape(finding.remedy)}"
            f"{f'<pre>{html.escape(finding.fix)}</pre>' if finding.fix else ''}</td></tr>"
            for finding in self.findings
        ]
        head = "<tr><th>finding</th><th>what was seen</th><th>why it stops</th><th>remedy</th></tr>"
        return f"<table>{head}{''.join(rows)}</table>{notes}"


def _wrapped(first: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=" " * len(first), break_on_hyphens=False)
