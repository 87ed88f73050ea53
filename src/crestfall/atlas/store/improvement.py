"""One row of a store: phases that were better than all before them, their certified peak, and how they were found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from types import UnionType
from typing import Any

import numpy as np
import numpy.typing as npt

import crestfall
from crestfall.atlas.claims import peak_fault, residual_fault
from crestfall.atlas.store.stored_tones import StoredTones
from crestfall.certainty.bounds import lower_bound
from crestfall.certainty.measures import peak_interval, rms
from crestfall.design.design import Design
from crestfall.design.provenance import Provenance
from crestfall.engine.polish import certify
from crestfall.files.reading import shown
from crestfall.problem.arrays import FloatArray
from crestfall.problem.problem import Problem

_MOST_TONES_CERTIFIED = 512
_BOUND_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Improvement:
    """A design of a store.

    Attributes:
        phases_rad: ``(n,)`` phases [rad], frequencies rising.
        peak_low: Certified lower end of the true peak, in units of the largest amplitude.
        peak_high: Certified upper end; designs are compared by it.
        lower_bound: Crest factor that no phases can beat.
        residual: First-order residual of the certificate; ``None`` for more than 512 tones or repeated frequencies.
        method: What chose the phases, in a few words.
        seed: Seed of the search, or ``None``.
        starts: Number of starts of the search.
        seconds: Time of the search [s].
        version: Version of crestfall that found it.
        date_utc: When it was measured, ISO 8601, UTC.
    """

    phases_rad: FloatArray
    peak_low: float
    peak_high: float
    lower_bound: float
    residual: float | None
    method: str
    seed: int | None
    starts: int
    seconds: float
    version: str
    date_utc: str

    @classmethod
    def measured(cls, tones: StoredTones, phases: npt.ArrayLike, provenance: Provenance) -> Improvement:
        """Measure phases (of the canonical tones, in their order) and note how they were found.

        Example:
            >>> from crestfall.problem.multisine import Multisine
            >>> row = Improvement.measured(StoredTones(Multisine([1, 2])), [0.0, 0.0], Provenance("zero phases"))
            >>> round(row.peak_high, 9), row.method, row.version == crestfall.__version__
            (2.0, 'zero phases', True)
        """
        ms = tones.canonical
        # One turn, so that phases which are the same also look the same.
        phases = np.mod(ms.require_phases(phases), 2.0 * np.pi)
        low, high = peak_interval(ms, phases)
        certified = ms.n <= _MOST_TONES_CERTIFIED and not ms.has_repeated_frequencies
        return cls(
            phases_rad=phases,
            peak_low=low,
            peak_high=high,
            lower_bound=lower_bound(ms),
            residual=certify(Problem(ms), phases).residual if certified else None,
            method=provenance.method,
            seed=provenance.seed,
            starts=int(provenance.starts),
            seconds=float(provenance.seconds),
            version=crestfall.__version__,
            date_utc=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def verify(self, tones: StoredTones) -> None:
        """Compute peak, bound and residual anew from nothing but the tones and the phases.

        Raises:
            ValueError: One is not what was written down, or the phases are not ``n`` finite numbers.
        """
        ms, phases = tones.canonical, self.phases_rad
        bound = lower_bound(ms)
        fault = peak_fault(ms, phases, self.peak_low, self.peak_high) or residual_fault(ms, phases, self.residual)
        if not self.lower_bound <= bound * (1.0 + _BOUND_ROUNDING):  # an older, weaker bound still holds
            fault = f"lower bound is {self.lower_bound!r}, but the tones give {bound!r}"
        if fault is not None:
            raise ValueError(f"{tones.name} of {self.date_utc}: {fault}")

    def crest_factor(self, tones: StoredTones) -> float:
        """Certified peak over RMS; ``nan`` for tones of one frequency that cancel."""
        power = rms(tones.canonical, self.phases_rad)
        return self.peak_high / power if power > 1e-9 * float(np.sum(tones.canonical.amplitudes)) else float("nan")

    def design(self, tones: StoredTones) -> Design:
        """The design for the tones as they were asked for, frequencies rising."""
        provenance = Provenance(self.method, self.seed, self.starts, self.seconds)
        residual = "" if self.residual is None else f"residual {self.residual:.0e}, "
        status = f"from a store, {residual}found {self.date_utc} by crestfall {self.version}"
        return Design.of(tones.rising, self.phases_rad, status=status, provenance=provenance)

    def to_row(self) -> tuple[object, ...]:
        """Values of the columns ``COLUMNS``."""
        values = {**self.__dict__, "phases_rad": self.phases_rad.astype("<f8").tobytes()}
        return tuple(values[name] for name in COLUMNS)

    @classmethod
    def from_row(cls, row: tuple[object, ...]) -> Improvement:
        """The improvement of the values of ``COLUMNS``.

        Raises:
            ValueError: A value is not of its kind, as in a file that was damaged or written by another program.
        """
        values: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
        for name, value in values.items():
            if not isinstance(value, _KINDS[name]):
                raise ValueError(f"an improvement is damaged: its {name} is {shown(value)}")
        phases = values["phases_rad"]
        if len(phases) % 8:
            raise ValueError("an improvement is damaged: its phases_rad are not float64")
        values["phases_rad"] = np.frombuffer(phases, "<f8").astype(np.float64)
        return cls(**values)


_KINDS: dict[str, type | UnionType] = {
    "phases_rad": bytes,
    "peak_low": float,
    "peak_high": float,
    "lower_bound": float,
    "residual": float | None,
    "method": str,
    "seed": int | None,
    "starts": int,
    "seconds": float,
    "version": str,
    "date_utc": str,
}
COLUMNS = tuple(_KINDS)
