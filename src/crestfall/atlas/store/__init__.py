"""A store of designs that a campaign can write to for days: one SQLite file, only ever better, safe at any moment.

``with Store.open(path) as store`` opens one, ``run_campaign`` fills it, ``verify`` and ``merge`` look after it.
"""

from __future__ import annotations

from crestfall.atlas.store.campaign import Plan, run_campaign
from crestfall.atlas.store.database import Store
from crestfall.atlas.store.improvement import Improvement
from crestfall.atlas.store.merge import merge
from crestfall.atlas.store.stored_tones import StoredTones
from crestfall.atlas.store.verify import verify

__all__ = ["Improvement", "Plan", "Store", "StoredTones", "merge", "run_campaign", "verify"]
