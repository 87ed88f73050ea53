"""Lower bounds by moments: order after order, as long as the time lasts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isfinite, nextafter
from time import perf_counter
from typing import NamedTuple

from crestfall.certainty.moments.ascent import ascend
from crestfall.certainty.moments.certificate import Certificate, is_valid, root_below
from crestfall.certainty.moments.cost import Step, built, can_be_built, cost, is_possible, steps
from crestfall.certainty.moments.tones import ExactTones, has_moments
from crestfall.problem.multisine import Multisine
from crestfall.signal.blas_threads import blas_threads_for

_LEAST_S = 10
"""Shortest time [s] to ask for: what it costs to begin is not in the estimate."""


@dataclass(frozen=True)
class MomentBound:
    """A peak that no phases can beat, with its proof.

    Attributes:
        peak: In the unit of the amplitudes, rounded down.
        certificate: The proof, in integers.
    """

    peak: float
    certificate: Certificate

    @property
    def name(self) -> str:
        """Whose argument it is."""
        return Step(self.certificate.order, self.certificate.derivatives).name


def moment_bounds(
    ms: Multisine,
    start: float,
    seconds: float,
    stop: Callable[[], bool] = lambda: False,
    plan: Sequence[Step] | None = None,
    missed: list[str] | None = None,
    done: list[str] | None = None,
) -> Iterator[MomentBound]:
    """Rising bounds of the peak, for as long as the time lasts and another step is worth it.

    Args:
        ms: The tones; nothing comes for those that the argument does not cover (see ``has_moments``).
        start: A peak known to be a bound, in the unit of the amplitudes: only higher ones come.
        seconds: Time that it may take [s]. A step that is not done by then is given up.
        stop: Asked often; ``True`` ends it.
        plan: Programmes to try, one after the other; by default what suits the tones.
        missed: Takes the names of the steps that the time did not last for: with more of it the bound may rise.
        done: Names of steps that were taken before and are left out; takes those that are taken to their end.

    Example:
        >>> ms = Multisine.harmonics(range(1, 5))
        >>> peaks = [bound.peak for bound in moment_bounds(ms, 1.2 * ms.nominal_rms, 10.0)]
        >>> peaks == sorted(peaks), round(peaks[-1] / ms.nominal_rms, 2)   # the optimum is 1.4419
        (True, 1.42)
    """
    if not has_moments(ms):
        return
    missed, done = [] if missed is None else missed, [] if done is None else done
    end = perf_counter() + seconds
    tones = ExactTones.of(ms)
    unit = float(tones.unit)

    def spent() -> bool:
        return perf_counter() >= end or stop()

    with blas_threads_for(1):
        for step in steps(tones) if plan is None else plan:
            if step.name in done or not can_be_built(tones, step):
                continue
            program = None if spent() else built(tones, step)
            if program is not None and not is_possible(program):
                continue
            if program is None or perf_counter() + cost(program).first_s > end:
                missed += [step.name]
                continue
            for certificate in ascend(program, (start / unit) ** 2 / float(program.power), spent):
                peak = _peak(certificate.bound * program.power, tones)
                if peak > start:
                    start = peak
                    yield MomentBound(peak, certificate)
            (missed if spent() else done).append(step.name)


def moment_bound(
    ms: Multisine, start: float, seconds: float, stop: Callable[[], bool] = lambda: False
) -> MomentBound | None:
    """The last of ``moment_bounds``; ``None`` where there is none above the start."""
    found = None
    for bound in moment_bounds(ms, start, seconds, stop):
        found = bound
    return found


def peak_proved(ms: Multisine, certificate: Certificate) -> float:
    """Peak that a certificate proves no phases of these tones can beat, computed again in integers; 0 if none.

    Raises:
        ValueError: The certificate is not one of these tones.

    Example:
        >>> ms = Multisine.harmonics(range(1, 5))
        >>> bound = moment_bound(ms, ms.nominal_rms, 10.0)
        >>> peak_proved(ms, bound.certificate) == bound.peak
        True
    """
    tones, step = ExactTones.of(ms), Step(certificate.order, certificate.derivatives)
    if not has_moments(ms) or not can_be_built(tones, step):
        raise ValueError(f"a certificate of order {certificate.order} cannot be one of these {ms.n} tones")
    program = built(tones, step)
    return _peak(certificate.bound * program.power, tones) if is_valid(program, certificate) else 0.0


class NextStep(NamedTuple):
    """What would raise a bound by moments further.

    Attributes:
        name: Name of the step, which was not taken to its end.
        seconds: Estimate of what it takes [s], on one core of an ordinary computer.
    """

    name: str
    seconds: float

    @property
    def whole_seconds(self) -> int:
        """Time to ask for [s], which suffices where other work halves the speed."""
        return max(_LEAST_S, 2 * ceil(self.seconds))


def next_step(ms: Multisine, done: Collection[str] = ()) -> NextStep | None:
    """The first step that is not done; ``None`` where no further one can be computed here.

    Example:
        >>> ms = Multisine.harmonics(range(1, 7))
        >>> next_step(ms).name, next_step(ms, ["moments of order 2"]).name
        ('moments of order 2', 'moments of order 3')
        >>> print(next_step(ms, steps_up_to(ms, "moments of order 4")))
        None
    """
    if not has_moments(ms):
        return None
    tones = ExactTones.of(ms)
    for step in steps(tones):
        if step.name not in done and can_be_built(tones, step):
            program = built(tones, step)
            if is_possible(program):
                return NextStep(step.name, cost(program).total_s)
    return None


def steps_up_to(ms: Multisine, name: str) -> tuple[str, ...]:
    """Names of the steps for these tones up to one of them; none if that is not one of them.

    Example:
        >>> steps_up_to(Multisine.harmonics(range(1, 7)), "moments of order 3")
        ('moments of order 2', 'moments of order 3')
    """
    names = [step.name for step in steps(ExactTones.of(ms))] if has_moments(ms) else []
    return tuple(names[: names.index(name) + 1]) if name in names else ()


def _peak(square: Fraction, tones: ExactTones) -> float:
    root = root_below(square)
    peak = nextafter(root * float(tones.unit), 0.0)
    return peak if isfinite(peak) else 0.0
