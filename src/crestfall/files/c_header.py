"""A C header with the waveform as a constant table of integers, for firmware.

Complex samples are interleaved I, Q. Multiply a count by ``…_VOLTS_PER_COUNT`` to get its value; a comment says in
which unit. Several inputs have a table ``NAME_i_e`` for each input ``i`` and experiment ``e``, counted from 1.
"""

from __future__ import annotations

import re
from typing import Any

import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.design.played import Played
from crestfall.files.samples import ascii_unit, played_counts, require_text_size, volts_per_count, zero_count

# Of C and C++, as far as they could be a name of a waveform; the compiler reports any other.
_KEYWORDS = frozenset(
    {"auto", "char", "const", "double", "float", "int", "long", "register", "short", "static", "void"}
)
_MAX_TONES_LISTED = 1000


def encode(
    design: Design,
    *,
    playback: Playback = AS_DESIGNED,
    name: str = "multisine",
) -> bytes:
    """The header.

    Args:
        design: The design.
        playback: Rate, length, level and converter.
        name: C identifier of the table; in capitals it starts the names of the constants.

    Raises:
        ValueError: The name is not a C identifier, an option is out of range, or there would be too many samples.

    Example:
        >>> from crestfall import Multisine
        >>> text = encode(Design.of(Multisine([1.0]), [0.0]), name="tone").decode("ascii")
        >>> [line for line in text.splitlines() if "LENGTH" in line or line.startswith("static")]
        ['#define TONE_LENGTH 4', 'static const int16_t tone[TONE_LENGTH] = {']
    """
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,62}", str(name)) is None or name in _KEYWORDS:
        raise ValueError(f"name is {name!r}; give a C identifier, such as multisine")
    played = playback.of(design)
    require_text_size(played.values.size)
    step = volts_per_count(played)
    upper, several = name.upper(), design.problem.channels is not None
    inputs, experiments, _ = played.values.shape
    tables = [played_counts(played, values) for _, values in played.signals()]
    places = [f"_{i}_{e}" for i in range(1, inputs + 1) for e in range(1, experiments + 1)] if several else [""]
    constants = {
        "LENGTH": len(tables[0]),
        "CHANNELS": 2 if design.multisine.complex else 1,
        **({"INPUTS": inputs, "EXPERIMENTS": experiments} if several else {}),
        "SAMPLE_RATE_HZ": played.sample_rate_hz,
        **({} if playback.signed else {"ZERO_COUNT": zero_count(played)}),
        "VOLTS_PER_COUNT": step,
    }
    lines = [
        *_comment(design, played),
        *(f"#ifndef CRESTFALL_{upper}_H", f"#define CRESTFALL_{upper}_H", "", "#include <stdint.h>", ""),
        *(f"#define {upper}_{key} {value!r}" for key, value in constants.items()),
    ]
    for place, counts in zip(places, tables, strict=True):
        lines += [
            "",
            f"static const {_type_of(counts)} {name}{place}[{upper}_LENGTH] = {{",
            *_rows(counts.tolist()),
            "};",
        ]
    return "\n".join([*lines, "", "#endif", ""]).encode("ascii")


def _type_of(counts: npt.NDArray[Any]) -> str:
    return f"{'int' if counts.dtype.kind == 'i' else 'uint'}{8 * counts.itemsize}_t"


def _comment(design: Design, played: Played) -> list[str]:
    ms, window = design.multisine, design.problem.window
    layout = ("Q, I" if played.playback.q_first else "I, Q") + " interleaved" if ms.complex else "real"
    length = f"{played.periods} period(s) of {ms.period!r} s" if window is None else f"{window.duration!r} s, once"
    unit = ascii_unit(played.unit)
    lines = [
        "/* Multisine waveform written by crestfall.",
        f" * {played.values.shape[2]} samples ({layout}), {length}",
        f" * true peak {design.peak * played.gain!r}{f' {unit}' if unit else ''}, crest factor {design.crest_factor!r}",
        f" * {f'value in {unit}' if unit else 'value'} = "
        + ("count" if played.playback.signed else "(count - ZERO_COUNT)")
        + " * VOLTS_PER_COUNT",
    ]
    for i, row in enumerate(design.channels):
        named = f" of input {i + 1}, experiment 1" if design.problem.channels is not None else ""
        lines += [
            f" * frequency_hz, amplitude{f'_{unit}' if unit else ''}, phase_rad (cosine){named}:",
            *_tones(row[0], played.gain),
        ]
    return [*lines, " */"]


def _tones(one: Design, gain: float) -> list[str]:
    ms = one.multisine
    tones = zip(ms.frequencies.tolist(), (ms.amplitudes * gain).tolist(), one.phases.tolist(), strict=True)
    lines = [f" *   {f!r}, {a!r}, {p!r}" for f, a, p in list(tones)[:_MAX_TONES_LISTED]]
    return lines if ms.n <= _MAX_TONES_LISTED else [*lines, f" *   and {ms.n - _MAX_TONES_LISTED} more"]


def _rows(counts: list[int]) -> list[str]:
    pieces = (", ".join(map(str, counts[start : start + 12])) for start in range(0, len(counts), 12))
    rows = [f"    {piece}," for piece in pieces]
    rows[-1] = rows[-1][:-1]
    return rows
