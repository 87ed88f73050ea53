"""Phases that others have published, as facts with their source; peaks are computed from them, never copied.

E. C. Wong, Proc. Intl. Soc. Mag. Reson. Med. 2012, p. 2209, multiband RF pulses: one phase [rad, 3 decimals] for each
of n equally spaced bands of one amplitude. As in the public table of SigPy (``sigpy.mri.rf.multiband.mb_phs_tab``),
which names that source.

S. J. Malik et al., Proc. Intl. Soc. Mag. Reson. Med. 2015, p. 2398: phases with ``θ_{n-1-k} = −θ_k``, for transmitters
that modulate the amplitude alone; from the same public table.
"""

from __future__ import annotations

from math import pi

WONG_2012: dict[int, tuple[float, ...]] = {
    3: (0, 0.73, 4.602),
    4: (0, 3.875, 5.94, 6.197),
    5: (0, 3.778, 5.335, 0.872, 0.471),
    6: (0, 2.005, 1.674, 5.012, 5.736, 4.123),
    7: (0, 3.002, 5.998, 5.909, 2.624, 2.528, 2.44),
    8: (0, 1.036, 3.414, 3.778, 3.215, 1.756, 4.555, 2.467),
    9: (0, 1.25, 1.783, 3.558, 0.739, 3.319, 1.296, 0.521, 5.332),
    10: (0, 4.418, 2.36, 0.677, 2.253, 3.472, 3.04, 3.974, 1.192, 2.51),
    11: (0, 5.041, 4.285, 3.001, 5.765, 4.295, 0.056, 4.213, 6.04, 1.078, 2.759),
    12: (0, 2.755, 5.491, 4.447, 0.231, 2.499, 3.539, 2.931, 2.759, 5.376, 4.554, 3.479),
    13: (0, 0.603, 0.009, 4.179, 4.361, 4.837, 0.816, 5.995, 4.15, 0.417, 1.52, 4.517, 1.729),
    14: (0, 3.997, 0.83, 5.712, 3.838, 0.084, 1.685, 5.328, 0.237, 0.506, 1.356, 4.025, 4.483, 4.084),
    15: (0, 4.126, 2.266, 0.957, 4.603, 0.815, 3.475, 0.977, 1.449, 1.192, 0.148, 0.939, 2.531, 3.612, 4.801),
    16: (0, 4.359, 3.51, 4.41, 1.75, 3.357, 2.061, 5.948, 3.0, 2.822, 0.627, 2.768, 3.875, 4.173, 4.224, 5.941),
}

_MALIK_HALVES: dict[int, tuple[float, ...]] = {
    4: (0, pi),
    5: (0, 0, pi),
    6: (1.691, 2.812, 1.157),
    7: (2.582, -0.562, 0.102, 0),
    8: (2.112, 0.22, 1.464, 1.992),
    9: (0.479, -2.667, -0.646, -0.419, 0),
    10: (1.683, -2.395, 2.913, 0.304, 0.737),
    11: (1.405, 0.887, -1.854, 0.07, -1.494, 0),
    12: (1.729, 0.444, 0.722, 2.19, -2.196, 0.984),
}
MALIK_2015 = {n: (*half, *(-phase for phase in half[: n // 2][::-1])) for n, half in _MALIK_HALVES.items()}
