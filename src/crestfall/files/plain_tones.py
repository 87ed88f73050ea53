"""Tones as plain data that anybody writes by hand or from another program: the one meaning behind several formats.

Either lists ``frequencies_hz``, ``amplitudes`` (a list, or one number for all; 1 if left out) and ``phases_rad``
(optional), or a list ``tone`` of mappings ``frequency_hz``, ``amplitude``, ``phase_rad``. ``complex`` is true for
complex baseband.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from crestfall.files.reading import MAX_TONES, shown
from crestfall.problem.multisine import Multisine

LISTS = ("frequencies_hz", "amplitudes", "phases_rad")
_SINGLE = {"frequency_hz": "frequencies_hz", "amplitude": "amplitudes", "phase_rad": "phases_rad"}
_UNUSED = ("initial_phases_rad",)

Locate = Callable[[str, int], str]
"""Where something is in the file: key and index (from 0) to a prefix such as ``"line 7: "``, or an empty text."""


def multisine_of(
    record: Mapping[str, Any], *, complex: bool = False, locate: Locate | None = None, strict: bool = False
) -> Multisine:
    """The multisine that plain data describes; given phases become ``initial_phases``.

    Args:
        record: The data.
        complex: Complex baseband even if the data do not say so.
        locate: Finds the line of a key for error messages.
        strict: Refuse keys that are not known: in a file written by hand they are typing errors.

    Raises:
        ValueError: A key is missing, unknown or of the wrong kind, a value is no finite number or out of range, or the
            frequencies have no common period.

    Example:
        >>> multisine_of({"frequencies_hz": [10, 30], "amplitudes": 0.5})
        Multisine(n=2, 10 … 30 Hz, fundamental 10 Hz, real)
        >>> multisine_of({"tone": [{"frequency_hz": 10}, {"frequency_hz": 20, "amplitude": 2}]}).amplitudes.tolist()
        [1.0, 2.0]
    """
    where = locate or (lambda key, index: "")
    if strict:
        for key in record:
            if key not in (*LISTS, "tone", "complex", *_UNUSED):
                known = ", ".join((*LISTS, "tone", "complex"))
                raise ValueError(f"{where(key, 0)}key {shown(key)} is unknown; known keys: {known}")
    is_complex = complex or _flag(record.get("complex", False), where)
    if "tone" in record:
        if any(key in record for key in LISTS):
            raise ValueError(f"{where('tone', 0)}give either tone or frequencies_hz, not both")
        columns = _columns(record["tone"], where)
    else:
        columns = {key: _list(record[key], key, where) for key in LISTS if key in record}
    return _multisine(columns, is_complex, where)


def _multisine(columns: dict[str, list[float]], is_complex: bool, where: Locate) -> Multisine:
    if "frequencies_hz" not in columns:
        raise ValueError("no tones: give frequencies_hz, and amplitudes if they are not all 1")
    frequencies = columns["frequencies_hz"]
    n = len(frequencies)
    if not 1 <= n <= MAX_TONES:
        raise ValueError(f"{where('frequencies_hz', 0)}there are {n} tones; give 1 to {MAX_TONES}")
    amplitudes = columns.get("amplitudes", [1.0])
    if len(amplitudes) == 1:
        amplitudes = amplitudes * n
    phases = columns.get("phases_rad")
    for key, values in (("amplitudes", amplitudes), ("phases_rad", phases)):
        if values is not None and len(values) != n:
            raise ValueError(
                f"{where(key, 0)}{key} has {len(values)} values, but frequencies_hz has {n}; "
                "every tone needs one of each"
            )
    for k, (frequency, amplitude) in enumerate(zip(frequencies, amplitudes, strict=True)):
        if amplitude <= 0:
            raise ValueError(
                f"{where('amplitudes', k)}the amplitude of tone {k + 1} is {amplitude}; it must be above 0, "
                "turn a tone by its phase instead"
            )
        if frequency <= 0 and not is_complex:
            raise ValueError(
                f"{where('frequencies_hz', k)}the frequency of tone {k + 1} is {frequency} Hz; a real tone needs one "
                "above 0 Hz, and complex tones need complex = true"
            )
    return Multisine(frequencies, amplitudes, complex=is_complex, initial_phases=phases)


def _columns(tones: Any, where: Locate) -> dict[str, list[float]]:
    if not isinstance(tones, list) or not tones:
        raise ValueError(f"{where('tone', 0)}tone is {shown(tones)}; it must be a list of at least one tone")
    if len(tones) > MAX_TONES:
        raise ValueError(f"there are {len(tones)} tones; give 1 to {MAX_TONES}")
    columns: dict[str, list[float]] = {name: [] for name in LISTS}
    for k, tone in enumerate(tones):
        if not isinstance(tone, Mapping):
            raise ValueError(f"{where('tone', k)}tone {k + 1} is {shown(tone)}; it must have a frequency_hz")
        for key in tone:
            if key not in _SINGLE:
                raise ValueError(
                    f"{where('tone', k)}tone {k + 1} has the unknown key {shown(key)}; known keys: {', '.join(_SINGLE)}"
                )
        if "frequency_hz" not in tone:
            raise ValueError(f"{where('tone', k)}tone {k + 1} has no frequency_hz; every tone needs one")
        for key, value in tone.items():
            columns[_SINGLE[key]].append(_number(value, f"{key} of tone {k + 1}", where, "tone", k))
        if "amplitude" not in tone:
            columns["amplitudes"].append(1.0)
        if "phase_rad" in tone and len(columns["phases_rad"]) != k + 1:
            raise ValueError(f"{where('tone', k)}tone {k + 1} has a phase_rad and others have none; give all or none")
    if not columns["phases_rad"]:
        del columns["phases_rad"]
    return columns


def _list(values: Any, key: str, where: Locate) -> list[float]:
    if isinstance(values, np.ndarray):
        if values.dtype.kind not in "biuf" or values.ndim > 1:
            raise ValueError(f"{key} has type {values.dtype} and shape {values.shape}; it must be a real vector")
        values = values.astype(np.float64).ravel().tolist()
    if key == "amplitudes" and isinstance(values, int | float):
        values = [values]
    if not isinstance(values, list):
        raise ValueError(f"{where(key, 0)}{key} is {shown(values)}; it must be a list of numbers")
    if len(values) > MAX_TONES:
        raise ValueError(f"{where(key, 0)}{key} has {len(values)} values; give 1 to {MAX_TONES}")
    return [_number(value, f"{key}[{k}]", where, key, k) for k, value in enumerate(values)]


def _number(value: Any, name: str, where: Locate, key: str, index: int) -> float:
    if type(value) in (int, float):
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if np.isfinite(number):
            return number
    raise ValueError(f"{where(key, index)}{name} is {shown(value)}; it must be a finite number such as 0.5")


def _flag(value: Any, where: Locate) -> bool:
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    if isinstance(value, np.ndarray) or value not in (True, False):
        raise ValueError(f"{where('complex', 0)}complex is {shown(value)}; it must be true or false")
    return bool(value)
