"""Tones from every kind of file, with the line in every complaint."""

import json
import warnings

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.files import FORMATS, save
from crestfall.files.tones import READABLE, read_tones

EXPECTED = cf.Multisine([100.0, 250.0], [1.0, 0.5], initial_phases=[0.0, 1.5])
WRITTEN = {
    "tables.toml": "[[tone]]\nfrequency_hz = 100\n\n[[ tone ]]\nfrequency_hz = 250.0\namplitude = 0.5\n",
    "lists.toml": "frequencies_hz = [100, 250]\namplitudes = [1, 0.5]\n",
    "lists.json": '{"frequencies_hz": [100, 250], "amplitudes": [1, 0.5]}',
    "tables.json": '{"tone": [{"frequency_hz": 100}, {"frequency_hz": 250, "amplitude": 0.5}]}',
    "commas.txt": "# from the generator\nfreq_kHz, amplitude_dB\n0.1, 0\n0.25, -6.020599913279624 # half\n",
    "tabs.txt": "Frequency (MHz)\tLevel [mV]\n0.0001\t1000\n0.00025\t500\n",
    "blanks.txt": "frequency_hz   amplitude\n100  1\n250   0.5\n",
    "semicolons.txt": "a_V; f_Hz\n1; 100\n.5; 250\n",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_written_by_hand(name, tmp_path):
    (tmp_path / name).write_text(WRITTEN[name], "utf-8")
    ms = read_tones(tmp_path / name)
    np.testing.assert_array_equal(ms.frequencies, EXPECTED.frequencies)
    np.testing.assert_allclose(ms.amplitudes, EXPECTED.amplitudes, rtol=1e-14)
    assert ms.initial_phases is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", "frequencies_hz = [100, 250]\namplitudes = [1, 0.5]\nphases_rad = [0, 1.5]\n"),
        (
            "b.toml",
            "[[tone]]\nfrequency_hz = 100\nphase_rad = 0\n[[tone]]\nfrequency_hz = 250\namplitude = 0.5\n"
            "phase_rad = 1.5\n",
        ),
        ("c.txt", "f_Hz a phase_rad\n100 1 0\n250 0.5 1.5\n"),
        ("d.json", '{"frequencies_hz": [100, 250], "amplitudes": [1, 0.5], "phases_rad": [0, 1.5]}'),
        ("e.csv", "frequency_hz,amplitude,phase_rad\n100,1,0\n250,0.5,1.5\n"),
    ],
)
def test_phases_become_a_start(name, text, tmp_path):
    (tmp_path / name).write_text(text)
    assert read_tones(tmp_path / name) == EXPECTED


def test_plain_arrays(tmp_path):
    np.savez(tmp_path / "a.npz", frequencies_hz=[100, 250], amplitudes=[1, 0.5], phases_rad=[0.0, 1.5], more=[1])
    assert read_tones(tmp_path / "a.npz") == EXPECTED


@pytest.mark.parametrize("suffix", [*FORMATS, ".i16.json"])
def test_saved_designs_start_from_their_phases(suffix, design, tmp_path):
    path = tmp_path / f"a{suffix}"
    save(design, str(path).removesuffix(".json") if suffix == ".i16.json" else path)
    ms = read_tones(path)
    np.testing.assert_array_equal(ms.frequencies, design.multisine.frequencies)
    turns = (ms.initial_phases - design.phases) / (2 * np.pi)
    np.testing.assert_allclose(turns, np.rint(turns), atol=1e-6)


def test_a_wave_file_gives_the_tones_above_the_floor(tmp_path):
    t = np.arange(4800) / 48_000
    x = 0.5 * np.cos(2 * np.pi * 100 * t + 0.3) + 0.25 * np.sin(2 * np.pi * 1500 * t)
    x += 1e-4 * np.cos(2 * np.pi * 700 * t)
    soundfile.write(tmp_path / "a.wav", x, 48_000, subtype="FLOAT")
    ms = read_tones(tmp_path / "a.wav")
    assert ms.frequencies.tolist() == [100.0, 1500.0]
    np.testing.assert_allclose(ms.amplitudes, [0.5, 0.25], rtol=1e-6)
    np.testing.assert_allclose(ms.initial_phases, [0.3, -np.pi / 2], atol=1e-6)
    assert read_tones(tmp_path / "a.wav", drop_below_db=-80).n == 3


@pytest.mark.parametrize("name", ["a.toml", "a.json", "a.txt", "a.csv"])
def test_complex_tones(name, tmp_path):
    text = {
        "a.toml": "frequencies_hz = [-1, 0]\ncomplex = true\n",
        "a.json": '{"frequencies_hz": [-1, 0], "complex": true}',
        "a.txt": "f_Hz\n-1\n0\n",
        "a.csv": "frequency_hz,amplitude\n-1,1\n0,1\n",
    }[name]
    (tmp_path / name).write_text(text)
    assert read_tones(tmp_path / name, complex=True) == cf.Multisine([-1.0, 0.0], complex=True)
    if "true" in text:
        assert read_tones(tmp_path / name).complex


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.toml", "", "tones is missing; begin with [tones] and frequencies_hz or harmonics"),
        ("a.toml", "a = [1\nb = 2\n", "not TOML"),
        ("a.toml", "frequencies_hz = [1]\nseed = 3\n", "line 2: seed is not part of a problem"),
        ("a.toml", "[[tone]]\nfrequency_hz = 1\nstarts = 3\n", "line 3: tone[0].starts is not part of a problem"),
        ("a.toml", "# no\nfrequency = [1]\n", "line 2: frequency is unknown; known are tones, goal"),
        ("a.toml", "\namplitudes = [1]\n[[tone]]\nfrequency_hz = 1\n", "either tone or frequencies_hz"),
        ("a.toml", "frequencies_hz = [1, 2]\n\namplitudes = [1, -1]\n", "line 3: amplitudes: amplitudes[1] is -1"),
        ("a.toml", "frequencies_hz = [1, 2]\namplitudes = [1, 2, 3]\n", "line 2: amplitudes: amplitudes have length 3"),
        ("a.toml", "frequencies_hz = [1, nan]\n", "line 1: frequencies_hz[1] is nan"),
        ("a.toml", "frequencies_hz = [true]\n", "line 1: frequencies_hz[0] is True"),
        ("a.toml", "frequencies_hz = 5\n", "line 1: frequencies_hz is 5"),
        ("a.toml", "frequencies_hz = []\n", "line 1: frequencies_hz: frequencies_hz has 0 values"),
        ("a.toml", "complex = 3\nfrequencies_hz = [1]\n", "line 1: complex is 3"),
        ("a.toml", "[tone]\nfrequency_hz = 1\n", "line 1: tone is {'frequency_hz': 1}; it must be a list"),
        ("a.toml", "tone = [1]\n", "line 1: tone[0] is 1"),
        ("a.toml", "[[tone]]\nfrequency_hz = 1\n[[tone]]\nphase_deg = 3\n", "line 4: tone[1].phase_deg is unknown"),
        ("a.toml", "[[tone]]\namplitude = 1\n", "line 1: tone[0].frequency_hz is missing"),
        ("a.toml", "[[tone]]\nfrequency_hz = '1 V'\n", "line 2: tone[0].frequency_hz is '1 V'; give a frequency"),
        (
            "a.toml",
            "[[tone]]\nfrequency_hz = 1\n[[tone]]\nfrequency_hz = 2\nphase_rad = 1\n",
            "line 5: tone[1].phase_rad: some tones have a phase and some have none",
        ),
        (
            "a.toml",
            "[[tone]]\nfrequency_hz = 1\nphase_rad = 1\n[[tone]]\nfrequency_hz = 2\n",
            "line 4: tone[1].phase_rad: some tones",
        ),
        (
            "a.toml",
            "[[tone]]\nfrequency_hz = 1\n[[tone]]\nfrequency_hz = -1\n",
            "line 4: tone[1].frequency_hz: frequencies",
        ),
        ("a.toml", "[[tone]]\nfrequency_hz = 1\namplitude = 0\n", "line 3: tone[0].amplitude: amplitudes[0] is 0"),
        ("a.json", "[1]", "must be an object"),
        ("a.json", '{"frequencies_hz": [1,\n]}', "line 2"),
        ("a.json", '{"frequencies_hz": [1' + "0" * 400 + "]}", "must be a finite number"),
        ("a.json", '{"format": "other"}', "not a crestfall file: format is 'other'"),
        ("a.json", '{"format": "crestfall-samples", "version": 1}', "not a crestfall file"),
        ("a.txt", "# nothing\n", "no header line"),
        ("a.txt", "f_Hz, a\n", "no tones below the header"),
        ("a.txt", "100, 1, 0\n", "there are 3 columns and no header"),
        ("a.txt", "f_Hz, a_dBx\n1, 1\n", "line 1: column 'a_dBx' has no known unit: the unit 'dBx' of an amplitude"),
        ("a.txt", "freq_kV, a\n1, 1\n", "line 1: column 'freq_kV' has no known unit: the unit 'kV' is unknown"),
        ("a.txt", "freq_mhz\n1\n", "line 1: column 'freq_mhz' has no known unit: 'mhz' may be mHz or MHz"),
        ("a.txt", "f_Hz, power\n1, 1\n", "line 1: column 'power' has no known unit; power takes dBm"),
        ("a.csv", "f_kHz,a\n1 MHz,1\n", "line 2: f_kHz is '1 MHz', but the heading says kHz"),
        ("a.csv", "f,a\n1 V,1\n", "line 2: f is '1 V': the unit 'V' is unknown"),
        ("a.csv", "time_s,x\n0,1\n", "one time says no rate"),
        ("a.txt", "f_Hz, a\n1, 0\n", "all amplitudes are 0"),
        ("a.txt", "f_Hz, phase\n1, 1\n", "phase takes deg, rad"),
        ("a.txt", "f_Hz, freq_kHz\n1, 1\n", "the frequency occurs twice"),
        ("a.txt", "a_V, phase_deg\n1, 1\n", "no column is a frequency"),
        ("a.txt", "f_Hz, a_V\n\n1, 1, 1\n", "line 3: 3 values, but the header names 2"),
        ("a.txt", "f_Hz, a_V\n1, 1\n2, x\n", "line 3: a_V is 'x'"),
        ("a.txt", "f_Hz, a_V\n1, -1\n", "line 2: a_V is -1.0; it must be above 0"),
        ("a.txt", "f_Hz, a_dB\n1, 7000\n", "line 2: a_dB is '7000': 7000 dB is out of range"),
        ("a.txt", "f_Hz, a_V\n-1, 1\n", "line 2: f_Hz is -1.0 Hz"),
        ("a.txt", "f_Hz, a_V\n1_0, 1\n", "line 2: f_Hz is '1_0'"),
        ("a.ods", "", "no tones are read from the ending '.ods'; use one of .csv, .toml, .txt"),
        ("a.xlsx", "", "not an XLSX workbook"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(name, text, said, tmp_path, error_of):
    (tmp_path / name).write_text(text)
    assert said in error_of(ValueError, tmp_path / name, read_tones, tmp_path / name)


@pytest.mark.parametrize("suffix", READABLE)
@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x00" * 300, "ä".encode("latin-1"), b"[" * 100_000])
def test_garbage_is_refused_in_one_line(suffix, content, tmp_path, error_of):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    error_of(ValueError, path, read_tones, path)


@pytest.mark.parametrize("suffix", [".toml", ".txt", ".json"])
def test_too_many_tones_are_refused(suffix, tmp_path, monkeypatch, error_of):
    for module in ("tone_tables", "tone_list", "tone_columns"):
        monkeypatch.setattr(f"crestfall.files.{module}.MAX_TONES", 3)
    path = tmp_path / f"a{suffix}"
    lists = {".toml": "frequencies_hz = [1, 2, 3, 4]", ".json": '{"frequencies_hz": [1, 2, 3, 4]}'}
    path.write_text(lists.get(suffix, "f_Hz\n1\n2\n3\n4\n"))
    error_of(ValueError, path, read_tones, path)


def test_a_long_file_is_read_in_linear_time(tmp_path):
    # 20 000 tones: looking for the line of each one would take minutes.
    rows = "".join(f"[[tone]]\nfrequency_hz = {k}\n" for k in range(1, 20_001))
    (tmp_path / "a.toml").write_text(rows)
    assert read_tones(tmp_path / "a.toml").n == 20_000
    (tmp_path / "a.toml").write_text(rows + "[[tone]]\nfrequency_hz = inf\n")
    with pytest.raises(ValueError, match=r"line 40002: tone\[20000\].frequency_hz is inf"):
        read_tones(tmp_path / "a.toml")


def test_a_huge_toml_file_is_not_parsed(tmp_path, monkeypatch, error_of):
    monkeypatch.setattr("crestfall.files.problem_toml.MAX_TOML", 10)
    (tmp_path / "a.toml").write_text("frequencies_hz = [1]")
    assert "give the tones as CSV or NPZ" in error_of(ValueError, tmp_path / "a.toml", read_tones, tmp_path / "a.toml")


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tones=st.lists(st.tuples(st.integers(1, 10**6), st.floats(1e-6, 1e6), st.floats(-10, 10)), min_size=1, max_size=9)
)
def test_any_tones_come_back_from_every_text(tones, tmp_path):
    frequencies, amplitudes, phases = (list(column) for column in zip(*tones, strict=True))
    record = {"frequencies_hz": frequencies, "amplitudes": amplitudes, "phases_rad": phases}
    (tmp_path / "a.json").write_text(json.dumps(record))
    (tmp_path / "a.toml").write_text("\n".join(f"{key} = {value}" for key, value in record.items()))
    rows = "\n".join(f"{f}, {a!r}, {p!r}" for f, a, p in tones)
    (tmp_path / "a.txt").write_text("f_Hz, a_V, phase_rad\n" + rows)
    expected = cf.Multisine(frequencies, amplitudes, initial_phases=phases)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cf.CrestfallWarning)  # of frequencies that are drawn twice
        assert [read_tones(tmp_path / f"a{suffix}") for suffix in (".json", ".toml", ".txt")] == [expected] * 3


@pytest.mark.parametrize("unit", ["kHz", "MHz", "GHz"])
def test_decimal_megahertz_are_whole_hertz(unit, tmp_path):
    factor = {"kHz": 10**3, "MHz": 10**6, "GHz": 10**9}[unit]
    hertz = [top * factor // 10 + k * factor // 100 for top in (1024, 24, 102) for k in range(50)]
    (tmp_path / "a.txt").write_text(f"freq_{unit}\n" + "\n".join(f"{value / factor:.2f}" for value in hertz))
    assert read_tones(tmp_path / "a.txt").frequencies.tolist() == [float(value) for value in hertz]
