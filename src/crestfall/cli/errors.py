"""An error is one line: no traceback, exit code 2."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from crestfall.cli.waveform_options import in_waveform_options
from crestfall.cli.wrapping import fitted
from crestfall.problem.guide import page_about
from crestfall.problem.notes import CrestfallWarning

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

_WORDS = {
    "read it with read_problem and minimise its peak": "give it to crestfall design",
    "or set overwrite": "or give --overwrite",
    "round them to a common raster first, such as np.round(frequencies / raster) * raster, or say how long they are "
    "played: over=Window(0.0, duration)": "round them with --snap RASTER, such as --snap 0.1Hz (in a problem file: "
    "raster_hz in [tones]), or say how long they are played with --window 0:DURATION",
    "two are called 'drive'": "two are called 'drive', which is the name of an output without one",
    "output 'drive':": "output 'drive' (the name of an output without one):",
}


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Turn expected errors into one line on standard error; ``CRESTFALL_DEBUG=1`` shows where they came from."""
    try:
        with _notes_in_one_line():
            yield
    except BrokenPipeError:
        # The reader of our output has closed the pipe; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except (ValueError, TypeError, OSError, ImportError, MemoryError) as error:
        if os.environ.get("CRESTFALL_DEBUG"):
            raise
        complain(error)
        sys.exit(EXIT_USAGE)


@contextmanager
def _notes_in_one_line() -> Iterator[None]:
    """Warnings of this package as one line on standard error, and no traceback."""
    with warnings.catch_warnings():
        show = warnings.showwarning

        def print_note(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
            if issubclass(category, CrestfallWarning):
                text = in_waveform_options(str(message))
                print(fitted("crestfall: note: " + " ".join(text.split()), sys.stderr), file=sys.stderr)
            else:
                show(message, category, *rest, **more)

        warnings.simplefilter("always", CrestfallWarning)
        warnings.showwarning = print_note
        yield


def complain(error: Exception) -> None:
    """One line on standard error, whatever the message holds; a person also gets the page that explains it."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror and error.filename:
        text = f"{error.filename}: {error.strerror.lower()}"
    for ours, theirs in _WORDS.items():  # what the library says about arguments and defaults of Python
        text = text.replace(ours, theirs)
    print(fitted("crestfall: error: " + " ".join(text.split()), sys.stderr), file=sys.stderr)
    page = page_about(error) if sys.stderr.isatty() else None
    if page is not None:
        print(f"crestfall help {page} explains this", file=sys.stderr)
