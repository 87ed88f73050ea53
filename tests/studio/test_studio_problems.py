"""What a visitor types, pastes, gives as a file or brings in a link becomes a problem, or a sentence about why not."""

import io
import re
import tomllib
import zlib
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.files import read_problem
from crestfall.studio import problem_form as form
from crestfall.studio.amplitude_form import amplitudes_of
from crestfall.studio.draft import Draft, text_of_tables
from crestfall.studio.limits import Limits
from crestfall.studio.messages import Order
from crestfall.studio.pasted import tones_of_rows
from crestfall.studio.presets import presets
from crestfall.studio.problem_in_address import LONGEST, packed, unpacked
from crestfall.studio.search_form import effort_from, seconds, seed
from crestfall.studio.tone_details import with_details, with_lines
from crestfall.studio.upload import ENDINGS, draft_of_file, fixed_of_file

EXAMPLES = Path(__file__).parents[2] / "examples"
LIMITS = Limits()


@pytest.fixture
def editor():
    """An editor of 31 tones; ``accepted`` has the drafts that it made."""
    from crestfall.studio.controls import Controls
    from crestfall.studio.editor import Editor
    from crestfall.studio.parts import ToneTable

    def accept(draft, notes):
        made.accepted.append(draft)
        made.fill(draft)

    controls = Controls()
    made = Editor(controls, ToneTable(print), LIMITS, accept, lambda: None)
    made.controls, made.accepted = controls, []
    made.fill(Draft.of_text(presets()[0].text, LIMITS))
    return made


@pytest.mark.parametrize("preset", presets()[1:], ids=lambda preset: preset.name)
def test_each_field_begins_with_the_problem_file_of_the_examples(preset):
    draft = Draft.of_text(preset.text, LIMITS)
    expected = read_problem(EXAMPLES / f"{preset.name}.toml")
    assert draft.problem == expected
    assert draft.present().problem == expected


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_a_problem_survives_being_written_again_and_a_link(preset):
    draft = Draft.of_text(preset.text, LIMITS)
    again = Draft.of_text(unpacked(packed(text_of_tables(draft.data)), LIMITS), LIMITS)
    assert again.data == draft.data == tomllib.loads(preset.text)
    assert again.multisine == draft.multisine


words = st.text(max_size=8)
values = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(words.filter(bool), inner, max_size=3),
    max_leaves=40,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(words.filter(bool), values, max_size=6))
def test_whatever_toml_holds_is_written_as_it_is_read(table):
    assert tomllib.loads(text_of_tables({"tones": table, "extra": [table, {}]})) == {
        "tones": table,
        "extra": [table, {}],
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10\t1\t0\n20\t0.5\t1.5", [[10, 20], [1, 0.5], [0, 1.5]]),
        ("10 1\n20 0.5\n", [[10, 20], [1, 0.5]]),
        ("10,1\n20,0.5", [[10, 20], [1, 0.5]]),
        ("Frequenz;Pegel\n10,5;1\n20;0,25\n\n", [[10.5, 20], [1, 0.25]]),
        ("10\n20", [[10, 20]]),
        ("\u22121e6\t1\t", [[-1e6], [1]]),
        ("f / kHz\tlevel (mV)\tPhase (deg)\n10,5\t20\t180", [[10500], [0.02], [np.pi]]),
    ],
)
def test_rows_of_a_spreadsheet(text, expected):
    assert list(tones_of_rows(text).values()) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no rows"),
        ("f\ta", "no tones below the header"),
        ("10\t1\n20", "line 2: 1 value, but the first row has 2 columns"),
        ("1\t2\t3\t4", "there are 4 columns and no header"),
        ("10\t1\n20\tloud", "line 2: amplitude is 'loud'"),
        ("10\tinf", "line 1: amplitude is 'inf'"),
        ("1_0\t1", "line 1: frequency is '1_0'"),
        ("f\tphase\n1\t1", "line 1: column 'phase' has no known unit; phase takes deg, rad"),
    ],
)
def test_rows_that_are_none(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        tones_of_rows(text)


def test_fields_make_tables_and_tables_fill_fields():
    shaker = tomllib.loads((EXAMPLES / "shaker.toml").read_text("utf-8"))
    data = form.with_goal(form.with_harmonics(shaker, "odd:39", "2,5", "1 2", True), "envelope", "1000", "4")
    assert data["outputs"] == shaker["outputs"]
    assert form.fields_of(data) == {
        "harmonics": "odd:39",
        "fundamental": "2.5",
        "amplitudes": "1 2",
        "signal": "complex",
        "measure": "envelope",
        "times": "1000",
        "alphabet": "4",
        "exclude": "",
        "raster": "",
        "tolerance": "",
        "unit": "V",
        "bands": "",
        "lines": "",
        "line_raster": "",
        "shapes": "",
        "shape_frequency": "",
        "steps": "",
        "offset": "",
        "start_at_zero": "",
    }
    assert list(form.with_goal(data, "peak", " ", ""))[:2] == ["tones", "outputs"]


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("", {}),
        ("period", {}),
        ("44100", {"sample_rate_hz": 44100.0}),
        ("48 000 Hz", {"sample_rate_hz": 48000.0}),
        ("480 samples", {"samples": 480}),
        ("0:0,05", {"window_s": [0.0, 0.05]}),
        ("\u22120.1 : 0.2 s", {"window_s": [-0.1, 0.2]}),
    ],
)
def test_the_times_that_count_are_read_and_shown(text, goal):
    data = form.with_goal({"tones": {"harmonics": "1:3"}}, "peak", text, "")
    assert data.get("goal", {}) == goal
    shown = form.fields_of(data)["times"]
    assert form.with_goal({"tones": {}}, "peak", shown, "").get("goal", {}) == goal


def test_a_field_that_is_not_touched_changes_no_digit_of_the_times():
    goal = {"window_s": [0.0, 1.0 / 3.0], "start_at_zero": False}
    data = {"tones": {"harmonics": "1:3"}, "goal": goal}
    fields = form.fields_of(data)
    assert form.with_goal(data, "range", fields["times"], fields["alphabet"])["goal"] == {**goal, "measure": "range"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: seconds("1e9", LIMITS), "Time limit is '1e9'; this studio allows 600 at most"),
        (lambda: seconds("-1", LIMITS), "above 0"),
        (lambda: seconds("nan", LIMITS), "Time limit is 'nan'; give a time"),
        (lambda: seed("1.5"), "whole number"),
        (lambda: seed("²"), "whole number"),
        (lambda: form.with_harmonics({}, "1:3", "ten", "1", False), "Fundamental is 'ten'"),
        (lambda: form.with_harmonics({}, "1:3", "1", "1 x", False), "Amplitudes is 'x'"),
        (lambda: form.with_goal({"tones": {}}, "loudness", "", ""), "'loudness'"),
        (lambda: form.with_goal({"tones": {}}, "peak", "now", ""), "Times that count is 'now'"),
        (lambda: form.with_goal({"tones": {}}, "peak", "1:0", ""), "the end of a window must come after its start"),
        (lambda: form.with_goal({"tones": {}}, "peak", "0:1:2", ""), "start:end"),
        (lambda: form.with_goal({"tones": {}}, "peak", "-48000", ""), "above 0"),
        (lambda: form.with_goal({"tones": {}}, "peak", "", "1"), "Allowed phases is '1'"),
        (lambda: form.with_goal({"tones": {}}, "peak", "", "all"), "Allowed phases is 'all'"),
    ],
)
def test_fields_that_hold_no_numbers(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[tones]\nharmonics = "1:9999999"', "line 2: tones.harmonics"),
        ('[tones]\nharmonics = "1:4097"', "4097 tones are more than the 4096"),
        ('[tones]\nharmonics = "log:1:1000000:4000"', "take too long"),
        ('[tones]\nharmonics = "odd:99999999999999999999"', "up to 1048576"),
        ("[tones]\nharmonics = [" + "1," * 5000 + "]", "5000 tones"),
        ("[tones]\nfrequencies_hz = [1.0, 600001.0]", "600001 oscillations"),
        ('[tones]\nharmonics = "1:3"\n[[extra]]\nharmonics = "5:99999"\nlargest = 1', "extra[0].harmonics"),
        ('[tones]\nharmonics = "1:3"\n[goal]\npoints = 100000000', "goal.points"),
        ('[tones]\nharmonics = "1:3"\n[goal]\nsample_rate_hz = 1e12', "goal.sample_rate_hz"),
        ('[tones]\nharmonics = "1:3"\n[goal]\nsamples = 100000000', "goal.samples"),
        ('[tones]\nharmonics = "1:3"\n[goal]\nalphabet = 1000', "line 4: goal.alphabet is 1000"),
        (
            '[tones]\nharmonics = "1:3"\n[goal]\nwindow_s = [0.0, 1e6]',
            "line 4: goal.window_s: window: 3e+06 oscillations of the fastest tone",
        ),
        ('[tones]\nharmonics = "1:3"\n[channels]\nkind = "orthogonal"\ninputs = 99999', "line 5: channels.inputs"),
        (
            '[tones]\nharmonics = "1:3"\n[channels]\nkind = "orthogonal"\nmatrix = "dft"\ninputs = 17',
            "289 signals are more than the 256",
        ),
        (
            '[channels]\nkind = "interleaved"\n[[inputs]]\nharmonics = "1:2:4096"\n[[inputs]]\nharmonics = "2:2:4100"',
            "inputs[1].harmonics",
        ),
        ('[tones]\nharmonics = "1:3"\n' + "[[outputs]]\nlimit = 1\n" * 300, "outputs: 300 are more than the 256"),
        ("x = " + "[" * 2000, "nested"),
        ('[tones]\nharmonics = "1:3"\nfile = "/etc/passwd"', "line 3: tones.file is unknown"),
        ('[tones]\nharmonics = "1:3"\n[[outputs]]\nlimit = 1\nresponse = "/etc/passwd"', "line 5: outputs[0].response"),
        ("[tones]\nharmonics = \"__import__('os')\"", "harmonics"),
        ("# " + "x" * 2**19, "characters"),
        ("", "tones is missing"),
    ],
)
def test_what_is_refused_before_anything_large_is_made_of_it(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Draft.of_text(text, LIMITS)


@pytest.mark.filterwarnings("ignore::crestfall.CrestfallWarning")  # of numbers that occur twice
@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="0123456789:,- odglrnmefit", max_size=18))
def test_no_harmonics_are_more_than_was_foreseen(text):
    from crestfall.files.harmonics_text import parse_harmonics

    limits = Limits(tones=300)
    try:
        limits.require_small({"tones": {"harmonics": text}})
        numbers = parse_harmonics(text)
    except ValueError:
        return
    assert len(numbers) <= 300


def test_links_are_short_or_none():
    rng = np.random.default_rng(0)
    assert packed(str(rng.random(2000).tolist())) is None
    assert len(packed(presets()[1].text)) < 1000


@pytest.mark.parametrize(
    "packet",
    [
        "",
        "????",
        "eJwr",
        urlsafe_b64encode(b"plain").decode(),
        urlsafe_b64encode(zlib.compress(b"0" * 10**6)).decode(),  # small, and large when unpacked
        urlsafe_b64encode(zlib.compress(b"\xff\xfe")).decode(),
        "A" * (LONGEST + 1),
    ],
)
def test_damaged_links_get_a_sentence(packet):
    with pytest.raises(ValueError, match="the link is damaged"):
        unpacked(packet, LIMITS)


# ---------------------------------------------------------------------- files


def wav(samples, rate):
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def saved(tmp_path, ending, **options):
    design = cf.minimize_peak(
        cf.Multisine.harmonics(range(1, 6), 10.0), starts=2, use_atlas=False, outputs=[cf.Output(limit=2.0)], **options
    )
    design.save(tmp_path / f"a{ending}")
    return (tmp_path / f"a{ending}").read_bytes()


def test_files_of_every_kind(tmp_path):
    t = np.arange(480) / 48000
    tone = 0.4 * np.cos(2 * np.pi * 100 * t) + 0.2 * np.sin(2 * np.pi * 300 * t)
    contents = {
        ".csv": b"frequency_hz,amplitude,phase_rad\n100,0.4,0\n300,0.2,-1.5707963267948966\n",
        ".wav": wav(tone, 48000),
        ".toml": b"frequencies_hz = [100.0, 300.0]\namplitudes = [0.4, 0.2]\n",
        ".txt": b"freq_Hz, amplitude\n100, 0.4\n300, 0.2\n",
        ".json": b'{"frequencies_hz": [100, 300], "amplitudes": [0.4, 0.2]}',
    }
    for ending, content in contents.items():
        ms = draft_of_file(f"holiday{ending}", content, LIMITS).multisine
        assert ms.frequencies.tolist() == [100.0, 300.0]
        assert ms.amplitudes == pytest.approx([0.4, 0.2], abs=1e-4)
    for ending in (".npz", ".mat", ".json", ".play.json"):
        draft = draft_of_file(f"x{ending}", saved(tmp_path, ending), LIMITS)
        assert draft.multisine.n == 5
        assert [output.limit for output in draft.problem.outputs] == [2.0]
        assert draft.multisine.initial_phases is not None
    shaker = (EXAMPLES / "shaker.toml").read_bytes()
    assert draft_of_file("C:\\lab\\shaker.TOML", shaker, LIMITS).text == shaker.decode()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"\xff\xfe\x00", "not text in UTF-8"),
        ("a.csv", b"q,a\n1,2\n", "column 'q' is unknown"),
        ("a.toml", b"[tones\n", "not TOML"),
        ("a.toml", b"[tones]\nharmonics = 5\n", "a.toml: line 2"),
        ("a.toml", b"\xff", "UTF-8"),
        ("a.wav", b"RIFF", "a.wav"),
        ("a.npz", b"PK\x03\x04", "a.npz"),
        ("a.json", b"[[[", "not JSON"),
        ("a.pickle", b"", "are not read"),
        ("a", b"", "are not read"),
        ("../../etc/passwd", b"", "are not read"),
        ("a.csv", b"x" * (LIMITS.upload_bytes + 1), "at most 8388608 are taken"),
        ("a.csv", b"frequency_hz,amplitude\n" + b"".join(b"%d,1\n" % k for k in range(1, 5001)), "5000 tones"),
    ],
)
def test_malformed_files_get_one_line_that_names_no_path(name, content, message):
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        draft_of_file(name, content, LIMITS)
    assert "\n" not in str(caught.value)
    assert "/tmp" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::crestfall.CrestfallWarning")
@settings(max_examples=100, deadline=None)
@given(name=st.text(max_size=30), ending=st.sampled_from(ENDINGS), content=st.binary(max_size=60))
def test_no_name_becomes_a_path_and_no_content_a_crash(name, ending, content):
    with suppress(ValueError):
        draft_of_file(name + ending, content, LIMITS)


def test_a_name_that_leads_elsewhere_leads_nowhere(tmp_path):
    target = tmp_path / "target.csv"
    draft_of_file(str(target), b"frequency_hz,amplitude\n1,1\n", LIMITS)
    assert list(tmp_path.iterdir()) == []


def test_rules_in_fields():
    data = form.with_harmonics({"tones": {"exclude": ["mains"]}}, "20..80", "10 Hz", "pink", False)
    draft = Draft.of_data(data, LIMITS)
    assert draft.multisine.frequencies.tolist() == [20.0, 30.0, 40.0, 60.0, 70.0, 80.0]
    assert form.fields_of(draft.data)["harmonics"] == "20..80"
    assert form.fields_of(draft.data)["amplitudes"] == "pink"
    for text, fundamental in (("1..1e9", "1"), ("log:1..100000:4000", "1"), ("20..50000", "1")):
        with pytest.raises(ValueError, match="frequencies_hz"):
            Draft.of_data(form.with_harmonics({}, text, fundamental, "1", False), LIMITS)


def test_tones_without_a_period_get_advice_about_the_page():
    with pytest.raises(ValueError, match=r"add a line such as raster_hz = 0\.1") as caught:
        Draft.of_data({"tones": {"frequencies_hz": [1.0, 1.4142135623]}}, LIMITS)
    assert "np." not in str(caught.value)
    assert "over=" not in str(caught.value)


def test_the_tolerance_of_the_lines_is_a_field_and_a_part_of_the_text():
    data = with_lines({"tones": {"harmonics": "2,5,9"}}, "5 %")
    assert form.fields_of(data)["lines"] == "5 %"
    data["lines"]["raster_hz"] = 0.5
    assert with_lines(data, "2")["lines"] == {"steps": 2, "raster_hz": 0.5}
    assert with_lines(data, form.fields_of(data)["lines"]) == data
    assert "lines" not in with_lines(data, " ")
    draft = Draft.of_data(data, Limits())
    assert draft.sentence.endswith("lines may move by 5 %")
    with pytest.raises(ValueError, match="Lines may move by is 'far'"):
        with_lines(data, "far")


def test_shapes_are_a_field_and_a_part_of_the_text():
    data = form.with_shapes({"tones": {"harmonics": "1:3"}}, "pulse:5/12:4 pulse:3.3/12:6; triangle:2:1/4@2", "100 kHz")
    draft = Draft.of_data(data, Limits())
    direct = cf.Shapes([cf.Pulse("5/12", 4.0), cf.Pulse("3.3/12", 6.0), cf.Triangle(2.0, "1/4", 2)], 100e3).problem()
    assert draft.problem == direct
    assert draft.sentence.endswith("delays of pulse, pulse, triangle")
    fields = form.fields_of(draft.data)
    assert fields["shapes"] == "pulse:5/12:4 pulse:11/40:6 triangle:2:1/4@2"
    assert form.with_shapes(draft.data, fields["shapes"], fields["shape_frequency"]) == draft.data
    assert "shapes" not in form.with_harmonics(draft.data, "1:3", "10", "", False)
    for text, words in (("square:2", "'square:2': give pulse"), (" ", "is empty"), ("pulse:30:4", "duty is 30")):
        with pytest.raises(ValueError, match=words):
            form.with_shapes(data, text, "1")


def test_a_fixed_waveform_is_a_field_or_a_file():
    data = form.with_offset({"tones": {"harmonics": "1:3", "fundamental_hz": 10.0}}, "-1,5")
    draft = Draft.of_data(data, Limits())
    assert draft.problem.fixed == cf.FixedWaveform(offset=-1.5)
    assert form.fields_of(draft.data)["offset"] == "-1.5"
    assert "fixed" not in form.with_offset(data, " ")
    x = 2.0 + np.cos(2 * np.pi * 5 * np.arange(64) / 64)
    text = "\n".join(map(str, x)).encode()
    fixed = fixed_of_file("cycle.csv", text, draft.multisine, Limits())
    added = Draft.of_data(form.with_fixed(data, fixed), Limits()).problem.fixed
    assert added.tones.frequencies.tolist() == [50.0]
    assert added.offset == pytest.approx(2.0)
    assert form.with_offset(form.with_fixed(data, fixed), "")["fixed"].keys() == fixed.keys() - {"offset"}
    with pytest.raises(ValueError, match=r"ending in '\.exe' are not read"):
        fixed_of_file("cycle.exe", text, draft.multisine, Limits())


@pytest.mark.parametrize(
    ("changes", "name", "message"),
    [
        ({"harmonics": "1:nine"}, "harmonics", "'1:nine' is not a number or range; write 1:31"),
        ({"harmonics": ""}, "harmonics", "write harmonics such as 1:31"),
        ({"harmonics": "0:4"}, "harmonics", "a real tone needs a harmonic number of 1 or more"),
        ({"harmonics": "1:99999"}, "harmonics", "99999 tones are more than the 4096"),
        ({"fundamental": "ten"}, "fundamental", "'ten': give a frequency such as 10 kHz"),
        ({"fundamental": ""}, "fundamental", "give a frequency such as 10 kHz"),
        ({"amplitudes": "1 2 3"}, "amplitudes", "amplitudes have length 3, but there are 31 tones"),
        ({"amplitudes": "loud"}, "amplitudes", "'loud': give a number such as 0.5, or a level such as 200 mV"),
        ({"alphabet": "1000"}, "alphabet", "1000: this studio takes 256 at most"),
        ({"times": "now"}, "times", "'now': give a frequency"),
        ({"measure": "components"}, "measure", "cannot be combined with real tones"),
        ({"exclude": "manes"}, "exclude", "'manes': give mains"),
        ({"raster": "coarse"}, "raster", "'coarse': give a frequency"),
        ({"tolerance": "-1 dB"}, "tolerance", "-1.0: give decibels from 0"),
        ({"lines": "far"}, "lines", "'far': give a number of lines"),
        ({"line_raster": "0.1"}, "lines", "say how far, such as 2"),
        ({"lines": "200 %"}, "lines", "200.0: give a number of percent above 0 and below 100"),
        ({"lines": "2", "alphabet": "4"}, "alphabet", "lines that may move cannot be combined with an alphabet"),
        ({"alphabet": "4", "start_at_zero": "yes"}, "start_at_zero", "cannot be combined with an alphabet"),
        ({"shapes": "blob", "shape_frequency": "100 kHz"}, "shapes", "'blob': give pulse:DUTY:AMPLITUDE"),
        ({"offset": "up"}, "offset", "'up': give a voltage"),
        ({"text": "[tones]\nharmonics = 1"}, "text", "line 2: tones.harmonics"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(editor, changes, name, message):
    for field, value in changes.items():
        editor.controls.fields[field].value = value
        editor.typed(field)
    assert list(editor.errors) == [name]
    assert message in editor.controls.fields[name].error
    assert "tones." not in editor.errors[name] or name == "text"
    assert [one for one, field in editor.controls.fields.items() if field.error] == [name]


def test_what_was_typed_wrong_stays_until_it_is_corrected(editor):
    fields = editor.controls.fields
    for name, value in (("fundamental", "ten"), ("alphabet", "many"), ("raster", "1")):
        fields[name].value = value
        editor.typed(name)
    assert set(editor.errors) == {"fundamental", "alphabet"}
    fields["fundamental"].value = "20"
    editor.typed("fundamental")
    assert set(editor.errors) == {"alphabet"}
    fields["alphabet"].value = "4"
    editor.typed("alphabet")
    assert not editor.is_wrong
    assert editor.accepted[-1].problem.alphabet == 4
    assert editor.accepted[-1].multisine.fundamental == 20.0
    assert fields["raster"].value == "1"


def test_fields_for_what_few_problems_say(editor):
    typed = {
        "harmonics": "1:10",
        "fundamental": "100 ms",
        "amplitudes": "200 mVpp",
        "exclude": "mains, 80..90",
        "raster": "10 Hz",
        "tolerance": "0,5 dB",
        "start_at_zero": "yes",
    }
    for name, value in typed.items():
        editor.controls.fields[name].value = value
        editor.typed(name)
    assert editor.errors == {}
    problem = editor.accepted[-1].problem
    assert problem.multisine.frequencies.tolist() == [10.0, 20.0, 30.0, 40.0, 60.0, 70.0]
    assert problem.multisine.amplitudes == pytest.approx([0.1] * 6)
    assert (problem.tolerance_db, problem.start_at_zero) == (0.5, True)
    assert editor.controls.value("unit") == "V"
    again = form.fields_of(editor.accepted[-1].data)
    assert {again[name] for name in ("fundamental", "exclude", "tolerance")} == {"0.1 s", "mains, 80..90", "0.5"}


def test_samples_get_their_rate_and_channel_from_fields(editor):
    t = np.arange(400) / 4000
    columns = np.column_stack([np.cos(2 * np.pi * 100 * t), np.cos(2 * np.pi * 200 * t + 1)])
    content = "\n".join(f"{a:.9f},{b:.9f}" for a, b in columns).encode()
    fields = editor.controls.fields
    for name, value in (("samples_rate", "4 kHz"), ("samples_channel", "2")):
        fields[name].value = value
    editor.file_given("two.csv", content)
    assert editor.accepted[-1].multisine.frequencies.tolist() == [200.0]
    fields["samples_channel"].value = "1"
    editor.typed("samples_channel")
    assert editor.accepted[-1].multisine.frequencies.tolist() == [100.0]
    fields["samples_rate"].value = "fast"
    editor.typed("samples_rate")
    assert "'fast': give a frequency" in fields["samples_rate"].error


def test_a_search_is_asked_for_as_the_command_line_does():
    typed = {
        "seconds": "2 min",
        "seed": "3",
        "origin": "scratch",
        "starts": "8",
        "target": "90 %",
        "stall": "10",
        "bound_time": "30 s",
        "prove": "yes",
        "method": "clip",
    }
    assert Order("", **effort_from(typed, LIMITS)) == Order(
        "", 120.0, 3, False, starts=8, target=0.9, stall_limit=10.0, bound_time=30.0, prove=True, method="clip"
    )


def with_field(data, **typed):
    """The tables after one field was changed, as the page does it: the others show what they showed."""
    fields = form.fields_of(data) | typed
    if "unit" in typed:
        return with_details(data, {"unit": fields["unit"]})
    return form.with_harmonics(data, *(fields[name] for name in ("harmonics", "fundamental", "amplitudes")), False)


@pytest.mark.parametrize("first", ["unit", "amplitudes"])
def test_five_milliamperes_are_five_milliamperes_whatever_is_typed_first(first):
    typed = {"unit": "mA", "amplitudes": "5 mA"}
    data = {"tones": {"harmonics": "1:3", "fundamental_hz": 10.0}}
    for name in sorted(typed, key=lambda name: name != first):
        data = with_field(data, **{name: typed[name]})
        assert form.fields_of(data)["amplitudes"] in ("5 mA", "1 mA")
    assert (data["tones"]["amplitudes"], data["tones"]["unit"]) == (5.0, "mA")
    again = with_field(data, harmonics="1:5")  # which reads the field of the amplitudes again
    assert (again["tones"]["amplitudes"], again["tones"]["unit"]) == (5.0, "mA")
    assert with_field(data, amplitudes="0.02 A")["tones"]["amplitudes"] == 20.0
    volts = with_field(data, amplitudes="3 V")["tones"]
    assert (volts["amplitudes"], volts["unit"]) == (3.0, "V")
    assert with_field(data, amplitudes="7")["tones"]["amplitudes"] == 7.0


@pytest.mark.parametrize(
    ("amplitudes", "before", "after", "expected"),
    [
        (0.005, "A", "mA", 5.0),
        (None, "V", "mV", 1000.0),
        ([0.3, 2.0], "mV", "V", [0.0003, 0.002]),
        (5.0, "A", "V", 5.0),
        (5.0, "Pa", "mPa", 5.0),
        (5.0, "", "mA", 5.0),
        ("pink", "A", "mA", "pink"),
    ],
)
def test_another_unit_converts_voltages_and_currents_alone(amplitudes, before, after, expected):
    tones = {"harmonics": "1:2", "unit": before} | ({} if amplitudes is None else {"amplitudes": amplitudes})
    assert with_details({"tones": tones}, {"unit": after})["tones"]["amplitudes"] == expected


def test_another_unit_leaves_the_numbers_of_a_problem_with_limits():
    data = {"tones": {"harmonics": "1:2", "unit": "A", "amplitudes": 5.0}, "outputs": [{"name": "i", "limit": 9.0}]}
    assert with_details(data, {"unit": "mA"})["tones"]["amplitudes"] == 5.0


def test_amplitudes_in_different_units_say_what_to_do():
    with pytest.raises(ValueError, match=r"some are in A and some in V; give all in the same"):
        amplitudes_of("5 mA 3 V")
    with pytest.raises(ValueError, match=r"some are without a unit and some in V; give all in the same"):
        amplitudes_of("5 3 V")
