"""Tones over a stated stretch of time: for frequencies without a common period, and for windows that are no period."""

from crestfall.certainty.window_maximum import window_maximum
from crestfall.search.window.design import WindowDesign, load_window_design
from crestfall.search.window.minimize import minimize_peak_in_window
from crestfall.search.window.tones import WindowedMultisine

__all__ = ["WindowDesign", "WindowedMultisine", "load_window_design", "minimize_peak_in_window", "window_maximum"]
