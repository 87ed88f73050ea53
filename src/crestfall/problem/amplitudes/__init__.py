"""Amplitudes that may be chosen, too: tolerances of the tones asked for, and extra tones that only lower the peak."""

from crestfall.problem.amplitudes.extra_tones import ExtraTones
from crestfall.problem.amplitudes.freedom import AmplitudeFreedom, tolerance_of, with_freedom

__all__ = ["AmplitudeFreedom", "ExtraTones", "tolerance_of", "with_freedom"]
