"""Commands with groups of options that are declared elsewhere; each group arrives as one argument."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import MISSING, Field, fields
from functools import wraps
from typing import Annotated, Any, get_args, get_type_hints


def added_option(name: str, kind: Any, declared: Any) -> inspect.Parameter:
    """A parameter that Typer makes an option of; ``None`` where it is not given.

    Args:
        name: Name of the parameter, unique in its command.
        kind: Type of its value.
        declared: What ``typer.Option`` returns.
    """
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, declared]
    )


def with_options(
    command: Callable[..., None],
    argument: str,
    options: Sequence[inspect.Parameter],
    value_of: Callable[[dict[str, Any]], Any],
) -> Callable[..., None]:
    """The command with options in place of one argument.

    Args:
        command: A command of Typer.
        argument: Name of the argument that the options replace.
        options: The options (see ``added_option``).
        value_of: Makes the argument of the values of the options, by name.
    """
    signature = inspect.signature(command, eval_str=True)
    own = [one for one in signature.parameters.values() if one.name != argument]

    @wraps(command)
    def with_added(**values: Any) -> None:
        given = {one.name: values.pop(one.name) for one in options}
        command(**values, **{argument: value_of(given)})

    # Typer asks for annotations and signature, and finds the resolved ones of the command.
    with_added.__annotations__ = {one.name: one.annotation for one in (*own, *options)}
    keywords = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in (*own, *options)]
    with_added.__signature__ = signature.replace(parameters=keywords)  # type: ignore[attr-defined]
    return with_added


def takes(group: type, argument: str, panel: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A decorator for commands whose argument is a group of options.

    Args:
        group: A dataclass; each of its fields is annotated with the ``typer.Option`` that gives its value.
        argument: Name of the argument.
        panel: Heading of these options in the help, unless an option has one of its own.
    """
    kinds = get_type_hints(group, include_extras=True)
    options = [
        inspect.Parameter(
            one.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=_default(one),
            annotation=_under(panel, kinds[one.name]),
        )
        for one in fields(group)
    ]

    def taking(command: Callable[..., None]) -> Callable[..., None]:
        return with_options(command, argument, options, lambda values: group(**values))

    return taking


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _under(panel: str | None, annotation: Any) -> Any:
    """The annotation of an option, with a heading if it has none."""
    kind, declared = get_args(annotation)
    declared = copy(declared)
    declared.rich_help_panel = declared.rich_help_panel or panel
    return Annotated[kind, declared]
