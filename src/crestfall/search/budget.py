"""When to stop: a time limit, Ctrl-C, or a callback that has seen enough; and what to report meanwhile."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from types import FrameType, TracebackType
from typing import Any

from crestfall.problem.arrays import ComparedByValue, FloatArray

INTERRUPTED = "interrupted"
"""Why a search had to finish after Ctrl-C."""


@dataclass(frozen=True, eq=False)
class Progress(ComparedByValue):
    """What a progress callback receives.

    Attributes:
        best: Lowest figure of merit so far (``Problem.figure``: the crest factor, the largest share of a limit, …).
        starts_done: Starts finished.
        starts_total: Starts planned, or ``None`` when only the time limit ends the search.
        elapsed_s: Time since the search began [s].
        time_left_s: Time until the limit [s], or ``None`` without one.
        stage: What is being done, in a word or two.
        best_phases: Phases [rad] of the best so far, as ``Design.phases`` has them; ``None`` before there are any.
        best_amplitudes: ``(n,)`` their amplitudes where those may be chosen, too; else ``None``.
        figure: Name of the figure of merit.
        best_frequencies: ``(n,)`` their frequencies [Hz] where lines may move; else ``None``.
    """

    best: float
    starts_done: int
    starts_total: int | None
    elapsed_s: float
    time_left_s: float | None
    stage: str
    best_phases: FloatArray | None = field(default=None, compare=False, repr=False)
    best_amplitudes: FloatArray | None = field(default=None, compare=False, repr=False)
    figure: str = "crest factor"
    best_frequencies: FloatArray | None = field(default=None, compare=False, repr=False)

    @property
    def best_crest_factor(self) -> float:
        """``best``, under its name where the figure of merit is a crest factor."""
        return self.best


ProgressCallback = Callable[[Progress], object]


class Budget:
    """A context in which a search may run: it ends at the time limit or at Ctrl-C, and says which.

    The first Ctrl-C only asks the search to finish, so that the best design so far is kept; a second one interrupts at
    once, as usual. Outside the main thread, where Python delivers no Ctrl-C, only the time limit applies.

    Args:
        time_limit: Seconds, or ``None``.
        stall_limit: Seconds without an improvement (see ``improved``) after which to stop, or ``None``.
        outer: A budget that this one is a part of: it counts time from there, and ends with it at the latest.
        own_clock: Whether it counts time from its own beginning all the same.
    """

    def __init__(
        self,
        time_limit: float | None,
        stall_limit: float | None = None,
        outer: Budget | None = None,
        *,
        own_clock: bool = False,
    ) -> None:
        self._own_clock = own_clock
        self._limit, self._stall_limit, self._outer = time_limit, stall_limit, outer
        self._reason: str | None = None
        self._previous: Any = None
        self._handles_signal = False
        self._start()

    def _start(self) -> None:
        now = self._improved = perf_counter()
        self._begin: float = now if self._outer is None or self._own_clock else self._outer._begin
        self._end = None if self._limit is None else now + self._limit

    def __enter__(self) -> Budget:
        self._start()
        if self._outer is None and threading.current_thread() is threading.main_thread():
            self._previous = signal.getsignal(signal.SIGINT)
            # A handler that is not Python's own stays: the application uses Ctrl-C for something else.
            if self._previous is signal.default_int_handler:
                signal.signal(signal.SIGINT, self._interrupted)
                self._handles_signal = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handles_signal:
            signal.signal(signal.SIGINT, self._previous)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        self.end(INTERRUPTED)
        signal.signal(signal.SIGINT, self._previous)

    def end(self, reason: str) -> None:
        """Ask the search to finish now; the first reason given counts."""
        self._reason = self._reason or reason

    def end_all(self, reason: str) -> None:
        """Ask the whole search to finish that this budget is a part of."""
        self.end(reason)
        if self._outer is not None:
            self._outer.end_all(reason)

    def improved(self) -> None:
        """Say that something better was found: the time until a stall begins again."""
        self._improved = perf_counter()

    def spent(self) -> bool:
        """Whether the search has to finish now."""
        if self._reason is None and self._end is not None and perf_counter() >= self._end:
            self._reason = "time limit"
        if self._stall_limit is not None and perf_counter() - self._improved >= self._stall_limit:
            self.end(f"no improvement for {self._stall_limit:g} s")
        if self._reason is None and self._outer is not None and self._outer.spent():
            self._reason = self._outer.reason
        return self._reason is not None

    @property
    def reason(self) -> str | None:
        """Why the search had to finish, or ``None`` if it did not."""
        return self._reason

    @property
    def elapsed(self) -> float:
        """Seconds since the whole search began."""
        return perf_counter() - self._begin

    @property
    def time_left(self) -> float | None:
        """Seconds until the limit, or ``None`` without one."""
        ends = [end for end in (self._end, None if self._outer is None else self._outer._end) if end is not None]
        return max(0.0, min(ends) - perf_counter()) if ends else None
