"""Several inputs as matrices: what each excites in each experiment, and how orthogonal they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crestfall.problem.arrays import ComplexArray

if TYPE_CHECKING:
    from crestfall.design.design import Design


def coefficients_of(design: Design) -> ComplexArray:
    """``(n, inputs, experiments)`` coefficients ``a exp(iθ)`` at each tone, 0 where an input does not have it."""
    channels, n = design.problem.channels, design.multisine.n
    rows = design.channels
    found = np.zeros((n, len(rows), len(rows[0])), dtype=np.complex128)
    for i, row in enumerate(rows):
        which = np.arange(n) if channels is None else channels.indices_of(design.multisine, i)
        for experiment, one in enumerate(row):
            found[which, i, experiment] = one.multisine.coefficients(one.phases)
    return found


def orthogonality_of(coefficients: ComplexArray) -> float:
    """Largest off-diagonal of ``U Uᴴ`` at any tone, relative to the powers of the two inputs."""
    u = coefficients / np.max(np.abs(coefficients))
    products = u @ u.conj().swapaxes(1, 2)
    powers = np.sqrt(np.einsum("kii->ki", products).real)
    sizes = powers[:, :, None] * powers[:, None, :]
    off = ~np.eye(u.shape[1], dtype=bool) & (sizes > 0.0)
    return float(np.max(np.abs(products[off]) / sizes[off], initial=0.0))
