"""The page: fields on the left, figures on the right, and the callbacks that connect them."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from functools import cache
from typing import Any

import panel as pn
from panel.viewable import Viewable, Viewer

from crestfall.design.design import Design
from crestfall.design.playback import Playback
from crestfall.files.waveforms.read import IN_ONE_FILE
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.studio import field_specs as specs
from crestfall.studio.address import Address
from crestfall.studio.controls import PROBLEM_FILE, STYLE, Controls, Section, boxed, styled, text_of
from crestfall.studio.display import FIGURES, Display
from crestfall.studio.downloads import FORMATS, download_of, download_of_bands, require_playable
from crestfall.studio.draft import Draft
from crestfall.studio.editor import PROBLEM_FIELDS, Editor
from crestfall.studio.field_specs import blamed
from crestfall.studio.kept_designs import KeptDesigns
from crestfall.studio.limits import Limits
from crestfall.studio.parts import Drop, Keys, Save, Sound, Theme, ToneTable
from crestfall.studio.playback_form import playback_from, playbacks_from
from crestfall.studio.presets import FIRST
from crestfall.studio.run import BusyError, Workers
from crestfall.studio.saved import Saved
from crestfall.studio.search_form import effort_from
from crestfall.studio.session import Session
from crestfall.studio.sound import RATE_HZ, sound_of
from crestfall.studio.upload import ENDINGS
from crestfall.studio.words import alarm_of, save_note_of, status_of

_POLL_MS = 100
_LONGER_S = 60.0
_SEARCH = (*specs.SEARCH, *specs.MORE_SEARCH)
_SAVE = (*specs.SAVE, *specs.MORE_SAVE)

INTRO = (
    "Describe the tones of a test signal. The studio chooses their phases so that the same power has a lower peak, "
    "proves how close that is to the best possible, and saves the signal as a file."
)
_UNDER_TEXT = (
    '<p class="note">A problem file can say all that the command line can. What has no field of its own is written '
    "here: limits on outputs, several inputs, extra tones, held phases, shapes given by samples. The other fields show "
    "what they can of it.</p>"
)

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
        self.controls = Controls()
        self._table = ToneTable(self._rows_changed, **styled())
        self._editor = Editor(self.controls, self._table, self._limits, self._accepted, self._say_problem)
        self._address = Address(self._limits, self._go_to)
        self._kept = KeptDesigns(
            self.session,
            self.controls,
            self._limits,
            restore=lambda saved: self._unless_searching(lambda: self._restore(saved)),
            save=lambda saved: self._save_design(saved.design, saved.text),
            look_again=self._look_again,
        )
        self._sound = Sound(self._play_pressed, stylesheets=[STYLE], margin=0)
        self._display = Display(self.controls, self._kept.part, self._sound)
        self._save = Save(self._save_pressed, **styled(label="Save the file", align="end"))
        self._theme = Theme(stylesheets=[STYLE], width=76, margin=0)
        self._status = text_of()
        self._alarm, self._save_note = (text_of(css_classes=["at-times"]) for _ in range(2))
        self._pending: Callable[[], None] | None = None
        self._keys = Keys(self._key_pressed, figures=list(FIGURES), width=0, height=0, margin=0)
        self._notes: tuple[str, ...] = ()
        self._why_not_saved = ""
        self._shown_version = -1
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
        self._question = boxed("card", text_of(_QUESTION), c.change, c.go_on, visible=False)
        search = boxed(
            "card",
            c.forms["search"],
            Section("More about the search", c.fields, c.forms["more_search"]).whole,
            boxed("buttons", c.go, c.stop),
            self._alarm,
        )
        files = boxed(
            "card",
            c.forms["format"],
            Section("More about the file", c.fields, c.forms["more_save"]).whole,
            self._save,
            self._save_note,
        )
        title = text_of("<h1>crestfall <span>studio</span></h1>", sizing_mode=None, styles={"flex": "1 1 auto"})
        link = [] if pn.state.location is None else [self._address.part]  # the address of a notebook is not ours
        head = boxed("head", title, boxed("tools", *link, c.undo, c.redo, self._theme))
        side = boxed("side", self._question, self._problem_card(), search, files)
        intro = text_of(f'<p class="intro">{INTRO}</p>')
        body = boxed("body", side, self._display.top, self._display.rest)
        return boxed("page", head, boxed("intro", intro), body, self._keys)

    def _problem_card(self) -> Viewable:
        c = self.controls
        drop = self._drop(self._editor.file_given, f"Drop a file here, or choose one: {', '.join(ENDINGS)}", ENDINGS)
        fixed = self._drop(
            lambda name, content: self._editor.fixed_given(name, content, self.draft),
            "Or drop whole periods of the fixed waveform",
            tuple(IN_ONE_FILE),
        )
        self._of_mode = {
            "Harmonics": [c.forms["tones"]],
            "Table": [self._table],
            "Shapes": [c.forms["shapes"]],
            "Text": [c.forms["text"], text_of(_UNDER_TEXT)],
            "File": [drop, c.forms["file"]],
        }
        self._modes = {name: boxed("stack") for name in self._of_mode}
        c.plain.visible = False
        self._choose_mode()
        return boxed(
            "card",
            c.forms["begin"],
            c.mode,
            *self._modes.values(),
            c.forms["goal"],
            Section("More about the tones", c.fields, c.forms["more_tones"]).whole,
            Section("Fixed waveform added to the tones", c.fields, c.forms["added"], fixed).whole,
            self._status,
            c.plain,
        )

    def _drop(self, take: Callable[[str, bytes], None], label: str, endings: tuple[str, ...]) -> Drop:
        return Drop(take, **styled(label=label, accept=",".join(endings), most_bytes=self._limits.upload_bytes))

    def _choose_mode(self) -> None:
        chosen = self.controls.mode.value
        if not self._modes[chosen].objects:
            self._modes[chosen].objects = self._of_mode[chosen]
        for name, part in self._modes.items():
            part.visible = name == chosen

    # ------------------------------------------------------------------ wiring

    def _wire(self) -> None:
        c = self.controls

        def on(widgets: list[Any], react: Callable[[], None], name: str = "value") -> None:
            for widget in widgets:
                widget.param.watch(lambda event: react(), name)

        def typed(name: str) -> None:
            c.fields[name].param.watch(
                lambda event: None if self._editor.filling else self._editor.typed(name), "value"
            )

        for name in PROBLEM_FIELDS:
            typed(name)
        on([c.mode], self._choose_mode)
        on([c.plain], lambda: self._editor.keep_only_tones(self.draft), "clicks")
        on([c.undo], self._address.back, "clicks")
        on([c.redo], self._address.forth, "clicks")
        on([c.change], self._change, "clicks")
        on([c.go_on], self._go_on, "clicks")
        on([c.go], self._go_pressed, "clicks")
        on([c.stop], self.session.stop, "clicks")
        on([c.longer], lambda: self._search_again(longer=True), "clicks")
        on([c.others], lambda: self._search_again(longer=False), "clicks")
        on([c.fields[spec.name] for spec in _SEARCH], self._go_pressed, "entered")
        on([c.fields[spec.name] for spec in _SEARCH], self._check_search)
        on([c.fields[spec.name] for spec in _SAVE], self._playback_typed)
        on([c.fields["format"]], self._format_chosen)
        on([c.left, c.right, c.drive], self._look_again)
        on([c.band], lambda: self.session.choose_band((c.band.value or 1) - 1))
        on([c.view], self._display.choose_view)
        on([c.view], self._look_again)
        on([self._theme], self._turn_dark, "dark")

    # ------------------------------------------------------------------ the problem

    def _rows_changed(self, text: str) -> None:
        self._editor.rows_changed(text)

    def _accepted(self, draft: Draft, notes: tuple[str, ...]) -> None:
        if draft.asks_the_same(self.draft):
            self._turn_to(draft, notes)
        else:
            self._unless_searching(lambda: self._turn_to(draft, notes))

    def _go_to(self, make: Callable[[], Draft]) -> bool:
        self._editor.attempt(make)
        return not self._editor.is_wrong

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
            self._editor.fill(self.draft)
            self._say_problem()
            self._address.restore(self.draft)

    def _turn_to(self, draft: Draft, notes: tuple[str, ...] = (), saved: Saved | None = None) -> None:
        self._notes, self._why_not_saved = notes, ""
        if saved is None:
            self.session.take(draft)
        else:
            self.session.restore(draft, saved.design)
        self._editor.fill(draft)
        self._check_played()
        self._address.show(draft)  # first, so that what is said to be understood survives a reload
        self._say_problem()

    def _restore(self, saved: Saved) -> None:
        try:
            draft = Draft.of_text(saved.text, self._limits)
        except ValueError as error:
            self.say(str(error))
        else:
            self._turn_to(draft, saved=saved)

    def _say_problem(self) -> None:
        labels = [specs.BY_NAME[name].label for name in self._editor.errors]
        self._status.html = status_of(self.draft, self._editor.message, self._notes, labels)
        self.controls.plain.visible = self._editor.has_conditions
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
        elif self._pending is not None:  # Escape answers no to the question whether to end the search
            self._go_on()
        else:
            self.session.stop()

    def _search_again(self, *, longer: bool) -> None:
        """One of the buttons that say what to try next."""
        fields = self.controls.fields
        if longer:
            fields["seconds"].value = f"{min(_LONGER_S, self._limits.seconds):g}"
        elif fields["seed"].value.strip().isdigit():
            fields["seed"].value, fields["origin"].value = str(int(fields["seed"].value) + 1), "scratch"
        self._go_pressed()

    def _checked(
        self,
        read: Callable[[], Any],
        group: tuple[specs.FieldSpec, ...],
        further: Callable[[Any], dict[str, str]] = lambda found: {},
    ) -> Any:
        """What some fields say; where they cannot be read, the one that is wrong is marked, and nothing is returned.

        Args:
            read: Reads them.
            group: What they are.
            further: What is wrong with what was read, at which fields; these are marked, too.
        """
        names = [spec.name for spec in group]
        try:
            found = read()
            errors = further(found)
        except ValueError as error:
            name, text = blamed(" ".join(str(error).split()), names)
            found, errors = None, {name: text} if name else {}
            if not name:
                self.say(text)
        self.controls.mark(errors, names)
        self._look_again()
        return found

    def _check_search(self) -> Any:
        return self._checked(lambda: effort_from(self.controls.values(_SEARCH), self._limits), _SEARCH)

    def _check_playback(self, bands: int = 0) -> Any:
        """A list of what is played, one for each band if there are any; ``None`` if a field cannot be read."""
        values = self.controls.values(_SAVE)
        if bands:
            return self._checked(lambda: playbacks_from(values, bands), _SAVE, self._unplayable)
        return self._checked(lambda: [playback_from(values)], _SAVE, self._unplayable)

    def _unplayable(self, playbacks: list[Playback | None]) -> dict[str, str]:
        """The field that keeps the tones from being played so, and why, in the words in which saving would say it."""
        draft, ending, values = self.draft, FORMATS.get(self.controls.value("format")), self.controls.values(_SAVE)
        problems = [] if draft is None else [part.problem for part in draft.parts or (draft,)]
        if ending is None or len(problems) != len(playbacks):
            return {}
        try:
            require_playable(problems, ending, playbacks, values)
        except ValueError as error:
            name, text = blamed(str(error), values)
            return {name: text} if values.get(name) else {}  # an empty field is not what somebody has to correct
        return {}

    def _format_chosen(self) -> None:
        self._say_not_saved("")
        self._check_played()

    def _check_played(self) -> Any:
        """What is played of the problem that is shown, as ``_check_playback``."""
        return None if self.draft is None else self._check_playback(len(self.draft.parts))

    def _playback_typed(self) -> None:
        """Put what is played into the problem's text, and so into the address and Undo."""
        self._say_not_saved("")
        draft = self.draft
        if self._editor.filling or draft is None or self._check_played() is None:
            return
        changed = self._editor.played(draft)
        if changed is not draft:
            self.session.take(changed)
            self._address.show(changed)
            self._look_again()

    def _go_pressed(self) -> None:
        if self.session.searching or self._editor.is_wrong:
            return
        effort = self._check_search()
        if effort is None:
            return
        try:
            self.session.begin(**effort)
        except (ValueError, BusyError) as error:
            self.say(str(error))

    def _save_pressed(self) -> None:
        design, draft = self.session.shown, self.draft
        if self._editor.is_wrong or draft is None:
            return
        if self.controls.value("format") == PROBLEM_FILE:
            self._save.hand_over("problem.toml", draft.text.encode())
        elif draft.parts:
            self._save_bands()
        elif design is not None:
            self._save_design(design, draft.text)

    def _save_bands(self) -> None:
        """Save all bands: those that were not searched with the phases that they have."""
        designs = [band.shown for band in self.session.bands if band.shown is not None]
        playbacks = self._check_playback(len(designs))
        if playbacks is not None and len(designs) == len(self.session.bands):
            ending, options = FORMATS[self.controls.value("format")], self.controls.values(_SAVE)
            self._hand_over(lambda: download_of_bands(designs, ending, playbacks, options))

    def _play_pressed(self) -> None:
        design, chosen = self.session.shown, self.controls.drive.value
        if design is not None:
            drive = self._display.drive_shown(design, chosen)
            self.session.later(lambda: sound_of(drive), lambda samples: self._sound.play(RATE_HZ, samples))

    def _save_design(self, design: Design, text: str) -> None:
        ending = FORMATS.get(self.controls.value("format"))
        if ending is None:
            self._save.hand_over("problem.toml", text.encode())
            return
        played = self._check_playback()
        if played is not None:
            options = self.controls.values(_SAVE)
            self._hand_over(lambda: download_of(design, ending, played[0], options))

    def _hand_over(self, make: Callable[[], tuple[str, bytes]]) -> None:
        """Make a file and give it to the browser, or say at the button why there is none."""
        self._say_not_saved("")
        self.session.later(make, lambda file: self._save.hand_over(*file), self._say_not_saved)

    def _say_not_saved(self, why: str) -> None:
        self._why_not_saved = why
        self._look_again()

    # ------------------------------------------------------------------ showing

    def poll(self) -> None:
        """Show what has been found since the last call; called ten times a second."""
        self.session.drain()
        if self.session.version == self._shown_version:
            return
        self._shown_version = self.session.version
        c, searching, wrong = self.controls, self.session.searching, self._editor.is_wrong or self.draft is None
        self._alarm.html = alarm_of(self.session.message)
        c.go.disabled = searching or wrong or self._has_errors(_SEARCH)
        c.stop.disabled = not searching
        c.longer.disabled = c.others.disabled = c.go.disabled
        c.undo.disabled, c.redo.disabled = not self._address.undo.can_go_back, not self._address.undo.can_go_forth
        self._save.disabled = wrong or self._has_errors(_SAVE)
        self._save_note.html = save_note_of(
            self._save.disabled, self.session.present, self.session.is_optimised, self._why_not_saved
        )
        self._kept.show()
        if self._pending is not None and not searching:  # it has ended by itself, so nothing is lost
            self._change()
        self._display.show(self.session, dark=self._theme.dark)

    def _has_errors(self, group: tuple[specs.FieldSpec, ...]) -> bool:
        return any(self.controls.fields[spec.name].error for spec in group)

    def _turn_dark(self) -> None:
        self._view.css_classes = ["page", "dark"] if self._theme.dark else ["page"]
        self._look_again()
