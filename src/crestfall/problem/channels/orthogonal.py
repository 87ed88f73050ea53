r"""Orthogonal inputs: all excite the same frequencies, told apart by as many experiments as inputs.

At frequency ``k`` the coefficients of inputs (rows) by experiments (columns) are

.. math:: U_k = \operatorname{diag}(A_i(k)\, e^{iφ_i(k)})\; T, \qquad T\,T^H = m\,I,

so that :math:`U_k U_k^H = m \operatorname{diag}(A_i(k)^2)`: a frequency response matrix follows from the responses
``Y_k`` by ``Y_k U_k^{-1}`` with the least variance.

Source: Dobrowiecki, Schoukens & Guillaume, IEEE Trans. Instrum. Meas. 55(6):2072, 2006.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crestfall.problem.arguments import items, real_numbers, whole_number
from crestfall.problem.arrays import ComparedByValue, FloatArray
from crestfall.problem.channels.matrices import MOST_INPUTS, angles_of
from crestfall.problem.channels.naming import input_limits, input_names
from crestfall.problem.multisine import Multisine

SHARING = ("common", "own")


@dataclass(frozen=True, eq=False)
class Orthogonal(ComparedByValue):
    """``m`` inputs with the same tones in ``m`` experiments.

    Attributes:
        inputs: How many, or their names.
        matrix: Which sign or angle each input has in each experiment: ``"hadamard"`` (powers of two, where it is the
            default; uses only signs, which do not change a peak), ``"chirp"`` (any number, few different angles; the
            default otherwise) or ``"dft"`` (any number, as in the textbooks).
        phases: ``"common"``: all inputs share one set of phases (random orthogonal multisines have this form);
            ``"own"``: each input has its own (full random orthogonal multisines), found from other random starts.
        limits: Largest allowed value of each input; by default its RMS, so that the largest crest factor is minimised.
        amplitudes: ``(m, n)`` amplitudes of each input, where they differ; by default those of the tones.
        names: Names of the inputs; ``inputs`` may give them instead.
        initial_phases: ``(m, n)`` phases [rad] that the inputs came with, for ``phases="own"``.

    Raises:
        ValueError: There is no such matrix for this number of inputs, or a list does not fit the inputs.

    Example:
        >>> Orthogonal(["x", "y"]).count, Orthogonal(3, matrix="chirp").names
        (2, ('input 1', 'input 2', 'input 3'))
    """

    inputs: int | Sequence[str]
    matrix: str | None = None
    phases: str = "common"
    limits: Sequence[float] | None = None
    amplitudes: npt.ArrayLike | None = None
    names: Sequence[str] = ()
    initial_phases: npt.ArrayLike | None = None

    def __post_init__(self) -> None:
        given = items("channels: names", self.names, "a list with a name for each input")
        if isinstance(self.inputs, int | np.integer):
            count = whole_number("channels: inputs", self.inputs, 1, f"an integer from 1 to {MOST_INPUTS}", MOST_INPUTS)
        else:
            named = items("channels: inputs", self.inputs, "a number of inputs, or a list of their names")
            given, count = given or named, len(named)
        if self.phases not in SHARING:
            raise ValueError(
                f"channels: phases is {self.phases!r}; choose 'common' (all inputs share one set) or 'own' (each input "
                "has its own, as in full random orthogonal multisines)"
            )
        if self.matrix is None:
            object.__setattr__(self, "matrix", "chirp" if count & (count - 1) else "hadamard")
        angles_of(str(self.matrix), count)
        object.__setattr__(self, "inputs", count)
        object.__setattr__(self, "names", input_names(given or None, count))
        object.__setattr__(self, "limits", input_limits(self.limits, count))
        for name in ("amplitudes", "initial_phases"):
            if getattr(self, name) is not None:
                need = "give one row of numbers for each input"
                values = real_numbers(f"channels: {name}", getattr(self, name), need)
                if not np.all(np.isfinite(values)):
                    raise ValueError(f"channels: {name} has values that are not finite; give a number for each tone")
                object.__setattr__(self, name, values)
        super().__post_init__()

    @property
    def kind(self) -> str:
        """What files call it."""
        return "orthogonal"

    @property
    def count(self) -> int:
        """Number of inputs."""
        return len(self.names)

    @property
    def experiments(self) -> int:
        """Number of experiments."""
        return self.count

    @property
    def angles(self) -> FloatArray:
        """``(inputs, experiments)`` angles of the matrix [rad]."""
        return angles_of(str(self.matrix), self.count)

    def require_fit(self, ms: Multisine) -> None:
        """Raise a ``ValueError`` unless these inputs can have these tones."""
        if ms.has_repeated_frequencies:
            raise ValueError("channels: a frequency occurs twice; add up its tones first")
        for name in ("amplitudes", "initial_phases"):
            values = getattr(self, name)
            if values is not None and values.shape != (self.count, ms.n):
                raise ValueError(
                    f"channels: {name} has shape {values.shape}; give one row of {ms.n} for each of {self.count} inputs"
                )
        if self.amplitudes is not None:
            for row in np.asarray(self.amplitudes):
                ms.with_amplitudes(row)

    def indices_of(self, ms: Multisine, i: int) -> npt.NDArray[np.int64]:
        """Indices of the tones of an input: all."""
        return np.arange(ms.n)

    def factors(self, ms: Multisine, n: int) -> FloatArray:
        """``(inputs, n)`` amplitudes relative to those of the tones; tones after those of ``ms`` are extra ones."""
        found = np.ones((self.count, n))
        if self.amplitudes is not None:
            amplitudes = np.asarray(self.amplitudes)
            found[:, : ms.n] = amplitudes / ms.amplitudes
            found[:, ms.n :] = np.linalg.norm(amplitudes, axis=1, keepdims=True) / np.linalg.norm(ms.amplitudes)
        return found

    def phases_of(self, phases: FloatArray, i: int, experiment: int) -> FloatArray:
        """Phases [rad] of an input in an experiment, from those of the design: ``(n,)``, or ``(inputs, n)`` if own."""
        own = phases[i] if self.phases == "own" else phases
        return np.asarray(np.mod(own + self.angles[i, experiment], 2.0 * np.pi))
