"""The second section: the certified peak, the bound and how far away it is, and whether it is a local minimum."""

from __future__ import annotations

from crestfall.design.design import Design
from crestfall.design.explain.argument import argument_in_words, is_by_moments
from crestfall.design.explain.evidence import Evidence
from crestfall.design.explain.figure import short_name
from crestfall.engine.polish import Certificate
from crestfall.problem.readable import in_unit, readable_figure

OPTIMAL = 1.05e-3
"""Gap up to which a design is called the global optimum to 0.1 %."""

_EQUAL = 1e-8
_ROUNDING = 1e-10
_LOWERED = {
    "peak": "peak",
    "range": "range",
    "one-sided": "maximum",
    "envelope": "peak of the envelope",
    "components": "larger peak of I and Q",
}


def what_is_proven(evidence: Evidence) -> list[str]:
    """Sentences about what is proven."""
    design = evidence.design
    lines = [*_peaks(design), *_bound(design)]
    if design.problem.freedom is not None:
        lines.append("The rest is about the phases for these amplitudes; no proof says that the amplitudes are best.")
    if (levels := design.problem.alphabet) is not None:
        lines.append(f"Among phases that are multiples of 2π/{levels}: {design.status}.")
    if (steps := design.problem.delay_steps) is not None:
        return [*lines, f"Among delays in steps of 1/{steps} of the period: {design.status}."]
    return [*lines, *_stationarity(evidence)]


def cancels(design: Design) -> bool:
    """Whether the peak is zero to rounding."""
    return not design.lower_bound > 0.0 and design.gap == 0.0


def is_bounded_by_peak(design: Design) -> bool:
    """Whether the bound is one of the peak: where a frequency repeats, the RMS depends on the phases, too."""
    return design.problem.is_about_drive and design.multisine.has_repeated_frequencies


def _choice(design: Design) -> str:
    return "phases" if design.problem.delay_steps is None else "delays"


def _peaks(design: Design) -> list[str]:
    low, high = design.peak_interval
    if design.problem.channels is not None:
        widest = max(high / low - 1.0 for low, high in (one.peak_interval for one in design.signals))
        return [
            f"Orthogonal to {design.orthogonality:.0e}: what one input does is not mistaken for what another does.",
            f"The peak of every signal is certified over continuous time, to {widest:.0e} of its height.",
        ]
    if design.problem.held_samples is not None:
        return [f"The peak is {design.peak:.12g}: each sample is held until the next, and nothing is between them."]
    first, last = f"{low:.12g}", f"{high:.12g}"
    highest = in_unit(last, design.problem.unit)
    value = f"is {highest}, certified to 12 digits" if first == last else f"lies between {first} and {highest}"
    where = "over continuous time" if design.problem.window is None else "within the window"
    peak = "larger peak of I and Q" if design.problem.is_about_components else "peak"
    return [f"The {peak} {where} {value}, peaks between samples included."]


def _bound(design: Design) -> list[str]:
    """The lower bound of what was minimised."""
    if cancels(design):
        return ["It is the global optimum: the tones cancel, and nothing is below silence."]
    if not design.lower_bound > 0.0:
        return [_why_no_bound(design)]
    if design.gap <= 1e-9:
        reached = f"no {_choice(design)} have a lower {'peak' if design.problem.is_about_drive else 'value'}"
        optimum = f"the global optimum: the lower bound is reached, {reached}."
        stated = design.lower_bound_is_stated
        return [f"If the bound that the file states holds, it is {optimum}" if stated else f"It is {optimum}"]
    figure, least = short_name(design.problem), readable_figure(design.lower_bound)
    if is_bounded_by_peak(design):
        figure, least = "peak", f"{design.peak_lower_bound:.6g}"
    of_tones = " of the tones" if design.fixed_tones and design.problem.delay_steps is None else ""
    argument = argument_in_words(design)
    least += f" ({argument})" if argument else ""
    first = f"No {_choice(design)}{of_tones} at all bring the {figure} below {least}"
    if design.problem.freedom is not None:
        first = f"For all phases and allowed amplitudes, the {figure} is at least {least}"
    lines = [f"{first}; this design is {design.gap:.2%} above that.", *_about_the_argument(design)]
    if design.gap <= OPTIMAL:
        so = "If that holds, it" if design.lower_bound_is_stated else "So it"
        return [*lines, f"{so} is the global optimum to 0.1 %."]
    lines.append("Where between the two the best possible lies is not known.")
    if design.problem.phases and design.problem.delay_steps is None:
        lines.append("That bound is about all phases, not only about those that the constraints allow.")
    return lines


def _why_no_bound(design: Design) -> str:
    problem = design.problem
    if problem.window is not None and problem.measure in ("peak", "envelope", "components"):
        return "No bound above 0 is known: the window is too short to tell the tones apart."
    if problem.is_about_drive:
        return "No bound above 0 is known for these tones: they might cancel."
    return f"No bound above 0 is known for the {short_name(problem)}."


def _about_the_argument(design: Design) -> list[str]:
    """What the bound rests on, where its name alone says too little."""
    lines = []
    if is_by_moments(design.bound_argument or ""):
        lines.append(
            "A proof by moments consists of sums of squares of averages over the signal, checked in integers; a higher "
            "order and more derivatives prove more, and take longer."
        )
    if design.lower_bound_is_stated:
        lines.append("That bound was not proved again here: crestfall verify checks its proof, in a file of its own.")
    return lines


def _stationarity(evidence: Evidence) -> list[str]:
    """Whether small changes of the phases can lower what was minimised."""
    if cancels(evidence.design):
        return []
    if evidence.certificates is None or evidence.certificate is None:
        return [f"Whether it is a local minimum was not checked: {evidence.missing}."]
    if len(evidence.certificates) > 1:
        met = sum(one.is_stationary for one in evidence.certificates)
        count = f"{met} of the {len(evidence.certificates)}"
        return [f"The phases of {count} inputs meet the first-order conditions of a local minimum."]
    problem = evidence.design.problem
    over_time = problem.is_over_period or problem.has_dense_samples
    shifts = over_time and not problem.constraints and problem.fixed is None
    change = "every small change of the phases" + " that is not just a shift in time" * shifts
    return [_of_one(evidence.certificate, _LOWERED[problem.measure], change)]


def _of_one(certificate: Certificate, what: str, change: str) -> str:
    residual, spread = f"{certificate.residual:.1g}", f"{certificate.spread:.0e}"
    if not certificate.is_stationary:
        apart = f", and their heights differ by {spread}" if certificate.spread > _EQUAL else ""
        measured = f"the gradients of its highest peaks do not cancel, their residual is {residual}{apart}"
        return f"It is not a local minimum ({measured}): some small change of the phases lowers the {what}."
    measured = f"the gradients of its highest peaks cancel to a residual of {residual}, their heights agree to {spread}"
    if certificate.is_strict_minimum:
        return f"It is a strict local minimum ({measured}): {change} raises the {what}."
    count = certificate.free_directions
    free = "1 direction is free" if count == 1 else f"{count} directions are free"
    curvature = certificate.least_curvature
    least = "zero to rounding" if abs(curvature) <= _ROUNDING else f"{curvature:.1e}"
    return (
        f"It is stationary ({measured}), but its curvature does not prove a minimum: {free}, the least curvature is "
        f"{least}."
    )
