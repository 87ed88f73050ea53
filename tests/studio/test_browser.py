"""The studio in a real browser: what a visitor does, at the screen and at the keyboard."""

import io
import re
import time
import zipfile

import pytest
from playwright.sync_api import expect

import crestfall as cf
from crestfall.studio.downloads import FORMATS

from .conftest import SHOTS, WAIT_MS

expect.set_options(timeout=WAIT_MS)
CREST = re.compile(r"Crest factor\s*([0-9.]+)")


def crest_factor(page):
    return float(CREST.search(page.locator("dl.tiles").inner_text())[1])


def searching(page):
    expect(page.locator("dl.tiles")).to_contain_text("searching")
    expect(page.locator("dl.tiles")).not_to_contain_text("not searching")


def go(page, seconds):
    page.get_by_label("Time limit (s)").fill(str(seconds))
    page.get_by_label("Start from").select_option("Schroeder's and random phases")
    page.get_by_role("button", name="Go", exact=True).click()


def finished(page, searches=1):
    expect(page.get_by_label("Right", exact=True).locator("option")).to_have_count(1 + searches)
    expect(page.get_by_role("button", name="Stop, keep best")).to_be_disabled()
    expect(page.get_by_role("button", name="Go", exact=True)).to_be_enabled()


def test_one_spectrum_whatever_was_shown_before(window):
    """Two figures were kept for two kinds of axes, and after a change both stayed on the page."""
    page = window()
    count = page.locator("canvas:visible").count()
    page.get_by_label("Begin with").select_option("Impedance spectroscopy")
    expect(page.get_by_text("limits on current, voltage")).to_be_visible()
    expect(page.get_by_role("list", name="Shares of the limits")).to_contain_text(re.compile("of 5.*of 40"))
    expect(page.locator("dl.tiles")).to_contain_text(re.compile(r"Largest share of a limit\s*[0-9.]+ %"))
    page.wait_for_timeout(300)
    assert page.locator("canvas:visible").count() == count
    page.get_by_label("Waveform of").select_option("voltage")
    expect(page.locator("p.legend")).to_contain_text("limit 40")
    shoot(page, "limits")


def type_into(page, label, text):
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Enter")


def shoot(page, name):
    page.screenshot(path=SHOTS / f"{name}.png")


def pixels(page, number):
    """How many pixels of a figure are not those of its corner."""
    return (
        page.locator("canvas")
        .nth(number)
        .evaluate(
            """canvas => {
            const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            let drawn = 0;
            for (let k = 0; k < data.length; k += 4) if (data[k + 3] > 128) drawn++;
            return drawn;
        }"""
        )
    )


def test_a_page_shows_the_present_signal_at_once(window):
    page = window()
    ms = cf.Multisine.harmonics(range(1, 32))
    assert crest_factor(page) == pytest.approx(cf.crest_factor(ms, cf.schroeder(ms)), abs=1e-4)
    expect(page.get_by_text("31 tones, 10 to 310 Hz, period 100 ms")).to_be_visible()
    assert pixels(page, 0) > 2000
    type_into(page, "Fundamental (Hz)", "2,5")
    expect(page.get_by_text("31 tones, 2.5 to 77.5 Hz, period 400 ms")).to_be_visible()
    page.get_by_label("Begin with").select_option("Optical tweezers")
    expect(page.get_by_text("phases: hold")).to_be_visible()
    page.get_by_role("button", name="Keep only the tones").click()
    expect(page.get_by_text("7 tones, 100 to 106.5 MHz, period 2 µs", exact=True)).to_be_visible()


def test_the_crest_falls_while_one_watches_and_a_stop_keeps_the_best(window):
    page = window()
    type_into(page, "Harmonics, such as 1:31 or odd:63, or 20..2000 in Hz", "1:64")
    expect(page.get_by_text(re.compile("^64 tones, .* Hz, period"))).to_be_visible()
    schroeder = cf.schroeder(ms := cf.Multisine.harmonics(range(1, 65)))
    expect(page.locator("dl.tiles")).to_contain_text(f"{cf.crest_factor(ms, schroeder):.4f}")
    go(page, 60)
    expect(page.locator("dl.tiles")).to_contain_text(re.compile("Crest factor\\s*1\\.(3|4)"))
    searching(page)
    shoot(page, "running")
    page.get_by_role("button", name="Stop, keep best").click()
    finished(page)
    best = crest_factor(page)
    assert best < 1.45
    expect(page.get_by_text("What is proven")).to_be_visible()
    # A stop may come before the polish has ended; either way it is said what was found.
    expect(page.get_by_text(re.compile("It is (a strict|not a) local minimum")).first).to_be_visible()
    page.get_by_text("Compare", exact=True).click()
    expect(page.get_by_label("Right", exact=True)).to_have_value(f"1: 64 tones, {best:.4f}")
    expect(page.locator("table.compared")).to_contain_text("Certified between")
    shoot(page, "compare")


def test_every_file_is_handed_over(window, tmp_path):
    page = window()
    type_into(page, "Harmonics, such as 1:31 or odd:63, or 20..2000 in Hz", "1:9")
    expect(page.get_by_text(re.compile("^9 tones, .* Hz, period"))).to_be_visible()
    go(page, 0.3)
    finished(page)
    saved = {}
    for title, ending in [*FORMATS.items(), ("Problem file (.toml)", ".toml")]:
        page.get_by_label("File", exact=True).last.select_option(title)
        with page.expect_download() as download:
            page.get_by_role("button", name="Save the file").click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        saved[ending] = path.read_bytes()
        if ending in (".wav", ".csv", ".json", ".npz", ".mat"):
            saved[ending] = cf.load(path).crest_factor
    assert {round(saved[ending], 6) for ending in (".wav", ".csv", ".json", ".npz", ".mat")} == {
        round(saved[".json"], 6)
    }
    assert saved[".json"] < 1.5
    for ending in (".sigmf-meta", ".i16", ".f32", ".scpi"):
        with zipfile.ZipFile(io.BytesIO(saved[ending])) as archive:
            assert len(archive.namelist()) == 2
            assert archive.testzip() is None
    assert saved[".arb"].startswith(b"File Format:")
    assert b"const" in saved[".h"]
    assert saved[".png"].startswith(b"\x89PNG")
    assert b"<svg" in saved[".svg"]
    assert saved[".pdf"].startswith(b"%PDF")
    assert b'harmonics = "1:9"' in saved[".toml"]


def test_several_inputs_and_a_window_from_file_to_file(window, tmp_path):
    page = window()
    page.get_by_text("File", exact=True).first.click()
    field = page.get_by_label(re.compile("Drop a file here"))
    ms = cf.Multisine.harmonics(range(1, 6), 10.0)
    for name, problem, sentence in (
        ("set", cf.Problem(ms, channels=cf.Orthogonal(2)), "2 orthogonal inputs in 2 experiments"),
        ("window", cf.Problem(ms, over=cf.Window(0.0, 0.07)), "window 0 to 70 ms"),
    ):
        phases = [0.0, 1.0, 2.0, 3.0, 4.0]
        cf.Design.of(problem, phases).save(tmp_path / f"{name}.json")
        field.set_input_files(tmp_path / f"{name}.json")
        expect(page.get_by_text(re.compile(sentence))).to_be_visible()
        expect(page.locator("dl.tiles")).to_contain_text(f"{cf.Design.of(problem, phases).figure:.4f}")
        if name == "set":
            page.get_by_label("Waveform of", exact=True).select_option("input 2, experiment 1")
            expect(page.get_by_text("input 2, experiment 1: phases as given")).to_be_visible()
            shoot(page, "inputs")
        go(page, 0.3)
        finished(page, 1 if name == "set" else 2)
        page.get_by_label("File", exact=True).last.select_option("JSON, the whole design")
        with page.expect_download() as download:
            page.get_by_role("button", name="Save the file").click()
        download.value.save_as(tmp_path / f"found-{name}.json")
        found = cf.load(tmp_path / f"found-{name}.json")
        assert type(found.problem.over) is type(problem.over)
        assert found.problem.channels == problem.channels
        assert found.figure < cf.Design.of(problem, phases).figure


def test_a_reload_and_a_link_restore_the_problem(window):
    page = window()
    page.get_by_label("Begin with").select_option("Shaker with limits")
    expect(page.get_by_text("limits on voltage, current, slew rate")).to_be_visible()
    type_into(page, "Fundamental (Hz)", "7")
    expect(page.get_by_text("20 tones, 7 to 140 Hz, period")).to_be_visible()
    link = page.get_by_role("link", name="Copy the link").get_attribute("href")
    assert page.url.endswith(link)
    page.reload()
    expect(page.get_by_text("20 tones, 7 to 140 Hz, period")).to_be_visible()
    expect(page.get_by_text("limits on voltage, current, slew rate")).to_be_visible()
    assert page.get_by_label("Fundamental (Hz)").input_value() == "7"
    other = window(link)
    expect(other.get_by_text("20 tones, 7 to 140 Hz, period")).to_be_visible()
    damaged = window("?problem=AAAA")
    expect(damaged.get_by_text("the link is damaged")).to_be_visible()
    expect(damaged.get_by_text(re.compile("^31 tones, .* Hz, period"))).to_be_visible()


def test_files_and_what_is_wrong_with_them(window):
    page = window()
    page.get_by_text("File", exact=True).first.click()
    field = page.get_by_label(re.compile("Drop a file here"))

    def give(name, content):
        field.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})

    give("tones.csv", b"frequency_hz,amplitude\n10,1\n20,loud\n")
    expect(page.get_by_text("tones.csv: line 3: amplitude is 'loud'")).to_be_visible()
    shoot(page, "bad-file")
    expect(page.get_by_role("button", name="Go", exact=True)).to_be_disabled()
    give("song.mp3", b"ID3")
    expect(page.get_by_text("files ending in '.mp3' are not read")).to_be_visible()
    give("large.csv", b"x" * (2**23 + 1))
    expect(page.get_by_text("at most 8.0 MiB are taken")).to_be_visible()
    give("<img src=x onerror=alert(1)>.csv", b"frequency_hz,<b>\n")
    expect(page.get_by_text("column '<b>' is unknown")).to_be_visible()
    give("tones.csv", b"frequency_hz,amplitude\n10,1\n30,0.5\n")
    expect(page.get_by_text("2 tones, 10 to 30 Hz, period")).to_be_visible()
    expect(page.get_by_role("button", name="Go", exact=True)).to_be_enabled()


def test_the_table_is_typed_and_pasted_into(window):
    page = window()
    page.get_by_text("Table", exact=True).click()
    cell = page.get_by_label("Tone 2, frequency in Hz")
    cell.fill("25")
    cell.press("Tab")
    expect(page.get_by_text("31 tones, 10 to 310 Hz, period 200 ms")).to_be_visible()
    expect(page.get_by_label("Tone 2, amplitude")).to_be_focused()
    cell.evaluate(
        """cell => {
            const data = new DataTransfer();
            data.setData("text", "f/Hz\\tlevel\\n100\\t1\\n150\\t0,5\\n400\\t0,25\\n");
            cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.get_by_text("3 tones, 100 to 400 Hz, period 20 ms")).to_be_visible()
    assert page.get_by_label("Tone 3, amplitude").input_value() == "0.25"
    page.get_by_label("Remove tone 1").click()
    expect(page.get_by_text("2 tones, 150 to 400 Hz, period")).to_be_visible()
    shoot(page, "table")
    page.get_by_text("Text", exact=True).click()
    text = page.get_by_label("Problem file (TOML)")
    assert "frequencies_hz = [150.0, 400.0]" in text.input_value()
    text.fill("[tones]\nharmonics = __import__('os').abort()\n")
    text.blur()
    expect(page.get_by_text("not TOML")).to_be_visible()


def test_narrow_and_wide_screens(window):
    narrow = window(width=390, height=844)
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 390
    narrow.screenshot(path=SHOTS / "narrow.png", full_page=True)
    go(narrow, 0.5)
    finished(narrow)
    narrow.get_by_text("Compare", exact=True).click()
    expect(narrow.locator("table.compared")).to_be_visible()
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 390
    wide = window(width=1920, height=1080)
    assert wide.evaluate("document.documentElement.scrollWidth") <= 1920
    assert wide.locator("canvas").first.bounding_box()["width"] > 1200
    shoot(wide, "wide")


def test_the_keyboard_is_enough(window):
    page = window()

    def tab_to(name):
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(FOCUSED).startswith(name):
                return
        raise AssertionError(f"no way to {name}")

    tab_to("Harmonics, such")
    page.keyboard.press("Control+A")
    page.keyboard.type("odd:39")
    tab_to("Time limit")
    page.keyboard.press("Control+A")
    page.keyboard.type("60")
    tab_to("Go")
    expect(page.get_by_text("20 tones, 10 to 390 Hz, period")).to_be_visible()
    page.keyboard.press("Enter")
    searching(page)
    tab_to("Stop")
    page.keyboard.press("Space")
    finished(page)
    tab_to("Proof")
    page.keyboard.press("ArrowRight")
    expect(page.locator("table.compared")).to_be_visible()


FOCUSED = """() => {
    let element = document.activeElement;
    while (element.shadowRoot && element.shadowRoot.activeElement) element = element.shadowRoot.activeElement;
    const label = element.labels && element.labels.length ? element.labels[0].textContent : "";
    return (element.getAttribute("aria-label") || label || element.textContent || "").trim();
}"""


def test_every_control_has_a_name(window):
    page = window()
    for mode in ("Harmonics", "Table", "Text", "File"):
        page.get_by_text(mode, exact=True).first.click()
        nameless = re.findall(
            r"^\s*- (?:textbox|combobox|button|radio|checkbox|link|spinbutton)(?:$|:| \[)",
            page.locator("main").aria_snapshot(),
            re.M,
        )
        assert nameless == []


CONTRASTS = """() => {
    const parse = (text) => { const m = text.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
    const light = (c) => {
        const linear = (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
        const [r, g, b] = c.slice(0, 3).map((v) => linear(v / 255));
        return .2126 * r + .7152 * g + .0722 * b;
    };
    const up = (n) => n.assignedSlot || (n.parentNode instanceof ShadowRoot ? n.parentNode.host : n.parentElement);
    const behind = (n) => {
        for (; n; n = up(n)) { const c = parse(getComputedStyle(n).backgroundColor); if (c[3] > .99) return c; }
        return [255, 255, 255, 1];
    };
    const bad = []; let seen = 0;
    const visit = (root) => {
        for (const n of root.querySelectorAll("*")) {
            if (n.shadowRoot) visit(n.shadowRoot);
            const text = [...n.childNodes].some((k) => k.nodeType === 3 && k.textContent.trim()) || n.value;
            if (!text || ["STYLE", "SCRIPT", "OPTION"].includes(n.tagName) || !n.getClientRects().length) continue;
            if (n.type === "radio" || n.type === "file") continue;
            const style = getComputedStyle(n), one = light(parse(style.color)), other = light(behind(n));
            const ratio = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
            seen++;
            if (ratio < 4.5 || style.opacity < 1) bad.push([n.tagName, (n.value || n.textContent).slice(0, 30), ratio]);
        }
    };
    visit(document.body);
    return { bad, seen };
}"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everything_can_be_read(window, dark):
    page = window(dark=dark)
    expect(page.get_by_role("button", name="Use light colours" if dark else "Use dark colours")).to_be_visible()
    page.wait_for_timeout(300)
    shoot(page, "dark" if dark else "light")
    for mode in ("Harmonics", "Table", "Text", "File"):
        page.get_by_text(mode, exact=True).first.click()
        page.wait_for_timeout(100)
        found = page.evaluate(CONTRASTS)
        assert found["bad"] == []
        assert found["seen"] > 40
    page.get_by_role("button", name="Use light colours" if dark else "Use dark colours").click()
    expect(page.get_by_role("button", name="Use dark colours" if dark else "Use light colours")).to_be_visible()


def test_two_windows_do_not_disturb_each_other_and_a_closed_one_ends_its_search(window, served):
    one, other = window(), window()
    go(one, 100)
    searching(one)
    at_work = served.searches()
    assert at_work
    expect(other.locator("dl.tiles")).to_contain_text("not searching")
    type_into(other, "Harmonics, such as 1:31 or odd:63, or 20..2000 in Hz", "1:5")
    expect(other.get_by_text(re.compile("^5 tones, .* Hz, period"))).to_be_visible()
    go(other, 0.3)
    finished(other)
    expect(one.locator("dl.tiles")).not_to_contain_text("not searching")
    expect(one.get_by_text("31 tones, 10 to 310 Hz, period")).to_be_visible()
    left = served.searches()
    one.close()
    end = time.monotonic() + WAIT_MS / 1000
    while served.searches() >= at_work & left:
        assert time.monotonic() < end, "the search of a closed window goes on"
        time.sleep(0.2)
    expect(other.get_by_role("button", name="Go", exact=True)).to_be_enabled()


def test_it_is_said_when_all_places_are_taken(window):
    pages = [window() for _ in range(3)]
    limit = cf.studio.Limits().runs
    for page in pages[:limit]:
        go(page, 100)
        searching(page)
    if limit < len(pages):
        go(pages[limit], 100)
        expect(pages[limit].get_by_text("places are taken by other searches")).to_be_visible()
    for page in pages[:limit]:  # or each would go on until its window is forgotten
        page.get_by_role("button", name="Stop, keep best").click()
        expect(page.locator("dl.tiles")).to_contain_text("not searching")
