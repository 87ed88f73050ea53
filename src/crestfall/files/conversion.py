"""Data from outside to declared types, checked by msgspec, with errors in one line that begins with the key.

msgspec because it is small, depends on nothing, and checks types, ranges and unknown keys in compiled code that knows
the path of what is wrong; the same declarations serve TOML, JSON and everything else that becomes plain data.
"""

from __future__ import annotations

import re
import sys
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from crestfall.files.reading import shown

_T = TypeVar("_T")

_LARGEST = sys.float_info.max
Finite = Annotated[float, Meta(ge=-_LARGEST, le=_LARGEST, description="it must be a finite number")]
Positive = Annotated[float, Meta(gt=0.0, le=_LARGEST, description="it must be a finite number above 0")]

_WORDS = {
    "float": "a number",
    "int": "an integer",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table of keys and values",
}
_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at `(?:key` in `)?\$(?P<path>.*)`)?", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def converted(data: Any, kind: type[_T]) -> _T:
    """Plain data as a declared type.

    Raises:
        ValueError: It is not of this type. The message begins with the key, shows the value and says what is needed.

    Example:
        >>> class Box(msgspec.Struct, forbid_unknown_fields=True):
        ...     size: Positive
        >>> converted({"size": 3}, Box).size
        3.0
        >>> converted({"size": 0}, Box)
        Traceback (most recent call last):
        ValueError: size is 0; it must be a finite number above 0
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise ValueError(_explained(str(error), data, kind)) from None


def _explained(message: str, data: Any, kind: Any) -> str:
    """A message of msgspec as one of ours, which begins with the key."""
    match = _MESSAGE.fullmatch(message)
    assert match is not None
    what, key, value, hint = match["what"], "", data, kind
    for name, index in _STEP.findall(match["path"] or ""):
        if index == "...":  # some value of a mapping; msgspec does not say which
            break
        hint = _inner(hint, name, int(index) if index else 0, value)
        value = value[name] if name else value[int(index)]
        key += (f".{name}" if key else name) if name else f"[{index}]"
    if found := re.match(r"Object contains unknown field `(.*)`", what):
        known = f"; known are {', '.join(_fields(hint, value))}" if _fields(hint, value) else ""
        return f"{key}{'.' if key else ''}{found[1]} is unknown{known}"
    if found := re.match(r"Object missing required field `(.*)`", what):
        need = _need(_inner(hint, found[1], 0, value), "")
        return f"{key}{'.' if key else ''}{found[1]} is missing{need and '; ' + need}"
    return f"{key or 'the content'} is {shown(value)}; {_need(hint, what)}"


def _need(hint: Any, what: str) -> str:
    """What is needed of a value: as it is declared, or as msgspec says."""
    choices: list[Any] = []
    for one in _options(hint):
        for extra in getattr(one, "__metadata__", ()):
            if isinstance(extra, Meta) and extra.description:
                return extra.description
        bare = get_args(one)[0] if get_origin(one) is Annotated else one
        choices += get_args(bare) if get_origin(bare) is Literal else ()
        choices += [bare.__struct_config__.tag] if _is_tagged(bare) else ()
    if choices:
        return f"choose one of {', '.join(map(repr, choices))}"
    if found := re.match(r"Expected `array` of length (\d+)", what):
        return f"it must be a list of {found[1]} numbers"
    kinds = re.match(r"Expected `([^`]*)`", what)
    if kinds is None:
        return what and "it is out of range" if "range" in what else what
    words = [_WORDS.get(kind, kind) for kind in kinds[1].split(" | ") if kind != "null"]
    items = [get_args(one)[0] for one in _bare(hint) if get_origin(one) is list]
    if items and float in _bare(items[0]):
        words = [f"{word} of numbers" if word == _WORDS["array"] else word for word in words]
    return f"it must be {' or '.join(words)}"


def _options(hint: Any) -> list[Any]:
    """The alternatives of a union; the whole, if it is described or none."""
    if get_origin(hint) in (Union, UnionType):
        return [one for each in get_args(hint) if each is not type(None) for one in _options(each)]
    return [hint]


def _bare(hint: Any) -> list[Any]:
    found = []
    for one in _options(hint):
        found += _bare(get_args(one)[0]) if get_origin(one) is Annotated else [one]
    return found


def _is_tagged(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__struct_config__.tag is not None


def _struct_of(hint: Any, value: Any) -> Any:
    """The Struct among the alternatives that a value was checked against; by its tag where there are several."""
    structs = [one for one in _bare(hint) if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    for one in structs:
        config = one.__struct_config__
        if config.tag is None or (isinstance(value, dict) and value.get(config.tag_field) == config.tag):
            return one
    return structs[0] if len(structs) == 1 else None


def _fields(hint: Any, value: Any) -> list[str]:
    struct = _struct_of(hint, value)
    if struct is None:
        return []
    tag = [struct.__struct_config__.tag_field] if struct.__struct_config__.tag is not None else []
    return [*tag, *struct.__struct_fields__]


def _inner(hint: Any, name: str, index: int, value: Any) -> Any:
    """What is declared of a key or an item."""
    if name:
        struct = _struct_of(hint, value)
        if struct is None:  # the key that says which alternative it is
            return hint
        return get_type_hints(struct, include_extras=True).get(name)
    for one in _bare(hint):
        if get_origin(one) is list:
            return get_args(one)[0]
        if get_origin(one) is tuple:
            return get_args(one)[index]
    return None
