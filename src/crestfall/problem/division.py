r"""Several inputs as problems of one drive: the reduction of ``Problem.channels``.

Inputs whose phases can be chosen by themselves become problems of their own. Inputs that share phases, or that a
constraint ties together, become one drive whose outputs are their signals: input ``i`` in experiment ``e`` has the
coefficients :math:`A_i(k) \exp(i(φ_k + t_{ie}))`, a linear response of the drive :math:`A(k) \exp(iφ_k)`. Signals that
only differ by a sign, or are a smaller copy of another one, have no higher share of their limits and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import gcd, sqrt

import numpy as np
import numpy.typing as npt

from crestfall.problem.amplitudes import ExtraTones
from crestfall.problem.arrays import ComplexArray, FloatArray
from crestfall.problem.channels import Interleaved, Orthogonal
from crestfall.problem.constraints import Alphabet, Constraint, Relation, Relations
from crestfall.problem.multisine import Multisine
from crestfall.problem.outputs import InputSignal, Output
from crestfall.problem.problem import Problem
from crestfall.problem.times import Samples, Times

_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Part:
    """A problem of one drive that is part of a problem of several inputs.

    Attributes:
        problem: The problem.
        inputs: Numbers of the inputs whose phases it chooses.
        label: Names of the inputs; empty where it is all of them.
        where: Where its phases stand among those of the whole design, as an index.
        seed_step: What is added to the seed: inputs with phases of their own begin elsewhere.
        share: The share of a limit that a figure of merit of 1 means; 1 without limits.
    """

    problem: Problem
    inputs: tuple[int, ...]
    label: str
    where: npt.NDArray[np.int64] | int | slice
    seed_step: int = 0
    share: float = 1.0

    @property
    def has_own_phases(self) -> bool:
        """Whether it chooses the phases of one of several inputs with the same tones."""
        return isinstance(self.where, int)

    def tones_of(self, tones: Multisine) -> Multisine:
        """Its tones, with the amplitudes that all tones of the design have."""
        if not isinstance(self.where, np.ndarray):
            return tones
        return self.problem.tones.with_amplitudes(tones.amplitudes[self.where])


def divided(problem: Problem) -> list[Part]:
    """The problems of one drive that a problem comes down to; itself, if it is one.

    Example:
        >>> inputs = Interleaved([[0, 1], [2, 3]], names=["x", "y"])
        >>> [part.label for part in divided(Problem(Multisine([1.0, 2.0, 3.0, 4.0]), channels=inputs))]
        ['x', 'y']
    """
    channels = problem.channels
    if channels is None:
        return [Part(problem, (0,), "", slice(None))]
    if isinstance(channels, Interleaved):
        return [_interleaved(problem, channels, group) for group in _tied(problem, channels)]
    if channels.phases == "common":
        everyone = tuple(range(channels.count))
        shared, share = _shared(problem, channels, everyone)
        return [Part(shared, everyone, "", slice(None), 0, share)]
    found = []
    for i, name in enumerate(channels.names):
        own, share = _shared(problem, channels, (i,))
        found.append(Part(own, (i,), name, i, i, share))
    return found


def joined(problem: Problem, parts: Sequence[Part], phases: Sequence[FloatArray]) -> FloatArray:
    """The phases of the whole design [rad], from those of its parts."""
    own = problem.has_own_phases
    found = np.zeros((problem.channels.count, problem.tones.n) if own else problem.tones.n)  # type: ignore[union-attr]
    for part, chosen in zip(parts, phases, strict=True):
        found[part.where] = chosen
    return found


def joined_amplitudes(problem: Problem, parts: Sequence[Part], tones: Sequence[Multisine]) -> Multisine:
    """The tones with the amplitudes chosen in the parts; inputs with phases of their own share the first's."""
    if problem.freedom is None:
        return problem.tones
    amplitudes = np.array(problem.tones.amplitudes)
    for part, chosen in zip(reversed(parts), reversed(tones), strict=True):
        amplitudes[part.where if isinstance(part.where, np.ndarray) else slice(None)] = chosen.amplitudes
    return problem.tones.with_amplitudes(amplitudes)


def channel_problem(problem: Problem, tones: Multisine, i: int) -> Problem:
    """What is asked of one input, with its amplitudes as they came out: a problem to measure it by.

    Args:
        problem: A problem of several inputs.
        tones: All tones, with the amplitudes that were chosen.
        i: Number of the input.
    """
    channels = problem.channels
    assert channels is not None
    which = channels.indices_of(problem.tones, i)
    factors = channels.factors(problem.multisine, problem.tones.n)[i]
    ms = tones.with_amplitudes(tones.amplitudes * factors).pick(which).with_initial_phases(None)
    outputs = _outputs_of(problem, i, which)
    return Problem(ms, over=_times_of(problem, ms), outputs=outputs, measure=problem.measure, unit=problem.unit)


def default_limit(ms: Multisine, problem: Problem) -> float:
    """What a measure is held against without limits: the RMS, or for a range the amplitude of a sine of this RMS."""
    if problem.held_samples is not None:
        return 1.0
    return problem.measured_tones(ms).nominal_rms * (sqrt(2.0) if problem.measure == "range" else 1.0)


# ------------------------------------------------------------------ interleaved inputs


def _interleaved(problem: Problem, channels: Interleaved, inputs: tuple[int, ...]) -> Part:
    """The part of some inputs with tones of their own."""
    wanted, n = problem.multisine, problem.multisine.n
    which = [channels.indices_of(problem.tones, i) for i in inputs]
    # Wanted tones first, extra tones after them, as in every problem.
    mine = np.concatenate([group[group < n] for group in which])
    more = np.concatenate([group[group >= n] for group in which])
    ms = wanted.pick(mine)
    everything = np.append(mine, more)
    label = "" if len(inputs) == channels.count and len(inputs) > 1 else ", ".join(channels.names[i] for i in inputs)
    fields = {
        "phases": _constraints_within(problem, everything),
        "tolerance_db": _picked(problem.tolerance_db, mine),
        "extra": _some_extra(problem.extra, more - n),
        "over": _times_of(problem, problem.tones.pick(everything)),
        "measure": problem.measure,
        "start_at_zero": problem.start_at_zero,
    }
    if len(inputs) == 1:
        outputs, share = _outputs_of(problem, inputs[0], everything), 1.0
        if channels.limits is not None and not outputs:
            share = default_limit(ms, problem) / channels.limits[inputs[0]]
        return Part(Problem(ms, outputs=outputs, **fields), inputs, label, everything, 0, share)  # type: ignore[arg-type]
    together = Problem(ms, **fields)  # type: ignore[arg-type]
    signals = []
    for i, group in zip(inputs, which, strict=True):
        present = np.isin(everything, group).astype(np.complex128)
        own = problem.tones.pick(group[group < n])
        signals += [
            InputSignal(present * response[everything], limit, name)
            for response, limit, name in _responses_of(problem, i, own)
        ]
    return Part(replace(together, outputs=signals), inputs, label, everything)


def _tied(problem: Problem, channels: Interleaved) -> list[tuple[int, ...]]:
    """Groups of inputs that constraints tie together; most are alone."""
    owner = np.zeros(problem.tones.n, dtype=np.int64)
    for i in range(channels.count):
        owner[channels.indices_of(problem.tones, i)] = i
    group = np.arange(channels.count)
    for relation in _relations(problem):
        if relation.other is not None:
            a, b = group[owner[relation.tone]], group[owner[relation.other]]
            group[group == b] = a
    return [tuple(np.flatnonzero(group == number).tolist()) for number in dict.fromkeys(group.tolist())]


def _relations(problem: Problem) -> list[Relation]:
    return [relation for one in problem.constraints for relation in one.relations(problem.tones)]


def _constraints_within(problem: Problem, which: npt.NDArray[np.int64]) -> list[Constraint]:
    """The constraints on some of the tones, by their new indices."""
    place = {int(tone): number for number, tone in enumerate(which)}
    kept = [
        relation._replace(tone=place[relation.tone], other=None if relation.other is None else place[relation.other])
        for relation in _relations(problem)
        if relation.tone in place
    ]
    found: list[Constraint] = [Relations(tuple(kept))] if kept else []
    return found if problem.alphabet is None else [*found, Alphabet(problem.alphabet)]


def _outputs_of(problem: Problem, i: int, which: npt.NDArray[np.int64]) -> list[Output]:
    """The outputs of an input at some of the tones; where it has a limit of its own, too, the input itself."""
    channels = problem.channels
    assert channels is not None
    name = channels.names[i]
    outputs = [
        Output(np.asarray(output.response)[which], output.limit, output.name, unit=output.unit)
        for output in problem.outputs
        if output.channel in (None, name)
    ]
    if outputs and channels.limits is not None:
        outputs.append(Output(1.0, channels.limits[i], name, unit=problem.unit))
    return outputs


def _picked(tolerance_db: npt.ArrayLike | None, which: npt.NDArray[np.int64]) -> npt.ArrayLike | None:
    values = np.asarray(tolerance_db, dtype=np.float64) if tolerance_db is not None else None
    return tolerance_db if values is None or values.ndim == 0 else values[which]


def _some_extra(extra: ExtraTones | None, which: npt.NDArray[np.int64]) -> ExtraTones | None:
    if extra is None or not which.size:
        return None
    return ExtraTones(np.asarray(extra.frequencies)[which], np.asarray(extra.largest)[which])


def _times_of(problem: Problem, ms: Multisine) -> Times:
    """The same times for some of the tones, whose period may be a part of the common one."""
    over = problem.over
    if not isinstance(over, Samples) or over.n is None:
        return over
    repeats = round(ms.fundamental / problem.tones.fundamental)
    return Samples(over.n // gcd(over.n, repeats))


# ------------------------------------------------------------------ orthogonal inputs


def _shared(problem: Problem, channels: Orthogonal, inputs: tuple[int, ...]) -> tuple[Problem, float]:
    """The problem of inputs that share one set of phases, and its part's ``share``."""
    ms, n = problem.multisine, problem.tones.n
    if len(inputs) == 1 and channels.initial_phases is not None:
        ms = ms.with_initial_phases(np.asarray(channels.initial_phases)[inputs[0]])
    factors = channels.factors(problem.multisine, n)
    rows, limits, names = [], [], []
    for i in inputs:
        own = problem.multisine.with_amplitudes(problem.multisine.amplitudes * factors[i][: problem.multisine.n])
        for response, limit, name in _responses_of(problem, i, own):
            for experiment, angle in enumerate(channels.angles[i]):
                rows.append(response * factors[i] * np.exp(1j * angle))
                limits.append(limit)
                names.append(f"{name}, experiment {experiment + 1}")
    shares = np.stack(rows) * problem.tones.amplitudes / np.array(limits)[:, None]
    rotations = _rotations_of(problem)
    keep = _binding(shares, rotations)
    plain = replace(problem, multisine=ms, channels=None, outputs=())
    alone, first = rows[keep[0]], rows[keep[0]][0]
    same_angle = _changes_nothing(first, rotations)
    if len(keep) == 1 and not problem.outputs and same_angle and np.max(np.abs(alone - first)) <= _SAME * abs(first):
        # The drive itself, at some level.
        return plain, abs(first) * default_limit(problem.multisine, problem) / limits[keep[0]]
    return replace(plain, outputs=[InputSignal(rows[k], limits[k], names[k]) for k in keep]), 1.0


def _responses_of(problem: Problem, i: int, own: Multisine) -> list[tuple[ComplexArray, float, str]]:
    """Response, limit and name of each signal of an input that counts: its outputs, or itself.

    Args:
        problem: A problem of several inputs.
        i: Number of the input.
        own: Its wanted tones, for the limit that it has without one.
    """
    channels = problem.channels
    assert channels is not None
    name, itself = channels.names[i], np.ones(problem.tones.n, dtype=np.complex128)
    found = [
        (np.asarray(output.response, dtype=np.complex128), output.limit, f"{name}: {output.name}")
        for output in problem.outputs
        if output.channel in (None, name)
    ]
    if channels.limits is not None:
        found.append((itself, channels.limits[i], name))
    return found or [(itself, default_limit(own, problem), name)]


def _rotations_of(problem: Problem) -> int | None:
    """How many common rotations of all phases, equally spaced, change nothing; ``None`` for all of them.

    All for the magnitude of complex signals, four for the larger of ``I`` and ``Q``, a sign for real ones.
    """
    if problem.is_about_components:
        return 4
    if problem.is_about_magnitudes:
        return None
    return 1 if problem.measure == "one-sided" else 2


def _changes_nothing(ratio: complex, rotations: int | None) -> bool:
    """Whether the angle of a ratio is one of the rotations."""
    if rotations is None:
        return True
    place = rotations * np.angle(ratio) / (2.0 * np.pi)
    return bool(abs(place - np.rint(place)) <= _SAME)


def _binding(rows: ComplexArray, rotations: int | None) -> list[int]:
    """Rows ``(q, n)`` that no other row covers, the largest first.

    Args:
        rows: Coefficients over limits.
        rotations: How many common rotations change nothing (see ``_rotations_of``).
    """
    kept: list[int] = []
    for row in np.argsort(-np.max(np.abs(rows), axis=1), kind="stable"):
        for other in kept:
            ratio = np.vdot(rows[other], rows[row]) / np.vdot(rows[other], rows[other])
            copies = np.linalg.norm(rows[row] - ratio * rows[other]) <= _SAME * np.linalg.norm(rows[row])
            if copies and abs(ratio) <= 1.0 + _SAME and _changes_nothing(ratio, rotations):
                break
        else:
            kept.append(int(row))
    return kept
