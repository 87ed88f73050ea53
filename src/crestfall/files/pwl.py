"""Time and voltage in two columns, for the piecewise linear sources of SPICE: ``V1 in 0 PWL file=excitation.pwl``.

Nothing but numbers: not every simulator takes comments. Time 0 is the first sample. Where whole periods are played, a
last line at their end has the first value again, so that a source that repeats the file has no seam. Between the
lines a source draws straight ones, which lower a tone by ``sinc²(f / rate)``: by 1 % at 18 samples a cycle.
Several signals, and I and Q of complex ones, have a file each.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.files.real_signals import file_names as file_names
from crestfall.files.real_signals import real_signal_files, real_signals, require_volts
from crestfall.files.samples import require_text_size


def adapted(design: Design, playback: Playback) -> Playback:
    """The playback as it is, after a check.

    Raises:
        ValueError: It asks for bits, a sign, an order or a hold, and the file holds volts.
    """
    require_volts(playback, ".pwl")
    if playback.compensate_hold:
        raise ValueError("compensate_hold is True, but no converter holds the samples of a .pwl file; leave it out")
    return playback


def encode_files(design: Design, name_of_file: str, *, playback: Playback = AS_DESIGNED) -> dict[str, bytes]:
    """The texts, one for each real signal.

    Args:
        design: The design.
        name_of_file: Name of the file; of several signals what their names begin with.
        playback: Rate, length and level.

    Raises:
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> from crestfall import Multisine
        >>> files = encode_files(Design.of(Multisine([1.0]), [1.0]), "a.pwl")
        >>> [float(line.split()[0]) for line in files["a.pwl"].decode().splitlines()]
        [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    played = adapted(design, playback).of(design).in_base_unit()
    require_text_size(played.values.size)
    closed = playback.is_loop and design.problem.window is None
    count = played.values.shape[2]
    times = np.arange(count + closed) / played.sample_rate_hz
    texts = (_text(times, np.append(values, values[:closed])) for _, values in real_signals(played))
    return dict(zip(real_signal_files(design, name_of_file), texts, strict=True))


def _text(times: npt.NDArray[Any], values: npt.NDArray[Any]) -> bytes:
    rows = zip(times.tolist(), values.tolist(), strict=True)
    return "".join(f"{time!r} {value!r}\n" for time, value in rows).encode("ascii")
