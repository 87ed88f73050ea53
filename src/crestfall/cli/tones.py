"""Where the problem of a command comes from: a file of any kind, or a list of harmonics."""

from __future__ import annotations

from pathlib import Path

from crestfall.cli.option_names import errors_naming_options
from crestfall.cli.parsing import harmonic_numbers
from crestfall.design.design import Design
from crestfall.problem.multisine import Multisine
from crestfall.problem.problem import Problem
from crestfall.problem.times import Times


def problem_from(
    path: Path | None,
    harmonics: str | None = None,
    fundamental: float | None = None,
    complex: bool = False,
    over: Times | None = None,
) -> tuple[Problem, Design | None]:
    """The problem that the arguments describe: that of a problem file or a saved design, or just tones.

    With it comes the saved design, if there is one, to begin with.

    Args:
        path: The file.
        harmonics: Harmonic numbers instead.
        fundamental: Their fundamental [Hz].
        complex: Whether they are complex.
        over: The times that count, for tones whose file does not say.

    Raises:
        ValueError: Neither or both of file and harmonics are given, or what they hold is no problem.
        OSError: The file cannot be read.
    """
    if (path is None) == (harmonics is None):
        raise ValueError("give either a file of tones or --harmonics, such as --harmonics 1:31 --fundamental 10")
    if harmonics is not None:
        numbers = harmonic_numbers(harmonics)
        with errors_naming_options():
            given = 1.0 if fundamental is None else fundamental
            tones = Multisine.harmonics(numbers, fundamental=given, complex=complex)
        return Problem(tones), None
    assert path is not None
    if fundamental is not None:
        raise ValueError("--fundamental and --period go with --harmonics; a file has its own tones")
    from crestfall.files import read_beginning

    problem, begin = read_beginning(path, complex=complex, over=over)
    if complex and not problem.multisine.complex:
        raise ValueError(f"--complex: {path} says that its tones are real; leave it out")
    return problem, begin
