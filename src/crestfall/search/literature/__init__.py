"""Methods of the literature, as published: baselines to reproduce a design and to measure a search against."""

from crestfall.search.literature.baseline import METHODS, run_baseline
from crestfall.search.literature.clipping import clip
from crestfall.search.literature.l2p import l2p
from crestfall.search.literature.method import Method, Step

__all__ = ["METHODS", "Method", "Step", "clip", "l2p", "run_baseline"]
