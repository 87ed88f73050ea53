"""Several inputs at once: the same tones in several experiments, or tones of their own in one."""

from crestfall.problem.channels.interleaved import Interleaved, joined_tones
from crestfall.problem.channels.orthogonal import Orthogonal

__all__ = ["Channels", "Interleaved", "Orthogonal", "joined_tones"]

Channels = Orthogonal | Interleaved
