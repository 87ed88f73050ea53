"""A small design that every format is tried with."""

import numpy as np
import pytest

import crestfall as cf


@pytest.fixture
def design():
    ms = cf.Multisine.harmonics([1, 3, 4, 9], fundamental=100.0, amplitudes=[1.0, 0.5, 2.0, 0.1])
    provenance = cf.Provenance("a test", seed=7, starts=3, seconds=0.25, history=((0.1, 1.9), (0.2, 1.8)))
    return cf.Design.of(ms, [0.1, -2.0, 3.0, 40.0], status="as given — ≤ 5 %", provenance=provenance)


@pytest.fixture
def complex_design():
    ms = cf.Multisine.harmonics([-3, 0, 1, 4], fundamental=250.0, complex=True)
    return cf.Design.of(ms, np.array([0.0, 1.0, 2.0, 3.0]))


@pytest.fixture
def error_of():
    """The one-line error that a call raises, which has to name the path."""

    def message(kind, path, function, *arguments, **options):
        with pytest.raises(kind) as caught:
            function(*arguments, **options)
        text = str(caught.value)
        assert "\n" not in text
        assert text.startswith(str(path)), text
        return text

    return message


@pytest.fixture
def direct_sum():
    """Samples of a design summed tone by tone, by nothing but the formula."""

    def summed(design, rate, count):
        ms, total = design.multisine, np.zeros(count, dtype=complex)
        for frequency, amplitude, phase in zip(ms.frequencies, ms.amplitudes, design.phases, strict=True):
            total += amplitude * np.exp(1j * (2 * np.pi * frequency * np.arange(count) / rate + phase))
        return total if ms.complex else total.real

    return summed
