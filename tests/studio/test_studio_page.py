"""The page without a browser: the component of a notebook, colours, words, and who may come in."""

import http.client
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import panel as pn
import pytest

import crestfall as cf
from crestfall.design.explain import explain
from crestfall.files import problem_from_text
from crestfall.files.json_file import encode
from crestfall.studio import words
from crestfall.studio.access import _own_path
from crestfall.studio.blocked_ports import BLOCKED
from crestfall.studio.curves import lines_of, wave_of
from crestfall.studio.downloads import download_of
from crestfall.studio.draft import span_of
from crestfall.studio.figures import SpectrumFigure, WaveFigure
from crestfall.studio.limits import Limits
from crestfall.studio.messages import Step
from crestfall.studio.palette import DARK, LIGHT, contrast
from crestfall.studio.problem_in_address import packed
from crestfall.studio.run import Workers
from crestfall.studio.saved import Saved
from crestfall.studio.sound import sound_of

from .conftest import Served


@pytest.fixture(scope="module")
def workers():
    found = Workers(Limits())
    yield found
    found.close()


@pytest.fixture
def studio(workers):
    made = cf.studio.Studio(cf.Multisine.harmonics(range(1, 8), 5.0), workers=workers)
    yield made
    made.close()


def settled(studio, condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        studio.poll()
        time.sleep(0.01)


def test_importing_crestfall_imports_no_panel():
    code = "import sys, crestfall, crestfall.studio, crestfall.cli; sys.exit('panel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_panel_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "panel", None)
    with pytest.raises(ImportError, match=re.escape("pip install 'crestfall[studio]' brings it")):
        _ = cf.studio.Studio


def test_the_component_is_a_viewable_that_renders_without_a_server(studio):
    root = pn.panel(studio).get_root()

    def figures():
        return [model for model in root.references() if type(model).__name__.lower() == "figure"]

    assert len(figures()) == 3
    studio.controls.view.value = "Compare"
    assert len(figures()) == 5
    specs = [spec for model in root.references() for spec in getattr(getattr(model, "data", None), "specs", ())]
    assert {"Time limit (s)", "Fundamental (Hz)", "Allowed phases"} <= {spec["label"] for spec in specs}


def test_the_page_says_what_it_is_before_its_scripts_are_loaded(guarded):
    text = ask(guarded.url, "/?token=open-sesame")[3]
    said = text.index("Describe the tones of a test signal")
    assert said < text.index("The page is loading") < text.index("bokeh.min.js")
    assert "<script" not in text[:said]


NOTEBOOK = """
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
import crestfall as cf
shell = InteractiveShell.instance()
with capture_output():
    studio = cf.studio.Studio(cf.Multisine.harmonics(range(1, 8)))
    bundle, _ = shell.display_formatter.format(studio)
studio.close()
assert "text/html" in bundle, bundle
"""


def test_it_shows_itself_in_a_notebook():
    pytest.importorskip("IPython")
    subprocess.run([sys.executable, "-c", NOTEBOOK], check=True)


def test_the_sound_is_the_signal_at_a_safe_level():
    ms = cf.Multisine.harmonics([1, 4, 9], 7.0)
    design = cf.Design.of(ms, [0.3, 1.0, 2.0])
    samples = np.frombuffer(sound_of(design), "<i2") / 2**15
    t = np.arange(samples.size) / 48_000
    x = np.cos(2 * np.pi * np.outer(t, ms.frequencies) + design.phases).sum(axis=1)
    assert samples == pytest.approx(0.1 * x / np.abs(x).max(), abs=1e-4)
    assert t[-1] >= 1.0 - 1e-3
    for one in (cf.Multisine([1e5, 2e5]), cf.Multisine([1.0, 2.0], complex=True), cf.Multisine([0.01, 0.02])):
        with pytest.raises(ValueError, match="loudspeaker"):
            sound_of(cf.Design.of(one, [0.0, 0.0]))


def test_what_a_browser_has_kept_is_checked(studio):
    settled(studio, lambda: studio.session.present is not None)
    good = Saved.of("mine", studio.draft.text, "seven tones", studio.session.present).entry()
    large = {**good, "id": "b", "record": good["record"].replace('"1:7"', '"1:99999999"')}
    damaged = [{**good, "id": "c", "record": "{"}, {**good, "name": "x" * 999}, {"id": 3}, None, large]
    entries = [each for each in damaged if each is not large or large["record"] != good["record"]]
    studio._kept.chosen({"kind": "loaded", "entries": [*entries, good]})
    assert [one.name for one in studio.session.saved] == ["mine"]
    studio._kept.chosen({"kind": "loaded", "entries": "all"})
    studio._kept.chosen({"kind": "rename", "id": good["id"], "name": " mine too "})
    assert [one.name for one in studio.session.saved] == ["mine too"]
    studio._kept.chosen({"kind": "restore", "id": good["id"]})
    assert studio.session.shown.figure == pytest.approx(studio.session.saved[0].design.figure)
    studio._kept.chosen({"kind": "remove", "id": good["id"]})
    assert studio.session.saved == []


def test_a_search_from_the_buttons(studio):
    settled(studio, lambda: studio.session.present is not None)
    studio.controls.fields["seconds"].value = "0.3"
    studio.controls.fields["origin"].value = "scratch"
    studio.controls.go.clicks += 1
    studio.poll()
    assert studio.controls.go.disabled
    assert not studio.controls.stop.disabled
    settled(studio, lambda: studio.design is not None)
    assert studio.design.crest_factor < studio.session.present.crest_factor
    assert not studio.controls.go.disabled
    assert studio.controls.right.value == f"1: 7 tones, {studio.design.crest_factor:.4f}"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("seconds", "1e9", "'1e9': this studio allows 600 at most"),
        ("seconds", "", "give a time"),
        ("seed", "-1", "'-1': write a whole number"),
        ("target", "low", "'low': give a number"),
        ("bound_time", "1 h", "'1 h': this studio allows 600 at most"),
    ],
)
def test_what_cannot_be_searched_is_said(studio, field, value, message):
    studio.controls.fields[field].value = value
    studio.controls.go.clicks += 1
    assert message in studio.controls.fields[field].error
    assert not studio.session.searching
    studio.poll()
    assert studio.controls.go.disabled
    studio.controls.fields[field].value = "1"
    studio.poll()
    assert not studio.controls.go.disabled


def test_fields_that_make_no_problem_keep_the_last_one(studio):
    settled(studio, lambda: studio.session.present is not None)
    studio.controls.fields["harmonics"].value = "1:99999999"
    studio.poll()
    assert studio.controls.go.disabled
    assert studio.draft.multisine.n == 7
    studio.controls.fields["harmonics"].value = "1:3"
    studio.poll()
    assert studio.draft.multisine.n == 3


def test_what_a_visitor_wrote_is_text_on_the_page(studio):
    script = "<script>alert(1)</script>"
    draft = cf.studio.page.Draft.of_text(
        f'[tones]\nharmonics = "1:2"\n[[outputs]]\nlimit = 1\nname = "{script}"', Limits()
    )
    design = draft.present()
    explanation = explain(design)
    everything = [
        words.status_of(draft, ""),
        words.status_of(None, script),
        words.status_of(None, "", (script,), [script]),
        words.alarm_of(script),
        words.tiles_of(design, design, None, False),
        words.proof_of(explanation),
        words.table_of((script, design), (script, design)),
    ]
    assert not any("<script" in html for html in everything)
    assert "&lt;script&gt;" in everything[0]


def test_every_text_colour_can_be_read_and_every_line_seen():
    for palette in (LIGHT, DARK):
        for behind in (palette.card, palette.page):
            for text in (palette.ink, palette.quiet, palette.accent, palette.alarm):
                assert contrast(text, behind) >= 4.5
        assert contrast(palette.on_accent, palette.accent) >= 4.5
        for line in (palette.signal, palette.quadrature, palette.peak, palette.bound, palette.edge):
            assert contrast(line, palette.card) >= 3.0


@pytest.mark.parametrize(
    "ms",
    [
        cf.Multisine.harmonics(range(1, 9), 10.0),
        cf.Multisine.harmonics([101, 103, 109], complex=True),
        cf.Multisine([1.0, 99_999.0]),  # more oscillations than a picture can show
        cf.Multisine([100e6, 100e6 + 1, 100e6 + 3]),
    ],
    ids=["real", "complex", "dense", "narrow band"],
)
def test_the_figure_shows_the_signal(ms):
    design = cf.Design.of(ms, np.linspace(0.0, 2.0, ms.n))
    wave = wave_of(design)
    assert wave.times.size <= 4000
    seconds = wave.times * ms.period / wave.duration
    frequencies = ms.frequencies - (100e6 if ms.is_narrow_band else 0.0)  # the envelope forgets its carrier
    direct = np.exp(1j * (2 * np.pi * np.outer(seconds, frequencies) + design.phases)).sum(axis=1)
    direct = np.abs(direct) if wave.is_envelope else direct.real
    assert wave.values == pytest.approx(direct, abs=1e-6)
    assert wave.values.max() == pytest.approx(design.peak, rel=0.02)


@pytest.mark.parametrize(
    "ms", [cf.Multisine([1.0, 1.41421356, 2.71828183]), cf.Multisine([100.0, 101.3, 107.7], complex=True)]
)
def test_the_figure_shows_a_window_from_its_start(ms):
    design = cf.Design.of(cf.Problem(ms, over=cf.Window(0.7, 2.5)), [0.0, 1.0, 2.0])
    wave = wave_of(design)
    assert wave.duration == pytest.approx(2.5)
    assert wave.stretch == "from the start of the window"
    assert 0.0 <= wave.times.min() < 0.01
    assert 2.49 < wave.times.max() <= 2.5
    direct = np.exp(1j * (2 * np.pi * np.outer(0.7 + wave.times, ms.frequencies) + design.phases)).sum(axis=1)
    assert wave.values == pytest.approx(np.abs(direct) if ms.complex else direct.real, abs=1e-9)
    assert wave.values.max() <= design.peak * (1 + 1e-9)


@pytest.mark.parametrize("over", [cf.Period(), cf.Window(0.7, 2.5)], ids=["period", "window"])
@pytest.mark.parametrize("numbers", [[-3, -1, 0, 2, 5], [1, 2, 3, 40_000, -70_000]], ids=["few", "dense"])
def test_the_figure_shows_i_and_q_where_they_count(numbers, over):
    ms = cf.Multisine.harmonics(numbers, 0.1 if 40_000 in numbers else 1.0, complex=True)
    design = cf.Design.of(cf.Problem(ms, over=over, measure="components"), np.linspace(0.0, 2.0, 5))
    wave = wave_of(design)
    seconds = wave.duration if over != cf.Period() else ms.period
    start = getattr(over, "start", 0.0)
    for turn, (times, values) in ((1.0, (wave.times, wave.values)), (-1j, wave.quadrature)):
        t = start + times / wave.duration * seconds
        z = np.exp(1j * (2 * np.pi * np.outer(t, ms.frequencies) + design.phases)).sum(axis=1)
        assert values == pytest.approx((turn * z).real, abs=1e-6)
        assert np.abs(values).max() <= wave.peak * (1 + 1e-9)
    assert max(np.abs(wave.values).max(), np.abs(wave.quadrature[1]).max()) == pytest.approx(wave.peak, rel=0.02)
    assert not wave.is_envelope
    figure = WaveFigure(300)
    figure.show(wave, wave)
    assert figure.model.y_range.start == -figure.model.y_range.end
    assert figure.model.yaxis.axis_label == "I and Q"
    assert len(figure._before.data["t"]) == wave.times.size + wave.quadrature[0].size + 1
    assert '<span class="quadrature">Q</span>' in words.legend_of(design, wave, None)
    plain = cf.Design.of(ms, design.phases) if over == cf.Period() else None
    assert plain is None or "quadrature" not in words.legend_of(plain, wave_of(plain), None)


def test_the_lines_of_the_figure_are_about_what_is_minimised():
    ms, phases = cf.Multisine.harmonics(range(1, 9), 10.0), np.linspace(0.0, 3.0, 8) ** 2
    t = np.linspace(0.0, 0.1, 20001)
    x = np.cos(2 * np.pi * np.outer(t, ms.frequencies) + phases).sum(axis=1)

    def lines(role, number=0, **fields):
        wave = wave_of(cf.Design.of(cf.Problem(ms, **fields), phases), number)
        return sorted(level.height for level in wave.levels if level.role == role)

    assert lines("peak") == pytest.approx([-np.abs(x).max(), np.abs(x).max()], rel=1e-5)
    assert lines("peak", measure="one-sided") == pytest.approx([x.max()], rel=1e-5)
    assert lines("peak", measure="range") == pytest.approx([x.min(), x.max()], rel=1e-3)
    outputs = [cf.Output(limit=7.0, name="force"), cf.Output(2.0 + 0.0 * ms.frequencies, limit=9.0, name="travel")]
    assert lines("peak", 1, outputs=outputs) == pytest.approx([-2 * np.abs(x).max(), 2 * np.abs(x).max()], rel=1e-5)
    assert lines("limit", 1, outputs=outputs) == [-9.0, 9.0]
    assert lines("bound", 1, outputs=outputs) == []  # which no phases get both below, not this one
    design = cf.Design.of(ms, phases)
    assert lines("bound")[1] == pytest.approx(design.peak_lower_bound)
    wave = wave_of(cf.Design.of(cf.Problem(ms, outputs=outputs), phases), 1)
    assert np.abs(wave.values).max() == pytest.approx(2 * np.abs(x).max(), rel=1e-3)


def test_shares_of_limits_are_bars_in_percent():
    ms = cf.Multisine.harmonics(range(1, 9), 10.0)
    outputs = [cf.Output(limit=7.0, name="force"), cf.Output(2.0 + 0.0 * ms.frequencies, limit=9.0, name="travel")]
    present = cf.Design.of(cf.Problem(ms, outputs=outputs), np.zeros(8))
    design = cf.Design.of(cf.Problem(ms, outputs=outputs), cf.schroeder(ms))
    html = words.shares_of(design, present)
    for report in design.signals:
        assert f'<span class="share">{100 * report.share:.1f} %</span>' in html
    assert html.count("<li>") == 2
    assert "--limit: 56.25%" in html  # zero phases take 16 of 9, to which the bars are scaled
    tiles = words.tiles_of(design, present, None, False)
    assert f"<dd>{100 * design.figure:.2f} %</dd>" in tiles
    assert f"{100 * present.figure:.2f} % with" in tiles
    assert words.shares_of(cf.Design.of(ms, np.zeros(8)), None) == '<ul class="shares"></ul>'


def test_the_axis_of_the_spectrum_is_logarithmic_where_the_tones_are():
    even, log = cf.Multisine.harmonics(range(1, 400), 5.0), cf.Multisine([10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0])
    figure = SpectrumFigure(200)
    for ms, places in ((log, np.log10(log.frequencies)), (even, even.frequencies)):
        figure.show(lines_of(cf.Design.of(ms, np.zeros(ms.n))))
        assert figure._source.data["f"] == pytest.approx(places)
        assert figure._format.args["is_logarithmic"] is (ms is log)
        assert figure.model.x_range.start < places[0]
        assert places[-1] < figure.model.x_range.end


def drawn(studio):
    """Times and values of the curve on the page, and the label of its times."""
    wave = studio._display._wave
    return np.array(wave._now.data["t"]), np.array(wave._now.data["x"]), wave.model.xaxis.axis_label


def test_several_inputs_are_drawn_one_at_a_time(workers):
    ms = cf.Multisine.harmonics(range(1, 8), 5.0)
    problem = cf.Problem(ms, channels=cf.Orthogonal(3, matrix="dft", names=["x", "y", "z"], limits=[1.0, 1.0, 0.5]))
    studio = cf.studio.Studio(problem, workers=workers)
    settled(studio, lambda: studio.session.present is not None)
    assert "3 orthogonal inputs in 3 experiments" in studio.draft.sentence
    assert studio.controls.drive.visible
    assert len(studio.controls.drive.options) == 10
    design = studio.session.present

    def direct(times, i, experiment):
        angles = 2 * np.pi * np.outer(times * 1e-3, ms.frequencies) + design.phases + 2 * np.pi * i * experiment / 3
        return np.cos(angles).sum(axis=1)

    times, values, label = drawn(studio)
    assert label == "time (ms), one period"
    assert design.worst.channel == "z"
    assert values == pytest.approx(direct(times, 2, design.worst.experiment), abs=1e-6)
    assert f"z, experiment {design.worst.experiment + 1}" in studio._display._legend.html
    studio.controls.drive.value = "y, experiment 3"
    studio.poll()
    times, values, _ = drawn(studio)
    assert values == pytest.approx(direct(times, 1, 2), abs=1e-6)
    tiles = studio._display._tiles.html
    assert f"<dt>Largest share of a limit</dt><dd>{100 * design.figure:.2f} %</dd>" in tiles
    assert f"<dt>Largest drive</dt><dd>{design.peak / design.figure:.4g}</dd>" in tiles
    studio.close()


def test_the_fields_ask_for_a_window_and_an_alphabet(studio):
    settled(studio, lambda: studio.session.present is not None)
    studio.controls.fields["times"].value = "0.05:0.15"
    assert studio.draft.problem.over == cf.Window(0.05, 0.15 - 0.05)
    studio.controls.fields["alphabet"].value = "4"
    assert studio.draft.problem.alphabet == 4
    settled(studio, lambda: studio.session.present is not None)
    steps = studio.session.present.phases / (np.pi / 2)
    assert steps == pytest.approx(np.rint(steps), abs=1e-9)
    assert drawn(studio)[2] == "time (ms), from the start of the window"
    studio.controls.fields["times"].value = "1000"
    assert studio.draft.problem.over == cf.Samples(rate=1000.0)
    studio.controls.plain.clicks += 1
    assert studio.draft.problem == cf.Problem(cf.Multisine.harmonics(range(1, 8), 5.0))


def test_only_the_tones_are_kept_of_inputs_that_have_them(workers):
    tables = '[[inputs]]\nharmonics = "1:2:5"\n[[inputs]]\nharmonics = "2:2:6"\n'
    studio = cf.studio.Studio(f'[channels]\nkind = "interleaved"\n{tables}', workers=workers)
    assert studio.controls.plain.visible
    studio.controls.plain.clicks += 1
    assert studio.draft.problem.channels is None
    assert sorted(studio.draft.multisine.frequencies) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    studio.close()


# ---------------------------------------------------------------------- who may come in


def ask(url, path, method="GET", body=None, headers=None):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=60)
    form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    connection.request(method, path, body, {"Host": parts.netloc, **form, **(headers or {})})
    answer = connection.getresponse()
    cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
    text = answer.read() if answer.status != 101 else b""
    connection.close()
    return answer.status, answer.getheader("Location"), cookie, text.decode("utf-8", "replace")


UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Protocol": "bokeh, nothing",
}


@pytest.fixture(scope="module")
def guarded():
    studio = Served("--token", "open-sesame", "--address", "127.0.0.1")
    yield studio
    studio.close()


def test_a_token_is_asked_for_everywhere(guarded):
    for path in ("/", "/?token=wrong", "/?token=", "/autoload.js?bokeh-autoload-element=1"):
        status, location, cookie, text = ask(guarded.url, path)
        assert (status, cookie) in {(302, ""), (403, "")}
        assert location is None or location.lstrip(".").startswith("/login?")
        assert "Begin with" not in text
    assert ask(guarded.url, "/ws", headers={**UPGRADE, "Origin": guarded.url})[0] in (302, 403)
    assert "That is not the token" in ask(guarded.url, "/login", "POST", "token=wrong")[3]
    status, location, cookie, _ = ask(guarded.url, "/login?next=%2F%2Fevil.example", "POST", "token=open-sesame")
    assert (status, location) == (302, "/")
    assert cookie
    assert ask(guarded.url, "/", headers={"Cookie": cookie})[0] == 200
    assert ask(guarded.url, "/?token=open-sesame")[0] == 200
    forged = "crestfall-studio=" + "2|1:0|10:1700000000|16:crestfall-studio|4:aW4=|" + "0" * 64
    assert ask(guarded.url, "/", headers={"Cookie": forged})[0] == 302


def test_pages_of_others_open_no_websocket(guarded):
    cookie = ask(guarded.url, "/?token=open-sesame")[2]
    port = urlsplit(guarded.url).port
    for origin, allowed in (("http://evil.example", False), (f"http://localhost:{port}", True)):
        status = ask(guarded.url, "/ws", headers={**UPGRADE, "Origin": origin, "Cookie": cookie})[0]
        assert (status == 101) is allowed


def listens_on(port):
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {
        fields[1].split(":")[0] for fields in lines if fields[3] == "0A" and int(fields[1].split(":")[1], 16) == port
    }


def test_only_this_machine_is_listened_to(guarded):
    assert listens_on(urlsplit(guarded.url).port) == {"0100007F"}


def test_another_address_brings_a_token():
    studio = Served("--address", "0.0.0.0")
    assert listens_on(urlsplit(studio.url).port) == {"00000000"}
    token = re.search(r"token=([\w-]{32})$", studio.url)[1]
    assert ask(studio.url, "/")[0] == 302
    assert ask(studio.url, f"/?token={token}")[0] == 200
    studio.close()


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", "evil"])
def test_nobody_is_sent_elsewhere(path):
    assert _own_path(path) == "/"
    assert _own_path("/?problem=x") == "/?problem=x"


def test_options_that_make_no_sense(run):
    for options, message in ((["--max-seconds", "0"], "--max-seconds is 0"), (["--port", "99999"], "65535")):
        done = run("studio", "--no-browser", *options)
        assert done.code == 2
        assert message in done.err
        assert "Traceback" not in done.err


def test_a_port_that_browsers_block_is_refused(run):
    done = run("studio", "--no-browser", "--port", "6000")
    assert done.code == 2
    assert "--port is 6000, which browsers block; choose another one, such as 5006, or 0 for a free one" in done.err
    assert "Traceback" not in done.err
    assert BLOCKED.isdisjoint({0, 80, 443, 5006, 8000, 8080})


def test_units_stand_where_numbers_do(workers):
    text = (
        '[tones]\nharmonics = "1:5"\nunit = "V"\n[[outputs]]\nname = "voltage"\nlimit = 9\n'
        '[[outputs]]\nname = "coil"\nlimit = 2\nresponse = 0.5\nunit = "A"\n'
        '[[outputs]]\nname = "slope"\nlimit = 2000\nresponse = "slew rate"\n'
    )
    studio = cf.studio.Studio(text, workers=workers)
    settled(studio, lambda: studio.session.present is not None)
    display = studio._display
    assert display._wave.model.yaxis.axis_label == "coil (A)"
    assert display._spectrum.model.yaxis.axis_label == "amplitude (V)"
    for signal, limit in zip(studio.session.present.signals, ("9 V", "2 A", "2000 V/s"), strict=True):
        assert f"{signal.value:.4g} of {limit}" in display._shares.html
    assert "limit 2 A" in display._legend.html
    assert f"<dd>{studio.session.present.largest_drive:.4g} V</dd>" in display._tiles.html
    studio.close()


UNITS = """[tones]
harmonics = "1:5"
unit = "V"
[[outputs]]
name = "coil"
limit = 2
response = 0.5
unit = "A"
"""


def test_a_design_that_was_saved_as_json_brings_its_units(studio, tmp_path):
    design = cf.minimize_peak(problem_from_text(UNITS), starts=1, time_limit=5.0)
    design.save(tmp_path / "found.json")
    studio._editor.file_given("found.json", (tmp_path / "found.json").read_bytes())
    assert studio.controls.value("unit") == "V"
    settled(studio, lambda: studio.session.present is not None)
    assert studio._display._wave.model.yaxis.axis_label == "coil (A)"
    assert studio._display._spectrum.model.yaxis.axis_label == "amplitude (V)"
    assert "limit 2 A" in studio._display._legend.html


def test_why_there_is_no_file_is_said_at_its_button(studio):
    settled(studio, lambda: studio.session.present is not None)
    studio.controls.fields["bits"].value = "12"
    studio._save_pressed()
    settled(studio, lambda: "Bits is 12; WAV files are written with 16 or 24" in studio._save_note.html)
    assert 'role="alert"' in studio._save_note.html
    assert studio._alarm.html == words.alarm_of("")
    studio.controls.fields["format"].value = "Xilinx memory (.coe)"
    settled(studio, lambda: "Bits is 12" not in studio._save_note.html)
    handed = []
    studio._save.hand_over = lambda *file: handed.append(file)
    studio._save_pressed()
    settled(studio, lambda: handed)
    assert handed[0][0].endswith(".coe")


def test_a_saved_design_that_is_opened_has_its_own_phases(studio):
    problem = cf.Problem(cf.Multisine.harmonics(range(1, 6)), phases=[cf.Hold({0: 0.3})])
    design = cf.minimize_peak(problem, starts=2, time_limit=5.0)
    studio._editor.file_given("a.json", encode(design))
    settled(studio, lambda: studio.session.present is not None)
    assert studio.session.present.provenance.method == "phases as given"
    assert studio.session.present.figure == pytest.approx(design.figure)
    studio.poll()
    assert "The file would contain the phases as given" in studio._save_note.html
    studio._editor.file_given("a.csv", b"frequency_hz,amplitude,phase_rad\n1,1,0\n2,1,1\n")
    studio.controls.fields["alphabet"].value = "4"
    settled(studio, lambda: studio.session.present is not None)
    assert studio.session.present.provenance.method == "the allowed phases nearest to those given"


def test_what_is_wrong_in_the_table_is_about_a_tone(studio):
    studio._rows_changed("1\t1\n2\tloud")
    assert studio._table.error.startswith("tone 2: amplitude is 'loud'")
    assert "tone 2: amplitude is" in studio._status.html


def test_the_proof_names_units_which_stay_with_their_numbers():
    design = cf.minimize_peak(problem_from_text(UNITS), starts=1, time_limit=5.0)
    lines = "\n".join(line for section in explain(design).sections for line in section.lines)
    report = design.signals[0]
    low, high = design.peak_interval
    assert f"Its peak is {design.peak:.6g} V, " in lines
    same = f"{low:.12g}" == f"{high:.12g}"
    assert (f"is {high:.12g} V, certified" if same else f"lies between {low:.12g} and {high:.12g} V, ") in lines
    assert f"coil reaches {report.value:.6g} of 2 A allowed" in lines
    assert f"the peak of the drive can be {design.largest_drive:.6g} V at most" in lines
    plain = cf.Design.of(cf.Multisine.harmonics([1, 2]), [0.0, 1.0])
    assert f"Its peak is {plain.peak:.6g}, " in "".join(explain(plain).sections[0].lines)
    page = words.proof_of(explain(design))
    assert "of 2\N{NO-BREAK SPACE}A allowed" in page
    assert not re.search(r"\d (?:%|Hz|s|dB|V|A)\b", page)


def test_the_comparison_names_the_units_of_both_designs(workers):
    studio = cf.studio.Studio(UNITS, workers=workers)
    settled(studio, lambda: studio.session.present is not None)
    present = studio.session.present
    plain = cf.Design.of(cf.Multisine.harmonics([1, 2]), [0.0, 1.0])
    studio.session.saved.append(Saved.of("plain", "[tones]\nharmonics = '1:2'\n", "two tones", plain))
    studio.controls.view.value = "Compare"
    studio._look_again()
    settled(studio, lambda: studio.controls.right.value == "plain" and studio._display._table.html)
    table = studio._display._table.html
    assert f'<th scope="row">Peak</th><td>{present.peak:.6g} V</td><td>{plain.peak:.6g}</td>' in table
    low, high = present.peak_interval
    assert f"<td>{low:.12g} and {high:.12g} V</td>" in table
    assert [side.model.yaxis.axis_label for side in studio._display._sides] == ["coil (A)", "signal"]
    studio.close()


def test_the_tile_counts_the_starts_of_the_design_once_the_search_has_ended():
    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 6)), starts=4, use_atlas=False)
    older = Step(best=2.0, starts=1, elapsed_s=0.1, left_s=0.0, stage="starts")
    assert "<dd>1</dd>" in words.tiles_of(design, design, older, True)
    assert f"<dd>{design.provenance.starts}</dd>" in words.tiles_of(design, design, older, False)


def test_escape_while_the_page_asks_keeps_the_search_and_the_problem(studio):
    settled(studio, lambda: studio.session.present is not None)
    fields = studio.controls.fields
    fields["seconds"].value, fields["origin"].value = "60", "scratch"
    studio.controls.go.clicks += 1
    fields["harmonics"].value = "1:9"
    assert studio._question.visible
    studio._key_pressed("stop")
    assert not studio._question.visible
    assert studio.session.searching
    assert (studio.draft.multisine.n, fields["harmonics"].value) == (7, "1:7")
    studio._key_pressed("stop")  # and now it ends the search
    settled(studio, lambda: not studio.session.searching)
    assert studio.draft.multisine.n == 7


def test_redo_offers_what_the_back_of_the_browser_has_left(studio):
    fields, undo = studio.controls.fields, studio._address.undo
    texts = [studio.draft.text]
    for harmonics in ("1:9", "1:11"):
        fields["harmonics"].value = harmonics
        texts.append(studio.draft.text)
    studio._address._went_back(f"?problem={packed(texts[1])}", None)
    assert studio.draft.multisine.n == 9
    studio.poll()
    assert (studio.controls.undo.disabled, studio.controls.redo.disabled) == (False, False)
    studio._address._went_back("?stored=key", texts[0])
    assert studio.draft.multisine.n == 7
    assert not undo.can_go_back
    studio._address.forth()
    studio._address.forth()
    assert studio.draft.multisine.n == 11
    assert not undo.can_go_forth
    studio._address._went_back("?stored=key", texts[0].replace("1:7", "1:3"))  # of before a reload
    assert studio.draft.multisine.n == 3
    studio._address.back()
    assert studio.draft.multisine.n == 11


COUNTED = {
    "shapes with a mean": "tones.fundamental_hz = 1e3\n[[shapes]]\nkind = 'pulse'\nduty = 0.25\namplitude = 1\n",
    "a constant": "[tones]\nharmonics = '1:5'\n[fixed]\noffset = 0.5\n",
    "fixed tones": "tones.harmonics = '1:5'\n[fixed]\nfrequencies_hz = [7, 8]\nphases_rad = [0, 1]\n",
    "extra tones": "[tones]\nharmonics = '1:5'\n[[extra]]\nfrequencies_hz = [7, 8, 12.5]\nlargest = 0.2\n",
    "a tone at 0 Hz": "[tones]\nfrequencies_hz = [0, 1, 2]\ncomplex = true\n",
}


@pytest.mark.parametrize("text", COUNTED.values(), ids=COUNTED)
def test_the_tones_are_counted_in_one_way(text, workers):
    studio = cf.studio.Studio(text, workers=workers)
    settled(studio, lambda: studio.session.explanation is not None)
    design = studio.session.shown
    studio.session._keep(studio.session.bands[0], design)
    said = {
        "sentence": re.match(r"(\d+) (?:complex )?tones, (.*?), period", studio.draft.sentence).groups(),
        "explanation": re.match(r"(\d+) ", studio.session.explanation.sections[0].lines[0]).groups(),
        "kept": re.match(r"(\d+) tones", studio.session.saved[-1].name.split(": ")[1]).groups(),
        "file": re.match(r"crestfall-(\d+)-tones", download_of(design, ".csv")[0]).groups(),
    }
    chosen = design.multisine.frequencies[: design.multisine.n - design.fixed_tones]
    assert {count for count, *_ in said.values()} == {str(chosen.size)}
    assert said["sentence"][1] == span_of(chosen.min(), chosen.max(), "Hz")
    studio.close()


def test_an_input_with_a_limit_of_its_own_beside_outputs_has_the_unit_of_the_drive():
    ms = cf.Multisine.harmonics(range(1, 9), 10.0)
    outputs = [cf.Output(2.0, limit=3.0, name="current", unit="A", channel="x"), cf.slew_rate(300.0)]
    channels = cf.Interleaved([[0, 2, 4, 6], [1, 3, 5, 7]], names=["x", "y"], limits=[5.0, 6.0])
    design = cf.Design.of(cf.Problem(ms, channels=channels, outputs=outputs, unit="V"), np.zeros(8))
    found = {(report.channel, report.name): report.unit for report in design.signals}
    of_y = {("y", "slew rate"): "V/s", ("y", "y"): "V"}
    assert found == {("x", "current"): "A", ("x", "slew rate"): "V/s", ("x", "x"): "V"} | of_y
    shown = words.shares_of(design, None)
    assert [text in shown for text in (" of 3 A<", " of 300 V/s<", " of 5 V<", " of 6 V<")] == [True] * 4
    marked_up = cf.Design.of(cf.Problem(ms, channels=channels, unit="<i>"), np.zeros(8))
    assert " of 5 &lt;i&gt;<" in words.shares_of(marked_up, None)
    alone = cf.Design.of(cf.Problem(ms, channels=channels, unit="V"), np.zeros(8))
    assert {report.unit for report in alone.signals} == {"V"}
