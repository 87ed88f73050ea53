r"""Monomials in the phasors of the tones, and the numbers of their expectations.

With one phasor :math:`c_k = e^{i\theta_k}` for each tone, a monomial :math:`c^\alpha = \prod_k c_k^{\alpha_k}` is a row
of integers :math:`\alpha`, negative for a conjugate. Its degree is :math:`|\alpha|_1`; a shift in time by ``t`` turns
it by :math:`t \sum_k h_k \alpha_k`, which is called its charge.
"""

from __future__ import annotations

import numpy as np

from crestfall.problem.arrays import FloatArray, IntArray


def monomials(n: int, degree: int) -> list[IntArray]:
    """Exponents of all monomials in ``n`` phasors and their conjugates, a list of ``(count, n)`` for each degree.

    Example:
        >>> [len(rows) for rows in monomials(3, 2)]
        [1, 6, 18]
    """
    layers = [np.zeros((1, n), np.int64)]
    for _ in range(degree):
        rows = layers[-1]
        last = np.where(rows != 0, np.arange(n), 0).max(axis=1)  # tones are multiplied in rising order
        grown = []
        for k in range(n):
            for sign in (1, -1):
                those = rows[(last < k) | ((last == k) & (rows[:, k] * sign >= 0))].copy()
                those[:, k] += sign
                grown.append(those)
        layers.append(np.concatenate(grown))
    return layers


def has_positive_lead(rows: IntArray) -> FloatArray:
    """Sign of the first exponent that is not 0, of each row ``(count, n)``; 0 for the monomial 1."""
    if not rows.size:
        return np.zeros(len(rows))
    return np.sign(rows[np.arange(len(rows)), (rows != 0).argmax(axis=1)])


class MomentNumbers:
    """Numbers the expectations ``y_α = E c^α`` as they are met; ``α`` and ``−α`` share one, and ``y_0 = 1`` is 0.

    Example:
        >>> numbers = MomentNumbers(2)
        >>> numbers.of(np.array([[0, 0], [1, -2], [-1, 2], [3, 0]])).tolist(), len(numbers)
        ([0, 1, 1, 2], 3)
    """

    def __init__(self, n: int) -> None:
        self._n = n
        self._known = {bytes(n): 0}

    def __len__(self) -> int:
        return len(self._known)

    @property
    def exponents(self) -> IntArray:
        """``(count, n)`` exponents, in the order of their numbers."""
        return np.frombuffer(b"".join(self._known), np.int8).reshape(-1, self._n).astype(np.int64)

    def of(self, rows: IntArray) -> IntArray:
        """The numbers of ``(count, n)`` exponents of at most 127."""
        lead = has_positive_lead(rows)
        short = np.ascontiguousarray(np.where(lead[:, None] < 0, -rows, rows).astype(np.int8))
        distinct, which = np.unique(short.view(np.dtype((np.void, self._n)))[:, 0], return_inverse=True)
        known = self._known
        numbers = [known.setdefault(row.tobytes(), len(known)) for row in distinct]
        return np.array(numbers, np.int64)[which]
