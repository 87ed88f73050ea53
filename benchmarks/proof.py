"""Proofs: how far branch and bound and bounds by moments get, in one run on one core.

Branch and bound: flat tones, real harmonics 1..n and complex harmonics 0..n-1, each proved to a relative gap of 0.1 %
or stopped at the limit; the design to begin with is that of `minimize_peak` (which may come from the atlas).

Moments: the strongest bound by formula and the one that moments prove within a time, for several spectra.

    python benchmarks/proof.py [--real 2:12] [--complex 2:13] [--limit 600] [--page docs/proof.md]
    python benchmarks/proof.py --moments 30 [--moment-pages docs/bounds.md docs/certainty.md]
"""

from __future__ import annotations

import argparse
import math
import platform
import sys
import time
from pathlib import Path

import numpy as np

import crestfall as cf
from crestfall.certainty.bounds import strongest_bound
from crestfall.certainty.moments import moment_bounds
from crestfall.certainty.proof import prove
from crestfall.cli.parsing import harmonic_numbers

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

HEADING = [
    "| kind    |  n | crest factor | no phases below | gap      | boxes   | time      |",
    "|---------|----|--------------|-----------------|----------|---------|-----------|",
]


def measure(kind: str, n: int, limit: float) -> str:
    """One row: prove ``n`` flat tones of this kind within the limit [s]."""
    is_complex = kind == "complex"
    ms = cf.Multisine.harmonics(range(n) if is_complex else range(1, n + 1), complex=is_complex)
    design = cf.minimize_peak(ms)
    begin = time.perf_counter()
    proof = prove(ms, design.phases, stop=lambda: time.perf_counter() - begin > limit)
    seconds = time.perf_counter() - begin
    bound = max(proof.lower_bound / design.rms, cf.lower_bound(ms))
    crest = cf.crest_factor(ms, proof.phases)
    shown = math.floor(bound * 1e6) / 1e6  # a lower bound is rounded down
    stopped = "" if proof.proven else ", stopped"
    return (
        f"| {kind:7s} | {n:2d} | {crest:.6f}     | {shown:.6f}        | {crest / bound - 1:6.2%}   "
        f"| {proof.boxes:7d} | {seconds:.2f} s{stopped} |"
    )


MOMENTS_HEADING = [
    "| tones | best known | by formula | moments | by | gap before | gap after | time |",
    "|---|---|---|---|---|---|---|---|",
]
EXAMPLES = Path(__file__).parents[1] / "examples"


def spectra() -> dict[str, cf.Multisine]:
    """What the bounds by moments are measured on."""
    found = {
        f"flat 1…{n}": cf.Multisine.harmonics(range(1, n + 1)) for n in (*range(3, 11), 12, 16, 31, 64, 256, 1024, 4096)
    }
    for n in (5, 6):
        found["1, 2, 4, …, " + str(2 ** (n - 1))] = cf.Multisine.harmonics(2 ** np.arange(n))
    found["odd 1…15"] = cf.Multisine.harmonics(range(1, 16, 2))
    found["1-2-5 decades"] = cf.Multisine.harmonics([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000])
    found["35 tones, odd, log-spaced"] = cf.Multisine.from_csv(EXAMPLES / "impedance_tones.csv")
    return found | {f"complex flat, {n}": cf.Multisine.harmonics(range(n), complex=True) for n in (5, 6, 7)}


def measure_moments(name: str, ms: cf.Multisine, seconds: float) -> str:
    """One row: the bound of one spectrum within a time [s]."""
    known = cf.atlas.find(ms)
    crest = known[0].crest_factor if known else cf.minimize_peak(ms, starts=8 if ms.n > 512 else 256).crest_factor
    before, begin, took, found = strongest_bound(ms).crest_factor, time.perf_counter(), 0.0, None
    for bound in moment_bounds(ms, before * ms.nominal_rms, seconds):
        found, took = bound, time.perf_counter() - begin
    after = before if found is None else found.peak / ms.nominal_rms
    by = "–" if found is None else found.name.removeprefix("moments of ")
    return (
        f"| {name} | {crest:.4f} | {math.floor(before * 1e4) / 1e4:.4f} | {math.floor(after * 1e4) / 1e4:.4f} | {by} "
        f"| {crest / before - 1:.1%} | {crest / after - 1:.1%} | {took:.1f} s |"
    )


def gaps(lines: list[str]) -> str:
    """The rows of flat real tones, as columns: the gap before and after."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| flat 1…")]
    rows = {"flat real tones": 0, "gap by formula": 5, "gap with moments": 6}
    table = [[name, *(row[k].removeprefix("flat 1…") for row in cells)] for name, k in rows.items()]
    first, *others = ("| " + " | ".join(row) + " |" for row in table)
    return "\n".join([first, "|---" * len(table[0]) + "|", *others])


def moments(seconds: float, pages: list[Path]) -> None:
    """The second table, and the rows of flat tones again for another page."""
    print("\n".join(MOMENTS_HEADING))
    list(moment_bounds(cf.Multisine([1, 2, 3]), 1.0, 10.0))  # first-call costs
    lines = []
    for name, ms in spectra().items():
        lines.append(measure_moments(name, ms, seconds))
        print(lines[-1], flush=True)
    for page, name, text in zip(
        pages, ("moments", "gap"), ("\n".join([*MOMENTS_HEADING, *lines]), gaps(lines)), strict=False
    ):
        fill(page, name, text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", default="2:12", help="numbers of real tones, such as 2:10 or 4,8")
    parser.add_argument("--complex", default="2:13", help="numbers of complex tones")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds for each proof")
    parser.add_argument("--page", type=Path, help="also put the table on this Markdown page")
    parser.add_argument("--moments", type=float, help="seconds for each bound by moments, in place of branch and bound")
    parser.add_argument(
        "--moment-pages",
        type=Path,
        nargs=2,
        default=[],
        help="also put that table on the first of these Markdown pages, and the gaps of flat tones on the second",
    )
    arguments = parser.parse_args()
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}")
    if arguments.moments:
        moments(arguments.moments, arguments.moment_pages)
        return
    print("\n".join(HEADING))
    prove(cf.Multisine([1, 2, 3]))  # first-call costs are not the proof's
    lines = []
    for kind, sizes in (("real", arguments.real), ("complex", arguments.complex)):
        for n in harmonic_numbers(sizes):
            lines.append(measure(kind, int(n), arguments.limit))
            print(lines[-1], flush=True)
    if arguments.page:
        fill(arguments.page, "proof", "\n".join([*HEADING, *lines]))


if __name__ == "__main__":
    main()
