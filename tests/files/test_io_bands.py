"""Bands of a very wide range: how tones are split, one time limit for all, files, manifest, and what is refused."""

import hashlib
import json
import os
import signal
import threading

import numpy as np
import pytest

import crestfall as cf
from crestfall.files import load_bands, read_bands, save_bands

DECADES = np.geomspace(0.01, 1e5, 15)


def test_bands_have_one_ratio_and_every_tone_is_in_one():
    ms = cf.Multisine(DECADES, np.arange(1.0, 16.0))
    bands = cf.split_bands(ms, 7)
    assert np.concatenate([band.frequencies for band in bands]).tolist() == DECADES.tolist()
    assert np.concatenate([band.amplitudes for band in bands]).tolist() == list(range(1, 16))
    for number, band in enumerate(bands):
        low = 0.01 * 10.0**number
        assert np.all(band.frequencies >= low * (1 - 1e-9))
        assert np.all(band.frequencies <= 10 * low * (1 + 1e-9))


def test_each_band_has_a_raster_of_its_own():
    with pytest.warns(cf.CrestfallWarning, match="moved to multiples"):
        low, high = cf.split_bands(cf.Multisine([0.11, 0.2, 99.0, 1001.0]), 2, raster=[0.1, 100.0])
    assert (low.frequencies.round(12).tolist(), high.frequencies.tolist()) == ([0.1, 0.2], [100.0, 1000.0])


@pytest.mark.parametrize(
    ("ms", "bands", "raster", "said"),
    [
        (cf.Multisine([1.0, 2.0]), 1, None, "bands is 1"),
        (cf.Multisine([1.0, 2.0]), 33, None, "bands is 33"),
        (cf.Multisine([1.0, 2.0, 1000.0]), 3, None, "no tone lies between 10 Hz and 100 Hz"),
        (cf.Multisine([1.0, 2.0], complex=True), 2, None, "the tones are complex"),
        (cf.Multisine([1.0, 100.0]), 2, [1.0, 2.0, 3.0], "raster has 3 values, but there are 2 bands"),
    ],
)
def test_what_makes_no_bands_is_refused(ms, bands, raster, said):
    with pytest.raises(ValueError, match=said):
        cf.split_bands(ms, bands, raster=raster)


@pytest.mark.parametrize(("bound_time", "limits"), [(None, [6.0, 4.0]), (30.0, [6.0, 6.0])])
def test_the_time_for_bounds_is_not_taken_from_later_bands(bound_time, limits, monkeypatch):
    """The first band takes 8 s of 12: too long by itself, or since its bound comes on top."""
    asked, clock = [], iter([100.0, 108.0, 108.0, 110.0])
    monkeypatch.setattr("crestfall.search.bands.perf_counter", lambda: next(clock))
    monkeypatch.setattr("crestfall.search.bands.minimize_within", lambda *given: asked.append(given[2].time_limit))
    bands = cf.split_bands(cf.Multisine([1.0, 2.0, 100.0, 200.0]), 2)
    cf.minimize_bands(bands, time_limit=12.0, bound_time=bound_time)
    assert asked == limits


def test_files_of_bands_and_their_manifest(tmp_path):
    designs = cf.minimize_bands(cf.split_bands(cf.Multisine([1.0, 2.0, 3.0, 100.0, 200.0, 400.0]), 2), starts=2)
    playbacks = [cf.Playback(rate=50.0, level="1 V"), cf.Playback(rate=5000.0, level="1 V")]
    files = save_bands(designs, [tmp_path / "wide.f32", tmp_path / "wide.json"], playbacks)
    manifest = json.loads((tmp_path / "wide.bands.json").read_text())
    assert files[-1].name == "wide.bands.json"
    for band, design, rate in zip(manifest["bands"], designs, (50.0, 5000.0), strict=True):
        assert band["crest_factor"] == design.crest_factor
        samples = next(one for one in band["files"] if one["name"].endswith(".f32"))
        assert samples["rate_hz"] == rate
        data = (tmp_path / samples["name"]).read_bytes()
        assert samples["sha256"] == hashlib.sha256(data).hexdigest()
        x = np.frombuffer(data, "<f4")
        assert x.size == samples["samples"] == rate / design.multisine.fundamental
        lines = np.abs(np.fft.rfft(x)) * 2 / x.size
        found = np.flatnonzero(lines > 0.01) * rate / x.size
        np.testing.assert_allclose(found, design.multisine.frequencies)
    assert load_bands(files[-1]) == designs
    with pytest.raises(FileExistsError):
        save_bands(designs, [tmp_path / "wide.f32"])
    (tmp_path / "wide_band2.f32").write_bytes(b"0000")
    with pytest.raises(ValueError, match=r"wide_band2\.f32 was changed after it was written"):
        load_bands(files[-1])
    with pytest.raises(ValueError, match="manifest of several bands"):
        cf.load(files[-1])


def test_all_files_of_all_bands_are_written_or_none(tmp_path):
    designs = cf.minimize_bands(cf.split_bands(cf.Multisine([1.0, 2.0, 3.0, 100.0, 200.0, 400.0]), 2), starts=1)
    paths = [tmp_path / "new" / "wide.f32", tmp_path / "new" / "wide.json"]
    closes, does_not = cf.Playback(rate=50.0), cf.Playback(rate=5000.0 / 3.0**0.5)
    with pytest.raises(ValueError, match="rate is"):
        save_bands(designs, paths, [closes, does_not])
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]
    save_bands(designs, paths, [closes, closes.changed(rate=5000.0)])
    before = {one: one.read_bytes() for one in paths[0].parent.iterdir()}
    with pytest.raises(ValueError, match="rate is"):  # nor is anything replaced
        save_bands(designs[::-1], paths, [closes.changed(rate=5000.0), does_not], overwrite=True)
    assert {one: one.read_bytes() for one in paths[0].parent.iterdir()} == before
    with pytest.raises(ValueError, match=r"two files are called .*a_band1\.sigmf-data"):
        save_bands(designs, [tmp_path / "a.sigmf-meta", tmp_path / "a.sigmf-data"])


def test_what_can_be_known_of_bands_is_refused_before_the_search(run, tmp_path, monkeypatch):
    monkeypatch.setattr("crestfall.cli.bands.minimize_bands", lambda *_, **__: pytest.fail("searched"))
    (tmp_path / "t.txt").write_text("0.1\n0.2\n10\n20\n")
    (tmp_path / "w_band2.f32.json").write_text("")
    (tmp_path / "limited.toml").write_text(
        "[tones]\nfrequencies_hz = [1, 2, 10, 20]\nbands = 2\n[[outputs]]\nlimit = 0.5\n"
    )
    for arguments, said in (
        (("t.txt", "--bands", 2, "--out", "w.f32"), "w_band2.f32.json exists"),
        (("t.txt", "--bands", 2, "--out", "a.tab"), "ending '.tab' is unknown"),
        (("t.txt", "--bands", 2, "--out", "a.wav", "--level", "2 V"), "band 1: --full-scale is 1 V"),
        (("t.txt", "--bands", 2, "--out", "a.f32", "--band-rates", "0.3,400"), "band 1: --band-rates is 300 mHz"),
        (("t.txt", "--bands", 2, "--method", "schroeder", "--starts", 3), "does not use"),
        (("limited.toml", "--out", "a.f32", "--level", "2 V"), "of a limit of the problem"),
    ):
        refused = run("design", *arguments)
        assert refused.is_one_line_error(), refused
        assert said in refused.err
    assert len(list(tmp_path.iterdir())) == 3


def test_every_file_of_a_band_is_listed_with_its_rate(run, tmp_path):
    (tmp_path / "t.txt").write_text("0.1\n0.2\n10\n20\n")
    shown = run("design", "t.txt", "--bands", 2, "--starts", 1, "--out", "w.f32", "--band-rates", "8,400Hz").out
    low, high = shown.split("band 2 of 2")
    assert "w_band1.f32   8 Hz, one period, 80 samples" in low
    assert "w_band2.f32   400 Hz, one period, 40 samples" in high
    assert high.rstrip().endswith("manifest  w.bands.json")


def test_phases_of_bands_are_not_lost_with_their_files(run, tmp_path, monkeypatch):
    (tmp_path / "t.txt").write_text("0.1\n0.2\n10\n20\n")

    def full(*_, **__):
        raise OSError("the disk is full")

    monkeypatch.setattr("crestfall.files.bands.write_together", full)
    done = run("design", "t.txt", "--bands", 2, "--starts", 1, "--out", "w.f32")
    assert done.code != 0
    assert done.out.count("phases_rad ") == 2
    assert "the disk is full" in done.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "not a crestfall-bands file"),
        ('{"format": "crestfall-bands", "version": 1, "bands": []}', "must be a list of bands"),
        (
            '{"format": "crestfall-bands", "version": 1, "bands": [{"design": {}, "files": [{"name": "../x"}]}]}',
            "next to the manifest",
        ),
    ],
)
def test_damaged_manifests(text, said, tmp_path):
    (tmp_path / "a.bands.json").write_text(text)
    with pytest.raises(ValueError, match=said):
        load_bands(tmp_path / "a.bands.json")


@pytest.mark.posix
def test_the_time_limit_is_shared_and_ctrl_c_keeps_what_is_done():
    bands = cf.split_bands(cf.Multisine(np.arange(1.0, 129.0)), 3)
    designs = cf.minimize_bands(bands, effort=cf.Effort(time_limit=1.5, workers=1))
    assert sum(one.provenance.seconds for one in designs) < 6.0
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    designs = cf.minimize_bands(bands, effort=cf.Effort(time_limit=60.0, workers=1))
    assert len(designs) == 3
    assert "interrupted" in designs[0].status
    assert all(one.crest_factor < 3.0 for one in designs)


def test_problem_files_and_the_command_line(run, tmp_path):
    text = '[tones]\nfrequencies_hz = [0.1, 0.2, 0.4, 10, 20, 40]\nbands = 2\nraster_hz = ["100 mHz", "10 Hz"]\n'
    (tmp_path / "w.toml").write_text(text + '[[outputs]]\nlimit = 0.5\n[playback]\nlevel = "limits"\n')
    assert [one.multisine.fundamental for one in read_bands(tmp_path / "w.toml")] == [0.1, 10.0]
    done = run("design", "w.toml", "--starts", 2, "--out", "w.f32", "--band-rates", "8,400Hz", "--json")
    assert done.code == 0, done.err
    assert [round(one["crest_factor"], 2) for one in json.loads(done.out)["bands"]] == [1.65, 1.65]
    assert [np.fromfile(tmp_path / f"w_band{k}.f32", "<f4").size for k in (1, 2)] == [80, 40]
    assert run("measure", "w.bands.json").code == 0
    (tmp_path / "t.txt").write_text("0.1\n0.2\n10\n20\n")
    done = run("design", "t.txt", "--bands", 2, "--starts", 1, "--out", "t.txt", "--out", "t.json")
    assert done.code == 0, done.err
    for arguments, said in (
        (("t.txt", "--bands", 2, "--out", "t.json"), "exists"),
        (("t.txt", "--bands", 1), "--bands is 1"),
        (("t.txt", "--bands", 2, "--band-rates", "8"), "--band-rates is '8', but there are 2 bands"),
        (("t.txt", "--band-rates", "8"), "--band-rates goes with --bands"),
        (("w.toml", "--bands", 2), "write bands = 2 into [tones]"),
        (("t.txt", "--bands", 2, "--out", "t.png"), "pictures are made of one band"),
    ):
        refused = run("design", *arguments)
        assert refused.is_one_line_error(), refused
        assert said in refused.err
    with pytest.raises(ValueError, match="asks for 2 bands"):
        cf.files.read_problem(tmp_path / "w.toml")


def test_wrong_arguments_are_refused_in_words(tmp_path):
    bands = cf.split_bands(cf.Multisine([1.0, 2.0, 10.0, 20.0]), 2)
    designs = cf.minimize_bands(iter(bands), starts=1)
    path = tmp_path / "a.f32"
    for wrong, words in (([path, path], "each once"), ([], "paths is")):
        with pytest.raises(ValueError, match=words):
            save_bands(designs, wrong)
    with pytest.raises(TypeError, match="give a list of paths"):
        save_bands(designs, str(path))
    with pytest.raises(ValueError, match="designs is empty"):
        save_bands([], [path])
    assert not list(tmp_path.iterdir())
    with pytest.raises(TypeError, match="one band"):
        cf.minimize_bands(bands[0])
    with pytest.raises(ValueError, match="bands is empty"):
        cf.minimize_bands(iter(()))
    with pytest.raises(TypeError, match="Multisine"):
        cf.split_bands([1.0, 2.0], 2)
    for raster in ("10 mV", [[1.0, 2.0]], [[0.1], [1.0, 2.0]]):
        with pytest.raises(ValueError, match="raster"):
            cf.split_bands(cf.Multisine([1.0, 2.0, 10.0, 20.0]), 2, raster=raster)
