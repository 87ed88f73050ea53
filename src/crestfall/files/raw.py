"""Bare samples, as firmware, FPGAs and NumPy's ``fromfile`` take them.

``.i16`` holds little-endian 16-bit integers, ``.f32`` little-endian 32-bit floats, complex samples interleaved I, Q.
Several inputs are interleaved, too, sample by sample, and their experiments follow one another. Neither has a header: a
JSON file next to it (see ``sidecar``) says the rate and the volts per count.
"""

from __future__ import annotations

from crestfall.design.design import Design
from crestfall.files.samples import take_samples, to_float32, to_int16, volts_per_count
from crestfall.files.sidecar import encode_sidecar, sidecar_name


def file_names(name: str, design: Design | None = None) -> list[str]:
    """The two files: samples and description.

    Example:
        >>> file_names("a.f32")
        ['a.f32.json', 'a.f32']
    """
    return [sidecar_name(name), name]


def encode_files(
    design: Design, name_of_file: str, *, sample_rate: float | None = None, periods: int = 1, peak: float | None = None
) -> dict[str, bytes]:
    """The bytes of both files.

    Args:
        design: The design.
        name_of_file: Name of the file of samples; ``.i16`` means integers, anything else floats.
        sample_rate: Samples per second [Hz]; by default a power of two of samples a period.
        periods: Number of periods.
        peak: Certified true peak [V]; by default that of the design.

    Raises:
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> from crestfall import Multisine
        >>> files = encode_files(Design.of(Multisine([1.0], [0.5]), [0.0]), "a.f32")
        >>> import numpy as np
        >>> np.frombuffer(files["a.f32"], "<f4").tolist()
        [0.5, 0.0, -0.5, 0.0]
    """
    samples = take_samples(design, sample_rate, periods, peak)
    if name_of_file.lower().endswith(".i16"):
        step = volts_per_count(design, samples.gain)
        data, kind = to_int16(samples.in_frames, step).astype("<i2").tobytes(), "int16_le"
    else:
        step = 1.0
        data, kind = to_float32(samples.in_frames).astype("<f4").tobytes(), "float32_le"
    return {sidecar_name(name_of_file): encode_sidecar(design, samples, kind, step), name_of_file: data}
