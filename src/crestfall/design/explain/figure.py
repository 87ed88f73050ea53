"""What was minimised, in words that read well within a sentence."""

from __future__ import annotations

from crestfall.problem.problem import Problem
from crestfall.problem.times import Samples, Window

_WANTED = ", RMS of the wanted tones"
_UNCORRELATED = ", RMS of uncorrelated tones"


def short_name(problem: Problem) -> str:
    """Name of the figure of merit without the times and tones that it is about.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> problem = Problem(Multisine([1.0, 2.0]), over=Samples(16), tolerance_db=1.0)
        >>> short_name(problem)
        'crest factor'
    """
    return problem.figure.split(", RMS")[0].removesuffix(" of the samples").removesuffix(" in the window")


def full_name(problem: Problem) -> str:
    """The same, followed by the times and tones that it is about.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> full_name(Problem(Multisine([1.0, 2.0]), over=Samples(16), tolerance_db=1.0))
        'crest factor (only the samples count, and only the wanted tones in the RMS)'
    """
    about = []
    if isinstance(problem.over, Samples):
        about.append("only the samples count")
    if isinstance(problem.over, Window):
        about.append("only the window counts, and the RMS is that over a long time")
    if _WANTED in problem.figure:
        about.append("and only the wanted tones in the RMS" if about else "only the wanted tones count in the RMS")
    if _UNCORRELATED in problem.figure:
        about.append("the RMS is that of uncorrelated tones, which no phases change")
    return short_name(problem) + (f" ({', '.join(about)})" if about else "")
