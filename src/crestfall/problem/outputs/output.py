"""What must stay small: the drive signal, or any known linear response to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.problem.arguments import finite_number, unit_text
from crestfall.problem.arrays import ComparedByValue, ComplexArray, FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.readable import readable

Response = npt.ArrayLike | Callable[[FloatArray], npt.ArrayLike] | Any


@dataclass(frozen=True, eq=False)
class Output(ComparedByValue):
    r"""A signal that responds linearly to the tones, and how large it may become.

    .. math:: y(t) = \operatorname{Re} \sum_k H(f_k)\, a_k e^{i(2π f_k t + θ_k)}

    Attributes:
        response: ``H`` at the tones: ``(n,)`` complex numbers, a function of the frequencies [Hz], or a system of
            ``scipy.signal`` or python-control (continuous or discrete time).
        limit: Largest ``|y|`` that is allowed, in the unit of ``y``.
        name: Its name in reports.
        channel: With several inputs, the name of the input that this is a response to; by default every input.
        unit: Unit of the limit, such as ``"A"``, for labels. No number depends on it, and outputs that differ
            only in it are equal.

    Raises:
        ValueError: The limit is not a finite number above 0, or the unit is not a text of at most 12 characters.

    Example:
        >>> ms = Multisine([1.0, 2.0], [1.0, 0.5])
        >>> Output(lambda f: 1.0 / (1.0 + 1j * f), limit=0.4, name="velocity").responses(ms).round(2).tolist()
        [(0.5-0.5j), (0.2-0.4j)]
    """

    response: Response = 1.0
    limit: float = 1.0
    name: str = "drive"
    channel: str | None = None
    unit: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(f"output: name is {self.name!r}; give a text, such as 'velocity'")
        need = "a finite number above 0"
        limit = finite_number(f"output {self.name!r}: limit", self.limit, need, above_zero=True)
        object.__setattr__(self, "limit", limit)
        object.__setattr__(self, "unit", unit_text(f"output {self.name!r}: unit", self.unit))
        if isinstance(self.response, np.ndarray):
            object.__setattr__(self, "response", self.response.copy())
        super().__post_init__()

    def resolved(self, ms: Multisine) -> Output:
        """The same output with its response at these tones as numbers, which can be stored and sent to workers.

        Raises:
            ValueError: As ``responses``.
        """
        return replace(self, response=self.responses(ms))

    def responses(self, ms: Multisine) -> ComplexArray:
        """``H`` at each tone, ``(n,)``.

        Raises:
            ValueError: Not one finite number for each tone, or no response at some tone.
        """
        if callable(self.response) and not _is_system(self.response):
            values: Any = self.response(ms.frequencies)
        elif _is_system(self.response):
            values = _system_response(self.response, ms.frequencies)
        else:
            values = self.response
        try:
            response = np.asarray(values, dtype=np.complex128)
            response = np.full(ms.n, response) if response.ndim == 0 else response.reshape(ms.n)
        except (TypeError, ValueError):
            raise ValueError(
                f"output {self.name!r}: the response is not one complex number for each of {ms.n} tones"
            ) from None
        silent = (response == 0) & ((ms.frequencies != 0.0) | ms.complex)  # a constant may be cut off
        for k in np.flatnonzero(~np.isfinite(response) | silent):
            raise ValueError(
                f"output {self.name!r}: response[{k}] is {response[k]:g} at {readable(ms.frequencies[k], 'Hz')}; "
                "it must be finite and not 0: leave out the tone, or the output"
            )
        return response

    def __hash__(self) -> int:
        return hash((self.limit, self.name, self.channel))


@dataclass(frozen=True, eq=False)
class InputSignal(Output):
    """The signal of one of several inputs that are searched as one drive: constant shifts, and 0 at others' tones.

    Unlike the response of a system it has no transient. What people write as an output must reach every tone.
    """

    def responses(self, ms: Multisine) -> ComplexArray:
        """``H`` at each tone, ``(n,)``, already numbers."""
        return np.asarray(self.response, dtype=np.complex128)


def _is_system(response: object) -> bool:
    return hasattr(response, "frequency_response") or hasattr(response, "freqresp")


def _system_response(system: Any, frequencies: FloatArray) -> npt.ArrayLike:
    """``H`` of a python-control or ``scipy.signal`` system; a discrete one has its own sample time ``dt`` [s]."""
    control = hasattr(system, "ninputs")
    inputs, outputs = (system.ninputs, system.noutputs) if control else _ports(system)
    if (inputs, outputs) != (1, 1):
        raise ValueError("a system with several inputs or outputs; pick one of each, for instance system[0, 0]")
    dt: Any = getattr(system, "dt", None)
    discrete = system.isdtime(strict=True) if control else dt is not None
    omega = 2.0 * np.pi * frequencies * (1.0 if dt is True or not discrete else dt)
    points: ComplexArray = np.exp(1j * omega) if discrete else 1j * omega
    if control:
        return np.asarray(system(points))
    if hasattr(system, "A"):
        return _state_space_response(system, points)
    return np.asarray(system.freqresp(omega)[1])


def _ports(system: Any) -> tuple[int, int]:
    """Numbers of inputs and outputs of a ``scipy.signal`` system."""
    return (system.inputs, system.outputs) if hasattr(system, "inputs") else (1, 1)


def _state_space_response(system: Any, points: ComplexArray) -> ComplexArray:
    """``C (s − A)⁻¹ B + D``; ``freqresp`` of SciPy goes by way of a polynomial, which loses digits and warns of it."""
    eye, values = np.eye(len(system.A)), np.empty(points.shape, dtype=np.complex128)
    for k, point in enumerate(points):
        try:
            values[k] = (system.C @ np.linalg.solve(point * eye - system.A, system.B) + system.D)[0, 0]
        except np.linalg.LinAlgError:  # a pole at this very frequency
            values[k] = np.inf
    return values
