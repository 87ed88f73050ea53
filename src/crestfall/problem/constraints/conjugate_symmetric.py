"""Phases whose complex envelope is real: multiband pulses that need amplitude modulation only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from crestfall.problem.constraints.phase_map import Relation
from crestfall.problem.multisine import Multisine


@dataclass(frozen=True)
class ConjugateSymmetric:
    r"""Mirror the phases about the middle of the band: :math:`θ_{n-1-k} = -θ_k`, tones in order of frequency.

    The sum of mirrored pairs is then a real envelope on a carrier in the middle of the band.

    Source: Malik, Sbrizzi, Hoogduin & Hajnal, Magn. Reson. Med. 2015 (amplitude-modulated multiband pulses).

    Example:
        >>> from crestfall import minimize_peak
        >>> ms = Multisine.harmonics(range(4), complex=True)
        >>> design = minimize_peak(ms, constraints=[ConjugateSymmetric()], starts=16)
        >>> np.allclose(np.exp(1j * design.phases), np.exp(-1j * design.phases[::-1]))
        True
    """

    def relations(self, ms: Multisine) -> Iterator[Relation]:
        """``θ_mirror = −θ_k``; a tone in the middle gets phase 0.

        Raises:
            ValueError: The frequencies or the amplitudes are not symmetric about the middle of the band.
        """
        values = ms.harmonic_numbers if ms.has_period else ms.frequencies
        order = np.argsort(values, kind="stable")
        values, amplitudes = values[order], ms.amplitudes[order]
        off_centre = np.abs(values + values[::-1] - values[0] - values[-1])
        if np.any(off_centre > (0.0 if ms.has_period else 1e-12 * np.max(np.abs(values)))):
            raise ValueError(
                "conjugate-symmetric phases need frequencies that are symmetric about the middle of the band"
            )
        if not np.allclose(amplitudes, amplitudes[::-1], rtol=1e-12):
            raise ValueError(
                "conjugate-symmetric phases need amplitudes that are symmetric about the middle of the band"
            )
        for k in range((ms.n + 1) // 2):
            tone, mirror = int(order[k]), int(order[ms.n - 1 - k])
            yield Relation(mirror, tone, -1.0, 0.0, f"conjugate symmetry of tones {tone} and {mirror}")
