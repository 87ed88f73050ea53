r"""Square matrices of unit entries with orthogonal rows: which sign or angle each input has in each experiment.

.. math:: T\,T^H = m\,I, \qquad |T_{ie}| = 1

``"hadamard"``
    Signs only; orders that are powers of two, as ``scipy.linalg.hadamard`` has them. A sign does not change a peak.
``"dft"``
    :math:`T_{ie} = e^{2πi\, ie/m}`, any order. Input ``i`` has phases shifted by multiples of ``2π i/m``.
``"chirp"``
    The DFT matrix with a constant rotation of each input and each experiment, such that few different angles are left.
    For odd ``m`` all of :math:`e^{2πi\,ie/m}` becomes :math:`e^{πi (m+1) (i+e)^2/m}`, whose entries depend on
    ``i + e`` alone and take ``(m + 1)/2`` values instead of ``m``; an even order is the Kronecker product of a Hadamard
    matrix with it, and a power of two is that Hadamard matrix.
"""

from __future__ import annotations

from math import pi

import numpy as np
from scipy.linalg import hadamard

from crestfall.problem.arrays import FloatArray

MATRICES = ("hadamard", "dft", "chirp")
MOST_INPUTS = 64


def angles_of(matrix: str, inputs: int) -> FloatArray:
    """``(inputs, experiments)`` angles of the entries [rad].

    Args:
        matrix: ``"hadamard"``, ``"dft"`` or ``"chirp"``.
        inputs: Number of inputs ``m``, and of experiments.

    Raises:
        ValueError: The matrix is unknown, there are no inputs or more than 64, or there is no such Hadamard matrix.

    Example:
        >>> (angles_of("dft", 3) / (2 * pi / 3)).round(9).tolist()
        [[0.0, 0.0, 0.0], [0.0, 1.0, 2.0], [0.0, 2.0, 1.0]]
        >>> (angles_of("chirp", 3) / (2 * pi / 3)).round(9).tolist()
        [[0.0, 2.0, 2.0], [2.0, 2.0, 0.0], [2.0, 0.0, 2.0]]
    """
    if matrix not in MATRICES:
        raise ValueError(f"matrix is {matrix!r}; choose one of {', '.join(map(repr, MATRICES))}")
    if inputs != int(inputs) or not 1 <= inputs <= MOST_INPUTS:
        raise ValueError(f"inputs is {inputs}; give an integer from 1 to {MOST_INPUTS}")
    m = int(inputs)
    if matrix == "dft":
        return 2.0 * pi / m * (np.multiply.outer(np.arange(m), np.arange(m)) % m)
    if matrix == "hadamard":
        if m & (m - 1):
            raise ValueError(f"no Hadamard matrix of order {m} here, only powers of two; use 'chirp' or 'dft'")
        return np.where(hadamard(m) > 0, 0.0, pi)
    power = m & -m
    odd = m // power
    square = np.add.outer(np.arange(odd), np.arange(odd)) ** 2
    chirp = 2.0 * pi / odd * ((odd + 1) // 2 * square % odd)
    signs = np.where(hadamard(power) > 0, 0.0, pi)
    return np.asarray(np.mod(np.kron(signs, np.ones((odd, odd))) + np.tile(chirp, (power, power)), 2.0 * pi))
