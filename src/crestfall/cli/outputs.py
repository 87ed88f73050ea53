"""Output files of a command: checked before the work, written after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import typer

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
    """Write what can be written; complain about the rest, a line each, whatever went wrong."""
    written: list[Path] = []
    failed: list[Path] = []
    for path in outputs:
        try:
            if path.suffix.lower() in _PICTURES:
                from crestfall.files.pictures import save_picture

                save_picture(found.plot(), path, overwrite=overwrite)
            else:
                found.save(path, overwrite=overwrite)
        except Exception as error:  # what took long to find must not be lost, not even with an error of our own
            complain(_naming(error, path))
            failed.append(path)
        else:
            written += _files(path, found)
    return written, failed


@contextmanager
def phases_kept(found: Design) -> Iterator[None]:
    """Print the phases if anything goes wrong within: a report that cannot be made, an interrupt while writing."""
    try:
        yield
    except BrokenPipeError:
        raise
    except BaseException:
        print_phases(found)
        raise


def print_phases(found: Design) -> None:
    """The result in full digits, one line for each set of phases; amplitudes, too, where they were chosen."""
    for row in np.atleast_2d(found.phases).tolist():
        typer.echo("phases_rad " + " ".join(map(repr, row)))
    if found.problem.freedom is not None:
        typer.echo("amplitudes " + " ".join(map(repr, found.multisine.amplitudes.tolist())))


def _naming(error: Exception, path: Path) -> Exception:
    """The error, or one that names the file and its own type."""
    if isinstance(error, OSError) or str(path) in str(error):
        return error
    kind = "" if isinstance(error, ValueError | ImportError) else f"{type(error).__name__}: "
    return ValueError(f"{path}: not written: {kind}{error}").with_traceback(error.__traceback__)


def _files(path: Path, found: Design | None = None) -> list[Path]:
    """Some formats write more files next to the named one."""
    from crestfall.files import paths_written

    return [path] if path.suffix.lower() in _PICTURES else paths_written(path, found)
