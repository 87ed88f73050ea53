"""What signals are, by nothing but the formula."""

import numpy as np
import pytest


def _signals(found, count):
    """``(inputs, experiments, count)`` samples of one common period, summed tone by tone."""
    t = np.arange(count) / count * found.multisine.period
    rows = []
    for row in found.channels:
        for design in row:
            total = np.zeros(count, complex)
            tones = design.multisine
            for f, a, p in zip(tones.frequencies, tones.amplitudes, design.phases, strict=True):
                total += a * np.exp(1j * (2 * np.pi * f * t + p))
            rows.append(total if tones.complex else total.real)
    return np.array(rows).reshape(len(found.channels), len(found.channels[0]), count)


@pytest.fixture
def signals():
    return _signals


@pytest.fixture
def spectral_matrices():
    """``(n, inputs, inputs)``: U Uᴴ at each frequency of the design, from samples and single Fourier sums."""

    def matrices(found):
        tones = found.multisine
        highest = np.max(np.abs(tones.frequencies)) * tones.period
        count = int(4 * np.rint(highest) + 16)
        x = _signals(found, count)
        t = np.arange(count) / count * tones.period
        scale = 1.0 if tones.complex else 2.0
        result = []
        for f in tones.frequencies:
            u = scale / count * (x @ np.exp(-2j * np.pi * f * t))
            result.append(u @ u.conj().T)
        return np.array(result)

    return matrices
