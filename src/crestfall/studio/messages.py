"""Messages between a search process and the page: one JSON object a line, nothing that is executed.

====================  ===================================================================================
to the process        ``{"text": problem file, "seconds": …, …}`` begins a search, ``stop`` ends it
from the process      ``begun`` when it takes an order, ``progress`` …, and at last one ``design`` or ``error``
====================  ===================================================================================
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from crestfall.files.record import dumps, loads
from crestfall.problem.arrays import FloatArray
from crestfall.search import Progress


@dataclass(frozen=True)
class Order:
    """What a search process is to do; what it does not say of the effort is as in ``crestfall.search.Effort``.

    Attributes:
        text: The problem file.
        seconds: Time limit [s].
        seed: Seed of everything random.
        use_atlas: Whether to begin with the best design known, if there is one.
        starts: Most starts.
        target: Figure of merit at which to stop.
        stall_limit: Time without anything better after which to stop [s].
        bound_time: Time for a higher bound after the search [s].
        prove: Whether to prove the design by branch and bound.
        method: Name of the method.
    """

    text: str
    seconds: float
    seed: int = 0
    use_atlas: bool = True
    starts: int | None = None
    target: float | None = None
    stall_limit: float | None = None
    bound_time: float | None = None
    prove: bool = False
    method: str = "minimax"

    @property
    def longest_s(self) -> float:
        """How long it may take in all [s]."""
        return self.seconds + (self.bound_time or 0.0)

    def line(self) -> bytes:
        """The order as one line."""
        return _line(asdict(self))

    @classmethod
    def of(cls, line: bytes) -> Order:
        """The order of a line."""
        return cls(**loads(line))


_ARRAYS = ("phases", "amplitudes", "frequencies")


@dataclass(frozen=True)
class Step:
    """How far a search is.

    Attributes:
        best: Lowest figure of merit so far (see ``Problem.figure``).
        starts: Starts done.
        elapsed_s: Time since it began [s].
        left_s: Time left [s].
        stage: What is being done.
        phases: Phases [rad] of the best as ``Design.phases`` has them, where they are new.
        amplitudes: ``(n,)`` their amplitudes, where those are free.
        frequencies: ``(n,)`` their frequencies [Hz], where lines may move.
    """

    best: float
    starts: int
    elapsed_s: float
    left_s: float | None
    stage: str
    phases: FloatArray | None = None
    amplitudes: FloatArray | None = None
    frequencies: FloatArray | None = None

    @classmethod
    def of_progress(cls, report: Progress, *, new: bool) -> Step:
        """The step of a progress report, with phases if they are new."""
        return cls(
            report.best,
            report.starts_done,
            report.elapsed_s,
            report.time_left_s,
            report.stage,
            report.best_phases if new else None,
            report.best_amplitudes if new else None,
            report.best_frequencies if new else None,
        )

    @property
    def _arrays(self) -> tuple[FloatArray | None, ...]:
        return self.phases, self.amplitudes, self.frequencies

    def line(self) -> bytes:
        """The step as one line.

        Example:
            >>> step = Step(1.5, 4, 0.25, 9.75, "polish", np.array([0.0, 1.5]))
            >>> Step.of(loads(step.line())).phases.tolist()
            [0.0, 1.5]
        """
        arrays = {key: None if one is None else one.tolist() for key, one in zip(_ARRAYS, self._arrays, strict=True)}
        return _line(
            {
                "kind": "progress",
                "best": self.best if np.isfinite(self.best) else None,
                "starts": self.starts,
                "elapsed_s": self.elapsed_s,
                "left_s": self.left_s,
                "stage": self.stage,
                **arrays,
            }
        )

    @classmethod
    def of(cls, values: dict[str, Any]) -> Step:
        """The step of a line's values."""
        best = np.inf if values["best"] is None else values["best"]
        arrays = (None if values[key] is None else np.array(values[key], dtype=np.float64) for key in _ARRAYS)
        starts, elapsed_s, left_s, stage = (values[key] for key in ("starts", "elapsed_s", "left_s", "stage"))
        return cls(best, starts, elapsed_s, left_s, stage, *arrays)


def _line(values: dict[str, Any]) -> bytes:
    return dumps(values, ascii_only=True).encode("ascii") + b"\n"


BEGUN = _line({"kind": "begun"})
STOP = b"stop\n"


def design_line(record: dict[str, Any]) -> bytes:
    """The line with the answer, a record of ``crestfall.files.record``."""
    return _line({"kind": "design", "record": record})


def error_line(message: str) -> bytes:
    """The line that says why there is no answer."""
    return _line({"kind": "error", "message": message})
