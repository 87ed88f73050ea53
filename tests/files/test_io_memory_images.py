"""Memory images: ``.mif`` read by the package mif, ``.coe`` by the rules of its format."""

import re

import mif
import numpy as np
import pytest

import crestfall as cf
from crestfall.files import save


def words_of_mif(path):
    """Bits of a word, and the words without a sign."""
    with path.open() as stream:
        width, data = mif.load(stream, packed=True)
    return width, data.astype(np.int64) @ 256 ** np.arange(data.shape[1])


def words_of_coe(path):
    """The words without a sign; a line that begins with a semicolon is a comment."""
    text = "".join(line for line in path.read_text("ascii").splitlines() if not line.startswith(";"))
    found = dict(re.findall(r"memory_initialization_(radix|vector)\s*=\s*([^;]*);", text))
    return [int(word, int(found["radix"])) for word in found["vector"].split(",")]


@pytest.mark.parametrize("bits", [2, 8, 10, 13, 16, 24, 32])
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("ending", [".mif", ".coe"])
def test_words(ending, bits, signed, design, tmp_path, direct_sum):
    playback = cf.Playback(rate=7200.0, periods=2, bits=bits, signed=signed, full_scale=5.0)
    save(design, tmp_path / f"a{ending}", playback)
    if ending == ".mif":
        width, words = words_of_mif(tmp_path / "a.mif")
        assert width == bits
    else:
        words = np.array(words_of_coe(tmp_path / "a.coe"))
    assert words.size == 144
    assert np.all((words >= 0) & (words < 2**bits))
    half = 2 ** (bits - 1)
    counts = np.where(words >= half, words - 2 * half, words) if signed else words - half
    step = 5.0 / (half - 1)
    np.testing.assert_allclose(counts * step, direct_sum(design, 7200.0, 144), atol=0.51 * step)


@pytest.mark.parametrize("q_first", [False, True])
def test_complex_samples_are_two_words(q_first, complex_design, tmp_path, direct_sum):
    save(complex_design, tmp_path / "a.mif", cf.Playback(rate=9000.0, q_first=q_first, full_scale=5.0))
    width, words = words_of_mif(tmp_path / "a.mif")
    counts = np.where(words >= 32_768, words - 65_536, words).reshape(-1, 2)
    signal = (counts[:, 1] + 1j * counts[:, 0] if q_first else counts[:, 0] + 1j * counts[:, 1]) * 5.0 / 32_767
    assert width == 16
    np.testing.assert_allclose(signal, direct_sum(complex_design, 9000.0, 36), atol=0.72 * 5.0 / 32_767)


def test_words_have_no_order_of_bytes(design, tmp_path):
    with pytest.raises(ValueError, match=r"^big_endian is True, but a memory image has words, not bytes"):
        save(design, tmp_path / "a.coe", cf.Playback(big_endian=True))
