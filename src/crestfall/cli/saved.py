"""What a file holds that crestfall saved: a design for a period, or one for a window."""

from __future__ import annotations

from pathlib import Path

from crestfall.design import Design
from crestfall.window.design import WindowDesign, is_window_design, load_window_design


def saved_design(file: Path) -> Design | WindowDesign:
    """The design of a file, of whichever kind.

    Raises:
        ValueError: It holds no design; the message names the file.
        OSError: The file cannot be read.
    """
    from crestfall.io import load

    return load_window_design(file) if is_window_design(file) else load(file)
