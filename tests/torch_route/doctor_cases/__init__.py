"""Optimisations that do not move, and healthy ones, rebuilt small: for the tests and for benchmarks/doctor.py."""
