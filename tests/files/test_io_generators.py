"""Files of Rigol, Siglent and Rohde & Schwarz generators: by their rules, and by Rohde & Schwarz's own reader."""

import re
import warnings

import numpy as np
import pytest

import crestfall as cf
from crestfall.files import save

PLAYED = cf.Playback(rate=7200.0, periods=3, level="0.25 V", offset=0.1)
COUNT = 216


def expected(design, direct_sum):
    return 0.1 + 0.25 / design.peak * direct_sum(design, 7200.0, COUNT)


def rigol(path):
    """Header and volts, as the files of users have them."""
    lines = path.read_text("ascii").splitlines()
    assert lines[8] == "x,y[V]"
    assert all(line.startswith(",") for line in lines[9:])
    return dict(line.split(":", 1) for line in lines[1:8]), np.array([float(line[1:]) for line in lines[9:]])


@pytest.mark.parametrize(
    ("model", "name", "mode", "rate"),
    [("DG800", "DG8", "INSERT", "Sample Rate"), ("DG5000", "DG5", "Normal", "AFG Frequency")],
)
def test_rigol(model, name, mode, rate, design, tmp_path, direct_sum):
    save(design, tmp_path / "a_rigol.csv", PLAYED, model=model)
    assert (tmp_path / "a_rigol.csv").read_text().splitlines()[0] == f"RIGOL:{name}:CSV DATA FILE"
    header, volts = rigol(tmp_path / "a_rigol.csv")
    assert (header["TYPE"], header["DOTS"], header["MODE"], header["AWG N"]) == ("Arb", str(COUNT), mode, "0")
    assert float(header[rate]) == pytest.approx(7200.0 if rate == "Sample Rate" else 100.0 / 3.0)
    assert float(header["PERIOD"].removesuffix(" S")) == pytest.approx(0.03)
    assert float(header["AMP"].removesuffix(" Vpp")) / 2 == pytest.approx(0.35)
    assert np.max(np.abs(volts)) <= 0.35
    np.testing.assert_allclose(volts, expected(design, direct_sum), atol=1e-7)


def test_the_generator_of_a_rigol_oscilloscope_takes_8192_points(design, tmp_path, direct_sum):
    with pytest.raises(ValueError, match=r"model is 'DHO900', which takes 8192 points, but there are 64; .*=8192"):
        save(design, tmp_path / "a_rigol.csv", model="DHO900")
    save(design, tmp_path / "a_rigol.csv", cf.Playback(samples_per_period=8192), model="DHO900")
    header, volts = rigol(tmp_path / "a_rigol.csv")
    assert (header["DOTS"], header["MODE"], float(header["AFG Frequency"])) == ("8192", "Freq", 100.0)
    np.testing.assert_allclose(volts, direct_sum(design, 819_200.0, 8192), atol=1e-6)
    with pytest.raises(ValueError, match=r"model is 'DG9'; use one of DG800, DG5000, DHO900"):
        save(design, tmp_path / "b_rigol.csv", model="DG9")


def siglent(path):
    """Header, times and volts, by the rules of readers of EasyWave's files."""
    lines = path.read_text("ascii").splitlines()
    assert lines[5:12] == [""] * 7
    assert lines[12] == "xpos,value"
    times, volts = np.array([line.split(",") for line in lines[13:]], dtype=float).T
    header = {key: float(value) for key, value in (line.split(",") for line in lines[:5])}
    assert header["data length"] == volts.size
    return header, times, volts


@pytest.mark.parametrize("offset", [0.1, -0.2, 0.0])
def test_siglent(offset, design, tmp_path, direct_sum):
    playback = cf.Playback(rate=7200.0, periods=3, level="0.25 V", offset=offset)
    save(design, tmp_path / "a_siglent.csv", playback)
    header, times, volts = siglent(tmp_path / "a_siglent.csv")
    assert (header["frequency"], header["offset"], header["phase"]) == (pytest.approx(100.0 / 3.0), offset, 0.0)
    assert header["amp"] / 2 == pytest.approx(0.25)
    np.testing.assert_allclose(times, np.arange(COUNT) / 7200.0, atol=1e-11)
    np.testing.assert_allclose(volts, offset + 0.25 / design.peak * direct_sum(design, 7200.0, COUNT), atol=1e-8)
    assert np.max(np.abs(volts - header["offset"])) <= header["amp"] / 2


@pytest.mark.parametrize("level", ["-1 to 3 V", "-3 to 0.5 V"])
def test_a_siglent_file_of_a_range_holds_all_its_points(level, design, tmp_path):
    save(design, tmp_path / "a_siglent.csv", cf.Playback(samples_per_period=4096, level=level))
    header, _, volts = siglent(tmp_path / "a_siglent.csv")
    low, high = (float(word) for word in level.removesuffix(" V").split(" to "))
    assert (volts.min(), volts.max()) == (pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3))
    assert np.mean(volts) == pytest.approx(header["offset"], abs=1e-7)
    assert np.max(np.abs(volts - header["offset"])) <= header["amp"] / 2 * (1 + 1e-8)


@pytest.mark.parametrize(("ending", "read"), [("_rigol.csv", rigol), ("_siglent.csv", siglent)])
def test_a_file_for_each_real_signal(ending, read, complex_design, tmp_path, direct_sum):
    save(complex_design, tmp_path / f"a{ending}", cf.Playback(rate=9000.0))
    i, q = (read(tmp_path / f"a_{part}{ending}")[-1] for part in "IQ")
    np.testing.assert_allclose(i + 1j * q, direct_sum(complex_design, 9000.0, 36), atol=1e-6)
    several = cf.Design.of(cf.Problem.orthogonal([cf.Multisine([1.0, 2.0])] * 2, names=["x", "y"]), [0.0, 1.0])
    save(several, tmp_path / "set" / f"b{ending}")
    names = sorted(path.name for path in (tmp_path / "set").iterdir())
    assert names == [f"b_{name}_{e}{ending}" for name in "xy" for e in (1, 2)]


@pytest.mark.parametrize("ending", ["_rigol.csv", "_siglent.csv"])
def test_volts_have_no_converter(ending, design, tmp_path):
    with pytest.raises(ValueError, match=rf"^bits is 14, but {ending} files hold volts; leave it out"):
        save(design, tmp_path / f"a{ending}", cf.Playback(bits=14))


def test_tones_in_a_file_of_that_name_are_still_read(tmp_path):
    (tmp_path / "tones_rigol.csv").write_text("frequency_hz,amplitude\n10,1\n30,0.5\n")
    from crestfall.files import read_problem

    assert read_problem(tmp_path / "tones_rigol.csv").multisine.frequencies.tolist() == [10.0, 30.0]


# ------------------------------------------------------------------ Rohde & Schwarz


def rohde_schwarz(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numba, where it is installed
        from RsWaveform import RsWaveform

        found = RsWaveform()
        found.load(str(path))
    data = re.search(rb"\{WAVEFORM-(\d+):#", path.read_bytes())
    counts = np.frombuffer(path.read_bytes()[data.end() : data.end() + int(data[1]) - 1], "<i2").astype(float)
    np.testing.assert_allclose(found.data[0], counts.view(complex) / 32_767, atol=2.0**-11)  # it reads as float16
    return found.meta[0], counts.view(complex) / 32_767


@pytest.mark.parametrize("which", ["design", "complex_design"])
@pytest.mark.parametrize("bits", [None, 14])
def test_wv(which, bits, request, tmp_path, direct_sum):
    design = request.getfixturevalue(which)
    save(design, tmp_path / "a.wv", cf.Playback(rate=9000.0, periods=2, level="-3 dBFS", bits=bits))
    meta, data = rohde_schwarz(tmp_path / "a.wv")
    last = 32_767 if bits is None else 8191 * 4  # the last step of 14 bits is not that of 16
    signal = 10 ** (-3 / 20) / design.peak * direct_sum(design, 9000.0, data.size) * last / 32_767
    assert (meta["clock"], meta["samples"], data.size) == (9000.0, data.size, 180 if which == "design" else 72)
    step = 2.0 ** (1 - (bits or 16))
    np.testing.assert_allclose(data.real, signal.real, atol=1.3 * step)
    np.testing.assert_allclose(data.imag, signal.imag, atol=1.3 * step)
    assert meta["rms"] == pytest.approx(-10 * np.log10(np.mean(np.abs(signal) ** 2)), abs=1e-5)
    assert meta["peak"] == pytest.approx(-20 * np.log10(np.max(np.abs(signal))), abs=1e-5)
    assert re.match(rb"\{TYPE:SMU-WV,0\}", (tmp_path / "a.wv").read_bytes())


@pytest.mark.parametrize("field", ["signed", "big_endian", "q_first"])
def test_wv_has_one_layout(field, design, tmp_path):
    with pytest.raises(ValueError, match=rf"^{field} is .*leave it out"):
        save(design, tmp_path / "a.wv", cf.Playback(**{field: field != "signed"}))
