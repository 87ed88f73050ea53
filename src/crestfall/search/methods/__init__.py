"""Ways to choose phases, one a file: our own, those of the literature, and the proof that goes on from either.

``METHODS`` are those that a name chooses; ``minimize_peak(method=…)`` takes any object with the members of
``crestfall.search.method.Method``.
"""

from __future__ import annotations

from crestfall.search.method import Method
from crestfall.search.methods.clipping import Clipping
from crestfall.search.methods.delays_in_steps import DelaysInSteps
from crestfall.search.methods.discrete import Discrete
from crestfall.search.methods.l2p import L2p
from crestfall.search.methods.minimax import Minimax
from crestfall.search.methods.schroeder_formula import Schroeder

__all__ = ["METHODS", "Clipping", "DelaysInSteps", "Discrete", "L2p", "Method", "Minimax", "Schroeder"]

_ALL: tuple[Method, ...] = (Minimax(), Discrete(), DelaysInSteps(), Schroeder(), Clipping(), L2p())
METHODS: dict[str, Method] = {method.name: method for method in _ALL}
