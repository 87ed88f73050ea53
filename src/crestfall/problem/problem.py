"""The problem: what is asked, in one immutable object, validated once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import sqrt
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from crestfall.problem import compatibility as pairs
from crestfall.problem.amplitudes import AmplitudeFreedom, ExtraTones, tolerance_of, with_freedom
from crestfall.problem.arguments import items, require_flag, shown, unit_text
from crestfall.problem.arrays import ComparedByValue, ComplexArray, FloatArray, IntArray
from crestfall.problem.channels import Channels, Interleaved, Orthogonal, joined_tones
from crestfall.problem.constraints import Alphabet, ConjugateSymmetric, Constraint, Delays, PhaseMap
from crestfall.problem.constraints.delays import require_steps
from crestfall.problem.fixed_waveform import FixedWaveform
from crestfall.problem.movable_lines import LineRanges, MovableLines
from crestfall.problem.multisine import Multisine
from crestfall.problem.outputs import InputSignal, Output, unit_of_output
from crestfall.problem.times import Period, Samples, Times, Window
from crestfall.problem.tones_argument import require_tones

_DENSE, _ONE_SIDED = 1024.0, 4.0
"""Samples per oscillation of the fastest tone that leave 5e-6 between them, and how many times more for one side."""

Measure = Literal["peak", "range", "one-sided", "envelope", "components"]
MEASURES: tuple[str, ...] = get_args(Measure)


class OutputSignal(NamedTuple):
    """One signal that must stay small.

    Attributes:
        tones: Its tones, with the amplitudes that the response gives them; those that it lets through.
        which: Indices of these tones among those of the drive.
        angles: ``(n,)`` angles [rad] that the response adds to the drive's phases.
        limit: What its measure is divided by.
        name: What it is called.
    """

    tones: Multisine
    which: npt.NDArray[np.int64]
    angles: FloatArray
    limit: float
    name: str

    def phases(self, phases: FloatArray) -> FloatArray:
        """Its phases [rad], from those of the drive."""
        return np.asarray(phases[self.which] + self.angles)


@dataclass(frozen=True, eq=False)
class Problem(ComparedByValue):
    """What must be small, over which times, and what may be chosen to make it so.

    Attributes:
        multisine: The tones.
        over: The times that count: ``Period()`` (continuous time, the true peak), ``Samples(n)`` or
            ``Samples(rate=…)``, or ``Window(start, duration)``, for which the tones need no common period.
        outputs: Signals that must be small, one or a list: linear responses to the drive, each with its limit. The
            largest measure of any of them, relative to its limit, is minimised; the drive itself counts only if it is
            one of them (``Output()``). If there are none, the drive is minimised, relative to its RMS.
        measure: ``"peak"`` is ``max |y|``, ``"range"`` half of ``max y − min y``, ``"one-sided"`` ``max y``,
            ``"envelope"`` the peak of the complex envelope ``|Σ a e^{i(2π f t + θ)}|`` of real tones, and
            ``"components"`` the larger peak of the two parts ``I + iQ`` of complex tones, ``max(|I|, |Q|)``.
        phases: Which phases are allowed, one or a list: ``Hold``, ``Link``, ``ConjugateSymmetric``, ``Delays``,
            ``Alphabet``, or objects of your own with ``relations``.
        tolerance_db: How far each amplitude may move in either direction [dB]: ``(n,)``, or one number for all. The
            measure is taken relative to the RMS of the wanted tones, so that a lower level does not pass for a lower
            peak.
        extra: Tones that may be added to lower the peak (snow, tone reservation).
        channels: Several inputs at once: ``Orthogonal`` or ``Interleaved``; ``None`` for one drive.
        start_at_zero: Shift the answer in time so that the period begins and ends at an upward zero crossing; its peak
            does not change.
        lines: Lines that may move within a tolerance; ``None`` for tones that stay where they are. The problem of a
            design has its tones at the lines that were chosen.
        fixed: A waveform that is added to the tones and counts, but is not chosen: samples, tones, a constant.
        unit: Unit of the amplitudes, such as ``"V"``, for labels and files. No number depends on it, and problems
            that differ only in it are equal. Outputs get their unit from it where that follows from their response.

    Raises:
        ValueError: A field does not fit the tones, or two fields exclude each other (``IncompatibleError``).

    Example:
        >>> problem = Problem(Multisine.harmonics(range(1, 8)), measure="range", over=Samples(64))
        >>> problem.figure, problem.tones.n
        ('relative peak factor of the samples', 7)
    """

    multisine: Multisine
    over: Times = field(default_factory=Period)
    outputs: Sequence[Output] = ()
    measure: Measure = "peak"
    phases: Sequence[Constraint] = ()
    tolerance_db: npt.ArrayLike | None = None
    extra: ExtraTones | None = None
    channels: Channels | None = None
    start_at_zero: bool = False
    lines: MovableLines | None = None
    fixed: FixedWaveform | None = None
    unit: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for name, of, is_one in (
            ("outputs", "outputs, such as [Output(limit=10.0)]", _is_output),
            ("phases", "constraints, such as [Hold({0: 0.0})]", _is_constraint),
        ):
            object.__setattr__(self, name, items(name, getattr(self, name), f"a list of {of}", is_one=is_one))
        _require_types(self)
        object.__setattr__(self, "unit", unit_text("unit", self.unit))
        tones, freedom = with_freedom(self.multisine, self.tolerance_db, self.extra)
        if self.fixed is not None:
            if freedom is not None:  # before a response is evaluated at the fixed tones
                pairs.require_compatible([pairs.FIXED, pairs.FREE_AMPLITUDES], _WORDS)
            tones = self.fixed.joined_to(tones)
        tolerance = None if self.tolerance_db is None else tolerance_of(self.tolerance_db)
        named = (replace(output, unit=unit_of_output(output, self.unit)) for output in self.outputs)
        resolved = tuple(output.resolved(tones) for output in named)
        for name, value in (
            ("tolerance_db", tolerance),
            ("outputs", resolved),
            ("_tones", tones),
            ("_freedom", freedom),
        ):
            object.__setattr__(self, name, value)
        super().__post_init__()
        pairs.require_compatible(self.abilities, _WORDS | self.words_of_samples)
        if self.lines is not None:
            object.__setattr__(self, "lines", self.lines.resolved(self.multisine))
        self._require_fit()

    def _require_fit(self) -> None:
        tones = self.tones
        if isinstance(self.over, Window):
            self.over.require_fit(tones)
            if self.is_about_components:
                self.over.require_fit(self.computed_tones)
        else:
            _ = tones.fundamental
        if isinstance(self.over, Samples):
            self.over.count(tones)
        if self.freedom is not None:
            self.freedom.require_fit(tones)
        if self.channels is not None:
            self.channels.require_fit(self.multisine)
        if self.lines is not None:
            _ = self.line_ranges
        if self.outputs:
            self.signals()  # raises where a response takes an amplitude out of range
        names = [(output.name, output.channel) for output in self.outputs]
        for name, channel in names:
            if names.count((name, channel)) > 1:
                raise ValueError(f"outputs: two are called {name!r}; give each a name of its own")
            if channel is not None and (self.channels is None or channel not in self.channels.names):
                known = (
                    "there is one drive" if self.channels is None else f"inputs are {', '.join(self.channels.names)}"
                )
                raise ValueError(f"output {name!r}: channel is {channel!r}, but {known}")
        if self.constraints:
            _ = self.phase_map  # contradictions
        if self.delay_steps is not None:
            require_steps(self.delay_steps, self.samples, self.phase_map, tones)
        if self.alphabet is not None:
            Alphabet(self.alphabet).require_fit(self.phase_map)

    # ------------------------------------------------------------------ several inputs in one line

    @classmethod
    def orthogonal(cls, inputs: Sequence[Multisine], **options: object) -> Problem:
        """Inputs with the same frequencies, separated by as many experiments as there are inputs, from a multisine for
        each.

        Args:
            inputs: Tones of each input: the same frequencies, any amplitudes.
            options: Fields of ``Problem`` and of ``Orthogonal`` (``names``, ``limits``, ``matrix``; ``sharing`` for its
                ``phases``).

        Example:
            >>> both = [Multisine([1.0, 2.0]), Multisine([1.0, 2.0], [1.0, 0.5])]
            >>> Problem.orthogonal(both, names=["force", "torque"], limits=[10.0, 2.0]).channels.names
            ('force', 'torque')
        """
        inputs = _each_tones(inputs)
        first = inputs[0]
        for i, ms in enumerate(inputs):
            if ms.complex != first.complex or not np.array_equal(ms.frequencies, first.frequencies):
                raise ValueError(
                    f"inputs[{i}] has other frequencies than inputs[0]; orthogonal inputs have the same ones "
                    "(amplitudes may differ); for frequencies of their own use Problem.interleaved"
                )
        values: dict[str, object] = {key: options.pop(key) for key in ("names", "limits", "matrix") if key in options}
        values["phases"] = options.pop("sharing", "common")
        if any(not np.array_equal(ms.amplitudes, first.amplitudes) for ms in inputs):
            values["amplitudes"] = [ms.amplitudes for ms in inputs]
        if values["phases"] == "own" and all(ms.initial_phases is not None for ms in inputs):
            values["initial_phases"] = [ms.initial_phases for ms in inputs]
        return cls(first, channels=Orthogonal(len(inputs), **values), **options)  # type: ignore[arg-type]

    @classmethod
    def interleaved(cls, inputs: Sequence[Multisine], **options: object) -> Problem:
        """Inputs with frequencies of their own, in one experiment, from a multisine for each.

        Args:
            inputs: Tones of each input, no frequency in two of them, all with one common period.
            options: Fields of ``Problem`` and of ``Interleaved`` (``names``, ``limits``).

        Example:
            >>> Problem.interleaved([Multisine([1.0, 3.0]), Multisine([2.0, 4.0])], names=["x", "y"]).multisine.n
            4
        """
        inputs = _each_tones(inputs)
        if any(ms.complex != inputs[0].complex for ms in inputs):
            raise ValueError("inputs: some are real and some complex; give all of one kind")
        ms, groups = joined_tones(inputs)
        values = {key: options.pop(key) for key in ("names", "limits") if key in options}
        return cls(ms, channels=Interleaved(groups, **values), **options)  # type: ignore[arg-type]

    # ------------------------------------------------------------------ what follows from the fields

    @property
    def tones(self) -> Multisine:
        """All tones: those asked for, then extra ones with half of their largest amplitudes, or the fixed ones."""
        tones: Multisine = self._tones  # type: ignore[attr-defined]
        return tones

    @property
    def own_tones(self) -> Multisine:
        """The tones whose phases are chosen, extra ones included: all but those of the fixed waveform."""
        return self.tones if self.fixed is None else self.multisine

    @property
    def freedom(self) -> AmplitudeFreedom | None:
        """Ranges of the amplitudes of all tones; ``None`` where none may move."""
        freedom: AmplitudeFreedom | None = self._freedom  # type: ignore[attr-defined]
        return freedom

    @property
    def alphabet(self) -> int | None:
        """Number of equally spaced phases that are allowed; ``None`` for all."""
        return next((one.levels for one in self.phases if isinstance(one, Alphabet)), None)

    @property
    def delay_steps(self) -> int | None:
        """Steps of a period in which delays are counted; ``None`` for delays of any time, and without delays."""
        return next((one.steps for one in self.phases if isinstance(one, Delays) and one.steps is not None), None)

    @property
    def words_of_samples(self) -> dict[str, str]:
        """What the samples that count are called in messages: those of shapes were not asked for as samples."""
        return {} if self.delay_steps is None else {pairs.SAMPLES: "shapes, or waveforms that are delayed in steps"}

    @property
    def held_samples(self) -> int | None:
        """Samples of a period that the signal keeps until the next one, where shapes are delayed in steps."""
        return None if self.delay_steps is None else self.samples

    @cached_property
    def delay_origin(self) -> FloatArray:
        """``(n,)`` phases [rad] of all tones before any delay: those that ``Delays`` names, else the initial ones."""
        movable = self.multisine
        given = movable.initial_phases
        for one in self.phases:
            if isinstance(one, Delays):
                given = one.origin(movable)
        origin = np.zeros(self.tones.n)
        origin[: movable.n] = 0.0 if given is None else given
        return origin

    @cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """What the phases must obey besides an alphabet."""
        return tuple(one for one in self.phases if not isinstance(one, Alphabet))

    @cached_property
    def phase_map(self) -> PhaseMap:
        """Free variables to the phases that the constraints leave."""
        movable = self.tones if self.fixed is None else self.multisine
        relations = [relation for one in self.constraints for relation in one.relations(movable)]
        if self.fixed is not None:
            relations += self.fixed.relations(movable.n)
        return PhaseMap.of(self.tones.n, relations)

    @cached_property
    def line_ranges(self) -> LineRanges | None:
        """Where the tones are and may be; ``None`` where their lines stay."""
        extra = () if self.extra is None else self.extra.frequencies
        if self.lines is None:
            return None
        if self.fixed is not None:
            self.lines.require_on_raster(self.fixed, self.multisine)
        return self.lines.ranges(self.multisine, extra)

    @cached_property
    def samples(self) -> int | None:
        """Equally spaced samples of one period that count; ``None`` for continuous time."""
        return self.over.count(self.tones) if isinstance(self.over, Samples) else None

    @cached_property
    def has_dense_samples(self) -> bool:
        r"""Whether the samples that count are so dense that nothing happens between them.

        With ``N`` samples of a period in which the fastest tone has ``K`` oscillations the true peak is at most
        :math:`1/\cos(πK/N)` times theirs (Ehlich & Zeller 1964), from 1024 an oscillation on 5e-6 more; that of one
        side by as much of both, so that it needs more of them.
        """
        least = _DENSE * (_ONE_SIDED if self.measure == "one-sided" else 1.0)
        count = None if self.held_samples is not None else self.samples  # held ones have nothing between them
        return count is not None and count >= least * float(np.max(np.abs(self.tones.harmonic_numbers)))

    @property
    def window(self) -> Window | None:
        """The window that counts; ``None`` for a period."""
        return self.over if isinstance(self.over, Window) else None

    @property
    def is_over_period(self) -> bool:
        """Whether continuous time over a whole period counts."""
        return isinstance(self.over, Period)

    def measured_tones(self, tones: Multisine) -> Multisine:
        """Tones as they are measured: complex for the envelope of real ones, whose magnitude it is."""
        return tones.as_complex() if self.measure == "envelope" else tones

    @property
    def is_about_components(self) -> bool:
        """Whether the two parts ``I`` and ``Q`` of complex samples count, each by itself."""
        return self.measure == "components"

    @property
    def is_through_envelope(self) -> bool:
        """Whether a narrow band far from zero is lowered through its envelope, which decides all but a small part.

        A real signal passes through crests of its carrier near each top of the envelope, and so do ``I`` and ``Q``.
        """
        if self.measure not in ("peak", "components") or not self.is_over_period:
            return False
        return (self.tones.real_part() if self.is_about_components else self.tones).is_narrow_band

    @property
    def is_about_magnitudes(self) -> bool:
        """Whether the magnitudes of complex samples are what is lowered."""
        if self.is_through_envelope:
            return True
        return self.measured_tones(self.tones).complex and not self.is_about_components

    @property
    def splits_components(self) -> bool:
        """Whether ``I`` and ``Q`` are computed apart."""
        return self.is_about_components and not self.is_through_envelope

    @property
    def computed_tones(self) -> Multisine:
        """The tones as samples are made of them: complex where magnitudes count, else those of a real signal.

        ``I`` is the real part of the tones and ``Q`` that of ``−i`` times them, a response as any other: see ``rows``.
        """
        if self.is_about_magnitudes:
            return self.tones.as_complex()
        return self.tones.real_part() if self.splits_components else self.tones

    @property
    def is_about_drive(self) -> bool:
        """Whether what is to be small is the true peak of one drive, its amplitudes as they are."""
        true_peak = self.is_over_period and self.measure == "peak"
        return true_peak and not self.outputs and self.freedom is None and self.channels is None

    @property
    def has_own_phases(self) -> bool:
        """Whether each of several inputs has a set of phases of its own for the same tones: ``(inputs, n)`` in all."""
        return isinstance(self.channels, Orthogonal) and self.channels.phases == "own"

    @property
    def is_only_true_peak(self) -> bool:
        """Whether the true peak of one drive over free phases is asked for, and no more: what the atlas is about."""
        return self.is_about_drive and not self.phases and self.fixed is None

    @property
    def abilities(self) -> set[str]:
        """What is asked for, in the words of the table of exclusions."""
        ms, kinds = self.tones, self.phases
        found = {
            pairs.WINDOW: isinstance(self.over, Window),
            pairs.SAMPLES: isinstance(self.over, Samples),
            pairs.OUTPUTS: any(not isinstance(output, InputSignal) for output in self.outputs),
            pairs.RANGE: self.measure in ("range", "one-sided"),
            pairs.COMPONENTS: self.is_about_components,
            pairs.COMPLEX: ms.complex,
            pairs.REAL: not ms.complex,
            pairs.NARROW_BAND: ms.is_above_samples,
            pairs.REPEATED: ms.has_repeated_frequencies,
            pairs.FREE_AMPLITUDES: self.freedom is not None,
            pairs.CONSTRAINTS: bool(self.constraints),
            pairs.SHAPES: any(isinstance(one, ConjugateSymmetric | Delays) for one in kinds),
            pairs.DELAYS: any(isinstance(one, Delays) for one in kinds),
            pairs.ALPHABET: self.alphabet is not None,
            pairs.CHANNELS: self.channels is not None,
            pairs.ORTHOGONAL: isinstance(self.channels, Orthogonal),
            pairs.OWN_PHASES: self.has_own_phases,
            pairs.START_AT_ZERO: self.start_at_zero,
            pairs.LINES: self.lines is not None,
            pairs.FIXED: self.fixed is not None,
            pairs.STEPS: self.delay_steps is not None,
            pairs.ENVELOPE: self.measure == "envelope",
            pairs.OTHER_GOAL: self.lines is not None or not self.is_only_true_peak,
        }
        return {name for name, asked in found.items() if asked}

    # ------------------------------------------------------------------ signals and figures

    def signals(self, tones: Multisine | None = None) -> list[OutputSignal]:
        """The signals that count, for one drive.

        Args:
            tones: The tones, where their amplitudes have been chosen.
        """
        ms = self.measured_tones(self.tones if tones is None else tones)
        if not self.outputs:
            return [OutputSignal(ms, np.arange(ms.n), np.zeros(ms.n), 1.0, "drive")]
        found = []
        for output in self.outputs:
            response = np.asarray(output.response, dtype=np.complex128)
            which = np.flatnonzero(response)
            reached = ms if which.size == ms.n else ms.pick(which)
            with np.errstate(over="ignore", under="ignore"):  # with_amplitudes names what is out of range
                reached = reached.with_amplitudes(reached.amplitudes * np.abs(response[which]))
            found.append(OutputSignal(reached, which, np.angle(response[which]), output.limit, output.name))
        return found

    @cached_property
    def responses(self) -> ComplexArray | None:
        """``(outputs, n)`` responses over limits, or ``None`` for the drive alone."""
        if not self.outputs:
            return None
        return np.stack([np.asarray(output.response) / output.limit for output in self.outputs])

    @cached_property
    def rows(self) -> ComplexArray | None:
        """``(rows, n)`` responses over limits of all that is computed side by side; ``None`` for the drive alone.

        One row for each signal; ``I`` and ``Q`` of a signal are two, one after the other.
        """
        if not self.splits_components:
            return self.responses
        each = np.ones((1, self.tones.n)) if self.responses is None else self.responses
        return np.stack([each, -1j * each], axis=1).reshape(-1, self.tones.n)

    def signal_of_rows(self, rows: IntArray) -> IntArray:
        """Numbers of the signals that some of the ``rows`` belong to."""
        return rows // 2 if self.splits_components else rows

    @property
    def figure(self) -> str:
        """Name of the figure of merit: what is minimised, as a number without unit (see ``figure_of``).

        For shapes that are delayed in steps it is the measure itself, in the unit of the amplitudes.
        """
        if self.outputs or (self.channels is not None and self.channels.limits is not None):
            return "largest share of a limit"
        if self.held_samples is not None:
            return _HEIGHTS[self.measure]
        name = {
            "peak": "crest factor",
            "range": "relative peak factor",
            "one-sided": "maximum over RMS",
            "envelope": "envelope's peak over RMS",
            "components": "peak of I and Q over RMS",
        }[self.measure]
        if self.channels is not None:
            name = f"worst {name}"
        tones = ""
        if self.freedom is not None:
            tones = " of the wanted tones"
        elif self.tones.has_repeated_frequencies:
            tones = " of uncorrelated tones"
        if self.window is not None:  # that over the RMS within the window is another one
            return f"{name} in the window, RMS{tones} over a long time"
        name += "" if self.is_over_period else " of the samples"
        return f"{name}, RMS{tones}" if tones else name

    def figure_of(self, value: float) -> float:
        """The figure of merit of a value: relative to limits as it is; a range in units of that of a sine.

        Values are measures relative to limits, without limits to ``unit_of_figure``.
        """
        of_sine = self.measure == "range" and not self.outputs and self.held_samples is None
        return value / sqrt(2.0) if of_sine else value

    def value_of(self, figure: float) -> float:
        """The value of a figure of merit."""
        return figure / self.figure_of(1.0)

    def loudness(self, tones: Multisine) -> float:
        """RMS of the wanted tones relative to what was asked for: 1 where no amplitude is free."""
        return 1.0 if self.freedom is None else self.nominal_rms(tones) / self.nominal_rms()

    def unit_of_figure(self, tones: Multisine) -> float:
        """What a measure without limits is relative to, in the unit of the amplitudes: the RMS of the wanted tones.

        The RMS of shapes changes with their delays, and theirs taken apart is that of nothing: what is minimised is the
        measure itself, in its own unit.

        Args:
            tones: The tones of the signal, as they are measured.
        """
        return 1.0 if self.held_samples is not None else self.nominal_rms(tones)

    def nominal_rms(self, tones: Multisine | None = None) -> float:
        """RMS of the wanted tones over a long time.

        Tones with the same frequency count separately: their sum depends on the phases, and a louder signal is not a
        flatter one.
        """
        ms = self.tones if tones is None else tones
        return (ms if self.freedom is None else ms.pick(np.flatnonzero(self.freedom.wanted))).nominal_rms

    # ------------------------------------------------------------------ other problems made of this one

    def with_fixed_amplitudes(self, tones: Multisine) -> Problem:
        """The same problem for tones whose amplitudes have been chosen, extra ones included."""
        return replace(self, multisine=tones, tolerance_db=None, extra=None, lines=None)

    def at_lines(self, frequencies: FloatArray) -> Problem:
        """The same problem with its tones at other lines of those that they may take.

        Args:
            frequencies: ``(n,)`` frequencies [Hz]; those of extra tones after them do not count.
        """
        ranges = self.line_ranges
        if ranges is None:
            return self
        numbers = np.rint(frequencies[: self.multisine.n] / ranges.raster).astype(np.int64)
        return replace(self, multisine=ranges.tones(self.multisine, np.arange(self.multisine.n), numbers))


_HEIGHTS = {
    "peak": "peak",
    "range": "half of the range",
    "one-sided": "maximum",
    "envelope": "peak of the envelope",
    "components": "larger peak of I and Q",
}
"""Names of the measures, in the unit of the amplitudes."""

_WORDS = {
    pairs.RANGE: "measure 'range' or 'one-sided'",
    pairs.COMPONENTS: "measure 'components'",
    pairs.FREE_AMPLITUDES: "tolerance_db or extra",
    pairs.WINDOW: "a window",
}


def _each_tones(inputs: Sequence[Multisine]) -> tuple[Multisine, ...]:
    found = items("inputs", inputs, "a list with the tones of each input")
    if not found:
        raise ValueError("inputs are empty; give the tones of at least one")
    return tuple(require_tones(f"inputs[{number}]", one) for number, one in enumerate(found))


def _is_output(value: object) -> bool:
    return isinstance(value, Output)


def _is_constraint(value: object) -> bool:
    return hasattr(value, "relations") and not isinstance(value, type)


def _require_types(problem: Problem) -> None:
    """Raise for a field of the wrong type, which would only be noticed much later."""
    require_tones("multisine", problem.multisine)
    if not isinstance(problem.over, Period | Samples | Window):
        raise TypeError(f"over is {shown(problem.over)}; give Period(), Samples(n) or Window(start, duration)")
    if problem.measure not in MEASURES:
        raise ValueError(f"measure is {shown(problem.measure)}; choose one of {', '.join(map(repr, MEASURES))}")
    for name, fits, need in (
        ("outputs", _is_output, "an Output, such as Output(limit=10.0)"),
        ("phases", _is_constraint, "a constraint, such as Hold({0: 0.0})"),
    ):
        for number, value in enumerate(getattr(problem, name)):
            if not fits(value):
                raise TypeError(f"{name}[{number}] is {shown(value)}; give {need}")
    require_flag("start_at_zero", problem.start_at_zero)
    if problem.fixed is not None and not isinstance(problem.fixed, FixedWaveform):
        raise TypeError(
            f"fixed is {shown(problem.fixed)}; give FixedWaveform.of_samples(samples, period=…), or "
            "FixedWaveform(offset=1.0) for a constant"
        )
    if sum(isinstance(one, Delays) and one.steps is not None for one in problem.phases) > 1:
        raise ValueError("phases: there are two sets of delays in steps; put all groups into one")
    if sum(isinstance(one, Alphabet) for one in problem.phases) > 1:
        raise ValueError("phases: there are two alphabets; give one")
    if problem.extra is not None and not isinstance(problem.extra, ExtraTones):
        raise TypeError(f"extra is {shown(problem.extra)}; give ExtraTones(frequencies, largest=…)")
    if problem.lines is not None and not isinstance(problem.lines, MovableLines):
        raise TypeError(f"lines is {shown(problem.lines)}; give MovableLines(…), such as MovableLines(2)")
    if problem.channels is not None and not isinstance(problem.channels, Orthogonal | Interleaved):
        raise TypeError(f"channels is {shown(problem.channels)}; give Orthogonal(…) or Interleaved(…)")
