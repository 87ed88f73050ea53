"""Frequency grids: the common fundamental of given frequencies, and harmonics chosen the way the fields choose them."""

from crestfall.grids.dealing import deal
from crestfall.grids.fundamental import MAX_CARRIER, MAX_HARMONIC, common_fundamental, is_narrow
from crestfall.grids.intermodulation import free_of_intermodulation
from crestfall.grids.odd import RandomOdd, odd, odd_odd, random_odd
from crestfall.grids.quasi_logarithmic import quasi_logarithmic

__all__ = [
    "MAX_CARRIER",
    "MAX_HARMONIC",
    "RandomOdd",
    "common_fundamental",
    "deal",
    "free_of_intermodulation",
    "is_narrow",
    "odd",
    "odd_odd",
    "quasi_logarithmic",
    "random_odd",
]
