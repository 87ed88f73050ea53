"""OFDM: a preamble whose phases are free, and data symbols that only reserved tones can flatten.

python docs/figures/fields/ofdm.py
"""

from __future__ import annotations

import numpy as np
from common import draw, fill, samples

import crestfall as cf

SPACING_HZ = 312_500.0
CARRIERS = [*range(-26, 0), *range(1, 27)]
RESERVED = [*range(-31, -26), *range(27, 32)]
LARGEST = 0.3
SYMBOLS = 30

# IEEE Std 802.11a-1999, 17.3.3: the long training sequence on carriers −26 … −1 and 1 … 26.
LOWER = [1, 1, -1, -1, 1, 1, -1, 1, -1, 1, 1, 1, 1, 1, 1, -1, -1, 1, 1, -1, 1, -1, 1, 1, 1, 1]
UPPER = [1, -1, -1, 1, 1, -1, 1, -1, 1, -1, -1, -1, -1, -1, 1, 1, -1, -1, 1, -1, 1, -1, 1, 1, 1, 1]
LONG_TRAINING = np.array([*LOWER, *UPPER])


def papr_db(design: cf.Design) -> float:
    """Peak over the RMS of the wanted tones [dB]."""
    free = design.problem.freedom is not None
    return 20 * np.log10(design.amplitude_report.crest_factor if free else design.crest_factor)


def main() -> None:
    ms = cf.Multisine.harmonics(CARRIERS, SPACING_HZ, complex=True)
    extra = cf.ExtraTones(np.array(RESERVED) * SPACING_HZ, LARGEST)
    published = cf.Design.of(ms, np.where(LONG_TRAINING > 0, 0.0, np.pi))
    preambles = {
        "long training sequence of IEEE 802.11a": published,
        "phases 0 and π": cf.minimize_peak(ms, constraints=[cf.Alphabet(2)], time_limit=20.0),
        "all phases free": cf.minimize_peak(ms, time_limit=20.0),
        "and 10 reserved tones up to 0.3": cf.minimize_peak(ms, extra=extra, time_limit=20.0),
        "and amplitudes within ± 0.5 dB": cf.minimize_peak(ms, extra=extra, tolerance_db=0.5, time_limit=20.0),
    }
    rows = [("preamble of 52 tones", "peak over RMS", "extra power")]
    for name, design in preambles.items():
        share = f"{design.amplitude_report.extra_power_share:.1%}" if design.problem.freedom else "none"
        rows.append((name, f"{papr_db(design):.2f} dB", share))
    before, after, power = data_symbols(ms, extra)
    rows.append((f"random QPSK data, median of {SYMBOLS} symbols", f"{np.median(before):.2f} dB", "none"))
    rows.append(("the same data, 10 reserved tones", f"{np.median(after):.2f} dB", f"{np.median(power):.1%}"))
    fill("ofdm", rows)
    fill("ofdm", components(ms, published, preambles["all phases free"]), "components")
    t = np.arange(2048) / 2048 / SPACING_HZ * 1e6
    shown = ("long training sequence of IEEE 802.11a", "all phases free", "and 10 reserved tones up to 0.3")
    waves = {name: (t, samples(preambles[name].multisine, preambles[name].phases, 2048)) for name in shown}
    draw("ofdm", waves, "time [µs]", "envelope")


def components(ms: cf.Multisine, published: cf.Design, free: cf.Design) -> list[tuple[str, ...]]:
    """The magnitude and the larger of I and Q of designs for either, and of flat tones around 0 Hz and from 0 Hz up."""
    rows = [("", "peak of the magnitude", "larger of I and Q")]
    designs = {
        "long training sequence of IEEE 802.11a": (ms, published.phases),
        "52 tones, for the magnitude": (ms, free.phases),
        "52 tones, for I and Q": (ms, cf.minimize_peak(ms, measure="components", time_limit=20.0).phases),
    }
    for name, numbers in (("−30 … 29", range(-30, 30)), ("1 … 60", range(1, 61))):
        flat = cf.Multisine.harmonics(numbers, complex=True)
        designs[f"60 tones, {name}, for the magnitude"] = (flat, cf.minimize_peak(flat).phases)
        both = cf.minimize_peak(flat, measure="components", time_limit=20.0)
        designs[f"60 tones, {name}, for I and Q"] = (flat, both.phases)
    for name, (tones, phases) in designs.items():
        turns = np.linspace(0.0, np.pi / 2, 91)
        asked = cf.Problem(tones, measure="components")
        least = min(cf.Design.of(asked, phases + turn, status="").crest_factor for turn in turns)
        rows.append((name, f"{cf.crest_factor(tones, phases):.4f}", f"{least:.4f}"))
    return rows


def data_symbols(ms: cf.Multisine, extra: cf.ExtraTones) -> tuple[list[float], list[float], list[float]]:
    """Data phases are held; only the reserved tones may move."""
    before, after, power = [], [], []
    for seed in range(SYMBOLS):
        data = np.pi / 4 + np.pi / 2 * np.random.default_rng(seed).integers(0, 4, ms.n)
        held = cf.Hold(dict(enumerate(data.tolist())))
        design = cf.minimize_peak(ms, extra=extra, constraints=[held], starts=32)
        before.append(papr_db(cf.Design.of(ms, data)))
        after.append(papr_db(design))
        power.append(design.amplitude_report.extra_power_share)
    return before, after, power


if __name__ == "__main__":
    main()
