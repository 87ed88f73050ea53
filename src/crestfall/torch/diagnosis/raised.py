"""Errors of PyTorch that a training step can raise, and what each of them means for an optimisation."""

from __future__ import annotations

from crestfall.torch.diagnosis.catalogue import finding
from crestfall.torch.findings import Finding

_MEANINGS = (
    ("backward through the graph a second time", "stale-graph"),
    ("modified by an inplace operation", "in-place-change"),
    ("leaf Variable that requires grad is being used in an in-place", "in-place-change"),
    ("a view of a leaf Variable", "in-place-change"),
    ("grad can be implicitly created only for scalar", "loss-not-scalar"),
    ("grad can be implicitly created only for real", "loss-not-real"),
    ("does not require grad and does not have a grad_fn", "detached"),
    ("Can't call numpy() on Tensor that requires grad", "detached"),
    ("derivative for aten::", "not-differentiable"),
)


def of_error(error: BaseException) -> Finding | None:
    """The finding that explains an error, ``None`` for one that is the user's own.

    Args:
        error: As raised by the loss or by the step.

    Example:
        >>> of_error(RuntimeError("Trying to backward through the graph a second time")).code
        'stale-graph'
        >>> of_error(KeyError("x"))
    """
    text = str(error)
    if isinstance(error, (TypeError, AttributeError)) and "NoneType" in text:
        return finding("grad-is-none", f"the step stops with {type(error).__name__}: {_short(text)}")
    if not isinstance(error, (RuntimeError, NotImplementedError)):
        return None
    for part, code in _MEANINGS:
        if part not in text:
            continue
        if code == "stale-graph":
            return finding(
                code,
                "backward() went through the same graph a second time, so that part of the loss was computed once, "
                "outside the loop",
            )
        if "leaf" in part:
            return finding(
                code,
                f"the step stops with: {_short(text)}",
                remedy="change parameters under torch.no_grad()",
                fix="with torch.no_grad():\n    theta -= rate * theta.grad",
            )
        return finding(code, f"backward() stops with: {_short(text)}")
    return None


def _short(text: str) -> str:
    first = text.split("\n")[0].split(". ")[0]
    return first if len(first) <= 120 else f"{first[:117]}…"
