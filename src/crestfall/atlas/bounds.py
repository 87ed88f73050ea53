"""The highest bound that is proved for the tones of an entry, at hand without reading the proofs themselves.

``bounds.jsonl`` holds peak and argument of every proof of ``proofs.jsonl``, which is a hundred times as long; the two
are written together, and a test holds them against each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from crestfall.atlas.claims import ROUNDING
from crestfall.atlas.entry import Entry
from crestfall.certainty.peak_proof import PeakProof
from crestfall.design.design import BRANCH_AND_BOUND

FILE = "bounds.jsonl"

Key = tuple[str, int]
"""Kind and number of tones of an entry."""

_ROUNDING = 1e-12


class ProvedPeak(NamedTuple):
    """A peak of tones of amplitude 1 that no phases can beat, and the argument that proves it."""

    peak: float
    argument: str


@cache
def proved_peaks() -> dict[Key, ProvedPeak]:
    """What the proofs of the atlas say, by kind and number of tones."""
    return from_lines(files(__package__).joinpath(FILE).read_text(encoding="utf-8"))


def proved_peak(entry: Entry) -> ProvedPeak | None:
    """The highest peak that is proved to be one that no phases of an entry's tones can beat; ``None`` if none is.

    Example:
        >>> from crestfall.atlas import entries
        >>> proved_peak(entries()[10])   # real, n = 12: its branch and bound is too long to be shipped as a proof
        ProvedPeak(peak=3.38540..., argument='branch and bound')
    """
    shipped = proved_peaks().get((entry.kind, entry.n))
    if entry.proven and (shipped is None or shipped.argument != BRANCH_AND_BOUND):
        return ProvedPeak(entry.lower_bound * entry.multisine.nominal_rms * (1.0 - ROUNDING), BRANCH_AND_BOUND)
    return shipped


def highest_bound(entry: Entry) -> float:
    """Crest factor that no phases of an entry's tones can beat: the entry's own bound, or what is proved.

    Example:
        >>> from crestfall.atlas import entries
        >>> entry = next(one for one in entries() if (one.kind, one.n) == ("real", 64))
        >>> highest_bound(entry) > entry.lower_bound
        True
    """
    shipped = proved_peaks().get((entry.kind, entry.n))
    proved = 0.0 if shipped is None else shipped.peak / entry.multisine.nominal_rms * (1.0 - _ROUNDING)
    return max(entry.lower_bound, proved)


def to_lines(proofs: Mapping[Key, PeakProof]) -> str:
    """The file for these proofs, in their order."""
    rows: Iterable[dict[str, object]] = (
        {"kind": kind, "n": n, "peak": proof.peak, "argument": proof.argument} for (kind, n), proof in proofs.items()
    )
    return "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows)


def from_lines(text: str) -> dict[Key, ProvedPeak]:
    """The peaks and arguments of a file.

    Example:
        >>> from_lines('{"kind": "real", "n": 3, "peak": 1.97, "argument": "branch and bound"}')
        {('real', 3): ProvedPeak(peak=1.97, argument='branch and bound')}
    """
    rows = map(json.loads, text.splitlines())
    return {(row["kind"], row["n"]): ProvedPeak(row["peak"], row["argument"]) for row in rows}
