"""Where a proof by branch and bound stands, in an ``.npz`` file: what a run that was killed goes on from."""

from __future__ import annotations

import io
from os import PathLike
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from crestfall.certainty.proof.state import ProofState
from crestfall.files.atomic import write_atomically
from crestfall.files.reading import path_of

FORMAT = "crestfall-proof-state"
VERSION = 1
_ENDING = ".npz"


def require_ending(path: str | PathLike[str]) -> Path:
    """The path, or a ``ValueError`` unless the name of the file is one of a checkpoint."""
    target = path_of(path)
    if target.suffix.lower() != _ENDING:
        raise ValueError(f"{target}: a checkpoint is an {_ENDING} file; choose a name that ends with {_ENDING}")
    return target


def save_state(state: ProofState, path: str | PathLike[str]) -> None:
    """Write a state to a file, whole or not at all, in place of the one before.

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
    content = io.BytesIO(file.read_bytes())
    try:
        with np.load(content, allow_pickle=False) as data:
            if str(data["format"]) != FORMAT or int(data["version"]) != VERSION:
                raise ValueError("another format or version")
            values = {name: data[name] for name in _names()}
        return ProofState(
            harmonics=values["harmonics"].astype(np.int64),
            amplitudes=values["amplitudes"].astype(np.float64),
            complex=bool(values["complex"]),
            boxes=values["boxes"].astype(np.float64),
            closed_bound=float(values["closed_bound"]),
            count=int(values["count"]),
            rounds=int(values["rounds"]),
            phases=values["phases"].astype(np.float64),
        )
    except (ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise ValueError(
            f"{file}: not a checkpoint of a proof, or damaged ({error}); choose another file, or delete it"
        ) from None


def _names() -> tuple[str, ...]:
    return tuple(ProofState.__dataclass_fields__)
