"""A design in plain words: what it is, what is proven about it, what limits it, what to try next.

One file for each of the four sections; ``explain`` puts them together for every kind of problem.
"""

from crestfall.design.explain.explanation import MOST_TONES, Explanation, Section, explain

__all__ = ["MOST_TONES", "Explanation", "Section", "explain"]
