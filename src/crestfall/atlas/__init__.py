"""The atlas: the best designs found so far, shipped with the package and verified by its tests."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np

from crestfall.atlas.entry import Entry, from_lines
from crestfall.atlas.proofs import highest_bound, proof_of
from crestfall.atlas.same_problem import Key, from_key_order, key_of
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine

__all__ = ["Entry", "entries", "find", "highest_bound", "proof_of"]

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
