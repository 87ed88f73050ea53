"""Waveforms that may only be delayed: interleaved converters, staggered pulses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from crestfall.problem.arguments import items, real_numbers, whole_number
from crestfall.problem.arrays import FloatArray
from crestfall.problem.constraints.hold import require_tone
from crestfall.problem.constraints.phase_map import PhaseMap, Relation
from crestfall.problem.multisine import Multisine

_MOST_NUMBERS = 2**24
"""Most samples of all waveforms together, where delays are in steps."""


@dataclass(frozen=True)
class Delays:
    r"""Groups of tones keep their shape; each group is only delayed by a time :math:`τ_g` of its own.

    .. math:: θ_k = θ_{0,k} - 2π f_k τ_g

    Attributes:
        groups: Indices of the tones of each waveform. A tone belongs to at most one group; tones in none stay free.
        phases: ``(n,)`` phases ``θ₀`` [rad] without delay; by default the multisine's initial phases, else 0.
        steps: If given, delays are whole multiples of ``period / steps``, and the least peak over all such delays can
            be proven. All tones must then belong to a group or be held, and ``over=Samples(n)`` must count a multiple
            of ``steps`` samples. For signals that keep their value from one sample to the next, such as pulses with
            edges on the steps, no other delays are better (see ``Shapes``).

    Raises:
        ValueError: ``steps`` is not an integer of at least 1.

    Example:
        >>> from crestfall import minimize_peak
        >>> ms = Multisine.harmonics([1, 2, 3, 1, 2, 3])  # two copies of one waveform
        >>> design = minimize_peak(ms, constraints=[Delays([[0, 1, 2], [3, 4, 5]])], starts=16)
        >>> bool(np.allclose(design.phases[1] % 6.28318530718, 2 * design.phases[0] % 6.28318530718, atol=1e-6))
        True
    """

    groups: Sequence[Sequence[int]]
    phases: Sequence[float] | None = None
    steps: int | None = None

    def __post_init__(self) -> None:
        # Tuples, so that equal constraints are equal whatever they were made of.
        need = "a list with the indices of the tones of each waveform, such as [[0, 1], [2, 3]]"
        groups = tuple(items("delays: groups", group, need) for group in items("delays: groups", self.groups, need))
        object.__setattr__(self, "groups", groups)
        if self.phases is not None:
            angles = real_numbers("delays: phases", self.phases, "give one angle in radians for each tone", unit="rad")
            object.__setattr__(self, "phases", items("delays: phases", angles, "a list of angles in radians"))
        if self.steps is not None:
            steps = whole_number("delays: steps", self.steps, 1, "an integer of at least 1")
            object.__setattr__(self, "steps", steps)

    def origin(self, ms: Multisine) -> FloatArray:
        """``(n,)`` phases ``θ₀`` [rad] without delay.

        Raises:
            ValueError: They are not one finite angle for each tone.
        """
        base = ms.initial_phases if self.phases is None else np.asarray(self.phases, dtype=np.float64)
        base = np.zeros(ms.n) if base is None else base
        if base.shape != (ms.n,) or not np.all(np.isfinite(base)):
            raise ValueError(f"delays: phases have shape {base.shape}; give one finite angle in radians for each tone")
        return base

    def relations(self, ms: Multisine) -> Iterator[Relation]:
        """``(θ_k − θ₀_k) / f_k`` is the same for all tones of a group.

        Raises:
            ValueError: An index that is not a tone or occurs twice, a tone at 0 Hz, or phases of the wrong number.
        """
        base = self.origin(ms)
        seen: set[int] = set()
        for number, group in enumerate(self.groups):
            tones = [require_tone("delays", tone, ms) for tone in group]
            if not tones or len(set(tones)) < len(tones) or seen & set(tones):
                raise ValueError(f"delays: group {number} is {list(group)}; give each tone once, in one group")
            seen |= set(tones)
            numbers = ms.harmonic_numbers if ms.has_period else ms.frequencies
            # The lowest tone leads: then a turn of its phase is a whole turn of every other one's multiple.
            moving = sorted((tone for tone in tones if numbers[tone]), key=lambda tone: abs(numbers[tone]))
            for tone in tones:
                if not numbers[tone]:
                    yield Relation(tone, None, 0.0, float(base[tone]), f"delay of tone {tone} at 0 Hz")
            for tone in moving[1:]:
                factor = numbers[tone] / numbers[moving[0]]
                offset = float(base[tone] - factor * base[moving[0]])
                yield Relation(tone, moving[0], float(factor), offset, f"delay of group {number}")


def require_steps(steps: int, samples: int | None, phase_map: PhaseMap, ms: Multisine) -> None:
    """Raise a ``ValueError`` unless delays in steps move samples onto samples, and nothing else is free.

    Args:
        steps: Steps of a period.
        samples: Samples of a period that count.
        phase_map: What is left to choose.
        ms: All tones.
    """
    if samples is None:
        raise ValueError(f"delays: steps is {steps}, which counts samples of a period; say over=Samples({steps})")
    if samples % steps:
        more = -(-samples // steps) * steps
        raise ValueError(
            f"delays: steps is {steps}, but {samples} samples of a period count; say over=Samples({more}), a multiple"
        )
    if phase_map.n_free * samples > _MOST_NUMBERS:
        raise ValueError(
            f"delays: {phase_map.n_free} waveforms of {samples} samples are more than {_MOST_NUMBERS} numbers; give "
            "fewer samples of a period"
        )
    for variable in range(phase_map.n_free):
        rows = np.flatnonzero((phase_map.variables == variable) & (phase_map.slopes != 0.0))
        turns = phase_map.slopes[rows] / ms.harmonic_numbers[rows]
        if np.ptp(turns) > 1e-9 * np.max(np.abs(turns)):
            raise ValueError(
                f"delays: with steps all tones are delayed or held, but tone {rows[0]} moves in another way; "
                "put it into a group, or hold it"
            )
