r"""The p-norm, a smooth approximation of the peak.

.. math:: f(y) = \log\Bigl(\tfrac1N\sum_j |y_j|^p\Bigr)^{1/p}, \qquad
          \frac{\partial f}{\partial y_j} = \frac{|y_j|^{p-2} y_j}{\sum_i |y_i|^p}

tends to :math:`\log\max_j|y_j|` as ``p`` rises. The exponents are ``p = 2^m + 2``: then :math:`|y|^{p-2}`, which both
the value and the weights need, is ``m - 1`` squarings of ``y²``, with no call of ``pow``. Samples are divided by
their largest magnitude before any power is taken, so that none overflows.

Source: Guillaume, Schoukens, Pintelon & Kollár, IEEE Trans. Instrum. Meas. 40(6):982, 1991 (L2p).
"""

from __future__ import annotations

from dataclasses import dataclass

from array_api_compat import array_namespace

from crestfall.problem.arrays import Array


@dataclass(frozen=True)
class PNorm:
    """``log‖y‖_p`` with ``p = 2^(squarings + 1) + 2``.

    Attributes:
        squarings: How often ``y²`` is squared; 0 … 9 give p = 4, 6, 10, 18, 34, 66, 130, 258, 514, 1026.

    Example:
        >>> PNorm(3).exponent
        18
    """

    squarings: int

    @property
    def exponent(self) -> int:
        """The exponent ``p``."""
        return int(2 ** (self.squarings + 1) + 2)

    def value_and_weights(self, samples: Array) -> tuple[Array, Array]:
        """``f`` of shape ``(…)`` and its derivatives by the samples, for samples ``(…, N)``, real or complex.

        For complex samples the weights are ``∂f/∂Re z + i ∂f/∂Im z``.
        """
        xp = array_namespace(samples)
        if xp.isdtype(samples.dtype, "complex floating"):
            square = samples.real * samples.real
            square += samples.imag * samples.imag
        else:
            square = samples * samples
        highest = xp.max(square, axis=-1, keepdims=True)
        square /= highest
        power = square * square if self.squarings else square
        for _ in range(self.squarings - 1):
            power *= power
        total = xp.sum(power * square, axis=-1, keepdims=True)
        value = xp.log(total / samples.shape[-1]) / self.exponent + 0.5 * xp.log(highest)
        return value[..., 0], samples * (power / (highest * total))

    def weigh(self, samples: Array) -> tuple[float, float]:
        """Make NumPy ``samples (N,)``, real or complex, in place what the weights are made of.

        Returns:
            The highest square ``m`` and ``Σ (|y|²/m)^(p/2)``; the samples become ``y (|y|²/m)^(p/2 − 1)``.

        Example:
            >>> import numpy as np
            >>> y = np.array([1.0, 2.0])
            >>> PNorm(0).weigh(y), y.tolist()
            ((4.0, 1.0625), [0.25, 2.0])
        """
        if samples.dtype.kind == "c":
            square = samples.real**2
            square += samples.imag**2
        else:
            square = samples * samples
        highest = float(square.max())
        square *= 1.0 / highest
        power = square * square if self.squarings else square.copy()
        for _ in range(self.squarings - 1):
            power *= power
        samples *= power
        square *= power
        return highest, float(square.sum())
