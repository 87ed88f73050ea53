"""Every file that the studio offers, read back by somebody else where there is somebody."""

import io
import json
import re
import zipfile

import numpy as np
import pytest
import scipy.io
import sigmf
import soundfile

import crestfall as cf
from crestfall.files import EXPORTS, WRITABLE
from crestfall.files.endings import PICTURES
from crestfall.studio.downloads import FORMATS, download_of

DESIGN = cf.minimize_peak(cf.Multisine.harmonics(range(1, 6), 1000.0), starts=2)


def shape(samples):
    """What a scale leaves alone."""
    return np.asarray(samples) / np.max(np.abs(samples))


def direct(count):
    t = np.arange(count) / count
    x = sum(np.cos(2 * np.pi * (k + 1) * t + phase) for k, phase in enumerate(DESIGN.phases))
    return shape(x)


def test_every_export_of_the_package_is_offered():
    offered = set(FORMATS.values()) - set(PICTURES)
    with_companions = offered | {".sigmf-data"}  # comes with its .sigmf-meta
    assert with_companions == {ending for ending in WRITABLE if ending in EXPORTS or WRITABLE[ending] != "registered"}


def test_each_is_read_back(tmp_path):
    files = {ending: download_of(DESIGN, ending) for ending in FORMATS.values()}
    for ending in (".wav", ".csv", ".json", ".npz", ".mat"):
        (tmp_path / f"a{ending}").write_bytes(files[ending][1])
        assert cf.load(tmp_path / f"a{ending}").phases == pytest.approx(DESIGN.phases, abs=1e-12)
    samples, rate = soundfile.read(io.BytesIO(files[".wav"][1]))
    assert rate == 48000
    assert shape(samples) == pytest.approx(direct(48), abs=1e-6)
    assert scipy.io.loadmat(io.BytesIO(files[".mat"][1]))["phases_rad"].ravel() == pytest.approx(DESIGN.phases)

    def unzipped(ending):
        name, data = files[ending]
        assert name.endswith(".zip")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            archive.extractall(tmp_path)
            return [tmp_path / entry for entry in archive.namelist()]

    for ending, kind in ((".i16", "<i2"), (".f32", "<f4")):
        raw = next(path for path in unzipped(ending) if path.suffix == ending)
        values = np.fromfile(raw, kind)
        assert shape(values.astype(float)) == pytest.approx(direct(values.size), abs=1e-4)
    meta = next(path for path in unzipped(".sigmf-meta") if path.suffix == ".sigmf-meta")
    recording = sigmf.sigmffile.fromfile(str(meta))
    assert shape(recording.read_samples()) == pytest.approx(direct(recording.sample_count), abs=1e-6)
    block = next(path for path in unzipped(".scpi") if path.suffix == ".scpi").read_bytes()
    assert re.search(rb"#\d", block)
    assert files[".arb"][1].startswith(b"File Format:")
    assert b"static const" in files[".h"][1] or b"const" in files[".h"][1]
    assert files[".png"][1].startswith(b"\x89PNG")
    assert b"<svg" in files[".svg"][1]
    assert files[".pdf"][1].startswith(b"%PDF")


def test_a_sample_rate_is_obeyed():
    samples, rate = soundfile.read(io.BytesIO(download_of(DESIGN, ".wav", cf.Playback(rate=96000.0))[1]))
    assert (rate, samples.size) == (96000, 96)
    assert json.loads(download_of(DESIGN, ".json", cf.Playback(rate=96000.0))[1])["version"] == 2  # holds no samples


TONES = cf.Multisine.harmonics(range(1, 8), 100.0)
KINDS = {
    "window": cf.Problem(TONES, over=cf.Window(0.001, 0.02)),
    "window without a period": cf.Problem(cf.Multisine([1.0, 1.41421356, 2.71828183]), over=cf.Window(0.0, 3.0)),
    "orthogonal": cf.Problem(TONES, channels=cf.Orthogonal(2)),
    "orthogonal, own phases": cf.Problem(TONES, channels=cf.Orthogonal(2, phases="own")),
    "interleaved": cf.Problem(TONES, channels=cf.Interleaved(2, names=["x", "y"])),
    "complex": cf.Problem(cf.Multisine([-100.0, 100.0, 200.0], complex=True)),
    "alphabet": cf.Problem(TONES, phases=[cf.Alphabet(4)]),
    "limits": cf.Problem(TONES, outputs=[cf.Output(limit=2.0), cf.slew_rate(900.0)], measure="range"),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_design_comes_in_every_format(name, tmp_path):
    design = cf.minimize_peak(KINDS[name], starts=4, workers=1)
    several = design.problem.channels is not None
    for ending in [ending for ending in FORMATS.values() if ending not in (".svg", ".pdf")]:  # drawn as .png is
        if ending == ".arb" and design.multisine.complex:  # the format itself has one real channel
            with pytest.raises(ValueError, match=r"save as \.sigmf-meta"):
                download_of(design, ending)
            continue
        file, content = download_of(design, ending)
        assert len(content) > 100
        if file.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                assert archive.testzip() is None
                assert len(archive.namelist()) >= 2
        if ending in (".json", ".npz", ".mat", ".wav") or (ending == ".csv" and not several):
            path = tmp_path / f"a{ending}"
            path.write_bytes(content)
            again = cf.load(path)
            assert again.problem == design.problem
            assert again.figure == pytest.approx(design.figure, rel=1e-9)


@pytest.mark.parametrize(
    ("ending", "rate", "message"),
    [(".exe", None, "not a file that can"), (".f32", 1e10, "more than"), (".wav", 100.0, "Sample rate is 100 Hz")],
)
def test_what_cannot_be_written_is_said_without_a_path(ending, rate, message):
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        download_of(DESIGN, ending, None if rate is None else cf.Playback(rate=rate))
    assert "/tmp" not in str(caught.value)
