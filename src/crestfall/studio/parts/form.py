"""A group of fields: native inputs with their labels, help and, where something is wrong, a message at the field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from crestfall.studio.field_specs import FieldSpec


class Field(param.Parameterized):
    """One field of a ``Form``.

    Args:
        spec: What it is.
        value: What it shows at first.

    Attributes:
        default: The value that it had at first.
    """

    value = param.String("", doc="What the field shows: a text, one of the options, or yes or nothing.")
    error = param.String("", doc="What is wrong with it.")
    entered = param.Event(doc="Enter was pressed in it.")

    def __init__(self, spec: FieldSpec, value: str = "") -> None:
        default = value or (spec.options[0][0] if spec.options else "")
        super().__init__(value=default)
        self.spec, self.default = spec, default

    def takes(self, value: str) -> bool:
        """Whether a browser may send this value."""
        if self.spec.kind == "check":
            return value in ("", "yes")
        if self.spec.options:
            return value in [key for key, _ in self.spec.options]
        return len(value) <= self.spec.longest


class Form(JSComponent):
    """Fields, one below the other or in pairs; their values and messages go to the browser and come back."""

    specs = param.List([], doc="What the fields are, as plain data.")
    state = param.Dict({}, doc="Value and error of each field, by its name.")

    _esm = Path(__file__).with_name("form.js")

    def __init__(self, fields: Iterable[Field], **params: Any) -> None:
        self._fields = {field.spec.name: field for field in fields}
        super().__init__(specs=[field.spec.plain() for field in self._fields.values()], **params)
        self._waits = False
        for field in self._fields.values():
            field.param.watch(lambda event: self._show(), ["value", "error"])
        self._show()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Send what changes in this context at once."""
        self._waits = True
        try:
            yield
        finally:
            self._waits = False
            self._show()

    def _show(self) -> None:
        if not self._waits:
            self.state = {name: [field.value, field.error] for name, field in self._fields.items()}

    def _handle_msg(self, message: Any) -> None:
        given = message if isinstance(message, dict) else {}
        field = self._fields.get(str(given.get("name")))
        if field is None:
            return
        value = given.get("value")
        if isinstance(value, str) and field.takes(value):
            field.value = value
        if given.get("entered") is True:
            field.param.trigger("entered")
