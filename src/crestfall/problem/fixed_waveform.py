"""A waveform that is added to the tones and is not to be chosen: a bias, a drive cycle, a disturbance that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.problem.arguments import finite_number
from crestfall.problem.constraints import Relation
from crestfall.problem.grids import common_fundamental
from crestfall.problem.multisine import Multisine, rebuild
from crestfall.problem.notes import note
from crestfall.problem.tones_argument import require_tones


@dataclass(frozen=True)
class FixedWaveform:
    r"""A waveform that is played together with the tones. It counts towards every peak, but is not chosen.

    .. math:: x(t) = b + \sum_m b_m \cos(2π g_m t + β_m) + \sum_k a_k \cos(2π f_k t + θ_k)

    Its tones are held at their phases. A constant ``b`` is a tone at 0 Hz with phase 0 or π.

    Attributes:
        tones: Its tones ``b_m``, ``g_m``; their ``initial_phases`` are ``β_m`` [rad]. ``None`` for a constant alone.
        offset: The constant ``b``, in the unit of the amplitudes; for real tones.

    Raises:
        ValueError: The tones have no phases, the offset is not finite, or there is neither.

    Example:
        >>> from crestfall import Problem, minimize_peak
        >>> ms = Multisine.harmonics([1, 2, 3])
        >>> biased = minimize_peak(Problem(ms, fixed=FixedWaveform(offset=1.0)), starts=16)
        >>> float(np.mean(biased.waveform(64))), round(biased.peak, 3) < 1.0 + 3.0
        (1.0, True)
    """

    tones: Multisine | None = None
    offset: float = 0.0

    def __post_init__(self) -> None:
        need = "a finite number in the unit of the amplitudes"
        object.__setattr__(self, "offset", finite_number("fixed: offset", self.offset, need))
        if self.tones is None:
            if not self.offset:
                raise ValueError("fixed: there are neither tones nor an offset; give one, or leave it out")
            return
        require_tones("fixed: tones", self.tones, ", or FixedWaveform.of_samples(samples, period=…)")
        if self.tones.initial_phases is None:
            raise ValueError("fixed: the tones have no phases; give them as initial_phases, one for each tone")
        if self.tones.complex and self.offset:
            raise ValueError("fixed: complex tones have their constant as a tone at 0 Hz; leave offset out")

    @classmethod
    def of_samples(
        cls,
        samples: npt.ArrayLike,
        sample_rate: float | None = None,
        *,
        period: float | None = None,
        drop_below_db: float = -80.0,
    ) -> FixedWaveform:
        """A waveform from the samples of one or more whole periods: its lines and its mean.

        Args:
            samples: ``(N,)`` real or complex samples.
            sample_rate: Samples per second [Hz].
            period: Or the time that all of them take [s].
            drop_below_db: Lines weaker than this, relative to the strongest [dB], are dropped.

        Raises:
            ValueError: As ``Multisine.from_waveform``; neither or both of rate and period.

        Warns:
            CrestfallWarning: What is dropped moves some sample by more than 0.1 % of the largest one.

        Example:
            >>> t = np.arange(64) / 64
            >>> fixed = FixedWaveform.of_samples(0.5 + np.cos(2 * np.pi * 3 * t), period=1.0)
            >>> round(fixed.offset, 12), fixed.tones
            (0.5, Multisine(n=1, 3 … 3 Hz, fundamental 3 Hz, real))
        """
        from crestfall.signal.spectrum import lines_of_period

        if (sample_rate is None) == (period is None):
            raise ValueError("fixed: give either sample_rate in Hz or period in seconds")
        need = "a finite number above 0"
        if period is not None:
            sample_rate = np.size(samples) / finite_number("fixed: period", period, need, above_zero=True, unit="s")
        assert sample_rate is not None
        rate = finite_number("fixed: sample_rate", sample_rate, need, above_zero=True, unit="Hz")
        tones, offset = lines_of_period(samples, rate, drop_below_db)
        return cls(tones, offset)

    @property
    def n(self) -> int:
        """Number of tones that it adds, a constant included."""
        return (0 if self.tones is None else self.tones.n) + (1 if self.offset else 0)

    def joined_to(self, ms: Multisine) -> Multisine:
        """The tones with those of this waveform after them, its constant last.

        Raises:
            ValueError: One is real and the other complex.
        """
        own = self.tones
        if ms.complex and (own is None or not own.complex):
            raise ValueError("fixed: the waveform is real, but the tones are complex; give complex samples or tones")
        if own is not None and own.complex != ms.complex:
            raise ValueError("fixed: the waveform is complex, but the tones are real; give real samples or tones")
        sets = [ms] if own is None else [ms, own]
        constant = [abs(self.offset)] if self.offset else []
        frequencies = np.concatenate([*(one.frequencies for one in sets), np.zeros(len(constant))])
        amplitudes = np.concatenate([*(one.amplitudes for one in sets), constant])
        phases = None
        if ms.initial_phases is not None:
            phases = np.concatenate([ms.initial_phases, self._phases])
        grid = common_fundamental(frequencies) if own is not None or not ms.has_period else _grid_with_zero(ms, self)
        return rebuild(frequencies, grid, amplitudes, ms.complex, phases)

    @property
    def _phases(self) -> npt.NDArray[np.float64]:
        own = np.zeros(0) if self.tones is None else np.asarray(self.tones.initial_phases)
        return np.append(own, np.pi if self.offset < 0.0 else 0.0) if self.offset else own

    def relations(self, first: int) -> list[Relation]:
        """What holds its tones, whose numbers begin at ``first``."""
        why = "the fixed waveform"
        return [Relation(first + k, None, 0.0, float(phase), why) for k, phase in enumerate(self._phases)]


def _grid_with_zero(ms: Multisine, fixed: FixedWaveform) -> tuple[float, npt.NDArray[np.int64]]:
    """The raster of the tones, which a constant does not change."""
    return ms.fundamental, np.append(ms.harmonic_numbers, np.zeros(fixed.n, dtype=np.int64))


def without_repeated_end(samples: npt.NDArray[Any], rate_hz: float, ms: Multisine) -> npt.NDArray[Any]:
    """Samples of whole periods, without a last one that repeats the first, as drive cycles from 0 s to 60 s have it.

    It is taken for such where the samples before it take a whole number of the tones' periods, and all of them do not.
    Otherwise the first and the last may well be equal by chance.

    Args:
        samples: ``(N,)`` samples.
        rate_hz: Samples per second [Hz].
        ms: The tones; without a period all samples are kept.

    Example:
        >>> import warnings
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore")
        ...     without_repeated_end(np.array([0.0, 2.0, 1.0, 0.0]), 1.0, Multisine([1 / 3])).tolist()
        [0.0, 2.0, 1.0]
    """
    if not ms.has_period or samples.size < 3 or samples[-1] != samples[0]:
        return samples
    all_of_them, but_one = (count / (rate_hz * ms.period) for count in (samples.size, samples.size - 1))
    if _is_whole(all_of_them) or not _is_whole(but_one):
        return samples
    note("fixed: the last sample repeats the first and is left out, so that the rest is a whole number of periods")
    return samples[:-1]


def _is_whole(periods: float) -> bool:
    return round(periods) >= 1 and abs(periods - round(periods)) < 1e-6 * periods
