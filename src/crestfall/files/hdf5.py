"""Samples as HDF5, for MATLAB's ``h5read``, LabVIEW, Julia, h5py and others. Needs ``crestfall[hdf5]``.

The data set ``samples`` is ``(N,)`` for one signal, ``(inputs, experiments, N)`` for several, complex ones as pairs
``r``, ``i``. Its attributes say rate, start, unit, periods and names. The data set ``design`` is a text, the
record of ``record`` as JSON: an attribute would end at 64 KiB.
"""

from __future__ import annotations

from io import BytesIO

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.files.real_signals import require_volts
from crestfall.files.record import dumps, to_record
from crestfall.files.sidecar import figures_of
from crestfall.problem.extras import imported


def adapted(design: Design, playback: Playback) -> Playback:
    """The playback as it is, after a check.

    Raises:
        ImportError: h5py is not installed.
        ValueError: It asks for bits, a sign or an order, and the file holds volts.
    """
    imported("h5py", "hdf5")
    require_volts(playback, ".h5")
    return playback


def encode(design: Design, *, playback: Playback = AS_DESIGNED) -> bytes:
    """The bytes of the file.

    Args:
        design: The design.
        playback: Rate, length and level.

    Raises:
        ImportError: h5py is not installed.
        ValueError: An option is out of range, or there would be too many samples.

    Example:
        >>> import h5py
        >>> from crestfall import Multisine
        >>> data = encode(Design.of(Multisine([1.0], [0.5]), [0.0]))
        >>> with h5py.File(BytesIO(data)) as file:
        ...     file["samples"][:].round(9).tolist(), float(file["samples"].attrs["sample_rate_hz"])
        ([0.5, 0.0, -0.5, ...], 4.0)
    """
    played = adapted(design, playback).of(design)
    h5py = imported("h5py", "hdf5")
    one = design.problem.channels is None
    buffer = BytesIO()
    with h5py.File(buffer, "w") as file:
        # Times of creation are left out: the same design must make the same bytes.
        samples = file.create_dataset("samples", data=played.one if one else played.values, track_times=False)
        samples.attrs.update({**figures_of(played), "start_s": played.start_s, "channels": list(played.names)})
        file.create_dataset("design", data=dumps(to_record(design)), track_times=False)
    return buffer.getvalue()
