"""HDF5 and TDMS files, read by h5py and npTDMS; and what is said where these are missing."""

import json
import re
import sys

import h5py
import nptdms
import numpy as np
import pytest

import crestfall as cf
from crestfall.files import length_of_file, save
from crestfall.files.record import from_record

PLAYED = cf.Playback(rate=9000.0, periods=2, level="200 mVrms", offset=0.1, lead=0.01)


def test_hdf5_holds_samples_rate_start_unit_and_design(design, tmp_path, direct_sum):
    save(design, tmp_path / "a.h5", PLAYED)
    with h5py.File(tmp_path / "a.h5") as file:
        samples, about = file["samples"][:], dict(file["samples"].attrs)
        record = json.loads(file["design"][()])
    assert (about["sample_rate_hz"], about["unit"], about["periods"], about["start_s"]) == (9000.0, "V", 2, -0.01)
    assert about["first_period_begins_at"] == 90
    assert [*about["channels"]] == ["drive"]
    signal = direct_sum(design, 9000.0, 180)
    np.testing.assert_allclose(samples[90:], 0.1 + 0.2 * signal / np.sqrt(np.mean(signal**2)), atol=1e-12)
    np.testing.assert_allclose(samples[:90], 0.1)
    assert from_record(record) == design


def test_hdf5_of_several_complex_inputs(tmp_path):
    ms = cf.Multisine.harmonics([-3, 0, 1, 4], 250.0, complex=True)
    design = cf.Design.of(cf.Problem.orthogonal([ms] * 2), [0.0, 1.0, 2.0, 3.0])
    save(design, tmp_path / "a.h5", cf.Playback(rate=8000.0))
    with h5py.File(tmp_path / "a.h5") as file:
        samples = file["samples"][:]
    assert samples.shape == (2, 2, 32)
    one = design.channels[1][0]
    angles = 2 * np.pi * np.outer(np.arange(32) / 8000.0, one.multisine.frequencies) + one.phases
    np.testing.assert_allclose(samples[1, 0], np.exp(1j * angles) @ one.multisine.amplitudes, atol=1e-12)


def test_a_design_of_many_tones_fits_into_hdf5(tmp_path):
    design = cf.Design.of(cf.Multisine.harmonics(range(1, 4001)), np.arange(4000.0))
    save(design, tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5") as file:
        assert len(json.loads(file["design"][()])["design"]["phases_rad"]) == 4000


def test_tdms_holds_samples_rate_start_unit_and_design(design, tmp_path, direct_sum):
    save(design, tmp_path / "a.tdms", PLAYED)
    file = nptdms.TdmsFile.read(tmp_path / "a.tdms")
    drive = file["multisine"]["drive"]
    assert drive.properties["unit_string"] == "V"
    assert drive.properties["wf_samples"] == drive[:].size == 270
    np.testing.assert_allclose(drive.time_track(), -0.01 + np.arange(270) / 9000.0, atol=1e-15)
    signal = direct_sum(design, 9000.0, 180)
    np.testing.assert_allclose(drive[90:], 0.1 + 0.2 * signal / np.sqrt(np.mean(signal**2)), atol=1e-12)
    assert file.properties["sample_rate_hz"] == 9000.0
    assert from_record(json.loads(file.properties["design"])) == design


def test_tdms_has_a_channel_for_each_signal(tmp_path):
    ms = cf.Multisine.harmonics([-3, 0, 1, 4], 250.0, complex=True)
    design = cf.Design.of(cf.Problem.orthogonal([ms] * 2, names=["x", "the 'y'"]), [0.0, 1.0, 2.0, 3.0])
    save(design, tmp_path / "a.tdms", cf.Playback(rate=8000.0))
    group = nptdms.TdmsFile.read(tmp_path / "a.tdms")["multisine"]
    assert len(group.channels()) == 8
    one = design.channels[1][0]
    angles = 2 * np.pi * np.outer(np.arange(32) / 8000.0, one.multisine.frequencies) + one.phases
    found = group["the 'y' experiment 1 I"][:] + 1j * group["the 'y' experiment 1 Q"][:]
    np.testing.assert_allclose(found, np.exp(1j * angles) @ one.multisine.amplitudes, atol=1e-12)


@pytest.mark.parametrize("ending", [".h5", ".tdms"])
@pytest.mark.parametrize("field", ["bits", "signed", "big_endian", "q_first"])
def test_volts_have_no_converter(ending, field, design, tmp_path):
    value = {"bits": 16, "signed": False}.get(field, True)
    with pytest.raises(ValueError, match=rf"^{field} is {value}, but {ending} files hold volts; leave it out"):
        save(design, tmp_path / f"a{ending}", cf.Playback(**{field: value}))


@pytest.mark.parametrize(
    ("ending", "package", "what"), [(".h5", "h5py", "'crestfall[hdf5]'"), (".tdms", "nptdms", "nptdms")]
)
def test_a_missing_package_names_its_extra_before_anything_is_searched(
    ending, package, what, design, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, package, None)
    for call in (lambda path: save(design, path), lambda path: length_of_file(design, path)):
        with pytest.raises(ImportError, match=rf"^{package} is not installed; pip install {re.escape(what)} brings it"):
            call(tmp_path / f"a{ending}")
    assert not list(tmp_path.iterdir())
