"""The answer: chosen phases, their certified peak, the bound they are held against, how they were found, ways out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crestfall.certainty.bounds import lower_bound, peak_lower_bound
from crestfall.certainty.measures import (
    angle_to_seconds,
    decibels,
    ratio_to_rms,
    relative_peak_factor,
    rms,
    sampled,
    true_peak_maximum,
)
from crestfall.engine.polish import Certificate, certify
from crestfall.problem.amplitudes import AmplitudeReport
from crestfall.problem.arrays import FloatArray
from crestfall.problem.goal import Goal
from crestfall.problem.multisine import Multisine
from crestfall.problem.outputs import OutputReport
from crestfall.signal.waveform import waveform

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from crestfall.design.quantize import Quantized


@dataclass(frozen=True)
class Provenance:
    """How a design was found: enough to find it again.

    Attributes:
        method: What chose the phases, in a few words.
        seed: Seed of the random starts, or ``None`` where chance played no part.
        starts: Number of starts tried.
        seconds: Time the search took [s].
        goal_samples: Equally spaced samples of one period whose peak was minimised; ``None`` for the true peak.
        history: ``(seconds, crest factor)`` at each improvement.
    """

    method: str
    seed: int | None = None
    starts: int = 0
    seconds: float = 0.0
    goal_samples: int | None = None
    history: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, eq=False)
class Design:
    """Phases for a multisine, with proof of their peak. Made by ``minimize_peak`` or ``Design.of``.

    Attributes:
        multisine: The tones.
        phases: ``(n,)`` phases [rad], cosine convention ``Re Σ a e^{i(2π f t + θ)}``.
        peak: True peak over continuous time, in the unit of the amplitudes.
        peak_interval: Certified ``(low, high)`` around the true peak.
        peak_time: A time [s] within the first period at which the peak is reached.
        rms: Root mean square over one period.
        lower_bound: Crest factor that no phases can beat.
        peak_lower_bound: Peak that no phases can beat.
        status: What is proven, in words.
        provenance: How the phases were found.
        goal: What was to be small, and which phases were allowed.
        proven_peak_bound: The part of ``peak_lower_bound`` that branch and bound has proved (see ``crestfall.certainty.proof``);
            ``None`` if it was not asked. Both lower bounds are the higher of the analytic and the proven one.

    Example:
        >>> design = Design.of(Multisine([1.0, 2.0, 3.0]), [0.0, 0.0, np.pi])
        >>> round(design.crest_factor, 4), design.peak >= design.peak_lower_bound
        (1.6594, True)
    """

    multisine: Multisine
    phases: FloatArray
    peak: float
    peak_interval: tuple[float, float]
    peak_time: float
    rms: float
    lower_bound: float
    peak_lower_bound: float
    status: str
    provenance: Provenance = field(default_factory=lambda: Provenance("given phases"))
    goal: Goal = field(default_factory=Goal)
    proven_peak_bound: float | None = None

    @classmethod
    def of(
        cls,
        multisine: Multisine,
        phases: npt.ArrayLike,
        *,
        status: str | None = None,
        provenance: Provenance | None = None,
        goal: Goal | None = None,
        proven_peak_bound: float | None = None,
    ) -> Design:
        """Measure the given phases and wrap them up with their proof.

        Args:
            multisine: The tones.
            phases: ``(n,)`` phases [rad].
            status: What is proven about them; by default only what the bound says.
            provenance: How they were found.
            goal: What they were chosen for; its outputs are reported with their limits.
            proven_peak_bound: Peak that branch and bound has proved no phases can beat, in the unit of the amplitudes.

        Raises:
            ValueError: The phases are not ``n`` finite numbers, or the proven bound is not a finite number above 0, is
                above the certified peak of these phases, or is given for repeated frequencies.
        """
        phases = multisine.require_phases(phases)
        phases.flags.writeable = False
        maximum = true_peak_maximum(multisine, phases)
        least, least_crest_factor = peak_lower_bound(multisine), lower_bound(multisine)
        effective = rms(multisine, phases)
        if proven_peak_bound is not None:
            _require_bound(proven_peak_bound, maximum.high, multisine)
            least = max(least, proven_peak_bound)
            least_crest_factor = max(least_crest_factor, proven_peak_bound / effective)
        if status is None:
            status = f"given phases, {_gap(maximum.value, least, multisine):.2%} above the lower bound"
        return cls(
            multisine=multisine,
            phases=phases,
            peak=maximum.value,
            peak_interval=(maximum.low, maximum.high),
            peak_time=angle_to_seconds(multisine, maximum.angle),
            rms=effective,
            lower_bound=least_crest_factor,
            peak_lower_bound=least,
            status=status,
            provenance=provenance or Provenance("given phases"),
            goal=goal or Goal(),
            proven_peak_bound=proven_peak_bound,
        )

    # ------------------------------------------------------------------ figures

    @property
    def crest_factor(self) -> float:
        """True peak over RMS; ``nan`` for tones of one frequency that cancel."""
        return ratio_to_rms(self.peak, self.multisine, self.phases)

    @property
    def papr_db(self) -> float:
        """Peak-to-average power ratio, ``20 log10`` of the crest factor [dB]."""
        return decibels(self.crest_factor)

    @property
    def gap(self) -> float:
        """How far the peak is above its lower bound, relative: ``crest_factor / lower_bound − 1``; 0 is optimal.

        For repeated frequencies, whose RMS depends on the phases, it is the same ratio of peaks.
        """
        return _gap(self.peak, self.peak_lower_bound, self.multisine)

    @property
    def goal_peak(self) -> float:
        """What was minimised: the goal's measure, over the given samples if there were any, else over continuous time.

        With outputs it is the largest of them, each relative to its limit. A range counts half.
        """
        n_samples, signals = self.provenance.goal_samples, self.goal.signals(self.multisine)
        if n_samples is None:
            if self.goal.measure == "peak" and not self.goal.outputs:
                return self.peak
            return max(self.goal.measured(signal, self.phases) / signal.limit for signal in signals)
        measure = self.goal.measure_of_samples
        return max(
            measure(sampled(signal.tones, self.phases + signal.turns, n_samples)) / signal.limit for signal in signals
        )

    @property
    def relative_peak_factor(self) -> float:
        """``(max − min) / (2√2 rms)``; 1 for a single sine. Real signals only (``crestfall.relative_peak_factor``).

        Raises:
            ValueError: The signal is complex.
        """
        return relative_peak_factor(self.multisine, self.phases)

    @cached_property
    def certificate(self) -> Certificate:
        """First- and second-order conditions of a local minimum of the goal, from nothing but tones and phases.

        Raises:
            ValueError: A frequency occurs twice.
        """
        goal = replace(self.goal, samples=self.provenance.goal_samples, freedom=None)
        return certify(self.multisine, self.phases, goal=goal)

    @cached_property
    def output_reports(self) -> tuple[OutputReport, ...]:
        """Certified peak, crest factor and share of the limit of each output; the one that binds first."""
        reports = [OutputReport.of(output, self.multisine, self.phases) for output in self.goal.outputs]
        return tuple(sorted(reports, key=lambda report: -report.share))

    @cached_property
    def amplitude_report(self) -> AmplitudeReport:
        """Wanted and extra power, and the peak relative to the wanted RMS, where amplitudes were free.

        Raises:
            ValueError: No amplitude was free.
        """
        if self.goal.freedom is None:
            raise ValueError("the design has no free amplitudes to report; give tolerance_db or extra to minimize_peak")
        return AmplitudeReport.of(self.goal.freedom, self.multisine, self.peak)

    @property
    def largest_drive(self) -> float:
        """Largest peak of the drive that respects the limits of all outputs, in the unit of the amplitudes.

        Raises:
            ValueError: There are no outputs, so nothing limits the drive.
        """
        if not self.goal.outputs:
            raise ValueError("the design has no outputs, so nothing limits the drive; give outputs to minimize_peak")
        return self.peak / self.output_reports[0].share

    # ------------------------------------------------------------------ ways out

    def waveform(
        self, sample_rate: float, periods: int = 1, *, peak: float | None = None, rms: float | None = None
    ) -> npt.NDArray[Any]:
        """Samples over whole periods, optionally scaled.

        Args:
            sample_rate: Samples per second [Hz], more than twice the highest frequency.
            periods: Number of periods.
            peak: Scale so that the certified upper end of the true peak has this value.
            rms: Scale so that the signal has this RMS. Give ``peak`` or ``rms``, not both.

        Returns:
            ``(N,)`` float64 samples, complex128 for a complex signal; see ``crestfall.signal.waveform.waveform``.

        Raises:
            ValueError: A tone reaches half the sample rate, both scalings are given, one is not above 0, or the signal
                is silent and cannot be scaled.

        Example:
            >>> x = Design.of(Multisine([1.0, 2.0]), [0.0, 1.0]).waveform(sample_rate=64, peak=0.5)
            >>> x.shape, bool(np.max(np.abs(x)) <= 0.5)
            ((64,), True)
        """
        return waveform(self.multisine, self.phases, sample_rate, periods) * self.scale(peak=peak, rms=rms)

    def quantize(
        self, bits: int, sample_rate: float, periods: int = 1, *, full_scale: float | None = None
    ) -> Quantized:
        """The samples as the integers of a converter, with clipping and noise (see ``crestfall.design.quantize``)."""
        from crestfall.design.quantize import quantize

        return quantize(self, bits, sample_rate, periods, full_scale=full_scale)

    def scale(self, *, peak: float | None = None, rms: float | None = None) -> float:
        """Factor that gives the signal this peak or this RMS; 1 when neither is given."""
        if peak is not None and rms is not None:
            raise ValueError("give peak or rms, not both: one scale factor cannot meet two values")
        for name, wanted, present in (("peak", peak, self.peak_interval[1]), ("rms", rms, self.rms)):
            if wanted is None:
                continue
            if not (np.isfinite(wanted) and wanted > 0):
                raise ValueError(f"{name} is {wanted}; it must be a finite number above 0")
            if np.isnan(self.crest_factor):
                raise ValueError(f"{name} cannot be set: the tones cancel, and silence has no scale")
            return wanted / present
        return 1.0

    def starting_at_zero(self) -> Design:
        """The same signal, shifted in time so that its period begins and ends at an upward zero crossing.

        Raises:
            ValueError: The signal is complex (see ``crestfall.signal.start_at_zero``).

        Example:
            >>> design = Design.of(Multisine([1.0, 2.0]), [0.0, 1.0]).starting_at_zero()
            >>> bool(abs(design.waveform(sample_rate=64)[0]) < 1e-12)
            True
        """
        from crestfall.signal.start_at_zero import start_at_zero

        phases = start_at_zero(self.multisine, self.phases)
        bound = self.proven_peak_bound
        return Design.of(
            self.multisine,
            phases,
            status=self.status,
            provenance=self.provenance,
            goal=self.goal,
            # The rounding of the shifted phases must not put the peak below what was proved.
            proven_peak_bound=None if bound is None else min(bound, true_peak_maximum(self.multisine, phases).value),
        )

    def save(self, path: str | PathLike[str], **options: Any) -> None:
        """Write a file; the ending chooses the format (see ``crestfall.files``)."""
        from crestfall.files import save

        save(self, path, **options)

    def plot(self, **options: Any) -> Figure:
        """Picture of waveform, spectrum and histogram (see ``crestfall.files.pictures.plot_design``)."""
        from crestfall.files.pictures import plot_design

        return plot_design(self, **options)

    def summary(self) -> dict[str, Any]:
        """The figures as plain numbers, under the names that ``--json`` and the JSON file use."""
        crest_factor = self.crest_factor
        silent = bool(np.isnan(crest_factor))
        return {
            "frequencies_hz": self.multisine.frequencies.tolist(),
            "amplitudes": self.multisine.amplitudes.tolist(),
            "phases_rad": self.phases.tolist(),
            "complex": self.multisine.complex,
            "peak": self.peak,
            "peak_interval": list(self.peak_interval),
            "crest_factor": None if silent else crest_factor,
            "papr_db": None if silent else self.papr_db,
            "lower_bound": self.lower_bound,
            "gap": self.gap,
            "status": self.status,
            **({} if self.goal.freedom is None else self._amplitude_summary()),
            **({} if self.goal.measure == "peak" else self._measure_summary()),
        }

    def _measure_summary(self) -> dict[str, Any]:
        figures: dict[str, Any] = {"measure": self.goal.measure, "goal_peak": self.goal_peak}
        return figures | ({"relative_peak_factor": self.relative_peak_factor} if self.goal.measure == "range" else {})

    def _amplitude_summary(self) -> dict[str, Any]:
        report = self.amplitude_report
        return {"wanted_crest_factor": report.crest_factor, "extra_power_share": report.extra_power_share}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Design):
            return NotImplemented
        return (
            self.multisine == other.multisine
            and np.array_equal(self.phases, other.phases)
            and self.status == other.status
            and self.provenance == other.provenance
            and self.proven_peak_bound == other.proven_peak_bound
        )

    def __hash__(self) -> int:
        return hash((self.multisine, self.phases.tobytes()))

    def __repr__(self) -> str:
        return (
            f"Design(n={self.multisine.n}, crest_factor={self.crest_factor:.6f}, gap={self.gap:.2%}, {self.status!r})"
        )


def best_of(designs: Sequence[Design]) -> Design:
    """The design with the lowest goal peak; the first of equals."""
    return min(designs, key=lambda design: design.goal_peak)


def _require_bound(bound: float, certified_peak: float, ms: Multisine) -> None:
    """Raise unless this can be a peak that no phases beat."""
    if not (np.isfinite(bound) and bound > 0.0):
        raise ValueError(f"proven_peak_bound is {bound}; it must be a finite number above 0, or None")
    if ms.has_repeated_frequencies:
        raise ValueError(
            f"proven_peak_bound is {bound}, but a frequency occurs twice, for which nothing is proved; use None"
        )
    if bound > certified_peak:
        raise ValueError(
            f"proven_peak_bound is {bound!r}, but these phases have a peak of at most {certified_peak!r}: "
            "no phases can be below a lower bound; leave it out, or prove it again"
        )


def _gap(peak: float, least: float, ms: Multisine) -> float:
    if least > 0.0:
        gap = peak / least - 1.0
        # At an optimum both numbers are the same but for rounding, which must not read as beating the bound.
        return gap if abs(gap) > 1e-12 else 0.0
    # A bound of zero is met when the tones cancel to rounding; otherwise no ratio can say how far away it is.
    return 0.0 if peak <= 1e-9 * float(np.sum(ms.amplitudes)) else float("inf")
