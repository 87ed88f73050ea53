"""Heights of the lines in a picture: what the signal reaches, and what no phases can get below."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from crestfall.certainty.measures import sampled
from crestfall.certainty.value import top_maximum
from crestfall.design.design import Design
from crestfall.design.explain.argument import in_a_word
from crestfall.files.pictures.style import BOUND, PEAK
from crestfall.problem.multisine import Multisine


class Level(NamedTuple):
    """A horizontal line.

    Attributes:
        height: Where it stands, in the unit of the signal.
        label: Its name in the legend; ``None`` for none.
        colour: Its colour.
        dashed: Whether it is dashed.
    """

    height: float
    label: str | None
    colour: str
    dashed: bool = False


def levels_of(design: Design, drawn: Multisine) -> list[Level]:
    """The lines for a design of one drive: its true peak, and what was minimised where that is something else.

    Args:
        design: The design.
        drawn: What is drawn: complex tones where it is the magnitude.
    """
    problem = design.problem
    is_peak = problem.measure in ("peak", "components")
    if problem.outputs or (is_peak and problem.samples is None):
        silent = bool(np.isnan(design.crest_factor))
        name = "peak 0, to rounding" if silent else f"peak {design.peak:.5g}"
        return [
            *_at_both_signs(design.peak, name, PEAK, drawn),
            *_at_both_signs(
                design.peak_lower_bound, _bound(design.peak_lower_bound, design), BOUND, drawn, dashed=True
            ),
        ]
    value = design.worst.value
    least = design.lower_bound * value / design.figure  # in the unit of the signal
    if is_peak:
        lines = [
            *_at_both_signs(design.peak, f"peak {design.peak:.5g}", PEAK, drawn),
            *_at_both_signs(value, f"highest sample {value:.5g}", PEAK, drawn, dashed=True),
        ]
        return [*lines, *_at_both_signs(least, _bound(least, design), BOUND, drawn, dashed=True)]
    if problem.measure == "range":
        middle = 0.5 * (_top(design, 0.0) - _top(design, np.pi))
        lines = _around(middle, value, f"range {2.0 * value:.5g}", PEAK)
        bound = _around(middle, least, f"bound {2.0 * least:.5g}", BOUND, dashed=True)
        return [*lines, *bound] if least > 0.0 else lines
    name = {"one-sided": "maximum", "envelope": "envelope"}[problem.measure]
    line = Level(value, f"{name} {value:.5g}", PEAK)
    return [line, Level(least, f"bound {least:.5g}", BOUND, True)] if least > 0.0 else [line]


def _bound(height: float, design: Design) -> str:
    stated = ", as the file states" if design.lower_bound_is_stated else ""
    by = "" if design.bound_argument is None else f" ({in_a_word(design.bound_argument)}{stated})"
    return f"bound {height:.5g}{by}"


def _at_both_signs(height: float, label: str, colour: str, drawn: Multisine, *, dashed: bool = False) -> list[Level]:
    lines = _around(0.0, height, label, colour, dashed=dashed)
    return lines[:1] if drawn.complex else lines


def _around(middle: float, height: float, label: str, colour: str, *, dashed: bool = False) -> list[Level]:
    return [Level(middle + height, label, colour, dashed), Level(middle - height, None, colour, dashed)]


def _top(design: Design, shift: float) -> float:
    """Highest value that counts, all phases shifted by an angle [rad]."""
    ms, problem, phases = design.multisine, design.problem, design.phases + shift
    if problem.samples is not None:
        return float(np.max(sampled(ms, phases, problem.samples)))
    return top_maximum(ms, phases, problem.window).value
