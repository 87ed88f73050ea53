"""The process in which a search runs: ``python -m crestfall.studio.worker``, orders in, progress and a design out.

A search of its own process cannot hold up the page, can be ended at any moment, and dies with the server: when its
input closes, it ends.
"""

from __future__ import annotations

import _thread
import os
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import asdict, replace
from time import perf_counter
from typing import BinaryIO

from crestfall.design.design import Design
from crestfall.files import problem_from_text
from crestfall.files.record import to_record
from crestfall.problem.notes import CrestfallWarning
from crestfall.search import Effort, Progress, minimize_peak
from crestfall.search.methods import METHODS
from crestfall.studio.messages import BEGUN, STOP, Order, Step, design_line, error_line

_PAUSE_S = 0.05
"""Time between two lines about the same design."""


def main() -> None:
    """Carry out one order after another until the input closes."""
    _reduce_priority()
    _limit_memory()
    warnings.simplefilter("ignore", CrestfallWarning)  # the page shows the notes, as it looks at every problem first
    # Whatever a library prints must not get between the lines of the answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def write(line: bytes) -> None:
        answers.write(line)
        answers.flush()

    orders = _Orders(sys.stdin.buffer)
    while True:
        try:
            order = orders.take()
        except KeyboardInterrupt:  # asked to stop when nothing was running
            continue
        if order is None:
            return
        try:
            write(BEGUN)
            write(_answer(order, write))
        except KeyboardInterrupt:  # before the search could take notice
            write(error_line("stopped before anything was found"))


def carry_out(order: Order, report: Callable[[Step], object]) -> Design:
    """Search, and report what is found meanwhile; the first Ctrl-C ends it with the best so far.

    Raises:
        ValueError: The problem cannot be solved as asked.

    Example:
        >>> steps = []
        >>> design = carry_out(Order('[tones]\\nharmonics = "1:5"', 0.1), steps.append)
        >>> design.figure <= steps[0].best, steps[0].phases.shape
        (True, (5,))
    """
    problem = problem_from_text(order.text)  # the page has looked at it, with its limits
    asked = {key: value for key, value in asdict(order).items() if key not in ("text", "seconds", "method")}
    taken = METHODS[order.method].options | {"bound_time"}
    effort = Effort(**{key: value for key, value in {**asked, "time_limit": order.seconds}.items() if key in taken})
    own = order.method == "minimax"
    if own:
        effort = replace(effort, workers=1)
    return minimize_peak(problem, effort=effort, method=None if own else order.method, progress=_Reporter(report))


class _Reporter:
    """Reports every better design at once, and from time to time that the search goes on."""

    def __init__(self, report: Callable[[Step], object]) -> None:
        self._report, self._last, self._phases = report, float("-inf"), b""

    def __call__(self, progress: Progress) -> None:
        now = perf_counter()
        phases = b"" if progress.best_phases is None else progress.best_phases.tobytes()
        new = phases != self._phases
        if new or now - self._last >= _PAUSE_S:
            self._phases, self._last = phases, now
            self._report(Step.of_progress(progress, new=new))


class _Orders:
    """Lines of the input, read in a thread so that ``stop`` and the end of the input count during a search, too."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._waiting: list[bytes | None] = []
        self._arrived = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def take(self) -> Order | None:
        """The next order; ``None`` at the end."""
        with self._arrived:
            while not self._waiting:
                self._arrived.wait()
            line = self._waiting.pop(0)
        return None if line is None else Order.of(line)

    def _read(self) -> None:
        for line in self._source:
            if line == STOP:
                _thread.interrupt_main()  # which a search takes for Ctrl-C
            else:
                self._put(line)
        os._exit(0)  # the server is gone

    def _put(self, line: bytes | None) -> None:
        with self._arrived:
            self._waiting.append(line)
            self._arrived.notify()


def _answer(order: Order, write: Callable[[bytes], object]) -> bytes:
    try:
        return design_line(to_record(carry_out(order, lambda step: write(step.line()))))
    except (ValueError, TypeError, ImportError) as error:
        return error_line(" ".join(str(error).split()))
    except MemoryError:
        return error_line(
            "the search needs more memory than this studio gives it; take fewer tones or a shorter window"
        )


def _reduce_priority() -> None:
    """Lower the priority of this process, so that the page stays responsive."""
    if hasattr(os, "nice"):
        os.nice(5)


def _limit_memory() -> None:
    """Limit the memory of this process, if the server asks for it."""
    allotted = os.environ.get("CRESTFALL_STUDIO_MEMORY")
    if allotted and sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (int(allotted), int(allotted)))


if __name__ == "__main__":
    main()
