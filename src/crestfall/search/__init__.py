"""Spending an effort on a problem with a method, and keeping the best."""

from crestfall.search.bands import minimize_bands
from crestfall.search.budget import Progress
from crestfall.search.effort import Effort
from crestfall.search.methods import Clipping, Discrete, L2p, Method, Minimax, Schroeder
from crestfall.search.minimize_peak import minimize_peak

__all__ = [
    "Clipping",
    "Discrete",
    "Effort",
    "L2p",
    "Method",
    "Minimax",
    "Progress",
    "Schroeder",
    "minimize_bands",
    "minimize_peak",
]
