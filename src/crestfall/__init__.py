"""crestfall: choose the phases of a sum of sine waves so that its peak is as small as possible, with proof."""

from crestfall.bounds import lower_bound, peak_lower_bound
from crestfall.design import Design, Provenance
from crestfall.measures import crest_factor, papr_db, peak_interval, relative_peak_factor, rms, sample_peak, true_peak
from crestfall.multisine import Multisine

__version__ = "0.1.0"
__all__ = [
    "Design",
    "Multisine",
    "Provenance",
    "crest_factor",
    "lower_bound",
    "papr_db",
    "peak_interval",
    "peak_lower_bound",
    "relative_peak_factor",
    "rms",
    "sample_peak",
    "true_peak",
]
