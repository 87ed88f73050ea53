"""What a round has found, whoever found it and in whatever order: the rule that makes answers reproducible.

Workers refine what may beat the best that they have heard of, and what they have heard is a matter of luck. So the
round is settled afterwards, as if one worker had taken all candidates of all tasks in rising order of their goals and
refined each that lies within ``worth`` of the best so far. Goals before and after a refinement are functions of the
start alone; therefore so is the outcome. A refinement that this rule asks for and that no worker has done, since it had
heard of something better, is done here; one that it does not ask for does not count. Both are rare: they need a
candidate that gains more than refinements usually do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from crestfall.search.refine import USUAL_GAIN, Candidate

_LUCK = 1.0007
"""How much more than the largest of the last gains the next one may bring."""
_REMEMBERED = 16


def settle(
    candidates: Iterable[Candidate], bar: float, worth: float, refined: Callable[[Candidate], Candidate]
) -> list[Candidate]:
    """The outcome of a round.

    Args:
        candidates: All of all tasks, in the order of the tasks.
        bar: Best goal before the round.
        worth: What stands higher than this factor above the best is not refined.
        refined: Does the refinements that are missing.

    Returns:
        The candidates in rising order of their goals at the end of the path, refined exactly where the rule says so.

    Example:
        >>> import numpy as np
        >>> x = np.zeros(1)
        >>> lucky = Candidate(1.42, x, 1.30, x)  # refined by a worker that knew of nothing better
        >>> [c.best[0] for c in settle([lucky, Candidate(1.40, x, 1.39, x)], 1.5, 1.004, lambda c: c)]
        [1.39, 1.42]
    """
    settled = []
    for candidate in sorted(candidates, key=lambda candidate: candidate.goal):
        if candidate.goal > worth * bar:
            settled.append(Candidate(candidate.goal, candidate.phases))
            continue
        done = candidate if candidate.refined_goal is not None else refined(candidate)
        bar = min(bar, done.best[0])
        settled.append(done)
    return settled


@dataclass
class Gains:
    """What the last refinements have gained, and what the next one is worth.

    Example:
        >>> gains = Gains()
        >>> gains.worth
        1.004
        >>> gains.add([1.001] * 16)
        >>> round(gains.worth, 7)
        1.0017007
    """

    _last: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def add(self, gains: Iterable[float]) -> None:
        """Note what refinements have gained: goal before over goal after."""
        self._last.extend(gains)

    @property
    def worth(self) -> float:
        """What stands higher than this factor above the best is not worth a refinement."""
        if len(self._last) < _REMEMBERED:
            return USUAL_GAIN
        return min(USUAL_GAIN, _LUCK * max(self._last))
