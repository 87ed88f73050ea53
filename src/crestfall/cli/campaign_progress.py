"""Live progress of a campaign on a terminal; silence everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from crestfall.atlas.store.campaign import Visit
from crestfall.atlas.store.stored_tones import StoredTones
from crestfall.search import Progress


class CampaignProgress:
    """The progress of a campaign, shown on a bar if there is one."""

    def __init__(self, bar: Bar | None = None) -> None:
        self._bar = bar
        self._task = None if bar is None else bar.add_task("starting", total=None)

    def searching(self, tones: StoredTones, report: Progress) -> None:
        """A search goes on."""
        if self._bar is not None and self._task is not None:
            text = f"{tones.name}, best crest factor {report.best_crest_factor:.4f}, Ctrl-C keeps everything"
            self._bar.update(self._task, description=text)

    def visited(self, visit: Visit) -> None:
        """A search is over."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=visit.total, completed=visit.done)


@contextmanager
def campaign_progress(quiet: bool) -> Iterator[CampaignProgress]:
    """Draw searches done and the best crest factor of the running one, in a terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield CampaignProgress()
        return
    description = TextColumn("{task.description}")
    columns = (SpinnerColumn(), description, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Rich would print our lines above the bar, on standard error; what goes to a file or pipe must go there.
    with Bar(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
        yield CampaignProgress(bar)
