"""What a proof by branch and bound would cost, before it is begun."""

from __future__ import annotations

from crestfall.problem.multisine import Multisine

_REAL_9_S, _COMPLEX_10_S, _EACH_TONE = 2.5, 3.5, 4.7
"""Seconds for 9 real and 10 complex tones, and the factor for each further tone."""
_MANY = 100
"""Tones beyond which the answer stays the same, so that the power cannot overflow."""


def estimated_seconds(ms: Multisine) -> float:
    """Rough number of seconds that one core takes for a proof to 0.1 %.

    It was measured for flat tones (``docs/proof.md`` has the table).

    Example:
        >>> [round(estimated_seconds(Multisine.harmonics(range(1, n + 1)))) for n in (9, 12)]
        [2, 260]
    """
    n = min(ms.n, _MANY)
    return _COMPLEX_10_S * _EACH_TONE ** (n - 10) if ms.complex else _REAL_9_S * _EACH_TONE ** (n - 9)
