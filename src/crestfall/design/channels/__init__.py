"""Several inputs at once: orthogonal sets over several experiments, interleaved sets in one."""

from crestfall.design.channels.design_set import DesignSet
from crestfall.design.channels.interleaved import interleaved_set
from crestfall.design.channels.orthogonal import orthogonal_set
from crestfall.design.channels.report import ChannelReport

__all__ = ["ChannelReport", "DesignSet", "interleaved_set", "orthogonal_set"]
