"""The tables of docs/benchmarks.md: the main results, taken from the pages where they are measured, and all scripts.

Nothing is measured here, so the page cannot say anything else than those pages.

python docs/figures/benchmarks.py
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

from page import fill

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def rows(page: str, name: str) -> list[list[str]]:
    """Cells of the last table between markers, titles and rule left out."""
    text = (DOCS / page).read_text("utf-8")
    found = re.search(f"<!-- numbers:{name} -->\n(.*?)<!-- end:{name} -->", text, re.S)
    assert found is not None, f"{page} has no numbers {name}"
    lines = [line for line in found[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def row(page: str, name: str, first: str) -> list[str]:
    """The row with this first cell."""
    return next(cells for cells in rows(page, name) if cells[0] == first)


def solver() -> str:
    cells = row("solver.md", "solver", "31")
    names = ("gradient descent", "SciPy's SLSQP (which stops there)", "crestfall")
    pairs = [_pair(cells[k]) for k in (2, 4, 5)]
    return "31 tones: " + ", ".join(f"{name} {pair[0]} in {pair[1]}" for name, pair in zip(names, pairs, strict=True))


def large() -> str:
    crest, time = _pair(row("solver.md", "solver", "65536")[5])
    return f"65 536 tones: {crest} in {time}"


def methods() -> str:
    cells = row("methods.md", "methods", "256")
    return f"256 tones in {cells[1]}: clipping {cells[4].split()[0]}, L2p {cells[6].split()[0]}, crestfall {cells[7]}"


def targets() -> str:
    found = rows("engine.md", "targets")
    times = [[float(time) for time in re.findall(r"([\d.]+) s", cells[2])] for cells in found]
    reached = sum(len(each) == 3 for each in times)
    slowest = max(max(each) for each in times if len(each) == 3)
    return f"{reached} of {len(found)} by every seed, the slowest in {slowest:.1f} s"


def versions() -> str:
    ratios = [float(cells[4].rstrip("×")) for cells in rows("engine.md", "time-to-target")]
    return f"{min(ratios):.1f} to {max(ratios):.1f} times sooner"


def proofs() -> str:
    last = {cells[0]: cells for cells in rows("proof.md", "proof")}
    return "; ".join(f"{cells[1]} {kind} tones in {cells[6]}" for kind, cells in last.items())


def variance() -> str:
    cells = rows("frequency-response.md", "variance")[0]
    return f"{cells[4]} times less than with random phases, {cells[3]} by theory"


RESULTS: dict[str, tuple[Callable[[], str], str, str]] = {
    "How low, how soon, next to general optimisers?": (solver, "solver.md#the-table", "benchmarks/solver.py"),
    "And with many tones?": (large, "solver.md#the-table", "benchmarks/solver.py"),
    "Next to the methods of the literature, restarted for the same time?": (
        methods,
        "methods.md#which-one-when",
        "benchmarks/methods.py",
    ),
    "How often are known good values found within 60 s?": (targets, "engine.md#sixty-seconds", "benchmarks/targets.py"),
    "How much faster than the first release?": (
        versions,
        "engine.md#time-to-a-given-crest-factor",
        "benchmarks/time_to_target.py",
    ),
    "How many tones can be proved, and how long does it take?": (proofs, "proof.md#the-table", "benchmarks/proof.py"),
    "What is it worth to a measurement under the same peak?": (
        variance,
        "frequency-response.md",
        "docs/figures/frequency_response.py",
    ),
}


def results() -> str:
    lines = ["| Question | Answer | Where | Script |", "|---|---|---|---|"]
    for question, (answer, where, script) in RESULTS.items():
        page = where.partition(".")[0]
        lines.append(f"| {question} | {answer()} | [{page}]({where}) | `{Path(script).name}` |")
    return "\n".join(lines)


def scripts() -> str:
    """Every benchmark with the first sentence of its docstring."""
    lines = ["| Script | What it measures |", "|---|---|"]
    for path in sorted((ROOT / "benchmarks").glob("*.py")):
        docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        if docstring:
            sentence = " ".join(docstring.split("\n\n")[0].split())
            lines.append(f"| `{path.name}` | {sentence} |")
    return "\n".join(lines)


def _pair(cell: str) -> tuple[str, str]:
    """Crest factor and time of a cell such as ``1.3660    0.51 s``."""
    crest, time = cell.split(maxsplit=1)
    return crest, time


def main() -> None:
    page = DOCS / "benchmarks.md"
    fill(page, "results", results())
    fill(page, "scripts", scripts())


if __name__ == "__main__":
    main()
