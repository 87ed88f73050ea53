"""Lower bounds by moments: order after order, as long as the time lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite, nextafter
from time import perf_counter

from crestfall.certainty.moments.ascent import ascend
from crestfall.certainty.moments.certificate import Certificate, is_valid, root_below
from crestfall.certainty.moments.cost import Cost, Step, built, can_be_built, cost, is_possible, steps
from crestfall.certainty.moments.tones import ExactTones, has_moments
from crestfall.problem.multisine import Multisine
from crestfall.signal.blas_threads import blas_threads_for


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
) -> Iterator[MomentBound]:
    """Rising bounds of the peak, for as long as the time lasts and another step is worth it.

    Args:
        ms: The tones; nothing comes for those that the argument does not cover (see ``has_moments``).
        start: A peak known to be a bound, in the unit of the amplitudes: only higher ones come.
        seconds: Time that it may take [s]. A step that is not done by then is given up.
        stop: Asked often; ``True`` ends it.
        plan: Programmes to try, one after the other; by default what suits the tones.
        missed: Takes the names of the steps that the time did not last for: with more of it the bound may rise.

    Example:
        >>> ms = Multisine.harmonics(range(1, 5))
        >>> peaks = [bound.peak for bound in moment_bounds(ms, 1.2 * ms.nominal_rms, 10.0)]
        >>> peaks == sorted(peaks), round(peaks[-1] / ms.nominal_rms, 2)   # the optimum is 1.4419
        (True, 1.42)
    """
    if not has_moments(ms):
        return
    missed = [] if missed is None else missed
    end = perf_counter() + seconds
    tones = ExactTones.of(ms)
    unit = float(tones.unit)

    def spent() -> bool:
        return perf_counter() >= end or stop()

    with blas_threads_for(1):
        for step in steps(tones) if plan is None else plan:
            if not can_be_built(tones, step):
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
            missed += [step.name] if spent() else []


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


def next_cost(ms: Multisine, done: str = "") -> tuple[str, Cost] | None:
    """The name and cost of the step after one that is done; ``None`` where no further one can be computed here."""
    if not has_moments(ms):
        return None
    tones = ExactTones.of(ms)
    plan = [step for step in steps(tones) if can_be_built(tones, step)]
    names = [step.name for step in plan]
    for step in plan[names.index(done) + 1 if done in names else 0 :]:
        program = built(tones, step)
        if is_possible(program):
            return step.name, cost(program)
    return None


def _peak(square: Fraction, tones: ExactTones) -> float:
    root = root_below(square)
    peak = nextafter(root * float(tones.unit), 0.0)
    return peak if isfinite(peak) else 0.0
