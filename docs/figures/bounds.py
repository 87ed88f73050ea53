"""The table of docs/bounds.md: every bound for several spectra, next to the best crest factor known.

python docs/figures/bounds.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from page import fill

import crestfall as cf
from crestfall.certainty.bounds import strongest_bound
from crestfall.certainty.bounds.bernstein_szego import bernstein_szego
from crestfall.certainty.bounds.fejer_pair import fejer_pair
from crestfall.certainty.bounds.quartic import quartic
from crestfall.certainty.bounds.square_spectrum import square_spectrum
from crestfall.certainty.bounds.triangle import triangle

PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53]
SPECTRA = {
    "flat 1…4": cf.Multisine.harmonics(range(1, 5)),
    "flat 1…8": cf.Multisine.harmonics(range(1, 9)),
    "flat 1…16": cf.Multisine.harmonics(range(1, 17)),
    "flat 1…64": cf.Multisine.harmonics(range(1, 65)),
    "flat 1…256": cf.Multisine.harmonics(range(1, 257)),
    "odd 1…31": cf.Multisine.harmonics(range(1, 32, 2)),
    "16 primes": cf.Multisine.harmonics(PRIMES),
    "1-2-5 decades": cf.Multisine.harmonics([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]),
    "1…20, falling by 0.6": cf.Multisine.harmonics(range(1, 21), amplitudes=0.6 ** np.arange(20)),
    "complex flat, 4": cf.Multisine.harmonics(range(4), complex=True),
    "complex flat, 16": cf.Multisine.harmonics(range(16), complex=True),
    "complex flat, 64": cf.Multisine.harmonics(range(64), complex=True),
    "complex 0, 1, 4, 9, 11": cf.Multisine.harmonics([0, 1, 4, 9, 11], complex=True),
}


def main() -> None:
    lines = ["| spectrum | Bernstein–Szegő | Fejér | quartic | triangle | strongest | best known |", "|---" * 7 + "|"]
    for name, ms in SPECTRA.items():
        square = square_spectrum(ms)
        bounds = [1.0 if ms.complex else bernstein_szego(ms), fejer_pair(square), quartic(square)]
        cells = [f"{bound:.4f}" for bound in bounds] + ["–" if ms.complex else f"{triangle(ms):.4f}"]
        best = cf.minimize_peak(ms, starts=None if ms.n > 100 else 512).crest_factor
        lines.append(f"| {name} | {' | '.join(cells)} | {strongest_bound(ms).name} | {best:.4f} |")
    fill(Path(__file__).parents[1] / "bounds.md", "bounds", "\n".join(lines))


if __name__ == "__main__":
    main()
