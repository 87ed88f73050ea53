"""The README's picture: the tones of examples/impedance_tones.csv before and after.

python docs/figures/impedance.py
"""

from __future__ import annotations

from pathlib import Path

import crestfall as cf
from crestfall.files.pictures import save_picture

ROOT = Path(__file__).parents[2]


def main() -> None:
    ms = cf.Multisine.from_csv(ROOT / "examples" / "impedance_tones.csv")
    design = cf.minimize_peak(ms, seed=0)
    save_picture(design.plot(), ROOT / "docs" / "images" / "impedance.png", overwrite=True, dpi=110)
    print(design)


if __name__ == "__main__":
    main()
