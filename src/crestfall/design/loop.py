"""How many periods of a multisine are a whole number of samples, so that they can be played again and again."""

from __future__ import annotations

from math import ceil, gcd

from crestfall.problem.multisine import Multisine
from crestfall.problem.readable import readable
from crestfall.problem.times import MAX_SAMPLES, MOST_PERIODS, MOST_POINTS, samples_per_period
from crestfall.signal.waveform import require_nyquist

_ROUNDING = 1e-9
"""A duration of 0.3 s is three periods of 0.1 s, although the quotient is a little more."""


def closing_periods(ms: Multisine, sample_rate: float) -> tuple[int, int] | None:
    """The least number of periods that is a whole number of samples, and that number.

    Args:
        ms: The tones.
        sample_rate: Samples per second [Hz].

    Returns:
        Periods and samples; ``None`` where no number of periods that can be computed is a whole number of samples.

    Example:
        >>> closing_periods(Multisine.harmonics(range(1, 11), 30e3), 1e6)
        (3, 100)
        >>> closing_periods(Multisine([3.14159265, 6.2831853]), 1000.0) is None
        True
    """
    ratio = samples_per_period(ms, sample_rate)
    if ratio is None or ratio.numerator > MAX_SAMPLES:
        return None
    return ratio.denominator, ratio.numerator


def periods_to_play(
    ms: Multisine,
    sample_rate: float,
    periods: int | None = None,
    duration_s: float | None = None,
    *,
    multiple_of: int | None = None,
    may_not_close: bool = False,
    is_held: bool = False,
) -> int:
    """The number of periods to play.

    Args:
        ms: The tones.
        sample_rate: Samples per second [Hz].
        periods: How many are asked for. By default the fewest that close.
        duration_s: Or how long they are to last at least [s]: the number is rounded up to one that closes.
        multiple_of: All periods together are a multiple of this number of samples.
        may_not_close: Whether any number of periods will do, by default one.
        is_held: Whether samples are held, so that tones may reach half the rate.

    Raises:
        ValueError: A tone reaches half the sample rate, or the periods do not close. The message says which do.

    Example:
        >>> ms = Multisine.harmonics(range(1, 21), 10.0)
        >>> periods_to_play(ms, 1024.0), periods_to_play(ms, 1024.0, duration_s=0.6), periods_to_play(ms, 1000.0)
        (5, 10, 1)
    """
    if not is_held:
        require_nyquist(ms, sample_rate, "rate")
    if sample_rate > MAX_SAMPLES * ms.fundamental:
        raise ValueError(
            f"rate is {readable(sample_rate, 'Hz', 12)}: a period of {readable(ms.period, 's')} has more than "
            f"{MAX_SAMPLES} samples; give a lower rate"
        )
    closing = (1, 0) if may_not_close else closing_periods(ms, sample_rate)
    if closing is None:
        raise ValueError(f"rate is {readable(sample_rate, 'Hz', 12)}: {_no_loop(ms, sample_rate)}")
    step, samples = _in_steps(*closing, multiple_of)
    if duration_s is not None and duration_s * sample_rate > MAX_SAMPLES:
        raise ValueError(
            f"duration is {readable(duration_s, 's', 6)}, more than {MAX_SAMPLES} samples; give a lower rate or "
            "fewer periods"
        )
    if duration_s is not None:
        return step * max(1, ceil(duration_s * ms.fundamental / step * (1.0 - _ROUNDING)))
    if periods is None:
        if step > MOST_PERIODS and samples > MOST_POINTS:
            raise ValueError(
                f"rate is {readable(sample_rate, 'Hz', 12)}: only {step} periods, {samples} samples, close; "
                f"{_nearest(ms, sample_rate)}; or give periods={step}, or seam=True"
            )
        return step
    if periods % step:
        count = f"{step} periods are {samples} samples"
        whole = "not a whole number of samples" if periods % closing[0] else f"not a multiple of {multiple_of} samples"
        raise ValueError(
            f"periods is {periods}, which is {whole} at {readable(sample_rate, 'Hz', 12)}; {count}, so give a "
            f"multiple of {step}"
        )
    return periods


def _in_steps(periods: int, samples: int, multiple_of: int | None) -> tuple[int, int]:
    """The least multiple of periods that close of which the samples are a multiple of a number."""
    if multiple_of is None or not samples:
        return periods, samples
    repeats = multiple_of // gcd(samples, multiple_of)
    return repeats * periods, repeats * samples


def _no_loop(ms: Multisine, sample_rate: float) -> str:
    """Why no loop is short enough, and the nearest fundamental and rate that have one."""
    return (
        f"a period of {readable(ms.period, 's')} is {sample_rate / ms.fundamental:.9g} samples, and no number of "
        f"periods that can be computed is a whole number of them; {_nearest(ms, sample_rate)}"
    )


def _nearest(ms: Multisine, sample_rate: float) -> str:
    """The rate and the fundamental nearest to these at which one period closes."""
    each = max(round(sample_rate / ms.fundamental), 2)
    return (
        f"for {each} samples a period play at {readable(each * ms.fundamental, 'Hz', 12)}, or design for a fundamental "
        f"of {readable(sample_rate / each, 'Hz', 12)}"
    )
