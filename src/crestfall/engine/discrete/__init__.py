"""Phases of a finite alphabet: binary 0/π, QPSK, any M-PSK."""

from crestfall.engine.discrete.fits import require_alphabet_possible
from crestfall.engine.discrete.minimize import minimize_peak_discrete

__all__ = ["minimize_peak_discrete", "require_alphabet_possible"]
