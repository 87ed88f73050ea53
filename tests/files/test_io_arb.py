"""The text form of Keysight's 33500 generators, read by the rules of its manual."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.files import save


def parsed(path):
    """Header and counts."""
    header, _, data = path.read_text("ascii").partition("Data:\n")
    return dict(line.split(":", 1) for line in header.splitlines()), np.array(data.split(), dtype=int)


@pytest.mark.parametrize("peak", [None, 1e-5, 3.0])
def test_counts_and_levels_give_the_tones_in_volts(peak, design, tmp_path, direct_sum):
    save(design, tmp_path / "a.arb", sample_rate=96_000, periods=2, peak=peak)
    header, counts = parsed(tmp_path / "a.arb")
    assert header["File Format"] == "1.10"
    assert (header["Checksum"], header["Channel Count"], header["Data Type"]) == ("0", "1", '"short"')
    assert header["Sample Rate"] == "96000"
    assert int(header["Data Points"]) == counts.size == 1920
    high, low = float(header["High Level"]), float(header["Low Level"])
    assert low == -high
    assert "e" not in header["High Level"]
    assert np.max(np.abs(counts)) <= 32_767
    gain = 1.0 if peak is None else peak / design.peak
    volts = low + (counts + 32_767) * (high - low) / 65_534
    np.testing.assert_allclose(volts, gain * direct_sum(design, 96_000, 1920), atol=0.75 * high / 32_767)


def test_a_complex_design_is_referred_to_other_formats(complex_design, tmp_path):
    with pytest.raises(ValueError, match=r"one real channel, and the design is complex; save as \.sigmf-meta or \.i16"):
        save(complex_design, tmp_path / "a.arb")


@pytest.mark.parametrize("suffix", [".arb", ".h"])
def test_long_texts_are_refused(suffix, design, tmp_path, monkeypatch):
    monkeypatch.setattr("crestfall.files.samples.MAX_TEXT_SAMPLES", 63)
    with pytest.raises(ValueError, match=r"64 samples are too many for a text file \(at most 63\); .* save as \.i16"):
        save(design, tmp_path / f"a{suffix}")


@pytest.mark.parametrize("bits", [8, 14])
def test_fewer_bits_keep_the_level(bits, design, tmp_path, direct_sum):
    save(design, tmp_path / "a.arb", cf.Playback(rate=96_000, level="1 Vpp", bits=bits))
    header, counts = parsed(tmp_path / "a.arb")
    assert np.all(counts % 2 ** (16 - bits) == 0)
    volts = counts * float(header["High Level"]) / 32_767
    np.testing.assert_allclose(volts, 0.5 / design.peak * direct_sum(design, 96_000, 960), atol=0.51 / 2 ** (bits - 1))
