"""What a visitor does on the page, and what is seen then: for the tests in a browser."""

import re

from playwright.sync_api import expect

from .conftest import SHOTS, WAIT_MS

expect.set_options(timeout=WAIT_MS)

TONES = "Harmonics, or frequencies"
MODES = ("Harmonics", "Table", "Shapes", "Text", "File")
FOLDS = ("More about the tones", "Fixed waveform added to the tones", "More about the search", "More about the file")


def crest_factor(page):
    return float(re.search(r"Crest factor\s*([0-9.]+)", page.locator("dl.tiles").inner_text())[1])


def go(page, seconds):
    page.get_by_label("Time limit (s)").fill(str(seconds))
    page.get_by_label("Start from").select_option("scratch")
    page.get_by_role("button", name="Go", exact=True).click()


def searching(page):
    expect(page.locator("dl.tiles")).to_contain_text("searching")
    expect(page.locator("dl.tiles")).not_to_contain_text("not searching")


def improving(page):
    searching(page)
    expect(page.locator("dl.tiles")).to_contain_text(re.compile("Crest factor\\s*1\\.[345]"))


def finished(page, searches=1):
    expect(page.get_by_label("Right", exact=True).locator("option")).to_have_count(1 + searches)
    expect(page.get_by_role("button", name="Stop, keep best")).to_be_disabled()
    expect(page.get_by_role("button", name="Go", exact=True)).to_be_enabled()


def type_into(page, label, text):
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Enter")


def sentence(page, count):
    said = page.get_by_role("status").filter(has_text=re.compile(f"^{count} tones, .*Hz, period"))  # not a kept design
    expect(said).to_be_visible()


def choose_mode(page, mode):
    page.get_by_role("group", name="Describe the tones by").get_by_text(mode, exact=True).click()


def choose_view(page, view):
    page.get_by_role("group", name="Show").get_by_text(view, exact=True).click()


def shoot(page, name):
    page.screenshot(path=SHOTS / f"{name}.png")
