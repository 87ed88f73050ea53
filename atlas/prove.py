"""Prove the small entries of the atlas by branch and bound, and bring the bounds of all the others up to date.

    python atlas/prove.py [--seconds 60] [--most 11] [--checkpoints FOLDER] [--file FILE]

All cores share a proof. With a folder for checkpoints, one that was stopped or killed continues from there. An entry
whose proof does not end in time keeps its analytic bound. A proof may come across a better design, which then replaces
the entry. The file is written whole after every change; run it again after the atlas was improved.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from compute import FILE, load, locked

import crestfall as cf
from crestfall.atlas.entry import Entry, to_lines
from crestfall.files.atomic import write_atomically


def proved(entry: Entry, seconds: float, folder: Path | None) -> Entry:
    """The entry with the bound that branch and bound proves, if it gets there in time."""
    ms = entry.multisine
    start = ms.with_initial_phases(np.array(entry.phases_rad))
    checkpoint = None if folder is None else folder / f"{entry.kind}-{entry.n}.npz"
    found = cf.minimize_peak(start, starts=32, prove=True, time_limit=seconds, use_atlas=False, checkpoint=checkpoint)
    if not found.status.startswith("global optimum"):
        return restated(entry)
    bound = found.lower_bound
    if found.peak_interval[1] < entry.peak * (1.0 - 1e-10):
        design = cf.Design.of(ms, found.phases, provenance=found.provenance)
        entry = Entry.of(entry.kind, design, entry.date)
    return replace(entry, lower_bound=bound, gap=entry.crest_factor / bound - 1.0, proven=True)


def restated(entry: Entry) -> Entry:
    """The entry with today's analytic bound, unless a proof says more."""
    bound = cf.lower_bound(entry.multisine)
    if entry.proven and entry.lower_bound >= bound:
        return entry
    return replace(entry, lower_bound=bound, gap=entry.crest_factor / bound - 1.0, proven=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each entry")
    parser.add_argument("--most", type=int, default=11, help="tones up to which a proof is tried")
    parser.add_argument("--checkpoints", type=Path, help="folder in which proofs save their state")
    parser.add_argument("--file", type=Path, default=FILE, help="default: the atlas of the package")
    given = parser.parse_args()
    for key, known in load(given.file).items():
        try_it = known.n <= given.most and not known.proven
        entry = proved(known, given.seconds, given.checkpoints) if try_it else restated(known)
        if entry == known:
            continue
        with locked(given.file):
            entries = load(given.file)
            if entries[key].phases_rad != known.phases_rad:
                continue  # improved meanwhile; the next run looks at it
            entries[key] = entry
            write_atomically(given.file, to_lines(list(entries.values())).encode(), overwrite=True)
        print(
            f"{entry.kind} n = {entry.n}: {'proven' if entry.proven else 'bound'} {entry.lower_bound:.6f}", flush=True
        )


if __name__ == "__main__":
    main()
