"""One studio and one browser for all tests that need them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SHOTS = Path(__file__).parents[2] / "out" / "studio"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# A browser that asks nothing of other servers.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MS = int(os.environ.get("CRESTFALL_TEST_WAIT_MS", "30000"))


class Served:
    """A studio in a process of its own, as ``crestfall studio`` starts it."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "crestfall", "studio", "--port", "0", "--no-browser", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        assert line.startswith("crestfall studio: http"), self.process.stderr.read()
        self.url = line.split()[2]

    def close(self):
        """End it as a service manager does; what it wrote on standard error."""
        self.process.terminate()
        _, errors = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, errors
        return errors

    def searches(self):
        """Ids of its search processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        threads = Path(f"/proc/{self.process.pid}/task")
        every = {pid for task in threads.iterdir() for pid in (task / "children").read_text().split()}
        return {pid for pid in {*children, *every} if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes()}


@pytest.fixture(scope="session")
def served():
    studio = Served()
    yield studio
    errors = studio.close()
    # Windows that close or reload in mid-message say nothing in the terminal.
    for text in ("/crestfall/studio/", "connection was closed", "WebSocketClosedError", "already known"):
        assert text not in errors, errors


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import Error, sync_playwright

    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)  # None: the one of Playwright
    SHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        except Error as error:
            pytest.fail(f"the browser tests need a Chromium that starts: make browser gets one\n{error}")
        yield started
        started.close()


@pytest.fixture
def window(browser, served):
    """Opens windows, each a visitor of its own; what a page complains of fails the test."""
    contexts, complaints = [], []

    def opened(query="", *, width=1440, height=900, dark=False, url=None, before=""):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
        )
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(before)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("request", lambda request: foreign(request.url) and complaints.append(f"asked for {request.url}"))
        page.goto((url or served.url) + query)
        page.get_by_role("button", name="Go", exact=True).wait_for()
        page.get_by_text("Schroeder's phases").or_(page.get_by_text("phases as given")).first.wait_for()
        return page

    def foreign(url):
        return not url.startswith((served.url, "blob:", "data:")) and "localhost" not in url

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
