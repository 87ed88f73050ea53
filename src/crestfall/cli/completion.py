"""What the shell completes besides commands, options and files."""

from __future__ import annotations

from crestfall.problem.guide import headings_of, pages


def method(incomplete: str) -> list[str]:
    """Names of methods.

    Example:
        >>> method("m")
        ['minimax']
    """
    from crestfall.search.methods import METHODS

    return [name for name in METHODS if name.startswith(incomplete)]


def measure(incomplete: str) -> list[str]:
    """Names of measures.

    Example:
        >>> measure("e")
        ['envelope']
    """
    from typing import get_args

    from crestfall.problem.problem import Measure

    return [name for name in get_args(Measure) if name.startswith(incomplete)]


def page(incomplete: str) -> list[str]:
    """Pages of the documentation, and the parts of a page once its name and ``#`` are there.

    Example:
        >>> page("pro"), page("problems#meas")
        (['problems', 'proof'], ['problems#measures'])
    """
    name, mark, part = incomplete.partition("#")
    known = pages()
    if not mark:
        return [each for each in known if each.startswith(name)]
    return [f"{name}#{each}" for each in headings_of(name) if each.startswith(part)] if name in known else []
