"""``[[shapes]]`` and ``[fixed]``: periodic shapes that are only delayed, and a waveform that is added as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.files.conversion import converted
from crestfall.files.problem_schema import FixedTable, ProblemTables, PulseTable, SampledTable, ShapeTable, TonesTable
from crestfall.files.quantity_texts import with_numbers
from crestfall.files.reading import shown
from crestfall.files.tone_tables import fundamental_of
from crestfall.problem.fixed_waveform import FixedWaveform, without_repeated_end
from crestfall.problem.multisine import Multisine
from crestfall.problem.shapes import Pulse, Sampled, Shape, Shapes, Triangle

_NOT_HERE = "a file is only read next to a problem file; write its samples here instead"


def with_files(data: Any, folder: Path) -> Any:
    """The same data with samples for the files that ``fixed`` and ``shapes`` name.

    Args:
        data: Tables of a problem.
        folder: Where names begin.

    Raises:
        ValueError: A file cannot be read; the message begins with the key.
    """
    if not isinstance(data, dict):
        return data
    found = dict(data)
    if isinstance(fixed := data.get("fixed"), dict) and isinstance(fixed.get("file"), str):
        tones = data.get("tones")
        is_complex = isinstance(tones, dict) and tones.get("complex") is True
        values, rate = _read(folder, fixed, "fixed", complex=is_complex)
        if np.iscomplexobj(values):
            return {**found, "fixed": _lines_of_complex(fixed, values, rate)}
        rest = {key: value for key, value in fixed.items() if key not in ("file", "channel")}
        if rate is not None and not {"sample_rate_hz", "period_s"} & rest.keys():
            rest["sample_rate_hz"] = rate
        found["fixed"] = {**rest, "samples": values.tolist()}
    if isinstance(shapes := data.get("shapes"), list):
        found["shapes"] = [_with_file(shape, folder, number) for number, shape in enumerate(shapes)]
    return found


def _with_file(shape: Any, folder: Path, number: int) -> Any:
    if not isinstance(shape, dict) or not isinstance(shape.get("file"), str):
        return shape
    values, _ = _read(folder, shape, f"shapes[{number}]")
    return {**{key: value for key, value in shape.items() if key not in ("file", "channel")}, "values": values.tolist()}


def _lines_of_complex(table: dict[str, Any], values: npt.NDArray[Any], rate: float | None) -> dict[str, Any]:
    """The table ``[fixed]`` of a file of complex samples: their lines, since tables hold real numbers."""
    rest = with_numbers({key: value for key, value in table.items() if key not in ("file", "channel")}, "fixed")
    try:
        said = converted(rest, FixedTable)
        if said.period_s is not None or said.sample_rate_hz is not None:
            rate = said.sample_rate_hz
        elif rate is None:
            raise ValueError("the file says no sample rate; give sample_rate_hz or period_s, too")
        waveform = FixedWaveform.of_samples(values, rate, period=said.period_s, drop_below_db=said.drop_below_db)
    except ValueError as error:
        raise ValueError(f"fixed: {str(error).removeprefix('fixed: ')}") from None
    return fixed_to_data(waveform)


def _read(
    folder: Path, table: dict[str, Any], key: str, *, complex: bool = False
) -> tuple[npt.NDArray[Any], float | None]:
    # Here, since files of samples may also hold designs, whose problems are read with these tables.
    from crestfall.files.waveforms import read_signal

    channel = table.get("channel")
    if not (channel is None or isinstance(channel, int | str)):
        raise ValueError(f"{key}.channel is {shown(channel)}; give the name of a signal or its number from 1")
    try:
        values, rate = read_signal(folder / table["file"], channel, complex=complex)
    except (ValueError, OSError) as error:
        text = str(error).replace("choose one with channel, or take two as I and Q with complex", "say which: channel")
        if text.endswith("give a real signal") and key == "fixed":
            text += ", or say in [tones] that the tones are complex, too: complex = true"
        raise ValueError(f"{key}.file: {text}") from None
    return values, rate


# ------------------------------------------------------------------ shapes


def shapes_of(tables: ProblemTables) -> Shapes:
    """The shapes of ``[[shapes]]``, with the common period of ``[tones]`` and the steps of ``goal.samples``.

    Raises:
        ValueError: They are not shapes, or other tones are there, too; the message begins with the key.
    """
    tones = tables.tones or TonesTable()
    for key in ("harmonics", "frequencies_hz", "amplitudes", "phases_rad", "exclude", "raster_hz", "tolerance_db"):
        if getattr(tones, key) is not None:
            raise ValueError(f"tones.{key}: the tones are those of the shapes; leave it out")
    if tones.complex:
        raise ValueError("tones.complex: shapes are real; leave it out")
    for key in ("channels", "inputs"):
        if getattr(tables, key) is not None:
            raise ValueError(f"{key}: shapes add up in one signal; leave it out")
    shapes = [_shape(table, f"shapes[{number}]") for number, table in enumerate(tables.shapes)]
    try:
        return Shapes(shapes, fundamental_of(tones), None if tables.goal is None else tables.goal.samples)
    except ValueError as error:
        key = "goal.samples: " if str(error).startswith("steps is") else ""
        raise ValueError(f"{key}{error}" if key or str(error).startswith("shapes") else f"tones: {error}") from None


def _shape(table: ShapeTable, where: str) -> Shape:
    try:
        if isinstance(table, PulseTable):
            return Pulse(table.duty, table.amplitude, table.low, table.repeats)
        if isinstance(table, SampledTable):
            if table.file is not None or table.values is None:
                raise ValueError(f"file is {shown(table.file)}: {_NOT_HERE}" if table.file else "values are missing")
            return Sampled(table.values, table.repeats)
        return Triangle(table.amplitude, table.rise, table.repeats)
    except ValueError as error:
        text = str(error)
        for kind in ("pulse: ", "triangle: ", "samples: "):
            text = text.removeprefix(kind)
        raise ValueError(f"{where}.{text}") from None


# ------------------------------------------------------------------ a fixed waveform


def fixed_of(table: FixedTable, ms: Multisine | None) -> FixedWaveform:
    """The waveform of ``[fixed]``.

    Args:
        table: The table.
        ms: The tones, of which samples without rate or period are one period.

    Raises:
        ValueError: It is none; the message begins with the key.
    """
    if table.file is not None:
        raise ValueError(f"fixed.file is {shown(table.file)}: {_NOT_HERE}")
    if (table.samples is None) == (table.frequencies_hz is None) and (table.samples is not None or not table.offset):
        raise ValueError("fixed: give either samples, a file, or frequencies_hz and phases_rad; or an offset alone")
    try:
        if table.samples is not None:
            return _of_samples(table, ms)
        if table.frequencies_hz is None:
            return FixedWaveform(None, table.offset)
        return FixedWaveform(_tones(table), table.offset)
    except ValueError as error:
        raise ValueError(f"fixed: {str(error).removeprefix('fixed: ')}") from None


def _tones(table: FixedTable) -> Multisine:
    if table.phases_rad is None:
        raise ValueError("phases_rad are missing; give one for each of frequencies_hz")
    assert table.frequencies_hz is not None
    amplitudes = 1.0 if table.amplitudes is None else table.amplitudes
    return Multisine(table.frequencies_hz, amplitudes, complex=table.complex, initial_phases=table.phases_rad)


def _of_samples(table: FixedTable, ms: Multisine | None) -> FixedWaveform:
    for key in ("amplitudes", "phases_rad"):
        if getattr(table, key) is not None:
            raise ValueError(f"{key} go with frequencies_hz; samples have their own")
    period = table.period_s
    if table.sample_rate_hz is None and period is None:
        if ms is None or not ms.has_period:
            raise ValueError("give sample_rate_hz or period_s, too: the tones have no period of which it could be one")
        period = ms.period
    samples = np.asarray(table.samples or [])
    if table.sample_rate_hz is not None and period is None and ms is not None:
        samples = without_repeated_end(samples, table.sample_rate_hz, ms)
    found = FixedWaveform.of_samples(samples, table.sample_rate_hz, period=period, drop_below_db=table.drop_below_db)
    return found if not table.offset else FixedWaveform(found.tones, found.offset + table.offset)


def fixed_to_data(fixed: FixedWaveform) -> dict[str, Any]:
    """The waveform as plain data, from which ``fixed_of`` makes the same again.

    Example:
        >>> fixed_to_data(FixedWaveform(Multisine([2.0], 0.5, initial_phases=[1.0]), -3.0))
        {'frequencies_hz': [2.0], 'amplitudes': [0.5], 'phases_rad': [1.0], 'offset': -3.0}
    """
    data: dict[str, Any] = {}
    if (ms := fixed.tones) is not None:
        assert ms.initial_phases is not None
        data = {
            "frequencies_hz": ms.frequencies.tolist(),
            "amplitudes": ms.amplitudes.tolist(),
            "phases_rad": ms.initial_phases.tolist(),
        }
        if ms.complex:
            data["complex"] = True
    return data | ({"offset": fixed.offset} if fixed.offset else {})
