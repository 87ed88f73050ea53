"""A search that is stopped before a round has brought anything still answers with its best."""

import sys

import numpy as np

import crestfall as cf
from crestfall.search.executors import Here


def test_a_round_that_brings_nothing_ends_the_search(monkeypatch):
    explore = sys.modules["crestfall.search.explore"]
    searches = []

    class NothingInTime(Here):
        def run(self, tasks):
            searches[0].budget.end("interrupted")
            return iter(())

    def remember(search, *known):
        searches.append(search)
        return run_as_before(search, *known)

    run_as_before = explore.Search.run
    monkeypatch.setattr(explore, "executor_for", lambda workers, client, *told, **_: NothingInTime(*told))
    monkeypatch.setattr(explore.Search, "run", remember)
    ms = cf.Multisine.harmonics(range(1, 12))
    design = cf.minimize_peak(ms, time_limit=60.0, use_atlas=False)
    assert "interrupted" in design.status
    assert design.crest_factor <= cf.crest_factor(ms, cf.schroeder(ms))
    assert np.all(np.isfinite(design.phases))
