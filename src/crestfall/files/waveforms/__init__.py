"""Existing waveforms, from any kind of file: samples, their rate, and the tones in them.

``read`` chooses a reader by the ending; ``measured`` says what a waveform holds and how high it is.
"""

from crestfall.files.waveforms.measured import MeasuredWaveform, measure_waveform
from crestfall.files.waveforms.one_signal import read_signal
from crestfall.files.waveforms.read import read_waveform
from crestfall.files.waveforms.waveform import Waveform

__all__ = ["MeasuredWaveform", "Waveform", "measure_waveform", "read_signal", "read_waveform"]
