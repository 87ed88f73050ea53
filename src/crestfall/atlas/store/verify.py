"""Is everything in a store what it claims to be? Every certified peak is computed again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from crestfall.atlas.store.database import Store


def verify(store: Store) -> Iterator[tuple[str, str | None]]:
    """Check the file, then problem by problem every improvement.

    Args:
        store: The store; it is only read.

    Yields:
        What was checked, and what is wrong with it or ``None``; the file comes first.

    Raises:
        ValueError: The file is damaged so badly that SQLite cannot read its tables.
    """
    damage = store.damage()
    problems = store.problems(damage)
    yield "file", "; ".join(damage) or None
    for tones in problems:
        found = []
        try:
            history = store.history(tones)
            for improvement in history:
                improvement.verify(tones)
            dates = [improvement.date_utc for improvement in history]
            if any(better.peak_high >= worse.peak_high for better, worse in pairwise(history)):
                found.append(f"{tones.name} has two designs of the same peak ({', '.join(dates)})")
        except ValueError as error:
            found.append(str(error))
        yield tones.name, "; ".join(found) or None
