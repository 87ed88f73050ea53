"""What a file holds that crestfall saved: a design for a period, one for a window, or a set for several inputs."""

from __future__ import annotations

from pathlib import Path

from crestfall.design.channels import DesignSet
from crestfall.design.design import Design
from crestfall.files.design_set import is_set, load_set
from crestfall.search.window.design import WindowDesign, is_window_design, load_window_design


def saved_design(file: Path) -> Design | WindowDesign | DesignSet:
    """The design of a file, of whichever kind.

    Raises:
        ValueError: It holds no design; the message names the file.
        OSError: The file cannot be read.
    """
    from crestfall.files import load

    if is_set(file):
        return load_set(file)
    return load_window_design(file) if is_window_design(file) else load(file)
