"""A design in figures: a table for a person, one JSON object for a machine. The same names for every kind."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import isfinite, isnan, sqrt
from typing import Any

import typer

from crestfall.certainty.measures import rms
from crestfall.cli.wrapping import fitted
from crestfall.design.design import Design
from crestfall.design.explain.argument import argument_in_words
from crestfall.design.explain.proven import OPTIMAL, cancels, is_bounded_by_peak
from crestfall.design.explain.what_limits import beyond_limits, binding, binding_in_words, name_without_experiment
from crestfall.design.signal_report import SignalReport
from crestfall.problem.channels import Orthogonal
from crestfall.problem.multisine import Multisine
from crestfall.problem.readable import in_unit, readable

_MEASURES = {
    "peak": "sample peak",
    "range": "half of the range",
    "one-sided": "maximum",
    "envelope": "envelope",
    "components": "sample peak",
}
_ALIKE = 1e-6


def as_json(values: dict[str, Any]) -> str:
    """Strict JSON: what is not finite is ``null``."""
    return json.dumps(_strict(values), allow_nan=False)


def _strict(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strict(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def print_design(
    design: Design, more: Sequence[tuple[str, str]] = (), *, figures: Sequence[tuple[str, str]] = ()
) -> None:
    """The design's figures, one a line, on standard output.

    Args:
        design: The design.
        more: Rows after its own.
        figures: Rows among its figures.
    """
    rows = [*_figures(design), *figures, ("status", design.status)]
    if (found := how_found(design)) not in design.status:  # the status says where a design of the atlas is from
        rows.append(("found by", found))
    print_rows([*rows, *more])


def print_rows(rows: Sequence[tuple[str, str]]) -> None:
    """Names and values in two aligned columns."""
    # Plain text: file names must not be taken for markup.
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        typer.echo(fitted(f"{name:{width}}  {value}", later=" " * (width + 2)))


def how_found(design: Design) -> str:
    """What chose the phases, and how long it took.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> how_found(Design.of(Multisine([1.0]), [0.0]))
        'given phases'
    """
    source = design.provenance
    if not source.starts:
        return source.method
    return f"{source.method}, {source.starts} start{'s' * (source.starts > 1)}, {source.seconds:.2f} s"


def _figures(design: Design) -> list[tuple[str, str]]:
    return [
        ("tones", _tones(design)),
        *_fixed(design),
        ("times", _times(design)),
        *_inputs(design),
        *_height(design),
        *_figure(design),
        *_delays(design),
        *_amplitudes(design),
        *_lines(design),
        *_signals(design),
    ]


def _tones(design: Design) -> str:
    ms = design.own_tones
    kind = "complex" if ms.complex else "real"
    span = f"{ms.n} {kind}, {_hz(min(ms.frequencies))} … {_hz(max(ms.frequencies))}"
    return f"{span}, fundamental {_hz(design.multisine.fundamental)}" if design.problem.window is None else span


def _fixed(design: Design) -> list[tuple[str, str]]:
    """What is added to the tones and was not chosen, with its RMS alone."""
    fixed = design.problem.fixed
    if not design.fixed_tones or fixed is None:
        return []
    if not _has_fixed_waveform(design):
        return [("mean", f"{fixed.offset:.6g}, which no delays change")]
    parts = [] if fixed.tones is None else [_span_of_fixed(fixed.tones)]
    parts += [f"a constant of {fixed.offset:.6g}"] if fixed.offset else []
    square = fixed.offset**2
    if (lines := fixed.tones) is not None and lines.initial_phases is not None:
        square += rms(lines, lines.initial_phases) ** 2
    return [("fixed", f"{' and '.join(parts)}, not chosen; RMS {sqrt(square):.6g}")]


def _has_fixed_waveform(design: Design) -> bool:
    """Whether something fixed is there besides the mean of shapes."""
    fixed = design.problem.fixed
    return design.fixed_tones > 0 and not (fixed and fixed.tones is None and design.problem.held_samples is not None)


def _span_of_fixed(ms: Multisine) -> str:
    count = "1 line" if ms.n == 1 else f"{ms.n} lines"
    return f"{count}, {_hz(min(ms.frequencies))} … {_hz(max(ms.frequencies))}"


def _hz(frequency: float | None) -> str:
    return "none" if frequency is None else readable(frequency, "Hz")


def _times(design: Design) -> str:
    """The times that count."""
    problem = design.problem
    if problem.window is not None:
        return f"window {readable(problem.window.start, 's')} … {readable(problem.window.end, 's')}, continuous time"
    period = f"one period of {readable(problem.tones.period, 's')}"
    return f"{period}, continuous time" if problem.samples is None else f"{problem.samples} samples of {period}"


def _inputs(design: Design) -> list[tuple[str, str]]:
    channels = design.problem.channels
    if channels is None:
        return []
    how = channels.kind
    if isinstance(channels, Orthogonal):
        how += f", {channels.matrix} matrix, {channels.phases} phases"
    experiments = "one experiment" if channels.experiments == 1 else f"{channels.experiments} experiments"
    return [("inputs", f"{channels.count}, {experiments}, {how}")]


def _height(design: Design) -> list[tuple[str, str]]:
    """The true peak of the drive, whatever was minimised."""
    low, high = design.peak_interval
    window = design.problem.window is not None
    where = ", within the window" if window else ""
    where += ", the larger of I and Q" if design.problem.is_about_components else ""
    certified = f"certified between {low:.12g} and {high:.12g}{where}"
    if design.problem.held_samples is not None:
        certified = "exact, as samples are held"
    height = in_unit(f"{design.peak:.9g}", design.problem.unit)
    rows = [("peak", f"{height}   {certified}")]
    if isnan(design.crest_factor):
        return [*rows, ("crest factor", "none: the tones cancel")]
    over = ", over the RMS within the window" if window else ""
    of = "" if design.problem.channels is None else ", the largest of all signals"
    of += ", tones and fixed waveform together" if _has_fixed_waveform(design) else ""
    of += f", over the RMS of this sum, {design.rms:.6g}" if design.multisine.has_repeated_frequencies else ""
    return [*rows, ("crest factor", f"{design.crest_factor:.6f}   ({design.papr_db:.3f} dB){over}{of}")]


def _figure(design: Design) -> list[tuple[str, str]]:
    """What was minimised, and what no phases can beat."""
    problem, rows = design.problem, []
    is_peak = problem.measure in ("peak", "components") and problem.held_samples == problem.samples
    if not problem.outputs and problem.channels is None and not is_peak and problem.held_samples is None:
        over = "" if problem.samples is None else f"   over {problem.samples} samples a period"
        rows.append((_MEASURES[problem.measure], f"{design.worst.value:.9g}{over}"))
    if not problem.is_about_drive:
        of_sine = problem.measure == "range" and not problem.outputs and problem.held_samples is None
        formula = ", (max − min) / (2√2 rms)" if of_sine else ""
        rows.append(("minimised", f"{_number(design.figure)}   {problem.figure}{formula}"))
    bound, gap = "none known", "unknown: there is no bound above 0"
    if design.lower_bound > 0.0:
        any_of = "no delays" if problem.held_samples is not None else "no phases"
        any_of += "" if problem.freedom is None else " and no allowed amplitudes"
        any_of += " of the tones" if problem.fixed is not None and problem.held_samples is None else ""
        what = "the crest factor" if problem.is_about_drive else "what was minimised"
        least = design.lower_bound
        if is_bounded_by_peak(design):
            what, least = "the peak", design.peak_lower_bound
        bound = f"{_number(least)}   {any_of} bring {what} below this{_argument(design)}"
    elif cancels(design):
        return [*rows, ("lower bound", "0   tones of one frequency can cancel"), ("gap", "none: they do")]
    if isfinite(design.gap):
        gap = f"{design.gap:.2%}   how far this design is above the bound{_ignoring_constraints(design)}"
    return [*rows, ("lower bound", bound), ("gap", gap)]


def _argument(design: Design) -> str:
    """What the bound rests on, in brackets."""
    words = argument_in_words(design)
    checked = "; crestfall verify checks its proof" if design.lower_bound_is_stated else ""
    return f" ({words}{checked})" if words else ""


def _number(figure: float) -> str:
    """A figure of merit: that of shapes is of any size."""
    return f"{figure:.6f}" if 0.1 <= abs(figure) < 1000.0 else f"{figure:.9g}"


_MOST_DELAYS = 12


def _delays(design: Design) -> list[tuple[str, str]]:
    """The delays of waveforms that are only delayed, as times and as parts of the period."""
    delays = design.delays_s
    if not delays:
        return []
    rows, period = [], design.problem.tones.period if design.problem.window is None else None
    for number, delay in enumerate(delays[:_MOST_DELAYS]):
        part = "" if period is None else f"   {360.0 * delay / period:.6g}° of the period"
        rows.append((f"delay {number}", f"{readable(delay, 's')}{part}"))
    return rows if len(delays) <= _MOST_DELAYS else [*rows, ("delays", f"{len(delays)} in all; --json has them")]


def _ignoring_constraints(design: Design) -> str:
    """What the gap leaves out: a bound holds for all phases unless a proof went through those that are allowed."""
    if not design.problem.phases or design.gap <= OPTIMAL or design.rests_on_proof:
        return ""
    return ", which does not know the constraints"


def _amplitudes(design: Design) -> list[tuple[str, str]]:
    if design.problem.freedom is None:
        return []
    report = design.amplitude_report
    moved = f"{float(abs(report.changes_db).max()):.3g} dB at most"
    extra = f"; extra tones hold {report.extra_power_share:.2%} of the power" if design.problem.extra else ""
    return [
        ("wanted tones", f"true peak over their RMS {report.crest_factor:.6f}"),
        ("amplitudes", f"moved by {moved}{extra}"),
    ]


def _lines(design: Design) -> list[tuple[str, str]]:
    """Which lines have moved, from where to where."""
    if design.problem.lines is None:
        return []
    moved = design.moved_lines
    shown = "; ".join(f"{_hz(old)} to {_hz(new)}" for _, old, new in moved)
    what = f"{len(moved)} of {design.problem.multisine.n} moved by {design.problem.lines.tolerance} at most"
    return [("lines", f"{what}: {shown}" if moved else "none moved")]


def _signals(design: Design) -> list[tuple[str, str]]:
    """A line for each signal of each input, where there is more to say than about the drive."""
    several, limited = design.problem.channels is not None, design.worst.limit is not None
    rows = []
    if several or limited:
        alike: dict[str, list[SignalReport]] = {}
        for report in design.signals:
            alike.setdefault(name_without_experiment(report), []).append(report)
        rows += [(name, _in_all_experiments(reports)) for name, reports in alike.items()]
    if several:
        rows.append(("orthogonality", f"{design.orthogonality:.1e}   0 is exact"))
    if limited:
        binds = "binds" if len(binding(design)) == 1 else "bind"
        largest = in_unit(f"{design.largest_drive:.6g}", design.problem.unit)
        within = f"{largest} peak within all limits; {binding_in_words(design)} {binds}"
        rows.append(("largest drive", within))
    too_high = beyond_limits(design)
    return [*rows, ("limits", too_high)] if too_high else rows


def _in_all_experiments(reports: list[SignalReport]) -> str:
    """The figures of a signal in the experiment in which they are worst."""
    worst = max(reports, key=lambda report: report.share)
    if len(reports) == 1:
        return _signal(worst)
    if min(report.share for report in reports) >= worst.share * (1.0 - _ALIKE):
        return f"{_signal(worst)}; in every experiment"
    return f"{_signal(worst)}; in experiment {worst.experiment + 1}, the worst"


def _signal(report: SignalReport) -> str:
    height = in_unit(f"{report.peak:.6g}", report.unit)
    figures = f"peak {height}, crest factor {report.crest_factor:.4f}"
    if report.relative_peak_factor is not None:
        figures += f", relative peak factor {report.relative_peak_factor:.4f}"
    if report.limit is None:
        return figures
    limit = in_unit(f"{report.limit:g}", report.unit)
    return f"{figures}; {report.value:.6g} of {limit} allowed ({report.share:.1%})"
