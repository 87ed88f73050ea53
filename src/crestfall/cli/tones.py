"""Where the tones of a command come from: a file, or a list of harmonics."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from crestfall.cli.parsing import harmonic_numbers
from crestfall.files.channels_toml import ChannelsProblem
from crestfall.files.design_set import is_set, load_set
from crestfall.files.problem_toml import AnyProblem, ProblemFile, read_problem
from crestfall.files.tones_toml import holds_plain_tones
from crestfall.problem.goal import Goal
from crestfall.problem.multisine import Multisine


def problem_from(path: Path | None, harmonics: str | None, fundamental: float | None, complex: bool) -> AnyProblem:
    """The problem that the arguments describe: a problem file's, a saved design's, or just tones.

    Raises:
        ValueError: As ``tones_from``; or a problem file is given together with options that it answers itself.
        OSError: The file cannot be read.
    """
    if path is not None and path.suffix.lower() == ".toml" and not holds_plain_tones(path):
        if harmonics is not None or fundamental is not None or complex:
            raise ValueError("a problem file has its own tones; leave out --harmonics, --fundamental and --complex")
        return read_problem(path)
    if path is not None and is_set(path):
        if harmonics is not None or fundamental is not None or complex:
            raise ValueError("a set has its own tones; leave out --harmonics, --fundamental and --complex")
        return ChannelsProblem.of(load_set(path))
    ms = tones_from(path, harmonics, fundamental, complex)
    goal = Goal() if path is None else _saved_goal(path)
    points = None if goal.samples is None else goal.samples + 1  # both ends of the period included
    if goal.freedom is None:
        return ProblemFile(ms, goal, n_points=points, alphabet=goal.alphabet)
    wanted, tolerance_db, extra = goal.freedom.asked(ms)
    fixed = replace(goal, freedom=None)
    return ProblemFile(wanted, fixed, n_points=points, tolerance_db=tolerance_db.tolist(), extra=extra)


def _saved_goal(path: Path) -> Goal:
    """The goal of a saved design; of plain tones, no particular one."""
    if path.suffix.lower() not in (".json", ".npz", ".mat"):
        return Goal()
    from crestfall.files import load

    try:
        return load(path).goal
    except ValueError:  # its tones were read, so what is missing can only be the rest of a design
        return Goal()


def tones_from(path: Path | None, harmonics: str | None, fundamental: float | None, complex: bool) -> Multisine:
    """The multisine that the arguments describe.

    Raises:
        ValueError: Neither or both of file and harmonics are given, or what they hold is not a multisine.
        OSError: The file cannot be read.
    """
    if (path is None) == (harmonics is None):
        raise ValueError("give either a file of tones or --harmonics, such as --harmonics 1:31 --fundamental 10")
    if harmonics is not None:
        numbers = harmonic_numbers(harmonics)
        return Multisine.harmonics(numbers, fundamental=1.0 if fundamental is None else fundamental, complex=complex)
    assert path is not None
    if fundamental is not None:
        raise ValueError("--fundamental goes with --harmonics; a file of tones has its own frequencies")
    from crestfall.files.tones import READABLE, read_tones

    # A file without a telling name is taken for CSV, the form that most people have.
    if path.suffix.lower() not in READABLE:
        return Multisine.from_csv(path, complex=complex)
    return read_tones(path, complex=complex)
