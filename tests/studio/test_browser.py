"""The studio in a real browser: from tones to a file."""

import io
import re
import time
import zipfile

import pytest
from playwright.sync_api import expect

import crestfall as cf
from crestfall.studio.downloads import FORMATS

from .conftest import WAIT_MS
from .steps import (
    TONES,
    choose_mode,
    choose_view,
    crest_factor,
    finished,
    go,
    searching,
    sentence,
    shoot,
    type_into,
)


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


def test_the_present_signal_is_shown_at_once_and_by_a_link(window):
    page = window()
    ms = cf.Multisine.harmonics(range(1, 32))
    assert crest_factor(page) == pytest.approx(cf.crest_factor(ms, cf.schroeder(ms)), abs=1e-4)
    expect(page.get_by_text("31 tones, 10 to 310 Hz, period 100 ms")).to_be_visible()
    assert pixels(page, 0) > 2000
    count = page.locator("canvas:visible").count()
    type_into(page, "Fundamental (Hz)", "2,5")
    expect(page.get_by_text("31 tones, 2.5 to 77.5 Hz, period 400 ms")).to_be_visible()
    page.get_by_label("Begin with").select_option("Impedance spectroscopy")
    expect(page.get_by_text("limits on current, voltage")).to_be_visible()
    expect(page.get_by_role("list", name="Shares of the limits")).to_contain_text(re.compile("of 5 mA.*of 40 mV"))
    expect(page.locator("dl.tiles")).to_contain_text(re.compile(r"Largest share of a limit\s*[0-9.]+ %"))
    page.get_by_label("Waveform of").select_option("voltage")
    expect(page.locator("p.legend")).to_contain_text("limit 40 mV")
    assert page.locator("canvas:visible").count() == count  # one spectrum, whatever was shown before
    shoot(page, "limits")
    page.get_by_label("Begin with").select_option("Shaker with limits")
    expect(page.get_by_text("limits on voltage, current, slew rate")).to_be_visible()
    type_into(page, "Fundamental (Hz)", "7")
    expect(page.get_by_text("20 tones, 7 to 140 Hz, period")).to_be_visible()
    link = page.get_by_role("link", name="Copy the link").get_attribute("href")
    assert page.url.endswith(link)
    page.reload()
    expect(page.get_by_text("20 tones, 7 to 140 Hz, period")).to_be_visible()
    assert page.get_by_label("Fundamental (Hz)").input_value() == "7"
    page.get_by_role("button", name="Keep only the tones").click()
    expect(page.get_by_text("20 tones, 7 to 140 Hz, period 142.857 ms", exact=True)).to_be_visible()
    page.goto(page.url.split("?")[0] + "?problem=AAAA")
    expect(page.get_by_text("the link is damaged")).to_be_visible()
    sentence(page, 31)


def test_the_crest_falls_while_one_watches_and_a_stop_keeps_the_best(window):
    page = window()
    type_into(page, TONES, "1:64")
    sentence(page, 64)
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
    choose_view(page, "Compare")
    expect(page.get_by_label("Right", exact=True)).to_have_value(f"1: 64 tones, {best:.4f}")
    expect(page.locator("table.compared")).to_contain_text("Certified between")
    shoot(page, "compare")


def test_every_file_is_handed_over(window, tmp_path):
    page = window()
    type_into(page, TONES, "1:9")
    sentence(page, 9)
    go(page, 0.3)
    finished(page)
    saved = {}
    for title, ending in [*FORMATS.items(), ("Problem file (.toml)", ".toml")]:
        page.get_by_role("combobox", name="File").select_option(title)
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
    choose_mode(page, "File")
    field = page.get_by_label(re.compile("Drop a file here"))
    ms = cf.Multisine.harmonics(range(1, 6), 10.0)
    for name, problem, said in (
        ("set", cf.Problem(ms, channels=cf.Orthogonal(2)), "2 orthogonal inputs in 2 experiments"),
        ("window", cf.Problem(ms, over=cf.Window(0.0, 0.07)), "window 0 to 70 ms"),
    ):
        phases = [0.0, 1.0, 2.0, 3.0, 4.0]
        cf.Design.of(problem, phases).save(tmp_path / f"{name}.json")
        field.set_input_files(tmp_path / f"{name}.json")
        expect(page.get_by_text(re.compile(said))).to_be_visible()
        expect(page.locator("dl.tiles")).to_contain_text(f"{cf.Design.of(problem, phases).figure:.4f}")
        if name == "set":
            page.get_by_label("Waveform of", exact=True).select_option("input 2, experiment 1")
            expect(page.get_by_text("input 2, experiment 1: phases as given")).to_be_visible()
            shoot(page, "inputs")
        go(page, 0.3)
        finished(page, 1 if name == "set" else 2)
        page.get_by_role("combobox", name="File").select_option("JSON, the whole design")
        with page.expect_download() as download:
            page.get_by_role("button", name="Save the file").click()
        download.value.save_as(tmp_path / f"found-{name}.json")
        found = cf.load(tmp_path / f"found-{name}.json")
        assert type(found.problem.over) is type(problem.over)
        assert found.problem.channels == problem.channels
        assert found.figure < cf.Design.of(problem, phases).figure


def test_files_tables_and_texts_and_what_is_wrong_with_them(window):
    page = window()
    choose_mode(page, "File")
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
    choose_mode(page, "Table")
    cell = page.get_by_label("Tone 2, frequency in Hz")
    cell.fill("25")
    cell.press("Tab")
    expect(page.get_by_text("2 tones, 10 to 25 Hz, period 200 ms")).to_be_visible()
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
    choose_mode(page, "Text")
    text = page.get_by_label("Problem file (TOML)")
    assert "frequencies_hz = [150.0, 400.0]" in text.input_value()
    text.fill("[tones]\nharmonics = __import__('os').abort()\n")
    text.blur()
    expect(page.get_by_role("alert")).to_contain_text(["not TOML"])
    expect(text).to_have_attribute("aria-invalid", "true")


def test_two_windows_do_not_disturb_each_other_and_a_closed_one_ends_its_search(window, served):
    one, other = window(), window()
    go(one, 100)
    searching(one)
    at_work = served.searches()
    assert at_work
    expect(other.locator("dl.tiles")).to_contain_text("not searching")
    type_into(other, TONES, "1:5")
    sentence(other, 5)
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
