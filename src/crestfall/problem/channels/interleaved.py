"""Interleaved inputs: each has frequencies of its own, so that one experiment tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crestfall.problem.arguments import items, whole_number
from crestfall.problem.arrays import FloatArray
from crestfall.problem.channels.naming import input_limits, input_names
from crestfall.problem.multisine import Multisine

_MOST_INPUTS = 2**16


@dataclass(frozen=True)
class Interleaved:
    """Inputs that divide the tones among themselves: orthogonal over one common period, whatever the phases.

    Attributes:
        inputs: The indices of the tones of each input, every tone in exactly one; or the number of inputs, to which the
            tones are dealt in turn. ``crestfall.grids.deal`` deals harmonics in other ways.
        limits: Largest allowed value of each input; by default its RMS.
        names: Names of the inputs.

    Raises:
        ValueError: There is no input, or a list does not fit the inputs.

    Example:
        >>> Interleaved(2).indices_of(Multisine.harmonics(range(1, 6)), 1).tolist()
        [1, 3]
        >>> Interleaved([[0, 1], [2, 3, 4]], names=["x", "y"]).count
        2
    """

    inputs: int | Sequence[Sequence[int]]
    limits: Sequence[float] | None = None
    names: Sequence[str] = ()

    def __post_init__(self) -> None:
        if isinstance(self.inputs, int | np.integer):
            count = whole_number("channels: inputs", self.inputs, 1, "an integer of at least 1", _MOST_INPUTS)
        else:
            need = "a number of inputs, or a list with the indices of the tones of each"
            groups = [items("channels: inputs", group, need) for group in items("channels: inputs", self.inputs, need)]
            whole = tuple(tuple(_tone(tone) for tone in group) for group in groups)
            object.__setattr__(self, "inputs", whole)
            count = len(whole)
        if count < 1:
            raise ValueError(f"channels: inputs is {self.inputs!r}; there must be at least one")
        names = items("channels: names", self.names, "a list with a name for each input")
        object.__setattr__(self, "names", input_names(names or None, count))
        object.__setattr__(self, "limits", input_limits(self.limits, count))

    @property
    def kind(self) -> str:
        """What files call it."""
        return "interleaved"

    @property
    def count(self) -> int:
        """Number of inputs."""
        return len(self.names)

    @property
    def experiments(self) -> int:
        """Number of experiments."""
        return 1

    def require_fit(self, ms: Multisine) -> None:
        """Raise a ``ValueError`` unless every tone belongs to one input, and every input has one."""
        if ms.has_repeated_frequencies:
            raise ValueError(
                "channels: a frequency occurs twice; with interleaved inputs each frequency belongs to one of them"
            )
        if isinstance(self.inputs, int | np.integer):
            if self.count > ms.n:
                raise ValueError(f"channels: {self.count} inputs share {ms.n} tones; give each at least one")
            return
        dealt = [tone for group in self.inputs for tone in group]
        for number, group in enumerate(self.inputs):
            if not group:
                raise ValueError(f"channels: input {number} has no tones; give it at least one")
        if sorted(dealt) != list(range(ms.n)):
            missing = sorted(set(range(ms.n)) - set(dealt))
            wrong = f"tone {missing[0]} belongs to none" if missing else "one occurs twice or is not a tone"
            raise ValueError(f"channels: the inputs must share the {ms.n} tones, each in one of them; {wrong}")

    def indices_of(self, ms: Multisine, i: int) -> npt.NDArray[np.int64]:
        """Indices of the tones of an input; extra tones after those that were shared out are dealt in turn."""
        if isinstance(self.inputs, int | np.integer):
            return np.arange(i, ms.n, self.count)
        shared = sum(len(group) for group in self.inputs)
        return np.append(np.array(self.inputs[i], dtype=np.int64), np.arange(shared + i, ms.n, self.count))

    def factors(self, ms: Multisine, n: int) -> FloatArray:
        """``(inputs, n)`` ones: the tones have the amplitudes of the input that they belong to."""
        return np.ones((self.count, n))

    def phases_of(self, phases: FloatArray, i: int, experiment: int) -> FloatArray:
        """Phases [rad] of an input, from those of the design ``(n,)``."""
        if isinstance(self.inputs, int | np.integer):
            return phases[i :: self.count]
        shared = sum(len(group) for group in self.inputs)
        return np.append(phases[list(self.inputs[i])], phases[shared + i :: self.count])


def _tone(tone: object) -> int:
    return whole_number("channels: inputs: a tone", tone, 0, "the index of a tone, an integer of at least 0")


def joined_tones(inputs: Sequence[Multisine]) -> tuple[Multisine, list[range]]:
    """The tones of all inputs in one multisine, those of one input after the other, and the indices of each.

    Initial phases are kept where all inputs have them.

    Example:
        >>> ms, groups = joined_tones([Multisine([1.0, 3.0]), Multisine([2.0])])
        >>> ms.frequencies.tolist(), groups
        ([1.0, 3.0, 2.0], [range(0, 2), range(2, 3)])
    """
    phases = [ms.initial_phases for ms in inputs if ms.initial_phases is not None]
    together = Multisine(
        np.concatenate([ms.frequencies for ms in inputs]),
        np.concatenate([ms.amplitudes for ms in inputs]),
        complex=inputs[0].complex,
        initial_phases=np.concatenate(phases) if len(phases) == len(inputs) else None,
    )
    ends = np.cumsum([ms.n for ms in inputs]).tolist()
    return together, [range(end - ms.n, end) for ms, end in zip(inputs, ends, strict=True)]
