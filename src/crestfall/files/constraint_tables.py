"""``[[constraints]]`` and ``goal.alphabet`` to the allowed phases of a problem, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from crestfall.files.problem_schema import (
    AlphabetTable,
    ConstraintTable,
    DelaysTable,
    HoldTable,
    LinkTable,
    MirrorTable,
)
from crestfall.problem.constraints import (
    Alphabet,
    ConjugateSymmetric,
    Constraint,
    Delays,
    Hold,
    Link,
    Relation,
    Relations,
    phase_map,
)
from crestfall.problem.multisine import Multisine

_SUBJECTS = {Hold: "phases_rad", Link: "tones", Delays: "groups", Relations: "relations", Alphabet: "levels"}
"""The key that an error about a constraint points at."""


def constraints_of(tables: Sequence[ConstraintTable], alphabet: int | None, ms: Multisine) -> list[Constraint]:
    """The constraints, which fit the tones and each other.

    Args:
        tables: ``[[constraints]]``.
        alphabet: ``goal.alphabet``.
        ms: All tones.

    Raises:
        ValueError: They do not fit; the message names the first that does not fit those before it.
    """
    asked = [_constraint(table) for table in tables]
    for number, one in enumerate(asked):
        for k, relation in enumerate(one.asked if isinstance(one, Relations) else ()):
            if (beyond := max(relation.tone, relation.other or 0)) >= ms.n:
                where = f"constraints[{number}].relations[{k}]"
                raise ValueError(f"{where}: {beyond} is not a tone; give an index from 0 to {ms.n - 1}")
    levels = alphabet or next((one.levels for one in asked if isinstance(one, Alphabet)), None)

    def require(first: Sequence[Constraint]) -> None:
        found = phase_map(ms, first)
        if levels is not None:
            Alphabet(levels).require_fit(found)

    _require_each(asked, require)
    return [*asked, Alphabet(alphabet)] if alphabet is not None else asked


def constraints_to_data(phases: Sequence[Constraint], ms: Multisine) -> tuple[list[dict[str, Any]], int | None]:
    """The constraints as plain data, and ``goal.alphabet``.

    An object of the caller's own is stored as the relations that it asks of these tones.

    Example:
        >>> constraints_to_data([Hold({0: 1.0}), Alphabet(4)], Multisine([1.0, 2.0]))
        ([{'kind': 'hold', 'phases_rad': {'0': 1.0}}], 4)
    """
    kept = list(phases)
    last = kept[-1] if kept else None
    if not isinstance(last, Alphabet):
        return [_to_data(one, ms) for one in kept], None
    return [_to_data(one, ms) for one in kept[:-1]], last.levels


def _require_each(asked: Sequence[Constraint], require: Callable[[Sequence[Constraint]], None]) -> None:
    try:
        require(asked)
        return
    except ValueError as error:
        failure = error
    low, high = 0, len(asked)  # the first `low` fit together, the first `high` do not
    while high - low > 1:
        middle = (low + high) // 2
        try:
            require(asked[:middle])
            low = middle
        except ValueError as error:
            failure, high = error, middle
    wrong = asked[high - 1] if asked else None
    key = next((key for kind, key in _SUBJECTS.items() if isinstance(wrong, kind)), "kind")
    raise ValueError(f"constraints[{high - 1}].{key}: {failure}" if asked else f"goal.alphabet: {failure}") from None


def _constraint(table: ConstraintTable) -> Constraint:
    if isinstance(table, HoldTable):
        return Hold({int(tone): phase for tone, phase in table.phases_rad.items()})
    if isinstance(table, LinkTable):
        return Link(tuple(table.tones), None if table.offsets_rad is None else tuple(table.offsets_rad))
    if isinstance(table, DelaysTable):
        groups = tuple(tuple(group) for group in table.groups)
        phases = None if table.phases_rad is None else tuple(table.phases_rad)
        return Delays(groups, phases, table.steps)
    if isinstance(table, AlphabetTable):
        return Alphabet(table.levels)
    if isinstance(table, MirrorTable):
        return ConjugateSymmetric()
    return Relations(
        tuple(Relation(one.tone, one.other, one.factor, one.offset_rad, one.reason) for one in table.relations)
    )


def _to_data(one: Constraint, ms: Multisine) -> dict[str, Any]:
    if isinstance(one, Hold):
        return {"kind": "hold", "phases_rad": {str(int(tone)): float(phase) for tone, phase in one.phases.items()}}
    if isinstance(one, Link):
        offsets = {} if one.offsets is None else {"offsets_rad": [float(offset) for offset in one.offsets]}
        return {"kind": "link", "tones": [int(tone) for tone in one.tones], **offsets}
    if isinstance(one, ConjugateSymmetric):
        return {"kind": "conjugate-symmetric"}
    if isinstance(one, Delays):
        phases = {} if one.phases is None else {"phases_rad": [float(phase) for phase in one.phases]}
        steps = {} if one.steps is None else {"steps": one.steps}
        return {"kind": "delays", "groups": [[int(tone) for tone in group] for group in one.groups], **phases, **steps}
    if isinstance(one, Alphabet):
        return {"kind": "alphabet", "levels": one.levels}
    return {"kind": "relations", "relations": [_relation_to_data(relation) for relation in one.relations(ms)]}


def _relation_to_data(relation: Relation) -> dict[str, Any]:
    factor = {"factor": float(relation.factor)} if relation.factor or relation.other is not None else {}
    other = {} if relation.other is None else {"other": int(relation.other)}
    return {
        "tone": int(relation.tone),
        **other,
        **factor,
        "offset_rad": float(relation.offset),
        "reason": str(relation.reason),
    }
