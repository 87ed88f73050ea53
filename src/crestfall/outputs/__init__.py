"""Signals that must stay small: the drive, and known linear responses to it."""

from crestfall.outputs.output import Output
from crestfall.outputs.ready_made import integral, slew_rate
from crestfall.outputs.report import OutputReport

__all__ = ["Output", "OutputReport", "integral", "slew_rate"]
