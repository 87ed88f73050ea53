"""Signals that must stay small: the drive, and known linear responses to it."""

from crestfall.problem.outputs.output import InputSignal, Output
from crestfall.problem.outputs.ready_made import integral, slew_rate, unit_of_output

__all__ = ["InputSignal", "Output", "integral", "slew_rate", "unit_of_output"]
