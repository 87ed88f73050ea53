"""The options ``--shape`` and ``--fixed``: waveforms in words or files, as shapes that are delayed or as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt

from crestfall.files.shape_text import is_shape_in_words, shape_of_words, with_repeats
from crestfall.problem.fixed_waveform import FixedWaveform, without_repeated_end
from crestfall.problem.multisine import Multisine
from crestfall.problem.quantities import number_and_unit
from crestfall.problem.shapes import Sampled, Shape, Shapes

_FORMS = "pulse:DUTY:AMPLITUDE, triangle:AMPLITUDE[:RISE] or a file of samples, and @N after it for N periods in one"


_TIME = re.compile(r"\s*[-+.\d]")


def shapes_of(texts: Sequence[str], fundamental: float | None, steps: int | None) -> Shapes:
    """The shapes of the options ``--shape``, with a common period.

    Raises:
        ValueError: A text is not a shape, or the shapes have no common steps.
        OSError: A file cannot be read.

    Example:
        >>> shapes_of(["pulse:5/12:4", "triangle:2:1/4@2"], 1e5, None).shapes[1].repeats
        2
    """
    try:
        return Shapes([shape_of(text) for text in texts], 1.0 if fundamental is None else fundamental, steps)
    except ValueError as error:
        raise ValueError(str(error).replace("steps is", "--steps is")) from None


def shape_of(text: str) -> Shape:
    """The shape of one option ``--shape``.

    Raises:
        ValueError: It is not a shape.
        OSError: It is a file that cannot be read.

    Example:
        >>> shape_of("pulse:0.3:10")
        Pulse(duty=Fraction(3, 10), amplitude=10.0, low=0.0, repeats=1)
    """
    try:
        if is_shape_in_words(text):
            return shape_of_words(text)
        name, repeats = with_repeats(text)
        if not Path(name).suffix:
            raise ValueError(f"give {_FORMS}")
        return Sampled(_samples(name), repeats)
    except ValueError as error:
        raise ValueError(f"--shape is {text!r}: {error}") from None


def _samples(name: str) -> list[float]:
    return [float(value) for value in _signal(name, complex=False)[0]]


def _signal(name: str, *, complex: bool, complex_too: str = "") -> tuple[npt.NDArray[Any], float | None]:
    from crestfall.files.waveforms import read_signal

    try:
        return read_signal(name, complex=complex)
    except ValueError as error:
        said = "choose one with channel, or take two as I and Q with complex"
        text = str(error).replace(said, "save one of them, or choose it in a problem file")
        text += complex_too if text.endswith("give a real signal") else ""
        raise ValueError(text) from None


def fixed_of(text: str, ms: Multisine) -> FixedWaveform:
    """The waveform of the option ``--fixed``: a constant, or a file of samples, ``FILE[:PERIOD]``.

    Samples whose file says no rate are one period of the tones, or what the period after the colon says.

    Raises:
        ValueError: It is neither.
        OSError: The file cannot be read.

    Example:
        >>> fixed_of("-1.5", Multisine([1.0])).offset
        -1.5
    """
    from crestfall.cli.parsing import duration

    found = number_and_unit(text)
    if found is not None and found[1] in ("", "A", "V"):
        return FixedWaveform(None, float(found[0]))
    name, period = text, None
    before, _, after = text.rpartition(":")
    if before and _TIME.match(after) and not Path(text).exists():  # C:\cycle.csv has no time after its colon
        name, period = before, duration(after, "--fixed")
    values, rate = _signal(name, complex=ms.complex, complex_too=", or complex tones: --complex")
    try:
        if period is None and rate is None:
            if not ms.has_period:
                raise ValueError(f"the file gives no sample rate; give the duration of all samples: --fixed {name}:10s")
            period = ms.period
        if period is None and rate is not None:
            values = without_repeated_end(values, rate, ms)
        return FixedWaveform.of_samples(values, rate if period is None else None, period=period)
    except ValueError as error:
        raise ValueError(f"--fixed {name}: {str(error).removeprefix('fixed: ')}") from None
