"""Designs for several inputs at once: what ``orthogonal_set`` and ``interleaved_set`` answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crestfall.certainty.bounds.bernstein_szego import bernstein_szego
from crestfall.design.channels.matrices import turns_of
from crestfall.design.channels.problem import SharedPhases
from crestfall.design.channels.report import ChannelReport, default_limit
from crestfall.design.channels.tones import on_common_period, require_channels, require_same_tones, union_of
from crestfall.design.design import Design, Provenance
from crestfall.engine.polish import Certificate, certify
from crestfall.problem.arrays import ComplexArray, FloatArray
from crestfall.problem.goal import Measure
from crestfall.problem.multisine import Multisine
from crestfall.signal.waveform import waveform

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PHASES = ("common", "own")


@dataclass(frozen=True, eq=False)
class DesignSet:
    """Phases for several inputs, over one experiment or several, with proof of every peak.

    Made by ``orthogonal_set`` and ``interleaved_set``, or of given phases by ``DesignSet.orthogonal`` and
    ``DesignSet.interleaved``.

    Attributes:
        kind: ``"orthogonal"``: all inputs have the same frequencies, and there are as many experiments as inputs;
            ``"interleaved"``: each input has frequencies of its own, and there is one experiment.
        designs: The design of each input in each experiment: ``designs[input][experiment]``.
        names: What the inputs are called.
        measure: What was to be small: ``"peak"`` or ``"range"``.
        limits: What each input's measure is divided by, or ``None``: then its RMS (for a range √2 RMS).
        matrix: ``"hadamard"``, ``"dft"`` or ``"chirp"`` (see ``crestfall.design.channels.matrices``); ``None`` if interleaved.
        phases: ``"common"``: all inputs share one set of phases, ``"own"``: each has its own.
        status: What is proven about the worst channel, in words.

    Example:
        >>> found = DesignSet.orthogonal([Multisine([1.0, 2.0, 3.0])] * 2, [[0.0, 0.0, np.pi]] * 2, matrix="hadamard")
        >>> len(found.designs), len(found.designs[0]), round(found.worst.crest_factor, 4), found.orthogonality < 1e-12
        (2, 2, 1.6594, True)
    """

    kind: str
    designs: tuple[tuple[Design, ...], ...]
    names: tuple[str, ...]
    measure: Measure = "peak"
    limits: tuple[float, ...] | None = None
    matrix: str | None = None
    phases: str = "own"
    status: str = "given phases"

    @classmethod
    def orthogonal(
        cls,
        inputs: Sequence[Multisine],
        phases: npt.ArrayLike,
        *,
        matrix: str = "hadamard",
        names: Sequence[str] | None = None,
        limits: Sequence[float] | None = None,
        measure: Measure = "peak",
        sharing: str = "own",
        statuses: Sequence[str] | None = None,
        provenances: Sequence[Provenance] | None = None,
    ) -> DesignSet:
        """An orthogonal set of given phases.

        Args:
            inputs: Tones of each of the ``m`` inputs: the same frequencies, any amplitudes.
            phases: ``(m, n)`` phases [rad] of the inputs before the matrix turns them.
            matrix: Which input has which sign or turn in which experiment.
            names: What the inputs are called.
            limits: What each input's measure is divided by.
            measure: ``"peak"`` or ``"range"``.
            sharing: ``"common"`` where all inputs have the same phases.
            statuses: What is proven about each input.
            provenances: How each input's phases were found.

        Raises:
            ValueError: The inputs differ in their frequencies, a frequency occurs twice, there is no such matrix, or
                the phases are not ``(m, n)`` finite numbers.
        """
        require_same_tones(inputs)
        names, limits = require_channels(inputs, names, limits, measure)
        turns = turns_of(matrix, len(inputs))
        given = np.asarray(phases, dtype=np.float64)
        if given.shape != (len(inputs), inputs[0].n):
            raise ValueError(f"phases have shape {given.shape}; give one row of {inputs[0].n} for each input")
        designs = tuple(
            tuple(_designed(ms, row + turn, i, statuses, provenances) for turn in turns[i])
            for i, (ms, row) in enumerate(zip(inputs, given, strict=True))
        )
        status = "given phases" if statuses is None else ""
        return cls("orthogonal", designs, names, measure, limits, matrix, sharing, status)._concluded()

    @classmethod
    def interleaved(
        cls,
        inputs: Sequence[Multisine],
        phases: Sequence[npt.ArrayLike],
        *,
        names: Sequence[str] | None = None,
        limits: Sequence[float] | None = None,
        measure: Measure = "peak",
        statuses: Sequence[str] | None = None,
        provenances: Sequence[Provenance] | None = None,
    ) -> DesignSet:
        """An interleaved set of given phases.

        Args:
            inputs: Tones of each input, no frequency in two of them, all with one common period.
            phases: ``(n_i,)`` phases [rad] of each input.
            names: What the inputs are called.
            limits: What each input's measure is divided by.
            measure: ``"peak"`` or ``"range"``.
            statuses: What is proven about each input.
            provenances: How each input's phases were found.

        Raises:
            ValueError: Two inputs share a frequency, the frequencies have no common period, or the phases do not fit.

        Example:
            >>> both = [Multisine([1.0, 3.0]), Multisine([2.0, 4.0])]
            >>> DesignSet.interleaved(both, [[0.0, 0.0], [0.0, 1.0]], names=["x", "y"]).worst.name
            'x'
        """
        union_of(inputs)
        names, limits = require_channels(inputs, names, limits, measure)
        if len(phases) != len(inputs):
            raise ValueError(f"phases are {len(phases)} sets for {len(inputs)} inputs; give one for each")
        designs = tuple(
            (_designed(ms, ms.require_phases(row), i, statuses, provenances),)
            for i, (ms, row) in enumerate(zip(inputs, phases, strict=True))
        )
        status = "given phases" if statuses is None else ""
        return cls("interleaved", designs, names, measure, limits, status=status)._concluded()

    def _concluded(self) -> DesignSet:
        """With the status of the worst channel, where the channels have one."""
        if self.status:
            return self
        worst = self.worst
        number = self.names.index(worst.name)
        return DesignSet(
            self.kind,
            self.designs,
            self.names,
            self.measure,
            self.limits,
            self.matrix,
            self.phases,
            f"{worst.name} is the worst: {self.designs[number][worst.experiment].status}",
        )

    # ------------------------------------------------------------------ what the channels are

    @property
    def inputs(self) -> tuple[Multisine, ...]:
        """Tones of each input."""
        return tuple(row[0].multisine for row in self.designs)

    @property
    def n_inputs(self) -> int:
        """Number of inputs."""
        return len(self.designs)

    @property
    def n_experiments(self) -> int:
        """Number of experiments: that of the inputs, or 1 if interleaved."""
        return len(self.designs[0])

    @cached_property
    def tones(self) -> Multisine:
        """All frequencies of all inputs, for their common period; its amplitudes say nothing."""
        return self.inputs[0] if self.kind == "orthogonal" else union_of(self.inputs)

    @property
    def period(self) -> float:
        """One period of all inputs together [s]."""
        return self.tones.period

    @cached_property
    def coefficients(self) -> ComplexArray:
        """``(n, inputs, experiments)`` coefficients ``a exp(iθ)`` at the frequencies of ``tones``, 0 where not excited.

        With several experiments this is, at each frequency, the matrix that a frequency response is divided by.
        """
        found = np.zeros((self.tones.n, self.n_inputs, self.n_experiments), dtype=np.complex128)
        for i, row in enumerate(self.designs):
            where = np.searchsorted(self.tones.frequencies, row[0].multisine.frequencies)
            if self.kind == "orthogonal":
                where = np.arange(self.tones.n)
            for e, design in enumerate(row):
                found[where, i, e] = design.multisine.coefficients(design.phases)
        return found

    @cached_property
    def orthogonality(self) -> float:
        r"""How far the inputs are from orthogonal: 0 is exact, rounding leaves some 1e-16.

        .. math:: \max_{k,\, i≠j} \frac{|(U_k U_k^H)_{ij}|}{\sqrt{(U_k U_k^H)_{ii} (U_k U_k^H)_{jj}}}

        with the coefficients ``U_k`` of inputs by experiments at frequency ``k``; inputs without it count 0.
        """
        u = self.coefficients / np.max(np.abs(self.coefficients))
        products = u @ u.conj().swapaxes(1, 2)
        powers = np.sqrt(np.einsum("kii->ki", products).real)
        sizes = powers[:, :, None] * powers[:, None, :]
        off = ~np.eye(self.n_inputs, dtype=bool) & (sizes > 0.0)
        return float(np.max(np.abs(products[off]) / sizes[off], initial=0.0))

    # ------------------------------------------------------------------ figures

    @cached_property
    def reports(self) -> tuple[ChannelReport, ...]:
        """The figures of every input in every experiment, input by input."""
        found = []
        for i, row in enumerate(self.designs):
            limit = default_limit(row[0].multisine, self.measure) if self.limits is None else self.limits[i]
            found += [ChannelReport.of(d, self.names[i], e, limit, self.measure) for e, d in enumerate(row)]
        return tuple(found)

    @property
    def worst(self) -> ChannelReport:
        """The channel with the largest share of its limit: what was minimised."""
        return max(self.reports, key=lambda report: report.share)

    @cached_property
    def lower_bound(self) -> float:
        """Share that the worst channel cannot get below, whatever the phases.

        It is the highest bound of any single signal. For a range it is that of Bernstein and Szegő, which holds for the
        signal and any constant together.
        """
        limits = [default_limit(ms, self.measure) for ms in self.inputs] if self.limits is None else self.limits
        least = [
            bernstein_szego(ms) * default_limit(ms, "peak") if self.measure == "range" else row[0].peak_lower_bound
            for ms, row in zip(self.inputs, self.designs, strict=True)
        ]
        return max(value / limit for value, limit in zip(least, limits, strict=True))

    @property
    def gap(self) -> float:
        """``worst.share / lower_bound − 1``."""
        return self.worst.share / self.lower_bound - 1.0

    @cached_property
    def certificates(self) -> tuple[Certificate, ...]:
        """First- and second-order conditions of a local minimum, one for each set of phases that was chosen by itself.

        With common phases it is one, about the worst peak (or range) of the whole set; else there is one for each
        input.
        """
        found = []
        for group in self._groups():
            phases = np.stack([[self.designs[i][e].phases for e in range(self.n_experiments)] for i in group])
            limits = None if self.limits is None else [self.limits[i] for i in group]
            names = [self.names[i] for i in group]
            shared = SharedPhases.of([self.inputs[i] for i in group], phases, limits, names, self.measure)
            # What is left of a channel's phases without its shift are those of the drive.
            found.append(certify(shared.multisine, phases[0, 0] - shared.shifts[0, 0], goal=shared.goal))
        return tuple(found)

    def _groups(self) -> list[list[int]]:
        """Inputs whose phases were chosen together."""
        everyone = list(range(self.n_inputs))
        return [everyone] if self.phases == "common" else [[i] for i in everyone]

    # ------------------------------------------------------------------ ways out

    def waveforms(self, sample_rate: float, periods: int = 1, *, peak: float | None = None) -> npt.NDArray[Any]:
        """Samples of all channels over whole common periods.

        Args:
            sample_rate: Samples per second [Hz], more than twice the highest frequency.
            periods: Number of common periods.
            peak: Scale all channels by one factor, so that the highest certified peak of any has this value.

        Returns:
            ``(inputs, experiments, N)`` samples.

        Raises:
            ValueError: As ``Design.waveform``.

        Example:
            >>> both = [Multisine([1.0, 3.0]), Multisine([2.0, 4.0])]
            >>> DesignSet.interleaved(both, [[0.0, 0.0], [0.0, 1.0]]).waveforms(16.0, peak=1.0).shape
            (2, 1, 16)
        """
        factor = 1.0
        if peak is not None:
            if not (np.isfinite(peak) and peak > 0):
                raise ValueError(f"peak is {peak}; it must be a finite number above 0")
            factor = peak / self.highest_peak
        rows = [
            [waveform(on_common_period(d.multisine, self.tones), d.phases, sample_rate, periods) for d in row]
            for row in self.designs
        ]
        return factor * np.asarray(rows)

    @property
    def highest_peak(self) -> float:
        """Upper end of the certified peak of all channels, in the unit of the amplitudes."""
        return max(report.peak_interval[1] for report in self.reports)

    def save(self, path: str | PathLike[str], *, overwrite: bool = False, **options: Any) -> None:
        """Write ``.json`` or ``.npz`` (read back by ``load``), or samples as ``.csv`` or ``.wav``.

        See ``crestfall.files.design_set``.
        """
        from crestfall.files.design_set import save_set

        save_set(self, path, overwrite=overwrite, **options)

    @staticmethod
    def load(path: str | PathLike[str]) -> DesignSet:
        """Read what ``save`` wrote, and measure it again (see ``crestfall.files.design_set``)."""
        from crestfall.files.design_set import load_set

        return load_set(path)

    def plot(self, **options: Any) -> Figure:
        """Picture of all channels (see ``crestfall.files.pictures.design_set.plot_design_set``)."""
        from crestfall.files.pictures.design_set import plot_design_set

        return plot_design_set(self, **options)

    def summary(self) -> dict[str, Any]:
        """The figures as plain numbers, under the names that ``--json`` uses; ``channels`` has one entry for each."""
        designs = [design for row in self.designs for design in row]
        channels = [
            {"name": report.name, "experiment": report.experiment, **design.summary()}
            | {"relative_peak_factor": report.relative_peak_factor, "limit": report.limit, "share": report.share}
            for report, design in zip(self.reports, designs, strict=True)
        ]
        worst = self.worst
        return {
            "kind": self.kind,
            "matrix": self.matrix,
            "phases": self.phases,
            "measure": self.measure,
            "inputs": self.n_inputs,
            "experiments": self.n_experiments,
            "worst_share": worst.share,
            "worst_channel": worst.name,
            "worst_experiment": worst.experiment,
            "lower_bound": self.lower_bound,
            "gap": self.gap,
            "orthogonality": self.orthogonality,
            "status": self.status,
            "channels": channels,
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DesignSet):
            return NotImplemented
        names = ("kind", "designs", "names", "measure", "limits", "matrix", "phases", "status")
        return all(getattr(self, name) == getattr(other, name) for name in names)

    def __hash__(self) -> int:
        return hash((self.kind, self.designs, self.names))

    def __repr__(self) -> str:
        how = self.kind if self.matrix is None else f"{self.kind}, {self.matrix}, {self.phases} phases"
        size = f"{self.n_inputs} inputs, {self.n_experiments} experiments"
        return f"DesignSet({how}, {size}, worst share {self.worst.share:.6f}, {self.status!r})"


def _designed(
    ms: Multisine,
    phases: FloatArray,
    number: int,
    statuses: Sequence[str] | None,
    provenances: Sequence[Provenance] | None,
) -> Design:
    return Design.of(
        ms,
        np.mod(phases, 2.0 * np.pi),
        status=None if statuses is None else statuses[number],
        provenance=None if provenances is None else provenances[number],
    )
