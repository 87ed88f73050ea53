"""What a waveform that exists holds: its tones, how high it is, how much noise, and what other phases could reach."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.design.provenance import Provenance
from crestfall.files.reading import naming
from crestfall.files.waveforms.read import read_waveform
from crestfall.files.waveforms.waveform import Waveform
from crestfall.problem.arguments import detached, finite_number
from crestfall.problem.multisine import Multisine
from crestfall.problem.notes import note
from crestfall.signal.noise_level import highest_noise, noise_level
from crestfall.signal.partial_period import notes_leakage, repeats_after
from crestfall.signal.spectrum import tones_of_period

DROP_BELOW_DB = -60.0
_REPEATED_END = 1e-6
"""How near to the first sample the last one is if it closes the period, relative to the largest."""
_CLEARER = 0.9
"""How much less a cut record has besides its tones."""
_LARGEST = 1e300
"""Largest sample: sums of larger ones overflow."""
_ROUNDING = 1e-13


@dataclass(frozen=True)
class MeasuredWaveform:
    """A waveform and its tones.

    Attributes:
        design: The tones with the phases that they have, measured and certified as a design is.
        rate_hz: Samples per second [Hz].
        unit: Unit of samples and amplitudes.
        n_samples: Samples of the record.
        n_used: Those of whole periods, which were looked at.
        periods: Periods in the record; not a whole number if it was cut.
        peak: Largest magnitude of a sample.
        rms: Root mean square of the samples, offset included.
        offset: Their mean.
        noise_rms: Root mean square of what is left without tones and offset.
        noise_db: Level of the noise in one line of the spectrum, relative to the strongest tone [dB]; ``None`` where
            there is none above rounding.
        threshold_db: Level below which a line counts as no tone, relative to the strongest [dB].
        assumed: What the file does not say and was assumed.
    """

    design: Design
    rate_hz: float
    unit: str
    n_samples: int
    n_used: int
    periods: float
    peak: float
    rms: float
    offset: complex
    noise_rms: float
    noise_db: float | None
    threshold_db: float
    assumed: tuple[str, ...] = ()

    @property
    def tones(self) -> Multisine:
        """The tones, with their phases as ``initial_phases``."""
        return self.design.multisine

    @property
    def crest_factor_of_samples(self) -> float:
        """Peak over RMS of the samples, offset and noise included; ``design.crest_factor`` is that of the tones."""
        return self.peak / self.rms

    def summary(self) -> dict[str, Any]:
        """The figures as numbers under the names of the attributes, without the tones, which are the design's."""
        offset = self.offset if isinstance(self.offset, float) else abs(self.offset)
        return {
            "rate_hz": self.rate_hz,
            "unit": self.unit,
            "n_samples": self.n_samples,
            "n_used": self.n_used,
            "periods": self.periods,
            "peak_of_samples": self.peak,
            "rms_of_samples": self.rms,
            "crest_factor_of_samples": self.crest_factor_of_samples,
            "offset": offset,
            "noise_rms": self.noise_rms,
            "noise_db": self.noise_db,
            "threshold_db": self.threshold_db,
        }


def measure_waveform(
    samples: npt.ArrayLike | str | PathLike[str],
    sample_rate: float | None = None,
    *,
    channel: int | str | None = None,
    complex: bool = False,
    drop_below_db: float | None = None,
) -> MeasuredWaveform:
    r"""The tones of a waveform, with amplitude and phase, its peak, crest factor, offset and noise.

    The record is cut to whole periods where it repeats; a last sample that repeats the first is left out. Lines of the
    spectrum are tones if they lie above ``drop_below_db`` and above the noise, :math:`\sigma \sqrt{2 \ln (n / 0.01)}`
    with σ from the weakest quarter of the n lines.

    Args:
        samples: ``(N,)`` samples, or the path of a file (see ``crestfall.files.waveforms.read``).
        sample_rate: Samples per second [Hz]; needed for samples, and for files that say none.
        channel: Name or number from 1 of the signal, where a file holds several.
        complex: Whether two signals of a file are I and Q of one.
        drop_below_db: Lines weaker than this, relative to the strongest [dB], are not tones; by default −60 dB, or
            higher where the noise is.

    Raises:
        ValueError: The file is none of a waveform, has several signals or another rate, or holds no tone.
        OSError: The file does not exist or cannot be read.

    Warns:
        CrestfallWarning: The record was cut, or something was assumed; the message says what.

    Example:
        >>> t = np.arange(1000) / 1000
        >>> found = measure_waveform(np.cos(2 * np.pi * 5 * t) + 0.5 * np.sin(2 * np.pi * 8 * t), 1000.0)
        >>> found.tones.frequencies.tolist(), round(found.rms, 6), found.design.peak > found.peak
        ([5.0, 8.0], 0.790569, True)
    """
    if isinstance(samples, str | PathLike):
        found = read_waveform(samples)
        with naming(Path(samples)):
            return measured_file(
                found,
                Path(samples).name,
                sample_rate,
                channel=channel,
                complex=complex,
                drop_below_db=drop_below_db,
            )
    if sample_rate is None:
        raise ValueError("sample_rate is missing; give the samples per second in Hz")
    return _measured(np.asarray(detached(samples)), _rate(sample_rate), "", (), drop_below_db, "the samples")


def measured_file(
    found: Waveform,
    name: str,
    sample_rate: float | None = None,
    *,
    channel: int | str | None = None,
    complex: bool = False,
    drop_below_db: float | None = None,
) -> MeasuredWaveform:
    """The same of samples that were read from the file of this name."""
    found = found.at_rate(None if sample_rate is None else _rate(sample_rate))
    x = found.signal(channel, complex=complex and found.samples.shape[0] > 1)
    assert found.rate_hz is not None
    found.note_assumed(name)
    return _measured(x, found.rate_hz, found.unit, found.assumed, drop_below_db, name)


def whole_periods(x: npt.NDArray[Any]) -> int:
    """How many of the samples make whole periods: all of them, where nothing shorter repeats or cutting loses nothing.

    A record of whole periods may also seem to repeat earlier, where a period is not a whole number of samples. So
    it is cut only if that leaves clearly less besides the tones.

    Example:
        >>> t = np.arange(987) / 100
        >>> whole_periods(np.cos(2 * np.pi * t) + np.cos(2 * np.pi * 3 * t))
        900
        >>> whole_periods(np.append(np.sin(2 * np.pi * np.arange(100) / 100), 0.0))
        100
    """
    if x.size < 4 or not np.ptp(np.abs(x - np.mean(x))):
        return int(x.size)
    length = repeats_after(x)
    if length is not None:
        used = int(x.size // length * length)
        return used if used == x.size or _is_clearer(x[:used], x) else int(x.size)
    steps = np.abs(np.diff(x))
    closes = np.abs(x[0] - x[-1]) <= _REPEATED_END * np.max(np.abs(x)) and steps[0] > 10.0 * np.abs(x[0] - x[-1])
    return int(x.size) - 1 if closes else int(x.size)


# ------------------------------------------------------------------ parts


def _rate(value: float | str) -> float:
    need = "a finite number of samples per second above 0"
    return finite_number("sample_rate", value, need, above_zero=True, unit="Hz")


def _measured(
    x: npt.NDArray[Any], rate: float, unit: str, assumed: tuple[str, ...], drop_below_db: float | None, name: str
) -> MeasuredWaveform:
    if x.ndim != 1 or x.dtype.kind not in "buifc" or not x.size or not np.all(np.isfinite(x)):
        tones_of_period(x, rate)  # which says what is wrong
    highest_sample = float(np.max(np.abs(x))) or 1.0
    if highest_sample > _LARGEST:
        raise ValueError(f"a sample is {highest_sample:.6g}, more than {_LARGEST:g}; give samples in another unit")
    used = whole_periods(x)
    whole = x[:used].astype(np.complex128 if x.dtype.kind == "c" else np.float64)
    lines = _lines(whole)
    level, strongest = noise_level(lines), float(np.max(lines, initial=0.0))
    threshold = DROP_BELOW_DB
    if drop_below_db is not None:
        threshold = finite_number("drop_below_db", drop_below_db, "a level of at most 0 dB, such as -60")
    if drop_below_db is None and level and strongest > 2.0 * (highest := highest_noise(level, lines.size)):
        threshold = max(threshold, 20.0 * float(np.log10(highest / strongest)))
    ms = tones_of_period(whole, rate, threshold)
    periods = x.size * ms.fundamental / rate
    if used < x.size:
        note(
            f"the {x.size} samples are {periods:.6g} periods of {rate / ms.fundamental:.6g} samples; "
            f"{used} of them are whole ones, and were used"
        )
    if drop_below_db is None:
        notes_leakage(ms.harmonic_numbers, ms.amplitudes)
    assert ms.initial_phases is not None
    return MeasuredWaveform(
        design=Design.of(ms, ms.initial_phases, provenance=Provenance(f"phases of {name}")),
        rate_hz=rate,
        unit=unit,
        n_samples=int(x.size),
        n_used=used,
        periods=float(periods),
        peak=float(np.max(np.abs(whole))),
        rms=highest_sample * float(np.sqrt(np.mean(np.abs(whole / highest_sample) ** 2))),
        offset=_offset(whole),
        noise_rms=_rms_of_rest(whole, ms, highest_sample),
        noise_db=20.0 * float(np.log10(level * np.sqrt(2.0) / strongest)) if level > _ROUNDING * strongest else None,
        threshold_db=threshold,
        assumed=assumed,
    )


def _is_clearer(cut: npt.NDArray[Any], whole: npt.NDArray[Any]) -> bool:
    """Whether less of the power is besides tones, of which as many are counted in both."""
    of_cut, of_whole = (np.sort(_lines(x / np.max(np.abs(x))) ** 2)[::-1] for x in (cut, whole))
    tones = int(np.count_nonzero(of_cut >= 10.0 ** (DROP_BELOW_DB / 10.0) * of_cut[0]))
    beside, before = (float(np.sum(lines[tones:]) / np.sum(lines)) for lines in (of_cut, of_whole))
    return beside < _CLEARER * before


def _offset(x: npt.NDArray[Any]) -> complex:
    """The mean; 0 where it is rounding."""
    mean = np.mean(x)
    return 0.0 if np.abs(mean) <= _ROUNDING * np.max(np.abs(x)) else mean.item()


def _rms_of_rest(samples: npt.NDArray[Any], ms: Multisine, unit: float) -> float:
    """RMS of what is neither tone nor, in a real signal, offset; ``unit`` is as large as the samples."""
    x = samples / unit
    power = float(np.sum((ms.amplitudes / unit) ** 2)) * (1.0 if ms.complex else 0.5)
    offset = 0.0 if np.iscomplexobj(x) else float(np.mean(x)) ** 2
    rest = float(np.mean(np.abs(x) ** 2)) - power - offset
    return unit * float(np.sqrt(rest)) if rest > _ROUNDING * power else 0.0


def _lines(x: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Magnitudes of the lines that can be tones, as amplitudes."""
    if np.iscomplexobj(x):
        return np.abs(np.fft.fft(x, norm="forward"))
    return 2.0 * np.abs(np.fft.rfft(x, norm="forward"))[1 : (x.size - 1) // 2 + 1]
