"""Windows and several inputs in every format: exact round trips, other readers, nothing that was changed on the way."""

import contextlib
import csv
import json
import re
from io import BytesIO

import numpy as np
import pytest
import scipy.io
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import wavfile

import crestfall as cf
from crestfall.design.length import default_rate
from crestfall.files import WRITABLE, load, paths_written, riff, save

AS_DESIGNED = {"level": "designed", "beyond_limits": True}
READ_BACK = [".json", ".npz", ".mat", ".wav", ".play.json"]


def orthogonal(**options):
    rng = np.random.default_rng(3)
    tones = [
        cf.Multisine.harmonics([1, 3, 4, 9], 100.0, rng.uniform(0.1, 2.0, 4), initial_phases=[0.0, 1.0, 2.0, 3.0])
        for _ in range(3)
    ]
    problem = cf.Problem.orthogonal(
        tones, matrix="dft", names=["x", "y", 'z, "last"'], limits=[1.0, 2.0, 3.0], sharing="own", **options
    )
    return cf.Design.of(problem, rng.uniform(0, 7, (3, 4)))


def interleaved():
    inputs = [cf.Multisine([200.0, 400.0]), cf.Multisine([300.0, 900.0, 1500.0], [1.0, 0.5, 0.2])]
    problem = cf.Problem.interleaved(inputs, names=["left", "right"], measure="range")
    return cf.Design.of(problem, [0.1, 0.2, 0.3, 0.4, 0.5])


def complex_set():
    ms = cf.Multisine.harmonics([-3, 0, 1, 4], 250.0, complex=True)
    return cf.Design.of(cf.Problem.orthogonal([ms] * 2), [0.0, 1.0, 2.0, 3.0])


def window():
    ms = cf.Multisine([100.0, 100.0 * 2**0.5, 100.0 * 3**0.5], [1.0, 0.5, 0.8])
    return cf.Design.of(cf.Problem(ms, over=cf.Window(0.013, 0.1)), [0.0, 1.0, 2.0])


def complex_window():
    ms = cf.Multisine([-100.0, 7.3, 100.0 * 3**0.5], complex=True)
    return cf.Design.of(cf.Problem(ms, over=cf.Window(0.0, 0.1)), [0.0, 1.0, 2.0])


def window_of_several():
    ms = cf.Multisine([100.0, 100.0 * 2**0.5, 100.0 * 3**0.5])
    problem = cf.Problem(ms, over=cf.Window(0.0, 0.1), channels=cf.Orthogonal(2), tolerance_db=0.5)
    return cf.Design.of(problem, [0.0, 1.0, 2.0], multisine=ms.with_amplitudes([1.01, 1.0, 0.99]))


def one_input():
    return cf.Design.of(cf.Problem(cf.Multisine([1.0, 2.0]), channels=cf.Orthogonal(["only"])), [0.0, 1.0])


KINDS = {
    kind.__name__: kind
    for kind in (orthogonal, interleaved, complex_set, window, complex_window, window_of_several, one_input)
}


def summed(one, times):
    """Samples of one signal, tone by tone, by nothing but the formula."""
    ms = one.multisine
    z = np.exp(1j * (2 * np.pi * np.outer(times, ms.frequencies) + one.phases)) @ ms.amplitudes
    return z if ms.complex else z.real


def times_of(design, count, rate):
    over = design.problem.window
    return (0.0 if over is None else over.start) + np.arange(count) / rate


@pytest.fixture(params=sorted(KINDS))
def any_kind(request):
    return KINDS[request.param]()


@pytest.mark.parametrize("ending", [*READ_BACK, ".JSON", ".csv"])
def test_every_kind_comes_back_equal(any_kind, ending, tmp_path, error_of):
    path = tmp_path / "new" / f"design{ending}"
    any_kind.save(path)
    if ending == ".csv" and any_kind.problem.channels is not None:
        if any_kind.problem.channels.count > 1:
            assert "choose one with channel" in error_of(ValueError, path, load, path)
        return
    again = cf.load(path)
    assert again == any_kind
    assert hash(again) == hash(any_kind)
    assert again.phases.tobytes() == any_kind.phases.tobytes()
    np.testing.assert_equal(again.summary(), any_kind.summary())


@pytest.mark.parametrize("ending", WRITABLE)
def test_every_format_takes_every_kind(any_kind, ending, tmp_path):
    path = tmp_path / f"design{ending}"
    if ending == ".arb" and any_kind.multisine.complex:
        with pytest.raises(ValueError, match=r"save as \.sigmf-meta or \.i16"):
            save(any_kind, path)
        assert not list(tmp_path.iterdir())
        return
    save(any_kind, path)
    assert sorted(tmp_path.iterdir()) == sorted(paths_written(path, any_kind))
    with pytest.raises(FileExistsError, match="exists"):
        save(any_kind, path)
    save(any_kind, path, overwrite=True)


@pytest.mark.parametrize("periods", [1, 2])
def test_samples_are_those_of_the_formula(any_kind, periods):
    if any_kind.problem.window is not None and periods > 1:
        with pytest.raises(ValueError, match="a window is played once"):
            cf.Playback(periods=periods).of(any_kind)
        return
    samples = cf.Playback(periods=periods, level=0.5, beyond_limits=True).of(any_kind)
    times = times_of(any_kind, samples.values.shape[2], samples.sample_rate_hz)
    for i, row in enumerate(any_kind.channels):
        for e, one in enumerate(row):
            np.testing.assert_allclose(samples.values[i, e], samples.gain * summed(one, times), atol=1e-9)
    assert np.max(np.abs(samples.values)) <= 0.5
    highest = np.max(np.abs(any_kind.multisine.frequencies))
    assert samples.sample_rate_hz >= 4 * highest * (1 - 1e-12)


def test_a_window_without_a_period_gets_a_round_rate():
    assert default_rate(window()) == 1000.0  # 4 samples a cycle of 173.2 Hz are 692.8
    assert cf.Playback().of(window()).start_s == 0.013


def test_a_table_of_samples(tmp_path):
    interleaved().save(tmp_path / "a.csv", sample_rate=6400.0, periods=2, peak=0.5)
    with (tmp_path / "a.csv").open(newline="") as stream:
        header, *rows = list(csv.reader(stream))
    values = np.array(rows, dtype=float)
    assert header == ["time_s", "left", "right"]
    np.testing.assert_allclose(values[:, 0], np.arange(128) / 6400)
    left = np.cos(2 * np.pi * np.outer(values[:, 0], [200.0, 400.0]) + [0.1, 0.2]).sum(axis=1)
    factor = values[0, 1] / left[0]
    np.testing.assert_allclose(values[:, 1], factor * left, atol=1e-12)
    right = np.cos(2 * np.pi * np.outer(values[:, 0], [300.0, 900.0, 1500.0]) + [0.3, 0.4, 0.5]) @ [1.0, 0.5, 0.2]
    np.testing.assert_allclose(values[:, 2], factor * right, atol=1e-12)
    orthogonal().save(tmp_path / "b.csv")
    with (tmp_path / "b.csv").open(newline="") as stream:
        header = next(csv.reader(stream))
    assert header[-3:] == [f'z, "last" experiment {e}' for e in (1, 2, 3)]
    complex_set().save(tmp_path / "c.csv")
    with (tmp_path / "c.csv").open(newline="") as stream:
        header, first, *_ = csv.reader(stream)
    assert header[1:3] == ["input 1 experiment 1 real", "input 1 experiment 1 imaginary"]
    assert complex(float(first[1]), float(first[2])) == pytest.approx(np.exp(1j * np.arange(4)).sum())


def test_a_table_of_one_drive_holds_tones_and_takes_no_rate(tmp_path):
    with pytest.raises(ValueError, match=r"rate: a \.csv file of one drive holds tones"):
        window().save(tmp_path / "a.csv", sample_rate=6400.0)


@pytest.mark.parametrize("subtype", ["float32", 16, 24])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_channel_for_each_input_and_the_experiments_in_a_row(kind, subtype, tmp_path):
    design, path = KINDS[kind](), tmp_path / "set.wav"
    periods = None if design.problem.window is not None else 5
    design.save(path, subtype=subtype, sample_rate=6400, periods=periods)
    values, rate = soundfile.read(path, always_2d=True)
    comment = json.loads(riff.read_comment(path.read_bytes()))
    each, experiments, parts = comment["samples_each"], len(design.channels[0]), 1 + design.multisine.complex
    assert (values.shape, rate) == ((experiments * each, len(design.channels) * parts), 6400)
    assert comment["names"] == ([*design.problem.channels.names] if design.problem.channels else ["drive"])
    step = {16: 2.0**-15, 24: 2.0**-23}.get(subtype, 1e-7)
    for i, row in enumerate(design.channels):
        for e, one in enumerate(row):
            part = values[e * each : (e + 1) * each, i * parts : (i + 1) * parts]
            expected = comment["scale"] * summed(one, times_of(design, each, rate))
            np.testing.assert_allclose(part[:, 0], expected.real, atol=step)
            np.testing.assert_allclose(part[:, -1], expected.imag if parts == 2 else expected, atol=step)
    assert np.max(np.abs(values)) <= 1.0
    if subtype != 24:
        assert wavfile.read(path)[1].reshape(values.shape).shape == values.shape
    assert cf.load(path) == design


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_bare_samples_are_described_by_their_sidecar(kind, tmp_path):
    design = KINDS[kind]()
    for ending, dtype in ((".f32", "<f4"), (".i16", "<i2")):
        design.save(tmp_path / f"a{ending}", **AS_DESIGNED)
        record = json.loads((tmp_path / f"a{ending}.json").read_text("utf-8"))
        flat = np.fromfile(tmp_path / f"a{ending}", dtype).astype(float) * record["volts_per_count"]
        numbers = flat.view(complex) if record["layout"].startswith("I, Q") else flat
        frames = numbers.reshape(record["experiments"], record["samples_each"], len(record["channels"]))
        times = times_of(design, record["samples_each"], record["sample_rate_hz"])
        for i, row in enumerate(design.channels):
            for e, one in enumerate(row):
                expected = summed(one, times)
                atol = 1e-6 if ending == ".f32" else 0.71 * record["volts_per_count"]
                np.testing.assert_allclose(frames[e, :, i], expected, atol=atol)
        assert load(tmp_path / f"a{ending}.json") == design


def test_a_sigmf_recording_has_a_channel_for_each_input_and_a_capture_for_each_experiment(tmp_path):
    design = orthogonal()
    design.save(tmp_path / "a.sigmf-meta", **AS_DESIGNED)
    meta = json.loads((tmp_path / "a.sigmf-meta").read_text("ascii"))
    assert meta["global"]["core:num_channels"] == 3
    starts = [capture["core:sample_start"] for capture in meta["captures"]]
    frames = np.fromfile(tmp_path / "a.sigmf-data", "<f4").reshape(-1, 3)
    assert starts == [0, len(frames) // 3, 2 * len(frames) // 3]
    times = np.arange(len(frames) // 3) / meta["global"]["core:sample_rate"]
    np.testing.assert_allclose(frames[starts[2] :, 1], summed(design.channels[1][2], times), atol=1e-6)


def test_a_file_for_each_signal_where_a_format_holds_one(tmp_path):
    design = orthogonal()
    design.save(tmp_path / "a.arb", **AS_DESIGNED)
    design.save(tmp_path / "a.scpi", **AS_DESIGNED)
    names = [f"a_{name}_{e}" for name in ("x", "y", "z-last") for e in (1, 2, 3)]
    assert json.loads((tmp_path / "a.scpi.json").read_text("utf-8"))["files"] == [f"{name}.scpi" for name in names]
    signals = [one for row in design.channels for one in row]
    for name, one in zip(names, signals, strict=True):
        head, _, data = (tmp_path / f"{name}.arb").read_text("ascii").partition("Data:\n")
        step = float(re.search(r"High Level:(\S+)", head)[1]) / 32_767
        counts = np.array(data.split(), dtype=int)
        times = np.arange(counts.size) / float(re.search(r"Sample Rate:(\S+)", head)[1])
        np.testing.assert_allclose(counts * step, summed(one, times), atol=0.51 * step)
        block = (tmp_path / f"{name}.scpi").read_bytes()
        np.testing.assert_array_equal(np.frombuffer(block[2 + int(block[1:2]) :], "<i2"), counts)


def test_names_of_inputs_that_make_one_file_name_are_replaced_by_numbers(tmp_path):
    problem = cf.Problem(cf.Multisine([1.0, 2.0]), channels=cf.Interleaved(2, names=["a/b", "a b"]))
    cf.Design.of(problem, [0.0, 1.0]).save(tmp_path / "s.arb")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s_input-1_1.arb", "s_input-2_1.arb"]


def test_a_c_header_has_a_table_for_each_signal(tmp_path):
    design = orthogonal()
    design.save(tmp_path / "a.h", **AS_DESIGNED)
    text = (tmp_path / "a.h").read_text("ascii")
    step, rate = (float(re.search(rf"MULTISINE_{key} (\S+)", text)[1]) for key in ("VOLTS_PER_COUNT", "SAMPLE_RATE_HZ"))
    tables = re.findall(r"int16_t multisine_(\d)_(\d)\[MULTISINE_LENGTH\] = \{([^}]*)\}", text)
    assert len(tables) == 9
    for i, e, numbers in tables:
        counts = np.array([int(number) for number in numbers.split(",")])
        expected = summed(design.channels[int(i) - 1][int(e) - 1], np.arange(counts.size) / rate)
        np.testing.assert_allclose(counts * step, expected, atol=0.51 * step)


def test_matlab_and_numpy_get_matrices(tmp_path):
    design = orthogonal()
    design.save(tmp_path / "a.mat", sample_rate=6400, **AS_DESIGNED)
    design.save(tmp_path / "a.npz")
    found = scipy.io.loadmat(tmp_path / "a.mat")
    assert found["samples"].shape == (64, 3, 3)
    expected = summed(design.channels[2][1], np.arange(64) / 6400)
    np.testing.assert_allclose(found["samples"][:, 2, 1], expected, atol=1e-9)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert arrays["phases_rad"].shape == (3, 4)
        for coefficients in (found["coefficients"], arrays["coefficients"]):
            for i, row in enumerate(design.channels):
                for e, one in enumerate(row):
                    expected = one.multisine.amplitudes * np.exp(1j * one.phases)
                    np.testing.assert_allclose(coefficients[:, i, e], expected, atol=1e-12)


def test_what_is_found_keeps_its_certificate(tmp_path):
    problem = cf.Problem(cf.Multisine.harmonics(range(1, 10)), channels=cf.Orthogonal(3, matrix="chirp"))
    found = cf.minimize_peak(problem, starts=8)
    found.save(tmp_path / "set.json")
    again = cf.load(tmp_path / "set.json")
    assert again.status == found.status
    assert again.provenance == found.provenance
    assert again.certificates[0].is_stationary


def changed(path, change):
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def inputs(record):
    return record["problem"]["inputs"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: r["design"]["phases_rad"][1].__setitem__(0, 0.0), "but its phases give"),
        (lambda r: r["design"].update(figure_value=r["design"]["figure_value"] * 0.99), "design.figure_value is"),
        (lambda r: inputs(r)[2].update(limit=30.0), None),
        (lambda r: inputs(r)[2].pop("limit"), "inputs[2].limit: give a limit to all inputs or to none"),
        (lambda r: inputs(r)[2].update(limit="x"), "inputs[2].limit is 'x'; give a voltage"),
        (lambda r: inputs(r)[0].update(limit=0.1), "design.figure_value is"),
        (lambda r: inputs(r)[0].update(name="y"), "two inputs are called 'y'"),
        (lambda r: inputs(r)[0].update(amplitudes=[1.0]), "inputs[0].amplitudes: amplitudes have length 1"),
        (lambda r: r["problem"]["channels"].update(matrix="magic"), "channels.matrix is 'magic'"),
        (lambda r: r["problem"]["channels"].update(matrix=["dft"]), "channels.matrix is ['dft']"),
        (lambda r: r["problem"]["channels"].update(matrix="hadamard"), "no Hadamard matrix of order 3"),
        (lambda r: r["problem"]["channels"].update(kind="other"), "channels.kind is 'other'"),
        (
            lambda r: r["problem"]["channels"].update(kind="interleaved"),
            "channels.matrix belongs to kind = 'orthogonal'",
        ),
        (lambda r: r["problem"]["channels"].update(phases="common"), "phases have shape (3, 4)"),
        (lambda r: r["problem"].update(goal={"measure": "volume"}), "goal.measure is 'volume'"),
        (lambda r: r["design"].update(status=1), "design.status is 1"),
        (lambda r: r.update(version=3), "version is 3"),
        (lambda r: r["problem"].update(inputs=[]), "inputs: there are 0"),
        (lambda r: inputs(r).pop(), "phases have shape (3, 4)"),
        (lambda r: r["design"]["phases_rad"].__setitem__(1, 5), "numbers and lists"),
        (lambda r: r["problem"].pop("channels"), "inputs: several inputs need a table [channels]"),
        (lambda r: r["problem"].update(more=1), "problem.more is unknown"),
    ],
)
def test_what_was_changed_is_refused(change, words, tmp_path, error_of):
    path = tmp_path / "set.json"
    orthogonal().save(path)
    changed(path, change)
    if words is None:  # a change that makes sense: the limit of an input that is not the worst
        assert cf.load(path).problem.channels.limits == (1.0, 2.0, 30.0)
        return
    assert words in error_of(ValueError, path, load, path)


def test_shared_frequencies_are_found_out(tmp_path, error_of):
    path = tmp_path / "set.json"
    interleaved().save(path)
    frequencies = [200.0, 400.0, 200.0, 900.0, 1500.0]
    changed(path, lambda r: r["problem"]["tones"].update(frequencies_hz=frequencies))
    assert "a frequency occurs twice" in error_of(ValueError, path, load, path)


def test_samples_of_another_input_are_found_out(tmp_path, error_of):
    design = orthogonal()
    design.save(tmp_path / "a.wav", sample_rate=6400)
    data = bytearray((tmp_path / "a.wav").read_bytes())
    end = np.frombuffer(bytes(data[-36:]), "<f4").copy()
    end[0] += 1e-3
    data[-36:] = end.tobytes()
    (tmp_path / "a.wav").write_bytes(data)
    message = error_of(ValueError, tmp_path / "a.wav", load, tmp_path / "a.wav")
    assert "the samples are not those of the design" in message


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("a pickle was loaded",)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("header", np.array("[]"), "format is a list"),
        ("phases_rad", None, "phases_rad are missing"),
        ("amplitudes", np.ones((2, 2)), "amplitudes has 2 values, but frequencies_hz has 4"),
        ("amplitudes", np.array([Bomb()], dtype=object), "type object"),
        ("phases_rad", np.zeros((3, 4)), "but its phases give"),
        ("phases_rad", np.zeros((2, 4)), "phases have shape (2, 4)"),
    ],
)
def test_wrong_arrays_are_refused(name, value, words, tmp_path, error_of):
    path = tmp_path / "set.npz"
    orthogonal().save(path)
    with np.load(path, allow_pickle=False) as arrays:
        contents = {key: arrays[key] for key in arrays.files} | {name: value}
    buffer = BytesIO()
    np.savez(buffer, **{key: array for key, array in contents.items() if array is not None})
    path.write_bytes(buffer.getvalue())
    assert words in error_of(ValueError, path, load, path)


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)
) | st.sampled_from([[], {}, [[]], [{}], 10**400, -1, "orthogonal", "interleaved", "own", "dft"])


def places(value, path=()):
    """Every place of a record, as keys from the top."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


SMALL = [
    cf.Design.of(
        cf.Problem.interleaved([cf.Multisine([2.0, 4.0]), cf.Multisine([3.0])], limits=[1.0, 2.0]), [0.1, 0.2, 0.3]
    ),
    cf.Design.of(
        cf.Problem(
            cf.Multisine([1.0, 2.0]),
            outputs=[cf.slew_rate(1.0)],
            phases=[cf.Link((0, 1))],
            tolerance_db=1.0,
            extra=cf.ExtraTones([3.0], 0.5),
        ),
        [0.1, 0.1, 0.3],
    ),
    window(),
]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_other_value_anywhere_is_refused_or_harmless(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("set") / "set.json"
    design = data.draw(st.sampled_from(SMALL))
    design.save(path)
    record = json.loads(path.read_text())
    *way, last = data.draw(st.sampled_from([place for place in places(record) if place]))
    target = record
    for key in way:
        target = target[key]
    target[last] = data.draw(JUNK)
    path.write_text(json.dumps(record))
    with contextlib.suppress(ValueError):
        assert load(path).peak == pytest.approx(design.peak, rel=1e-8)
