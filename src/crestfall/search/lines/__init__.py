"""Lines that may move: which multiples of the raster the tones take, chosen by scores at a low exponent."""

from crestfall.search.lines.line_choice import LineChoice

__all__ = ["LineChoice"]
