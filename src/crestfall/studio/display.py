"""The right-hand side of the page: numbers, figures, and below them the proof or a comparison."""

from __future__ import annotations

from typing import Any

import panel as pn

from crestfall.design.channel_figures import drive_of, name_in_experiment
from crestfall.design.design import Design
from crestfall.studio.controls import Controls, boxed, text_of
from crestfall.studio.curves import lines_of, names_of, wave_of, worst_of
from crestfall.studio.figures import HistoryFigure, SpectrumFigure, WaveFigure
from crestfall.studio.palette import DARK, LIGHT
from crestfall.studio.session import Session
from crestfall.studio.sound import why_silent
from crestfall.studio.words import heading_of, legend_of, proof_of, shares_of, table_of, tiles_of

_WAVE, _SMALL, _SIDE = 330, 210, 230

FIGURES = ("Waveform", "Spectrum", "What is minimised against time", "Left waveform", "Right waveform")
"""What the figures show, in their order on the page."""


def _pane(model: Any) -> pn.pane.Bokeh:
    return pn.pane.Bokeh(model, sizing_mode="stretch_width", margin=0)


class Display:
    """Shows a session without changing it."""

    def __init__(self, controls: Controls, saved: Any, sound: Any) -> None:
        self._controls, self._sound = controls, sound
        self._wave, self._spectrum, self._history = WaveFigure(_WAVE), SpectrumFigure(_SMALL), HistoryFigure(_SMALL)
        self._sides: tuple[WaveFigure, ...] = ()
        self._side_by_side = boxed("figures")
        self._tiles, self._legend, self._proof, self._table = text_of(), text_of(), text_of(), text_of()
        self._heading = text_of(heading_of(None))
        self._shares = text_of(css_classes=["at-times"])
        self._drawn: tuple[object, ...] = ()
        self._named: list[str] = []
        self._compared: tuple[object, ...] = ()
        self._dark = False
        self._below = {
            "Proof": boxed("stack", self._proof, boxed("buttons", controls.longer, controls.others)),
            "Compare": boxed(
                "stack",
                boxed("pair", controls.left, controls.right),
                self._side_by_side,
                self._table,
            ),
            "Designs": boxed("stack", saved),
        }
        self.choose_view()
        self.top = boxed(
            "top",
            boxed("card", self._tiles, self._shares),
            boxed("card", controls.band, controls.drive, self._legend, _pane(self._wave.model), sound),
        )
        self.rest = boxed(
            "rest",
            boxed(
                "figures",
                boxed("card", text_of("<h2>Spectrum</h2>"), _pane(self._spectrum.model)),
                boxed("card", self._heading, _pane(self._history.model)),
            ),
            boxed("card", controls.view, *self._below.values()),
        )

    def choose_view(self) -> None:
        """Show the proof or the comparison below the figures, as chosen."""
        if self._controls.view.value == "Compare" and not self._sides:  # made when first shown
            self._sides = (WaveFigure(_SIDE), WaveFigure(_SIDE))
            for side in self._sides:
                side.colour(DARK if self._dark else LIGHT)
            self._side_by_side.objects = [_pane(side.model) for side in self._sides]
        for name, part in self._below.items():
            part.visible = name == self._controls.view.value

    def show(self, session: Session, *, dark: bool) -> None:
        """Draw the present state of the session."""
        if dark is not self._dark:
            self._dark = dark
            for figure in (self._wave, self._spectrum, self._history, *self._sides):
                figure.colour(DARK if dark else LIGHT)
        design, present = session.shown, session.present
        self._offer_bands(session)
        self._tiles.html = tiles_of(design, present, session.step, session.searches_shown)
        self._shares.html = shares_of(design, present)
        self._proof.html = proof_of(session.explanation)
        if design is None:
            self._legend.html = legend_of(None, None, None)
            return
        self._offer_signals(design)
        self._draw(design, present)
        self._heading.html = heading_of(design)
        self._history.show(session.history, session.elapsed_s, design.lower_bound, design.problem.figure)
        self._name_designs(session)
        self._compare(session)

    def _draw(self, design: Design, present: Design | None) -> None:
        """Draw one signal of a design, over the same signal of the one that it came from."""
        names = names_of(design)
        chosen = self._controls.drive.value
        number = names.index(chosen) if chosen in names else worst_of(design)
        before = present if present is not design else None
        drawn = (design, before, number)
        if len(self._drawn) == len(drawn) and all(a is b for a, b in zip(self._drawn, drawn, strict=True)):
            return
        self._drawn = drawn
        wave, first = wave_of(design, number), None if before is None else wave_of(before, number)
        name, unit = _name_and_unit(design, number)
        self._legend.html = legend_of(design, wave, before, names[number] if len(names) > 1 else "", unit)
        self._wave.show(wave, first, name=name or "signal", unit=unit)
        drive = self.drive_shown(design, chosen)
        self._spectrum.show(lines_of(drive), design.problem.unit)
        self._sound.disabled = bool(why_silent(drive))

    def drive_shown(self, design: Design, chosen: str | None) -> Design:
        """The drive that causes the signal which is drawn."""
        names = names_of(design)
        report = design.signals[names.index(chosen)] if chosen in names else design.worst
        channels, channel = design.problem.channels, report.channel
        of_input = None if channel is None else name_in_experiment(channels, channel, report.experiment)
        return drive_of(design, of_input)[1]

    def _offer_bands(self, session: Session) -> None:
        """Let the visitor choose the band that is shown."""
        select, parts = self._controls.band, () if session.draft is None else session.draft.parts
        options = {f"{k} of {len(parts)}: {part.sentence}": k for k, part in enumerate(parts, 1)}
        select.visible = bool(parts)
        number = session.band + 1 if parts else None
        if select.options != options or select.value != number:
            select.param.update(options=options, value=number)

    def _offer_signals(self, design: Design) -> None:
        """Let the visitor choose among several signals; by default the worst is drawn."""
        select, names = self._controls.drive, names_of(design)
        select.visible = len(names) > 1
        # The worst is always an option: a value sent after the options could overtake a quick visitor's choice.
        options = {"the worst": "", **({name: name for name in names} if len(names) > 1 else {})}
        if select.options != options:
            select.param.update(options=options, value="")

    def _compare(self, session: Session) -> None:
        """Draw the two designs that were chosen side by side, to one scale."""
        chosen = [_named(session, select.value) for select in (self._controls.left, self._controls.right)]
        if self._controls.view.value != "Compare" or self._compared == tuple(chosen):
            return
        self._compared = tuple(chosen)
        self._table.html = table_of(*chosen)
        waves = [None if each is None else wave_of(each[1], worst_of(each[1])) for each in chosen]
        top = max((wave.highest for wave in waves if wave is not None), default=None)
        for side, each, wave in zip(self._sides, chosen, waves, strict=True):
            if each is not None and wave is not None:
                name, unit = _name_and_unit(each[1], worst_of(each[1]))
                side.show(wave, None, top, name=name or "signal", unit=unit)

    def _name_designs(self, session: Session) -> None:
        """Offer the saved designs for comparison: by default the first and the latest."""
        names = _names(session)
        if names == self._named:
            return
        self._named = names
        left, right = self._controls.left, self._controls.right
        kept = left.value if left.value in names else (names[0] if names else None)
        left.param.update(options=names, value=kept)
        right.param.update(options=names, value=names[-1] if names else None)


def _name_and_unit(design: Design, number: int) -> tuple[str, str]:
    """Name of a signal, empty for the drive alone, and its unit."""
    report = design.signals[number]
    return report.name if design.problem.outputs else "", report.unit


def _designs(session: Session) -> list[tuple[str, Design]]:
    present = session.present
    first = [] if present is None else [(f"before: {present.provenance.method}, {present.figure:.4f}", present)]
    return [*first, *((saved.name, saved.design) for saved in session.saved)]


def _names(session: Session) -> list[str]:
    return [name for name, _ in _designs(session)]


def _named(session: Session, name: str | None) -> tuple[str, Design] | None:
    return next((each for each in _designs(session) if each[0] == name), None)
