"""The third section: limits that bind, peaks that are equally high, tones that the peak is made of."""

from __future__ import annotations

from math import floor, log10

import numpy as np

from crestfall.certainty.value import value_of
from crestfall.design.channel_figures import name_in_experiment
from crestfall.design.design import Design
from crestfall.design.explain.evidence import Evidence
from crestfall.design.explain.figure import short_name
from crestfall.design.explain.proven import cancels
from crestfall.design.signal_report import SignalReport
from crestfall.engine.polish import Certificate
from crestfall.problem.arrays import FloatArray
from crestfall.problem.problem import Problem
from crestfall.problem.readable import in_unit, readable

_LISTED = 6
_MOST_DELAYS = 12
_MOST_CHANGES = 1000
_BETTER = 1e-6
_FULL = 0.999
_AS_HIGH = 1e-6
_AT_THE_END = 1e-6


def what_limits(evidence: Evidence) -> list[str]:
    """Sentences about what keeps the peak from being lower."""
    design = evidence.design
    lines = [*_inputs(design), *_limits(design), *_window(design)]
    levels = design.problem.alphabet
    if levels is not None:
        return [*lines, *_symbols(design, levels)]
    if design.problem.delay_steps is not None:
        return [*lines, *_delays(design)]
    if cancels(design):
        return lines or ["The tones of each frequency close a polygon."]
    if evidence.certificate is None:
        return lines or ["Without a certificate nothing can be said about that."]
    return [*lines, *_peaks(evidence, evidence.certificate)]


def _delays(design: Design) -> list[str]:
    """The delays of waveforms that are only delayed, and where their sum is highest."""
    period, delays = design.problem.tones.period, design.delays_s or ()
    listed = ", ".join(readable(delay, "s", 6) for delay in delays[:_MOST_DELAYS])
    listed += ", …" * (len(delays) > _MOST_DELAYS)
    return [
        f"The waveforms are delayed by {listed}, of a period of {readable(period, 's', 6)}.",
        f"Their sum is highest at {readable(design.peak_time, 's', 6)}.",
    ]


def binds(report: SignalReport, design: Design) -> bool:
    """Whether a signal is as near to its limit as the worst one."""
    return report.share >= _FULL * design.worst.share


def binding(design: Design) -> list[str]:
    """Names of the signals that are as near to their limits as the worst one, whichever the experiment."""
    return list(dict.fromkeys(name_without_experiment(report) for report in design.signals if binds(report, design)))


def binding_in_words(design: Design) -> str:
    """Those names: up to three, or the first two and how many more there are."""
    names = binding(design)
    if len(names) > 3:
        names = [*names[:2], f"{len(names) - 2} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def beyond_limits(design: Design) -> str:
    """What to do where a limit is exceeded; empty where none is."""
    share = design.worst.share
    if design.worst.limit is None or not share > 1.0:
        return ""
    hopeless = design.lower_bound > 1.0
    cannot = "cannot be met at these amplitudes by any phases" if hopeless else "are not met at these amplitudes"
    return f"the limits {cannot}; scale the amplitudes by {_rounded_down(1.0 / share)} (= 1 / {share:.4f})"


def _rounded_down(value: float) -> str:
    """Four significant digits not larger than the value, so that a limit is kept."""
    step = 10.0 ** (floor(log10(value)) - 3)
    return f"{floor(value / step) * step:.4g}"


def name_of(report: SignalReport, design: Design) -> str:
    """What a signal is called, with its input and experiment where there are several."""
    return name_in_experiment(design.problem.channels, name_without_experiment(report), report.experiment)


def name_without_experiment(report: SignalReport) -> str:
    """What a signal is called, with its input where there are several."""
    if report.channel is None:
        return report.name
    return report.channel if report.name == "drive" else f"{report.channel}: {report.name}"


def _inputs(design: Design) -> list[str]:
    """Which of several inputs, or of their signals, is the worst."""
    channels = design.problem.channels
    if channels is None:
        return []
    worst = design.worst
    least = min(design.signals, key=lambda report: report.share)
    equal = sum(report.share >= worst.share * (1.0 - _AS_HIGH) for report in design.signals)
    share = short_name(design.problem).removeprefix("worst ").replace("largest share of a limit", "share of its limit")
    kind = "input" if worst.name == "drive" and channels.experiments == 1 else "signal"
    lines = [f"{name_of(worst, design)} is the worst {kind}: its {share} is {worst.share:.4f}."]
    if equal > 1:
        lines.append(f"{equal} of the {len(design.signals)} signals are as high as that.")
    if equal < len(design.signals):
        lines.append(f"The lowest is {name_of(least, design)}: {least.share:.4f}.")
    return lines


def _limits(design: Design) -> list[str]:
    """How much of its limit each signal of one drive takes."""
    if design.problem.channels is not None or not design.problem.outputs:
        return []
    lines = []
    for report in design.signals:
        limit = in_unit(f"{report.limit:g}", report.unit)
        full = ": this limit binds" if binds(report, design) else ""
        lines.append(f"{report.name} reaches {report.value:.6g} of {limit} allowed ({report.share:.1%}){full}.")
    largest = in_unit(f"{design.largest_drive:.6g}", design.problem.unit)
    return [*lines, f"Within all limits the peak of the drive can be {largest} at most."]


def _window(design: Design) -> list[str]:
    """Where in a window the peak stands, and how much of all amplitudes it is."""
    window = design.problem.window
    if window is None or design.problem.channels is not None:
        return []
    where = design.peak_time - window.start
    edge = min(where, window.duration - where) < _AT_THE_END * window.duration
    together = float(np.sum(design.multisine.amplitudes))
    share, largest = design.peak / together, float(np.max(design.multisine.amplitudes)) / together
    return [
        f"The highest peak is at {readable(design.peak_time, 's')}" + (", an end of the window." if edge else "."),
        f"There the tones reach {share:.1%} of what they would in phase; the largest alone is {largest:.1%}.",
    ]


def _peaks(evidence: Evidence, certificate: Certificate) -> list[str]:
    """The peaks that balance each other, those that count most first."""
    design, count, measure = evidence.design, len(certificate.times), evidence.design.problem.measure
    if evidence.shares is None:
        return [f"The highest peak is at {readable(certificate.times[0], 's', 6)}; nothing balances it yet."]
    if count == 1:
        return ["One peak, which no small change of the phases lowers to first order."]
    lines = [f"{count} peaks are equally high; lowering one of them raises another."]
    if measure == "range":
        tops = int(np.sum(certificate.signs.real > 0))
        lines = [
            f"{tops} maxima are equally high and {count - tops} minima equally low; lowering one of them raises "
            "another."
        ]
    lines.append("The most important, each with its multiplier (its weight in that balance; all add up to 1):")
    names = [output.name for output in evidence.part.problem.outputs]
    for i in np.argsort(-certificate.multipliers, kind="stable")[:_LISTED]:
        where = f" of {names[certificate.outputs[i]]}" if names else ""
        side = _side(design.problem, certificate.signs[i])
        lines.append(
            f"  at {readable(certificate.times[i], 's', 6)}{where}{side}, multiplier {certificate.multipliers[i]:.4f}"
        )
    frequencies = evidence.part.problem.tones.frequencies
    return [*lines, *_tones(frequencies, evidence.shares, frequencies.size - design.fixed_tones)]


def _side(problem: Problem, sign: complex) -> str:
    """On which side a peak is, and of which part of a complex signal; a magnitude has one side only."""
    if problem.splits_components:
        part, sign = ("I", sign) if abs(sign.real) > 0.5 else ("Q", sign / 1j)
        return f", a {'maximum' if sign.real > 0 else 'minimum'} of {part}"
    if problem.is_about_magnitudes:
        return ""
    return ", a maximum" if sign.real > 0 else ", a minimum"


def _tones(frequencies: FloatArray, shares: FloatArray, chosen: int) -> list[str]:
    """What each tone adds; those after the chosen ones belong to the fixed waveform."""
    if shares.size == 1:
        return []
    fixed = [" (fixed)" if k >= chosen else "" for k in range(shares.size)]
    lines = ["How much each tone adds: 1 % more amplitude there, with the phases adapted, raises the peak by"]
    order = np.argsort(-shares, kind="stable")
    for k in order[:_LISTED]:
        lines.append(f"  {shares[k]:.4f} % at {readable(frequencies[k], 'Hz')}{fixed[k]}")
    least = order[-1]
    if shares.size > _LISTED:
        lines.append(f"and least, {shares[least]:.4f} %, at {readable(frequencies[least], 'Hz')}{fixed[least]}.")
    return lines


def _symbols(design: Design, levels: int) -> list[str]:
    """What another symbol at a single tone would do."""
    problem, ms = design.problem, design.multisine
    if problem.channels is not None:
        return []
    if ms.n * (levels - 1) > _MOST_CHANGES:
        return ["What single symbols would change was not computed: there are too many."]
    if problem.constraints:
        return ["What single symbols would change was not computed: some of them are held or linked."]
    others = [(k, m) for k in range(ms.n) for m in range(1, levels)]
    turned = [design.phases + 2.0 * np.pi * m / levels * (np.arange(ms.n) == k) for k, m in others]
    values = [value_of(problem, ms, phases) for phases in turned]
    least = int(np.argmin(values))
    change = values[least] / value_of(problem, ms, design.phases) - 1.0
    where, what = ms.frequencies[others[least][0]], _lowered(design)
    if change < -_BETTER:
        return [f"Another phase at {readable(where, 'Hz')} alone would lower the {what} by {-change:.2%}."]
    return [
        f"No other phase of a single tone lowers the {what}.",
        f"The change that costs least, at {readable(where, 'Hz')}, raises it by {max(change, 0.0):.2%}.",
    ]


def _lowered(design: Design) -> str:
    return "peak" if design.problem.measure == "peak" and not design.problem.outputs else short_name(design.problem)
