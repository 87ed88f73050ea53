"""Designs as MATLAB files (level 5), for MATLAB, Octave and SciPy.

Columns ``frequencies_hz``, ``amplitudes``, ``phases_rad`` (and ``initial_phases_rad`` if the tones came with phases);
``samples`` over whole periods, or of the window once, with ``sample_rate_hz`` and ``periods``; and ``header``, a text
that holds everything else as JSON, under the keys of the JSON format. For several inputs ``samples`` is
``(N, inputs, experiments)``, ``coefficients`` ``(n, inputs, experiments)``, and ``phases_rad`` has a row for each input
where inputs have their own.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.files.mat_reader import read_mat
from crestfall.files.plain_tones import multisine_of_arrays
from crestfall.files.real_signals import require_volts
from crestfall.files.record import VECTORS, dumps, from_columns, loads, to_columns
from crestfall.problem.multisine import Multisine

_DESCRIPTION = b"MATLAB 5.0 MAT-file, written by crestfall"


def adapted(design: Design, playback: Playback) -> Playback:
    """The playback as it is, after a check.

    Raises:
        ValueError: It asks for bits, a sign or an order, and the file holds volts.
    """
    require_volts(playback, ".mat")
    return playback


def encode(design: Design, *, playback: Playback = AS_DESIGNED) -> bytes:
    """The bytes of the file.

    Args:
        design: The design.
        playback: Rate, length and level of ``samples``.

    Raises:
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> import scipy.io
        >>> data = encode(Design.of(Multisine([1.0, 2.0]), [0.0, 1.0]))
        >>> scipy.io.loadmat(BytesIO(data))["phases_rad"].ravel().tolist()
        [0.0, 1.0]
    """
    import scipy.io  # here: no other format needs it

    header, vectors = to_columns(design)
    played = adapted(design, playback).of(design)
    variables: dict[str, Any] = {key: np.array(values) for key, values in vectors.items()}
    several = design.problem.channels is not None
    variables |= {
        "samples": played.values.transpose(2, 0, 1) if several else played.one,
        "sample_rate_hz": played.sample_rate_hz,
        "periods": float(played.periods),
        "gain": played.gain,
        "peak": design.peak,
        "crest_factor": design.crest_factor,
        "header": dumps(header, ascii_only=True),
    }
    if several:
        variables["coefficients"] = design.coefficients
    buffer = BytesIO()
    scipy.io.savemat(buffer, variables, oned_as="column")
    # SciPy describes the file by the time of day; the same design must make the same bytes.
    return _DESCRIPTION.ljust(116) + buffer.getvalue()[116:]


def decode(data: bytes, *, complex: bool = False) -> Design | Multisine:
    """The design of a MAT file that ``encode`` wrote, or the tones of variables named as in ``plain_tones``."""
    variables = read_mat(data, (*VECTORS, "complex", "header"))
    if "header" not in variables:
        return multisine_of_arrays(variables, complex=complex)
    header = variables.pop("header")
    if not isinstance(header, str):
        raise ValueError("the variable 'header' is not a text; save the design again")
    record = loads(header)
    if _has_own_phases(record) and {"phases_rad", "frequencies_hz"} <= variables.keys():
        rows, n = variables["phases_rad"], variables["frequencies_hz"].size
        if n and rows.size % n == 0:  # a matrix of one row or one column comes as a vector
            variables["phases_rad"] = rows.reshape(-1, n)
    return from_columns(record, variables)


def _has_own_phases(record: Any) -> bool:
    problem = record.get("problem") if isinstance(record, dict) else None
    channels = problem.get("channels") if isinstance(problem, dict) else None
    return isinstance(channels, dict) and channels.get("phases") == "own"
