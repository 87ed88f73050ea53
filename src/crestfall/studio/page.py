"""The page: fields on the left, figures on the right, and the callbacks that connect them."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from functools import cache
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs

import panel as pn
from panel.viewable import Viewable, Viewer

from crestfall.design.design import Design
from crestfall.files.waveforms.read import IN_ONE_FILE
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.studio import problem_form as form
from crestfall.studio.controls import PROBLEM_FILE, STYLE, Controls, boxed, text_pane
from crestfall.studio.display import FIGURES, Display
from crestfall.studio.downloads import FORMATS, download_of
from crestfall.studio.draft import Draft
from crestfall.studio.limits import Limits
from crestfall.studio.noted import with_notes
from crestfall.studio.parts import Drop, Keys, Link, Save, SavedDesigns, Sound, Theme, ToneTable
from crestfall.studio.parts.tone_table import MOST_ROWS
from crestfall.studio.pasted import tones_of_rows
from crestfall.studio.playback_form import playback_from
from crestfall.studio.presets import FIRST, presets
from crestfall.studio.problem_in_address import packed, unpacked
from crestfall.studio.run import BusyError, Workers
from crestfall.studio.saved import Saved, saved_of_entries
from crestfall.studio.session import Session
from crestfall.studio.sound import RATE_HZ, sound_of
from crestfall.studio.undo import Undo
from crestfall.studio.upload import ENDINGS, draft_of_file, fixed_of_file
from crestfall.studio.words import alarm_of, save_note_of, status_of

_POLL_MS = 100
_KEEP_S = 2.0
"""Time between two designs of a running search that the window keeps."""

_INTRO = (
    "Describe the tones of a test signal. The studio chooses their phases so that the same power has a lower peak, "
    "proves how close that is to the best possible, and saves the signal as a file."
)
_LONGER_S = 60.0

_QUESTION = (
    '<p role="alert" class="note"><b>A search is running.</b> To change the problem, end it; '
    "its best design is kept under Designs.</p>"
)


@cache
def _shared_workers() -> Workers:
    """The search processes of a notebook; a server brings its own."""
    workers = Workers(Limits())
    atexit.register(workers.close)
    return workers


class Studio(Viewer):
    """A multisine, its search and its figures, as a Panel component: for ``crestfall studio`` and for notebooks.

    Args:
        problem: A problem, just its tones, or the text of a problem file; by default 31 equal harmonics.
        limits: What a visitor may ask for.
        workers: Where searches run; by default processes that end with this one.

    Raises:
        ValueError: The text is not a problem, or the problem is beyond the limits.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> studio = Studio(Multisine.harmonics(range(1, 6)))
        >>> studio.draft.sentence
        '5 tones, 1 to 5 Hz, period 1 s'
        >>> studio.close()
    """

    def __init__(
        self,
        problem: Problem | Multisine | str | None = None,
        *,
        limits: Limits | None = None,
        workers: Workers | None = None,
    ) -> None:
        super().__init__()
        self._limits = limits or Limits()
        self.session = Session(workers or _shared_workers())
        self.controls = Controls(self._limits)
        self._saved = SavedDesigns(self._design_chosen, stylesheets=[STYLE], sizing_mode="stretch_width", margin=0)
        self._sound = Sound(self._play_pressed, stylesheets=[STYLE], margin=0)
        self._display = Display(self.controls, self._saved, self._sound)
        self._table = ToneTable(self._rows_changed, stylesheets=[STYLE], sizing_mode="stretch_width", margin=0)
        self._drop = Drop(
            self._file_given,
            label=f"Drop a file here, or choose one: {', '.join(ENDINGS)}",
            accept=",".join(ENDINGS),
            most_bytes=self._limits.upload_bytes,
            stylesheets=[STYLE],
            sizing_mode="stretch_width",
            margin=0,
        )
        self._fixed_drop = Drop(
            self._fixed_given,
            label="Or drop one period of a waveform to add",
            accept=",".join(IN_ONE_FILE),
            most_bytes=self._limits.upload_bytes,
            stylesheets=[STYLE],
            sizing_mode="stretch_width",
            margin=0,
        )
        self._save = Save(
            self._save_pressed,
            label="Save the file",
            stylesheets=[STYLE],
            sizing_mode="stretch_width",
            margin=0,
            align="end",
        )
        self._theme = Theme(stylesheets=[STYLE], width=76, margin=0)
        self._status, self._alarm, self._save_note = text_pane(), text_pane(), text_pane()
        self._link = Link(self._went_back, stylesheets=[STYLE], margin=0)
        self._undo = Undo()
        self._pending: Callable[[], None] | None = None
        self._running: tuple[Any, float] = (None, 0.0)
        self._keys = Keys(self._key_pressed, figures=list(FIGURES), width=0, height=0, margin=0)
        self._attempt: dict[str, Any] = {}
        self._problem_message = ""
        self._notes: tuple[str, ...] = ()
        self._filling = False
        self._shown_version = -1
        self._stored: set[str] = set()
        self._view = self._laid_out()
        self._wire()
        if isinstance(problem, Multisine):
            problem = Problem(problem)
        if isinstance(problem, Problem):
            draft = Draft.of_problem(problem, self._limits)
        else:
            draft = Draft.of_text(FIRST if problem is None else problem, self._limits)
        self._turn_to(draft)

    @property
    def draft(self) -> Draft | None:
        """The problem as it was understood last."""
        return self.session.draft

    @property
    def design(self) -> Any:
        """The best design of the latest search, or ``None`` before the first."""
        return self.session.found

    def close(self) -> None:
        """End the search: the window is gone."""
        self.session.close()

    def __panel__(self) -> Viewable:
        pn.state.add_periodic_callback(self.poll, period=_POLL_MS)
        return self._view

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        """Show itself as the last line of a cell, where Panel's part of the notebook is not loaded yet, too."""
        if not pn.extension._loaded:
            pn.extension()
        return super()._repr_mimebundle_(include, exclude)

    # ------------------------------------------------------------------ layout

    def _laid_out(self) -> Viewable:
        c = self.controls
        self._modes = {
            "Harmonics": boxed("stack", c.harmonics, boxed("pair", c.fundamental, c.signal), c.amplitudes),
            "Table": boxed("stack", self._table),
            "Shapes": boxed("stack", c.shapes, c.shape_frequency),
            "Text": boxed("stack", c.text),
            "File": boxed("stack", self._drop),
        }
        c.plain.visible = False
        problem = boxed(
            "card",
            c.preset,
            c.mode,
            *self._modes.values(),
            boxed("pair", c.measure, c.alphabet),
            c.times,
            c.lines,
            c.offset,
            self._fixed_drop,
            self._status,
            c.plain,
        )
        self._question = boxed("card", text_pane(_QUESTION), c.change, c.go_on, visible=False)
        search = boxed("card", boxed("pair", c.seconds, c.seed), c.origin, boxed("pair", c.go, c.stop), self._alarm)
        files = boxed(
            "card",
            c.format,
            boxed("pair", c.file_rate, c.file_length),
            boxed("pair", c.file_level, c.file_bits),
            self._save,
            self._save_note,
        )
        self._choose_mode()
        title = text_pane("<h1>crestfall <span>studio</span></h1>", sizing_mode=None, styles={"flex": "1 1 auto"})
        link = [] if pn.state.location is None else [self._link]  # the address of a notebook is not ours
        head = boxed("head", title, *link, c.undo, c.redo, self._theme)
        side = boxed("side", self._question, problem, search, files)
        intro = text_pane(f'<p class="intro">{_INTRO}</p>')
        body = boxed("body", side, self._display.top, self._display.rest)
        return boxed("page", head, boxed("intro", intro), body, self._keys)

    def _choose_mode(self) -> None:
        for name, part in self._modes.items():
            part.visible = name == self.controls.mode.value

    # ------------------------------------------------------------------ wiring

    def _wire(self) -> None:
        c = self.controls

        def on(widgets: list[Any], react: Callable[[], None], name: str = "value") -> None:
            for widget in widgets:
                widget.param.watch(lambda event: None if self._filling else react(), name)

        on([c.preset], self._preset_chosen)
        on([c.mode], self._choose_mode)
        on(c.typed(), self._harmonics_typed)
        on([c.text], lambda: self._try(lambda: Draft.of_text(c.text.value, self._limits)))
        on([c.measure, c.times, c.alphabet], self._goal_typed)
        on([c.lines], lambda: self._attempt_data(lambda: form.with_lines(self._attempt, c.lines.value)))
        on([c.shapes, c.shape_frequency], self._shapes_typed)
        on([c.offset], lambda: self._attempt_data(lambda: form.with_offset(self._attempt, c.offset.value)))
        on([c.plain], self._only_tones, "clicks")
        on([c.undo], lambda: self._try(lambda: Draft.of_text(self._undo.back(), self._limits)), "clicks")
        on([c.redo], lambda: self._try(lambda: Draft.of_text(self._undo.forth(), self._limits)), "clicks")
        on([c.change], self._change, "clicks")
        on([c.go_on], self._go_on, "clicks")
        on([c.go], self._go_pressed, "clicks")
        on([c.stop], self.session.stop, "clicks")
        on([c.longer], lambda: self._search_again(longer=True), "clicks")
        on([c.others], lambda: self._search_again(longer=False), "clicks")
        on([c.seconds, c.seed], self._go_pressed, "enter_pressed")
        on([c.left, c.right, c.drive], self._look_again)
        on([c.view], self._display.choose_view)
        on([c.view], self._look_again)
        on([self._theme], self._turn_dark, "dark")

    def _preset_chosen(self) -> None:
        chosen = [preset.text for preset in presets() if preset.name == self.controls.preset.value]
        if chosen:
            self._try(lambda: Draft.of_text(chosen[0], self._limits))

    def _harmonics_typed(self) -> None:
        c = self.controls
        self._attempt_data(
            lambda: form.with_harmonics(
                self._attempt, c.harmonics.value, c.fundamental.value, c.amplitudes.value, c.signal.value == "complex"
            )
        )

    def _rows_changed(self, text: str) -> None:
        def data() -> dict[str, Any]:
            self._limits.require_short(text)
            return form.with_tones(self._attempt, tones_of_rows(text), self.controls.signal.value == "complex")

        self._attempt_data(data)

    def _goal_typed(self) -> None:
        c = self.controls
        self._attempt_data(lambda: form.with_goal(self._attempt, c.measure.value, c.times.value, c.alphabet.value))

    def _shapes_typed(self) -> None:
        c = self.controls
        if c.shapes.value.strip() and c.shape_frequency.value.strip():  # both are needed
            self._attempt_data(lambda: form.with_shapes(self._attempt, c.shapes.value, c.shape_frequency.value))

    def _fixed_given(self, name: str, content: bytes) -> None:
        draft = self.draft
        if draft is not None:
            self._attempt_data(
                lambda: form.with_fixed(self._attempt, fixed_of_file(name, content, draft.multisine, self._limits))
            )

    def _only_tones(self) -> None:
        tones, draft = self._attempt.get("tones"), self.draft
        if isinstance(tones, dict) and tones and "shapes" not in self._attempt:
            self._attempt_data(lambda: form.with_tones({}, tones, False))
        elif draft is not None:  # the inputs have tones of their own, and so have shapes
            self._try(lambda: Draft.of_problem(Problem(draft.multisine), self._limits))

    def _file_given(self, name: str, content: bytes) -> None:
        self._try(lambda: draft_of_file(name, content, self._limits))

    def _attempt_data(self, make: Callable[[], dict[str, Any]]) -> None:
        def draft() -> Draft:
            self._attempt = make()
            return Draft.of_data(self._attempt, self._limits)

        self._try(draft)

    def _try(self, make: Callable[[], Draft]) -> None:
        """Show a draft, or report why it is invalid and keep what is shown."""
        try:
            draft, notes = with_notes(make)
        except (ValueError, TypeError) as error:
            self._problem_message = " ".join(str(error).split())
            self._say_problem()
        else:
            self._unless_searching(lambda: self._turn_to(draft, notes))

    def _unless_searching(self, change: Callable[[], None]) -> None:
        """Change to another problem at once, or ask first where that would end a search."""
        if not self.session.searching:
            change()
            return
        self._pending = change
        self._question.visible = True

    def _change(self) -> None:
        """The visitor wants the change; ``Session.take`` keeps the best that the search has found."""
        change, self._pending, self._question.visible = self._pending, None, False
        if change is not None:
            change()

    def _go_on(self) -> None:
        """The visitor wants the search to go on, and the fields to show its problem again."""
        self._pending, self._question.visible = None, False
        if self.draft is not None:
            self._attempt, self._problem_message = self.draft.data, ""
            self._undo.record(self.draft.text)
            self._fill(self.draft)
            self._say_problem()
            self._link.restore_address()

    def _went_back(self, search: str, text: str | None) -> None:
        """Show the problem of an address that the browser's Back, Forward or a reload led to."""

        def draft() -> Draft:
            if text == "":
                raise ValueError("this browser no longer has the problem of this link; begin with an example")
            packets = parse_qs(search.removeprefix("?")).get("problem", [""])
            return Draft.of_text(unpacked(packets[0], self._limits) if text is None else text, self._limits)

        self._try(draft)
        if self._problem_message:
            self._link.restore_address()

    def _turn_to(self, draft: Draft, notes: tuple[str, ...] = (), saved: Saved | None = None) -> None:
        self._problem_message, self._notes = "", notes
        self._attempt = draft.data
        if saved is None:
            self.session.take(draft)
        else:
            self.session.restore(draft, saved.design)
        self._undo.record(draft.text)
        self._fill(draft)
        self._say_problem()
        self._link.show(packed(draft.text), draft.text)

    def _fill(self, draft: Draft) -> None:
        """Let every field show the problem, wherever it comes from."""
        c, values = self.controls, form.fields_of(draft.data)
        if not values["fundamental"] and draft.multisine.has_period:
            values["fundamental"] = f"{draft.multisine.fundamental:.12g}"
        self._filling = True
        try:
            for name, value in values.items():
                getattr(c, name).value = value
            c.text.value = draft.text
            c.preset.value = next((preset.name for preset in presets() if preset.text == draft.text), "")
            ms = draft.multisine
            given = ms.initial_phases
            self._table.too_many = ms.n if ms.n > MOST_ROWS else 0
            self._table.rows = (
                [
                    [f"{f:.12g}", f"{a:.9g}", "" if given is None else f"{given[k]:.9g}"]
                    for k, (f, a) in enumerate(zip(ms.frequencies, ms.amplitudes, strict=True))
                ]
                if ms.n <= MOST_ROWS
                else []
            )
        finally:
            self._filling = False

    def _say_problem(self) -> None:
        self._status.object = status_of(self.draft, self._problem_message, self._notes)
        self.controls.plain.visible = any(key != "tones" for key in self._attempt)
        self._look_again()

    def say(self, message: str) -> None:
        """Show that something went wrong."""
        self.session.message = message
        self._look_again()

    def _look_again(self) -> None:
        # Only poll draws the figures: Bokeh's document may be changed at any time only from there.
        self._shown_version = -1

    # ------------------------------------------------------------------ search and files

    def _key_pressed(self, key: str) -> None:
        if key == "go":
            self._go_pressed()
        else:
            self.session.stop()

    def _search_again(self, *, longer: bool) -> None:
        """One of the buttons that say what to try next."""
        c = self.controls
        if longer:
            c.seconds.value = f"{min(_LONGER_S, self._limits.seconds):g}"
        elif c.seed.value.strip().isdigit():
            c.seed.value, c.origin.value = str(int(c.seed.value) + 1), "scratch"
        self._go_pressed()

    def _go_pressed(self) -> None:
        c = self.controls
        if self.session.searching or self._problem_message:
            return
        try:
            seconds, seed = form.seconds(c.seconds.value, self._limits), form.seed(c.seed.value)
            self.session.begin(seconds, seed, use_atlas=c.origin.value == "atlas")
        except (ValueError, BusyError) as error:
            self.say(str(error))

    def _design_chosen(self, message: dict[str, Any]) -> None:
        """What a visitor does with a finished design, or the browser has kept."""
        kind = message.get("kind")
        if kind == "loaded":
            found = saved_of_entries(message.get("entries"), self._limits)
            ids = {one.id for one in self.session.saved}
            self.session.saved[:0] = [one for one in found if one.id not in ids]
            self._stored = {one.id for one in found} | self._stored
            self._look_again()
            return
        saved = next((one for one in self.session.saved if one.id == message.get("id")), None)
        if saved is None:
            return
        if kind == "restore":
            self._unless_searching(lambda: self._restore(saved))
        elif kind == "compare":
            self.controls.view.value = "Compare"
            self.controls.right.value = saved.name
        elif kind == "save":
            self._save_design(saved.design, saved.text)
        elif kind == "rename" and isinstance(message.get("name"), str):
            renamed = saved.renamed(message["name"])
            self.session.saved[self.session.saved.index(saved)] = renamed
            self._saved.keep(renamed.entry())
        elif kind == "remove":
            self.session.saved.remove(saved)
            self._saved.remove(saved.id)
        self._look_again()

    def _restore(self, saved: Saved) -> None:
        try:
            draft = Draft.of_text(saved.text, self._limits)
        except ValueError as error:
            self.say(str(error))
        else:
            self._turn_to(draft, saved=saved)

    def _save_pressed(self) -> None:
        c, design, draft = self.controls, self.session.shown, self.draft
        if self._problem_message:
            return
        if c.format.value == PROBLEM_FILE:
            if draft is not None:
                self._save.hand_over("problem.toml", draft.text.encode())
            return
        if design is None:
            return
        self._save_design(design, "" if draft is None else draft.text)

    def _play_pressed(self) -> None:
        design, chosen = self.session.shown, self.controls.drive.value
        if design is not None:
            drive = self._display.drive_shown(design, chosen)
            self.session.later(lambda: sound_of(drive), lambda samples: self._sound.play(RATE_HZ, samples))

    def _save_design(self, design: Design, text: str) -> None:
        c = self.controls
        ending = FORMATS.get(c.format.value)
        if ending is None:
            self._save.hand_over("problem.toml", text.encode())
            return
        try:
            data = Draft.of_text(text, self._limits).data
            said = (c.file_rate.value, c.file_length.value, c.file_level.value, c.file_bits.value)
            playback = playback_from(data, *said)
        except ValueError as error:
            self.say(str(error))
            return
        self.say("")
        self.session.later(lambda: download_of(design, ending, playback), lambda file: self._save.hand_over(*file))

    # ------------------------------------------------------------------ showing

    def poll(self) -> None:
        """Show what has been found since the last call; called ten times a second."""
        self.session.drain()
        if self.session.version == self._shown_version:
            return
        self._shown_version = self.session.version
        self._alarm.object = alarm_of(self.session.message)
        searching = self.session.searching
        self.controls.go.disabled = searching or bool(self._problem_message) or self.draft is None
        self.controls.stop.disabled = not searching
        self.controls.longer.disabled = self.controls.others.disabled = self.controls.go.disabled
        self.controls.undo.disabled, self.controls.redo.disabled = (
            not self._undo.can_go_back,
            not self._undo.can_go_forth,
        )
        self._save.disabled = bool(self._problem_message) or self.draft is None
        optimised = self.session.shown is not self.session.present
        self._save_note.object = save_note_of(self._problem_message, self.session.present, optimised)
        self._keep_designs()
        if self._pending is not None and not searching:  # it has ended by itself, so nothing is lost
            self._change()
        self._display.show(self.session, dark=self._theme.dark)

    def _keep_designs(self) -> None:
        """Let the browser keep what was found, and during a search its best so far."""
        session = self.session
        for one in session.saved:
            if one.id not in self._stored:
                self._stored.add(one.id)
                self._saved.keep(one.entry())
        rows = [[one.id, one.name, one.about] for one in reversed(session.saved)]
        if self._saved.rows != rows:
            self._saved.rows = rows
        if self._saved.searching is not session.searching:
            self._saved.searching = session.searching
            self._saved.keep_running(None)
            self._running = (None, 0.0)
        design, now = session.shown, perf_counter()
        new = session.searching and design is not session.present and design is not self._running[0]
        if new and now - self._running[1] >= _KEEP_S:
            self._running = (design, now)
            self._saved.keep_running(session.unfinished())

    def _turn_dark(self) -> None:
        self._view.css_classes = ["page", "dark"] if self._theme.dark else ["page"]
        self._look_again()
