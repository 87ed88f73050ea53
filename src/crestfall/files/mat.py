"""Designs as MATLAB files (level 5), for MATLAB, Octave and SciPy.

Columns ``frequencies_hz``, ``amplitudes``, ``phases_rad`` (and ``initial_phases_rad`` if the tones came with phases);
``samples`` over whole periods with ``sample_rate_hz`` and ``periods``; and ``header``, a text that holds everything
else as JSON, under the keys of the JSON format.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np

from crestfall.design.design import Design, Provenance
from crestfall.files.mat_reader import read_mat
from crestfall.files.plain_tones import multisine_of, tones_of
from crestfall.files.record import VECTORS, dumps, from_record, loads, to_record
from crestfall.files.samples import take_samples
from crestfall.problem.multisine import Multisine

_DESCRIPTION = b"MATLAB 5.0 MAT-file, written by crestfall"


def encode(design: Design, *, sample_rate: float | None = None, periods: int = 1, peak: float | None = None) -> bytes:
    """The bytes of the file.

    Args:
        design: The design.
        sample_rate: Samples per second [Hz]; by default a power of two of samples a period.
        periods: Number of periods.
        peak: Certified true peak of ``samples`` [V]; by default that of the design.

    Raises:
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> import scipy.io
        >>> data = encode(Design.of(Multisine([1.0, 2.0]), [0.0, 1.0]))
        >>> scipy.io.loadmat(BytesIO(data))["phases_rad"].ravel().tolist()
        [0.0, 1.0]
    """
    import scipy.io  # here: no other format needs it

    record = to_record(design)
    vectors = {key: record.pop(key) for key in VECTORS}
    samples = take_samples(design, sample_rate, periods, peak)
    variables: dict[str, Any] = {key: np.array(values) for key, values in vectors.items() if values is not None}
    variables |= {
        "samples": samples.values,
        "sample_rate_hz": samples.sample_rate_hz,
        "periods": float(samples.periods),
        "gain": samples.gain,
        "peak": design.peak,
        "crest_factor": design.crest_factor,
        "header": dumps(record, ascii_only=True),
    }
    buffer = BytesIO()
    scipy.io.savemat(buffer, variables, oned_as="column")
    # SciPy describes the file by the time of day; the same design must make the same bytes.
    return _DESCRIPTION.ljust(116) + buffer.getvalue()[116:]


def decode(data: bytes, name: str) -> Design:
    """The design of a MAT file: one that ``encode`` wrote, or any whose tones have phases."""
    variables = read_variables(data)
    header = variables.pop("header", None)
    if header is not None:
        record = loads(_require_text(header))
        if isinstance(record, dict):
            record |= {key: variables[key] for key in VECTORS if key in variables}
            record.setdefault("initial_phases_rad", None)
        return from_record(record)
    multisine = multisine_of(variables)
    if multisine.initial_phases is None:
        raise ValueError("no variable phases_rad, so it holds tones but no design; give the phases too")
    return Design.of(multisine, multisine.initial_phases, provenance=Provenance(f"phases of {name}"))


def decode_tones(data: bytes, complex: bool = False) -> Multisine:
    """The tones of a saved design, or of variables named as in ``plain_tones``."""
    variables = read_variables(data)
    return tones_of(decode(data, "")) if "header" in variables else multisine_of(variables, complex=complex)


def read_variables(data: bytes) -> dict[str, Any]:
    """The variables that describe tones; nothing else in the file is looked at."""
    return read_mat(data, (*VECTORS, "complex", "header"))


def _require_text(header: Any) -> str:
    if not isinstance(header, str):
        raise ValueError("the variable 'header' is not a text; save the design again")
    return header
