"""Amplitudes that may be chosen, too: tolerances of the tones asked for, and extra tones that only lower the peak."""

from crestfall.problem.amplitudes.extra_tones import ExtraTones
from crestfall.problem.amplitudes.freedom import AmplitudeFreedom, with_freedom
from crestfall.problem.amplitudes.report import AmplitudeReport

__all__ = ["AmplitudeFreedom", "AmplitudeReport", "ExtraTones", "with_freedom"]
