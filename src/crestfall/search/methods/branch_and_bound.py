"""After a search: branch and bound from its design, within what is left of the same budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from os import PathLike
from time import monotonic

import numpy as np

from crestfall.certainty.proof import Part, PartResult, Proof, ProofState, prove, require_provable
from crestfall.engine.polish import polish
from crestfall.problem.notes import note
from crestfall.problem.problem import Problem
from crestfall.search.executors import Executor, Here, WorkersLostError, executor_for
from crestfall.search.link import SearchLink
from crestfall.search.run import Run, Solution
from crestfall.search.status import status_of

GAP = 1e-3
"""Relative gap at which a design counts as the global optimum: 0.1 %."""

_BETTER = 1e-9
_FEW_BOXES = 2**14
"""Boxes that are bounded here before other processes are started: most proofs of eight tones need no more."""
_KEEP_S = 60.0
"""Time between two checkpoints [s]."""


@dataclass(frozen=True, eq=False)
class PartTask:
    """A part of the proof, as work for an executor (see ``Work``).

    Attributes:
        part: The part.
        deadline: Time (``time.time()``) [s] at which to give back what is still open, or ``None``.
    """

    part: Part
    deadline: float | None

    def run(self, link: SearchLink, threads: int | None = None) -> PartResult:  # one thread is enough
        """Bound the boxes (see ``Work`` and ``Part.bound``)."""
        return self.part.bound(lambda: link.stop() or (self.deadline is not None and time.time() >= self.deadline))

    def without_deadline(self) -> PartTask:
        """The same part for a machine with another clock."""
        return replace(self, deadline=None)


def require_proof_possible(problem: Problem, checkpoint: str | PathLike[str] | None) -> None:
    """Raise unless ``crestfall.certainty.proof`` covers the tones, and a checkpoint, if there is one, is of them.

    Raises:
        ValueError: It does not cover them, or the file is no checkpoint, or one of other tones.
        OSError: The file cannot be read.
    """
    if problem.tones.has_one_frequency:  # those have a closed form, which is its own proof
        return
    require_provable(problem.tones)
    if checkpoint is None:
        return
    from crestfall.files.proof_states import load_state  # lazy: files are above the search

    state = load_state(checkpoint)
    if state is None:
        return
    try:
        state.require_about(problem.tones)
    except ValueError as error:
        fault = str(error).removesuffix("; begin another one")
        raise ValueError(f"{checkpoint}: {fault}; choose another file, or delete it") from None


def with_proof(run: Run, found: Solution) -> Solution:
    """The solution, or a better one that the proof came across, with the bound that was proved in time.

    Args:
        run: The search that found it; the proof ends with its budget, and the bound reached by then is kept.
        found: What the search found.
    """
    problem, ms = run.problem, run.problem.ms
    rms = problem.problem.nominal_rms()
    peak = problem.value(found.variables) * rms

    def report(proof: Proof) -> None:
        run.report(f"branch and bound, {proof.boxes} boxes, lower bound {proof.lower_bound / rms:.4f}")

    begin, keep = _checkpoint(run)
    with ExitStack() as running:
        proof = prove(
            ms,
            np.asarray(problem.phases(found.variables)),
            gap=GAP,
            stop=run.spent,
            progress=report,
            run=_SharedProof(run, running).bound,
            begin=begin,
            keep=keep,
        )
    if proof.peak < peak * (1.0 - _BETTER):
        variables = polish(problem.problem, proof.phases).variables
        run.offer(problem.value(variables), variables)
        status = status_of(problem, variables, "found by branch and bound")
        found = replace(found, variables=variables, status=status, history=run.history)
    bound = proof.lower_bound if proof.lower_bound > 0.0 else None
    status = _status(found.status or "", proof, run.budget.reason)
    method = f"{found.method}, branch and bound"
    return replace(found, method=method, status=status, proven_peak_bound=bound)


class _SharedProof:
    """Bounds the parts of a proof: in this process while few boxes were bounded, then on all workers.

    Args:
        run: The search.
        running: The context whose end closes the workers.
    """

    def __init__(self, run: Run, running: ExitStack) -> None:
        self._run, self._running = run, running
        self._boxes_bounded = 0
        self._shared: Executor | None = None

    def bound(self, parts: Sequence[Part]) -> Iterator[tuple[int, PartResult]]:
        """The index and the result of each part, as they finish (a ``Runner``)."""
        left = self._run.budget.time_left
        deadline = None if left is None else time.time() + left
        try:
            for place, result in self._executor().run([PartTask(part, deadline) for part in parts]):
                self._boxes_bounded += result.boxes_bounded
                yield place, result
        except WorkersLostError as error:
            self._run.budget.end(str(error))

    def _executor(self) -> Executor:
        effort, link = self._run.effort, self._run.link
        if self._boxes_bounded < _FEW_BOXES:
            return Here(link)
        if self._shared is None:
            shared = executor_for(effort.processes_for_proof, effort.client, link)
            self._shared = self._running.enter_context(shared)
        return self._shared


def _checkpoint(run: Run) -> tuple[ProofState | None, Callable[[ProofState], None] | None]:
    """The state in which an earlier proof stopped, and a function that saves that of this one."""
    path = run.effort.checkpoint
    if path is None:
        return None, None
    from crestfall.files.proof_states import load_state, save_state

    saved = monotonic()

    def keep(state: ProofState) -> None:
        nonlocal saved
        if monotonic() - saved < _KEEP_S and not run.spent() and len(state.boxes):
            return
        try:
            save_state(state, path)
        except OSError as error:
            note(f"the checkpoint was not written: {error}")
        saved = monotonic()

    return load_state(path), keep


def _status(before: str, proof: Proof, ended: str | None) -> str:
    if proof.proven and proof.boxes == 0:
        return "global optimum: time shifts make all phases of these tones equivalent"
    if proof.proven:
        return f"global optimum to {100 * GAP:.1g} %: branch and bound, {proof.boxes} boxes"
    when = {"time limit": "at the time limit", "interrupted": "when interrupted"}.get(ended or "", f"({ended})")
    return f"{before}; branch and bound stopped {when} after {proof.boxes} boxes: the gap says what is proved"
