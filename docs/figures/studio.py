"""Pictures of docs/studio.md: the studio in a real browser, in its main states. `make browser` gets it a Chromium."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

IMAGES = Path(__file__).parents[1] / "images"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
WAIT_MS = 120_000


def save(page: Page, name: str, **options: Any) -> None:
    """A picture with few colours, which is small."""
    shot = Image.open(io.BytesIO(page.screenshot(**options))).convert("RGB")
    shot.quantize(128, dither=Image.Dither.NONE).save(IMAGES / name, optimize=True)


def searched(page: Page, harmonics: str, seconds: str) -> None:
    page.get_by_label("Harmonics, or frequencies").fill(harmonics)
    page.get_by_label("Harmonics, or frequencies").press("Enter")
    page.get_by_label("Time limit (s)").fill(seconds)
    page.get_by_label("Start from").select_option("scratch")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.get_by_label("Right", exact=True).locator("option")).to_have_count(2)
    page.wait_for_timeout(1500)


def main() -> None:
    studio = subprocess.Popen(
        [sys.executable, "-m", "crestfall", "studio", "--port", "0", "--no-browser"], stdout=subprocess.PIPE, text=True
    )
    assert studio.stdout is not None
    url = studio.stdout.readline().split()[2]
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, CHROMIUM)), None),  # None: the one of Playwright
            args=["--no-sandbox", "--disable-gpu", "--disable-quic"],
        )
        for name, width, dark in (
            ("studio-done.png", 1280, False),
            ("studio-dark.png", 1280, True),
            ("studio-narrow.png", 390, False),
        ):
            page = browser.new_page(viewport={"width": width, "height": 830}, color_scheme="dark" if dark else "light")
            page.set_default_timeout(WAIT_MS)
            page.goto(url)
            page.get_by_role("button", name="Go", exact=True).wait_for()
            if name == "studio-dark.png":
                page.get_by_label("Begin with").select_option("Shaker with limits")
                expect(page.get_by_text("limits on voltage, current, slew rate")).to_be_visible()
                searched(page, "1:20", "4")
                page.wait_for_timeout(1500)
            else:
                searched(page, "1:40", "4")
            page.evaluate("window.scrollTo(0, 0)")
            page.wait_for_timeout(300)
            save(page, name)
            if name == "studio-done.png":
                page.set_viewport_size({"width": 1280, "height": 2400})
                page.get_by_role("group", name="Show").get_by_text("Compare", exact=True).click()
                page.wait_for_timeout(1500)
                top = page.get_by_role("group", name="Show").bounding_box()
                bottom = page.get_by_role("table", name="In figures").bounding_box()
                assert top is not None
                assert bottom is not None
                height = bottom["y"] + bottom["height"] - top["y"] + 28
                save(page, "studio-compare.png", clip={"x": 384, "y": top["y"] - 14, "width": 876, "height": height})
            page.close()
        browser.close()
    studio.terminate()
    studio.wait()


if __name__ == "__main__":
    main()
