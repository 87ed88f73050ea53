"""What a visitor does with the fields of the problem: it becomes a draft, or messages at the fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from crestfall.problem.problem import Problem
from crestfall.studio import field_specs as specs
from crestfall.studio import problem_form as form
from crestfall.studio.controls import Controls
from crestfall.studio.draft import Draft
from crestfall.studio.field_specs import blamed
from crestfall.studio.limits import Limits
from crestfall.studio.noted import with_notes
from crestfall.studio.parts import ToneTable
from crestfall.studio.parts.tone_table import MOST_ROWS
from crestfall.studio.pasted import tones_of_rows
from crestfall.studio.playback_form import PLAYED, fields_of_playback, table_from
from crestfall.studio.playback_in_text import text_with_playback
from crestfall.studio.presets import presets
from crestfall.studio.tone_details import DETAILS, with_details, with_lines
from crestfall.studio.upload import draft_of_file, fixed_of_file

Tables = dict[str, Any]


class _Group(NamedTuple):
    """Fields that are read together, and how they change the tables of a problem file."""

    names: tuple[str, ...]
    read: Callable[[Tables, Controls], Tables]


def _tones(data: Tables, c: Controls) -> Tables:
    is_complex = c.value("signal") == "complex"
    return form.with_harmonics(data, c.value("harmonics"), c.value("fundamental"), c.value("amplitudes"), is_complex)


def _shapes(data: Tables, c: Controls) -> Tables:
    return form.with_shapes(data, c.value("shapes"), c.value("shape_frequency"), c.value("steps"))


def _goal(data: Tables, c: Controls) -> Tables:
    zero = c.value("start_at_zero") == "yes"
    if "shapes" in data and not c.value("times").strip():  # whose samples are their steps
        steps = {key: value for key, value in data.get("goal", {}).items() if key == "samples"}
        found = form.with_goal(data, c.value("measure"), "", c.value("alphabet"), start_at_zero=zero)
        goal = {**found.get("goal", {}), **steps}
        return {**found, **({"goal": goal} if goal else {})}
    return form.with_goal(data, c.value("measure"), c.value("times"), c.value("alphabet"), start_at_zero=zero)


def _details(data: Tables, c: Controls) -> Tables:
    return with_details(data, {name: c.value(name) for name in DETAILS})


def _lines(data: Tables, c: Controls) -> Tables:
    return with_lines(data, c.value("lines"), c.value("line_raster"))


def _offset(data: Tables, c: Controls) -> Tables:
    return form.with_offset(data, c.value("offset"))


_GROUPS = (
    _Group(("harmonics", "fundamental", "amplitudes", "signal"), _tones),
    _Group(("shapes", "shape_frequency", "steps"), _shapes),
    _Group(("measure", "times", "alphabet", "start_at_zero"), _goal),
    _Group(DETAILS, _details),
    _Group(("lines", "line_raster"), _lines),
    _Group(("offset",), _offset),
)
_EITHER = ((_GROUPS[0].names, _GROUPS[1].names), (_GROUPS[1].names, _GROUPS[0].names))
"""Tones or shapes: what was begun with the one is forgotten with the other."""
_READ = tuple(name for group in _GROUPS for name in group.names)
_MARKED = (*_READ, "text", "samples_rate", "samples_channel", "fixed_time")


class Editor:
    """The problem that is being edited.

    Args:
        controls: Where it is edited.
        table: The table of tones.
        limits: What is taken.
        accept: Called with each draft and the notes that were made while it was read.
        refuse: Called where what was typed is not a problem, after the fields were marked.

    Attributes:
        message: What is wrong, if it is not said at a field.
        errors: What is wrong at fields, by their names.
        filling: Whether fields are being filled, not typed into.
    """

    def __init__(
        self,
        controls: Controls,
        table: ToneTable,
        limits: Limits,
        accept: Callable[[Draft, tuple[str, ...]], None],
        refuse: Callable[[], None],
    ) -> None:
        self._controls, self._table, self._limits = controls, table, limits
        self._accept, self._refuse = accept, refuse
        self._data: Tables = {}
        self._touched: list[str] = []
        self._file: tuple[str, bytes] | None = None
        self.message = ""
        self.errors: dict[str, str] = {}
        self.filling = False

    @property
    def is_wrong(self) -> bool:
        """Whether what the fields say is not a problem."""
        return bool(self.message or self.errors)

    @property
    def has_conditions(self) -> bool:
        """Whether anything but tones is asked for."""
        return any(key not in ("tones", "playback") for key in self._data)

    def typed(self, name: str) -> None:
        """A field was changed."""
        if name == "text":
            self.attempt(lambda: Draft.of_text(self._controls.value("text"), self._limits), "text")
        elif name == "preset":
            self._preset_chosen()
        elif name in ("samples_rate", "samples_channel"):
            if self._file is not None:
                self.file_given(*self._file)
        elif name in _READ:
            instead = next((others for mine, others in _EITHER if name in mine), ())
            self._touched = [*(one for one in self._touched if one not in (name, *instead)), name]
            self._read()

    def _preset_chosen(self) -> None:
        chosen = [preset.text for preset in presets() if preset.name == self._controls.value("preset")]
        if chosen:
            self.attempt(lambda: self._playing(Draft.of_text(chosen[0], self._limits)))

    def _read(self) -> None:
        """The fields that were touched since they were filled, over the problem that filled them."""
        if self._waits_for_the_rest():
            return
        data, errors = self._data, {}
        for group in _GROUPS:
            if not set(group.names) & set(self._touched):
                continue
            try:
                data = group.read(data, self._controls)
            except ValueError as error:
                name, text = blamed(str(error), group.names, self._last(group.names))
                errors[name] = text
        if errors:
            self._report("", errors)
        else:
            self.attempt(lambda: Draft.of_data(data, self._limits), self._touched[-1])

    def _waits_for_the_rest(self) -> bool:
        """Whether shapes are described, and their frequency is still to come, or the other way round."""
        both = [self._controls.value(name).strip() for name in ("shapes", "shape_frequency")]
        return self._touched[-1] in ("shapes", "shape_frequency", "steps") and not all(both)

    def _last(self, names: tuple[str, ...]) -> str:
        return next(name for name in reversed(self._touched) if name in names)

    def rows_changed(self, text: str) -> None:
        """Rows of the table were typed or pasted."""

        def draft() -> Draft:
            self._limits.require_short(text)
            is_complex = self._controls.value("signal") == "complex"
            return Draft.of_data(form.with_tones(self._data, tones_of_rows(text), is_complex), self._limits)

        self.attempt(draft, "table")

    def file_given(self, name: str, content: bytes) -> None:
        """A file was dropped; it is read again where what the fields say of it changes."""
        self._file = (name, content)
        rate, channel = self._controls.value("samples_rate"), self._controls.value("samples_channel")

        def draft() -> Draft:
            return self._playing(draft_of_file(name, content, self._limits, rate=rate, channel=channel))

        self.attempt(draft, "file")

    def fixed_given(self, name: str, content: bytes, draft: Draft | None) -> None:
        """A waveform was dropped that is added to the tones."""
        if draft is None:
            return

        def added() -> Draft:
            lasts = self._controls.value("fixed_time")
            fixed = fixed_of_file(name, content, draft.multisine, self._limits, lasts)
            return Draft.of_data(form.with_fixed(self._data, fixed), self._limits)

        self.attempt(added, "fixed")

    def keep_only_tones(self, draft: Draft | None) -> None:
        """Ask for nothing but the tones."""
        tones = self._data.get("tones")
        if isinstance(tones, dict) and tones and "shapes" not in self._data:
            self.attempt(lambda: self._playing(Draft.of_data(form.with_tones({}, tones, False), self._limits)))
        elif draft is not None:  # the inputs have tones of their own, and so have shapes
            plain = Problem(draft.multisine, unit=draft.problem.unit)
            self.attempt(lambda: self._playing(Draft.of_problem(plain, self._limits)))

    def attempt(self, make: Callable[[], Draft], at: str = "") -> None:
        """Accept a draft, or say at a field why there is none, and keep what is shown."""
        try:
            draft, notes = with_notes(make)
        except (ValueError, TypeError) as error:
            self._say(" ".join(str(error).split()), at)
        else:
            self._accept(draft, notes)

    def _say(self, message: str, at: str) -> None:
        if at == "text":
            self._report("", {"text": message})
            return
        among = {"file": ("samples_rate",), "fixed": ("fixed_time",), "table": (), "": ()}.get(at, _READ)
        name, text = blamed(message, among, at if at in _READ else "")
        if at in ("file", "table", "fixed", "") and not name:
            text = message
        if at == "table":
            text = text.replace("line ", "tone ", 1)
        self._table.error = text if at == "table" else ""
        self._report("" if name else text, {name: text} if name else {})

    def _report(self, message: str, errors: dict[str, str]) -> None:
        self.message, self.errors = message, errors
        self._controls.mark(errors, _MARKED)
        self._refuse()

    def fill(self, draft: Draft) -> None:
        """Let every field show a problem, wherever it comes from."""
        values = form.fields_of(draft.data)
        if not values["fundamental"] and draft.multisine.has_period:
            values["fundamental"] = f"{draft.multisine.fundamental:.12g}"
        values["text"] = draft.text
        values["preset"] = _preset_of(draft.text)
        if draft.data.get("playback") != self._data.get("playback"):  # else what is still being typed stays
            values |= fields_of_playback(draft.data)
            self._controls.mark({}, PLAYED)
        self._data, self._touched = draft.data, []
        self.message, self.errors, self._table.error = "", {}, ""
        self.filling = True
        try:
            self._controls.fill(values)
            self._controls.mark({}, _MARKED)
            self._fill_table(draft)
        finally:
            self.filling = False

    def played(self, draft: Draft) -> Draft:
        """The draft with the playback that the fields ask for; the same object if it has that already.

        Raises:
            ValueError: A field cannot be read.
        """
        values = {name: self._controls.value(name) for name in PLAYED}
        table = table_from(values, bands=bool(draft.parts))
        if table == draft.data.get("playback", {}):
            return draft
        found = draft.with_playback(table)
        self._data = {key: value for key, value in self._data.items() if key != "playback"}
        self._data |= {"playback": table} if table else {}
        if "text" not in self.errors:
            self.filling = True
            try:
                self._controls.fill({"text": found.text})
            finally:
                self.filling = False
        return found

    def _playing(self, draft: Draft) -> Draft:
        """A new problem; where it does not say what is played, that stays as it was."""
        table = self._data.get("playback", {})
        return draft.with_playback(table) if table and "playback" not in draft.data else draft

    def _fill_table(self, draft: Draft) -> None:
        tones = draft.tones
        self._table.too_many = len(tones) if len(tones) > MOST_ROWS else 0
        rows = [] if self._table.too_many else tones
        self._table.rows = [[f"{f:.12g}", f"{a:.9g}", "" if phase is None else f"{phase:.9g}"] for f, a, phase in rows]


def _preset_of(text: str) -> str:
    """Name of the example that a text is, whatever is played of it; empty for a visitor's own."""
    asked = text_with_playback(text, {})
    return next((one.name for one in presets() if text_with_playback(one.text, {}) == asked), "")


_EDITED = (specs.TONES, specs.SHAPES, specs.TEXT, specs.FILE, specs.GOAL, specs.MORE_TONES, specs.ADDED)
PROBLEM_FIELDS = ("preset", *(spec.name for group in _EDITED for spec in group))
"""Names of the fields that ``Editor.typed`` takes."""
