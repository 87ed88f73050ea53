"""After the search: branch and bound from its design, within what is left of the same budget."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crestfall.certainty.measures import crest_factor
from crestfall.certainty.proof import Proof, prove, require_provable
from crestfall.design.design import Design
from crestfall.engine.polish import polish
from crestfall.engine.solvers.continuation import Problem
from crestfall.problem.goal import Goal
from crestfall.problem.multisine import Multisine
from crestfall.search.budget import Budget, Progress, ProgressCallback
from crestfall.search.status import status_of

GAP = 1e-3
"""Relative gap at which a design counts as the global optimum: 0.1 %."""

DEFAULT_TIME_LIMIT_S = 60.0
"""For search and proof together, when nothing is said: enough for about ten flat tones."""

_BETTER = 1e-9


def require_proof_possible(ms: Multisine, *, method: str, goal: Goal, stall_limit: float | None) -> None:
    """Raise unless a proof can be given for this problem.

    Raises:
        ValueError: A baseline method, another goal than the true peak, a stall limit, or tones that ``crestfall.certainty.proof``
            does not cover.
    """
    if method != "minimax":
        raise ValueError(f"prove goes with method 'minimax', not with {method!r}; leave out one of them")
    if not goal.is_plain:
        raise ValueError(
            "prove is about the true peak of the drive, all phases free; leave out the sample grid, outputs, "
            "constraints and measure, or prove"
        )
    if stall_limit is not None:
        raise ValueError("prove ends by itself or at the time limit, not at a stall; leave out stall_limit, or prove")
    if not ms.has_one_frequency:  # those have a closed form, which is its own proof
        require_provable(ms)


def with_proof(design: Design, budget: Budget, progress: ProgressCallback | None) -> Design:
    """The design, or a better one that the proof came across, with the bound that was proved in time.

    Args:
        design: What the search found.
        budget: Both search and proof end with it; the bound reached by then is kept.
        progress: Told of the boxes done and of the bound so far.
    """
    ms, sought = design.multisine, design.provenance

    def tell(proof: Proof) -> None:
        if progress is None:
            return
        stage = f"branch and bound, {proof.boxes} boxes, lower bound {proof.lower_bound / design.rms:.4f}"
        report = Progress(
            best_crest_factor=min(proof.peak, design.peak) / design.rms,
            starts_done=sought.starts,
            starts_total=None,
            elapsed_s=budget.elapsed,
            time_left_s=budget.time_left,
            stage=stage,
        )
        try:
            progress(report)
        except StopIteration:
            budget.end("stopped by the progress callback")

    proof = prove(ms, design.phases, gap=GAP, stop=budget.spent, tell=tell)
    phases, status, history = design.phases, design.status, sought.history
    if proof.peak < design.peak_interval[0] * (1.0 - _BETTER):
        phases = np.mod(polish(ms, proof.phases).variables, 2.0 * np.pi)
        status = status_of(Problem(ms), phases, "found by branch and bound")
        history = (*history, (budget.elapsed, crest_factor(ms, phases)))
    method = f"{sought.method}, branch and bound"
    found = Design.of(
        ms,
        phases,
        status=status,
        provenance=replace(sought, method=method, seconds=budget.elapsed, history=history),
        proven_peak_bound=proof.lower_bound if proof.lower_bound > 0.0 else None,
    )
    return replace(found, status=_status(found, proof, budget.reason))


def _status(found: Design, proof: Proof, ended: str | None) -> str:
    if proof.proven and proof.boxes == 0:
        return "global optimum: time shifts make all phases of these tones equivalent"
    if proof.proven:
        return f"global optimum to {100 * GAP:.1g} %: branch and bound, {proof.boxes} boxes"
    when = {"time limit": "at the time limit", "interrupted": "when interrupted"}.get(ended or "", f"({ended})")
    lower = 100.0 * (1.0 - found.peak_lower_bound / found.peak)
    return f"{found.status}; branch and bound stopped {when}: no phases are more than {lower:.2g} % lower"
