"""Runs a soak: problem after problem from a seed and its number; keeps a state, watches the memory, writes a record."""

from __future__ import annotations

import argparse
import copy
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import crestfall as cf
from crestfall.files.atomic import write_atomically

_CHUNK = 100
_WARM_UP = 0.2

Soak = Callable[[int, int, dict[str, Any]], None]
"""Checks all designs of a problem, from seed and number, and adds to the counts."""


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


def run(soak: Soak, fresh: dict[str, Any], total: int, state: Path, seed: int) -> dict[str, Any]:
    """Continue from the state until there are so many designs.

    Args:
        soak: Checks the designs of a problem.
        fresh: The counts before the first problem, with ``problems`` and ``designs``.
        total: Number of designs.
        state: File that keeps the counts.
        seed: Seed of all problems.

    Raises:
        ValueError: The state is of another seed.
    """
    begun = {"seed": seed, "seconds": 0.0, "faults": [], "rss": []}
    counts = json.loads(state.read_text(encoding="utf-8")) if state.exists() else copy.deepcopy(fresh) | begun
    if counts["seed"] != seed:
        raise ValueError(f"{state} is the state of seed {counts['seed']}; give another file or --seed {counts['seed']}")
    segment: list[list[float]] = []
    counts["rss"].append(segment)
    while counts["designs"] < total:
        begin = time.perf_counter()
        for _ in range(_CHUNK):
            soak(seed, counts["problems"], counts)
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


def run_again(soak: Soak, fresh: dict[str, Any], state: Path) -> dict[str, Any]:
    """Repeat the problems that had a fault, after a fix: the state then says what is still wrong with them.

    Args:
        soak: Checks the designs of a problem.
        fresh: The counts before the first problem.
        state: File that keeps the counts.
    """
    counts: dict[str, Any] = json.loads(state.read_text(encoding="utf-8"))
    numbers = sorted({int(fault.removeprefix("problem ").partition(":")[0]) for fault in counts["faults"]})
    counts["repaired"] = sorted({*counts.get("repaired", []), *numbers})
    counts["faults"] = []
    for number in counts["repaired"]:
        scratch = copy.deepcopy(fresh) | {"faults": [], "problems": number}
        soak(counts["seed"], number, scratch)
        counts["faults"] += scratch["faults"]
    counts["repaired"] = [one for one in counts["repaired"] if not _is_about(one, counts["faults"])]
    write_atomically(state, json.dumps(counts).encode(), overwrite=True)
    return counts


def _is_about(number: int, faults: list[str]) -> bool:
    return any(fault.startswith(f"problem {number}:") for fault in faults)


def record_of(counts: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a run."""
    kept = {name: value for name, value in counts.items() if name not in ("rss", "seconds", "repaired")}
    return kept | {
        "repaired": len(counts.get("repaired", [])),
        "seconds": round(counts["seconds"]),
        "memory": memory_of(counts["rss"]),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "crestfall": cf.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.machine(),
        "processors": os.cpu_count(),
    }


def main(soak: Soak, fresh: dict[str, Any], state: Path, description: str | None) -> None:
    """Run a soak from the command line."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--state", type=Path, default=state)
    parser.add_argument("--record", type=Path, help="write the record of the run here")
    parser.add_argument("--again", action="store_true", help="only repeat the problems with faults, after a fix")
    arguments = parser.parse_args()
    if arguments.again:
        counts = run_again(soak, fresh, arguments.state)
    else:
        counts = run(soak, fresh, arguments.designs, arguments.state, arguments.seed)
    if arguments.record is not None:
        text = json.dumps(record_of(counts), indent=2) + "\n"
        write_atomically(arguments.record, text.encode(), overwrite=True)
    print(*counts["faults"], sep="\n")
    sys.exit(1 if counts["faults"] else 0)
