"""Checkpoints: the state of a proof by branch and bound in an ``.npz`` file, to continue it after it was stopped."""

from __future__ import annotations

import io
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from crestfall.certainty.proof.state import ProofState
from crestfall.files.atomic import write_atomically
from crestfall.files.npz import read_arrays
from crestfall.files.reading import path_of

FORMAT = "crestfall-proof-state"
VERSION = 1
_VECTORS = {"harmonics": "i", "amplitudes": "f", "boxes": "f", "phases": "f"}
_KINDS = _VECTORS | {
    "format": "U",
    "version": "i",
    "complex": "b",
    "closed_bound": "f",
    "count": "i",
    "rounds": "i",
}
_ENDING = ".npz"


def require_ending(path: str | PathLike[str]) -> Path:
    """The path of a checkpoint.

    Raises:
        ValueError: The name has another ending.
    """
    target = path_of(path)
    if target.suffix.lower() != _ENDING:
        raise ValueError(f"{target}: a checkpoint is an {_ENDING} file; choose a name that ends with {_ENDING}")
    return target


def save_state(state: ProofState, path: str | PathLike[str]) -> None:
    """Write a state to a file, whole or not at all; it replaces an earlier one.

    Raises:
        ValueError: The name has another ending.
        OSError: The file cannot be written.
    """
    target, data = require_ending(path), io.BytesIO()
    np.savez(data, format=FORMAT, version=VERSION, **{name: getattr(state, name) for name in _names()})
    write_atomically(target, data.getvalue(), overwrite=True)


def load_state(path: str | PathLike[str]) -> ProofState | None:
    """Read a state from a file; ``None`` if there is no file yet.

    Raises:
        ValueError: The file is something else, or damaged; it is named.
        OSError: It cannot be read.
    """
    file = require_ending(path)
    if not file.exists():
        return None
    try:
        return _state(read_arrays(file.read_bytes(), lambda key: key in (*_names(), "format", "version")))
    except ValueError as error:
        raise ValueError(
            f"{file}: not a checkpoint of a proof, or damaged ({error}); choose another file, or delete it"
        ) from None


def _state(arrays: dict[str, Any]) -> ProofState:
    """The state that the arrays of a file hold.

    Raises:
        ValueError: An array is missing or of another kind, or they are of another format or version.
    """
    for name, kind in _KINDS.items():
        if name not in arrays:
            raise ValueError(f"{name} is missing")
        if arrays[name].dtype.kind != kind or (name not in _VECTORS and arrays[name].ndim > 0):
            raise ValueError(f"{name} is of another kind")
    if str(arrays["format"]) != FORMAT or int(arrays["version"]) != VERSION:
        raise ValueError("another format or version")
    vectors = {name: arrays[name].astype(float if kind == "f" else int) for name, kind in _VECTORS.items()}
    return ProofState(
        **vectors,
        complex=bool(arrays["complex"]),
        closed_bound=float(arrays["closed_bound"]),
        count=int(arrays["count"]),
        rounds=int(arrays["rounds"]),
    )


def _names() -> tuple[str, ...]:
    return tuple(ProofState.__dataclass_fields__)
