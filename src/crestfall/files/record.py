"""Designs as plain data and back: the record that every format stores, version 2.

.. code-block:: json

    {"format": "crestfall", "version": 2,
     "problem": {"tones": {}, "goal": {}},
     "design": {"phases_rad": [], "amplitudes": [], "status": "", "provenance": {}, "peak": 1.0}}

The problem has the tables of ``problem_schema``. A file is never trusted: the figures are computed again from the tones
and phases, and a file whose own figures differ has been changed since it was saved and is refused. A bound that took a
proof is kept as what the file states (``Design.bound_is_stated``), unless the atlas has it, too.
"""

# No annotations as text: msgspec would compile those of the tables while a file is read.

import json
from collections.abc import Mapping
from dataclasses import replace
from math import isclose, isfinite, nan
from typing import Any

import numpy as np
from msgspec import UNSET, UnsetType

from crestfall.certainty.moments import steps_up_to
from crestfall.design.design import Design
from crestfall.design.provenance import Provenance
from crestfall.files import version_1
from crestfall.files.conversion import converted
from crestfall.files.playback_table import PlaybackTable
from crestfall.files.problem_data import problem_from_data, problem_to_data
from crestfall.files.problem_schema import Table
from crestfall.files.reading import MAX_TONES, shown
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem

FORMAT = "crestfall"
VERSION = 2
VECTORS = ("frequencies_hz", "amplitudes", "phases_rad", "initial_phases_rad")
_TOLERANCE = 1e-9
_ROUNDING = 1e-12


class ProvenanceTable(Table):
    """How a design was found; what is not finite is ``None``."""

    method: str
    seed: int | None
    starts: int
    seconds: float | None
    history: list[tuple[float | None, float | None]]


class DesignTable(Table):
    """The answer and its figures."""

    phases_rad: list[float | list[float]]
    amplitudes: list[float]
    status: str
    provenance: ProvenanceTable
    peak: float
    crest_factor: float | None
    peak_interval: tuple[float, float] | None = None
    papr_db: float | None = None
    figure: str | None = None
    figure_value: float | UnsetType | None = UNSET
    lower_bound: float | None = None
    gap: float | None = None
    proven_peak_bound: float | None = None
    proven_by: str | None = None
    moment_steps: list[str] | None = None


class Record(Table):
    """The whole."""

    format: str
    version: int
    problem: dict[str, Any]
    design: DesignTable
    playback: PlaybackTable | None = None
    """What was to be played when it was saved; it is not part of the design."""


def to_record(design: Design) -> dict[str, Any]:
    """The design as numbers, strings, lists and ``None``; what is not finite is ``None``.

    Example:
        >>> record = to_record(Design.of(Multisine([1.0, 2.0]), [0.0, 1.0]))
        >>> record["format"], record["version"], record["problem"]["tones"]["fundamental_hz"]
        ('crestfall', 2, 1.0)
    """
    provenance = design.provenance
    found = {
        "phases_rad": design.phases.tolist(),
        "amplitudes": design.multisine.amplitudes.tolist(),
        "status": design.status,
        "peak": design.peak,
        "peak_interval": list(design.peak_interval),
        "crest_factor": design.crest_factor,
        "papr_db": design.papr_db,
        "figure": design.problem.figure,
        "figure_value": design.figure,
        "lower_bound": design.lower_bound,
        "gap": design.gap,
        "proven_peak_bound": design.proven_peak_bound,
        "proven_by": design.proven_by,
        **({"moment_steps": list(design.moment_steps)} if design.moment_steps else {}),
        "provenance": {
            "method": provenance.method,
            "seed": None if provenance.seed is None else int(provenance.seed),
            "starts": int(provenance.starts),
            "seconds": _finite(provenance.seconds),
            "history": [[_finite(seconds), _finite(figure)] for seconds, figure in provenance.history],
        },
    }
    values = {key: _finite(value) for key, value in found.items()}
    return {"format": FORMAT, "version": VERSION, "problem": problem_to_data(design.problem), "design": values}


def from_record(record: Any) -> Design:
    """The design of a record of any version, measured again.

    Raises:
        ValueError: Another format or version; a key that is missing, unknown or of the wrong kind; a problem that makes
            no sense; or figures that are not those of the phases. The message names the key.
    """
    is_new = not version_1.is_record(record)
    if is_new:
        require_version(record, FORMAT, VERSION)
    tables = converted(record if is_new else version_1.upgraded(record), Record)
    found = tables.design
    if is_new and found.figure_value is UNSET:
        raise ValueError("design.figure_value is missing; save the design again")
    try:
        problem = problem_from_data(tables.problem)
    except ValueError as error:
        raise ValueError(f"problem.{error}" if is_new else str(error)) from None
    design = Design.of(
        problem,
        _phases(found, problem),
        multisine=_chosen(found.amplitudes, problem),
        status=found.status,
        provenance=_provenance(found.provenance),
        proven_peak_bound=found.proven_peak_bound,
        proven_by=found.proven_by,
    )
    # Before the figures are computed: a copy would compute them again.
    design = replace(design, moment_steps=_moment_steps(found, design), bound_is_stated=_is_stated(design))
    _require_figures(found, design)
    return design


def to_columns(design: Design) -> tuple[dict[str, Any], dict[str, Any]]:
    """The record without its vectors, and the vectors by their names in ``VECTORS``, for formats that have columns."""
    record = to_record(design)
    tones, found, initial = record["problem"]["tones"], record["design"], design.problem.tones.initial_phases
    vectors = {
        "frequencies_hz": design.multisine.frequencies.tolist(),
        "amplitudes": found.pop("amplitudes"),
        "phases_rad": found.pop("phases_rad"),
        "initial_phases_rad": None if initial is None else initial.tolist(),
    }
    for key in ("frequencies_hz", "phases_rad"):
        tones.pop(key, None)
    if tones["amplitudes"] == vectors["amplitudes"][: design.problem.multisine.n]:
        del tones["amplitudes"]
    return record, {key: values for key, values in vectors.items() if values is not None}


def from_columns(header: Any, vectors: Mapping[str, Any]) -> Design:
    """The design of a record without its vectors, and of these: arrays or lists.

    Raises:
        ValueError: As ``from_record``.
    """
    given = {key: _listed(vectors[key], key) for key in VECTORS if vectors.get(key) is not None}
    if version_1.is_record(header):
        return from_record(header | {"initial_phases_rad": None} | given)
    require_version(header, FORMAT, VERSION)
    problem, found = header.get("problem"), header.get("design")
    if isinstance(problem, dict) and isinstance(found, dict) and isinstance(problem.setdefault("tones", {}), dict):
        for key in ("frequencies_hz", "amplitudes", "phases_rad"):
            if key not in given:
                raise ValueError(f"{key} are missing; save the design again")
        n = len(given["frequencies_hz"])
        for key in ("amplitudes", "initial_phases_rad"):
            if len(given.get(key, given["frequencies_hz"])) != n:
                raise ValueError(f"{key} has {len(given[key])} values, but frequencies_hz has {n}; give one a tone")
        wanted = n - _count_of_extra(problem) - _count_of_fixed(problem)
        tones = {"frequencies_hz": given["frequencies_hz"][:wanted], "amplitudes": given["amplitudes"][:wanted]}
        if "initial_phases_rad" in given:
            tones["phases_rad"] = given["initial_phases_rad"][:wanted]
        problem["tones"] = tones | problem["tones"]
        found |= {"phases_rad": given["phases_rad"], "amplitudes": given["amplitudes"]}
    return from_record(header)


def _count_of_extra(problem: dict[str, Any]) -> int:
    tables = problem.get("extra")
    listed = [one.get("frequencies_hz") for one in tables if isinstance(one, dict)] if type(tables) is list else []
    return sum(len(one) for one in listed if type(one) is list)


def _count_of_fixed(problem: dict[str, Any]) -> int:
    table = problem.get("fixed")
    if not isinstance(table, dict):
        return 0
    listed = table.get("frequencies_hz")
    return (len(listed) if type(listed) is list else 0) + (1 if table.get("offset") else 0)


def _listed(values: Any, key: str) -> list[Any]:
    if isinstance(values, np.ndarray):
        if values.dtype.kind not in "iuf" or values.ndim not in (1, 2):
            raise ValueError(
                f"{key} is an array of type {values.dtype} and shape {values.shape}; it must be a real vector"
            )
        values = values.astype(np.float64).tolist()
    if type(values) is not list:
        raise ValueError(f"{key} is {shown(values)}; it must be a list of numbers")
    return values


# ------------------------------------------------------------------ JSON


def dumps(value: Any, *, ascii_only: bool = False) -> str:
    """Strict JSON on one line: no NaN, no Infinity, and no character that cannot be printed."""
    text = json.dumps(value, ensure_ascii=ascii_only, allow_nan=False)
    return text if ascii_only or text.isprintable() else json.dumps(value, allow_nan=False)


def dumps_lines(record: Mapping[str, Any]) -> str:
    """The same with a line for each key, and one for each key of the mappings in it."""
    lines = []
    for key, value in record.items():
        if isinstance(value, dict) and value:
            inner = ",\n".join(f"    {dumps(name)}: {dumps(one)}" for name, one in value.items())
            lines.append(f"  {dumps(key)}: {{\n{inner}\n  }}")
        else:
            lines.append(f"  {dumps(key)}: {dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


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


def require_version(record: Any, name: str, *versions: int) -> None:
    """Raise unless the record is a mapping of this format and one of these versions."""
    if not isinstance(record, dict) or record.get("format") != name:
        found = shown(record.get("format")) if isinstance(record, dict) else f"a {type(record).__name__}"
        raise ValueError(f"not a {name} file: format is {found}; only what crestfall saved can be loaded")
    if type(record.get("version")) is not int or record["version"] not in versions:
        raise ValueError(
            f"version is {shown(record.get('version'))}; this crestfall reads version {max(versions)}: "
            "update crestfall or save it again"
        )


# ------------------------------------------------------------------ parts


def _chosen(amplitudes: list[float], problem: Problem) -> Multisine:
    """The tones of the problem, with the amplitudes that were chosen."""
    tones = problem.tones
    if not 1 <= len(amplitudes) <= MAX_TONES or len(amplitudes) != tones.n:
        raise ValueError(f"design.amplitudes has {len(amplitudes)} values, but there are {tones.n} tones")
    if amplitudes == tones.amplitudes.tolist():
        return tones
    if problem.freedom is None:
        raise ValueError("design.amplitudes are not those of the problem, which leaves none to choose")
    try:
        chosen = tones.with_amplitudes(amplitudes)
        problem.freedom.require_fit(chosen)
    except ValueError as error:
        raise ValueError(f"design.amplitudes: {error}") from None
    return chosen


def _phases(found: DesignTable, problem: Problem) -> Any:
    phases, n = found.phases_rad, problem.tones.n
    rows = [row for row in phases if isinstance(row, list)]
    if rows and len(rows) < len(phases):
        raise ValueError("design.phases_rad has numbers and lists; give a number a tone, or a list an input")
    for count in map(len, rows) if rows else [len(phases)]:
        if count != n:
            raise ValueError(f"design.phases_rad has {count} values, but there are {n} tones; every tone needs one")
    return phases


def _provenance(table: ProvenanceTable) -> Provenance:
    history = tuple((_number(seconds), _number(figure)) for seconds, figure in table.history)
    return Provenance(table.method, table.seed, table.starts, _number(table.seconds), history)


def _moment_steps(found: DesignTable, design: Design) -> tuple[str, ...]:
    """The steps of a proof by moments that were taken; files of earlier versions name the last one only."""
    if found.moment_steps is not None:
        return tuple(found.moment_steps)
    if design.proven_by is None or not design.problem.is_only_true_peak:  # without a grid, maybe
        return ()
    return steps_up_to(design.multisine, design.proven_by)


def _is_stated(design: Design) -> bool:
    """Whether a bound that was proved is only what the file says: it is not where the atlas has it, too."""
    bound = design.proven_peak_bound
    if bound is None or not design.problem.is_only_true_peak:
        return bound is not None
    from crestfall.atlas import proved_for  # atlas and files use each other

    known = proved_for(design.multisine)
    return known is None or bound > known.peak * (1.0 + _ROUNDING)


def _require_figures(found: DesignTable, design: Design) -> None:
    """Raise unless the figures of the file are those of its phases, to rounding."""
    # Tones that cancel leave a rest that is rounding, relative to the amplitudes and not to itself.
    rounding = 1e-12 * float(np.sum(design.multisine.amplitudes))
    cancel = not isfinite(design.crest_factor)
    if cancel and found.crest_factor is not None:
        raise ValueError(f"design.crest_factor is {found.crest_factor}, but its tones cancel; save the design again")
    expected = {"peak": (design.peak, rounding)}
    if not cancel:
        expected["crest_factor"] = (design.crest_factor, rounding / design.rms)
        # What is minimised had other names, and then other values: the phases are judged by what it is now.
        if found.figure_value is not UNSET and found.figure in (None, design.problem.figure):
            expected["figure_value"] = (design.figure, 0.0)
    for key, (value, allowance) in expected.items():
        stored = getattr(found, key)
        if stored is None and not isfinite(value):
            continue
        if stored is None or not isclose(stored, value, rel_tol=_TOLERANCE, abs_tol=allowance):
            raise ValueError(
                f"design.{key} is {stored}, but its phases give {value!r}: "
                "the file was changed after it was saved; save the design again"
            )


def _number(value: float | None) -> float:
    return nan if value is None else value


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return float(value) if isfinite(value) else None
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _without_repetition(found: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(found)
    if len(record) < len(found):
        keys = [key for key, _ in found]
        raise ValueError(f"key {shown(next(k for k in keys if keys.count(k) > 1))} occurs twice")
    return record
