"""Random phases: the plainest remedy, and where multi-start searches begin."""

from __future__ import annotations

import numpy as np

from crestfall.problem.arguments import generator_of
from crestfall.problem.arrays import FloatArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.tones_argument import takes_tones


@takes_tones
def random_phases(ms: Multisine, seed: int | np.random.Generator | None = 0) -> FloatArray:
    r"""Independent phases, uniform on :math:`[0, 2\pi)`.

    The samples are then close to Gaussian noise, and the peak is that of a few times ``n`` independent values of it:
    the crest factor of flat real harmonics 1..n grows slowly, like :math:`\sqrt{2\ln n}`; its median is near 2.6 for
    n = 15, 2.8 for 31, 3.4 for 256 and 3.8 for 1024. Good wherever only "no spike" is asked, and as starts for a
    search: unlike the symmetric choices they are hardly ever a stationary point.

    Source: Salem & Zygmund, Acta Math. 91:245, 1954, for random signs: the peak grows like :math:`\sqrt{n\ln n}`.

    Args:
        ms: The tones.
        seed: An integer, which always gives the same phases, or a NumPy ``Generator``, which goes on from where it
            is; ``None`` gives other phases each time.

    Returns:
        ``(n,)`` phases [rad], cosine convention.

    Example:
        >>> ms = Multisine.harmonics(range(1, 32))
        >>> bool(np.all(random_phases(ms, seed=7) == random_phases(ms, seed=7)))
        True
        >>> generator = np.random.default_rng(7)
        >>> bool(np.any(random_phases(ms, generator) == random_phases(ms, generator)))
        False
    """
    return generator_of(seed).uniform(0.0, 2.0 * np.pi, ms.n)
