"""Lower bounds: what no choice of phases can beat, from the frequencies and amplitudes alone. One bound per file."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt
from typing import NamedTuple, Protocol

import numpy as np

from crestfall.certainty.bounds.bernstein_szego import bernstein_szego
from crestfall.certainty.bounds.components import in_phase_tones
from crestfall.certainty.bounds.fejer_pair import fejer_pair
from crestfall.certainty.bounds.montgomery_vaughan import montgomery_vaughan
from crestfall.certainty.bounds.quartic import quartic
from crestfall.certainty.bounds.repeated import crest_factor_bound, least_magnitudes
from crestfall.certainty.bounds.square_spectrum import MOST_TONES, square_spectrum
from crestfall.certainty.bounds.triangle import triangle
from crestfall.certainty.moments import BoundProof, has_moments, moment_bound, moment_bounds
from crestfall.problem.arguments import finite_number
from crestfall.problem.multisine import Multisine
from crestfall.problem.tones_argument import takes_tones

__all__ = [
    "Bound",
    "bernstein_szego",
    "components_lower_bound",
    "lower_bound",
    "montgomery_vaughan",
    "peak_lower_bound",
    "prove_bound",
    "strongest_bound",
    "strongest_components_bound",
]

_ROUNDING = 1e-12
_REMEMBERED = 16


class HasTimeLimit(Protocol):
    """What says how hard to try: an ``Effort``."""

    @property
    def time_limit(self) -> float | None:
        """Seconds."""


class Bound(NamedTuple):
    """A crest factor that no phases can beat, and whose argument says so."""

    crest_factor: float
    name: str


@takes_tones
def lower_bound(ms: Multisine, *, effort: float | HasTimeLimit | None = None) -> float:
    """Crest factor that no phases can beat: the largest of all bounds (see ``strongest_bound``).

    Exact for a single frequency: any sum of equal frequencies that is not silent has crest factor √2 (real) or 1.

    Args:
        ms: The tones.
        effort: Seconds that a proof by moments may take (see ``crestfall.certainty.moments``), or an ``Effort``, for
            its ``time_limit``. By default the bounds that cost milliseconds.

    Raises:
        ValueError: The effort is not a finite number of seconds above 0.

    Example:
        >>> round(lower_bound(Multisine.harmonics(range(1, 32))), 6)
        1.161738
        >>> round(lower_bound(Multisine.harmonics(range(16), complex=True)) ** 2, 6)   # 1 + 2/16
        1.125
        >>> round(lower_bound(Multisine.harmonics(range(1, 4)), effort=60.0), 2)   # the optimum is 1.6165
        1.59
    """
    return strongest_bound(ms, effort=effort).crest_factor


@takes_tones
def strongest_bound(ms: Multisine, *, effort: float | HasTimeLimit | None = None) -> Bound:
    """The largest of the bounds that apply: Parseval, Bernstein–Szegő, Fejér, quartic, triangle, and moments in time.

    Fejér, quartic and triangle look at pairs of tones or of lags and are left out above 512 tones; repeated frequencies
    and a constant leave only the first two. Arguments and errors are those of ``lower_bound``.

    Example:
        >>> strongest_bound(Multisine.harmonics(range(1, 32))).name
        'Bernstein–Szegő'
        >>> strongest_bound(Multisine.harmonics(range(16), complex=True)).name
        'Fejér'
    """
    best = _without_moments(ms)
    seconds = _seconds(effort)
    if seconds is None or not has_moments(ms):
        return best
    found = moment_bound(ms, best.crest_factor * ms.nominal_rms, seconds)
    return best if found is None else Bound(found.peak / ms.nominal_rms * (1.0 - _ROUNDING), found.name)


@lru_cache(_REMEMBERED)
def _without_moments(ms: Multisine) -> Bound:
    """The largest of the bounds that cost milliseconds; remembered, as a search asks again and again."""
    if ms.complex:
        bounds = [Bound(1.0, "Parseval")]
    elif ms.has_repeated_frequencies:
        bounds = [Bound(crest_factor_bound(ms), "Bernstein–Szegő")]
    else:
        bounds = [Bound(bernstein_szego(ms), "Bernstein–Szegő")]
    if 1 < ms.n <= MOST_TONES and not ms.has_repeated_frequencies and not ms.has_constant:
        square = square_spectrum(ms)
        more = [Bound(fejer_pair(square), "Fejér"), Bound(quartic(square), "quartic")]
        if not ms.complex:
            more.append(Bound(triangle(ms), "triangle"))
        # Their sums round; a bound must not be above the truth by that.
        bounds += [Bound(max(1.0, bound.crest_factor * (1.0 - _ROUNDING)), bound.name) for bound in more]
    return max(bounds, key=lambda bound: bound.crest_factor)


@takes_tones
def prove_bound(ms: Multisine, *, effort: float | HasTimeLimit = 30.0) -> BoundProof:
    """A proof that no phases beat some peak, which can be saved and checked by others.

    The peak is that of ``peak_lower_bound(ms, effort=effort)``, where moments prove more than the formulas.

    Args:
        ms: The tones.
        effort: Seconds that it may take, or an ``Effort``, for its ``time_limit``.

    Raises:
        ValueError: The effort is not a finite number of seconds above 0; there is no argument by moments for these
            tones; or it proved nothing above the bounds by formula in this time.

    Example:
        >>> proof = prove_bound(Multisine.harmonics(range(1, 4)), effort=60.0)
        >>> print(proof)
        no phases of 3 real tones (harmonics 1:3, all of amplitude 1) have a crest factor below 1.585... order 4
        >>> proof.check() == proof.peak
        True
    """
    seconds = _seconds(effort)
    if seconds is None:
        raise ValueError("effort is None; give seconds, such as 30.0")
    if not has_moments(ms):
        raise ValueError("these tones have no proof by moments; give two or more distinct frequencies, none of them 0")
    formula, missed = strongest_bound(ms), list[str]()
    bounds = list(moment_bounds(ms, formula.crest_factor * ms.nominal_rms, seconds, missed=missed))
    for bound in reversed(bounds):  # the last, unless rounding its root leaves the range that its squares prove
        proof = BoundProof.of(ms, bound)
        if proof.is_valid():
            return proof
    known = f"{formula.name}'s bound {formula.crest_factor:.4f}"
    if not missed:
        raise ValueError(f"moments prove nothing above {known} for these tones; there is no proof to keep")
    raise ValueError(f"effort is {seconds:g} s, in which moments proved nothing above {known}; give more time")


def _seconds(effort: float | HasTimeLimit | None) -> float | None:
    limit = getattr(effort, "time_limit", effort)
    if limit is None and effort is not None:
        raise ValueError("effort has no time_limit; give one, such as Effort(time_limit=30.0), or seconds")
    need = "a finite number of seconds above 0, such as 30.0, or an Effort with a time_limit"
    return None if limit is None else finite_number("effort", limit, need, above_zero=True, unit="s")


@takes_tones
def peak_lower_bound(ms: Multisine, *, effort: float | HasTimeLimit | None = None) -> float:
    """Peak, in the unit of the amplitudes, that no phases can beat.

    Exact for a single frequency: 0 when the tones can cancel, else the largest amplitude minus all the others.
    Arguments and errors are those of ``lower_bound``.

    Example:
        >>> peak_lower_bound(Multisine([50.0, 50.0, 50.0], [3.0, 1.0, 1.0]))
        1.0
    """
    scale = ms.amplitude_scale
    if not ms.has_repeated_frequencies:
        return ms.nominal_rms * lower_bound(ms, effort=effort)
    least, relative = least_magnitudes(ms)
    squares = (least / scale) ** 2
    if ms.complex:
        return scale * sqrt(float(np.sum(squares)))
    return scale * sqrt(float(np.sum(squares * (1.0 + relative**2))) / 2.0)


def strongest_components_bound(ms: Multisine) -> Bound:
    r"""The larger peak of ``I`` and ``Q`` over the RMS of ``z = I + iQ`` that no phases can beat.

    It is at least :math:`1/\sqrt2` times any bound of ``|z|``, and times that of two real signals (see
    ``crestfall.certainty.bounds.components``). For complex tones of distinct frequencies.

    Example:
        >>> bound = strongest_components_bound(Multisine.harmonics(range(-30, 30), complex=True))
        >>> round(bound.crest_factor, 4), bound.name
        (0.8166, 'Bernstein–Szegő')
    """
    in_phase = in_phase_tones(ms)
    bounds = [strongest_bound(ms)]
    if in_phase is not None:
        bounds.append(strongest_bound(in_phase))
    elif np.any(ms.frequencies):
        bounds.append(Bound(bernstein_szego(ms), "Bernstein–Szegő"))
        if ms.n <= MOST_TONES:
            bounds.append(Bound(triangle(ms) * (1.0 - _ROUNDING), "triangle"))
    best = max(bounds, key=lambda bound: bound.crest_factor)
    return Bound(best.crest_factor * sqrt(0.5) * (1.0 - 1e-15), best.name)


def components_lower_bound(ms: Multisine) -> float:
    """Larger peak of ``I`` and ``Q``, in the unit of the amplitudes, that no phases of complex tones can beat.

    Example:
        >>> round(components_lower_bound(Multisine([0.0], [2.0], complex=True)), 9)  # both parts √2
        1.414213562
    """
    if not ms.has_repeated_frequencies:
        return ms.nominal_rms * strongest_components_bound(ms).crest_factor
    least, relative = least_magnitudes(ms)
    scale = ms.amplitude_scale
    return scale * sqrt(float(np.sum((least / scale) ** 2 * (1.0 + relative**2))) / 2.0)
