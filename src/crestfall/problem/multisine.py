"""The tones whose phases are to be chosen. Validated here, once; nothing that uses them checks again."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crestfall.problem.arguments import finite_number, items, real_numbers, require_flag
from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.grids import LEAST_FUNDAMENTAL, MAX_HARMONIC, common_fundamental, is_narrow
from crestfall.problem.notes import note
from crestfall.problem.readable import readable
from crestfall.problem.single_precision import is_rounding, is_single, meant_by_single

if TYPE_CHECKING:
    from crestfall.problem.raster import Snapped

_LOW_CARRIER, _NARROW = 2**13, 64
"""Below the first, samples of the whole period cost next to nothing; at the second, lowest frequency over band, the
true peak is within ``cos(π / 256)`` of the envelope's (see ``crestfall.certainty.narrow_band``)."""


class Multisine:
    r"""A sum of ``n`` sine waves with given frequencies and amplitudes and free phases. Immutable.

    .. math::
        x(t) = \sum_k a_k \cos(2\pi f_k t + \theta_k)
        \quad\text{or, complex,}\quad
        z(t) = \sum_k a_k e^{i(2\pi f_k t + \theta_k)}

    Args:
        frequencies: ``(n,)`` frequencies [Hz], or one. Real tones need frequencies above zero; complex ones may have
            any sign. Repeated frequencies are allowed: tones of one frequency add up to one phasor. Frequencies without
            a common period need a ``Window``. Numbers in float32 are read as the decimals, or the multiples of one
            frequency, that were rounded to them.
        amplitudes: ``(n,)`` linear peak amplitudes above zero, or one number for all.
        complex: Complex baseband instead of a real signal.
        initial_phases: ``(n,)`` phases [rad] that the tones came with, if any; they serve as one of the starts.

    Attributes:
        frequencies: ``(n,)`` frequencies [Hz].
        amplitudes: ``(n,)`` linear peak amplitudes.
        complex: Whether the signal is complex baseband.
        initial_phases: ``(n,)`` phases [rad] that the tones came with, or ``None``.

    Raises:
        ValueError: An argument is empty, of the wrong shape, not finite or out of range. The message names the
            argument, the value and what to do.

    Example:
        >>> ms = Multisine(frequencies=[100e6, 101e6, 102.5e6], amplitudes=[1, 0.8, 1])
        >>> ms.fundamental, ms.harmonic_numbers.tolist()
        (500000.0, [200, 202, 205])
        >>> Multisine.harmonics(range(1, 32), fundamental=10.0)
        Multisine(n=31, 10 … 310 Hz, fundamental 10 Hz, real)
    """

    __slots__ = ("_grid", "amplitudes", "complex", "frequencies", "initial_phases")

    frequencies: FloatArray
    amplitudes: FloatArray
    complex: bool
    initial_phases: FloatArray | None
    _grid: tuple[float, IntArray] | None

    def __init__(
        self,
        frequencies: npt.ArrayLike,
        amplitudes: npt.ArrayLike = 1.0,
        *,
        complex: bool = False,
        initial_phases: npt.ArrayLike | None = None,
    ) -> None:
        single = is_single(frequencies)
        frequencies = _vector(
            "frequencies", frequencies, "every tone needs a finite frequency in Hz", one_tone=True, unit="Hz"
        )
        if not complex:
            _require(frequencies > 0, "frequencies", frequencies, "a real tone needs a frequency above 0 Hz")
        if not single:
            grid = common_fundamental(frequencies)
        else:
            frequencies, grid = meant_by_single(frequencies)
            if is_rounding(grid):
                note(
                    "frequencies are float32, whose rounding of 1e-7 leaves no useful common period; give them as "
                    "float64, or round them to a raster, such as np.round(frequencies / raster) * raster"
                )
        self._fill(frequencies, grid, amplitudes, complex, initial_phases)

    def _fill(
        self,
        frequencies: FloatArray,
        grid: tuple[float, IntArray] | None,
        amplitudes: npt.ArrayLike,
        complex: bool,
        initial_phases: npt.ArrayLike | None,
    ) -> None:
        require_flag("complex", complex)
        n = frequencies.size
        amplitudes = _vector("amplitudes", amplitudes, "every tone needs a finite amplitude", n, one_for_all=True)
        _require(
            amplitudes > 0,
            "amplitudes",
            amplitudes,
            "an amplitude must be above 0; for a negative sign add π to the phase",
        )
        _require_sum(amplitudes)
        if initial_phases is not None:
            need = "every phase must be finite, in radians"
            initial_phases = _vector("initial_phases", initial_phases, need, n, unit="rad")
        if grid is not None:
            grid = (float(grid[0]), np.array(grid[1]))
            grid[1].flags.writeable = False
        values = {
            "frequencies": frequencies,
            "amplitudes": amplitudes,
            "complex": bool(complex),
            "initial_phases": initial_phases,
            "_grid": grid,
        }
        for name, value in values.items():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            object.__setattr__(self, name, value)

    # ------------------------------------------------------------------ other ways to make one

    @classmethod
    def harmonics(
        cls,
        numbers: Iterable[int],
        fundamental: float = 1.0,
        amplitudes: npt.ArrayLike = 1.0,
        complex: bool = False,
        *,
        initial_phases: npt.ArrayLike | None = None,
    ) -> Multisine:
        """Tones at integer multiples of a fundamental.

        Args:
            numbers: ``n`` harmonic numbers; real tones need numbers from 1 up.
            fundamental: Frequency of harmonic 1 [Hz].
            amplitudes: ``(n,)`` linear amplitudes, or one number for all.
            complex: Complex baseband; harmonic 0 and negative ones are then allowed.
            initial_phases: ``(n,)`` phases [rad] that the tones came with, if any.

        Raises:
            ValueError: As for the class; also for harmonic numbers that are not integers.

        Example:
            >>> Multisine.harmonics([2, 4, 6], fundamental=5.0).fundamental
            10.0
        """
        need = "a list of harmonic numbers, such as range(1, 32)"
        raw = _vector("numbers", items("numbers", numbers, need), "every harmonic number must be a finite integer")
        _require(raw == np.rint(raw), "numbers", raw, "a harmonic number must be an integer")
        _require(np.abs(raw) <= 2**53, "numbers", raw, "a harmonic number must be at most 2^53 to be exact")
        if not complex:
            _require(raw >= 1, "numbers", raw, "a real tone needs a harmonic number of 1 or more")
        fundamental = _require_fundamental(fundamental, float(np.max(np.abs(raw))))
        harmonic_numbers = raw.astype(np.int64)
        divisor = int(np.gcd.reduce(harmonic_numbers)) or 1
        if np.max(np.abs(harmonic_numbers)) // divisor > MAX_HARMONIC and not is_narrow(harmonic_numbers):
            raise ValueError(
                f"numbers reach {int(np.max(np.abs(harmonic_numbers)))}, more than {MAX_HARMONIC} times their largest "
                "common divisor; use a coarser raster"
            )
        self = cls.__new__(cls)
        self._fill(
            harmonic_numbers * np.float64(fundamental),
            (fundamental * divisor, harmonic_numbers // divisor),
            amplitudes,
            complex,
            initial_phases,
        )
        return self

    @classmethod
    def from_csv(cls, path: str | PathLike[str], *, complex: bool = False) -> Multisine:
        """Tones from a CSV file: ``frequency_hz,amplitude,phase_rad``, or other units (see ``crestfall.files``)."""
        from crestfall.files.tones_csv import read_tones

        return read_tones(path, complex=complex)

    @classmethod
    def from_table(cls, table: Any, *, complex: bool = False) -> Multisine:
        """Tones from a table in memory, its columns named with their units as in files: ``freq_MHz``, ``level_dBV``.

        Args:
            table: A pandas or polars DataFrame, an xarray Dataset, a mapping of columns, or a structured NumPy array.
            complex: Complex baseband instead of a real signal.

        Raises:
            TypeError: It has no named columns.
            ValueError: A heading is unknown, or a value is not a number or out of range; the message names the row.

        Example:
            >>> Multisine.from_table({"freq_MHz": [100, 101], "amplitude_dB": [0, -6]})
            Multisine(n=2, 100000000 … 101000000 Hz, fundamental 1000000 Hz, real)
        """
        from crestfall.files.tone_frames import multisine_of_table

        return multisine_of_table(table, complex=complex)

    @classmethod
    def from_waveform(
        cls,
        samples: npt.ArrayLike | str | PathLike[str],
        sample_rate: float | None = None,
        *,
        drop_below_db: float = -60.0,
    ) -> Multisine:
        """Tones found in a waveform: their magnitudes, and their phases as ``initial_phases``.

        Args:
            samples: ``(N,)`` real or complex samples of whole periods, best of exactly one, or the path of a file of
                samples: sound, text, arrays, recordings (see ``crestfall.files.waveforms.read``).
            sample_rate: Samples per second [Hz]; most files bring their own.
            drop_below_db: Tones weaker than this, relative to the strongest [dB], are dropped.

        Raises:
            ValueError: No samples, samples that are not finite, no tone above the level, or no sample rate.

        Example:
            >>> t = np.arange(64) / 64
            >>> x = np.cos(2 * np.pi * 3 * t) + 0.5 * np.sin(2 * np.pi * 5 * t)
            >>> ms = Multisine.from_waveform(x, sample_rate=64)
            >>> ms.frequencies.tolist(), ms.amplitudes.round(12).tolist()
            ([3.0, 5.0], [1.0, 0.5])
        """
        from crestfall.signal.spectrum import tones_of_period

        if isinstance(samples, str | PathLike):
            from crestfall.files.tones import tones_of_file

            return tones_of_file(samples, drop_below_db=drop_below_db, sample_rate=sample_rate)
        if sample_rate is None:
            raise ValueError("sample_rate is missing; give the samples per second in Hz")
        need = "a finite number of samples per second above 0"
        rate = finite_number("sample_rate", sample_rate, need, above_zero=True, unit="Hz")
        level = finite_number("drop_below_db", drop_below_db, "a level of at most 0 dB, such as -60", unit="dB")
        return tones_of_period(samples, rate, level)

    # ------------------------------------------------------------------ what follows from the tones

    @property
    def n(self) -> int:
        """Number of tones."""
        return self.frequencies.size

    @property
    def has_period(self) -> bool:
        """Whether the frequencies have a usable common period."""
        return self._grid is not None

    @property
    def fundamental(self) -> float:
        """The largest frequency [Hz] of which all the others are integer multiples.

        Raises:
            ValueError: There is none.
        """
        return self._require_grid()[0]

    @property
    def harmonic_numbers(self) -> IntArray:
        """``(n,)`` frequencies in units of the fundamental.

        Raises:
            ValueError: There is no fundamental.
        """
        return self._require_grid()[1]

    @property
    def period(self) -> float:
        """One period of the signal [s].

        Raises:
            ValueError: There is none.
        """
        return 1.0 / self.fundamental

    def _require_grid(self) -> tuple[float, IntArray]:
        if self._grid is None:
            raise ValueError(
                f"frequencies have no usable common period: their largest common divisor is below 1/{MAX_HARMONIC} of "
                f"{readable(np.max(np.abs(self.frequencies)), 'Hz')}; round them to a common raster first, such as "
                "np.round(frequencies / raster) * raster, or say how long they are played: over=Window(0.0, duration)"
            )
        return self._grid

    @property
    def amplitude_scale(self) -> float:
        """Power of two next above the largest amplitude: dividing by it is exact and keeps squares within range."""
        # The largest power of two that a float holds is 2^1023.
        return float(np.ldexp(1.0, min(int(np.frexp(np.max(self.amplitudes))[1]), 1023)))

    @property
    def nominal_rms(self) -> float:
        """RMS over a long time, with every tone counted by itself: that of the signal where no frequency repeats."""
        scale = self.amplitude_scale
        return scale * sqrt(float(np.sum((self.amplitudes / scale) ** 2 * self.power_factors)))

    @property
    def power_factors(self) -> FloatArray:
        """``(n,)`` mean square of each tone over its squared amplitude: 1 complex, 1/2 real, 1 for a real constant."""
        return np.where(self.frequencies == 0.0, 1.0, 1.0 if self.complex else 0.5)

    @property
    def has_constant(self) -> bool:
        """Whether real tones have a constant among them, at 0 Hz with phase 0 or π (see ``FixedWaveform``)."""
        return not self.complex and bool(np.any(self.frequencies == 0.0))

    @property
    def has_repeated_frequencies(self) -> bool:
        """Whether two tones share one frequency, so that the RMS depends on the phases."""
        values = self.frequencies if self._grid is None else self._grid[1]
        if np.all(np.diff(values) > 0):  # in order, as most are: no need to sort them
            return False
        return np.unique(values).size < self.n

    @property
    def is_narrow_band(self) -> bool:
        """Whether these are real tones so high above their band that they are computed through their envelope.

        The peak of the envelope is then at most 0.008 % higher, and the band decides how much there is to compute.
        """
        if self._grid is None or self.complex:
            return False
        places = np.abs(self._grid[1])  # those of a real part may be below 0
        lowest, highest, band = int(np.min(places)), int(np.max(places)), int(np.ptp(self._grid[1]))
        return self.is_above_samples or (highest > _LOW_CARRIER and lowest >= _NARROW * band)

    @property
    def is_above_samples(self) -> bool:
        """Whether the carrier is so high that samples of a whole period are out of reach."""
        return self._grid is not None and not self.complex and int(np.max(np.abs(self._grid[1]))) > MAX_HARMONIC

    @property
    def has_one_frequency(self) -> bool:
        """Whether all tones share one frequency: the sum is a single phasor and the optimum is known in closed form."""
        values = self.frequencies if self._grid is None else self._grid[1]
        return bool(np.all(values == values[0]))

    def coefficients(self, phases: npt.ArrayLike, scale: float = 1.0) -> npt.NDArray[np.complex128]:
        """``c_k = a_k exp(i θ_k) / scale`` for phases [rad] of shape ``(n,)`` or ``(batch, n)``."""
        return self.amplitudes / scale * np.exp(1j * np.asarray(phases, dtype=np.float64))

    def require_phases(self, phases: npt.ArrayLike) -> FloatArray:
        """The phases as a float array ``(n,)``, or a ``ValueError`` that says what is wrong with them."""
        return _vector("phases", phases, "every phase must be finite, in radians", self.n, unit="rad")

    def snap(self, sample_rate: float, n_samples: int) -> Snapped:
        """The tones on the raster of an instrument's memory, and the errors (see ``crestfall.problem.raster.snap``)."""
        from crestfall.problem.raster import snap

        return snap(
            self.frequencies,
            sample_rate,
            n_samples,
            self.amplitudes,
            complex=self.complex,
            initial_phases=self.initial_phases,
        )

    def with_amplitudes(self, amplitudes: npt.ArrayLike) -> Multisine:
        """The same tones with other amplitudes ``(n,)``."""
        return rebuild(self.frequencies, self._grid, amplitudes, self.complex, self.initial_phases)

    def with_initial_phases(self, phases: npt.ArrayLike | None) -> Multisine:
        """The same tones, coming with other phases ``(n,)`` [rad], or with none."""
        return rebuild(self.frequencies, self._grid, self.amplitudes, self.complex, phases)

    def as_complex(self) -> Multisine:
        """The same tones as complex baseband: for real tones the analytic signal, whose magnitude is the envelope."""
        return rebuild(self.frequencies, self._grid, self.amplitudes, True, self.initial_phases)

    def real_part(self) -> Multisine:
        """What computes the real part of complex tones: real tones of the same frequencies, whatever their sign.

        Problems have real tones above 0 Hz only.
        """
        return rebuild(self.frequencies, self._grid, self.amplitudes, False, self.initial_phases)

    def mirrored(self) -> Multisine:
        """The same tones at the negatives of their frequencies."""
        grid = None if self._grid is None else (self._grid[0], -self._grid[1])
        return rebuild(-self.frequencies, grid, self.amplitudes, self.complex, self.initial_phases)

    def pick(self, tones: npt.ArrayLike) -> Multisine:
        """Some of the tones, by their indices; their period may be shorter.

        Example:
            >>> Multisine.harmonics([1, 2, 4]).pick([1, 2]).fundamental
            2.0
        """
        which = np.asarray(tones, dtype=np.int64)
        grid = None
        if self._grid is not None:
            numbers = self._grid[1][which]
            divisor = int(np.gcd.reduce(numbers)) or 1
            grid = (self._grid[0] * divisor, numbers // divisor)
        initial = None if self.initial_phases is None else self.initial_phases[which]
        return rebuild(self.frequencies[which], grid, self.amplitudes[which], self.complex, initial)

    def on_period_of(self, other: Multisine) -> Multisine:
        """The same tones, counted in harmonics of another, longer period."""
        numbers = np.rint(self.frequencies / other.fundamental).astype(np.int64)
        grid = (other.fundamental, numbers)
        return rebuild(self.frequencies, grid, self.amplitudes, self.complex, self.initial_phases)

    # ------------------------------------------------------------------ value semantics

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a Multisine is immutable; make a new one instead of setting {name}")

    def __reduce__(self) -> tuple[Any, ...]:
        return rebuild, tuple(getattr(self, name) for name in _FIELDS)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Multisine):
            return NotImplemented
        fundamental, others = (None if ms._grid is None else ms._grid[0] for ms in (self, other))
        names = ("frequencies", "amplitudes", "complex", "initial_phases")
        return fundamental == others and all(np.array_equal(getattr(self, key), getattr(other, key)) for key in names)

    def __hash__(self) -> int:
        return hash((self.frequencies.tobytes(), self.amplitudes.tobytes(), self.complex))

    def __repr__(self) -> str:
        low, high = float(np.min(self.frequencies)), float(np.max(self.frequencies))
        kind = "complex" if self.complex else "real"
        grid = "no common period" if self._grid is None else f"fundamental {self._grid[0]:.9g} Hz"
        return f"Multisine(n={self.n}, {low:.9g} … {high:.9g} Hz, {grid}, {kind})"


_FIELDS = ("frequencies", "_grid", "amplitudes", "complex", "initial_phases")


def rebuild(*values: Any) -> Multisine:
    """A multisine of frequencies, fundamental and harmonic numbers (or ``None``), amplitudes, kind, initial phases.

    The fundamental is not searched again: pickling, and files that store it.
    """
    self = Multisine.__new__(Multisine)
    self._fill(*values)
    return self


def _vector(
    name: str,
    values: npt.ArrayLike,
    need: str,
    n: int | None = None,
    *,
    one_for_all: bool = False,
    one_tone: bool = False,
    unit: str | None = None,
) -> FloatArray:
    """``values`` as a new finite float vector of length ``n``, or a one-line error."""
    array = real_numbers(name, values, need, unit=unit)
    if one_for_all and n is not None and array.ndim == 0:
        array = np.full(n, array)
    if one_tone and array.ndim == 0:
        array = array[None]
    if array.ndim != 1:
        raise ValueError(f"{name} have shape {array.shape}; give a one-dimensional sequence, one value for each tone")
    if array.size == 0:
        raise ValueError(f"{name} are empty; give at least one tone")
    if n is not None and array.size != n:
        raise ValueError(f"{name} have length {array.size}, but there are {n} tones; give one value for each tone")
    _require(np.isfinite(array), name, array, need)
    return array


def _require(condition: npt.NDArray[np.bool_], name: str, array: FloatArray, need: str) -> None:
    if not np.all(condition):
        k = int(np.argmin(condition))
        raise ValueError(f"{name}[{k}] is {array[k]:.17g}; {need}")


def _require_sum(amplitudes: FloatArray) -> None:
    """Raise if the amplitudes add up to more than a float holds: all in phase, that is the peak."""
    with np.errstate(over="ignore"):
        total = float(np.sum(amplitudes))
    if not np.isfinite(total):
        raise ValueError(
            f"amplitudes reach {float(np.max(amplitudes)):.9g} and add up to more than a floating-point number holds; "
            "give them in a larger unit"
        )


def _require_fundamental(fundamental: float | str, highest_number: float) -> float:
    need = "a finite frequency above 0 Hz"
    value = finite_number("fundamental", fundamental, need, above_zero=True, unit="Hz")
    if value < LEAST_FUNDAMENTAL:
        raise ValueError(f"fundamental is {value} Hz, whose period is not a finite number; count time in a larger unit")
    if not np.isfinite(value * highest_number):
        raise ValueError(
            f"fundamental is {readable(value, 'Hz')}, and harmonic {highest_number:.9g} of it is not a finite number"
        )
    return value
