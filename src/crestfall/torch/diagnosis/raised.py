"""Errors of PyTorch that a training step can raise, and what each of them means for an optimisation."""

from __future__ import annotations

import linecache
import traceback

from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.diagnosis.connection import REMEDIES
from crestfall.torch.findings import Finding

_TO_NUMPY = "Can't call numpy() on Tensor that requires grad"
_MEANINGS = (
    ("backward through the graph a second time", "stale-graph"),
    ("modified by an inplace operation", "in-place-change"),
    ("leaf Variable that requires grad is being used in an in-place", "in-place-change"),
    ("a view of a leaf Variable", "in-place-change"),
    ("grad can be implicitly created only for scalar", "loss-not-scalar"),
    ("grad can be implicitly created only for real", "loss-not-real"),
    ("does not require grad and does not have a grad_fn", "detached"),
    (_TO_NUMPY, "detached"),
    ("derivative for aten::", "not-differentiable"),
)


def explain_error(error: BaseException, *, in_step: bool = False) -> Finding | None:
    """The finding that explains an error, ``None`` for one that is the user's own.

    Args:
        error: As raised by the loss or by the step.
        in_step: The step raised it, not the loss alone: only a step has a use for ``.grad``.

    Example:
        >>> explain_error(RuntimeError("Trying to backward through the graph a second time")).code
        'stale-graph'
        >>> explain_error(KeyError("x"))
    """
    text = str(error)
    if isinstance(error, (TypeError, AttributeError)) and "NoneType" in text:
        used = f".grad.{error.name}" if isinstance(error, AttributeError) else ".grad"
        if in_step and used in _failing_line(error):
            return finding(
                "grad-is-none", f"the step raised {type(error).__name__} on a .grad that is None: {_short(text)}"
            )
        return None
    if not isinstance(error, (RuntimeError, NotImplementedError)):
        return None
    for part, code in _MEANINGS:
        if part not in text:
            continue
        if code == "stale-graph":
            return finding(
                code,
                "backward() went through the same graph a second time, so that part of the loss was computed once, "
                "outside the loop, or carried on from the iteration before",
            )
        if "leaf" in part:
            return finding(
                code,
                f"the step raised: {_short(text)}",
                remedy="change parameters under torch.no_grad()",
                fix="with torch.no_grad():\n    theta -= rate * theta.grad",
            )
        if part == _TO_NUMPY:
            remedy, fix = REMEDIES["leaves PyTorch"]
            return finding(code, f"the loss raised: {_short(text)}", remedy=remedy, fix=fix)
        return finding(code, f"backward() raised: {_short(text)}")
    return None


def _failing_line(error: BaseException) -> str:
    """The source of the statement that failed, in the innermost frame outside PyTorch; empty where it is unknown."""
    frames = [
        summary
        for (frame, _), summary in zip(
            traceback.walk_tb(error.__traceback__), traceback.extract_tb(error.__traceback__), strict=True
        )
        if not frame.f_globals.get("__name__", "").startswith(("torch.", "crestfall.torch."))
    ]
    if not frames or frames[-1].lineno is None:
        return ""
    last = getattr(frames[-1], "end_lineno", None) or frames[-1].lineno
    return "".join(linecache.getline(frames[-1].filename, k) for k in range(frames[-1].lineno, last + 1))


def _short(text: str) -> str:
    first = text.split("\n")[0].split(". ")[0]
    return first if len(first) <= 120 else f"{first[:117]}…"
