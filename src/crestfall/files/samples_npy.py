"""Samples as one NumPy array, which ``numpy.load`` reads without pickles.

``(N,)`` for one signal, ``(inputs, experiments, N)`` for several: volts as ``float64`` or ``complex128``. With ``bits``
they are the counts of a converter as integers, complex ones with a last axis I, Q.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.files.samples import played_counts


def adapted(design: Design, playback: Playback) -> Playback:
    """The playback as it is, after a check.

    Raises:
        ValueError: It asks for a sign or an order without bits, and the array holds volts.
    """
    for name in ("signed", "big_endian", "q_first"):
        value = getattr(playback, name)
        if playback.bits is None and value != getattr(AS_DESIGNED, name):
            raise ValueError(f"{name} is {value}, but the array holds volts; give bits, too, for counts of a converter")
    return playback


def encode(design: Design, *, playback: Playback = AS_DESIGNED) -> bytes:
    """The array.

    Args:
        design: The design.
        playback: Rate, length and level; with ``bits`` the numbers are counts of a converter instead of volts.

    Raises:
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> from crestfall import Multisine
        >>> design = Design.of(Multisine([1.0], [0.5]), [0.0])
        >>> np.load(BytesIO(encode(design, playback=Playback(rate=8.0)))).round(3).tolist()
        [0.5, 0.354, 0.0, -0.354, -0.5, -0.354, ..., 0.354]
    """
    played = adapted(design, playback).of(design)
    values = played.values
    if playback.bits is not None:
        pair = (2,) if design.multisine.complex else ()
        values = played_counts(played, values).reshape(*values.shape, *pair)
    buffer = BytesIO()
    np.save(buffer, values[0, 0] if design.problem.channels is None else values, allow_pickle=False)
    return buffer.getvalue()
