"""Samples as a NumPy array, read by ``numpy.load`` without pickles."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.files import save


@pytest.mark.parametrize("which", ["design", "complex_design"])
def test_volts(which, request, tmp_path, direct_sum):
    design = request.getfixturevalue(which)
    save(design, tmp_path / "a.npy", cf.Playback(rate=9000.0, periods=2, level=0.3, offset=0.1))
    values = np.load(tmp_path / "a.npy", allow_pickle=False)
    assert values.dtype == (complex if which == "complex_design" else float)
    expected = 0.1 + 0.3 / design.peak * direct_sum(design, 9000.0, values.size)
    np.testing.assert_allclose(values, expected, atol=1e-12)


@pytest.mark.parametrize(("bits", "kind"), [(8, "i1"), (12, "i2"), (16, "i2"), (24, "i4")])
@pytest.mark.parametrize("big_endian", [False, True])
def test_counts(bits, kind, big_endian, design, tmp_path, direct_sum):
    save(design, tmp_path / "a.npy", cf.Playback(rate=9000.0, bits=bits, big_endian=big_endian, full_scale=5.0))
    counts = np.load(tmp_path / "a.npy")
    assert counts.dtype == np.dtype((">" if big_endian else "<") + kind)
    step = 5.0 / (2 ** (bits - 1) - 1)
    np.testing.assert_allclose(counts * step, direct_sum(design, 9000.0, 90), atol=0.51 * step)


def test_complex_counts_have_an_axis_of_two(complex_design, tmp_path, direct_sum):
    save(complex_design, tmp_path / "a.npy", cf.Playback(rate=9000.0, bits=16, full_scale=5.0, q_first=True))
    counts = np.load(tmp_path / "a.npy")
    assert counts.shape == (36, 2)
    signal = (counts[:, 1] + 1j * counts[:, 0]) * 5.0 / 32_767
    np.testing.assert_allclose(signal, direct_sum(complex_design, 9000.0, 36), atol=0.72 * 5.0 / 32_767)


def test_several_inputs_are_a_matrix(tmp_path):
    design = cf.Design.of(cf.Problem.orthogonal([cf.Multisine([100.0, 300.0])] * 3), [0.0, 1.0])
    save(design, tmp_path / "a.npy", cf.Playback(rate=2400.0))
    values = np.load(tmp_path / "a.npy")
    assert values.shape == (3, design.problem.channels.experiments, 24)
    one = design.channels[2][1]
    angles = 2 * np.pi * np.outer(np.arange(24) / 2400.0, one.multisine.frequencies) + one.phases
    np.testing.assert_allclose(values[2, 1], np.cos(angles) @ one.multisine.amplitudes, atol=1e-12)


@pytest.mark.parametrize("field", ["signed", "big_endian", "q_first"])
def test_volts_have_no_converter(field, design, tmp_path):
    value = field != "signed"
    with pytest.raises(ValueError, match=rf"^{field} is {value}, but the array holds volts; give bits"):
        save(design, tmp_path / "a.npy", cf.Playback(**{field: value}))
