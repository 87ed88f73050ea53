"""Files of version 1: designs, designs for a window and sets of designs, as records of version 2 (see ``record``)."""

# No annotations as text: msgspec would compile those of the tables while a file is read.

from math import log10, sqrt
from typing import Any, Literal

import numpy as np
from msgspec import Struct

from crestfall.files.conversion import Finite, converted
from crestfall.files.reading import shown
from crestfall.problem.channels.matrices import angles_of

DESIGN, WINDOW, SET = "crestfall-design", "crestfall-window-design", "crestfall-design-set"
_SAME = 1e-9


class _Table(Struct, forbid_unknown_fields=True):
    format: str
    version: int
    status: str


class _Ranges(Struct, forbid_unknown_fields=True):
    low: list[float]
    high: list[float]
    wanted: list[bool]


class _Goal(Struct, forbid_unknown_fields=True):
    measure: str = "peak"
    outputs: list[Any] = []
    constraints: list[Any] = []
    amplitudes: _Ranges | None = None
    alphabet: int | None = None


class _Design(_Table, kw_only=True):
    frequencies_hz: list[float]
    amplitudes: list[float]
    phases_rad: list[Finite]
    initial_phases_rad: list[float] | None
    fundamental_hz: float
    complex: bool
    peak: float
    peak_interval: tuple[float, float]
    crest_factor: float | None
    papr_db: float | None
    lower_bound: float | None
    gap: float | None
    provenance: dict[str, Any]
    proven_peak_bound: float | None = None
    goal: _Goal | None = None


class _Window(_Table, kw_only=True):
    frequencies_hz: list[float]
    amplitudes: list[float]
    phases_rad: list[Finite]
    complex: bool
    window_s: tuple[float, float]
    duration_s: float
    peak: float
    crest_factor: float
    peak_interval: tuple[float, float] | None = None
    papr_db: float | None = None
    peak_lower_bound: float | None = None
    starts: int = 0
    seconds: float = 0.0
    seed: int | None = None
    constraints: list[Any] = []


class _Set(_Table, kw_only=True):
    kind: Literal["orthogonal", "interleaved"]
    matrix: Literal["hadamard", "dft", "chirp"] | None
    phases: Literal["common", "own"]
    measure: str
    names: list[str]
    limits: list[float] | None
    worst_share: float
    orthogonality: float
    designs: list[list[_Design]]


def is_record(record: Any) -> bool:
    """Whether plain data call themselves a record of version 1."""
    return isinstance(record, dict) and record.get("format") in (DESIGN, WINDOW, SET)


def upgraded(record: dict[str, Any]) -> dict[str, Any]:
    """The same as a record of version 2; its figures are still to be checked.

    Raises:
        ValueError: It is not as version 1 was. The message names the key.
    """
    if record.get("version") != 1 or isinstance(record["version"], bool):
        raise ValueError(
            f"version is {shown(record.get('version'))}, which {record['format']} does not have; save it again"
        )
    if record["format"] == DESIGN:
        problem, design = _of_design(converted(record, _Design))
    elif record["format"] == WINDOW:
        problem, design = _of_window(converted(record, _Window))
    else:
        problem, design = _of_set(converted(record, _Set))
    return {"format": "crestfall", "version": 2, "problem": problem, "design": design}


def with_arrays(record: dict[str, Any], arrays: dict[str, Any]) -> dict[str, Any]:
    """The record of a set with the vectors that its NPZ file kept as arrays."""
    rows = record.get("designs")
    for i, row in enumerate(rows if type(rows) is list else ()):
        for e, one in enumerate(row if type(row) is list else ()):
            names = dict.fromkeys(("frequencies_hz", "amplitudes", "initial_phases_rad"), f"input{i + 1}")
            names["phases_rad"] = f"input{i + 1}_experiment{e + 1}"
            for key, prefix in names.items() if type(one) is dict else ():
                found = arrays.get(f"{prefix}_{key}")
                one[key] = None if found is None else found.tolist()
    return record


def _of_design(old: _Design) -> tuple[dict[str, Any], dict[str, Any]]:
    goal, provenance = old.goal or _Goal(), dict(old.provenance)
    samples = provenance.pop("goal_samples", None)
    tones = {
        "frequencies_hz": old.frequencies_hz,
        "fundamental_hz": old.fundamental_hz,
        "amplitudes": old.amplitudes,
        "phases_rad": old.initial_phases_rad,
        "complex": old.complex,
    }
    problem: dict[str, Any] = {
        "tones": tones,
        "goal": {"measure": goal.measure, "samples": samples, "alphabet": goal.alphabet},
        "outputs": goal.outputs,
        "constraints": _known(goal.constraints),
    }
    if goal.amplitudes is not None:
        _free(problem, goal.amplitudes)
    keys = ("phases_rad", "amplitudes", "status", "proven_peak_bound")
    figures = ("peak", "peak_interval", "crest_factor", "papr_db", "lower_bound", "gap")
    return problem, {key: getattr(old, key) for key in (*keys, *figures)} | {"provenance": provenance}


def _free(problem: dict[str, Any], ranges: _Ranges) -> None:
    """The ranges of amplitudes as a tolerance of the wanted tones and extra tones, which come after them."""
    tones, n = problem["tones"], sum(ranges.wanted)
    count = len(tones["frequencies_hz"])
    if not len(ranges.low) == len(ranges.high) == len(ranges.wanted) == count or not all(ranges.wanted[:n]):
        raise ValueError(f"goal.amplitudes: give low, high and wanted for each of {count} tones, extra tones last")
    if not all(0.0 < low <= high < float("inf") for low, high in zip(ranges.low, ranges.high, strict=True)):
        raise ValueError("goal.amplitudes: low and high must be finite, above 0, and in this order")
    if n < count:
        problem["extra"] = [{"frequencies_hz": tones["frequencies_hz"][n:], "largest": ranges.high[n:]}]
        del tones["fundamental_hz"]  # of all of them; that of the wanted ones is found again
    tolerance = [10.0 * log10(high / low) for low, high in zip(ranges.low[:n], ranges.high[:n], strict=True)]
    tones["tolerance_db"] = tolerance
    tones["amplitudes"] = [sqrt(low) * sqrt(high) for low, high in zip(ranges.low[:n], ranges.high[:n], strict=True)]
    for key in ("frequencies_hz", "phases_rad"):
        tones[key] = tones[key] and tones[key][:n]


def _of_window(old: _Window) -> tuple[dict[str, Any], dict[str, Any]]:
    start = old.window_s[0]
    problem = {
        "tones": {"frequencies_hz": old.frequencies_hz, "amplitudes": old.amplitudes, "complex": old.complex},
        "goal": {"window_s": [start, start + old.duration_s], "window_duration_s": old.duration_s},
        "constraints": _known(old.constraints),
    }
    method = "minimax in a window" if old.starts else "given phases"
    history: list[Any] = []
    provenance = {"method": method, "seed": old.seed, "starts": old.starts, "seconds": old.seconds, "history": history}
    keys = ("phases_rad", "amplitudes", "status", "peak", "crest_factor")
    return problem, {key: getattr(old, key) for key in keys} | {"provenance": provenance}


def _of_set(old: _Set) -> tuple[dict[str, Any], dict[str, Any]]:
    count = 1 if old.kind == "interleaved" else len(old.designs)
    if not old.designs or any(len(row) != count for row in old.designs):
        raise ValueError("designs must be a list for each input, of a design for each experiment")
    if len(old.names) != len(old.designs) or len(old.limits or old.names) != len(old.names):
        raise ValueError(f"names and limits must be as many as the {len(old.designs)} inputs")
    firsts = [row[0] for row in old.designs]
    made, phases = _orthogonal(old) if old.kind == "orthogonal" else _interleaved(firsts)
    tones, inputs = made
    for number, one in enumerate(inputs):
        one["name"] = old.names[number]
        if old.limits is not None:
            one["limit"] = old.limits[number]
    channels: dict[str, Any] = {"kind": old.kind}
    if old.kind == "orthogonal":
        channels |= {"matrix": old.matrix, "phases": old.phases}
    problem = {"tones": tones, "goal": {"measure": old.measure}, "channels": channels, "inputs": inputs}
    everything = [one for row in old.designs for one in row]
    factors = [one.crest_factor for one in everything if one.crest_factor is not None]
    provenance = {key: value for key, value in firsts[0].provenance.items() if key != "goal_samples"}
    return problem, {
        "phases_rad": phases,
        "amplitudes": tones["amplitudes"],
        "status": old.status,
        "provenance": provenance,
        "peak": max(one.peak for one in everything),
        "crest_factor": max(factors) if factors else None,
        "figure_value": old.worst_share,
    }


def _orthogonal(old: _Set) -> tuple[tuple[dict[str, Any], list[dict[str, Any]]], list[Any]]:
    """Tones and inputs, and the phases before the matrix turned them."""
    firsts, first = [row[0] for row in old.designs], old.designs[0][0]
    angles = angles_of(str(old.matrix), len(firsts))
    for i, row in enumerate(old.designs):
        for e, one in enumerate(row):
            if one.frequencies_hz != first.frequencies_hz or one.amplitudes != row[0].amplitudes:
                raise ValueError(f"designs[{i}][{e}]: an input has the same tones in all experiments")
            own = np.subtract(one.phases_rad, angles[i, e])
            base = np.subtract(first.phases_rad if old.phases == "common" else row[0].phases_rad, 0.0)
            base = base - (angles[0, 0] if old.phases == "common" else angles[i, 0])
            if own.shape != base.shape or not np.all(np.abs(np.exp(1j * own) - np.exp(1j * base)) <= _SAME):
                raise ValueError(
                    f"designs[{i}][{e}]: its phases are not those of an orthogonal set: the file was changed after it "
                    "was saved"
                )
    tones = {key: getattr(first, key) for key in ("frequencies_hz", "fundamental_hz", "amplitudes", "complex")}
    tones["phases_rad"] = first.initial_phases_rad
    inputs: list[dict[str, Any]] = [{} for _ in firsts]
    if any(one.amplitudes != first.amplitudes for one in firsts):
        inputs = [{"amplitudes": one.amplitudes} for one in firsts]
    if old.phases == "common":
        return (tones, inputs), np.subtract(first.phases_rad, angles[0, 0]).tolist()
    if all(one.initial_phases_rad is not None for one in firsts):
        for table, one in zip(inputs, firsts, strict=True):
            table["phases_rad"] = one.initial_phases_rad
    return (tones, inputs), [np.subtract(one.phases_rad, angles[i, 0]).tolist() for i, one in enumerate(firsts)]


def _interleaved(firsts: list[_Design]) -> tuple[tuple[dict[str, Any], list[dict[str, Any]]], list[Any]]:
    """Tones and inputs, and the phases, those of one input after the other."""
    joined: dict[str, Any] = {
        key: [value for one in firsts for value in getattr(one, key)]
        for key in ("frequencies_hz", "amplitudes", "phases_rad")
    }
    phases = joined.pop("phases_rad")
    begun = [one.initial_phases_rad for one in firsts]
    if all(one is not None for one in begun):
        joined["phases_rad"] = [phase for one in begun for phase in one or ()]
    ends = np.cumsum([len(one.frequencies_hz) for one in firsts]).tolist()
    inputs = [{"tones": list(range(end - len(one.frequencies_hz), end))} for one, end in zip(firsts, ends, strict=True)]
    return (joined | {"complex": firsts[0].complex}, inputs), phases


def _known(constraints: list[Any]) -> list[Any]:
    """Constraints without those of the caller's own, which version 1 only named."""
    return [one for one in constraints if not (isinstance(one, dict) and one.get("kind") == "custom")]
