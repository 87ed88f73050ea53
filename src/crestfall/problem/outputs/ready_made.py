"""Responses that every drive has: how fast it changes, and what it adds up to."""

from __future__ import annotations

import numpy as np

from crestfall.problem.arrays import FloatArray
from crestfall.problem.outputs.output import Output


def slew_rate(limit: float, name: str = "slew rate") -> Output:
    """The drive's derivative ``dx/dt``, in units per second: ``H(f) = 2πi f``.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> abs(slew_rate(100.0).responses(Multisine([1.0]))[0]).round(4)
        np.float64(6.2832)
    """
    return Output(_derivative, limit, name)


def integral(limit: float, name: str = "integral") -> Output:
    """The drive's integral over time without its mean, in unit seconds: ``H(f) = 1 / (2πi f)``.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> abs(integral(1.0).responses(Multisine([1.0]))[0]).round(4)
        np.float64(0.1592)
    """
    return Output(_integral, limit, name)


def unit_of_output(output: Output, drive: str) -> str:
    """The unit of an output's limit: its own, or what follows from the drive's unit; empty if neither is known.

    Example:
        >>> unit_of_output(slew_rate(2000.0), "V"), unit_of_output(Output(), "V"), unit_of_output(Output(0.5), "V")
        ('V/s', 'V', '')
    """
    if output.unit or not drive:
        return output.unit
    response = output.response
    if response is _derivative:
        return f"{drive}/s"
    if response is _integral:
        return f"{drive} s"
    is_drive = isinstance(response, int | float | complex | np.ndarray) and bool(np.all(response == 1.0))
    return drive if is_drive else ""


def _derivative(frequencies: FloatArray) -> np.ndarray:
    return 2j * np.pi * frequencies


def _integral(frequencies: FloatArray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):  # a tone at 0 Hz is refused by name afterwards
        return 1.0 / (2j * np.pi * frequencies)
