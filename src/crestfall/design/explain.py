"""A design in plain words: what it is, what is proven about it, what holds it where it is, what to try next."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, sqrt

import numpy as np

from crestfall import atlas
from crestfall.certainty.bounds import strongest_bound
from crestfall.certainty.measures import crest_factor, true_peak
from crestfall.certainty.proof import MAX_TONES, require_provable
from crestfall.design.design import Design
from crestfall.engine.closed_form import schroeder
from crestfall.engine.polish import Certificate
from crestfall.engine.polish.shares import tone_shares
from crestfall.problem.arrays import FloatArray
from crestfall.problem.outputs import OutputReport

MOST_TONES = 512
"""A certificate of more tones takes minutes, and their search does not end at one."""

_LISTED = 6
_MOST_CHANGES = 1000
_OPTIMAL = 1.05e-3
_LIKELY_PROVABLE = 10
_BETTER = 1e-6
_FULL = 0.999
_LOWERED = {"peak": "peak", "range": "range", "one-sided": "maximum", "envelope": "peak of the envelope"}


@dataclass(frozen=True)
class Section:
    """A title and its sentences, one a line."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """What ``explain`` has to say.

    Attributes:
        sections: Titles with their sentences, in the order of reading.
        certificate: First- and second-order conditions, or ``None`` where there are none for this goal.
        tone_shares: ``(n,)`` shares of the tones in the peak (see ``crestfall.engine.polish.shares``), or ``None``.
    """

    sections: tuple[Section, ...]
    certificate: Certificate | None
    tone_shares: FloatArray | None

    def __str__(self) -> str:
        return "\n\n".join("\n".join([part.title, *(f"  {line}" for line in part.lines)]) for part in self.sections)


def explain(design: Design, name: str = "FILE") -> Explanation:
    """Explain a design; everything is computed again from its tones and phases.

    Args:
        design: Any design, however it was found.
        name: What its file is called, for the commands that are suggested.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> from crestfall.search import minimize_peak
        >>> words = explain(minimize_peak(Multisine.harmonics(range(1, 16)), starts=16, seed=0))
        >>> [section.title for section in words.sections]
        ['What it is', 'What is proven', 'What holds it where it is', 'What to try next']
    """
    certificate = _certificate(design)
    shares = None
    if certificate is not None and certificate.is_stationary:
        shares = tone_shares(design.multisine, design.phases, certificate, design.goal)
    sections = (
        Section("What it is", tuple(_what(design))),
        Section("What is proven", tuple(_proven(design, certificate))),
        Section("What holds it where it is", tuple(_holds(design, certificate, shares))),
        Section("What to try next", tuple(_next(design, certificate, name))),
    )
    return Explanation(sections, certificate, shares)


def _certificate(design: Design) -> Certificate | None:
    ms = design.multisine
    if ms.n > MOST_TONES or ms.has_repeated_frequencies or design.goal.alphabet is not None:
        return None
    return design.certificate


def _what(design: Design) -> list[str]:
    ms = design.multisine
    low, high = min(ms.frequencies), max(ms.frequencies)
    kind = "complex tone" if ms.complex else "tone"
    equal = (
        "amplitudes all equal"
        if np.ptp(ms.amplitudes) == 0.0
        else (f"amplitudes from {ms.amplitudes.min():.4g} to {ms.amplitudes.max():.4g}")
    )
    span = f"{low:.9g} Hz" if low == high else f"{low:.9g} to {high:.9g} Hz"
    lines = [f"{ms.n} {kind}{'s' * (ms.n > 1)}, {span}, {equal}; one period takes {ms.period:.6g} s."]
    if isnan(design.crest_factor):
        return [*lines, "The tones cancel: the signal is silent, and silence has no crest factor."]
    one = "a single complex tone has 1" if ms.complex else f"a single sine has {sqrt(2):.4f}"
    formula = crest_factor(ms, schroeder(ms))
    known = "" if isnan(formula) else f", Schroeder's phases for these tones {formula:.4f}"
    lines.append(
        f"Its peak is {design.peak:.6g}, {design.crest_factor:.4f} times its rms ({design.papr_db:.2f} dB); "
        f"{one}{known}."
    )
    source = design.provenance
    effort = f", {source.starts} start{'s' * (source.starts > 1)}" if source.starts else ""
    lines.append(f"The phases come from: {source.method}{effort}.")
    return [*lines, *_amplitudes(design)]


def _amplitudes(design: Design) -> list[str]:
    """What became of amplitudes that were free."""
    if design.goal.freedom is None:
        return []
    report, extra = design.amplitude_report, int(np.sum(~design.goal.freedom.wanted))
    moved = float(np.max(np.abs(report.changes_db), initial=0.0))
    lines = [f"The amplitudes were chosen, too: the wanted ones moved by {moved:.3g} dB at most."]
    if extra:
        lines.append(
            f"{extra} of the tones {'are' if extra > 1 else 'is'} extra and carr{'y' if extra > 1 else 'ies'} "
            f"{report.extra_power_share:.2%} of the power."
        )
    return [*lines, f"What was minimised is the peak over the rms of the wanted tones, {report.crest_factor:.4f}."]


def _proven(design: Design, certificate: Certificate | None) -> list[str]:
    low, high = design.peak_interval
    lines = [
        f"The peak over continuous time lies between {low:.12g} and {high:.12g}, whatever happens between samples."
    ]
    if design.peak_lower_bound <= 0.0:
        lines.append("No bound above 0 is known for these tones: they might cancel.")
    elif design.gap <= 1e-9:
        lines.append("It is the global optimum: the lower bound is reached, no phases have a lower peak.")
    else:
        proof = design.proven_peak_bound
        searched = proof is not None and proof >= design.peak_lower_bound
        why = "branch and bound" if searched else strongest_bound(design.multisine).name
        lines.append(
            f"No phases at all have a crest factor below {design.lower_bound:.4f} ({why}); this design is "
            f"{design.gap:.2%} above that."
        )
        if design.gap <= _OPTIMAL:
            lines.append("So it is the global optimum to 0.1 %.")
        else:
            lines.append("Where between the two the best possible lies is not known.")
        if not design.goal.is_plain:
            lines.append("That bound is about the true peak of the drive with all phases free, not about this goal.")
    if design.goal.freedom is not None:
        bound = design.amplitude_report.lower_bound
        lines.append(f"With whatever phases and allowed amplitudes, peak over wanted rms is at least {bound:.4f}.")
        lines.append("The rest is about the phases for these amplitudes; no proof says that the amplitudes are best.")
    if (levels := design.goal.alphabet) is not None:
        lines.append(f"Among phases that are multiples of 2π/{levels}: {design.status}.")
    return [*lines, *_stationarity(design, certificate)]


def _stationarity(design: Design, certificate: Certificate | None) -> list[str]:
    if certificate is None:
        return ["Whether it is a local minimum was not checked: " + _why_no_certificate(design) + "."]
    what = _LOWERED[design.goal.measure]
    measured = f"residual {certificate.residual:.0e}, heights equal to {certificate.spread:.0e}"
    if not certificate.is_stationary:
        return [f"It is no local minimum ({measured}): some small change of the phases lowers the {what}."]
    if certificate.is_strict_minimum:
        return [
            f"It is a strict local minimum ({measured}): every small change of the phases "
            f"that is no mere shift in time raises the {what}."
        ]
    return [
        f"It is stationary ({measured}), but its curvature does not prove a minimum: "
        f"{certificate.free_directions} directions are free, the least curvature is {certificate.least_curvature:.1e}."
    ]


def _why_no_certificate(design: Design) -> str:
    if design.multisine.has_repeated_frequencies:
        return "a frequency occurs twice"
    if design.goal.alphabet is not None:
        return f"its phases are of an alphabet of {design.goal.alphabet} phases, which has no small changes"
    return f"there are more than {MOST_TONES} tones"


def _holds(design: Design, certificate: Certificate | None, shares: FloatArray | None) -> list[str]:
    lines = []
    for report in design.output_reports:
        binds = ": this limit binds" if _binds(report, design) else ""
        lines.append(
            f"{report.name} reaches {report.peak:.6g} of {report.limit:g} allowed ({report.share:.1%}){binds}."
        )
    if design.output_reports:
        lines.append(f"Within all limits the peak of the drive can be {design.largest_drive:.6g} at most.")
    if (levels := design.goal.alphabet) is not None:
        return [*lines, *_letters(design, levels)]
    if certificate is None:
        return lines or ["Without a certificate nothing can be said about that."]
    count = len(certificate.times)
    if shares is None:
        return [*lines, f"The highest peak stands at {certificate.times[0]:.6g} s; nothing balances it yet."]
    if count == 1:
        return [*lines, "One peak, which no small change of the phases lowers to first order."]
    if design.goal.measure == "range":
        tops = int(np.sum(certificate.signs.real > 0))
        lines.append(
            f"{tops} maxima stand equally high and {count - tops} minima equally low; whatever lowers one of them "
            "raises another. Those that count most:"
        )
    else:
        lines.append(
            f"{count} peaks stand equally high; whatever lowers one of them raises another. Those that count most:"
        )
    names = [output.name for output in design.goal.outputs]
    for i in np.argsort(-certificate.multipliers, kind="stable")[:_LISTED]:
        where = f" of {names[certificate.outputs[i]]}" if names else ""
        side = "" if design.multisine.complex or design.goal.measure == "envelope" else _side(certificate.signs[i])
        lines.append(f"  at {certificate.times[i]:.6g} s{where}{side}, multiplier {certificate.multipliers[i]:.4f}")
    return [*lines, *_tones(design, shares)]


def _binds(report: OutputReport, design: Design) -> bool:
    return report.share >= _FULL * design.output_reports[0].share


def _side(sign: complex) -> str:
    return ", a maximum" if sign.real > 0 else ", a minimum"


def _tones(design: Design, shares: FloatArray) -> list[str]:
    if design.multisine.n == 1:
        return []
    lines = ["The tones that the peak is made of: 1 % more amplitude there, phases adapted, raises the peak by"]
    order = np.argsort(-shares, kind="stable")
    for k in order[:_LISTED]:
        lines.append(f"  {shares[k]:.4f} % at {design.multisine.frequencies[k]:.9g} Hz")
    least = order[-1]
    if design.multisine.n > _LISTED:
        lines.append(f"and least, {shares[least]:.4f} %, at {design.multisine.frequencies[least]:.9g} Hz.")
    return lines


def _next(design: Design, certificate: Certificate | None, name: str) -> list[str]:
    if (levels := design.goal.alphabet) is not None:
        return _next_letters(design, levels, name)
    lines = [*_from_the_atlas(design, name)]
    if design.gap <= _OPTIMAL and not design.goal.outputs:
        return [*lines, "Nothing with the phases: they are as good as any. Other tones or amplitudes might be flatter."]
    if certificate is not None and not certificate.is_stationary:
        lines.append(f"crestfall design {name}: goes on from these phases to a local minimum.")
    elif _provable(design):
        lines.append(f"crestfall design {name} --prove: so few tones can be proved optimal, or improved.")
    if not lines or design.multisine.n > _LIKELY_PROVABLE:
        lines.append(
            f"crestfall design {name} --time-limit 60s: a longer search goes on from here and from new starts."
        )
    if design.goal.freedom is not None:
        lines.append("Wider tolerances or larger extra tones leave more to choose from.")
    if design.output_reports:
        binding = " and ".join(report.name for report in design.output_reports if _binds(report, design))
        lines.append(f"A larger drive needs a higher limit of {binding}, or other amplitudes.")
    plain = design.goal.measure == "peak" and not design.goal.outputs
    if plain and design.provenance.goal_samples is not None and design.peak > design.goal_peak * (1.0 + _BETTER):
        over = design.peak / design.goal_peak - 1.0
        lines.append(
            f"The true peak is {over:.2%} above the samples that were minimised; leave out --sample-rate and --points "
            "if the waveform is played through a filter."
        )
    return lines


def _letters(design: Design, levels: int) -> list[str]:
    """What a change of a single letter would do."""
    ms = design.multisine
    if ms.n * (levels - 1) > _MOST_CHANGES:
        return ["What single letters would change was not computed: there are too many."]
    if design.goal.constraints:
        return ["What single letters would change was not computed: some of them are held or linked."]
    others = [(k, m) for k in range(ms.n) for m in range(1, levels)]
    turned = [design.phases + 2.0 * np.pi * m / levels * (np.arange(ms.n) == k) for k, m in others]
    peaks = [true_peak(ms, phases) for phases in turned]
    least = int(np.argmin(peaks))
    change, where = peaks[least] / design.peak - 1.0, ms.frequencies[others[least][0]]
    if change < -_BETTER:
        return [f"Another phase at {where:.9g} Hz alone would lower the peak by {-change:.2%}."]
    return [
        "No other phase of a single tone lowers the peak.",
        f"The change that costs least, at {where:.9g} Hz, raises it by {max(change, 0.0):.2%}.",
    ]


def _next_letters(design: Design, levels: int, name: str) -> list[str]:
    if design.status.startswith("global optimum"):
        first = f"Nothing with {levels} phases: all words were tried. A larger alphabet might be flatter."
    else:
        first = f"crestfall design {name} --time-limit 60s: more descents, from other beginnings."
    return [first, f"crestfall design {name} --alphabet {2 * levels}: twice as many phases, these among them."]


def _from_the_atlas(design: Design, name: str) -> list[str]:
    found = atlas.find(design.multisine) if design.goal.is_plain else None
    if found is None or not found[0].crest_factor < design.crest_factor * (1.0 - _BETTER):
        return []
    entry = found[0]
    better = f"The atlas knows phases for these tones with a crest factor of {entry.crest_factor:.4f}"
    return [f"{better}: crestfall design {name} answers with them."]


def _provable(design: Design) -> bool:
    if not design.goal.is_plain or design.multisine.n > MAX_TONES or design.multisine.n > _LIKELY_PROVABLE:
        return False
    try:
        require_provable(design.multisine)
    except ValueError:
        return False
    return True
