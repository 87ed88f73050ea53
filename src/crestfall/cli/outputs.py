"""Files that a command writes: asked before the work whether they can be written, written after it."""

from __future__ import annotations

from pathlib import Path

from crestfall.cli.errors import complain
from crestfall.design import Design

_PICTURES = (".png", ".svg", ".pdf")


def require_writable(outputs: list[Path], overwrite: bool) -> None:
    """Find out before the search, not after it, that a file cannot be written."""
    from crestfall.io import FORMATS
    from crestfall.io.atomic import require_free

    for path in outputs:
        if path.suffix.lower() not in (*FORMATS, *_PICTURES):
            known = ", ".join((*FORMATS, *_PICTURES))
            raise ValueError(f"--out {path}: ending {path.suffix!r} is unknown; use one of {known}")
        require_free(path, overwrite=overwrite)
    if len(set(outputs)) < len(outputs):
        raise ValueError("--out names one file twice; give each file once")


def write_all(found: Design, outputs: list[Path], overwrite: bool) -> tuple[list[Path], list[Path]]:
    """Write what can be written; complain about the rest, a line each."""
    written: list[Path] = []
    failed: list[Path] = []
    for path in outputs:
        try:
            if path.suffix.lower() in _PICTURES:
                from crestfall.plot import save_picture

                save_picture(found.plot(), path, overwrite=overwrite)
            else:
                found.save(path, overwrite=overwrite)
        except (ValueError, OSError) as error:
            complain(error)
            failed.append(path)
        else:
            written.append(path)
    return written, failed
