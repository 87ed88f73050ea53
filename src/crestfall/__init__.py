"""crestfall: choose the phases of a sum of sine waves so that its peak is as small as possible, with proof."""

from __future__ import annotations

import importlib
from os import PathLike
from typing import Any

from crestfall.amplitudes import ExtraTones
from crestfall.bounds import lower_bound, peak_lower_bound
from crestfall.channels import DesignSet, interleaved_set, orthogonal_set
from crestfall.closed_form import equally_spaced, newman, random_phases, rudin_shapiro, schroeder, zero_phases
from crestfall.constraints import ConjugateSymmetric, Delays, Hold, Link
from crestfall.design import Design, Provenance
from crestfall.discrete import minimize_peak_discrete
from crestfall.measures import crest_factor, papr_db, peak_interval, relative_peak_factor, rms, sample_peak, true_peak
from crestfall.multisine import Multisine
from crestfall.outputs import Output, integral, slew_rate
from crestfall.raster import snap
from crestfall.search import Progress, minimize_peak
from crestfall.window import WindowedMultisine, minimize_peak_in_window

__version__ = "0.1.0"
__all__ = [
    "ConjugateSymmetric",
    "Delays",
    "Design",
    "DesignSet",
    "ExtraTones",
    "Hold",
    "Link",
    "Multisine",
    "Output",
    "Progress",
    "Provenance",
    "WindowedMultisine",
    "crest_factor",
    "equally_spaced",
    "integral",
    "interleaved_set",
    "load",
    "lower_bound",
    "minimize_peak",
    "minimize_peak_discrete",
    "minimize_peak_in_window",
    "newman",
    "orthogonal_set",
    "papr_db",
    "peak_interval",
    "peak_lower_bound",
    "random_phases",
    "relative_peak_factor",
    "rms",
    "rudin_shapiro",
    "sample_peak",
    "schroeder",
    "slew_rate",
    "snap",
    "true_peak",
    "zero_phases",
]

_ROOMS = ("equal", "grids", "io", "plot", "studio", "torch", "window")


def load(path: str | PathLike[str]) -> Design:
    """Read a design from a ``.json``, ``.npz``, ``.csv``, ``.wav`` or ``.mat`` file (see ``crestfall.io.load``)."""
    from crestfall.io import load as load_file

    return load_file(path)


def __getattr__(name: str) -> Any:
    # Rooms with heavy furniture (PyTorch, matplotlib, soundfile) open when somebody enters: crestfall.torch, …
    if name in _ROOMS:
        return importlib.import_module(f"crestfall.{name}")
    raise AttributeError(f"module 'crestfall' has no attribute {name!r}")
