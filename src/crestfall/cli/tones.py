"""Where the tones of a command come from: a file, or a list of harmonics."""

from __future__ import annotations

from pathlib import Path

from crestfall.cli.parsing import harmonic_numbers
from crestfall.goal import Goal
from crestfall.io.problem_toml import ProblemFile, read_problem
from crestfall.multisine import Multisine


def problem_from(path: Path | None, harmonics: str | None, fundamental: float | None, complex: bool) -> ProblemFile:
    """The problem that the arguments describe: a problem file's, a saved design's, or just tones.

    Raises:
        ValueError: As ``tones_from``; or a problem file is given together with options that it answers itself.
        OSError: The file cannot be read.
    """
    if path is not None and path.suffix.lower() == ".toml":
        if harmonics is not None or fundamental is not None or complex:
            raise ValueError("a problem file has its own tones; leave out --harmonics, --fundamental and --complex")
        return read_problem(path)
    ms = tones_from(path, harmonics, fundamental, complex)
    if path is not None and path.suffix.lower() in (".json", ".npz"):
        from crestfall.io import load

        return ProblemFile(ms, load(path).goal)
    return ProblemFile(ms, Goal())


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
    suffix = path.suffix.lower()
    if suffix == ".wav":
        return Multisine.from_waveform(path)
    if suffix in (".json", ".npz"):
        from crestfall.io import load

        design = load(path)
        ms = design.multisine
        # The phases that the design has are a start worth having.
        return Multisine(ms.frequencies, ms.amplitudes, complex=ms.complex, initial_phases=design.phases)
    return Multisine.from_csv(path, complex=complex)
