"""What is played as real signals: for files that hold one, and tables that have a column for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from crestfall.design.design import Design
from crestfall.design.playback import Playback
from crestfall.design.played import Played
from crestfall.files.endings import split_ending
from crestfall.files.samples import require_defaults, signal_files


def real_signals(played: Played) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Name and ``(N,)`` samples of each signal; a complex one is two, I and Q, in the order that is asked for.

    Example:
        >>> import crestfall as cf
        >>> design = cf.Design.of(cf.Multisine([1.0], complex=True), [0.0])
        >>> [(name, values.round(9).tolist()) for name, values in real_signals(cf.Playback(rate=4.0).of(design))]
        [('drive I', [1.0, 0.0, -1.0, ...]), ('drive Q', [0.0, 1.0, ...])]
    """
    for name, values in played.signals():
        if np.iscomplexobj(values):
            parts = [(f"{name} I", values.real), (f"{name} Q", values.imag)]
            yield from parts[::-1] if played.playback.q_first else parts
        else:
            yield name, values


def real_signal_files(design: Design, name: str) -> list[str]:
    """Names of the files of a format that holds one real signal each, in the order of ``real_signals``.

    Example:
        >>> import crestfall as cf
        >>> real_signal_files(cf.Design.of(cf.Multisine([1.0], complex=True), [0.0]), "a.pwl")
        ['a_I.pwl', 'a_Q.pwl']
    """
    names = signal_files(design, name)
    if not design.multisine.complex:
        return names
    return [f"{stem}_{part}{ending}" for stem, ending in map(split_ending, names) for part in "IQ"]


def file_names(name: str, design: Design | None = None) -> list[str]:
    """The files of a format that holds one real signal each (see ``real_signals``)."""
    return [name] if design is None else real_signal_files(design, name)


def require_volts(playback: Playback, ending: str) -> None:
    """Raise if a file that holds volts is asked for bits, a sign or an order, which only counts of a converter have."""
    require_defaults(playback, ("bits", "signed", "big_endian", "q_first"), f"{ending} files hold volts")
