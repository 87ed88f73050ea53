"""The answer: chosen phases, their certified figures, the bound they are held against, how they were found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite, isnan
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crestfall.certainty.bounds import strongest_bound, strongest_components_bound
from crestfall.certainty.measures import decibels, relative_peak_factor, sampled, true_peak_maximum
from crestfall.certainty.moments import BoundProof
from crestfall.certainty.value import true_peak_bound, value_bound
from crestfall.design.amplitude_report import AmplitudeReport
from crestfall.design.channel_figures import coefficients_of, orthogonality_of
from crestfall.design.delays import delays_of
from crestfall.design.provenance import Provenance
from crestfall.design.signal_report import SignalReport
from crestfall.design.start_at_zero import start_at_zero
from crestfall.engine.polish import Certificate, certify
from crestfall.problem.arguments import finite_number, real_numbers, whole_number
from crestfall.problem.arrays import ComparedByValue, ComplexArray, FloatArray
from crestfall.problem.division import Part, channel_problem, divided
from crestfall.problem.movable_lines import moved_lines
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Measure, Problem
from crestfall.problem.times import MAX_SAMPLES, Period
from crestfall.problem.tones_argument import require_tones
from crestfall.signal.held import held_waveform, require_steps_at
from crestfall.signal.waveform import require_nyquist, waveform
from crestfall.signal.window_signal import samples_from

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from crestfall.design.playback import Playback
    from crestfall.design.quantize import Quantized


BRANCH_AND_BOUND = "branch and bound"
"""What proved a bound where nothing else is said."""

FROM_ATLAS = ", from the atlas"
"""Follows what proved a bound that the atlas has."""


@dataclass(frozen=True, eq=False)
class Design(ComparedByValue):
    """Phases for a problem, with a proof of the peak that they give. Made by ``minimize_peak`` or ``Design.of``.

    Attributes:
        problem: The problem that was solved.
        multisine: The tones, with the chosen amplitudes if those may move; extra tones come last.
        phases: ``(n,)`` phases [rad], cosine convention ``Re Σ a e^{i(2π f t + θ)}``; ``(inputs, n)`` for orthogonal
            inputs with phases of their own. Phases of orthogonal inputs are those before the matrix turns them.
        status: What is proven, in words.
        provenance: How the phases were found.
        proven_peak_bound: The part of ``peak_lower_bound`` that branch and bound or moments have proved (see
            ``crestfall.certainty.proof`` and ``crestfall.certainty.moments``); ``None`` if neither was requested. Both
            lower bounds are the higher of this one and the one by formula. For shapes that are delayed in steps it is
            one of their measure.
        proven_by: What proved it: ``"branch and bound"``, ``"moments of order 2"``, ``"moments of order 2, from the
            atlas"``, …; ``None`` without such a bound.
        moment_steps: Steps of a proof by moments that were taken to their end, whether or not they raised the bound: a
            search that continues does not take them again.
        bound_is_stated: Whether a file states that bound, and nothing here has proved it. Two designs that differ only
            in it are equal.
        bound_proof: The proof by moments in integers, which ``save`` does not keep: it has a file of its own
            (``design.bound_proof.save("bound.json")``). Two designs that differ only in it are equal.

    Example:
        >>> design = Design.of(Multisine([1.0, 2.0, 3.0]), [0.0, 0.0, np.pi])
        >>> round(design.crest_factor, 4), design.peak >= design.peak_lower_bound
        (1.6594, True)
    """

    problem: Problem
    multisine: Multisine
    phases: FloatArray
    status: str = "given phases"
    provenance: Provenance = field(default_factory=lambda: Provenance("given phases"))
    proven_peak_bound: float | None = None
    proven_by: str | None = None
    moment_steps: tuple[str, ...] = ()
    bound_is_stated: bool = field(default=False, compare=False)
    bound_proof: BoundProof | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(
        cls,
        problem: Problem | Multisine,
        phases: npt.ArrayLike,
        *,
        multisine: Multisine | None = None,
        status: str | None = None,
        provenance: Provenance | None = None,
        proven_peak_bound: float | None = None,
        proven_by: str | None = None,
    ) -> Design:
        """The design of given phases, measured and certified.

        Args:
            problem: The problem that they were chosen for, or just the tones.
            phases: Phases [rad]: ``(n,)``, or ``(inputs, n)`` for orthogonal inputs with phases of their own.
            multisine: The tones with the amplitudes that were chosen; by default those that the problem begins with.
            status: What is proven about them; by default only what the bound says.
            provenance: How they were found.
            proven_peak_bound: Peak that was proved to be one that no phases can beat, in the unit of the amplitudes.
            proven_by: What proved it; by default branch and bound.

        Raises:
            ValueError: The phases are not that many finite numbers, or the proven bound is not a finite number above 0,
                is above the certified peak of these phases, or is given for repeated frequencies.
        """
        if not isinstance(problem, Problem):
            problem = Problem(require_tones("problem", problem, ", or a Problem"))
        tones = problem.tones if multisine is None else require_tones("multisine", multisine)
        if proven_peak_bound is not None:
            need = "a finite number above 0, or None"
            proven_peak_bound = finite_number("proven_peak_bound", proven_peak_bound, need, above_zero=True)
        chosen = _require_phases(problem, phases)
        given = provenance or Provenance("given phases")
        by = None if proven_peak_bound is None else proven_by or BRANCH_AND_BOUND
        design = cls(problem, tones, chosen, status or "", given, proven_peak_bound, by)
        if proven_peak_bound is not None:
            repeats = tones.has_repeated_frequencies and problem.held_samples is None
            _require_bound(proven_peak_bound, design.peak_interval[1], repeats=repeats)
        return design if status is not None else replace(design, status=_bound_in_words(design))

    # ------------------------------------------------------------------ signals

    @cached_property
    def signals(self) -> tuple[SignalReport, ...]:
        """The signals that count: the drive, or its outputs; with several inputs those of each in each experiment."""
        problem, channels = self.problem, self.problem.channels
        if channels is None:
            wanted = self.multisine
            if problem.extra is not None:
                wanted = wanted.pick(np.arange(problem.multisine.n))
            return tuple(
                SignalReport(
                    signal.name,
                    None,
                    0,
                    signal.limit if problem.outputs else None,
                    problem,
                    signal,
                    self.phases,
                    wanted,
                )
                for signal in problem.signals(self.multisine)
            )
        found: list[SignalReport] = []
        for i, name in enumerate(channels.names):
            asked = channel_problem(problem, self.multisine, i)
            own = None if channels.limits is None else channels.limits[i]
            wanted = asked.multisine.pick(np.flatnonzero(channels.indices_of(problem.tones, i) < problem.multisine.n))
            for experiment in range(channels.experiments):
                phases = channels.phases_of(self.phases, i, experiment)
                for signal in asked.signals():
                    limit = signal.limit if asked.outputs else own
                    found.append(SignalReport(signal.name, name, experiment, limit, asked, signal, phases, wanted))
        return tuple(found)

    @property
    def worst(self) -> SignalReport:
        """The signal with the largest share: what was minimised."""
        return max(self.signals, key=lambda report: report.share)

    @cached_property
    def channels(self) -> tuple[tuple[Design, ...], ...]:
        """A design for each input in each experiment; ``((self,),)`` where there is one drive."""
        channels = self.problem.channels
        if channels is None:
            return ((self,),)
        asked = [channel_problem(self.problem, self.multisine, i) for i in range(channels.count)]
        return tuple(
            tuple(
                Design(one, one.tones, channels.phases_of(self.phases, i, e), self.status, self.provenance)
                for e in range(channels.experiments)
            )
            for i, one in enumerate(asked)
        )

    @property
    def fixed_tones(self) -> int:
        """How many of the tones, the last ones, belong to the fixed waveform: they count, but were not chosen."""
        fixed = self.problem.fixed
        return 0 if fixed is None or self.problem.channels is not None else fixed.n

    @property
    def own_tones(self) -> Multisine:
        """The tones whose phases were chosen, without those of the fixed waveform."""
        ms = self.multisine
        return ms if not self.fixed_tones else ms.pick(np.arange(ms.n - self.fixed_tones))

    # ------------------------------------------------------------------ figures

    @cached_property
    def _drive(self) -> SignalReport:
        """The signal that ``peak`` is about: the drive; of several inputs the one with the highest peak."""
        problem = self.problem
        if problem.channels is not None:
            return max((one._drive for row in self.channels for one in row), key=lambda report: report.peak)
        if not problem.outputs and problem.measure != "envelope":
            return self.signals[0]  # certified once
        measure: Measure = "components" if problem.is_about_components else "peak"
        plain = Problem(self.multisine, over=problem.over, measure=measure)
        if problem.held_samples is not None or problem.fixed is not None:
            plain = replace(problem, outputs=(), measure=measure)
        return SignalReport("drive", None, 0, None, plain, plain.signals()[0], self.phases)

    @property
    def peak(self) -> float:
        """True peak of the drive over continuous time, in the unit of the amplitudes: over the period, or the window.

        With several inputs it is the highest of theirs. With the measure ``"components"`` it is the larger peak of
        ``I`` and ``Q``, and so are all figures that depend on it: the crest factor is this peak over the RMS of ``z = I
        + iQ``, and ``peak=`` scales samples to the range of a pair of converters.
        """
        return self._drive.peak

    @property
    def peak_interval(self) -> tuple[float, float]:
        """Certified ``(low, high)`` around the true peak."""
        return self._drive.peak_interval

    @property
    def peak_time(self) -> float:
        """A time [s] at which the peak is reached: within the first period, or in the window."""
        return self._drive.peak_time

    @property
    def rms(self) -> float:
        """Root mean square of the drive over the period or the window; with several inputs, of the one with the highest
        peak."""
        return self._drive.rms

    @cached_property
    def crest_factor(self) -> float:
        """True peak over RMS, both of the drive as it is; ``nan`` for tones that cancel. Of several inputs the largest.

        Where tones of one frequency add up, as those of shapes do, their phases change the RMS, too.
        """
        if self.problem.channels is None:
            return self._drive.crest_factor
        return max(one.crest_factor for row in self.channels for one in row)

    @property
    def papr_db(self) -> float:
        """Peak-to-average power ratio, ``20 log10`` of the crest factor [dB]."""
        return decibels(self.crest_factor)

    @cached_property
    def figure(self) -> float:
        """The figure of merit, what was minimised as a number without unit; ``design.problem.figure`` is its name.

        For shapes that are delayed in steps it is the peak (or another measure) itself, in the unit of the amplitudes:
        their RMS changes with the delays, and so does the crest factor, which is therefore not what was minimised.

        Where amplitudes are free, shares of limits count relative to the level of the wanted tones.
        """
        return max(report.share / (1.0 if report.limit is None else self._loudness(report)) for report in self.signals)

    def _loudness(self, report: SignalReport) -> float:
        """RMS of the wanted tones of a signal's drive relative to what was asked for."""
        problem, n = self.problem, self.problem.multisine.n
        if problem.freedom is None:
            return 1.0
        which = np.arange(n)
        if problem.channels is not None and report.channel is not None:
            which = problem.channels.indices_of(problem.tones, problem.channels.names.index(report.channel))
            which = which[which < n]
        scale = problem.tones.amplitude_scale
        now, asked = (np.linalg.norm(ms.amplitudes[which] / scale) for ms in (self.multisine, problem.tones))
        return float(now / asked)

    @cached_property
    def lower_bound(self) -> float:
        """Figure of merit that no allowed phases can beat; 0 where none is known."""
        bounds = [
            part.share * part.problem.figure_of(value_bound(part.problem, part.tones_of(self.multisine)))
            for part in self.parts
        ]
        if self.proven_peak_bound is None:
            return max(bounds)
        held = self.problem.held_samples is not None
        return max(*bounds, self.proven_peak_bound / (1.0 if held else self.rms))

    @cached_property
    def peak_lower_bound(self) -> float:
        """Peak of the drive that no phases can beat, in the unit of the amplitudes; of several inputs the highest."""
        if self.problem.channels is not None:
            return max(row[0].peak_lower_bound for row in self.channels)
        if self.problem.held_samples is not None:  # no band limits it, and outputs are other signals
            of_drive = self.problem.measure == "peak" and not self.problem.outputs
            return self.lower_bound if of_drive else 0.0
        return max(true_peak_bound(self.problem, self.multisine), self.proven_peak_bound or 0.0)

    @cached_property
    def bound_argument(self) -> str | None:
        """Name of the inequality behind ``lower_bound``, such as ``"Bernstein–Szegő"``; ``None`` if it has none.

        Example:
            >>> Design.of(Multisine([1.0, 2.0, 3.0]), [0.0, 0.0, np.pi]).bound_argument
            'Fejér'
        """
        problem = self.problem
        if not self.lower_bound > 0.0:
            return None
        if self.rests_on_proof:
            return self.proven_by
        if problem.channels is not None or problem.outputs or problem.freedom is not None:
            return None
        if problem.window is not None:
            return "Montgomery and Vaughan"
        if problem.samples is not None or self.multisine.has_repeated_frequencies:
            return None
        strongest = {"peak": strongest_bound, "components": strongest_components_bound}.get(problem.measure)
        return None if strongest is None else strongest(self.multisine).name

    @property
    def lower_bound_is_stated(self) -> bool:
        """Whether a file states the lower bound, and nothing here has proved it."""
        return self.bound_is_stated and self.lower_bound > 0.0 and self.rests_on_proof

    @property
    def rests_on_proof(self) -> bool:
        """Whether the lower bound is ``proven_peak_bound``, and not one by formula."""
        return self.proven_peak_bound is not None and self.proven_peak_bound >= self.peak_lower_bound

    @property
    def gap(self) -> float:
        """How far the figure of merit is above its lower bound, relative; 0 is optimal, infinite without a bound.

        For the true peak of the drive it is the ratio of peaks, which makes sense for tones of one frequency, too.
        """
        if self.problem.is_about_drive:
            return _gap(self.peak, self.peak_lower_bound, self.multisine)
        return _gap(self.figure, self.lower_bound, self.multisine)

    @property
    def relative_peak_factor(self) -> float:
        """``(max − min) / (2√2 rms)``; 1 for a single sine. Real signals only; of several inputs the largest.

        Raises:
            ValueError: The signal is complex.
        """
        plain = self.problem.window is None and self.problem.held_samples is None
        if self.problem.channels is None and plain:
            return relative_peak_factor(self.multisine, self.phases)
        found = [report.relative_peak_factor for report in self.signals]
        if any(value is None for value in found):
            raise ValueError("relative_peak_factor needs a real signal; a complex one has no minimum and maximum")
        return max(value for value in found if value is not None)

    # ------------------------------------------------------------------ proof

    @cached_property
    def parts(self) -> list[Part]:
        """The problems of one drive whose phases were chosen by themselves (see ``crestfall.problem.division``)."""
        return divided(self.problem)

    @property
    def deciding_part(self) -> int:
        """Number of the part whose phases decide the worst signal."""
        channels = self.problem.channels
        if channels is None or len(self.parts) == 1:
            return 0
        worst = channels.names.index(self.worst.channel or "")
        return next(k for k, part in enumerate(self.parts) if worst in part.inputs)

    @cached_property
    def certificates(self) -> tuple[Certificate, ...]:
        """First- and second-order conditions of a local minimum, from the problem, tones and phases alone.

        There is one for each set of phases that was chosen separately: one for a single drive, and one for inputs that
        share phases. If the samples that count are so dense that the search was over continuous time, it is about the
        true peak.

        Raises:
            ValueError: A frequency occurs twice.
        """
        return tuple(certify(self.problem_of(part), self.phases[part.where]) for part in self.parts)

    def problem_of(self, part: Part) -> Problem:
        """The problem of one of the ``parts``, with the amplitudes that were chosen; of dense samples over time."""
        problem = replace(part.problem, over=Period()) if part.problem.has_dense_samples else part.problem
        return problem if problem.freedom is None else problem.with_fixed_amplitudes(part.tones_of(self.multisine))

    @property
    def certificate(self) -> Certificate:
        """The certificate of the phases that determine the worst signal (see ``certificates``)."""
        return self.certificates[self.deciding_part]

    @cached_property
    def amplitude_report(self) -> AmplitudeReport:
        """Wanted and extra power, and the peak relative to the wanted RMS, if amplitudes were free.

        Raises:
            ValueError: No amplitude was free.
        """
        if self.problem.freedom is None:
            raise ValueError("the design has no free amplitudes to report; give tolerance_db or extra to the problem")
        components = self.problem.is_about_components
        return AmplitudeReport.of(self.problem.freedom, self.multisine, self.peak, components=components)

    @property
    def moved_lines(self) -> tuple[tuple[int, float, float], ...]:
        """Index, frequency asked for and frequency [Hz] of each tone that has moved; none where lines stay."""
        lines = self.problem.lines
        return () if lines is None else tuple(moved_lines(lines, self.problem.multisine))

    @property
    def largest_drive(self) -> float:
        """Largest peak of the drive that respects all limits, in the unit of the amplitudes.

        Raises:
            ValueError: There are no limits, so nothing limits the drive.
        """
        if self.worst.limit is None:
            raise ValueError("the design has no limits, so nothing limits the drive; give outputs to the problem")
        return self.peak / self.worst.share

    # ------------------------------------------------------------------ several inputs

    @property
    def coefficients(self) -> ComplexArray:
        """``(n, inputs, experiments)`` coefficients ``a exp(iθ)`` at each tone, 0 where an input does not have it.

        With several experiments this is, at each frequency, the matrix that a frequency response is divided by.
        """
        return coefficients_of(self)

    @cached_property
    def orthogonality(self) -> float:
        r"""How far the inputs are from orthogonal: 0 is exact, rounding leaves about 1e-16.

        .. math:: \max_{k,\, i≠j} \frac{|(U_k U_k^H)_{ij}|}{\sqrt{(U_k U_k^H)_{ii} (U_k U_k^H)_{jj}}}

        with the coefficients ``U_k`` of inputs by experiments at frequency ``k``; inputs without it count 0.
        """
        return orthogonality_of(self.coefficients)

    # ------------------------------------------------------------------ samples and files

    def waveform(
        self, sample_rate: float, periods: int = 1, *, peak: float | None = None, rms: float | None = None
    ) -> npt.NDArray[Any]:
        """Samples over whole periods, or of the window, optionally scaled.

        Args:
            sample_rate: Samples per second [Hz], more than twice the highest frequency.
            periods: Number of periods; several inputs have a common one. A window is played once.
            peak: Scale so that the certified upper end of the true peak has this value.
            rms: Scale so that the signal has this RMS. Give ``peak`` or ``rms``, not both.

        Returns:
            ``(N,)`` float64 samples, complex128 for a complex signal; ``(inputs, experiments, N)`` for several inputs,
            all scaled by one factor. See ``crestfall.signal.waveform``; a window has the samples
            ``x(start + j / sample_rate)``.

        Raises:
            ValueError: A tone reaches half the sample rate, there would be too many samples, both scalings are given,
                one is not above 0, or the signal is silent and cannot be scaled.

        Example:
            >>> x = Design.of(Multisine([1.0, 2.0]), [0.0, 1.0]).waveform(sample_rate=64, peak=0.5)
            >>> x.shape, bool(np.max(np.abs(x)) <= 0.5)
            ((64,), True)
        """
        need = "a finite number of samples per second above 0"
        sample_rate = finite_number("sample_rate", sample_rate, need, above_zero=True, unit="Hz")
        periods = whole_number("periods", periods, 1, "an integer of at least 1")
        factor = self.scale(peak=peak, rms=rms)
        rows = [[self._samples(one, sample_rate, periods) for one in row] for row in self.channels]
        return factor * (rows[0][0] if self.problem.channels is None else np.asarray(rows))

    def _samples(self, one: Design, sample_rate: float, periods: int) -> npt.NDArray[Any]:
        window = self.problem.window
        if window is None:
            ms = one.multisine
            if (count := self.problem.held_samples) is not None:
                return held_waveform(sampled(ms, one.phases, count), ms, sample_rate, periods)
            if ms.fundamental != self.multisine.fundamental:
                ms = ms.on_period_of(self.multisine)
            return waveform(ms, one.phases, sample_rate, periods)
        require_nyquist(one.multisine, sample_rate)
        if periods != 1:
            raise ValueError(f"periods is {periods}; a window is played once")
        count = window.count(sample_rate)
        if count > MAX_SAMPLES:
            raise ValueError(f"sample_rate {sample_rate} Hz makes {count} samples, more than {MAX_SAMPLES}; lower it")
        return samples_from(one.multisine, one.phases, window.start, sample_rate, count)

    def require_rate(self, sample_rate: float, name: str = "sample_rate") -> None:
        """Raise a ``ValueError`` unless samples at this rate [Hz], called ``name``, show every tone or every step."""
        steps = self.problem.held_samples
        if steps is None:
            require_nyquist(self.multisine, sample_rate, name)
        else:
            require_steps_at(steps, self.multisine, sample_rate, name)

    @property
    def delays_s(self) -> tuple[float, ...] | None:
        """Delay [s] of each waveform that is only delayed, from 0 to its period; ``None`` without ``Delays``.

        Example:
            >>> from crestfall.problem.constraints import Delays
            >>> ms = Multisine.harmonics([1, 2, 1, 2], fundamental=10.0)
            >>> problem = Problem(ms, phases=[Delays([[0, 1], [2, 3]])])
            >>> found = Design.of(problem, [0.0, 0.0, -np.pi, -2 * np.pi]).delays_s
            >>> [round(delay, 6) for delay in found]
            [0.0, 0.05]
        """
        return delays_of(self.problem, self.phases)

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
        for name, wanted in (("peak", peak), ("rms", rms)):
            if wanted is None:
                continue
            wanted = finite_number(name, wanted, "a finite number above 0", above_zero=True)
            if np.isnan(self.crest_factor):
                raise ValueError(f"{name} cannot be set: the tones cancel, and silence has no scale")
            return wanted / (self.peak_interval[1] if name == "peak" else self.rms)
        return 1.0

    def starting_at_zero(self) -> Design:
        """The same signal, shifted in time so that its period begins and ends at an upward zero crossing.

        Raises:
            ValueError: The signal is complex, or there is no period or no single drive to shift.

        Example:
            >>> design = Design.of(Multisine([1.0, 2.0]), [0.0, 1.0]).starting_at_zero()
            >>> bool(abs(design.waveform(sample_rate=64)[0]) < 1e-12)
            True
        """
        if self.problem.window is not None or self.problem.channels is not None:
            raise ValueError("starting_at_zero shifts one drive over its period; ask for start_at_zero in the problem")
        phases = start_at_zero(self.multisine, self.phases)
        bound = self.proven_peak_bound
        if bound is not None:  # the rounding of the shifted phases must not put the peak below what was proved
            bound = min(bound, true_peak_maximum(self.multisine, phases).value)
        shifted = Design.of(
            self.problem,
            phases,
            multisine=self.multisine,
            status=self.status,
            provenance=self.provenance,
            proven_peak_bound=bound,
            proven_by=self.proven_by,
        )
        kept = {name: getattr(self, name) for name in ("moment_steps", "bound_is_stated", "bound_proof")}
        return replace(shifted, **kept)

    def save(self, path: str | PathLike[str], playback: Playback | None = None, **options: Any) -> None:
        """Write a file; the ending chooses the format (see ``crestfall.files.save``).

        Args:
            path: Where to.
            playback: What the instrument plays, for formats with samples.
            options: ``overwrite``, fields of ``Playback``, and options of the format.
        """
        from crestfall.files import save

        save(self, path, playback, **options)

    def plot(self, **options: Any) -> Figure:
        """Picture of waveform, spectrum and histogram, or of all channels (see ``crestfall.files.pictures``)."""
        from crestfall.files.pictures import plot_design

        return plot_design(self, **options)

    def summary(self) -> dict[str, Any]:
        """The figures as plain numbers, under the names that ``--json`` uses; the same keys for every design."""
        report = None if self.problem.freedom is None else self.amplitude_report
        several = self.problem.channels is not None
        values = {
            "frequencies_hz": self.multisine.frequencies.tolist(),
            "amplitudes": self.multisine.amplitudes.tolist(),
            "phases_rad": self.phases.tolist(),
            "complex": self.multisine.complex,
            "fixed_tones": self.fixed_tones,
            "over": type(self.problem.over).__name__.lower(),
            "measure": self.problem.measure,
            "peak": self.peak,
            "peak_interval": list(self.peak_interval),
            "crest_factor": self.crest_factor,
            "papr_db": self.papr_db,
            "figure": self.problem.figure,
            "figure_value": self.figure,
            "lower_bound": self.lower_bound,
            "lower_bound_argument": self.bound_argument,
            "lower_bound_is_stated": self.lower_bound_is_stated,
            "peak_lower_bound": self.peak_lower_bound,
            "gap": self.gap,
            "status": self.status,
            "relative_peak_factor": self.worst.relative_peak_factor,
            "wanted_crest_factor": None if report is None else report.crest_factor,
            "extra_power_share": None if report is None else report.extra_power_share,
            "orthogonality": self.orthogonality if several else None,
            "moved_lines": [{"tone": k, "from_hz": old, "to_hz": new} for k, old, new in self.moved_lines],
            "delays_s": None if self.delays_s is None else list(self.delays_s),
            "signals": [each.summary() for each in self.signals],
        }
        return {
            key: None if isinstance(value, float) and not isfinite(value) else value for key, value in values.items()
        }

    def __repr__(self) -> str:
        name = self.problem.figure
        about = self.problem.is_about_drive
        figure = f"crest_factor={self.crest_factor:.6f}" if about else f"{name} {self.figure:.6f}"
        gap = f"gap={self.gap:.2%}" if isfinite(self.gap) else "no bound"
        gap += " as the file states" if self.lower_bound_is_stated else ""
        return f"Design(n={self.multisine.n}, {figure}, {gap}, {self.status!r})"


def _require_phases(problem: Problem, phases: npt.ArrayLike) -> FloatArray:
    channels = problem.channels
    if channels is not None and problem.has_own_phases:
        rows = real_numbers("phases", phases, "give angles in radians", unit="rad")
        if rows.shape != (channels.count, problem.tones.n) or not np.all(np.isfinite(rows)):
            raise ValueError(
                f"phases have shape {rows.shape}; give one row of {problem.tones.n} finite angles for each input"
            )
        return rows
    return problem.tones.require_phases(phases)


def _bound_in_words(design: Design) -> str:
    gap = design.gap
    return "given phases" if isnan(gap) or not isfinite(gap) else f"given phases, {gap:.2%} above the lower bound"


def _require_bound(bound: float, certified_peak: float, *, repeats: bool) -> None:
    """Raise unless this can be a peak that no phases beat."""
    if repeats:
        raise ValueError(
            f"proven_peak_bound is {bound}, but a frequency occurs twice, for which nothing is proved; use None"
        )
    if bound > certified_peak:
        raise ValueError(
            f"proven_peak_bound is {bound!r}, but these phases have a peak of at most {certified_peak!r}: "
            "no phases can be below a lower bound; leave it out, or prove it again"
        )


def _gap(value: float, least: float, ms: Multisine) -> float:
    if least > 0.0:
        gap = value / least - 1.0
        # At an optimum both numbers are the same but for rounding, which must not read as beating the bound.
        return gap if abs(gap) > 1e-12 else 0.0
    # A bound of zero is met when the tones cancel to rounding; otherwise no ratio can say how far away it is.
    return 0.0 if abs(value) <= 1e-9 * float(np.sum(ms.amplitudes)) else float("inf")
