"""The texts of the page as HTML, with everything escaped that comes from a visitor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from math import isfinite, isnan

from crestfall.design.design import Design
from crestfall.design.explain import Explanation
from crestfall.design.explain.argument import argument_in_words
from crestfall.design.signal_report import SignalReport
from crestfall.problem.readable import in_unit, readable, readable_figure
from crestfall.studio.curves import Wave, names_of
from crestfall.studio.draft import Draft
from crestfall.studio.figures import is_share
from crestfall.studio.messages import Step
from crestfall.studio.present import AS_GIVEN


def status_of(draft: Draft | None, message: str, notes: Sequence[str] = (), labels: Sequence[str] = ()) -> str:
    """About the problem: what it is and what was noted while it was read, or what is wrong with it.

    Args:
        draft: The problem.
        message: What is wrong with what was typed, where no field says it.
        notes: What was noted.
        labels: Fields that are marked as wrong.
    """
    if message:
        return f'<p role="alert" class="note alarm">{escape(message)}</p>'
    if labels:
        return f'<p role="status" class="note alarm">To be corrected: {escape("; ".join(labels))}.</p>'
    sentence = escape(draft.sentence if draft is not None else "")
    noted = "".join(f"<br>Note: {escape(one)}" for one in notes)
    return f'<p role="status" class="note">{sentence}{noted}</p>'


def alarm_of(message: str) -> str:
    """Something that went wrong with a search or a file; nothing if nothing did."""
    return f'<p role="alert" class="note alarm">{escape(message)}</p>' if message else '<p role="alert"></p>'


def save_note_of(wrong: bool, present: Design | None, optimised: bool, failed: str = "") -> str:
    """What a file would contain now, where that may surprise, or why there was none."""
    text = ""
    if failed:
        return alarm_of(failed)
    if wrong:
        text = "Nothing can be saved until what is marked is corrected."
    elif present is not None and not optimised and present.provenance.method == AS_GIVEN:
        text = "The file would contain the phases as given. Press Go to look for better ones."
    elif present is not None and not optimised:
        text = f"Not optimised yet: the file would contain {present.provenance.method}. Press Go first."
    return f'<p role="status" class="note">{escape(text)}</p>'


def tiles_of(design: Design | None, present: Design | None, step: Step | None, searching: bool) -> str:
    """The figures at the top of the page."""
    if design is None:
        return '<dl class="tiles"><div class="wide"><dt>Crest factor</dt><dd>–</dd></div></dl>'
    tiles = [
        (_capital(design.problem.figure), figure_text(design), _before(design, present)),
        _crest_tile(design),
        _peak_tile(design),
        ("Above the bound", _gap(design), _bound(design)),
        ("Starts tried", _starts(design, step, searching), _stage(step, searching)),
        ("Time left", _left(step, searching), "searching" if searching else "not searching"),
    ]
    return (
        '<dl class="tiles">'
        + "".join(
            f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd><dd class='quiet'>{escape(note)}</dd></div>"
            for name, value, note in tiles
        )
        + "</dl>"
    )


def figure_text(design: Design, figure: float | None = None) -> str:
    """The figure of merit, or another value of it: a share of a limit in percent."""
    value = design.figure if figure is None else figure
    return f"{100.0 * value:.2f} %" if is_share(design.problem.figure) else readable_figure(value)


_MOST_SHARES = 12


def shares_of(design: Design | None, present: Design | None) -> str:
    """How much of its limit each signal takes, as bars; those before the search are marks on them."""
    if design is None or not is_share(design.problem.figure):
        return '<ul class="shares"></ul>'
    names, reports = names_of(design), design.signals
    before = [report.share for report in (design if present is None else present).signals]
    full = max(1.0, *(report.share for report in reports), *before)
    order = sorted(range(len(reports)), key=lambda k: -reports[k].share)
    shown = range(len(reports)) if len(reports) <= _MOST_SHARES else order[:_MOST_SHARES]
    rows = [_share_row(names[k], reports[k], before[k], full) for k in shown]
    if len(reports) > _MOST_SHARES:
        rest = 100.0 * reports[order[_MOST_SHARES]].share
        rows.append(f"<li>{len(reports) - _MOST_SHARES} more, none above {rest:.1f} %</li>")
    return '<ul class="shares" aria-label="Shares of the limits">' + "".join(rows) + "</ul>"


def _share_row(name: str, report: SignalReport, before: float, full: float) -> str:
    share, limit = report.share, 0.0 if report.limit is None else report.limit
    over = " over" if share > 1.0 + 1e-9 else ""
    places = "".join(f"--{key}: {100.0 * value / full:.2f}%;" for key, value in (("share", share), ("before", before)))
    text = in_unit(f"{report.value:.4g} of {limit:.4g}", report.unit)
    return (
        f'<li><span class="name">{escape(name)}</span>'
        f'<span class="bar{over}" style="{places} --limit: {100.0 / full:.2f}%" aria-hidden="true"></span>'
        f'<span class="share">{100.0 * share:.1f} %</span> <span class="quiet">{escape(text)}</span></li>'
    )


def heading_of(design: Design | None) -> str:
    """The heading of the figure of merit against time."""
    name = "crest factor" if design is None else design.problem.figure
    return f"<h2>{escape(_capital(name))} against time</h2>"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _peak_tile(design: Design) -> tuple[str, str, str]:
    """With limits, the largest drive that they allow; else the peak."""
    unit = design.problem.unit
    if design.worst.limit is None:
        note = "of the drive" if unit else "in the unit of the amplitudes"
        return "Peak", in_unit(f"{design.peak:.5g}", unit), note
    return "Largest drive", in_unit(f"{design.largest_drive:.4g}", unit), "peak of the drive within all limits"


def _crest_tile(design: Design) -> tuple[str, str, str]:
    """The crest factor; where that is the figure of merit already, the PAPR."""
    silent = isnan(design.crest_factor)
    if design.problem.figure == "crest factor":
        return "PAPR", "–" if silent else f"{design.papr_db:.2f} dB", "power, peak over average"
    if silent:
        about = ""
    elif design.worst.limit is not None:
        about = in_unit(f"of the drive, whose peak is {design.peak:.4g}", design.problem.unit)
    else:
        about = "of the true peak"
    if not silent and design.multisine.has_repeated_frequencies:
        about += in_unit(f", over the RMS of this sum, {design.rms:.4g}", design.problem.unit)
    return "Crest factor", _crest(design), about


def _crest(design: Design) -> str:
    return "none" if isnan(design.crest_factor) else f"{design.crest_factor:.4f}"


def _before(design: Design, present: Design | None) -> str:
    if present is None:
        return ""
    what = present.provenance.method
    if design is present:
        return what
    return f"{figure_text(present)} with {what}"


def _bound(design: Design) -> str:
    if not design.lower_bound > 0.0:
        return "no bound is known"
    argument = argument_in_words(design)
    bound = figure_text(design, design.lower_bound) + (f" ({argument})" if argument else "")
    if design.problem.delay_steps is not None:
        return f"no delays get below {bound}"
    return f"{bound}, a bound that ignores the constraints" if design.problem.phases else f"no phases get below {bound}"


def _gap(design: Design) -> str:
    if not isfinite(design.gap):
        return "–"
    return "0 %" if design.gap <= 1e-9 else f"{100.0 * design.gap:.1f} %"


def _starts(design: Design, step: Step | None, searching: bool) -> str:
    # The last step that was reported is older than the design that ends the search.
    return str(step.starts if searching and step is not None else design.provenance.starts)


def _stage(step: Step | None, searching: bool) -> str:
    return step.stage if searching and step is not None else "in this search"


def _left(step: Step | None, searching: bool) -> str:
    if not searching:
        return "–"
    return "…" if step is None or step.left_s is None else f"{step.left_s:.0f} s"


def legend_of(design: Design | None, wave: Wave | None, before: Design | None, name: str = "", unit: str = "") -> str:
    """The legend of the waveform, in words.

    Args:
        design: What is drawn.
        wave: The signal of it that is drawn.
        before: The design before the search, if it is another one.
        name: What the signal is called, where there are several.
        unit: Its unit.
    """
    if design is None or wave is None:
        return '<p class="legend"></p>'
    now = "now" if before is not None else _name(design)
    both = wave.quadrature is not None
    now += ", I" if both else ""
    parts = [f'<span class="signal">{escape(f"{name}: {now}" if name else now)}</span>']
    if both:
        parts.append('<span class="quadrature">Q</span>')
    if before is not None:
        parts.append(f'<span class="before">{escape(_name(before))}</span>')
    parts.append(f'<span class="peak">{_measure(design, wave, unit)}</span>')
    if wave.limit is not None:
        parts.append(f'<span class="limit">limit {escape(in_unit(f"{wave.limit:.5g}", unit))}</span>')
    if wave.bound > 0.0:
        what = "a bound that ignores the constraints," if design.problem.phases else "no phases get below"
        what = what if design.problem.delay_steps is None else "no delays get below"
        parts.append(f'<span class="bound">{what} {escape(in_unit(f"{wave.bound:.5g}", unit))}</span>')
    return '<p class="legend">' + "".join(parts) + "</p>"


_MEASURED = {
    "peak": "peak",
    "range": "half of max − min",
    "one-sided": "highest value",
    "envelope": "peak of the envelope",
    "components": "peak of I and Q",
}


def _measure(design: Design, wave: Wave, unit: str) -> str:
    samples = " of the samples" if design.problem.samples is not None else ""
    share = "" if wave.limit is None else f", {100.0 * wave.peak / wave.limit:.1f} % of the limit"
    return f"{_MEASURED[design.problem.measure]}{samples} {escape(in_unit(f'{wave.peak:.5g}', unit))}{share}"


def _name(design: Design) -> str:
    return design.provenance.method


def proof_of(explanation: Explanation | None) -> str:
    """The certificate in plain words."""
    if explanation is None:
        return '<p class="note">One moment: this is being worked out.</p>'
    parts = []
    for section in explanation.sections:
        # Commands for a terminal are buttons here.
        said = [line for line in section.lines if line.strip() and not line.strip().startswith("crestfall ")]
        if said:
            parts.append(f"<section><h3>{escape(section.title)}</h3>{_list_of(said)}</section>")
    return f'<div class="proof">{"".join(parts)}</div>'


def _list_of(lines: Sequence[str]) -> str:
    """Lines as a list; those that are further in belong to the one before them."""
    depth = min(_depth(line) for line in lines)
    entries: list[tuple[str, list[str]]] = []
    for line in lines:
        if _depth(line) > depth and entries:
            entries[-1][1].append(line)
        else:
            entries.append((_for_the_page(line.strip()), []))
    texts = [f"<li>{escape(text)}{_list_of(within) if within else ''}</li>" for text, within in entries]
    return f"<ul>{''.join(texts)}</ul>"


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _for_the_page(line: str) -> str:
    """A line in the words of the page, in which no line break separates a unit from its number."""
    line = re.sub(r": crestfall design .+ answers with them\.", "; start from the best design known.", line)
    return re.sub(r"(?<=\d) (?=(?:%|dB|[numkMGTµ]?(?:Hz|s|V|A))(?!\w))", "\N{NO-BREAK SPACE}", line)


def table_of(left: tuple[str, Design] | None, right: tuple[str, Design] | None) -> str:
    """Two designs in figures."""
    if left is None or right is None:
        return ""
    rows = zip(*(_figures(design) for _, design in (left, right)), strict=True)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(one)}</td><td>{escape(other)}</td></tr>'
        for (name, one), (_, other) in rows
    )
    head = f'<tr><td></td><th scope="col">{escape(left[0])}</th><th scope="col">{escape(right[0])}</th></tr>'
    return f'<table class="compared"><caption>In figures</caption><thead>{head}</thead><tbody>{body}</tbody></table>'


def _figures(design: Design) -> list[tuple[str, str]]:
    low, high = design.peak_interval
    unit = design.problem.unit
    return [
        ("What is minimised", f"{design.problem.figure}, {figure_text(design)}"),
        ("Crest factor", _crest(design)),
        ("PAPR", "–" if isnan(design.crest_factor) else f"{design.papr_db:.3f} dB"),
        ("Peak", in_unit(f"{design.peak:.6g}", unit)),
        ("Certified between", in_unit(f"{low:.12g} and {high:.12g}", unit)),
        ("Above the bound", _gap(design)),
        ("Found by", design.provenance.method),
        ("Starts", str(design.provenance.starts)),
        ("Time", readable(design.provenance.seconds, "s", 6)),
        ("Proven", design.status),
    ]
