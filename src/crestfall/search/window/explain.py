"""A design for a window in plain words."""

from __future__ import annotations

from math import isfinite

import numpy as np

from crestfall.design.explain import Explanation, Section
from crestfall.search.window.design import WindowDesign

_AT_THE_END = 1e-6


def explain_window(design: WindowDesign, name: str = "FILE") -> Explanation:
    """Explain a design for a window; everything is computed again from its tones and phases.

    Args:
        design: Any design for a window.
        name: What its file is called.

    Example:
        >>> from crestfall.search.window import WindowedMultisine
        >>> words = explain_window(WindowDesign.of(WindowedMultisine([1.0, 2**0.5], duration=20.0), [0.0, 1.0]))
        >>> [section.title for section in words.sections]
        ['What it is', 'What is proven', 'What holds it where it is', 'What to try next']
    """
    sections = (
        Section("What it is", tuple(_what(design))),
        Section("What is proven", tuple(_proven(design))),
        Section("What holds it where it is", tuple(_holds(design))),
        Section("What to try next", tuple(_next(design))),
    )
    return Explanation(sections, None, None)


def _what(design: WindowDesign) -> list[str]:
    tones = design.tones
    low, high, end = min(tones.frequencies), max(tones.frequencies), tones.start + tones.duration
    kind = "complex tone" if tones.complex else "tone"
    return [
        f"{tones.n} {kind}{'s' * (tones.n > 1)}, {low:.9g} to {high:.9g} Hz, from {tones.start:.9g} to {end:.9g} s; "
        "what comes before and after does not count, and no period is needed.",
        f"Its peak there is {design.peak:.6g}, {design.crest_factor:.4f} times its rms ({design.papr_db:.2f} dB).",
        f"The phases come from: p-norm continuation, {design.starts} start{'s' * (design.starts != 1)}."
        if design.starts
        else "The phases were given.",
    ]


def _proven(design: WindowDesign) -> list[str]:
    low, high = design.peak_interval
    lines = [f"The peak within the window lies between {low:.12g} and {high:.12g}, whatever happens between samples."]
    if isfinite(design.gap):
        bound = f"No phases at all have a lower peak in this window than {design.peak_lower_bound:.6g}"
        lines.append(f"{bound} (Montgomery and Vaughan); this design is {design.gap:.2%} above that.")
        lines.append("Where between the two the best possible lies is not known.")
    else:
        lines.append("No bound above 0 is known: the window is too short to tell the tones apart.")
    return [*lines, f"About the phases: {design.status}."]


def _holds(design: WindowDesign) -> list[str]:
    tones = design.tones
    where = design.peak_time - tones.start
    edge = min(where, tones.duration - where) < _AT_THE_END * tones.duration
    together = float(np.sum(tones.amplitudes))
    share, largest = design.peak / together, float(np.max(tones.amplitudes)) / together
    return [
        f"The highest peak stands at {design.peak_time:.9g} s" + (", an end of the window." if edge else "."),
        f"There the tones reach {share:.1%} of what they would in phase; the largest alone is {largest:.1%}.",
        "There is no certificate of a local minimum for windows.",
    ]


def _next(design: WindowDesign) -> list[str]:
    lines = ["The problem file again with --time-limit 60s, or more --starts: other starts may end lower."]
    if not isfinite(design.gap):
        lines.append("A longer window gives a bound that says how much there is to gain.")
    period = "If the signal repeats, a period is the better goal: snap the tones to a raster and leave out window_s."
    return [*lines, period]
