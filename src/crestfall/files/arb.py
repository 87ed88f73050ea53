"""The text form of an arbitrary waveform that Keysight's (Agilent's) 33500 and 33600 generators load from a USB stick.

Header lines ``name:value`` and one integer a line. The integer ±32 767 is the header's high and low level in volts;
both are the certified true peak, so that a sample of ``j`` counts stands for ``j · High Level / 32 767`` volts.
"""

from __future__ import annotations

import numpy as np

from crestfall.design.design import Design
from crestfall.files.samples import FULL_SCALE, require_text_size, take_samples, to_int16, volts_per_count


def encode(design: Design, *, sample_rate: float | None = None, periods: int = 1, peak: float | None = None) -> bytes:
    """The text.

    Args:
        design: A real design.
        sample_rate: Samples per second [Hz]; by default a power of two of samples a period.
        periods: Number of periods.
        peak: Certified true peak [V]; by default that of the design.

    Raises:
        ValueError: The design is complex, an option is out of range, or there would be too many samples.

    Example:
        >>> from crestfall import Multisine
        >>> text = encode(Design.of(Multisine([50.0], [0.5]), [0.0]), peak=2.0).decode("ascii")
        >>> [line for line in text.splitlines() if "Level" not in line]
        ['File Format:1.10', 'Checksum:0', 'Channel Count:1', 'Sample Rate:200', 'Data Type:"short"', 'Data Points:4',
         'Data:', '32767', '0', '-32767', '0']
    """
    if design.multisine.complex:
        raise ValueError("an .arb file holds one real channel, and the design is complex; save as .sigmf-meta or .i16")
    samples = take_samples(design, sample_rate, periods, peak)
    require_text_size(samples.values.size)
    step = volts_per_count(design, samples.gain)
    level = _decimal(step * FULL_SCALE)
    header = [
        "File Format:1.10",
        "Checksum:0",
        "Channel Count:1",
        f"Sample Rate:{_decimal(samples.sample_rate_hz)}",
        f"High Level:{level}",
        f"Low Level:-{level}",
        'Data Type:"short"',
        f"Data Points:{samples.values.size}",
        "Data:",
    ]
    return "\n".join([*header, *map(str, to_int16(samples.values, step).tolist()), ""]).encode("ascii")


def _decimal(value: float) -> str:
    """All digits without an exponent, which the generators' parsers need not know."""
    return np.format_float_positional(value, trim="-")
