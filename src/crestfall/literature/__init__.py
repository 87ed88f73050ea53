"""Methods of the literature, as published: baselines to reproduce a design and to measure a search against."""

from crestfall.literature.baseline import METHODS, run_baseline
from crestfall.literature.clipping import clip
from crestfall.literature.l2p import l2p
from crestfall.literature.method import Method, Step

__all__ = ["METHODS", "Method", "Step", "clip", "l2p", "run_baseline"]
