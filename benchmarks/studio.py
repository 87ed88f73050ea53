"""How soon the studio answers: from opening the page to its first paint, and from pressing Go to the first improvement.

The page is opened in a browser that has nothing of it stored yet, from a server that has just started. The search runs
as the page runs it, in a warm process of its own; the time ends when the page has the measured design. The same again
with a process that must be started first. Prints seconds, the median of several windows and presses::

    python benchmarks/studio.py --presses 20 --tones 64 512
"""

from __future__ import annotations

import argparse
import queue
import shutil
import statistics
import subprocess
import sys
import time

from crestfall.studio.draft import Draft
from crestfall.studio.limits import Limits
from crestfall.studio.messages import Order
from crestfall.studio.run import Event, Improved, Run, Workers

TEXT = '[tones]\nharmonics = "1:{}"\nfundamental_hz = 10.0\n'
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"


def opened() -> tuple[float, float, float]:
    """Seconds from asking for the page of a new server to its first paint, to its button Go, and to its figures."""
    from playwright.sync_api import sync_playwright

    command = [sys.executable, "-m", "crestfall", "studio", "--port", "0", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as studio, sync_playwright() as playwright:
        assert studio.stdout is not None
        url = studio.stdout.readline().split()[2]
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, CHROMIUM)), None), args=["--no-sandbox"]
        )
        page = browser.new_page()
        begin = time.perf_counter()
        page.goto(url, wait_until="commit")
        page.get_by_role("button", name="Go", exact=True).wait_for()
        usable = time.perf_counter() - begin
        page.get_by_text("Schroeder's phases").first.wait_for()
        times = page.evaluate(PAINTED), usable, time.perf_counter() - begin
        browser.close()
        studio.terminate()
    return times


def first_improvement(workers: Workers, draft: Draft, seed: int) -> tuple[float, float]:
    """Seconds until a design is better than Schroeder's phases, and its crest factor."""
    before = draft.present().figure
    events: queue.Queue[Event] = queue.Queue()
    begin = time.perf_counter()
    run = Run(workers, draft, Order(draft.text, 30.0, seed, use_atlas=False), events.put, before)
    while True:
        event = events.get(timeout=60)
        assert isinstance(event, Improved), event
        if event.design is not None and event.design.figure < before * (1.0 - 1e-9):
            seconds = time.perf_counter() - begin
            run.close()
            run.wait()
            return seconds, event.design.crest_factor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presses", type=int, default=10, help="how often to press Go")
    parser.add_argument("--tones", type=int, nargs="+", default=[64, 512], help="numbers of equal tones")
    parser.add_argument("--windows", type=int, default=5, help="how often to open the page of a new server")
    arguments = parser.parse_args()
    if arguments.windows:
        windows = [opened() for _ in range(arguments.windows)]
        for what, times in zip(
            ("first paint", "Go can be pressed", "figures"), zip(*windows, strict=True), strict=True
        ):
            print(f"{what} after {statistics.median(times):.2f} s (median of {len(times)}, slowest {max(times):.2f} s)")
    for tones in arguments.tones:
        draft = Draft.of_text(TEXT.format(tones), Limits())
        for name, warm in (("warm process", True), ("cold process", False)):
            times, crest_factors = zip(*presses(draft, arguments.presses, warm=warm), strict=True)
            print(
                f"{tones} tones, {name}: first improvement after {statistics.median(times):.3f} s (median of "
                f"{arguments.presses}, slowest {max(times):.3f} s), crest factor "
                f"{statistics.median(crest_factors):.4f} from {draft.present().crest_factor:.4f}"
            )


def presses(draft: Draft, count: int, *, warm: bool) -> list[tuple[float, float]]:
    """What ``first_improvement`` finds, with a process of its own each time."""
    found = []
    for seed in range(count):
        workers = Workers(Limits())
        if warm:
            workers.warm_up()
            time.sleep(3.0)  # as long as somebody looks at the page before pressing
        found.append(first_improvement(workers, draft, seed))
        workers.close()
    return found


if __name__ == "__main__":
    main()
