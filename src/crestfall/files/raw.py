"""Bare samples, as firmware, FPGAs and NumPy's ``fromfile`` take them.

``.i16`` holds little-endian 16-bit integers, ``.f32`` little-endian 32-bit floats, complex samples interleaved I, Q.
Several inputs are interleaved, too, sample by sample, and their experiments follow one another. Neither has a header: a
JSON file next to it (see ``sidecar``) says the rate and the volts per count.
"""

from __future__ import annotations

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.files.samples import frames_as_bytes
from crestfall.files.sidecar import encode_sidecar, sidecar_name


def file_names(name: str, design: Design | None = None) -> list[str]:
    """The two files: samples and description.

    Example:
        >>> file_names("a.f32")
        ['a.f32.json', 'a.f32']
    """
    return [sidecar_name(name), name]


def encode_files(design: Design, name_of_file: str, *, playback: Playback = AS_DESIGNED) -> dict[str, bytes]:
    """The bytes of both files.

    Args:
        design: The design.
        name_of_file: Name of the file of samples; ``.i16`` means integers, anything else floats.
        playback: Rate, length, level and converter.

    Raises:
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> from crestfall import Multisine
        >>> files = encode_files(Design.of(Multisine([1.0], [0.5]), [0.0]), "a.f32")
        >>> import numpy as np
        >>> np.frombuffer(files["a.f32"], "<f4").tolist()
        [0.5, 0.0, -0.5, 0.0]
    """
    played = playback.of(design)
    sample_type = "int16" if name_of_file.lower().endswith(".i16") else "float32"
    data, step, kind = frames_as_bytes(played, sample_type)
    return {sidecar_name(name_of_file): encode_sidecar(design, played, kind, step), name_of_file: data}
