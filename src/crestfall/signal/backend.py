"""Which library computes, on which device and in which precision: NumPy, or PyTorch on the CPU or a GPU.

Only the path of p-norms goes there. Phases come back to NumPy for what is decided or proven: elimination, polish, the
certified peak.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.problem.arrays import Array, FloatArray

PRECISIONS = ("float64", "float32")


@dataclass(frozen=True)
class Backend:
    """An array namespace with the place and the precision of its arrays.

    Attributes:
        xp: Array namespace after the Python Array API standard.
        device: Where arrays live; ``None`` for NumPy.
        precision: ``"float64"`` or ``"float32"``.

    Example:
        >>> NUMPY.reals([1, 2]).dtype, NUMPY.complexes([1]).dtype
        (dtype('float64'), dtype('complex128'))
    """

    xp: Array = np
    device: Any = None
    precision: str = "float64"

    @property
    def is_numpy(self) -> bool:
        """Whether NumPy computes."""
        return self.xp is np

    @property
    def is_gpu(self) -> bool:
        """Whether the arrays live on a GPU, which wants far larger batches than a CPU."""
        return getattr(self.device, "type", "cpu") != "cpu"

    def reals(self, values: npt.ArrayLike) -> Array:
        """Real numbers there."""
        return self._array(np.asarray(values, dtype=self.precision))

    def complexes(self, values: npt.ArrayLike) -> Array:
        """Complex numbers there."""
        return self._array(np.asarray(values, dtype="complex128" if self.precision == "float64" else "complex64"))

    def as_they_are(self, values: Array) -> Array:
        """Whole numbers or truth values there."""
        return self._array(np.asarray(values))

    def _array(self, values: Array) -> Array:
        # A copy: arrays of a multisine are read-only, which PyTorch does not know.
        return values if self.is_numpy else self.xp.asarray(values.copy(), device=self.device)


NUMPY = Backend()


def to_host(array: Array) -> FloatArray:
    """An array of any library as a NumPy array in double precision."""
    return np.asarray(array.cpu() if hasattr(array, "cpu") else array, dtype=np.float64)


def backend_of(device: Any = None, dtype: str = "float64") -> Backend:
    """NumPy without a device, else PyTorch there.

    Args:
        device: ``None``, ``"cpu"``, ``"cuda"``, ``"cuda:1"``, … or a ``torch.device``.
        dtype: ``"float64"``, or on a device ``"float32"``.

    Raises:
        ImportError: PyTorch is not installed.
        ValueError: PyTorch has no such device, or the precision is unknown or asked of NumPy.

    Example:
        >>> backend_of() is NUMPY
        True
    """
    precision = str(dtype).removeprefix("torch.")
    if precision not in PRECISIONS:
        raise ValueError(f"dtype is {dtype!r}; choose one of {', '.join(map(repr, PRECISIONS))}")
    if device is None:
        if precision != "float64":
            raise ValueError(f"dtype is {dtype!r}, but without a device NumPy computes in float64; give device='cpu'")
        return NUMPY
    from crestfall.problem.extras import imported  # optional, imported only where it is used

    torch = imported("torch", "torch")
    try:
        place = torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"device is {device!r}: {str(error).splitlines()[0]}; use 'cuda', 'cpu' or None") from None
    if place.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"device is {device!r}, but PyTorch finds no CUDA device; leave it out to compute with NumPy")
    if place.type == "cuda" and place.index is not None and place.index >= torch.cuda.device_count():
        raise ValueError(f"device is {device!r}, but PyTorch finds {torch.cuda.device_count()} CUDA devices, from 0 on")
    from array_api_compat import torch as namespace

    backend = Backend(namespace, place, precision)
    try:
        backend.reals([0.0])
    except (RuntimeError, TypeError, AssertionError, NotImplementedError) as error:
        raise ValueError(f"device is {device!r}, which cannot hold {precision}: {str(error).splitlines()[0]}") from None
    return backend
