"""A design as plain data, and back: what every format stores, under the names of ``Design.summary``.

A file is never trusted: the figures are computed again from the tones and phases, and a file whose own figures differ
has been changed since it was saved and is refused.
"""

from __future__ import annotations

import json
from dataclasses import replace
from math import isclose, isfinite, nan
from typing import Any

import numpy as np

from crestfall.design.design import Design, Provenance
from crestfall.files.goal_record import goal_from_data, goal_to_data
from crestfall.files.reading import MAX_TONES, shown
from crestfall.problem.arrays import FloatArray
from crestfall.problem.grids import MAX_CARRIER
from crestfall.problem.multisine import Multisine, _rebuild

FORMAT = "crestfall-design"
SET_FORMAT = "crestfall-design-set"
VERSION = 1
VECTORS = ("frequencies_hz", "amplitudes", "phases_rad", "initial_phases_rad")

_KEYS = (
    *(
        "format",
        "version",
        "status",
        "complex",
        "peak",
        "peak_interval",
        "crest_factor",
        "papr_db",
        "lower_bound",
        "gap",
    ),
    *("fundamental_hz", "provenance", *VECTORS),
)
_OPTIONAL_KEYS = ("proven_peak_bound", "goal")
"""Written only when there is something to write, so that other designs are stored as they always were."""

_PROVENANCE_KEYS = ("method", "seed", "starts", "seconds", "goal_samples", "history")
_TOLERANCE = 1e-9


def to_record(design: Design) -> dict[str, Any]:
    """The design as numbers, strings, lists and ``None``; what is not finite is ``None``.

    Example:
        >>> record = to_record(Design.of(Multisine([1.0, 2.0]), [0.0, 1.0]))
        >>> record["format"], record["version"], record["fundamental_hz"], record["provenance"]["method"]
        ('crestfall-design', 1, 1.0, 'given phases')
    """
    provenance, initial = design.provenance, design.multisine.initial_phases
    values = {
        **design.summary(),
        "format": FORMAT,
        "version": VERSION,
        "fundamental_hz": design.multisine.fundamental,
        "initial_phases_rad": None if initial is None else initial.tolist(),
        "provenance": {
            "method": provenance.method,
            "seed": _integer_or_none(provenance.seed),
            "starts": int(provenance.starts),
            "seconds": _finite(provenance.seconds),
            "goal_samples": _integer_or_none(provenance.goal_samples),
            "history": [[_finite(seconds), _finite(crest)] for seconds, crest in provenance.history],
        },
    }
    record = {key: _finite(values[key]) for key in _KEYS}
    if design.proven_peak_bound is not None:
        record["proven_peak_bound"] = float(design.proven_peak_bound)
    if not replace(design.goal, samples=None).is_plain:
        record["goal"] = goal_to_data(design.goal, design.multisine)
    return record


def from_record(record: Any) -> Design:
    """The design of a record, measured again.

    Raises:
        ValueError: Another format or version; a key that is missing, unknown or of the wrong kind; lists of different
            lengths; a peak or crest factor that is not that of the phases; or a proven bound above the peak. The
            message names the key.
    """
    require_version(record, FORMAT, VERSION)
    require_keys(record, _KEYS, "", optional=_OPTIONAL_KEYS)
    vectors = {key: _vector(record, key) for key in VECTORS if key != "initial_phases_rad" or record[key] is not None}
    n = vectors["frequencies_hz"].size
    for key, vector in vectors.items():
        if vector.size != n:
            raise ValueError(
                f"{key} has {vector.size} values, but frequencies_hz has {n}; every tone needs one of each"
            )
    is_complex, status = record["complex"], record["status"]
    if type(is_complex) is not bool:
        raise ValueError(f"complex is {shown(is_complex)}; it must be true or false")
    if type(status) is not str:
        raise ValueError(f"status is {shown(status)}; it must be a text")
    multisine = _multisine(vectors, is_complex, _number(record, "fundamental_hz"))
    provenance = _provenance(record["provenance"])
    design = Design.of(
        multisine,
        vectors["phases_rad"],
        status=status,
        provenance=provenance,
        goal=goal_from_data(record.get("goal", {}), multisine, provenance.goal_samples),
        proven_peak_bound=_number(record, "proven_peak_bound") if "proven_peak_bound" in record else None,
    )
    _require_figures(record, design)
    return design


def dumps(value: Any, *, ascii_only: bool = False) -> str:
    """Strict JSON on one line: no NaN, no Infinity, and no character that cannot be printed."""
    text = json.dumps(value, ensure_ascii=ascii_only, allow_nan=False)
    return text if ascii_only or text.isprintable() else json.dumps(value, allow_nan=False)


def loads(text: str | bytes) -> Any:
    """Strict JSON in UTF-8: NaN, Infinity and repeated keys are errors."""
    try:
        if isinstance(text, bytes):  # Python would guess among five encodings
            text = text.decode("utf-8-sig")
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_without_repetition)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at line {error.lineno} column {error.colno}") from None
    except UnicodeDecodeError:
        raise ValueError("not JSON: the text is not UTF-8") from None


def require_version(record: Any, name: str, version: int) -> None:
    """Raise unless the record is a mapping of this format and version."""
    if name == FORMAT and isinstance(record, dict) and record.get("format") == SET_FORMAT:
        raise ValueError(
            "a set of designs for several channels, not one; read it with DesignSet.load, or crestfall measure"
        )
    if not isinstance(record, dict) or record.get("format") != name:
        found = shown(record.get("format")) if isinstance(record, dict) else f"a {type(record).__name__}"
        raise ValueError(f"not a {name} file: format is {found}; only what crestfall saved can be loaded")
    if type(record.get("version")) is not int or record["version"] != version:
        raise ValueError(
            f"version is {shown(record.get('version'))}; this crestfall reads version {version}: "
            "update crestfall or save the design again"
        )


def require_keys(record: Any, keys: tuple[str, ...], where: str, optional: tuple[str, ...] = ()) -> None:
    """Raise unless the mapping has exactly these keys, and perhaps optional ones."""
    if not isinstance(record, dict):
        raise ValueError(f"{where or 'the content'} is {shown(record)}; it must be a mapping")
    for key in keys:
        if key not in record:
            raise ValueError(f"key {key!r} is missing{where and ' in ' + where}; save the design again")
    for key in record:
        if key not in (*keys, *optional):
            raise ValueError(f"key {shown(key)} is unknown{where and ' in ' + where}; known keys: {', '.join(keys)}")


# ------------------------------------------------------------------ parts


def _multisine(vectors: dict[str, FloatArray], is_complex: bool, fundamental: float) -> Multisine:
    """The tones with exactly the stored fundamental, which cannot always be found again from rounded frequencies."""
    frequencies, amplitudes = vectors["frequencies_hz"], vectors["amplitudes"]
    initial = vectors.get("initial_phases_rad")
    if not (isfinite(fundamental) and fundamental > 0):
        raise ValueError(f"fundamental_hz is {fundamental}; it must be a finite frequency above 0 Hz")
    if not is_complex and np.any(frequencies <= 0):
        k = int(np.argmax(frequencies <= 0))
        raise ValueError(f"frequencies_hz[{k}] is {frequencies[k]}; a real tone needs a frequency above 0 Hz")
    with np.errstate(over="ignore", invalid="ignore"):
        ratios = frequencies / fundamental
        away = np.abs(ratios - np.rint(ratios))
        on_grid = (np.abs(ratios) <= MAX_CARRIER) & (away <= np.minimum(1e-12 * np.abs(ratios), 0.25))
    if not np.all(on_grid):
        k = int(np.argmin(on_grid))
        raise ValueError(
            f"frequencies_hz[{k}] is {frequencies[k]}, not a whole multiple of fundamental_hz {fundamental!r} "
            f"(up to {MAX_CARRIER}); save the design again"
        )
    multisine = Multisine.harmonics(
        np.rint(ratios).tolist(), fundamental, amplitudes, complex=is_complex, initial_phases=initial
    )
    numbers = multisine.harmonic_numbers
    if multisine.fundamental != fundamental:
        raise ValueError(
            f"fundamental_hz is {fundamental!r}, but the largest common divisor of frequencies_hz is "
            f"{multisine.fundamental!r}; save the design again"
        )
    # Everything is checked by now; the stored frequencies replace the products of rounded numbers.
    return _rebuild(frequencies, fundamental, numbers, multisine.amplitudes, is_complex, multisine.initial_phases)


def _provenance(record: Any) -> Provenance:
    require_keys(record, _PROVENANCE_KEYS, "provenance")
    if type(record["method"]) is not str:
        raise ValueError(f"provenance.method is {shown(record['method'])}; it must be a text")
    for key, kinds in {"seed": (int, type(None)), "starts": (int,), "goal_samples": (int, type(None))}.items():
        if type(record[key]) not in kinds:
            raise ValueError(f"provenance.{key} is {shown(record[key])}; it must be an integer")
    goal = record["goal_samples"]
    if goal is not None and goal < 1:
        raise ValueError(f"provenance.goal_samples is {goal}; it must be an integer of at least 1")
    history = record["history"]
    if type(history) is not list or not all(type(pair) is list and len(pair) == 2 for pair in history):
        raise ValueError(f"provenance.history is {shown(history)}; it must be a list of pairs of numbers")
    return Provenance(
        method=record["method"],
        seed=record["seed"],
        starts=record["starts"],
        seconds=_number_or_nan(record["seconds"], "seconds"),
        goal_samples=goal,
        history=tuple((_number_or_nan(pair[0], "history"), _number_or_nan(pair[1], "history")) for pair in history),
    )


def _number_or_nan(value: Any, key: str) -> float:
    return nan if value is None else _number({key: value}, key, "provenance.")


def _require_figures(record: dict[str, Any], design: Design) -> None:
    """Raise unless the file's peak and crest factor are those of its phases, to rounding."""
    # Tones that cancel leave a rest that is rounding, relative to the amplitudes and not to itself.
    rounding = 1e-12 * float(np.sum(design.multisine.amplitudes))
    crest_factor = design.crest_factor
    expected = {"peak": (design.peak, rounding)}
    if isfinite(crest_factor):
        expected["crest_factor"] = (crest_factor, rounding / design.rms)
    elif record["crest_factor"] is not None:
        raise ValueError(
            f"crest_factor is {shown(record['crest_factor'])}, but its tones cancel; save the design again"
        )
    for key, (value, allowance) in expected.items():
        if not isclose(_number(record, key), value, rel_tol=_TOLERANCE, abs_tol=allowance):
            raise ValueError(
                f"{key} is {shown(record[key])}, but its phases give {value!r}: "
                "the file was changed after it was saved; save the design again"
            )


def _vector(record: dict[str, Any], key: str) -> FloatArray:
    values = record[key]
    if isinstance(values, np.ndarray):
        return _float_array(values, key)
    if type(values) is not list:
        raise ValueError(f"{key} is {shown(values)}; it must be a list of numbers")
    _require_count(len(values), key)
    for k, value in enumerate(values):
        if type(value) not in (int, float):
            raise ValueError(f"{key}[{k}] is {shown(value)}; it must be a number")
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:
        raise ValueError(f"{key} holds an integer too large for a floating-point number") from None


def _float_array(values: np.ndarray, key: str) -> FloatArray:
    if values.dtype.kind not in "iuf" or values.ndim != 1:
        raise ValueError(f"{key} is an array of type {values.dtype} and shape {values.shape}; it must be a real vector")
    _require_count(values.size, key)
    return values.astype(np.float64)


def _require_count(count: int, key: str) -> None:
    if not 1 <= count <= MAX_TONES:
        raise ValueError(f"{key} has {count} values; a design has 1 to {MAX_TONES} tones")


def _number(record: dict[str, Any], key: str, where: str = "") -> float:
    value = record[key]
    if type(value) not in (int, float):
        raise ValueError(f"{where}{key} is {shown(value)}; it must be a number")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{where}{key} is an integer too large for a floating-point number") from None


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return float(value) if isfinite(value) else None
    return value


def _integer_or_none(value: Any) -> int | None:
    return None if value is None else int(value)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"key {shown(next(k for k in keys if keys.count(k) > 1))} occurs twice")
    return record
