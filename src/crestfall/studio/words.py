"""The texts of the page as HTML, with everything escaped that comes from a visitor."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import isfinite, isnan

from crestfall.design.design import Design
from crestfall.design.explain import Explanation
from crestfall.studio.draft import Draft, with_unit
from crestfall.studio.messages import Step


def status_of(draft: Draft | None, problem_message: str, notes: Sequence[str] = ()) -> str:
    """About the problem: what it is and what was noted while it was read, or what is wrong with it."""
    if problem_message:
        return f'<p role="status" class="note alarm">{escape(problem_message)}</p>'
    sentence = escape(draft.sentence if draft is not None else "")
    noted = "".join(f"<br>Note: {escape(one)}" for one in notes)
    return f'<p role="status" class="note">{sentence}{noted}</p>'


def alarm_of(message: str) -> str:
    """Something that went wrong with a search or a file; nothing if nothing did."""
    return f'<p role="alert" class="note alarm">{escape(message)}</p>' if message else '<p role="alert"></p>'


def tiles_of(design: Design | None, present: Design | None, step: Step | None, searching: bool) -> str:
    """The figures at the top of the page."""
    if design is None:
        return '<dl class="tiles"><div class="wide"><dt>Crest factor</dt><dd>–</dd></div></dl>'
    tiles = [
        (_capital(design.problem.figure), f"{design.figure:.4f}", _before(design, present)),
        _crest_tile(design),
        ("Peak", f"{design.peak:.5g}", _limits(design)),
        ("Above the bound", _gap(design), _bound(design)),
        ("Starts tried", _starts(design, step), step.stage if searching and step is not None else "in this search"),
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


def heading_of(design: Design | None) -> str:
    """The heading of the figure of merit against time."""
    name = "crest factor" if design is None else design.problem.figure
    return f"<h2>{escape(_capital(name))} against time</h2>"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _crest_tile(design: Design) -> tuple[str, str, str]:
    """The crest factor; where that is the figure of merit already, the PAPR."""
    silent = isnan(design.crest_factor)
    if design.problem.figure == "crest factor":
        return "PAPR", "–" if silent else f"{design.papr_db:.2f} dB", "power, peak over average"
    return "Crest factor", _crest(design), "" if silent else f"PAPR {design.papr_db:.2f} dB"


def _crest(design: Design) -> str:
    return "none" if isnan(design.crest_factor) else f"{design.crest_factor:.4f}"


def _before(design: Design, present: Design | None) -> str:
    if present is None:
        return ""
    what = present.provenance.method
    if design is present:
        return what
    return f"{present.figure:.4f} with {what}"


def _limits(design: Design) -> str:
    if design.worst.limit is None:
        return "in the unit of the amplitudes"
    return f"{design.largest_drive:.4g} within all limits"


def _bound(design: Design) -> str:
    by = "" if design.bound_argument is None else f" ({design.bound_argument})"
    return f"no phases get below {design.lower_bound:.4f}{by}" if design.lower_bound > 0.0 else "no bound is known"


def _gap(design: Design) -> str:
    if not isfinite(design.gap):
        return "–"
    return "0 %" if design.gap <= 1e-9 else f"{100.0 * design.gap:.1f} %"


def _starts(design: Design, step: Step | None) -> str:
    return str(step.starts if step is not None else design.provenance.starts)


def _left(step: Step | None, searching: bool) -> str:
    if not searching:
        return "–"
    return "…" if step is None or step.left_s is None else f"{step.left_s:.0f} s"


def legend_of(drive: Design | None, before: Design | None, name: str = "") -> str:
    """The legend of the waveform, in words.

    Args:
        drive: The signal that is drawn.
        before: The same signal before the search.
        name: What it is called, where there are several.
    """
    if drive is None:
        return '<p class="legend"></p>'
    now = "now" if drive is not before else _name(drive)
    both = drive.problem.splits_components
    now += ", I" if both else ""
    parts = [f'<span class="signal">{escape(f"{name}: {now}" if name else now)}</span>']
    if both:
        parts.append('<span class="quadrature">Q</span>')
    if before is not None and drive is not before:
        parts.append(f'<span class="before">{escape(_name(before))}</span>')
    parts.append(f'<span class="peak">peak {drive.peak:.5g}</span>')
    if drive.peak_lower_bound > 0.0:
        parts.append(f'<span class="bound">no phases get below {drive.peak_lower_bound:.5g}</span>')
    return '<p class="legend">' + "".join(parts) + "</p>"


def _name(design: Design) -> str:
    return design.provenance.method


def proof_of(explanation: Explanation | None) -> str:
    """The certificate in plain words."""
    if explanation is None:
        return '<p class="note">One moment: this is being worked out.</p>'
    parts = []
    for section in explanation.sections:
        lines = "".join(f"<li>{escape(line.strip())}</li>" for line in section.lines)
        parts.append(f"<section><h3>{escape(section.title)}</h3><ul>{lines}</ul></section>")
    return f'<div class="proof">{"".join(parts)}</div>'


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
    return [
        ("What is minimised", f"{design.problem.figure}, {design.figure:.6g}"),
        ("Crest factor", _crest(design)),
        ("PAPR", "–" if isnan(design.crest_factor) else f"{design.papr_db:.3f} dB"),
        ("Peak", f"{design.peak:.6g}"),
        ("Certified between", f"{low:.12g} and {high:.12g}"),
        ("Above the bound", _gap(design)),
        ("Found by", design.provenance.method),
        ("Starts", str(design.provenance.starts)),
        ("Time", with_unit(design.provenance.seconds, "s")),
        ("Proven", design.status),
    ]
