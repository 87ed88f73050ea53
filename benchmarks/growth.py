"""Time and memory against the number of tones, from 10² to 10⁶, and what the O(n³) baseline takes where it runs.

Flat real harmonics 1..n, default settings, the atlas off. Every size runs in a process of its own and is measured as a
whole: Python's start, the search and the certificate. Results are kept in a file, so that an interrupted run goes on
where it stopped.

    python benchmarks/growth.py                      all sizes, page and picture
    python benchmarks/growth.py --sizes 100,1000     some sizes; page and picture only with --page and --picture
    python benchmarks/growth.py --fresh              forget what was measured before
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

ROOT = Path(__file__).parents[1]
PAGE, PICTURE = ROOT / "docs" / "scale.md", ROOT / "docs" / "images" / "growth.png"
SIZES = (100, 316, 1000, 3162, 10_000, 31_623, 100_000, 316_228, 1_000_000)
L2P_SIZES = (100, 316, 1000, 2000)
"""The baseline takes four minutes for 2000 tones and eight times as long for twice as many."""
REQUIRED = {100_000: (1.40, 45.0, 4.0), 1_000_000: (1.42, 360.0, 4.0)}
"""Crest factor, seconds and GB of memory that are asked for on two cores."""


def child(n: int, method: str) -> None:
    """Design n tones and print what came of it as one JSON line."""
    import crestfall as cf

    ms = cf.Multisine.harmonics(range(1, n + 1))
    design = cf.minimize_peak(ms, use_atlas=False, method=method)
    low, high = design.peak_interval
    record = {
        "crest_factor": design.crest_factor,
        "interval": (high - low) / high,
        "cpu_s": time.process_time(),
        "memory_gb": largest_memory() / 1e9,
    }
    print(json.dumps(record))


def largest_memory() -> float:
    """Largest resident memory of this process so far [bytes]."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage begins with what the starting process had
        return 1024.0 * next(
            int(line.split()[1]) for line in status.read_text(encoding="utf-8").splitlines() if "VmHWM" in line
        )
    unit = 1.0 if sys.platform == "darwin" else 1024.0
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measured(n: int, method: str) -> dict[str, float]:
    """One size in a process of its own, timed from outside."""
    begin = time.perf_counter()
    command = [sys.executable, __file__, "--child", str(n), "--method", method]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout) | {"n": n, "seconds": time.perf_counter() - begin}


def slope(rows: list[dict[str, float]], key: str, least: int = 0) -> float:
    """Fitted exponent of growth with n, over sizes of at least ``least``; ``nan`` for fewer than two."""
    rows = [row for row in rows if row["n"] >= least]
    if len(rows) < 2:
        return float("nan")
    return float(np.polyfit(np.log([row["n"] for row in rows]), np.log([row[key] for row in rows]), 1)[0])


def table(results: dict[str, dict[str, float]]) -> str:
    """The measurements in Markdown."""
    ours, l2p = rows_of(results, "minimax"), {int(row["n"]): row for row in rows_of(results, "l2p")}
    lines = [
        f"{os.cpu_count()} cores, Python {platform.python_version()}, NumPy {np.__version__}; whole processes.\n",
        "| tones | crest factor | time [s] | CPU time [s] | memory [GB] | interval, relative | asked for | L2p [s] |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in ours:
        n = int(row["n"])
        asked = REQUIRED.get(n)
        wanted = "" if asked is None else f"{asked[0]:.2f}, {asked[1]:g} s, {asked[2]:g} GB"
        other = f"{l2p[n]['seconds']:.1f}" if n in l2p else ""
        lines.append(
            f"| {n} | {row['crest_factor']:.4f} | {row['seconds']:.1f} | {row['cpu_s']:.1f} | {row['memory_gb']:.2f} "
            f"| {row['interval']:.0e} | {wanted} | {other} |"
        )
    more = ", ".join(
        f"{row['seconds']:.0f} s for {n}" for n, row in l2p.items() if n not in {int(r["n"]) for r in ours}
    )
    if more:
        lines.append(f"\nL2p besides: {more}.")
    fits = [
        ("time, all sizes", ours, "seconds", 0),
        ("time from 10⁴ on", ours, "seconds", 10_000),
        ("time from 10⁵ on", ours, "seconds", 100_000),
        ("memory from 10⁵ on", ours, "memory_gb", 100_000),
        ("L2p's time from 1000 on", list(l2p.values()), "seconds", 1000),
    ]
    known = [(name, slope(rows, key, least)) for name, rows, key, least in fits]
    text = "; ".join(f"{name}: {exponent:.2f}" for name, exponent in known if np.isfinite(exponent))
    lines.append(f"\nFitted exponents of growth with n: {text}.")
    return "\n".join(lines)


def rows_of(results: dict[str, dict[str, float]], method: str) -> list[dict[str, float]]:
    """Results of a method, by size."""
    return sorted((row for key, row in results.items() if key.startswith(method)), key=lambda row: row["n"])


def draw(results: dict[str, dict[str, float]], path: Path) -> None:
    """Time and memory against n, both axes logarithmic, with the fitted slopes."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9.0, 3.8), layout="constrained")
    ours, l2p = rows_of(results, "minimax"), rows_of(results, "l2p")
    series = [
        (axes[0], ours, "seconds", "crestfall", "C0", 0),
        (axes[0], l2p, "seconds", "L2p of the literature", "C1", 1000),
        (axes[1], ours, "memory_gb", "crestfall", "C0", 100_000),
        (axes[1], l2p, "memory_gb", "L2p of the literature", "C1", 1000),
    ]
    for axis, rows, key, name, colour, least in series:
        if not rows:
            continue
        n, y = (np.array([row[k] for row in rows]) for k in ("n", key))
        exponent = slope(rows, key, least)
        where = "" if least == 0 else f" from {least:,}".replace(",", "\u202f")
        fit = f": slope {exponent:.2f}{where}" if np.isfinite(exponent) else ""
        axis.loglog(n, y, "o-", color=colour, label=name + fit)
    for axis, title in zip(axes, ("whole process [s]", "largest memory [GB]"), strict=True):
        axis.set_xlabel("number of tones")
        axis.set_title(title, fontsize=10)
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8, frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", help="such as 100,1000; default: 10² to 10⁶")
    parser.add_argument("--l2p", help="sizes for the baseline; default: up to 2000, with --sizes none")
    parser.add_argument("--results", type=Path, default=ROOT / "out" / "growth.json", help="where results are kept")
    parser.add_argument("--fresh", action="store_true", help="measure everything again")
    parser.add_argument("--page", type=Path, help="page to fill; default: docs/scale.md, with --sizes none")
    parser.add_argument("--picture", type=Path, help="picture to draw; default: docs/images/growth.png, or none")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--method", default="minimax", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.method)
        return
    everything = arguments.sizes is None
    sizes = SIZES if everything else tuple(map(int, arguments.sizes.split(",")))
    others = tuple(map(int, arguments.l2p.split(","))) if arguments.l2p else L2P_SIZES if everything else ()
    kept = (
        {}
        if arguments.fresh or not arguments.results.exists()
        else json.loads(arguments.results.read_text(encoding="utf-8"))
    )
    wanted = [("minimax", n) for n in sizes] + [("l2p", n) for n in others]
    for method, n in wanted:
        key = f"{method}:{n}"
        if key not in kept:
            kept[key] = measured(n, method)
            arguments.results.parent.mkdir(parents=True, exist_ok=True)
            arguments.results.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        row = kept[key]
        print(f"{key:18s} CF {row['crest_factor']:.4f}  {row['seconds']:8.1f} s  {row['memory_gb']:.2f} GB", flush=True)
    results = {f"{method}:{n}": kept[f"{method}:{n}"] for method, n in wanted}
    print(table(results))
    page = arguments.page or (PAGE if everything else None)
    picture = arguments.picture or (PICTURE if everything else None)
    if page:
        fill(page, "growth", table(results))
    if picture:
        draw(results, picture)


if __name__ == "__main__":
    main()
