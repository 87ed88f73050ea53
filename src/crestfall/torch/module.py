"""A multisine as a PyTorch module, for those who train its phases inside a larger model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from crestfall.problem.grids import MAX_HARMONIC
from crestfall.problem.multisine import Multisine


class MultisineModule(nn.Module):
    r"""Samples of a multisine whose phases are parameters.

    .. math:: x_j = \sum_k a_k \cos(2\pi f_k t_j + \theta_k), \qquad z_j = \sum_k a_k e^{i(2\pi f_k t_j + \theta_k)}

    The phases and the buffers follow ``.to(dtype)`` and ``.to(device)``.

    Args:
        ms: The tones; real ones give real samples, complex ones complex samples.
        times: ``(N,)`` times [s]; by default 16 points per period of the highest tone over one period.
        phases: ``(n,)`` initial phases [rad]; by default those that the tones came with, else random ones.
        seed: Seed of the random phases.
        dtype: ``torch.float32`` or ``torch.float64``.
        sine: Sine waves instead of cosines: ``phases`` are then those of ``a_k sin(2πf_k t + θ_k)``.

    Attributes:
        phases: The parameter, ``(n,)`` [rad], cosine convention unless ``sine``.
        amplitudes: Buffer, ``(n,)``: those of the tones.
        cos: Buffer, ``(N, n)``: ``cos(2πf_k t_j)``, with sine waves ``cos(2πf_k t_j − π/2)``.
        sin: Buffer, ``(N, n)``: the sine of the same angles.

    Raises:
        ValueError: Phases of the wrong length, or times that are not a finite vector.

    Example:
        >>> module = MultisineModule(Multisine.harmonics(range(1, 6)))
        >>> optimizer = torch.optim.Adam(module.parameters(), lr=0.05)
        >>> for _ in range(200):
        ...     optimizer.zero_grad()
        ...     loss = module().abs().pow(16).mean().pow(1 / 16)
        ...     loss.backward()
        ...     _ = optimizer.step()
        >>> bool(module().abs().max() < 3.0)
        True
    """

    phases: nn.Parameter
    amplitudes: torch.Tensor
    cos: torch.Tensor
    sin: torch.Tensor

    def __init__(
        self,
        ms: Multisine,
        times: npt.ArrayLike | None = None,
        phases: npt.ArrayLike | None = None,
        *,
        seed: int = 0,
        dtype: torch.dtype = torch.float64,
        sine: bool = False,
    ) -> None:
        super().__init__()
        self.complex, self.sine = ms.complex, bool(sine)
        t = _times(ms, times)
        turns = np.multiply.outer(t, ms.frequencies)
        angle = 2.0 * np.pi * (turns - np.rint(turns)) - (np.pi / 2 if sine else 0.0)
        self.register_buffer("amplitudes", torch.as_tensor(ms.amplitudes.copy(), dtype=dtype))
        self.register_buffer("cos", torch.as_tensor(np.cos(angle), dtype=dtype))
        self.register_buffer("sin", torch.as_tensor(np.sin(angle), dtype=dtype))
        self.phases = nn.Parameter(torch.as_tensor(_initial(ms, phases, seed, self.sine), dtype=dtype))

    def forward(self) -> torch.Tensor:
        """``(N,)`` samples at the times, differentiable in the phases."""
        real = self.amplitudes * self.phases.cos()
        imaginary = self.amplitudes * self.phases.sin()
        x = self.cos @ real - self.sin @ imaginary
        return torch.complex(x, self.sin @ real + self.cos @ imaginary) if self.complex else x


def _times(ms: Multisine, times: npt.ArrayLike | None) -> np.ndarray:
    if times is None:
        highest = int(np.max(np.abs(ms.harmonic_numbers)))
        if highest > MAX_HARMONIC:
            raise ValueError(
                "the tones are a narrow band on a high carrier, with too many oscillations in a period; give times"
            )
        count = 16 * max(highest, 1)
        return np.arange(count) / count * ms.period
    t = np.asarray(times, dtype=np.float64)
    if t.ndim != 1:
        raise ValueError(f"times have shape {t.shape}; give a vector")
    if not np.all(np.isfinite(t)):
        k = int(np.argmin(np.isfinite(t)))
        raise ValueError(f"times[{k}] is {t[k]}; give finite times in seconds")
    return t


def _initial(ms: Multisine, phases: npt.ArrayLike | None, seed: int, sine: bool) -> np.ndarray:
    if phases is not None:
        return ms.require_phases(phases)
    if ms.initial_phases is not None:
        return ms.initial_phases + (np.pi / 2 if sine else 0.0)
    return np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, ms.n)
