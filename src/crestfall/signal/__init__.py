"""Coefficients to samples and back: Fourier transforms over a period or a window, waveforms, spectra."""
