"""Samples at whole and fractional ratios of sample rate to fundamental, against direct summation."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.signal import waveform as waveform_module
from crestfall.signal.waveform import waveform


def direct(ms, phases, t):
    z = np.exp(1j * (2 * np.pi * np.outer(t, ms.frequencies) + np.asarray(phases))) @ ms.amplitudes
    return z if ms.complex else z.real


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize(
    ("rate", "periods", "count"),
    [
        (48_000.0, 1, 4800),
        (48_000.0, 3, 14_400),
        (101.0, 1, 11),  # 10.1 samples per period: those with t < 1/10 s
        (101.0, 10, 101),
        (1000 / 3, 1, 34),
        (1000 / 3, 3, 100),
        (44_100.0, 1, 4410),
        (np.pi * 100, 2, 63),  # no common period at all
    ],
)
def test_samples_against_direct_summation(rate, periods, count, complex):
    ms = cf.Multisine.harmonics([1, 2, 4], 10.0, [1, 0.5, 2], complex)
    phases = [0.1, 2.0, -1.0]
    x = waveform(ms, phases, rate, periods)
    assert x.shape == (count,)
    assert x.dtype == (np.complex128 if complex else np.float64)
    np.testing.assert_allclose(x, direct(ms, phases, np.arange(count) / rate), atol=1e-11)


def test_chunks_join_without_a_seam(monkeypatch):
    ms = cf.Multisine.harmonics([1, 3], 10.0)
    rate = 100 * np.pi
    whole = waveform(ms, [0, 1], rate, 5)
    monkeypatch.setattr(waveform_module, "_CHUNK", 14)
    np.testing.assert_allclose(waveform(ms, [0, 1], rate, 5), whole, atol=1e-13)


def test_a_whole_number_of_samples_repeats():
    ms = cf.Multisine([100e6, 101e6, 102.5e6])
    x = waveform(ms, [0, 1, 2], 1e9, periods=2)
    np.testing.assert_array_equal(x[:2000], x[2000:])


@pytest.mark.parametrize("rate", [40.0, 80.0])
@pytest.mark.parametrize("complex", [False, True])
def test_nyquist(rate, complex):
    ms = cf.Multisine([10.0, -40.0 if complex else 40.0], complex=complex)
    with pytest.raises(ValueError, match=r"the highest tone is at 40 Hz.*more than 80 samples") as caught:
        waveform(ms, [0, 0], rate)
    assert "\n" not in str(caught.value)
    assert waveform(ms, [0, 0], 90.0).size == 9


@pytest.mark.parametrize("rate", [0.0, -1.0, np.nan, np.inf])
def test_bad_rates(rate):
    with pytest.raises(ValueError, match="sample_rate is"):
        waveform(cf.Multisine([1.0]), [0], rate)


@pytest.mark.parametrize("periods", [0, -1, 1.5, np.nan, np.inf])
def test_bad_periods(periods):
    with pytest.raises(ValueError, match=r"periods is .*at least 1"):
        waveform(cf.Multisine([1.0]), [0], 8.0, periods)


def test_too_many_samples():
    with pytest.raises(ValueError, match="lower the rate or the number of periods") as caught:
        waveform(cf.Multisine([1.0]), [0], 1e9)
    assert "\n" not in str(caught.value)
