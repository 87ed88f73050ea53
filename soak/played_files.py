"""A design played into a file of each format, read back and compared with the sum of its tones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.io
from combined_checks import Direct
from direct import ROUNDING

import crestfall as cf
from crestfall.files import EXPORTS, FORMATS, length_of_file, paths_written
from crestfall.files.waveforms import read_waveform

ENDINGS = tuple(ending for ending in (*FORMATS, *EXPORTS) if ending not in (".json", ".npz", ".csv"))
"""Formats that hold samples."""
_OF_FULL_SCALE = (".wav", ".flac", ".wv")
"""Formats without volts, whose full scale is 1."""
_INTEGERS = (".i16", ".scpi", ".arb", ".h", ".coe", ".mif", ".flac", ".wv")
_VOLTS = (".f32", ".mat", ".h5", ".tdms", ".pwl", ".play.json", "_rigol.csv", "_siglent.csv")
"""Formats of values, which take neither bits nor a level relative to full scale."""
_DIGITS = {
    ".f32": 1e-7,
    ".sigmf-meta": 1e-7,
    ".sigmf-data": 1e-7,
    ".wav": 1e-7,
    "_rigol.csv": 1e-6,
    "_siglent.csv": 1e-7,
}
"""Error of the digits of a format, relative to the largest sample."""
_LEVELS = (None, "designed", "0.5 V", "3 Vpp", "200 mVrms", "-1 dBFS", "-1 to 2 V")
_CLOSE = 1e-8


class Expected(NamedTuple):
    """What a file is to hold.

    Attributes:
        values: ``(signals, N)`` samples [V], by inputs and then experiments.
        full_scale: Value of the last step of a converter [V].
        unsure: Rounding error of the values [V], larger where tones cancel.
    """

    values: np.ndarray
    full_scale: float
    unsure: float


def draw_playback(design: cf.Design, ending: str, rng: np.random.Generator) -> cf.Playback:
    """A random playback, most of whose fields the design and the format allow."""
    window, several = design.problem.window is not None, design.problem.channels is not None
    one_level = not several or design.problem.channels.count == 1
    levels = _LEVELS if one_level and not design.multisine.complex else _LEVELS[:4]
    fields: dict = {"level": levels[rng.integers(len(levels))], "beyond_limits": True}
    if ending in (".wav", ".flac") and fields["level"] in ("0.5 V", "3 Vpp", "200 mVrms") and rng.integers(2):
        fields["full_scale"] = 4.0
    if not window and rng.integers(2):
        most = int(np.max(np.abs(design.multisine.harmonic_numbers)))
        fields["samples_per_period"] = int(rng.integers(2 * most + 1, 8 * most + 8))
        fields["periods"] = int(rng.integers(1, 4))
    if ending not in (".wav", ".flac") and fields["level"] != "-1 to 2 V" and rng.random() < 0.2:
        fields["offset"] = float(rng.uniform(-0.5, 0.5))
    if not window and rng.random() < 0.2:
        period = design.multisine.period
        fields |= {name: float(rng.uniform(0, 0.5)) * period for name in ("lead", "fade_in", "fade_out", "trail")}
    if not window and fields["level"] in (None, "designed", "0.5 V") and rng.random() < 0.15:
        fields["compensate_hold"] = True
    if ending not in _VOLTS and rng.random() < 0.4:
        fields["bits"] = int(rng.choice([16, 24]) if ending in (".wav", ".flac") else rng.integers(8, 17))
    if fields["level"] == "-1 dBFS" and (ending in _VOLTS or "bits" not in fields):
        fields["level"] = "designed"
    return cf.Playback(**fields)


def file_faults(
    design: cf.Design, direct: Direct, folder: Path, rng: np.random.Generator
) -> tuple[str, str | None, list[str]]:
    """The ending, why the format was refused (or ``None``), and what is wrong with the file."""
    ending = ENDINGS[rng.integers(len(ENDINGS))]
    playback, path = draw_playback(design, ending, rng), folder / f"played{ending}"
    try:
        design.save(path, playback)
    except ValueError as error:
        return ending, str(error), []
    length = length_of_file(design, path, playback)
    expected = expected_of(design, direct, playback, length.rate_hz, length.samples)
    found, rate = _read(path, design)
    if ending == ".npy" and playback.bits:  # counts of a converter
        found = found * (expected.full_scale / (2 ** (playback.bits - 1) - 1))
    faults = []
    if rate is not None and abs(rate - length.rate_hz) > 1e-6 * rate:
        faults.append(f"the rate is {rate!r}, not {length.rate_hz!r}")
    bits = playback.bits or (16 if ending in _INTEGERS else 0)
    fault = _fault_of(ending, expected, found, (len(design.channels), len(design.channels[0])), bits)
    if fault:
        faults.append(fault)
    if ending in FORMATS and cf.load(path) != design:
        faults.append("the design came back changed")
    return ending, None, [f"{ending}, {playback.said()}: {fault}" for fault in faults]


def expected_of(design: cf.Design, direct: Direct, playback: cf.Playback, rate: float, count: int) -> Expected:
    """The samples of every signal, summed tone by tone."""
    drives = [(which, c) for _, _, which, c in direct.drives(design.phases)]
    measure = "components" if direct.asked.measure == "components" else "peak"
    peaks = [direct.peak(which, c, measure) for which, c in drives]
    gain, offset = _gain_and_offset(design, direct, playback, drives, peaks)
    shape = _edges(playback, rate, count)
    signals = np.array([_summed(direct, playback, which, gain * c, rate, count) for which, c in drives])
    peak = gain * max(peaks)
    if playback.compensate_hold:
        highest = np.max(np.abs(signals[:, shape == 1.0]), axis=1)
        if playback.level in (None, "-1 dBFS") and any(one.limit is not None for one in direct.signals(design.phases)):
            rise = max(1.0, *(high / (gain * own) for high, own in zip(highest, peaks, strict=True)))
            signals, highest = signals / rise, highest / rise  # limits are kept by what is raised, too
        peak = float(np.max(highest))
    signals = signals * shape
    reach = 2.0 if playback.level == "-1 to 2 V" else peak + abs(offset)
    if playback.level == "-1 dBFS":
        reach /= 10 ** (-1 / 20)
    loudest = max(float(np.sum(np.abs(c))) for _, c in drives)
    unsure = gain * loudest * (ROUNDING + ROUNDING * loudest / max(peaks))  # of the sum, and of its peak
    return Expected(signals + offset, playback.full_scale or reach, unsure)


def _gain_and_offset(design, direct, playback, drives, peaks) -> tuple[float, float]:
    level, offset, peak = playback.level, playback.offset, max(peaks)
    if level in (None, "-1 dBFS"):
        limited = [one for one in direct.signals(design.phases) if one.limit is not None]
        taken = [abs(offset) * _at_zero(direct, one) if offset else 0.0 for one in limited]
        gains = ((one.limit - less) / _reach(direct, one) for one, less in zip(limited, taken, strict=True))
        return min(gains, default=1.0), offset
    which, c = drives[int(np.argmax(peaks))]
    if level == "200 mVrms":
        turned = c * direct.asked.at_start(direct.numbers[which])
        return 0.2 / direct.span(which).rms(turned, direct.asked.is_complex), offset
    if level == "-1 to 2 V":
        top, bottom = (direct.peak(which, turn * c, "one-sided") for turn in (1, -1))
        return 3.0 / (top + bottom), 2.0 - 3.0 / (top + bottom) * top
    return {"designed": 1.0, "0.5 V": 0.5 / peak, "3 Vpp": 1.5 / peak}[level], offset


def _reach(direct, signal) -> float:
    return direct.peak(signal.which, signal.c, direct.asked.measure)


def _at_zero(direct, signal) -> float:
    """Magnitude of the response to a constant: of a number itself, 0 of a derivative, NaN where it is not known."""
    kinds = {name: (kind, response) for name, kind, response, *_ in direct.asked.outputs}
    kind, response = kinds.get(signal.name, ("number", np.ones(1)))
    return abs(response[0]) if kind == "number" else 0.0 if kind == "slew rate" else np.nan


def _summed(direct, playback, which, c, rate, count) -> np.ndarray:
    lead, rise = round(playback.lead * rate), round(playback.fade_in * rate)
    start = direct.asked.times[1] if direct.asked.times[0] == "window" else 0.0
    frequencies = direct.numbers[which] * direct.asked.raster
    if playback.compensate_hold:
        c = c / np.sinc(frequencies / rate)
    times = start + (np.arange(count) - lead - rise) / rate
    z = np.exp(2j * np.pi * np.multiply.outer(times, frequencies)) @ c
    return z if direct.asked.is_complex else z.real


def _edges(playback, rate, count) -> np.ndarray:
    lead, rise, fall, trail = (
        round(getattr(playback, name) * rate) for name in ("lead", "fade_in", "fade_out", "trail")
    )
    shape, end = np.ones(count), count - trail - fall
    shape[:lead] = 0.0
    shape[lead : lead + rise] = 0.5 - 0.5 * np.cos(np.pi * (np.arange(rise) + 0.5) / max(rise, 1))
    shape[end : end + fall] = 0.5 + 0.5 * np.cos(np.pi * (np.arange(fall) + 0.5) / max(fall, 1))
    shape[count - trail :] = 0.0
    return shape


# ------------------------------------------------------------------ reading


def _read(path: Path, design: cf.Design) -> tuple[np.ndarray, float | None]:
    """``(rows, N)`` samples of all files, and the rate [Hz]; without the package where it cannot read a format."""
    if path.name.endswith(".play.json"):
        content = json.loads(path.read_text("utf-8"))["content"]
        return np.array([_of_json(one["samples_v"]) for one in content["signals"]]), content["rate_hz"]
    if path.suffix == ".mat":
        found = scipy.io.loadmat(path)
        samples = found["samples"].reshape(found["samples"].shape[0], -1) if found["samples"].ndim == 3 else None
        rows = found["samples"].ravel()[None] if samples is None else samples.T
        return rows, float(found["sample_rate_hz"].item())
    if path.suffix == ".npy":
        array = np.load(path, allow_pickle=False)
        if array.dtype.kind in "iu" and design.multisine.complex:
            array = array[..., 0] + 1j * array[..., 1]
        return array.reshape(-1, array.shape[-1]), None
    written = paths_written(path, design)
    if path.suffix == ".scpi" and design.problem.channels is not None:
        record = json.loads(written[0].read_text("utf-8"))
        return np.array([_of_block(one.read_bytes(), record) for one in written[1:]]), record["sample_rate_hz"]
    waves = [read_waveform(one) for one in written if not one.name.endswith((".json", ".sigmf-data"))]
    shortest = min(wave.samples.shape[1] for wave in waves)  # .pwl: a last sample that repeats the first is left out
    return np.concatenate([wave.samples[:, :shortest] for wave in waves]), waves[0].rate_hz


def _of_json(samples) -> np.ndarray:
    values = np.array(samples)
    return values if values.ndim == 1 else values[:, 0] + 1j * values[:, 1]


def _of_block(block: bytes, record: dict) -> np.ndarray:
    """A definite-length block: ``#``, digits of the length, the length, the bytes."""
    first = block.index(b"#")
    begin = first + 2 + int(block[first + 1 : first + 2])
    dtype = {"int8": "i1", "int16_le": "<i2"}[record["sample_type"]]
    count = int(block[first + 2 : begin])
    values = np.frombuffer(block[begin : begin + count], dtype) * record["volts_per_count"]
    return values.view(complex) if record["layout"].startswith("I, Q") else values


# ------------------------------------------------------------------ comparing


def _fault_of(ending: str, expected: Expected, found: np.ndarray, shape: tuple[int, int], bits: int) -> str | None:
    """What is wrong with what was found; ``shape`` are the numbers of inputs and experiments."""
    if ending == ".pwl":
        expected = expected._replace(values=expected.values[:, : max(found.shape[1], expected.values.shape[1] - 1)])
    values = next((one for one in _arrangements(expected.values, shape) if one.shape == found.shape), None)
    if values is None:
        return f"it has {found.shape} samples instead of {expected.values.shape}"
    if np.iscomplexobj(found) != np.iscomplexobj(values) and np.iscomplexobj(found):
        return "it is complex"
    step = expected.full_scale / (2 ** (bits - 1) - 1) if bits else 0.0
    if ending in _OF_FULL_SCALE and float(np.max(np.abs(values))) <= 1e3 * expected.unsure:
        return None if float(np.max(np.abs(found))) < 1e-6 else "it is not silent, although the tones cancel"
    if ending in _OF_FULL_SCALE:
        power = float(np.vdot(values, values).real)
        scale = float(np.vdot(values, found).real) / power if power else 1.0
        if not any(abs(scale * one - 1) < (2.0 ** (3 - bits) if bits else 1e-6) for one in (expected.full_scale, 1.0)):
            return f"full scale is {1 / scale!r}, not {expected.full_scale!r}"
        found, step = found / scale, max(step, step / scale / expected.full_scale)
    off = max(float(np.max(np.abs((found - values).real))), float(np.max(np.abs((found - values).imag))))
    allowed = (_DIGITS.get(ending, 0.0) + _CLOSE) * float(np.max(np.abs(values))) + 0.6 * step
    allowed += expected.unsure
    return None if off <= allowed else f"samples are off by {off:.3g}, more than {allowed:.3g}"


def _arrangements(values: np.ndarray, shape: tuple[int, int]) -> Iterator[np.ndarray]:
    """Arrangements of several signals: a row each, or a row for each input; I and Q in two rows, or complex."""
    frames = values.reshape(shape[0], -1)
    for rows in (values, frames):
        yield rows
        if np.iscomplexobj(rows):
            yield np.stack([rows.real, rows.imag], axis=1).reshape(-1, rows.shape[1])
