"""The soak: very many designs of random problems, each held against an independent calculation.

python soak/run.py [--designs 100000] [--state out/soak.json] [--record docs/records/soak.json]

Every problem is a function of the seed and its number. The state is saved every hundred problems, so that a run that
was stopped continues where it was; with --record it becomes the record that docs/trust.md is written from.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from checks import certificate_faults, measure
from driver import main
from problems import draw, phases_of

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import PATH, follow

_BATCH = 24
"""Random starts of each problem that follow the first two stages of the path; each end is a design."""
_PRECISE, _AGAIN, _SAVED = 20, 50, 10


def soak_problem(seed: int, number: int, counts: dict[str, Any]) -> None:
    """All designs of one problem; ``counts`` keeps the sums and the worst."""
    rng = np.random.default_rng([seed, number])
    ms = draw(rng, most_tones=10, reach=120).ms
    problem = CompiledProblem(cf.Problem(ms))
    ends = follow(problem, rng.uniform(0, 2 * np.pi, (_BATCH - 1, ms.n)), PATH[:2], lambda: False)[0]
    designs = [cf.Design.of(ms, phases) for phases in (*ends, phases_of(ms, rng))]
    polished = cf.minimize_peak(ms, starts=2, seed=number, use_atlas=False)
    faults: list[str] = []
    for place, design in enumerate((polished, *designs)):
        found, figures = measure(design, precise=place == 0 and number % _PRECISE == 0)
        faults += found
        for name, value, worst in zip(("place", "width", "above_bound"), figures, (max, max, min), strict=True):
            counts[name] = worst(counts[name], value)
    counts["designs"] += 1 + len(designs)
    counts["precise"] += number % _PRECISE == 0
    if not ms.has_repeated_frequencies:
        faults += certificate_faults(polished, rng)
        counts["certificates"] += 1
        counts["strict_minima"] += polished.certificate.is_strict_minimum
    if number % _AGAIN == 0:
        again = cf.minimize_peak(ms, starts=2, seed=number, use_atlas=False)
        if not np.array_equal(again.phases, polished.phases):
            faults.append("the same seed gave other phases")
        counts["repeated"] += 1
    if number % _SAVED == 0:
        with tempfile.TemporaryDirectory() as folder:
            polished.save(f"{folder}/design.json")
            if cf.load(f"{folder}/design.json") != polished:
                faults.append("the saved design came back changed")
        counts["saved"] += 1
    counts["problems"] += 1
    counts["faults"] += [f"problem {number}: {fault}" for fault in faults]


def fresh() -> dict[str, Any]:
    """The counts before the first problem."""
    names = ("problems", "designs", "precise", "certificates", "strict_minima", "repeated", "saved")
    counts: dict[str, Any] = dict.fromkeys(names, 0)
    return counts | {"place": 0.0, "width": 0.0, "above_bound": 1e9}


if __name__ == "__main__":
    main(soak_problem, fresh(), Path("out/soak.json"), __doc__)
