"""Which alphabet a design was made for."""

from __future__ import annotations

import re

from crestfall.design import Design

_METHOD = re.compile(r"(?:exhaustive search|discrete local search), (\d+) phases")


def levels_of(design: Design) -> int | None:
    """Number of equally spaced phases that the design was chosen from, or ``None`` if they were free.

    Example:
        >>> from crestfall.discrete.minimize import minimize_peak_discrete
        >>> from crestfall.multisine import Multisine
        >>> levels_of(minimize_peak_discrete(Multisine.harmonics(range(1, 6)), levels=4))
        4
    """
    match = _METHOD.fullmatch(design.provenance.method)
    return int(match[1]) if match else None
