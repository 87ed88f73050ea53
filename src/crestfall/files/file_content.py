"""Everything that one file says: a design, a problem, problems of several bands, or tones; and what is played."""

from __future__ import annotations

from typing import NamedTuple

from crestfall.design.design import Design
from crestfall.design.playback import Playback
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem


class FileContent(NamedTuple):
    """What a file holds.

    Attributes:
        found: A saved design, a problem, or tones alone; the problem of each band where it asks for bands.
        playback: What it says is played, if it says anything.
    """

    found: Design | Problem | Multisine | tuple[Problem, ...]
    playback: Playback | None = None
