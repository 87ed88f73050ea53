"""One table of all fields, from the numbers that stand on their pages. Run it after the others.

python docs/figures/fields/index.py
"""

from __future__ import annotations

import re
from math import log10, sqrt

import numpy as np
from common import DOCS, fill

import crestfall as cf
from crestfall.certainty.bounds.bernstein_szego import bernstein_szego

TITLES = ("field", "case", "what is small", "customary", "crestfall", "no phases below")


def main() -> None:
    fill("index", rows())


def rows() -> list[tuple[str, ...]]:
    """The table, titles first."""
    return [TITLES, *impedance(), *tweezers(), *mri(), *detector(), *audio(), *flight_test(), *converter(), *ofdm()]


def numbers(page: str, marker: str = "numbers") -> list[dict[str, str]]:
    """The rows of a page's table of this name; an empty first cell means that of the row above."""
    content = (DOCS / "fields" / f"{page}.md").read_text(encoding="utf-8")
    found = re.search(f"<!-- numbers:{marker} -->\n(.*?)\n<!-- end:{marker} -->", content, re.DOTALL)
    if found is None:
        raise ValueError(f"docs/fields/{page}.md has no numbers; run docs/figures/fields/{page}.py first")
    lines = [[cell.strip() for cell in line.strip("| ").split("|")] for line in found[1].splitlines()]
    titles, table = lines[0], []
    for cells in lines[2:]:
        padded = [""] * (len(titles) - len(cells)) + cells  # an empty first cell is stripped
        first = padded[0] or table[-1][titles[0]]
        table.append(dict(zip(titles, [first, *padded[1:]], strict=True)))
    return table


def cell(page: str, column: str, *words: str) -> float:
    """The number at the beginning of such a text."""
    return float(text(page, column, *words).split()[0])


def text(page: str, column: str, *words: str) -> str:
    """What the first row that has all the words says in the first column that has this one in its title."""
    for row in numbers(page):
        if all(any(word in value for value in row.values()) for word in words):
            title = next((title for title in row if column in title), None)
            if title is not None:
                return row[title]
    raise ValueError(f"docs/fields/{page}.md has no {column!r} for {', '.join(words)}")


def row(
    page: str, field: str, case: str, quantity: str, figures: tuple[float, str, float, float | None]
) -> tuple[str, ...]:
    """One row: the customary figure with its name, ours, and the bound."""
    customary, name, ours, bound = figures
    decimals = 2 if "dB" in quantity else 3
    least = "–" if bound is None else f"{bound:.{decimals}f}"
    return (
        f"[{field}]({page}.md)",
        case,
        quantity,
        f"{customary:.{decimals}f} ({name})",
        f"**{ours:.{decimals}f}**",
        least,
    )


def lowest(figures: dict[str, float]) -> tuple[float, str]:
    """The lowest of customary figures, and its name."""
    name = min(figures, key=lambda key: figures[key])
    return figures[name], name


def impedance() -> list[tuple[str, ...]]:
    page, column, found = "electrochemistry", "the larger", []
    for band, tones in (("1 Hz … 1 kHz", 13), ("1 Hz … 1 MHz", 25)):
        values = [cell(page, column, band, words) for words in ("crestfall, both", "no phases below")]
        case = f"{tones} tones, {band}, current and voltage"
        customary = {"Schroeder": cell(page, column, band, "Schroeder")}
        customary["best of 10 random sets"] = cell(page, column, band, "random")
        figures = (*lowest(customary), *values)
        found.append(row(page, "Impedance spectroscopy", case, "larger crest factor", figures))
    return found


def tweezers() -> list[tuple[str, ...]]:
    found = []
    for n in (7, 20):
        values = [cell("tweezers", title, f"{n} at 100") for title in ("crestfall", "no phases below")]
        case = f"{n} traps, 100 … {99 + n} MHz"
        customary = {"Schroeder": cell("tweezers", "Schroeder", f"{n} at 100")}
        customary["best of 100 random sets"] = cell("tweezers", "random", f"{n} at 100")
        found.append(row("tweezers", "Optical tweezers", case, "crest factor", (*lowest(customary), *values)))
    return found


def mri() -> list[tuple[str, ...]]:
    table = {line["bands"]: line for line in numbers("mri")}
    found = []
    for n, theirs, ours, name in (
        (8, "Wong 2012", "crestfall", "Wong 2012"),
        (12, "Wong 2012", "crestfall", "Wong 2012"),
        (12, "AM only, Malik 2015", "AM only, ours", "Malik 2015"),
    ):
        line = table[str(n)]
        case = f"{n} bands" + (", amplitude only" if "AM" in theirs else "")
        figures = (float(line[theirs]), name, float(line[ours]), float(line["no phases below"]))
        found.append(row("mri", "Multiband MRI", case, "peak of unit bands", figures))
    return found


def detector() -> list[tuple[str, ...]]:
    values = [cell("detector", "crest factor", words) for words in ("best of 100", "crestfall")]
    figures = (values[0], "best of 100 random sets", values[1], 0.0)  # Parseval, over the samples
    return [
        row("detector", "Detector read-out", "2000 tones, 2^19 samples", "crest factor of the samples [dB]", figures)
    ]


def audio() -> list[tuple[str, ...]]:
    raster = 48_000 / 2**16
    bins = np.arange(int(np.ceil(20 / raster)), int(20_000 / raster) + 1)
    pink = cf.Multisine.harmonics(bins, raster, 1 / np.sqrt(bins))
    found = []
    for title, words, bound in (
        ("crest factor of the samples", "the samples count", 1.0),  # Parseval
        ("true-peak crest factor", "the true peak counts", cf.lower_bound(pink)),
    ):
        figures = (cell("audio", title, "Schroeder"), "Schroeder", cell("audio", title, words), bound)
        found.append(row("audio", "Pink periodic noise", "20 Hz … 20 kHz, 2^16 samples", title, figures))
    return found


def flight_test() -> list[tuple[str, ...]]:
    found = []
    for record_s, n in ((10, 7), (30, 19)):
        line = next(each for each in numbers("flight_test") if each["record"] == f"{record_s} s")
        low, high = (int(line["harmonics"].split(", ")[k].strip("… ")) for k in (0, -1))
        harmonics = range(low, high + 1, 3)
        assert (line["input"], len(harmonics)) == ("elevator", n)
        # Bernstein's and Szegő's inequality holds for the signal and any constant: it bounds half of the range, too.
        bound = bernstein_szego(cf.Multisine.harmonics(harmonics, 1.0 / record_s)) / sqrt(2.0)
        customary = {
            "Schroeder": float(line["Schroeder"]),
            "simplex, as SIDPAC": float(line["Schroeder, then simplex"]),
        }
        figures = (*lowest(customary), float(line["range minimised"]), bound)
        case = f"elevator, {n} interleaved tones"
        found.append(row("flight_test", "Flight test", case, "relative peak factor", figures))
    for line in numbers("flight_test", "shakers"):
        if line["shakers"] == "4":
            figures = (float(line["Schroeder"]), "Schroeder", float(line["crestfall, common"]), shaker_bound())
            case = f"4 shakers in 4 experiments, {line['matrix']}"
            found.append(row("flight_test", "Flight test", case, "worst crest factor", figures))
    return found


def shaker_bound() -> float:
    from flight_test import SHAKER_TONES

    return cf.lower_bound(cf.Multisine.harmonics(range(1, SHAKER_TONES + 1)))


def converter() -> list[tuple[str, ...]]:
    values = [cell("converter", title, "1.0, 0.7, 0.5") for title in ("equally spaced", "crestfall")]
    figures = (values[0], "equally spaced", values[1], None)
    return [row("converter", "Interleaved converters", "copies of 1, 0.7 and 0.5", "half of the range", figures)]


def ofdm() -> list[tuple[str, ...]]:
    from ofdm import CARRIERS, SPACING_HZ

    column = "peak over RMS"
    bound = 20 * log10(cf.lower_bound(cf.Multisine.harmonics(CARRIERS, SPACING_HZ, complex=True)))
    values = [cell("ofdm", column, words) for words in ("long training sequence", "all phases free")]
    figures = (values[0], "IEEE 802.11a", values[1], bound)
    return [row("ofdm", "OFDM", "preamble of 52 carriers", "peak over RMS [dB]", figures)]


if __name__ == "__main__":
    main()
