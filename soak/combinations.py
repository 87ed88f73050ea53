"""The soak of problems of every kind: each design and file compared with direct sums, and the table of exclusions.

python soak/combinations.py [--designs 100000] [--state out/soak_combinations.json] [--record FILE]

Each problem asks for a random choice of everything that a problem has. What the table of exclusions excludes is left
out, and the package must refuse just that. As with ``run.py``, a run that was stopped continues where it was.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from combined import Asked, allowed_phases, draw_combined, reduce
from combined_checks import Direct, answer_faults, design_faults, drive_faults
from delayed import delayed_faults, draw_delayed, problem_of
from driver import main
from played_files import file_faults

import crestfall as cf

_DESIGNS = 25
"""Designs of each problem: the one that was searched, and others with random allowed phases."""
_SAVED, _AGAIN, _DELAYED = 10, 50, 20
"""One problem in so many is saved and loaded, is searched again, or consists of shapes to be delayed."""
_MOST_SEQUENCES = 300
"""Most sequences of an alphabet that are all tried."""


def soak_combination(seed: int, number: int, counts: dict[str, Any]) -> None:
    """All designs of one problem; ``counts`` keeps the sums."""
    rng = np.random.default_rng([seed, number])
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore", cf.CrestfallWarning)
        kind, faults = _of_shapes if number % _DELAYED == 0 else _of_tones, list[str]()
        try:
            faults.extend(kind(rng, number, counts, Path(folder)))
        except Exception as error:  # nothing may be raised
            faults.append(f"{type(error).__name__}: {error}")
    counts["problems"] += 1
    counts["faults"] += [f"problem {number}: {fault}" for fault in faults]


def _of_shapes(rng: np.random.Generator, number: int, counts: dict[str, Any], folder: Path) -> Iterator[str]:
    asked = draw_delayed(rng)
    design = cf.minimize_peak(problem_of(asked), starts=4, seed=number)
    counts["designs"] += 1
    _count(counts["kinds"], ["delays in steps"])
    counts["optima"] += design.status.startswith("global optimum")
    yield from delayed_faults(design, asked)


def _of_tones(rng: np.random.Generator, number: int, counts: dict[str, Any], folder: Path) -> Iterator[str]:
    asked = draw_combined(rng)
    refused = reduce(asked, rng)
    _count(counts["refused"], [f"{first} × {second}" for first, second, _ in refused])
    problem = asked.problem()
    design = cf.minimize_peak(problem, starts=2, seed=number, use_atlas=False)
    numbers = np.rint(design.multisine.frequencies / asked.raster).astype(int)
    direct = Direct(asked, numbers, design.multisine.amplitudes)
    _count(counts["kinds"], sorted(asked.abilities | {f"measure {asked.measure}"}))
    yield from design_faults(design, direct)
    yield from drive_faults(design, direct)
    yield from answer_faults(design, asked, numbers)
    for _ in range(_DESIGNS - 1):
        other = cf.Design.of(design.problem, allowed_phases(asked, rng), multisine=design.multisine)
        yield from design_faults(other, direct)
    counts["designs"] += _DESIGNS
    yield from _optimum_faults(design, asked, direct, counts)
    ending, refusal, faults = file_faults(design, direct, folder, rng)
    _count(counts["files" if refusal is None else "files_refused"], [ending])
    yield from faults
    if number % _SAVED == 1:
        design.save(folder / "design.json")
        counts["saved"] += 1
        if cf.load(folder / "design.json") != design:
            yield "the saved design came back changed"
    if number % _AGAIN == 1:
        again = cf.minimize_peak(problem, starts=2, seed=number, use_atlas=False)
        counts["repeated"] += 1
        if not np.array_equal(again.phases, design.phases):
            yield "the same seed gave other phases"


def _optimum_faults(design: cf.Design, asked: Asked, direct: Direct, counts: dict[str, Any]) -> Iterator[str]:
    """Whether what is called the global optimum of an alphabet is the best of all sequences."""
    constraints = dict(asked.constraints)
    levels, n = constraints.get("alphabet"), asked.movable
    own = asked.channels is not None and asked.channels["kind"] == "own"
    if levels is None or own or not design.status.startswith("global optimum") or levels**n > _MOST_SEQUENCES:
        return
    held = constraints.get("hold", {})
    counts["optima"] += 1
    figure = direct.figure(design.phases)
    for sequence in product(range(levels), repeat=n):
        phases = 2 * np.pi / levels * np.array(sequence)
        phases[list(held)] = list(held.values())
        if (better := direct.figure(phases)) < figure * (1 - 1e-9):
            yield f"{design.status}: {figure!r}, but {sequence} has {better!r}"
            return


def fresh() -> dict[str, Any]:
    """The counts before the first problem."""
    numbers = dict.fromkeys(("problems", "designs", "optima", "repeated", "saved"), 0)
    return numbers | {name: {} for name in ("kinds", "refused", "files", "files_refused")}


def _count(into: dict[str, int], names: list[str]) -> None:
    for name, number in Counter(names).items():
        into[name] = into.get(name, 0) + number


if __name__ == "__main__":
    main(soak_combination, fresh(), Path("out/soak_combinations.json"), __doc__)
