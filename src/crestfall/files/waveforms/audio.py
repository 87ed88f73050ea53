"""Samples of WAV and FLAC files: full scale is 1, a signal for each channel."""

from __future__ import annotations

import re
from io import BytesIO

import numpy as np

from crestfall.files.wav import signals_of
from crestfall.files.waveforms.waveform import Waveform
from crestfall.problem.times import MAX_SAMPLES

_PAIRS = re.compile(r'\{"format": "crestfall-samples".*?"layout": "([IQ]), [IQ] interleaved"')
"""The comment of this package on complex signals."""


def decode(data: bytes) -> Waveform:
    """The channels of a sound file; those of a complex design of this package are I and Q of one signal.

    Raises:
        ValueError: It is not a sound file, has no samples or too many, or a sample is not finite.

    Example:
        >>> import soundfile
        >>> buffer = BytesIO()
        >>> soundfile.write(buffer, np.array([0.0, 0.5, 0.0, -0.5]), 8000, format="FLAC")
        >>> decode(buffer.getvalue()).samples.tolist()
        [[0.0, 0.5, 0.0, -0.5]]
    """
    import soundfile  # here, since loading its library takes longer than most calls of crestfall

    try:
        with soundfile.SoundFile(BytesIO(data)) as file:
            if file.frames * file.channels > MAX_SAMPLES:
                raise ValueError(f"the file has {file.frames} samples; at most {MAX_SAMPLES} are read")
            values, rate = file.read(dtype="float64", always_2d=True), float(file.samplerate)
            layout = _PAIRS.match(file.comment)
    except soundfile.SoundFileError as error:
        raise ValueError(f"not a sound file that can be read: {error}; convert it to WAV or FLAC") from None
    if not np.all(np.isfinite(values)):
        raise ValueError(f"sample {int(np.argmin(np.all(np.isfinite(values), axis=1))) + 1} is not a finite number")
    rows = np.ascontiguousarray(values.T)
    if layout is not None and rows.shape[0] % 2 == 0:
        i, q = (1, 0) if layout[1] == "Q" else (0, 1)
        return Waveform(rows[i::2] + 1j * rows[q::2], rate, unit="full scale")
    return Waveform(rows, rate, _names(rows.shape[0]), "full scale")


def decode_wav(data: bytes) -> Waveform:
    """The channels of a WAV file; those of a complex design of this package are I and Q of one signal.

    Raises:
        ValueError: As ``decode``.
    """
    rows, rate = signals_of(data)
    return Waveform(rows, float(rate), _names(rows.shape[0]), "full scale")


def _names(count: int) -> tuple[str, ...]:
    return ("left", "right") if count == 2 else ()
