"""Frequency grids: the common fundamental of given frequencies, and harmonics chosen the way the fields choose them."""

from crestfall.problem.grids.dealing import deal
from crestfall.problem.grids.excluded import near_mains, without_mains, without_sums
from crestfall.problem.grids.fundamental import (
    LEAST_FUNDAMENTAL,
    MAX_CARRIER,
    MAX_HARMONIC,
    common_fundamental,
    is_narrow,
)
from crestfall.problem.grids.intermodulation import free_of_intermodulation
from crestfall.problem.grids.odd import RandomOdd, odd, odd_odd, random_odd
from crestfall.problem.grids.preferred import SERIES, fractional_octaves, preferred_numbers
from crestfall.problem.grids.quasi_logarithmic import quasi_logarithmic
from crestfall.problem.grids.random_harmonics import random_full, random_logarithmic
from crestfall.problem.grids.runs import interleaved_runs

__all__ = [
    "LEAST_FUNDAMENTAL",
    "MAX_CARRIER",
    "MAX_HARMONIC",
    "SERIES",
    "RandomOdd",
    "common_fundamental",
    "deal",
    "fractional_octaves",
    "free_of_intermodulation",
    "interleaved_runs",
    "is_narrow",
    "near_mains",
    "odd",
    "odd_odd",
    "preferred_numbers",
    "quasi_logarithmic",
    "random_full",
    "random_logarithmic",
    "random_odd",
    "without_mains",
    "without_sums",
]
