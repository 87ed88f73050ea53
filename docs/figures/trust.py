"""The tables of docs/trust.md from the records of the fuzz run, the soak and the deliberate faults.

python docs/figures/trust.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from page import fill

DOCS = Path(__file__).parents[1]


def record(name: str) -> dict[str, Any]:
    """A record of ``docs/records``."""
    found: dict[str, Any] = json.loads((DOCS / "records" / f"{name}.json").read_text("utf-8"))
    return found


def fuzz_table() -> str:
    """One line for each reader."""
    found = record("fuzz")
    lines = [
        "| Reader | damaged files | of them guided by coverage | rejected | longest | faults |",
        "|---|---|---|---|---|---|",
    ]
    for row in found["readers"]:
        guided = row["guided_inputs"]
        share = f"{row['refused'] / max(row['inputs'], 1):.0%}"
        longest, faults = row["slowest_s"], row["findings"]
        lines.append(
            f"| {row['reader']} | {row['inputs'] + guided} | {guided} | {share} | {longest:.2f} s | {faults} |"
        )
    repaired = sum(finding.get("now", "unread") is None for finding in found["findings"])
    lines += [
        "",
        f"{found['inputs']} inputs on {found['date']}, Python {found['python']}, NumPy {found['numpy']}. In this run "
        f"{len(found['findings'])} inputs caused a fault; {repaired} of them are fixed and were read again.",
    ]
    later = [row for row in found["readers"] if "date" in row]
    if later:
        names = ", ".join(row["reader"] for row in later)
        lines[-1] += f" Read later, on {max(row['date'] for row in later)}: {names}."
    return "\n".join(lines)


def soak_table() -> str:
    """What was checked, and the worst that was seen."""
    found = record("soak")
    memory = found["memory"]
    slope = memory["bytes_per_design"]
    rows = [
        ("random problems, designs of them", f"{found['problems']}, {found['designs']}"),
        ("peaks outside their interval, bounds crossed, certificates wrong", f"{len(found['faults'])}"),
        ("peaks checked with 50 digits, the others with 80-bit floats", f"{found['precise']}"),
        ("certificates checked, of them strict minima", f"{found['certificates']}, {found['strict_minima']}"),
        ("searches repeated bit for bit, designs saved and loaded", f"{found['repeated']}, {found['saved']}"),
        ("peak's greatest distance from the middle of its interval, in half widths", f"{found['place']:.2f}"),
        ("lowest crest factor above its bound", f"{found['above_bound']:.1e}"),
        (
            f"memory over {memory['designs']:.0f} designs in one process",
            f"{memory['first_mib']:.0f} … {memory['largest_mib']:.0f} MiB, {slope:+.1f} bytes a design",
        ),
        ("time", f"{found['seconds'] / 60:.0f} min"),
    ]
    lines = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join([*lines, "", f"{found['date']}, Python {found['python']}, NumPy {found['numpy']}."])


def combinations_table() -> str:
    """How many designs had what, and which files were read back."""
    found = record("soak_combinations")
    searched = {name: count for name, count in found["kinds"].items() if not name.startswith("measure ")}
    of_measures = {name: count for name, count in found["kinds"].items() if name.startswith("measure ")}
    rows = [
        ("random problems, designs of them", f"{found['problems']}, {found['designs']}"),
        ("values, peaks or shares of limits off, bounds crossed, answers that break a rule", f"{len(found['faults'])}"),
        ("problems repeated after a fix of the program or of the check", f"{found['repaired']}"),
        *((name, f"{count}") for name, count in sorted({**of_measures, **searched}.items())),
        ("excluded pairs that were asked for, and refused", f"{sum(found['refused'].values())}"),
        ("global optima compared with all sequences or delays", f"{found['optima']}"),
        ("searches repeated bit for bit, designs saved and loaded", f"{found['repeated']}, {found['saved']}"),
        (f"files of {len(found['files'])} formats compared with the sum of tones", f"{sum(found['files'].values())}"),
        ("time", f"{found['seconds'] / 60:.0f} min"),
    ]
    lines = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
    footer = f"Version {found['crestfall']} on {found['date']}, Python {found['python']}, NumPy {found['numpy']}"
    return "\n".join([*lines, "", f"{footer}, one of {found['processors']} processors ({found['machine']})."])


def mutants_table() -> str:
    """How many faults of each package were noticed, and which were not, and why."""
    found = record("mutants")
    rows: dict[str, list[bool]] = {}
    for one in found["outcomes"]:
        rows.setdefault(one["file"].split("/")[0], []).append(one["killed"])
    lines = ["| Package | faults | noticed |", "|---|---|---|"]
    lines += [f"| `{package}/` | {len(killed)} | {sum(killed)} |" for package, killed in rows.items()]
    share = f"{found['killed'] / found['faults']:.0%}"
    lines.append(f"| together | {found['faults']} | {found['killed']} ({share}) |")
    if found["survivors"]:
        lines += ["", "| Not noticed | Why |", "|---|---|"]
        lines += [f"| {one['breaks']} (`{one['file']}`) | {one['why']} |" for one in found["survivors"]]
    footer = f"Version {found['version']} on {found['date']}, Python {found['python']}, NumPy {found['numpy']}"
    return "\n".join([*lines, "", f"{footer}; {found['seconds'] / 60:.0f} min."])


if __name__ == "__main__":
    fill(DOCS / "trust.md", "mutants", mutants_table())
    fill(DOCS / "trust.md", "fuzz", fuzz_table())
    fill(DOCS / "trust.md", "soak", soak_table())
    fill(DOCS / "trust.md", "combinations", combinations_table())
