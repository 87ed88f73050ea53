"""What the lower bound rests on, in words that need no other page."""

from __future__ import annotations

import re

from crestfall.design.design import BRANCH_AND_BOUND, FROM_ATLAS, Design

_MOMENTS = "moments of "


def argument_in_words(design: Design) -> str:
    """How the lower bound is proved, to stand in brackets; empty where it has no name.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> argument_in_words(Design.of(Multisine([1.0, 2.0, 3.0]), [0.0, 0.0, 3.14]))
        'by formula: Fejér'
    """
    if design.bound_argument is None:
        return ""
    words = in_words(design.bound_argument)
    return f"as the file states, {words}" if design.lower_bound_is_stated else words


def in_words(argument: str) -> str:
    """The name of an argument in words.

    Example:
        >>> in_words("moments of 4 derivatives, order 3"), in_words("branch and bound, from the atlas")
        ('by moments: order 3, with 4 derivatives', 'by branch and bound, from the atlas')
    """
    name = argument.removesuffix(FROM_ATLAS)
    source = argument[len(name) :]
    if name == BRANCH_AND_BOUND:
        return f"by {name}{source}"
    if not name.startswith(_MOMENTS):
        return f"by formula: {name}{source}"
    numbers = re.fullmatch(r"moments of (?:(\d+) derivatives, )?order (\d+)", name)
    if numbers is None:
        return f"by {name}{source}"
    derivatives, order = numbers.groups()
    return f"by moments: order {order}" + (f", with {derivatives} derivatives" if derivatives else "") + source


def in_a_word(argument: str) -> str:
    """The name of an argument for a legend.

    Example:
        >>> in_a_word("moments of 3 derivatives, order 2, from the atlas"), in_a_word("Bernstein–Szegő")
        ('moments', 'Bernstein–Szegő')
    """
    return "moments" if is_by_moments(argument) else argument.removesuffix(FROM_ATLAS)


def is_by_moments(argument: str) -> bool:
    """Whether it is a proof by moments.

    Example:
        >>> is_by_moments("moments of order 2"), is_by_moments("Fejér")
        (True, False)
    """
    return argument.startswith(_MOMENTS)
