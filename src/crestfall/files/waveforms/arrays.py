"""Samples as arrays: ``.npy``, and the variables of ``.npz``, ``.mat``, ``.h5`` and ``.tdms`` files."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np

from crestfall.files.mat_reader import read_mat
from crestfall.files.npz import read_arrays
from crestfall.files.tones_npy import read_array
from crestfall.files.waveforms.equal_steps import has_equal_steps, rate_of_times
from crestfall.files.waveforms.waveform import Waveform
from crestfall.problem.extras import imported

_RATES = ("sample_rate_hz", "sample_rate", "samplerate", "fs", "sr", "rate", "rate_hz")
_STEPS = ("dt", "ts", "tinterval", "sample_interval")
_TIMES = ("t", "time", "times", "time_s", "t_s")
_LEAST = 4
"""Fewer numbers are a parameter, and no waveform."""
_LEAST_OF_TIMES = 3


def decode_npy(data: bytes) -> Waveform:
    """A vector; a matrix whose longer side is the time; or ``(inputs, experiments, N)``. A first signal that rises in
    equal steps is the time.

    Raises:
        ValueError: It is not an array of numbers of such a shape.

    Example:
        >>> buffer = BytesIO()
        >>> np.save(buffer, np.array([[0.0, 1.0], [0.5, -1.0], [1.0, 1.0]]))
        >>> found = decode_npy(buffer.getvalue())
        >>> found.rate_hz, found.samples.tolist()
        (2.0, [[1.0, -1.0, 1.0]])
    """
    array = read_array(data)
    if array.dtype.names is not None:
        return _of_variables({name: np.asarray(array[name]) for name in array.dtype.names})
    return _of_array(array, None)


def decode_npz(data: bytes) -> Waveform:
    """The array of samples of an archive; ``fs`` or ``sample_rate`` in it is its rate, ``t`` or ``time`` its times."""
    return _of_variables(read_arrays(data, lambda key: True))


def decode_mat(data: bytes) -> Waveform:
    """The vector of samples of a MATLAB file, in the same way."""
    return _of_variables(read_mat(data, None))


def decode_h5(data: bytes) -> Waveform:
    """The data set ``samples`` with its attributes, or the only data set of numbers.

    Raises:
        ImportError: h5py is not installed.
        ValueError: It is not an HDF5 file, or it is not clear which of its data sets holds the samples.
    """
    h5py = imported("h5py", "hdf5")
    try:
        with h5py.File(BytesIO(data)) as file:
            found = {name: one[()] for name, one in file.items() if isinstance(one, h5py.Dataset) and one.dtype != "O"}
            said = dict(file["samples"].attrs) if "samples" in file else {}
    except Exception as error:  # damaged bytes make h5py raise almost anything
        raise ValueError(f"not an HDF5 file: {error}; save it again") from None
    if "samples" not in found:
        return _of_variables(found)
    rate = said.get("sample_rate_hz")
    return _of_array(found["samples"], None if rate is None else float(rate), str(said.get("unit", "")))


def decode_tdms(data: bytes) -> Waveform:
    """The channels of a TDMS file, with the rate of NI's waveform properties.

    Raises:
        ImportError: npTDMS is not installed.
        ValueError: It is not a TDMS file, or its channels differ in length.
    """
    nptdms = imported("nptdms", command="pip install nptdms")
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # npTDMS would print what is wrong in a file
    try:
        channels = [one for group in nptdms.TdmsFile(BytesIO(data)).groups() for one in group.channels()]
        rows = [np.asarray(one[:], dtype=np.float64) for one in channels]
        steps = {float(one.properties["wf_increment"]) for one in channels if "wf_increment" in one.properties}
        names, units = [one.name for one in channels], {str(one.properties.get("unit_string", "")) for one in channels}
    except Exception as error:  # damaged bytes make npTDMS raise almost anything
        raise ValueError(f"not a TDMS file of numbers: {error}; save it again") from None
    finally:
        logging.disable(disabled)
    if not rows or len({row.size for row in rows}) > 1 or len(steps) > 1:
        raise ValueError("its channels are none, or differ in length or rate; keep those of one waveform")
    rate = 1.0 / steps.pop() if steps and min(steps) > 0 else None
    return Waveform(_finite(np.stack(rows)), rate, tuple(names), units.pop() if len(units) == 1 else "")


# ------------------------------------------------------------------ parts


def _of_variables(found: Mapping[str, Any]) -> Waveform:
    """The waveform among named arrays."""
    arrays = {name: np.asarray(value) for name, value in found.items() if getattr(value, "dtype", None) is not None}
    arrays = {name: value for name, value in arrays.items() if value.dtype.kind in "iufc"}
    small = {name.lower(): value.real.item() for name, value in arrays.items() if value.size == 1}
    times = next((value.ravel() for name, value in arrays.items() if name.lower() in _TIMES and value.size > 1), None)
    long = {name: value for name, value in arrays.items() if value.size >= _LEAST and name.lower() not in _TIMES}
    if "samples" in long:  # as this package calls them
        long = {"samples": long["samples"]}
    if not long:
        raise ValueError(
            f"it holds neither tones nor samples; give frequencies_hz, or a vector of {_LEAST} samples or more"
        )
    rate = next((float(small[name]) for name in _RATES if name in small), None)
    if rate is None:
        rate = next((1.0 / float(small[name]) for name in _STEPS if small.get(name, 0) > 0), None)
    if times is not None:
        rate = rate_of_times(_finite(times.real))
    if rate is not None and not (np.isfinite(rate) and rate > 0):
        raise ValueError(f"the rate is {rate}; it must be a finite number of samples per second above 0")
    if times is not None and times.size not in {side for value in long.values() for side in value.shape}:
        name = next(iter(long))
        raise ValueError(f"there are {times.size} times, but {name} has shape {long[name].shape}; save as many of both")
    if len(long) == 1:
        one = _of_array(next(iter(long.values())), rate)
        return Waveform(
            one.samples, one.rate_hz, one.names if one.samples.shape[0] > 1 else tuple(long), assumed=one.assumed
        )
    if len({value.size for value in long.values()}) > 1:
        sizes = ", ".join(f"{name} ({value.size})" for name, value in list(long.items())[:8])
        raise ValueError(f"its variables differ in length: {sizes}; save those of one waveform")
    if wide := [name for name, value in long.items() if max(value.shape) < value.size]:
        raise ValueError(
            f"{wide[0]} has shape {long[wide[0]].shape}, but there are others; save one variable of samples"
        )
    return Waveform(_finite(np.stack([value.ravel() for value in long.values()])), rate, tuple(long))


def _of_array(array: Any, rate: float | None, unit: str = "") -> Waveform:
    if array.dtype.kind not in "iufc":
        raise ValueError(f"the array has type {array.dtype}; give real or complex samples")
    if array.ndim == 3 and array.shape[-1] > 2:  # (inputs, experiments, N)
        rows = array.reshape(-1, array.shape[-1])
    elif array.ndim == 2:
        rows = array.T if array.shape[0] > array.shape[1] else array
    elif array.ndim == 1:
        rows = array[None, :]
    else:
        raise ValueError(f"the array has shape {array.shape}; give a vector of samples, or a column for each signal")
    rows = _finite(rows)
    may_be_time = rate is None and rows.shape[0] > 1 and rows.shape[1] >= _LEAST_OF_TIMES
    if may_be_time and not np.iscomplexobj(rows) and has_equal_steps(rows[0]):
        assumed = "the first column rises in equal steps, so it is the time in s"
        return Waveform(rows[1:], rate_of_times(rows[0]), unit=unit, assumed=(assumed,))
    return Waveform(rows, rate, unit=unit)


def _finite(rows: Any) -> Any:
    values = rows.astype(np.complex128 if rows.dtype.kind == "c" else np.float64)
    if not np.all(np.isfinite(values)):
        k = int(np.argmin(np.all(np.isfinite(values), axis=0)))
        raise ValueError(f"sample {k + 1} is not a finite number; leave it out or correct it")
    return values
