"""The rate of samples whose times are written next to them."""

from __future__ import annotations

import numpy as np

from crestfall.problem.arrays import FloatArray

_LARGEST_MISS = 0.25
"""Largest deviation of a written time from its place, in steps: times are written with few digits."""


def has_equal_steps(times: FloatArray) -> bool:
    """Whether numbers rise in equal steps, to the digits with which they are written.

    Example:
        >>> has_equal_steps(np.array([0.0, 0.33, 0.67, 1.0])), has_equal_steps(np.array([0.0, 1.0, 3.0]))
        (True, False)
    """
    if times.size < 2 or not times[-1] > times[0]:
        return False
    step = (times[-1] - times[0]) / (times.size - 1)
    return bool(np.max(np.abs(times - times[0] - step * np.arange(times.size))) <= _LARGEST_MISS * step)


def rate_of_times(times: FloatArray) -> float:
    """Samples per second [Hz]: the roundest number that fits the times as well as the mean step does.

    Raises:
        ValueError: The steps are not equal.

    Example:
        >>> rate_of_times(np.round(np.arange(100) / 44100, 7))
        44100.0
    """
    if times.size < 2:
        raise ValueError("one time says no rate; give two samples or more")
    if not has_equal_steps(times):
        steps = np.diff(times)
        k = int(np.argmax(np.abs(steps - np.median(steps)))) if steps.size else 0
        raise ValueError(
            f"the times do not rise in equal steps: they do not between samples {k + 1} and {k + 2}; give samples of "
            "one rate"
        )
    places, since = np.arange(times.size), times - times[0]
    rate = float((times.size - 1) / (times[-1] - times[0]))
    allowed = 1.5 * float(np.max(np.abs(since - places / rate))) + 1e-9 / rate
    rounded = (float(f"{rate:.{digits}g}") for digits in range(1, 16))
    return next((one for one in rounded if np.max(np.abs(since - places / one)) <= allowed), rate)
