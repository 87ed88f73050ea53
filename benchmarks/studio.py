"""How soon the studio answers: from pressing Go to the first improvement, for problems of several sizes.

The search runs as the page runs it, in a warm process of its own; the time ends when the page has the measured design.
The same again with a process that must be started first. Prints seconds, the median of several presses::

    python benchmarks/studio.py --presses 20 --tones 64 512
"""

from __future__ import annotations

import argparse
import queue
import statistics
import time

from crestfall.studio.draft import Draft
from crestfall.studio.limits import Limits
from crestfall.studio.messages import Order
from crestfall.studio.run import Event, Improved, Run, Workers

TEXT = '[tones]\nharmonics = "1:{}"\nfundamental_hz = 10.0\n'


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
    arguments = parser.parse_args()
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
