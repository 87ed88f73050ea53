"""Is an entry of the atlas what it says? Everything is computed again from its phases."""

from __future__ import annotations

import numpy as np

from crestfall.atlas.claims import ROUNDING, peak_fault, residual_fault
from crestfall.atlas.entry import Entry
from crestfall.atlas.proofs import proof_of
from crestfall.certainty.bounds import lower_bound

_PROVEN_GAP = 1.001e-3


def proof_fault(entry: Entry) -> str | None:
    """What is wrong with the proof of an entry's lower bound, which is repeated; ``None`` if it holds or there is none.

    Example:
        >>> from crestfall.atlas import entries
        >>> print(proof_fault(entries()[1]))
        None
    """
    proof = proof_of(entry)
    if proof is None:
        return None
    try:
        proof.check(entry.multisine)
    except ValueError as error:
        return f"the proof of its bound: {error}"
    if proof.peak > entry.peak:
        return f"the proof of its bound says that the peak is above {proof.peak!r}, but it is {entry.peak!r}"
    return None


def faults(entry: Entry) -> list[str]:
    """What is wrong with an entry, a line each; nothing if it holds.

    The stored peak must lie in the certified interval of the true peak (to ``1e-10``, relative), crest factor, bound
    and gap must follow from it, and phases that are said to be stationary must be so.

    Args:
        entry: The entry; only its tones and phases are believed.

    Example:
        >>> from dataclasses import replace
        >>> from crestfall.atlas import entries
        >>> faults(entries()[0])
        []
        >>> faults(replace(entries()[0], peak=1.5, crest_factor=1.5))[0]
        'peak is 1.5, but the phases give 1.76017...'
    """
    ms = entry.multisine
    phases = np.array(entry.phases_rad)
    found = [peak_fault(ms, phases, entry.peak, entry.peak), residual_fault(ms, phases, entry.residual)]
    for name, value in (
        ("crest_factor", entry.peak / ms.nominal_rms),
        ("lower_bound", _expected_bound(entry)),
        ("gap", entry.crest_factor / entry.lower_bound - 1.0),
    ):
        stored = getattr(entry, name)
        if abs(stored - value) > ROUNDING * (1.0 + abs(value)):
            found.append(f"{name} is {stored!r}, but should be {value!r}")
    if entry.proven and entry.gap > _PROVEN_GAP:
        found.append(f"proven, but the gap is {entry.gap!r}")
    return [fault for fault in found if fault is not None]


def _expected_bound(entry: Entry) -> float:
    """The analytic bound, or what branch and bound has proved if that is possible: above it, and below the design."""
    analytic = lower_bound(entry.multisine)
    if entry.proven and analytic <= entry.lower_bound <= entry.crest_factor * (1.0 + ROUNDING):
        return entry.lower_bound
    return analytic
