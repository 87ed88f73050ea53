"""The atlas: the best designs found so far, shipped with the package and verified by its tests."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np

from crestfall.atlas.bounds import ProvedPeak, highest_bound, proved_peak
from crestfall.atlas.entry import Entry, from_lines
from crestfall.atlas.proofs import proof_of
from crestfall.atlas.same_problem import Key, from_key_order, key_of
from crestfall.certainty.scaled_bound import scaled_bound
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine

__all__ = ["Entry", "ProvedPeak", "entries", "find", "highest_bound", "proof_of", "proved_for", "proved_peak"]

FILE = "designs.jsonl"


@cache
def entries() -> tuple[Entry, ...]:
    """All entries, by kind and number of tones."""
    return tuple(from_lines(files(__package__).joinpath(FILE).read_text(encoding="utf-8")))


@cache
def _by_key() -> dict[Key, Entry]:
    return {key_of(entry.multisine): entry for entry in entries()}


def find(ms: Multisine) -> tuple[Entry, FloatArray] | None:
    """The entry that solves the same problem, and its phases for these tones.

    Args:
        ms: Tones with any fundamental, amplitude and order; complex ones with any frequency offset.

    Returns:
        The entry and ``(n,)`` phases [rad] in the order of the tones, or ``None``.

    Example:
        >>> from crestfall.certainty.measures import crest_factor
        >>> ms = Multisine.harmonics([3, 1, 2], fundamental=50.0, amplitudes=2.0)
        >>> entry, phases = find(ms)
        >>> abs(crest_factor(ms, phases) - entry.crest_factor) < 1e-9
        True
    """
    entry = _by_key().get(key_of(ms))
    if entry is None:
        return None
    return entry, from_key_order(ms, np.array(entry.phases_rad))


def proved_for(ms: Multisine) -> ProvedPeak | None:
    """The highest peak, in the unit of the amplitudes, that is proved for the tones of an entry.

    Args:
        ms: Tones with any fundamental, amplitude and order; complex ones with any frequency offset.

    Returns:
        The peak and the argument that proves it; ``None`` where there is no entry, or nothing beyond formulas.

    Example:
        >>> found = proved_for(Multisine.harmonics(range(1, 32), fundamental=50.0, amplitudes=2.0))
        >>> round(found.peak / (2.0 * 15.5**0.5), 4), found.argument
        (1.2021, 'moments of 3 derivatives, order 2')
    """
    entry = _by_key().get(key_of(ms))
    found = None if entry is None else proved_peak(entry)
    if found is None:
        return None
    # The key rounds amplitudes: what they differ by is taken off.
    return found._replace(peak=scaled_bound(found.peak, np.ones(ms.n), ms.amplitudes))
