"""The studio for everybody: by keyboard, by screen reader, in light and dark colours, on wide and narrow screens."""

import importlib.resources
import re

import pytest
from playwright.sync_api import Error, expect

from crestfall.studio.blocked_ports import BLOCKED

from .conftest import SHOTS
from .steps import (
    FOLDS,
    MODES,
    TONES,
    choose_mode,
    choose_view,
    finished,
    go,
    improving,
    sentence,
    shoot,
    type_into,
)

AXE = "axe_playwright_python"
FOCUSED = """() => {
    let element = document.activeElement;
    while (element.shadowRoot && element.shadowRoot.activeElement) element = element.shadowRoot.activeElement;
    const label = element.labels && element.labels.length ? element.labels[0].textContent : "";
    return (element.getAttribute("aria-label") || label || element.textContent || "").trim();
}"""


def test_the_keyboard_is_enough(window):
    page = window()

    def tab_to(name):
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate(FOCUSED).startswith(name):
                return
        raise AssertionError(f"no way to {name}")

    tab_to(TONES)
    expect(page.get_by_role("tooltip", name="")).to_contain_text(["Multiples of the fundamental"])
    page.keyboard.press("Control+A")
    page.keyboard.type("odd:39")
    tab_to("Time limit")
    page.keyboard.press("Control+A")
    page.keyboard.type("60")
    tab_to("Go")
    expect(page.get_by_text("20 tones, 10 to 390 Hz, period")).to_be_visible()
    page.keyboard.press("Enter")
    improving(page)  # a search that is stopped before it has found anything keeps nothing
    tab_to("Stop")
    page.keyboard.press("Space")
    finished(page)
    tab_to("Proof")
    page.keyboard.press("ArrowRight")
    expect(page.locator("table.compared")).to_be_visible()


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


def nameless(page):
    roles = "textbox|combobox|button|radio|checkbox|link|spinbutton"
    return re.findall(rf"^\s*- (?:{roles})(?:$|:| \[)", page.locator("main").aria_snapshot(), re.M)


def contrasts(page):
    found = page.evaluate(CONTRASTS)
    assert found["bad"] == []
    assert found["seen"] > 40


def axe(page):
    """Everything that axe finds wrong with a page."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(importlib.resources.files(AXE).joinpath("axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def unfold(page):
    for fold in FOLDS:
        page.get_by_role("button", name=fold).click()
        expect(page.get_by_role("button", name=fold)).to_have_attribute("aria-expanded", "true")


def make_wrong(page):
    type_into(page, "Fundamental (Hz)", "ten")
    expect(page.get_by_label("Fundamental (Hz)")).to_have_attribute("aria-invalid", "true")


def search_again(page):
    type_into(page, "Fundamental (Hz)", "10")
    sentence(page, 31)
    go(page, 0.3)
    finished(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_control_has_a_name_and_every_text_can_be_read(window, dark):
    page = window(dark=dark)
    other = "Use light colours" if dark else "Use dark colours"
    expect(page.get_by_role("button", name=other)).to_be_visible()
    shoot(page, "dark" if dark else "light")
    unfold(page)
    for mode in MODES:
        choose_mode(page, mode)
        expect(page.get_by_role("radio", name=mode, exact=True)).to_be_checked()
        assert nameless(page) == []
        contrasts(page)
    choose_mode(page, "Harmonics")
    make_wrong(page)
    contrasts(page)
    search_again(page)
    for view in ("Proof", "Compare", "Designs"):
        choose_view(page, view)
        expect(page.get_by_role("radio", name=view)).to_be_checked()
        contrasts(page)
    page.get_by_role("button", name=other).click()
    expect(page.get_by_role("button", name=other)).to_be_hidden()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(window, dark):
    pytest.importorskip(AXE)
    page = window(dark=dark)
    unfold(page)
    make_wrong(page)
    assert axe(page) == []
    search_again(page)
    for view in ("Compare", "Designs"):
        choose_view(page, view)
        expect(page.get_by_role("radio", name=view)).to_be_checked()
        assert axe(page) == []


def test_what_is_wrong_is_said_where_it_is(window):
    page = window()
    save = page.get_by_role("button", name="Save the file")
    start = page.get_by_role("button", name="Go", exact=True)
    field = page.get_by_label("Fundamental (Hz)")
    type_into(page, "Fundamental (Hz)", "ten")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("'ten': give a frequency such as 10 kHz"))
    expect(page.get_by_role("alert").filter(has_text="'ten'")).to_be_visible()
    expect(page.get_by_text("To be corrected: Fundamental (Hz).")).to_be_visible()
    expect(page.get_by_text("Nothing can be saved until")).to_be_visible()
    expect(save).to_be_disabled()
    expect(start).to_be_disabled()
    type_into(page, TONES, "1:9")  # which does not make the other one right
    expect(field).to_have_attribute("aria-invalid", "true")
    type_into(page, "Fundamental (Hz)", "10")
    sentence(page, 9)
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(save).to_be_enabled()
    page.get_by_role("button", name="More about the search").click()
    type_into(page, "Stop as soon as it is", "low")
    expect(page.get_by_role("alert").filter(has_text="'low': give a number")).to_be_visible()
    expect(start).to_be_disabled()
    type_into(page, "Stop as soon as it is", "")
    expect(start).to_be_enabled()
    expect(page.get_by_role("button", name="More about the search", exact=True)).to_be_visible()


def test_a_rate_that_cannot_be_played_is_said_where_it_is(window):
    page = window()
    rate, save = page.get_by_label("Sample rate", exact=True), page.get_by_role("button", name="Save the file")
    type_into(page, "Sample rate", "600")
    expect(rate).to_have_accessible_description(re.compile("^Sample rate: 600 Hz, but the highest tone is at 310 Hz"))
    expect(page.get_by_role("alert").filter(has_text="600 Hz, but")).to_be_visible()
    expect(save).to_be_disabled()
    expect(page.get_by_role("button", name="Go", exact=True)).to_be_enabled()
    sentence(page, 31)  # the problem is as good as before
    shoot(page, "unplayable")
    type_into(page, TONES, "1:29")
    expect(rate).not_to_have_attribute("aria-invalid", "true")
    expect(save).to_be_enabled()


WIDE = """canvas => new Promise((done) => {
    const look = () => canvas.getBoundingClientRect().width > 1200 ? done() : requestAnimationFrame(look);
    look();
})"""


def test_narrow_and_wide_screens(window):
    page = window(width=390, height=844)
    play = page.get_by_role("button", name="Play through the loudspeaker")
    play.click()
    page.get_by_role("button", name="Stop the sound").click()
    expect(play).to_be_visible()
    picture, fields = page.locator("canvas").first.bounding_box(), page.get_by_label("Begin with").bounding_box()
    assert picture["y"] < fields["y"]
    for fold in FOLDS:
        page.get_by_role("button", name=fold).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.screenshot(path=SHOTS / "narrow.png", full_page=True)
    go(page, 0.3)
    finished(page)
    choose_view(page, "Compare")
    expect(page.locator("table.compared")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.locator("canvas").first.evaluate(WIDE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1920
    shoot(page, "wide")


TOO_WIDE = """() => {
    const found = [];
    const visit = (root) => {
        for (const n of root.querySelectorAll("*")) {
            if (n.shadowRoot) visit(n.shadowRoot);
            if (n.className?.startsWith?.("bk-") || !n.getClientRects().length) continue;  // what Bokeh clips
            if (["STYLE", "INPUT", "TEXTAREA", "SELECT"].includes(n.tagName)) continue;
            if (n.className === "visually-hidden") continue;
            if (n.scrollWidth > n.clientWidth + 1 && getComputedStyle(n).display !== "inline")
                found.push([n.tagName, n.className, n.textContent.slice(0, 40)]);
        }
    };
    visit(document.body);
    return [document.documentElement.scrollWidth, found];
}"""


def test_a_very_narrow_screen_wraps_its_lists(window):
    page = window(width=320, height=700)
    for fold in FOLDS:
        page.get_by_role("button", name=fold).click()
    choose_mode(page, "File")
    page.get_by_label("Begin with").select_option("Shaker with limits")  # the slew rate is above 100 % of its limit
    expect(page.get_by_role("list", name="Shares of the limits")).to_contain_text("143.5 %")
    assert page.evaluate(TOO_WIDE) == [320, []]
    page.get_by_label("Begin with").select_option("Three actuators, three experiments")
    expect(page.get_by_role("list", name="Shares of the limits")).to_contain_text("x, experiment 1")
    assert page.evaluate(TOO_WIDE) == [320, []]
    shoot(page, "very-narrow")


COUNT_LISTENERS = """
const add = document.addEventListener, remove = document.removeEventListener;
window.listening = 0;
document.addEventListener = function (type, ...rest) {
    window.listening += type === "pointerdown";
    return add.call(document, type, ...rest);
};
document.removeEventListener = function (type, ...rest) {
    window.listening -= type === "pointerdown";
    return remove.call(document, type, ...rest);
};
"""


def test_help_listens_to_the_document_only_while_it_is_shown(window, browser):
    page = window(before=COUNT_LISTENERS)
    before = page.evaluate("window.listening")
    assert before < 3  # not one for each field
    help_of_tones = page.locator("#help-harmonics")
    mark = page.locator(".field", has=help_of_tones).locator(".mark")
    for _ in range(2):
        mark.click()
        expect(help_of_tones).to_be_visible()
        assert page.evaluate("window.listening") == before + 1
        page.get_by_role("heading", name="crestfall studio").click()
        expect(help_of_tones).to_be_hidden()
        assert page.evaluate("window.listening") == before


def test_the_ports_that_are_refused_are_those_that_a_browser_blocks(browser):
    page = browser.new_page()

    def refusal(port):
        with pytest.raises(Error) as caught:
            page.goto(f"http://127.0.0.1:{port}/")
        return "ERR_UNSAFE_PORT" in caught.value.message

    try:
        assert {port for port in BLOCKED if not refusal(port)} <= {4190, 6679}  # in the standard, but not in Chromium
        assert not any(refusal(port) for port in (2, 6670, 10081))  # where nobody listens
    finally:
        page.close()
