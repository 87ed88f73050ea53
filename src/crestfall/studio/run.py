"""A search of the page: in a process of its own, reported by events, and stopped at any moment."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter

from crestfall.design.design import Design
from crestfall.design.provenance import Provenance
from crestfall.files.record import from_record, loads
from crestfall.studio.curves import prepared
from crestfall.studio.draft import Draft
from crestfall.studio.limits import Limits
from crestfall.studio.messages import STOP, Order, Step

GRACE_S = 3.0
"""How long a search that is stopped may take to end by itself; then it is ended, and the best that it reported kept."""

_OVERTIME_S = 20.0
"""The same for one whose time is over: it may still be polishing."""

_START_S = 60.0
"""How long a new process may take to begin."""

_ROUNDING = 1e-9
"""Two figures of merit that are closer are those of the same phases, computed in two ways."""

_STOPPED = "stopped before anything was found"
_TOO_LONG = "the time ran out before anything was found; allow more, or make the problem smaller"
_ENDED = "the search ended before anything was found; it may need more memory than this studio gives it"


@dataclass(frozen=True)
class Improved:
    """A better design, or a sign of life with the same one."""

    step: Step
    design: Design | None


@dataclass(frozen=True)
class Finished:
    """The answer."""

    design: Design


@dataclass(frozen=True)
class Failed:
    """Why there is no answer."""

    message: str


Event = Improved | Finished | Failed
Listener = Callable[[Event], object]


class BusyError(Exception):
    """All searches that may run at one time are running."""


class Workers:
    """The search processes of a server: at most ``limits.runs`` at work, and one started in advance.

    Args:
        limits: What they may use.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._idle: list[subprocess.Popen[bytes]] = []
        self._busy: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    def warm_up(self) -> None:
        """Have a process ready, so that the first search need not wait for its imports."""
        with self._lock:
            if not self._closed and not self._idle:
                self._idle.append(self._start())

    def take(self) -> subprocess.Popen[bytes]:
        """A process for one search.

        Raises:
            BusyError: All places are taken.
        """
        with self._lock:
            if self._closed or len(self._busy) >= self._limits.runs:
                raise BusyError(f"all {self._limits.runs} places are taken by other searches; try again in a moment")
            while self._idle:
                process = self._idle.pop()
                if process.poll() is None:
                    break
            else:
                process = self._start()
            self._busy.add(process)
            return process

    def give_back(self, process: subprocess.Popen[bytes], *, fit: bool) -> None:
        """After a search: keep one process for the next, and end the others."""
        with self._lock:
            self._busy.discard(process)
            if fit and not self._idle and not self._closed and process.poll() is None:
                self._idle.append(process)
                return
        _end(process)
        self.warm_up()  # or the next search would wait for its imports

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            self._closed = True
            processes = [*self._idle, *self._busy]
            self._idle.clear()
        for process in processes:
            _end(process)

    @property
    def running(self) -> int:
        """Searches at work."""
        with self._lock:
            return len(self._busy)

    def _start(self) -> subprocess.Popen[bytes]:
        # One visitor gets one core: the mathematics libraries would otherwise take all of them.
        one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        return subprocess.Popen(
            [sys.executable, "-m", "crestfall.studio.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **one_thread, "CRESTFALL_STUDIO_MEMORY": str(self._limits.memory_bytes)},
            # Ctrl-C in the server's terminal is the server's business: the first for POSIX, the second for Windows.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )


class Run:
    """One search. Its events come from a thread, in order: ``Improved`` …, and at last ``Finished`` or ``Failed``.

    Args:
        workers: Where its process comes from.
        draft: The problem.
        order: The same, with time limit and seed.
        listen: Called with each event, from the run's own thread.
        shown: Figure of merit that the page shows already: what is not better need not be measured meanwhile.

    Raises:
        BusyError: All places are taken.
    """

    def __init__(
        self, workers: Workers, draft: Draft, order: Order, listen: Listener, shown: float = float("inf")
    ) -> None:
        self._shown = shown
        self._workers, self._draft, self._order, self._listen = workers, draft, order, listen
        self._best: Design | None = None
        self._waiting: Step | None = None
        self._rested = 0.0
        self._why_ended = ""
        self._closed = self._ended = self._stopped = False
        self._process = workers.take()
        self._reader = threading.Thread(target=self._follow, name="crestfall-run", daemon=True)
        self._alarm = self._end_after(_START_S, f"the search did not begin within {_START_S:g} s; try again")
        self._reader.start()

    def stop(self) -> None:
        """Ask for the best so far; it comes within ``GRACE_S``, whatever the process is doing."""
        self._stopped = True
        self._write(STOP)
        self._alarm.cancel()
        self._alarm = self._end_after(GRACE_S, _STOPPED)

    def close(self) -> None:
        """End the process at once and report nothing more: nobody is listening."""
        self._closed = True
        self._kill()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the last event was reported."""
        self._reader.join(timeout)

    # ------------------------------------------------------------------ in the run's thread

    def _follow(self) -> None:
        try:
            last = self._events()
            sound = last is not None
        except (ValueError, ImportError, MemoryError) as error:  # what came could not be measured here
            last, sound = Failed(" ".join(str(error).split()) or "this needs more memory than is available"), False
        self._ended = True
        self._alarm.cancel()
        # A stop may still be on its way to a process that has just finished, and must not hit the next search.
        self._workers.give_back(self._process, fit=sound and not self._closed and not self._stopped)
        if not self._closed:
            cut_off = last is None or (self._stopped and isinstance(last, Failed))
            self._listen(last if last is not None and not cut_off else self._best_reported(last))

    def _events(self) -> Finished | Failed | None:
        """Read the process until its answer; ``None`` if it ended without one."""
        self._write(self._order.line())
        assert self._process.stdout is not None
        for line in self._process.stdout:
            values = loads(line)
            if values["kind"] == "begun" and not self._stopped:
                self._alarm.cancel()
                self._alarm = self._end_after(self._order.longest_s + _OVERTIME_S, _TOO_LONG)
            elif values["kind"] == "progress":
                self._improved(Step.of(values))
            elif values["kind"] == "design":
                # A worker is no file: what it says is proved, it has proved.
                return Finished(prepared(replace(from_record(values["record"]), bound_is_stated=False)))
            elif values["kind"] == "error":
                return Failed(values["message"])
        return None

    def _improved(self, step: Step) -> None:
        if step.phases is not None:
            self._waiting = step
        is_news = step.best < self._shown * (1.0 - _ROUNDING) and perf_counter() >= self._rested
        event = Improved(step, self._measured() if is_news else None)
        if not self._closed:
            self._listen(event)

    def _measured(self) -> Design | None:
        """The latest step as a design, if it is better than the best so far."""
        step, self._waiting = self._waiting, None
        if step is None or step.phases is None:
            return None
        begin, problem = perf_counter(), self._draft.problem
        if step.frequencies is not None:
            problem = problem.at_lines(step.frequencies)
        ms = None if step.amplitudes is None else problem.tones.with_amplitudes(step.amplitudes)
        provenance = Provenance("search, not finished", self._order.seed, step.starts, step.elapsed_s)
        design = prepared(Design.of(problem, step.phases, multisine=ms, status="not finished", provenance=provenance))
        # Of large problems not every step is measured: what comes meanwhile must be read, too.
        self._rested = 2.0 * perf_counter() - begin
        # With several inputs, a step may be about one of them while another one is still the worst.
        if self._best is not None and not design.figure < self._best.figure:
            return None
        self._best = design
        return design

    def _best_reported(self, last: Finished | Failed | None) -> Finished | Failed:
        self._measured()
        if self._best is not None:
            return Finished(self._best)
        return last or Failed(self._why_ended or _ENDED)

    def _write(self, line: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):  # where it has ended, the reader notices
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def _end_after(self, seconds: float, why: str) -> threading.Timer:
        def end() -> None:
            self._why_ended = why
            self._kill()

        alarm = threading.Timer(seconds, end)
        alarm.daemon = True
        alarm.start()
        return alarm

    def _kill(self) -> None:
        if not self._ended:
            self._process.kill()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    process.wait()
