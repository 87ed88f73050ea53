"""One signal of a file of samples, for what is made of samples: fixed waveforms, shapes."""

from __future__ import annotations

from os import PathLike
from typing import Any

import numpy.typing as npt

from crestfall.files.reading import naming, path_of
from crestfall.files.waveforms.read import read_waveform


def read_signal(
    path: str | PathLike[str], channel: int | str | None = None, *, complex: bool = False
) -> tuple[npt.NDArray[Any], float | None]:
    """``(N,)`` samples of one signal of a file, and their rate [Hz] if the file says it.

    Args:
        path: The file (see ``crestfall.files.waveforms.read``).
        channel: Name or number from 1 of the signal, where there are several.
        complex: Whether two signals are I and Q of one; only then may samples be complex.

    Raises:
        ValueError: It is not a file of samples, has several signals and none is chosen, or they are complex.
        OSError: The file does not exist or cannot be read.

    Warns:
        CrestfallWarning: Something was assumed.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "cycle.csv"
        ...     _ = file.write_text("time_s,current_A\\n0,1\\n0.5,3\\n1.0,2\\n")
        ...     values, rate = read_signal(file)
        >>> values.tolist(), rate
        ([1.0, 3.0, 2.0], 2.0)
    """
    path = path_of(path)
    found = read_waveform(path)
    with naming(path):
        values = found.signal(channel, complex=complex and found.samples.shape[0] > 1)
        if values.dtype.kind == "c" and not complex:
            raise ValueError("the samples are complex; give a real signal")
    found.note_assumed(path.name)
    return values, found.rate_hz
