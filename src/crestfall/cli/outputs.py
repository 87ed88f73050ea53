"""Files that a command writes: asked before the work whether they can be written, written after it."""

from __future__ import annotations

from pathlib import Path

from crestfall.cli.errors import complain
from crestfall.design.design import Design

_PICTURES = (".png", ".svg", ".pdf")


def require_writable(outputs: list[Path], overwrite: bool) -> None:
    """Find out before the search, not after it, that a file cannot be written."""
    from crestfall.files import WRITABLE
    from crestfall.files.atomic import require_free

    targets: list[Path] = []
    for path in outputs:
        if path.suffix.lower() not in (*WRITABLE, *_PICTURES):
            known = ", ".join((*WRITABLE, *_PICTURES))
            raise ValueError(f"--out {path}: ending {path.suffix!r} is unknown; use one of {known}")
        targets += _files(path)
    for path in targets:
        require_free(path, overwrite=overwrite)
        if targets.count(path) > 1:
            raise ValueError(f"--out writes one file twice, {path}; give each file once")


def write_all(found: Design, outputs: list[Path], overwrite: bool) -> tuple[list[Path], list[Path]]:
    """Write what can be written; complain about the rest, a line each."""
    written: list[Path] = []
    failed: list[Path] = []
    for path in outputs:
        try:
            if path.suffix.lower() in _PICTURES:
                from crestfall.files.pictures import save_picture

                save_picture(found.plot(), path, overwrite=overwrite)
            else:
                found.save(path, overwrite=overwrite)
        except (ValueError, OSError) as error:
            complain(error)
            failed.append(path)
        else:
            written += _files(path)
    return written, failed


def _files(path: Path) -> list[Path]:
    """Some formats write a second file next to the named one."""
    from crestfall.files import paths_written

    return [path] if path.suffix.lower() in _PICTURES else paths_written(path)
