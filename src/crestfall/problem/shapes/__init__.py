"""Periodic shapes that may only be delayed: pulses, triangles, samples of one period, and their sum as a problem."""

from crestfall.problem.shapes.shape import Pulse, Sampled, Shape, Triangle
from crestfall.problem.shapes.shapes import Shapes

__all__ = ["Pulse", "Sampled", "Shape", "Shapes", "Triangle"]
