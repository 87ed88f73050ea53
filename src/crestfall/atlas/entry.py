"""One design of the atlas, and the file that holds them all: one line of JSON for each."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from crestfall.atlas.verification import verified_interval
from crestfall.design import Design
from crestfall.multisine import Multisine

KINDS = ("real", "complex", "odd")
"""Flat real harmonics 1..n, flat complex harmonics 0..n-1, flat real odd harmonics 1, 3, …, 2n-1."""


@dataclass(frozen=True)
class Entry:
    """The best design found for one problem.

    Attributes:
        kind: One of ``KINDS``.
        n: Number of tones, of amplitude 1.
        peak: Certified upper end of the true peak.
        crest_factor: ``peak`` over RMS.
        lower_bound: Crest factor that no phases can beat.
        gap: ``crest_factor / lower_bound − 1``.
        residual: First-order residual of the certificate, or ``None`` where it was not computed.
        active_peaks: Number of active peaks, or ``None``.
        proven: Whether branch and bound has proved that no phases are more than 0.1 % better.
        date: Day of the last improvement, ISO 8601.
        method: How it was found.
        phases_rad: ``(n,)`` phases [rad], frequencies rising.
    """

    kind: str
    n: int
    peak: float
    crest_factor: float
    lower_bound: float
    gap: float
    residual: float | None
    active_peaks: int | None
    proven: bool
    date: str
    method: str
    phases_rad: tuple[float, ...]

    @property
    def multisine(self) -> Multisine:
        """The tones."""
        return multisine_of(self.kind, self.n)

    @classmethod
    def of(cls, kind: str, design: Design, date: str, *, proven: bool = False) -> Entry:
        """The entry of a design for the tones of ``multisine_of(kind, n)``."""
        ms = design.multisine
        stationary = design.certificate if ms.n <= 512 else None
        high = design.peak_interval[1]
        return cls(
            kind=kind,
            n=ms.n,
            peak=high,
            crest_factor=high / design.rms,
            lower_bound=design.lower_bound,
            gap=high / design.rms / design.lower_bound - 1.0,
            residual=None if stationary is None else stationary.residual,
            active_peaks=None if stationary is None else len(stationary.times),
            proven=proven,
            date=date,
            method=design.provenance.method,
            phases_rad=tuple(design.phases.tolist()),
        )

    def verified(self) -> Entry:
        """The same entry with its peak measured again from the phases.

        Raises:
            ValueError: The peak that is written down is lower than what the phases give.
        """
        what = f"atlas entry {self.kind} n = {self.n}"
        _, high = verified_interval(self.multisine, np.array(self.phases_rad), self.peak, what)
        return replace(self, peak=high)


def multisine_of(kind: str, n: int) -> Multisine:
    """The tones of an entry, all of amplitude 1.

    Example:
        >>> multisine_of("odd", 3).harmonic_numbers.tolist(), multisine_of("complex", 3).harmonic_numbers.tolist()
        ([1, 3, 5], [0, 1, 2])
    """
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; use one of {', '.join(KINDS)}")
    if kind == "complex":
        return Multisine.harmonics(range(n), complex=True)
    return Multisine.harmonics(range(1, 2 * n, 2) if kind == "odd" else range(1, n + 1))


def to_lines(entries: list[Entry]) -> str:
    """The file of these entries, sorted, one a line."""
    ordered = sorted(entries, key=lambda entry: (KINDS.index(entry.kind), entry.n))
    return "".join(json.dumps(asdict(entry), allow_nan=False) + "\n" for entry in ordered)


def from_lines(text: str) -> list[Entry]:
    """The entries of a file."""
    return [_from_dict(json.loads(line)) for line in text.splitlines() if line.strip()]


def _from_dict(values: dict[str, Any]) -> Entry:
    return Entry(**(values | {"phases_rad": tuple(values["phases_rad"])}))
