"""Two stores into one: the best of both, and how it was found."""

from __future__ import annotations

from dataclasses import dataclass, field

from crestfall.atlas.store.database import Store


@dataclass
class Merged:
    """What a merge has done.

    Attributes:
        problems: Problems of the source.
        improved: Problems that have a better design than before.
        added: Designs taken over.
        refused: What was wrong with designs that were not.
    """

    problems: int = 0
    improved: int = 0
    added: int = 0
    refused: list[str] = field(default_factory=list)


def merge(target: Store, source: Store) -> Merged:
    """Take over every design of the source that is better than what the target has, the worst first.

    Each is verified and saved on its own: a merge that is interrupted is finished by doing it again. The source is not
    changed, and the target keeps all that it has. What is damaged is refused and the rest taken over: merging into a
    new store rescues what can be rescued.

    Args:
        target: Store to write to.
        source: Store to read.

    Raises:
        ValueError: The source is damaged so badly that SQLite cannot read its tables.
        OSError: The target cannot be written; what was taken over so far is safe.
    """
    done = Merged()
    for tones in source.problems(done.refused):
        done.problems += 1
        before = done.added
        try:
            history = source.history(tones)
        except ValueError as error:
            done.refused.append(f"{tones.name}: {error}")
            continue
        for improvement in reversed(history):
            best = target.best(tones)
            if best is not None and best.peak_high <= improvement.peak_high:
                continue
            try:
                done.added += target.add(tones, improvement)
            except ValueError as error:
                done.refused.append(str(error))
        done.improved += done.added > before
    return done
