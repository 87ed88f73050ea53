"""Nothing is lost: undo, Back, reloads, changes during a search, and the list of finished designs."""

import re

from playwright.sync_api import expect

from .steps import TONES, choose_mode, choose_view, finished, go, improving, searching, sentence, shoot, type_into


def test_undo_redo_and_back(window):
    page = window()
    undo, redo = (page.get_by_role("button", name=name, exact=True) for name in ("Undo", "Redo"))
    expect(undo).to_be_disabled()
    type_into(page, TONES, "1:7")
    sentence(page, 7)
    type_into(page, TONES, "1:9")
    sentence(page, 9)
    undo.click()
    sentence(page, 7)
    redo.click()
    sentence(page, 9)
    expect(redo).to_be_disabled()
    page.go_back()
    sentence(page, 7)
    assert page.get_by_label(TONES).input_value() == "1:7"
    redo.click()
    sentence(page, 9)
    page.go_back()
    sentence(page, 7)
    page.reload()
    sentence(page, 7)


def test_what_is_played_is_in_the_address_and_in_undo(window):
    page = window()
    rate, level = (page.get_by_label(name, exact=True) for name in ("Sample rate", "Level"))
    page.wait_for_url("**/?problem=*")
    for label, text in (("Sample rate", "48 kHz"), ("Level", "1 Vpp")):
        before = page.url
        type_into(page, label, text)
        page.wait_for_function("url => location.href !== url", arg=before)
    page.reload()
    expect(level).to_have_value("1 Vpp")
    expect(rate).to_have_value("48 kHz")
    other = window(page.url.split("/")[-1])  # who gets the link
    expect(other.get_by_label("Level", exact=True)).to_have_value("1 Vpp")
    page.go_back()
    expect(level).to_have_value("")
    expect(rate).to_have_value("48 kHz")
    type_into(page, TONES, "1:7")
    sentence(page, 7)
    type_into(page, "Bits", "14")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_label("Bits", exact=True)).to_have_value("")
    sentence(page, 7)
    page.get_by_role("button", name="Redo", exact=True).click()
    expect(page.get_by_label("Bits", exact=True)).to_have_value("14")


def test_a_long_problem_stays_in_the_address_and_in_the_table(window):
    page = window()
    sizes = " ".join(f"{1 + (k * 7919 % 10007) / 10007:.9f}" for k in range(1200))
    type_into(page, TONES, "1:1200")
    sentence(page, 1200)
    type_into(page, "Amplitudes", sizes)
    expect(page.get_by_text("kept in this browser")).to_be_visible()
    page.wait_for_url("**/?stored=*")
    page.reload()
    sentence(page, 1200)
    choose_mode(page, "Table")
    expect(page.get_by_text("1200 tones are too many for a table")).to_be_visible()
    expect(page.get_by_role("button", name="Add a tone")).to_be_hidden()


def test_a_change_during_a_search_asks_first_and_keeps_the_best(window):
    page = window()
    expect(page.get_by_text("Not optimised yet")).to_be_visible()
    go(page, 60)
    searching(page)
    expect(page.locator("dl.tiles")).to_contain_text(re.compile("Crest factor\\s*1\\.[34]"))
    type_into(page, TONES, "1:7")
    expect(page.get_by_text("A search is running.")).to_be_visible()
    shoot(page, "asks")
    page.get_by_role("button", name="Keep searching").click()
    expect(page.get_by_label(TONES)).to_have_value("1:31")
    searching(page)
    type_into(page, TONES, "1:9")
    expect(page.get_by_text("A search is running.")).to_be_visible()
    page.keyboard.press("Escape")  # which means no
    expect(page.get_by_text("A search is running.")).to_be_hidden()
    expect(page.get_by_label(TONES)).to_have_value("1:31")
    searching(page)
    page.get_by_label("Begin with").select_option("Optical tweezers")
    page.get_by_role("button", name="End the search, keep its best, and make the change").click()
    expect(page.get_by_text("phases: hold")).to_be_visible()
    choose_view(page, "Designs")
    expect(page.get_by_role("list", name="Finished designs")).to_contain_text("not finished")


def test_finished_designs_are_kept_restored_renamed_and_saved(window):
    page = window()
    type_into(page, TONES, "1:9")
    sentence(page, 9)
    go(page, 0.3)
    finished(page)
    type_into(page, TONES, "1:5")
    sentence(page, 5)
    page.reload()
    sentence(page, 5)
    choose_view(page, "Designs")
    name = page.get_by_label(re.compile("^Name of 1: 9 tones"))
    name.fill("my nine")
    name.press("Enter")
    expect(page.get_by_role("button", name="Restore my nine")).to_be_visible()
    shoot(page, "designs")
    page.reload()
    choose_view(page, "Designs")
    page.get_by_role("button", name="Restore my nine").click()
    sentence(page, 9)
    expect(page.get_by_text("Not optimised yet")).to_be_hidden()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save my nine").click()
    assert download.value.suggested_filename.endswith(".wav")
    page.get_by_role("button", name="Remove my nine").click()
    expect(page.get_by_role("button", name="Restore my nine")).to_be_hidden()


def test_a_reload_during_a_search_warns_and_loses_nothing(window):
    page = window()
    choose_view(page, "Designs")
    go(page, 60)
    searching(page)
    expect(page.locator("dl.tiles")).to_contain_text(re.compile("Crest factor\\s*1\\.[34]"))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.wait_for_function("sessionStorage.getItem('crestfall-running')")
    page.reload()
    assert asked == ["beforeunload"]
    choose_view(page, "Designs")
    expect(page.get_by_role("list", name="Finished designs")).to_contain_text("interrupted by a reload")


def test_keys_start_and_stop_and_help_is_at_hand(window):
    page = window()
    page.get_by_label("Start from").select_option("scratch")
    field = page.get_by_label("Time limit (s)")
    field.fill("60")
    field.press("Enter")
    improving(page)
    page.keyboard.press("Escape")
    finished(page)
    page.get_by_label(TONES).fill("1:9")
    page.keyboard.press("Control+Enter")
    sentence(page, 9)
    expect(page.get_by_label("Right", exact=True).locator("option")).to_have_count(2)
    improving(page)
    page.keyboard.press("Escape")
    finished(page, 2)
    expect(page.get_by_role("img", name="Waveform", exact=True)).to_be_visible()
