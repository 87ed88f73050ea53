"""Signals that must stay small: the drive, and known linear responses to it."""

from crestfall.problem.outputs.output import Output
from crestfall.problem.outputs.ready_made import integral, slew_rate
from crestfall.problem.outputs.report import OutputReport

__all__ = ["Output", "OutputReport", "integral", "slew_rate"]
