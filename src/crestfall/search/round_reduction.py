"""The outcome of a round as a function of its starts alone: the rule that makes answers reproducible.

Workers refine what may beat the best value that was shared with them, and when that reaches them is a matter of chance.
So a round is reduced afterwards, as if one worker had taken all candidates of all tasks in rising order of their values
and refined each that lies within the expected gain of the best so far. Values before and after a refinement are
functions of the start alone; therefore so is the outcome. A refinement that this rule asks for and that no worker has
done, since something better had been shared with it, is done here; one that it does not ask for does not count. Both
are rare: they need a candidate that gains more than refinements usually do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from crestfall.search.refine import USUAL_GAIN, Candidate

_ALLOWANCE = 1.0007
"""How much more than the largest of the last gains the next one may bring."""
_REMEMBERED = 16


def reduce_round(
    candidates: Iterable[Candidate], best: float, expected_gain: float, refined: Callable[[Candidate], Candidate]
) -> list[Candidate]:
    """The outcome of a round.

    Args:
        candidates: All of all tasks, in the order of the tasks.
        best: Best value before the round.
        expected_gain: What stands higher than this factor above the best is not refined.
        refined: Does the refinements that are missing.

    Returns:
        The candidates in rising order of their values at the end of the path, refined exactly where the rule says so.

    Example:
        >>> import numpy as np
        >>> x = np.zeros(1)
        >>> lucky = Candidate(1.42, x, 1.30, x)  # refined by a worker that knew of nothing better
        >>> [c.best[0] for c in reduce_round([lucky, Candidate(1.40, x, 1.39, x)], 1.5, 1.004, lambda c: c)]
        [1.39, 1.42]
    """
    reduced = []
    for candidate in sorted(candidates, key=lambda candidate: candidate.value):
        if candidate.value > expected_gain * best:
            reduced.append(Candidate(candidate.value, candidate.variables))
            continue
        done = candidate if candidate.refined_value is not None else refined(candidate)
        best = min(best, done.best[0])
        reduced.append(done)
    return reduced


@dataclass
class PolishStatistics:
    """What the last refinements have gained, and what to expect of the next one.

    Attributes:
        usual: What to expect at first, and at most.

    Example:
        >>> statistics = PolishStatistics()
        >>> statistics.expected_gain
        1.004
        >>> statistics.add([1.001] * 16)
        >>> round(statistics.expected_gain, 7)
        1.0017007
    """

    usual: float = USUAL_GAIN
    _last: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def add(self, gains: Iterable[float]) -> None:
        """Note what refinements have gained: value before over value after."""
        self._last.extend(gains)

    @property
    def expected_gain(self) -> float:
        """What stands higher than this factor above the best is not refined."""
        if len(self._last) < _REMEMBERED:
            return self.usual
        return min(self.usual, _ALLOWANCE * max(self._last))
