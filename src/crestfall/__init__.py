"""crestfall: choose the phases of a sum of sine waves so that its peak is as small as possible, with proof."""

from crestfall.multisine import Multisine

__version__ = "0.1.0"
__all__ = ["Multisine"]
