"""How soon the studio answers: from pressing Go to the first improvement of a 64-tone problem.

The search runs as the page runs it, in a warm process of its own; the time ends when the page has the measured design.
The same again with a process that must be started first. Prints seconds, the median of several presses::

    python benchmarks/studio.py --presses 20
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

TEXT = '[tones]\nharmonics = "1:64"\nfundamental_hz = 10.0\n'


def first_improvement(workers: Workers, draft: Draft, seed: int) -> tuple[float, float]:
    """Seconds until a design is better than Schroeder's phases, and its crest factor."""
    before = draft.present().crest_factor
    events: queue.Queue[Event] = queue.Queue()
    begin = time.perf_counter()
    run = Run(workers, draft, Order(draft.text, 30.0, seed, use_atlas=False), events.put)
    while True:
        event = events.get(timeout=60)
        assert isinstance(event, Improved), event
        if event.design is not None and event.design.crest_factor < before * (1.0 - 1e-9):
            seconds = time.perf_counter() - begin
            run.close()
            run.wait()
            return seconds, event.design.crest_factor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presses", type=int, default=10, help="how often to press Go")
    presses = parser.parse_args().presses
    draft = Draft.of_text(TEXT, Limits())
    for name, warm in (("warm process", True), ("cold process", False)):
        found = []
        for seed in range(presses):
            workers = Workers(Limits())
            if warm:
                workers.warm_up()
                time.sleep(3.0)  # as long as somebody looks at the page before pressing
            found.append(first_improvement(workers, draft, seed))
            workers.close()
        times, crest_factors = zip(*found, strict=True)
        print(
            f"{name}: first improvement after {statistics.median(times):.3f} s (median of {presses}, "
            f"slowest {max(times):.3f} s), crest factor {statistics.median(crest_factors):.4f} "
            f"from {draft.present().crest_factor:.4f}"
        )


if __name__ == "__main__":
    main()
