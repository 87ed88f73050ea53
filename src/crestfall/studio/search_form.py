"""How a visitor wants a search to be done, from the fields of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crestfall.problem.quantities import quantity
from crestfall.studio.field_specs import short
from crestfall.studio.limits import Limits
from crestfall.studio.typed_numbers import number, whole


def seconds(text: str, limits: Limits) -> float:
    """The time limit of a search [s]."""
    return number(text, short("seconds"), "s", most=limits.seconds)


def seed(text: str) -> int:
    """The seed of a search.

    Example:
        >>> seed("7")
        7
    """
    return whole(text, short("seed"), least=0)


def effort_from(values: Mapping[str, str], limits: Limits) -> dict[str, Any]:
    """What ``Order`` says besides the problem.

    Args:
        values: What the fields of the search show, by their names.
        limits: What a visitor may ask for.

    Raises:
        ValueError: A field does not hold a number, or holds one beyond the limits; the message begins with its label.

    Example:
        >>> effort_from({"seconds": "10", "seed": "0", "origin": "scratch", "target": "90 %"}, Limits())
        {'seconds': 10.0, 'seed': 0, 'use_atlas': False, 'target': 0.9}
    """
    found: dict[str, Any] = {
        "seconds": seconds(values["seconds"], limits),
        "seed": seed(values["seed"]),
        "use_atlas": values["origin"] == "atlas",
    }
    if text := values.get("starts", "").strip():
        found["starts"] = whole(text, short("starts"), least=1)
    if text := values.get("target", "").strip():
        found["target"] = number(text, short("target"))
    if text := values.get("stall", "").strip():
        found["stall_limit"] = number(text, short("stall"), "s", most=limits.seconds)
    text = values.get("bound_time", "").strip()
    if text and quantity(text, "s", name=short("bound_time"), decimal_comma=True) != 0.0:  # 0 is no time
        found["bound_time"] = number(text, short("bound_time"), "s", most=limits.seconds)
    if values.get("prove"):
        found["prove"] = True
    if values.get("method", "minimax") != "minimax":
        found["method"] = values["method"]
    return found
