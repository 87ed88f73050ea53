import numpy as np
import pytest

import crestfall as cf


@pytest.mark.parametrize("bits", [6, 10, 14])
@pytest.mark.parametrize("complex", [False, True])
def test_noise_is_what_the_formula_says_and_nothing_clips(bits, complex):
    ms = cf.Multisine.harmonics(range(1, 32), complex=complex)
    design = cf.Design.of(ms, cf.random_phases(ms, seed=1))
    played = design.quantize(bits, sample_rate=8192.0)
    x = design.waveform(8192.0)
    parts = np.stack([x.real, x.imag], axis=1) if complex else x
    assert np.max(np.abs(played.samples * played.step - parts)) <= 0.5 * played.step * (1 + 1e-9)
    assert (played.peak, played.clipped) == (2 ** (bits - 1) - 1, 0)
    crest = np.max(np.abs(parts)) / np.sqrt(np.mean(parts**2))
    assert played.snr_db == pytest.approx(6.02 * bits + 1.76 - 20 * np.log10(crest / np.sqrt(2)), abs=0.7)
    assert played.crest_factor == pytest.approx(np.max(np.abs(x)) / np.sqrt(np.mean(np.abs(x) ** 2)), rel=0.05)


def test_a_small_full_scale_clips_and_says_so():
    design = cf.Design.of(cf.Multisine([1.0]), [0.0])
    played = design.quantize(8, 1000.0, full_scale=0.5)
    assert played.peak == 127
    assert played.clipped == np.count_nonzero(np.rint(np.abs(design.waveform(1000.0)) * 254) > 127)
    assert played.snr_db < 20


@pytest.mark.parametrize(("bits", "full_scale"), [(1, None), (33, None), (2.5, None), (8, 0.0), (8, np.inf)])
def test_bad_converters_are_refused(bits, full_scale):
    with pytest.raises(ValueError, match=r"bits is|full_scale is"):
        cf.Design.of(cf.Multisine([1.0]), [0.0]).quantize(bits, 100.0, full_scale=full_scale)
