"""crestfall: choose the phases of a sum of sine waves so that its peak is as small as possible, with proof."""

from __future__ import annotations

import importlib
from os import PathLike
from typing import Any

from crestfall.certainty.bounds import lower_bound, peak_lower_bound
from crestfall.certainty.measures import (
    crest_factor,
    papr_db,
    peak_interval,
    relative_peak_factor,
    rms,
    sample_peak,
    true_peak,
)
from crestfall.design.channels import DesignSet, interleaved_set, orthogonal_set
from crestfall.design.design import Design, Provenance
from crestfall.engine.closed_form import equally_spaced, newman, random_phases, rudin_shapiro, schroeder, zero_phases
from crestfall.engine.discrete import minimize_peak_discrete
from crestfall.problem.amplitudes import ExtraTones
from crestfall.problem.constraints import ConjugateSymmetric, Delays, Hold, Link
from crestfall.problem.multisine import Multisine
from crestfall.problem.outputs import Output, integral, slew_rate
from crestfall.problem.raster import snap
from crestfall.search import Progress, minimize_peak
from crestfall.search.window import WindowedMultisine, minimize_peak_in_window

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

_MODULES = {
    "equal": "crestfall.engine.closed_form.equal_waves",
    "files": "crestfall.files",
    "grids": "crestfall.problem.grids",
    "pictures": "crestfall.files.pictures",
    "studio": "crestfall.studio",
    "torch": "crestfall.torch",
}
"""Modules that are imported on first use: PyTorch, matplotlib and soundfile stay out of ``import crestfall``."""


def load(path: str | PathLike[str]) -> Design:
    """Read a design from a ``.json``, ``.npz``, ``.csv``, ``.wav`` or ``.mat`` file (see ``crestfall.files.load``)."""
    from crestfall.files import load as load_file

    return load_file(path)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    raise AttributeError(f"module 'crestfall' has no attribute {name!r}")
