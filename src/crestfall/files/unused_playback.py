"""What a file does not take of a playback: fields that change nothing of it, so that nobody waits for their effect."""

from __future__ import annotations

from os import PathLike

from crestfall.design.design import Design
from crestfall.design.playback import Playback
from crestfall.files.endings import ending_of
from crestfall.files.reading import path_of

_FLOATS = {".f32", ".sigmf-meta", ".sigmf-data"}
"""Samples as floating-point numbers, whatever the bits of the converter."""
_VOLTS = {".mat", ".sigmf-meta", ".sigmf-data", ".pwl"}
"""Samples in volts, which know no last step of a converter."""
_VOLTS_WITHOUT_BITS = {".txt", ".dat", ".npy"}
_PERMISSIONS = {"seam", "beyond_limits"}
"""Fields that only allow something."""


def unused_fields(design: Design, path: str | PathLike[str], playback: Playback) -> list[str]:
    """Fields of a playback that are not at their defaults and have no effect on a file.

    Args:
        design: What is saved; its phases do not matter.
        path: Where to.
        playback: What is played.

    Raises:
        ValueError: The ending is unknown.

    Example:
        >>> import crestfall as cf
        >>> design = cf.Design.of(cf.Multisine([1.0, 2.0]), [0.0, 1.0])
        >>> playback = cf.Playback(rate=100.0, bits=12)
        >>> [unused_fields(design, name, playback) for name in ("a.csv", "a.f32", "a.i16", "a.json")]
        [['rate', 'bits'], ['bits'], [], []]
    """
    from crestfall.files import holds_samples, keeps_playback

    said, path = playback.said(), path_of(path)
    if keeps_playback(path):
        return []
    if not holds_samples(design, path):
        return [name for name in said if name not in _PERMISSIONS]
    ending, level = ending_of(path), playback.asked_level
    unused = set()
    if not design.multisine.complex:
        unused.add("q_first")
    if ending in _FLOATS:
        unused |= {"bits", "signed"}
    if ending == ".h" and playback.bits is None:
        unused.add("big_endian")
    in_volts = ending in _VOLTS or (ending in _VOLTS_WITHOUT_BITS and playback.bits is None)
    if in_volts and (level is None or level.kind != "full scale"):
        unused.add("full_scale")
    return [name for name in said if name in unused]
