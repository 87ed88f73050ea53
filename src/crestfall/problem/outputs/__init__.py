"""Signals that must stay small: the drive, and known linear responses to it."""

from crestfall.problem.outputs.output import Output, InputSignal
from crestfall.problem.outputs.ready_made import integral, slew_rate

__all__ = ["Output", "InputSignal", "integral", "slew_rate"]
