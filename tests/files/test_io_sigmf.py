"""SigMF recordings, read back and validated by the reference implementation."""

import json

import numpy as np
import pytest
import sigmf

from crestfall.files import save


def read(path):
    recording = sigmf.sigmffile.fromfile(str(path))
    recording.validate()
    return recording, recording.read_samples()


@pytest.mark.parametrize("which", ["design", "complex_design"])
@pytest.mark.parametrize("ending", [".sigmf-meta", ".sigmf-data"])
def test_floats_are_the_tones_in_volts(which, ending, request, tmp_path, direct_sum):
    design = request.getfixturevalue(which)
    save(design, tmp_path / f"a{ending}", periods=2)
    recording, samples = read(tmp_path / "a.sigmf-meta")
    rate = recording.get_global_field("core:sample_rate")
    assert recording.get_global_field("core:datatype") == ("cf32_le" if design.multisine.complex else "rf32_le")
    assert samples.size == 2 * rate / design.multisine.fundamental
    np.testing.assert_allclose(samples, direct_sum(design, rate, samples.size), atol=1e-6)
    assert recording.get_global_field("crestfall:phases_rad") == design.phases.tolist()


@pytest.mark.parametrize("which", ["design", "complex_design"])
def test_integers_and_their_volts_per_count(which, request, tmp_path, direct_sum):
    design = request.getfixturevalue(which)
    save(design, tmp_path / "a.sigmf-meta", sample_type="int16", peak=0.25)
    recording, samples = read(tmp_path / "a.sigmf-meta")
    assert recording.get_global_field("core:datatype") == ("ci16_le" if design.multisine.complex else "ri16_le")
    rate, step = (recording.get_global_field(key) for key in ("core:sample_rate", "crestfall:volts_per_count"))
    counts = samples * 2.0**15  # the reader makes −32 768 … 32 767 to −1 … 1
    np.testing.assert_allclose(counts.real, np.rint(counts.real), atol=1e-2)
    assert np.max(np.abs(counts)) <= 32_767.5
    expected = direct_sum(design, rate, counts.size) * 0.25 / design.peak
    np.testing.assert_allclose(counts * step, expected, atol=0.75 * step)


def test_the_centre_frequency_of_complex_baseband(design, complex_design, tmp_path):
    save(complex_design, tmp_path / "a.sigmf-meta", center_hz=2.4e9)
    captures = json.loads((tmp_path / "a.sigmf-meta").read_text())["captures"]
    assert captures == [{"core:sample_start": 0, "core:frequency": 2.4e9}]
    with pytest.raises(ValueError, match="only complex baseband has a centre"):
        save(design, tmp_path / "b.sigmf-meta", center_hz=1.0)
    with pytest.raises(ValueError, match="center_hz is inf"):
        save(complex_design, tmp_path / "b.sigmf-meta", center_hz=float("inf"))
    with pytest.raises(ValueError, match="sample_type is 'int8'"):
        save(complex_design, tmp_path / "b.sigmf-meta", sample_type="int8")
