"""Is an entry of the atlas what it says? Everything is computed again from its phases."""

from __future__ import annotations

from math import sqrt

import numpy as np

from crestfall.atlas.entry import Entry
from crestfall.bounds import lower_bound
from crestfall.measures import peak_interval
from crestfall.polish import certify

_ROUNDING = 1e-10
"""Relative: what another machine's sines and FFTs may change."""
_RESIDUAL = 1e-9
_PROVEN_GAP = 1.001e-3


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
    low, high = peak_interval(ms, phases)
    found = []
    if not low * (1.0 - _ROUNDING) <= entry.peak <= high * (1.0 + _ROUNDING):
        found.append(f"peak is {entry.peak!r}, but the phases give {low!r}")
    rms = sqrt(entry.n if ms.complex else entry.n / 2)
    for name, value in (
        ("crest_factor", entry.peak / rms),
        ("lower_bound", _expected_bound(entry)),
        ("gap", entry.crest_factor / entry.lower_bound - 1.0),
    ):
        stored = getattr(entry, name)
        if abs(stored - value) > _ROUNDING * (1.0 + abs(value)):
            found.append(f"{name} is {stored!r}, but should be {value!r}")
    if entry.proven and entry.gap > _PROVEN_GAP:
        found.append(f"proven, but the gap is {entry.gap!r}")
    if entry.residual is not None:
        residual = certify(ms, phases).residual
        if residual > max(_RESIDUAL, 2.0 * entry.residual):
            found.append(f"residual is {entry.residual!r}, but the phases give {residual!r}")
    return found


def _expected_bound(entry: Entry) -> float:
    """The analytic bound, or what branch and bound has proved if that is possible: above it, and below the design."""
    analytic = lower_bound(entry.multisine)
    if entry.proven and analytic <= entry.lower_bound <= entry.crest_factor * (1.0 + _ROUNDING):
        return entry.lower_bound
    return analytic
