"""Wrong arguments of what writes and reads files: one line that names the argument, its value, and what to do."""

import json

import numpy as np
import pytest

import crestfall as cf
from crestfall.design.length import default_rate, rate_of_samples
from crestfall.files import FORMATS, WRITABLE, load, paths_written, read_beginning, read_problem, register, save
from crestfall.files.tones import read_tones
from crestfall.files.wav import read_samples

SAMPLED = [ending for ending in WRITABLE if ending not in (".json", ".csv", ".npz")]
SCALED = [ending for ending in SAMPLED if ending not in (".wav", ".flac")]


def refused(path, design, **options):
    with pytest.raises((ValueError, TypeError)) as caught:
        save(design, path, **options)
    assert "\n" not in str(caught.value)
    assert not list(path.parent.iterdir())
    return str(caught.value)


@pytest.mark.parametrize("ending", SAMPLED)
@pytest.mark.parametrize("value", ["100 V", "x", b"100", True, [100.0], None.__class__, float("nan"), 0, -3.0])
@pytest.mark.parametrize("name", ["sample_rate", "periods", "peak"])
def test_options_that_are_no_numbers_are_named(ending, name, value, design, tmp_path):
    if name == "peak" and ending not in SCALED:
        return
    said = refused(tmp_path / f"a{ending}", design, **{name: value})
    assert said.startswith(f"{name} is {value!r}") or said.startswith(f"{name} is {value}"), said
    assert any(word in said for word in ("; give ", "; it must be ")), said


@pytest.mark.parametrize("number", [np.float32(9600), np.int64(9600), 9600, 9600.0])
def test_numbers_of_any_type_are_taken(number, design, tmp_path):
    for ending in (".wav", ".mat", ".i16"):
        save(design, tmp_path / f"a{ending}", sample_rate=number, periods=np.int8(2))
    assert json.loads((tmp_path / "a.i16.json").read_text())["sample_rate_hz"] == 9600.0


@pytest.mark.parametrize(
    ("ending", "options", "said"),
    [
        (".scpi", {"command": 5}, "command is 5; it must be printable ASCII"),
        (".scpi", {"sample_type": ["int16"]}, r"sample_type is \['int16'\]; use"),
        (".scpi", {"big_endian": "no"}, "big_endian is 'no'; give True or False"),
        (".sigmf-meta", {"sample_type": {}}, "sample_type is {}; use"),
        (".sigmf-meta", {"center_hz": "x"}, "center_hz is 'x'; give a finite frequency"),
        (".h", {"name": 5}, "name is 5; give a C identifier"),
        (".wav", {"subtype": 8}, "subtype is 8; use 16, 24"),
        (".wav", {"sample_rate": 0.5}, "sample_rate is 0.5; give a whole number of Hz"),
        (".json", {"overwrite": "no"}, "overwrite is 'no'; give True or False"),
    ],
)
def test_other_options_are_named(ending, options, said, design, tmp_path):
    with pytest.raises(ValueError, match=rf"^{said}"):
        save(design, tmp_path / f"a{ending}", **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", [5, None, b"a.json", ["a.json"], 1.5])
def test_what_is_no_path_is_named(path, design):
    calls = [design.save, load, read_problem, read_beginning, read_tones, read_samples, paths_written, cf.load]
    for call in [*calls, cf.Multisine.from_csv]:
        with pytest.raises(TypeError) as caught:
            call(path)
        assert str(caught.value) == f"path is {path!r}; give the name of a file, such as 'design.json'"


@pytest.mark.parametrize("path", ["a\0b.json", "\0.json", "a\ud800.json"])
def test_names_that_no_file_can_have(path, design):
    for call in (design.save, load, read_problem, paths_written):
        with pytest.raises(ValueError, match=r"which no file can be called; give another name$") as caught:
            call(path)
        assert str(caught.value).startswith(f"path is {path!r}")


def test_only_designs_are_saved(tmp_path):
    with pytest.raises(TypeError, match=r"^design is Multisine\(.*; give what minimize_peak or Design.of returns"):
        save(cf.Multisine([1.0]), tmp_path / "a.json")


def test_only_functions_write_formats_of_ones_own():
    with pytest.raises(ValueError, match="ending is 5; give it with its dot"):
        register(5, lambda design: b"")
    with pytest.raises(TypeError, match="encode is b''; give a function"):
        register(".none", b"")


@pytest.mark.parametrize("ending", WRITABLE)
@pytest.mark.parametrize("amplitude", [5e-324, 1e-300, 1e300])
def test_tones_of_any_size_are_written_or_refused_in_one_line(ending, amplitude, tmp_path):
    design = cf.Design.of(cf.Multisine([100.0, 200.0], amplitude), [0.0, 1.0])
    path = tmp_path / f"a{ending}"
    steps = (".wav", ".flac", ".i16", ".scpi", ".arb", ".h", ".coe", ".mif", ".wv", "_siglent.csv")
    too_small = amplitude < 1.0 and ending in steps
    too_large = amplitude > 1.0 and ending in (".f32", ".sigmf-data", ".sigmf-meta")
    if too_small or too_large:
        assert ("too small to be" if too_small else "scale them down") in refused(path, design)
        return
    save(design, path)
    if ending in FORMATS:
        assert load(path) == design


@pytest.mark.parametrize("ending", SCALED)
def test_a_peak_too_far_from_that_of_the_design_is_refused(ending, tmp_path):
    design = cf.Design.of(cf.Multisine([1.0], 1e-200), [0.0])
    assert "no number is as large as their ratio" in refused(tmp_path / f"a{ending}", design, peak=1e200)


# ------------------------------------------------------------------ what a file begins with


@pytest.mark.parametrize("ending", [".json", ".npz", ".csv", ".mat", ".wav"])
def test_a_search_begins_with_the_phases_and_amplitudes_of_a_file(ending, tmp_path):
    ms = cf.Multisine.harmonics(range(1, 8), 100.0, initial_phases=np.zeros(7))
    problem = cf.Problem(ms, tolerance_db=1.0, extra=cf.ExtraTones([800.0, 900.0], 0.3))
    freedom = problem.freedom
    amplitudes = freedom.low + np.linspace(0.1, 0.9, 9) * (freedom.high - freedom.low)
    phases = np.arange(9) ** 2 * 0.4
    design = cf.Design.of(problem, phases, multisine=problem.tones.with_amplitudes(amplitudes))
    path = tmp_path / f"a{ending}"
    save(design, path)
    asked, begin = read_beginning(path)
    assert begin == design
    assert begin.multisine.amplitudes.tobytes() == amplitudes.tobytes()
    assert asked == read_problem(path) == cf.Problem(ms.with_initial_phases(phases[:7]), **extras_of(problem))
    found = cf.minimize_peak(asked, begin=begin, starts=1, use_atlas=False)
    assert found.figure <= design.figure * (1 + 1e-12)


def extras_of(problem):
    return {"tolerance_db": problem.tolerance_db, "extra": problem.extra}


def test_own_phases_of_several_inputs_are_what_is_begun_with(tmp_path):
    problem = cf.Problem(cf.Multisine([1.0, 2.0, 3.0]), channels=cf.Orthogonal(2, phases="own"))
    design = cf.Design.of(problem, [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
    save(design, tmp_path / "a.json")
    asked, begin = read_beginning(tmp_path / "a.json")
    assert begin == design
    np.testing.assert_array_equal(asked.channels.initial_phases, design.phases)
    assert cf.minimize_peak(asked, begin=begin, starts=1).figure <= design.figure * (1 + 1e-12)


def test_problems_and_tones_have_no_design_to_begin_with(tmp_path):
    (tmp_path / "a.toml").write_text("[tones]\nharmonics = '1:3'\n[goal]\nmeasure = 'range'\n")
    assert read_beginning(tmp_path / "a.toml") == (
        cf.Problem(cf.Multisine.harmonics([1, 2, 3]), measure="range"),
        None,
    )
    (tmp_path / "a.csv").write_text("frequency_hz,amplitude,phase_rad\n1,1,0.5\n2,1,0.25\n")
    tones = cf.Multisine([1.0, 2.0], initial_phases=[0.5, 0.25])
    assert read_beginning(tmp_path / "a.csv") == (cf.Problem(tones), None)
    over = cf.Window(0.0, 0.25)
    assert read_beginning(tmp_path / "a.csv", over=over) == (cf.Problem(tones, over=over), None)
    assert read_beginning(tmp_path / "a.csv", complex=True)[0].multisine.complex


# ------------------------------------------------------------------ the rate of samples that count


def design_for(over, fundamental=100.0):
    return cf.Design.of(cf.Problem(cf.Multisine.harmonics([1, 2, 5], fundamental), over=over), [0.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("over", "fundamental", "rate"),
    [
        (cf.Period(), 100.0, None),
        (cf.Window(0.0, 0.1), 100.0, None),
        (cf.Samples(10), 100.0, None),  # two a cycle of the fastest tone
        (cf.Samples(11), 100.0, 1100.0),
        (cf.Samples(480), 100.0, 48_000.0),
        (cf.Samples(rate=48_000.0), 100.0, 48_000.0),
        (cf.Samples(rate=48_000.0), 9.6, 48_000.0),
        (cf.Samples(rate=4.8), 0.1, 4.8),  # 48 · 0.1 is not 4.8
        (cf.Samples(rate=1250.0), 100.0, 1250.0),  # 25 points, which two periods visit
        (cf.Samples(rate=600.0), 100.0, None),
    ],
)
def test_samples_that_count_are_played_at_their_rate(over, fundamental, rate, tmp_path):
    design = design_for(over, fundamental)
    assert rate_of_samples(design) == rate
    if rate is not None:
        assert default_rate(design) == rate
    for ending in (".f32", ".mat"):
        save(design, tmp_path / f"a{ending}")
    described = json.loads((tmp_path / "a.f32.json").read_text())
    assert described["sample_rate_hz"] == default_rate(design)
    if rate is not None:
        assert described["samples_each"] == design.problem.samples
        # What was minimised is the largest of the very samples that are played.
        largest = np.max(np.abs(np.fromfile(tmp_path / "a.f32", "<f4")))
        np.testing.assert_allclose(largest, design.worst.value, rtol=1e-6)


@pytest.mark.parametrize(
    ("over", "fundamental", "rate"),
    [
        (cf.Samples(480), 100.0, 48_000),
        (cf.Samples(441), 100.0, 44_100),
        (cf.Samples(rate=44_100.0), 100.0, 44_100),
        (cf.Samples(30), 1.1, 33),  # 30 · 1.1 is 33.00000000000001 or so, if not rounded
        (cf.Samples(11), 0.5, 48_000),  # 5.5 Hz is none of a WAV file
        (cf.Samples(11), 0.01, 48_000),
        (cf.Samples(10), 100.0, 48_000),
    ],
)
def test_wav_files_have_the_rate_of_samples_that_count_if_it_is_whole(over, fundamental, rate, tmp_path):
    design = design_for(over, fundamental)
    save(design, tmp_path / "a.wav")
    assert read_samples(tmp_path / "a.wav")[1] == rate
    assert load(tmp_path / "a.wav") == design


def test_several_inputs_are_played_at_the_rate_of_samples_that_count(tmp_path):
    problem = cf.Problem(cf.Multisine([100.0, 200.0, 300.0]), over=cf.Samples(64), channels=cf.Interleaved(2))
    design = cf.Design.of(problem, [0.0, 1.0, 2.0])
    save(design, tmp_path / "a.wav")
    values, rate = read_frames(tmp_path / "a.wav")
    assert (values.shape, rate) == ((64, 2), 6400)


def read_frames(path):
    import soundfile

    return soundfile.read(path)
