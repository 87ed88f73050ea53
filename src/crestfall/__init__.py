"""crestfall: choose the phases of a sum of sine waves so that its peak is as small as possible, with proof."""

from __future__ import annotations

import importlib
from os import PathLike
from typing import Any

import crestfall._command  # noqa: F401, first: everything below takes a while
from crestfall.certainty.bounds import lower_bound, peak_lower_bound, prove_bound
from crestfall.certainty.measures import (
    crest_factor,
    papr_db,
    peak_interval,
    relative_peak_factor,
    rms,
    sample_peak,
    true_peak,
)
from crestfall.certainty.moments import BoundProof
from crestfall.certainty.proof import BoxProof, prove_in_boxes
from crestfall.design.design import Design
from crestfall.design.move import Move
from crestfall.design.playback import Playback
from crestfall.design.provenance import Provenance
from crestfall.engine.closed_form import (
    equally_spaced,
    newman,
    random_phases,
    rudin_shapiro,
    schroeder,
    zero_phases,
)
from crestfall.problem.amplitudes import ExtraTones
from crestfall.problem.bands import split_bands
from crestfall.problem.channels import Interleaved, Orthogonal
from crestfall.problem.constraints import Alphabet, ConjugateSymmetric, Delays, Hold, Link
from crestfall.problem.fixed_waveform import FixedWaveform
from crestfall.problem.movable_lines import MovableLines
from crestfall.problem.multisine import Multisine
from crestfall.problem.notes import CrestfallWarning
from crestfall.problem.outputs import Output, integral, slew_rate
from crestfall.problem.problem import Problem
from crestfall.problem.raster import snap
from crestfall.problem.shapes import Pulse, Sampled, Shapes, Triangle
from crestfall.problem.times import Period, Samples, Window
from crestfall.search import (
    Clipping,
    Discrete,
    Effort,
    L2p,
    Minimax,
    Progress,
    Schroeder,
    minimize_bands,
    minimize_peak,
)

__version__ = "0.1.0"
__all__ = [
    "Alphabet",
    "BoundProof",
    "BoxProof",
    "Clipping",
    "ConjugateSymmetric",
    "CrestfallWarning",
    "Delays",
    "Design",
    "Discrete",
    "Effort",
    "ExtraTones",
    "FixedWaveform",
    "Hold",
    "Interleaved",
    "L2p",
    "Link",
    "Minimax",
    "MovableLines",
    "Move",
    "Multisine",
    "Orthogonal",
    "Output",
    "Period",
    "Playback",
    "Problem",
    "Progress",
    "Provenance",
    "Pulse",
    "Sampled",
    "Samples",
    "Schroeder",
    "Shapes",
    "Triangle",
    "Window",
    "crest_factor",
    "equally_spaced",
    "integral",
    "load",
    "load_proof",
    "lower_bound",
    "measure_waveform",
    "minimize_bands",
    "minimize_peak",
    "newman",
    "papr_db",
    "peak_interval",
    "peak_lower_bound",
    "prove_bound",
    "prove_in_boxes",
    "random_phases",
    "relative_peak_factor",
    "rms",
    "rudin_shapiro",
    "sample_peak",
    "schroeder",
    "slew_rate",
    "snap",
    "split_bands",
    "true_peak",
    "zero_phases",
]

_MODULES = {
    "atlas": "crestfall.atlas",
    "equal": "crestfall.engine.closed_form.equal_waves",
    "files": "crestfall.files",
    "grids": "crestfall.problem.grids",
    "pictures": "crestfall.files.pictures",
    "studio": "crestfall.studio",
    "torch": "crestfall.torch",
}
"""Modules that are imported on first use: PyTorch, matplotlib and soundfile stay out of ``import crestfall``."""


def load(path: str | PathLike[str], **options: Any) -> Design:
    """Read a design from any file that crestfall saved, or from a file of samples; the options are those of
    ``crestfall.files.load``: ``sample_rate``, ``channel``, ``complex``.
    """
    from crestfall.files import load as load_file

    return load_file(path, **options)


def load_proof(path: str | PathLike[str]) -> BoundProof | BoxProof:
    """Read a proof that was saved; its ``check`` then repeats it."""
    from crestfall.files.bound_proofs import load_proof as load_file

    return load_file(path)


def measure_waveform(samples: Any, sample_rate: float | None = None, **options: Any) -> Any:
    """The tones, peak, crest factor and noise of samples or of a file of samples; the options are those of
    ``crestfall.files.waveforms.measure_waveform``: ``channel``, ``complex``, ``drop_below_db``.
    """
    from crestfall.files.waveforms import measure_waveform as measure

    return measure(samples, sample_rate, **options)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    raise AttributeError(f"module 'crestfall' has no attribute {name!r}")
