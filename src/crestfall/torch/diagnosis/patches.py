"""Methods and hooks of PyTorch that tell watchers what happens: put in once, taken out with the last watcher.

Each watcher hears of its own thread only. The threads in which PyTorch itself carries out a backward count as that of
the watcher whose backward is running.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

Wrap = Callable[[Any], Any]
_MARK = "_crestfall_original"  # attribute of a replaced method that holds the one of PyTorch


@dataclass(eq=False)
class Watcher:
    """Whom to tell.

    Attributes:
        wraps: What to put around a method, by the kind of event.
        hooks: What to call before and after an optimiser's step and a module's forward.
        in_backward: Whether a backward of this watcher is running.
        thread: The thread that it watches.
        paused: Tell it nothing.
    """

    wraps: dict[str, Wrap]
    hooks: dict[str, Callable[..., None]]
    in_backward: Callable[[], bool] = lambda: False
    thread: int = field(default_factory=threading.get_ident)
    paused: bool = False

    def hears(self) -> bool:
        """Whether it is told of what this thread does."""
        if self.paused:
            return False
        if self.thread == threading.get_ident():
            return True
        # A thread that PyTorch has made itself, for the backward on another device.
        return self.in_backward() and type(threading.current_thread()).__name__ == "_DummyThread"


_LOCK = threading.RLock()
_WATCHERS: list[Watcher] = []
_REPLACED: dict[tuple[Any, str], Any] = {}  # originals
_MODULE_HANDLES: list[Any] = []
_OPTIMIZER_HANDLES: list[Any] = []


def add(watcher: Watcher) -> None:
    """Begin to tell a watcher.

    Args:
        watcher: Heard of in :func:`remove` later.
    """
    with _LOCK:
        _WATCHERS.append(watcher)
        _install()


def remove(watcher: Watcher) -> None:
    """Tell a watcher no more; with the last one, put everything back. It may be called again.

    Args:
        watcher: Any.
    """
    with _LOCK:
        if watcher in _WATCHERS:
            _WATCHERS.remove(watcher)
        if not _WATCHERS:
            _uninstall()


@contextmanager
def unheard() -> Iterator[None]:
    """Whoever watches this thread already hears nothing of what happens inside."""
    others = [watcher for watcher in list(_WATCHERS) if watcher.hears()]
    modes = [mode for mode in torch.overrides._get_current_function_mode_stack() if hasattr(mode, "paused")]
    were = [mode.paused for mode in modes]
    try:
        for one in (*others, *modes):
            one.paused = True
        yield
    finally:
        for watcher in others:
            watcher.paused = False
        for mode, was in zip(modes, were, strict=True):
            mode.paused = was


def _targets() -> Iterator[tuple[Any, str, str]]:
    """Owner, name and kind of every method that is replaced."""
    yield torch.Tensor, "backward", "backward"
    yield torch.autograd, "backward", "backward"
    yield torch.autograd, "grad", "grad"
    yield torch.optim.Optimizer, "zero_grad", "zero_grad"
    yield torch.nn.Module, "zero_grad", "zero_grad"
    for scaler in {torch.amp.GradScaler, torch.cuda.amp.GradScaler}:
        if "step" in vars(scaler):
            yield scaler, "step", "scaler"
    module = torch.optim.lr_scheduler
    for value in list(vars(module).values()):
        if isinstance(value, type) and issubclass(value, module.LRScheduler) and "step" in vars(value):
            yield value, "step", "scheduler"


def _install() -> None:
    for owner, name, kind in _targets():
        present = vars(owner)[name]
        if not hasattr(present, _MARK):
            _REPLACED[owner, name] = present  # kept before it is replaced, in case of an interruption
            setattr(owner, name, _telling(present, kind))
    if not _MODULE_HANDLES:
        _MODULE_HANDLES.append(register_module_forward_pre_hook(_hook("before_module")))
        _MODULE_HANDLES.append(register_module_forward_hook(_hook("after_module")))
    if not _OPTIMIZER_HANDLES:
        _OPTIMIZER_HANDLES.append(register_optimizer_step_pre_hook(_hook("before_step")))
        _OPTIMIZER_HANDLES.append(register_optimizer_step_post_hook(_hook("after_step")))


def _uninstall() -> None:
    for (owner, name), original in list(_REPLACED.items()):
        if hasattr(vars(owner)[name], _MARK):  # unless other code has replaced it since
            setattr(owner, name, original)
    _REPLACED.clear()
    _take_out(_MODULE_HANDLES)
    # PyTorch fails if these go while an optimiser steps in another thread; without a watcher they do nothing.
    if threading.active_count() == 1:
        _take_out(_OPTIMIZER_HANDLES)


def _take_out(handles: list[Any]) -> None:
    for handle in list(handles):
        handle.remove()
    handles.clear()


def _telling(original: Any, kind: str) -> Any:
    def method(*args: Any, **kwargs: Any) -> Any:
        call = original
        for watcher in list(_WATCHERS):
            if watcher.hears():
                call = watcher.wraps[kind](call)
        return call(*args, **kwargs)

    setattr(method, _MARK, original)
    return method


def _hook(name: str) -> Callable[..., None]:
    def hook(*args: Any, **_: Any) -> None:
        for watcher in list(_WATCHERS):
            if watcher.hears():
                watcher.hooks[name](*args)

    return hook
