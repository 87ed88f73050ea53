"""Finished designs: what a window keeps of them, and how a browser stores them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from crestfall.design.design import Design
from crestfall.files.record import dumps, from_record, loads, to_record
from crestfall.studio.limits import Limits

MOST = 24
"""Designs that are kept; then the oldest goes."""

_LONGEST_NAME, _LONGEST_ABOUT, _LONGEST_ID = 80, 2000, 32


@dataclass(frozen=True)
class Saved:
    """A design that is kept, with the problem's text.

    Attributes:
        name: What it is called.
        text: The problem file that it answers.
        about: What it is, in one line.
        record: The design as a text (see ``crestfall.files.record``).
        id: A word that no other has.
    """

    name: str
    text: str
    about: str
    record: str
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    @classmethod
    def of(cls, name: str, text: str, about: str, design: Design) -> Saved:
        """A new one."""
        made = cls(name, text, about, dumps(to_record(design), ascii_only=True))
        made.__dict__["design"] = design
        return made

    @cached_property
    def design(self) -> Design:
        """The design; read when it is asked for, since a browser may have kept many.

        Raises:
            ValueError: The record is damaged.
        """
        return from_record(loads(self.record))

    def renamed(self, name: str) -> Saved:
        """The same under another name."""
        return replace(self, name=name.strip()[:_LONGEST_NAME] or self.name)

    def entry(self) -> dict[str, str]:
        """What a browser stores."""
        return {key: getattr(self, key) for key in ("id", "name", "text", "about", "record")}


def saved_of_entries(entries: Any, limits: Limits) -> list[Saved]:
    """What a browser has stored; entries that are damaged or beyond the limits are left out.

    Example:
        >>> saved_of_entries([{"id": "a"}, 3], Limits())
        []
    """
    found = []
    for entry in entries[-MOST:] if isinstance(entries, list) else []:
        given = entry if isinstance(entry, dict) else {}
        texts = [text for key in ("name", "text", "about", "record", "id") if isinstance(text := given.get(key), str)]
        if len(texts) < 5:
            continue
        name, text, about, record, id = texts
        short = len(name) <= _LONGEST_NAME and len(about) <= _LONGEST_ABOUT and 0 < len(id) <= _LONGEST_ID
        if not short or len(text) > limits.text_bytes or len(record) > limits.upload_bytes:
            continue
        one = Saved(name, text, about, record, id)
        try:
            content = loads(record)
            if isinstance(content.get("problem"), dict):
                limits.require_small(content["problem"])
            limits.require_fit(one.design.problem)
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
        found.append(one)
    return found


def free_name(saved: Iterable[Saved], rest: str) -> str:
    """A name that begins with the next number.

    Example:
        >>> free_name([], "31 tones, 1.39"), free_name([Saved("4: x", "", "", "")], "31 tones, 1.38")
        ('1: 31 tones, 1.39', '5: 31 tones, 1.38')
    """
    numbers = [int(head) for one in saved if (head := one.name.partition(":")[0]).isdigit()]
    return f"{max(numbers, default=0) + 1}: {rest}"
