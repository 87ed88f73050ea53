"""A problem as the text of a problem file, from the tables that such a file holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_PER_LINE = 12
_ONE_LINE = 100


def to_toml(data: dict[str, Any]) -> str:
    """TOML of what ``tomllib.loads`` makes of a problem file: tables of values, and lists of tables.

    Example:
        >>> print(to_toml({"tones": {"harmonics": "1:3", "complex": True}, "extra": [{"largest": 0.5}]}))
        [tones]
        harmonics = "1:3"
        complex = true
        <BLANKLINE>
        [[extra]]
        largest = 0.5
        <BLANKLINE>
    """
    return "\n".join(_tables(data))


def _tables(data: dict[str, Any]) -> Iterator[str]:
    for name, content in data.items():
        for table in content if isinstance(content, list) else [content]:
            header = f"[[{name}]]" if isinstance(content, list) else f"[{name}]"
            yield "".join([f"{header}\n", *(f"{_key(key)} = {_value(value)}\n" for key, value in table.items())])


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return _list([_value(each) for each in value])
    return _text(str(value))


def _text(value: str) -> str:
    # JSON's escapes are TOML's, but for surrogates, which ensure_ascii would make, and for one more control character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: list[str]) -> str:
    if sum(map(len, values)) + 2 * len(values) <= _ONE_LINE:
        return "[" + ", ".join(values) + "]"
    rows = [", ".join(values[first : first + _PER_LINE]) for first in range(0, len(values), _PER_LINE)]
    return "[\n" + "".join(f"    {row},\n" for row in rows) + "]"
