"""Compute the atlas of best designs, or go on with it: an entry only ever gets better.

    python atlas/compute.py [--kinds real,complex,odd] [--sizes 2:64] [--seconds 10] [--rounds 1] [--seed 1]
                            [--file designs.jsonl]

Each problem is searched for some seconds from the entry that is there and from random starts; the atlas itself is not
asked. An entry is replaced only if the certified peak is lower than what the phases of the old one give. The file is
read again and written whole at every improvement, so that nothing is lost when this is killed, and several of these
may run at once. Ctrl-C keeps what the search in progress has found and ends. Run it again, with another seed, to
improve further.
"""

from __future__ import annotations

import argparse
import datetime
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

import crestfall as cf
from crestfall.atlas.entry import Entry, from_lines, multisine_of, to_lines
from crestfall.cli.parsing import harmonic_numbers
from crestfall.files.atomic import write_atomically

FILE = Path(__file__).parents[1] / "src" / "crestfall" / "atlas" / "designs.jsonl"
SIZES = {
    "real": [*range(2, 129), 256, 512, 1024],
    "complex": [*range(2, 129), 256],
    "odd": [*range(2, 65)],
}


_MOST_POLISHED = 256
"""Tones up to which an entry is polished to the end, whatever the time limit; that takes a second, or a few."""
_LEAST_GAIN = 1e-10
"""Relative; less is rounding, not an improvement."""


def load(file: Path) -> dict[tuple[str, int], Entry]:
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return {(entry.kind, entry.n): entry for entry in from_lines(text)}


def search(kind: str, n: int, known: Entry | None, seconds: float, seed: int) -> cf.Design:
    """The best design of a search that begins with the entry, if there is one."""
    ms = multisine_of(kind, n)
    phases = None if known is None else np.array(known.phases_rad)
    found = cf.minimize_peak(ms.with_initial_phases(phases), time_limit=seconds, seed=seed, use_atlas=False)
    if "interrupted" not in found.status and n <= _MOST_POLISHED and not found.certificate.is_stationary:
        # The time limit cut the polish off.
        begin = ms.with_initial_phases(found.phases)
        found = cf.minimize_peak(begin, starts=1, use_atlas=False, closed_forms=False)
    return cf.Design.of(ms, found.phases, status=found.status, provenance=found.provenance)


def keep_if_better(file: Path, kind: str, design: cf.Design, today: str) -> Entry | None:
    """Put a design into the file if its certified peak is lower than that of the phases there; the entry, or ``None``.

    The file is read again here: since the search began, another process may have improved it.
    """
    with locked(file):
        known = load(file)
        old = known.get((kind, design.multisine.n))
        if old is not None:
            # What the phases give, not what the line claims: a wrong claim must not keep better designs out.
            least = cf.peak_interval(old.multisine, np.array(old.phases_rad))[0]
            if design.peak_interval[1] >= least * (1.0 - _LEAST_GAIN):
                return None
        better = Entry.of(kind, design, today)
        if old is not None and old.proven:  # what was proved of the problem stays true
            gap = better.crest_factor / old.lower_bound - 1.0
            better = replace(better, lower_bound=old.lower_bound, gap=gap, proven=True)
        known[kind, better.n] = better
        write_atomically(file, to_lines(list(known.values())).encode(), overwrite=True)
    return better


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Only one process at a time between reading and writing. The lock is on the folder, and dies with its holder."""
    if os.name != "posix":
        yield
        return
    import fcntl

    file.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def problems(kinds: str, sizes: str | None) -> list[tuple[str, int]]:
    """What to search: kinds and sizes of the atlas, chosen by the command line."""
    names = kinds.split(",")
    if unknown := [name for name in names if name not in SIZES]:
        raise ValueError(f"--kinds has {unknown[0]!r}; use some of {','.join(SIZES)}")
    wanted = None if sizes is None else set(harmonic_numbers(sizes))
    chosen = [(kind, n) for kind in names for n in SIZES[kind] if wanted is None or n in wanted]
    if not chosen:
        raise ValueError(f"--sizes is {sizes}; no such problem belongs to the atlas")
    return chosen


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", default="real,complex,odd")
    parser.add_argument("--sizes", help="such as 2:64 or 8,16,31; default: all of the atlas")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="for each problem, from 128 tones on ten times as long"
    )
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", type=Path, default=FILE, help="default: the atlas of the package")
    given = parser.parse_args()
    try:
        given.problems = problems(given.kinds, given.sizes)
    except ValueError as error:
        parser.error(str(error))
    return given


def main() -> None:
    given = arguments()
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    for round_number in range(given.rounds):
        for kind, n in given.problems:
            known = load(given.file).get((kind, n))
            seconds = given.seconds * (10 if n >= 128 else 1)
            design = search(kind, n, known, seconds, given.seed + round_number)
            better = keep_if_better(given.file, kind, design, today)
            if better is not None:
                print(f"{kind} n = {n}: {better.crest_factor:.6f}", flush=True)
            if "interrupted" in design.status:  # the search answers Ctrl-C with its best; one Ctrl-C ends it all
                return


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):  # between two searches there is nothing to keep
        main()
