"""The soak: very many designs of random problems, each held against an independent calculation.

python soak/run.py [--designs 100000] [--state out/soak.json] [--record docs/records/soak.json]

Every problem is a function of the seed and its number. The state is saved every hundred problems, so that a run that
was ended goes on where it was; with --record it becomes the record that docs/trust.md is written from.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from checks import certificate_faults, measure
from problems import draw, phases_of

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import PATH, follow
from crestfall.files.atomic import write_atomically

_BATCH = 24
"""Random starts of each problem that follow the first two stages of the path; each end is a design."""
_PRECISE, _AGAIN, _SAVED = 20, 50, 10
_CHUNK = 100
_WARM_UP = 0.2


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
                faults.append("the saved design came back otherwise")
        counts["saved"] += 1
    counts["problems"] += 1
    counts["faults"] += [f"problem {number}: {fault}" for fault in faults]


def fresh(seed: int) -> dict[str, Any]:
    """Counts of nothing."""
    names = ("problems", "designs", "precise", "certificates", "strict_minima", "repeated", "saved")
    counts: dict[str, Any] = dict.fromkeys(names, 0)
    return counts | {
        "seed": seed,
        "place": 0.0,
        "width": 0.0,
        "above_bound": 1e9,
        "seconds": 0.0,
        "faults": [],
        "rss": [],
    }


def resident_bytes() -> int:
    """Memory of this process now."""
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def memory_of(segments: list[list[list[float]]]) -> dict[str, float]:
    """Slope of the memory [bytes a design] over the longest uninterrupted run, its warm-up left out."""
    longest = np.array(max(segments, key=len, default=[]))
    steady = longest[int(_WARM_UP * len(longest)) :]
    if len(steady) < 3:
        return {}
    slope = float(np.polyfit(steady[:, 0], steady[:, 1], 1)[0])
    return {
        "designs": float(steady[-1, 0] - steady[0, 0]),
        "bytes_per_design": slope,
        "first_mib": float(steady[0, 1] / 2**20),
        "last_mib": float(steady[-1, 1] / 2**20),
        "largest_mib": float(steady[:, 1].max() / 2**20),
    }


def run(total: int, state: Path, seed: int) -> dict[str, Any]:
    """Go on from the state until there are so many designs."""
    counts = json.loads(state.read_text(encoding="utf-8")) if state.exists() else fresh(seed)
    if counts["seed"] != seed:
        raise ValueError(f"{state} is the state of seed {counts['seed']}; give another file or --seed {counts['seed']}")
    segment: list[list[float]] = []
    counts["rss"].append(segment)
    while counts["designs"] < total:
        begin = time.perf_counter()
        for _ in range(_CHUNK):
            soak_problem(seed, counts["problems"], counts)
            if counts["designs"] >= total:
                break
        counts["seconds"] += time.perf_counter() - begin
        segment.append([counts["designs"], resident_bytes()])
        write_atomically(state, json.dumps(counts).encode(), overwrite=True)
        print(
            f"{counts['designs']} designs, {len(counts['faults'])} faults, {resident_bytes() / 2**20:.0f} MiB",
            flush=True,
        )
    return counts


def record_of(counts: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a run."""
    kept = {name: value for name, value in counts.items() if name not in ("rss", "seconds")}
    return kept | {
        "seconds": round(counts["seconds"]),
        "memory": memory_of(counts["rss"]),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.machine(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--state", type=Path, default=Path("out/soak.json"))
    parser.add_argument("--record", type=Path, help="write the record of the run here")
    arguments = parser.parse_args()
    counts = run(arguments.designs, arguments.state, arguments.seed)
    if arguments.record is not None:
        text = json.dumps(record_of(counts), indent=2) + "\n"
        write_atomically(arguments.record, text.encode(), overwrite=True)
    print(*counts["faults"], sep="\n")
    sys.exit(1 if counts["faults"] else 0)


if __name__ == "__main__":
    main()
