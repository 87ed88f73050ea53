"""One design of the atlas, and the file that holds them all: one line of JSON for each."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import date
from math import isfinite
from reprlib import repr as shown
from typing import Any

from crestfall.design.design import Design
from crestfall.design.provenance import Provenance
from crestfall.problem.multisine import Multisine

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

    def design(self, fundamental: float = 1.0) -> Design:
        """The phases as a design, measured anew, for tones with another fundamental [Hz] if you like.

        Example:
            >>> from crestfall.atlas import entries
            >>> entry = entries()[1]
            >>> found = entry.design(fundamental=50.0)
            >>> found.multisine, abs(found.crest_factor / entry.crest_factor - 1) < 1e-9
            (Multisine(n=3, 50 … 150 Hz, fundamental 50 Hz, real), True)
        """
        return Design.of(
            multisine_of(self.kind, self.n, fundamental),
            self.phases_rad,
            status=f"from the atlas of {self.date}",
            provenance=Provenance(f"atlas of {self.date}"),
        )


def multisine_of(kind: str, n: int, fundamental: float = 1.0) -> Multisine:
    """The tones of an entry, all of amplitude 1, with harmonic 1 at ``fundamental`` [Hz].

    Example:
        >>> multisine_of("odd", 3).harmonic_numbers.tolist(), multisine_of("complex", 3).harmonic_numbers.tolist()
        ([1, 3, 5], [0, 1, 2])
    """
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; use one of {', '.join(KINDS)}")
    if kind == "complex":
        return Multisine.harmonics(range(n), fundamental, complex=True)
    return Multisine.harmonics(range(1, 2 * n, 2) if kind == "odd" else range(1, n + 1), fundamental)


def to_lines(entries: list[Entry]) -> str:
    """The file of these entries, sorted, one a line."""
    ordered = sorted(entries, key=lambda entry: (KINDS.index(entry.kind), entry.n))
    return "".join(json.dumps(asdict(entry), allow_nan=False) + "\n" for entry in ordered)


def from_lines(text: str) -> list[Entry]:
    """The entries of a file.

    Raises:
        ValueError: A line is not an entry, or repeats one; the message names the line.

    Example:
        >>> from_lines("{}")
        Traceback (most recent call last):
            ...
        ValueError: atlas line 1: fields are missing: kind, n, peak, crest_factor, lower_bound, gap, ...
    """
    entries: dict[tuple[str, int], Entry] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry = _from_dict(json.loads(line))
        except ValueError as error:  # what json raises is one, too
            raise ValueError(f"atlas line {number}: {error}") from None
        except RecursionError:
            raise ValueError(f"atlas line {number}: it is nested too deeply to be an entry") from None
        if (entry.kind, entry.n) in entries:
            raise ValueError(f"atlas line {number}: {entry.kind} n = {entry.n} is there twice")
        entries[entry.kind, entry.n] = entry
    return list(entries.values())


def _from_dict(values: Any) -> Entry:
    if not isinstance(values, dict):
        raise ValueError(f"{type(values).__name__} instead of an object")
    names = [field.name for field in fields(Entry)]
    if missing := [name for name in names if name not in values]:
        raise ValueError(f"fields are missing: {', '.join(missing)}")
    if unknown := sorted(set(values) - set(names)):
        raise ValueError(f"fields are unknown: {', '.join(name[:40] for name in unknown[:5])}")
    if values["kind"] not in KINDS:
        raise ValueError(f"kind is {shown(values['kind'])}; use one of {', '.join(KINDS)}")
    n, phases = values["n"], values["phases_rad"]
    if (
        type(n) is not int
        or not isinstance(phases, list)
        or len(phases) != n
        or not all(_is_number(phase) for phase in phases)
    ):
        raise ValueError(f"phases_rad is not a list of n = {shown(n)} finite numbers")
    for name in ("peak", "crest_factor", "lower_bound", "gap"):
        if not _is_number(values[name]):
            raise ValueError(f"{name} is {shown(values[name])}, not a finite number")
    if values["residual"] is not None and not _is_number(values["residual"]):
        raise ValueError(f"residual is {shown(values['residual'])}, neither a finite number nor null")
    try:
        date.fromisoformat(values["date"])
    except (TypeError, ValueError):
        raise ValueError(f"date is {shown(values['date'])}, not a day such as 2026-01-31") from None
    return Entry(**(values | {"phases_rad": tuple(phases)}))


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False
