"""Spending a budget of starts and time on a solver, and keeping the best."""

from crestfall.search.budget import Progress
from crestfall.search.minimize_peak import minimize_peak

__all__ = ["Progress", "minimize_peak"]
