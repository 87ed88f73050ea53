"""Several inputs at once: orthogonal sets over several experiments, interleaved sets in one."""

from crestfall.channels.design_set import DesignSet
from crestfall.channels.interleaved import interleaved_set
from crestfall.channels.orthogonal import orthogonal_set
from crestfall.channels.report import ChannelReport

__all__ = ["ChannelReport", "DesignSet", "interleaved_set", "orthogonal_set"]
