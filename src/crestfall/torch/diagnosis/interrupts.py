"""Ctrl-C while things are put back: wait until all of them are, then raise it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import CodeType, FrameType, TracebackType
from typing import Any


class Interrupts:
    """A context in which only the first Ctrl-C raises, and none while something is put back.

    What was deferred is raised when the context ends. Outside the main thread, which alone is interrupted, it does
    nothing.

    Args:
        within: Code of functions in which a Ctrl-C is deferred from their very beginning.

    Attributes:
        deferred: Whether a Ctrl-C waits for the end of the context.
    """

    def __init__(self, *within: CodeType) -> None:
        self.deferred = False
        self._within = within
        self._waiting = False
        self._finished = False
        self._before: Any = None

    def __enter__(self) -> Interrupts:
        handler = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is threading.main_thread() and callable(handler):
            self._before = handler
            signal.signal(signal.SIGINT, self._handle)
        return self

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if not self._finished and (self.deferred or self._is_within(frame)):
            self._waiting = True
            return
        self.deferred = True  # from here on everything is put back
        self._before(number, frame)
        self.deferred = False  # a handler of the user's that does not raise

    def _is_within(self, frame: FrameType | None) -> bool:
        while frame is not None and self._within:
            if frame.f_code in self._within:
                return True
            frame = frame.f_back
        return False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._before is None:
            return
        self._finished = True
        if getattr(signal.getsignal(signal.SIGINT), "__self__", None) is self:
            signal.signal(signal.SIGINT, _unfinished(self._before))
        if self._waiting and not isinstance(error, KeyboardInterrupt):
            self._before(signal.SIGINT, None)


def _unfinished(handler: Any) -> Any:
    """The handler to go back to, past those of contexts that have ended in another order than they began."""
    while isinstance(owner := getattr(handler, "__self__", None), Interrupts) and owner._finished:
        handler = owner._before
    return handler


def persistently(act: Callable[[], object]) -> None:
    """Do something to its end, again from its beginning after each interruption, which is raised afterwards.

    Args:
        act: May be done several times.
    """
    interruption: KeyboardInterrupt | None = None
    while True:
        try:
            act()
            break
        except KeyboardInterrupt as error:
            interruption = error
    if interruption is not None:
        raise interruption
