"""Phases of a finite alphabet: binary 0/π, QPSK, any M-PSK."""

from crestfall.discrete.fits import require_alphabet_possible
from crestfall.discrete.levels import levels_of
from crestfall.discrete.minimize import minimize_peak_discrete

__all__ = ["levels_of", "minimize_peak_discrete", "require_alphabet_possible"]
