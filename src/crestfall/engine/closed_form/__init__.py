"""Closed forms: phases by formula, one file for each. All take the tones and return ``(n,)`` phases [rad]."""

from crestfall.engine.closed_form.equally_spaced import equally_spaced
from crestfall.engine.closed_form.newman import newman
from crestfall.engine.closed_form.random import random_phases
from crestfall.engine.closed_form.rudin_shapiro import rudin_shapiro
from crestfall.engine.closed_form.schroeder import schroeder
from crestfall.engine.closed_form.zero import zero_phases

__all__ = ["equally_spaced", "newman", "random_phases", "rudin_shapiro", "schroeder", "zero_phases"]
