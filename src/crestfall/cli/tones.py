"""Where the tones of a command come from: a file, or a list of harmonics."""

from __future__ import annotations

from pathlib import Path

from crestfall.cli.parsing import harmonic_numbers
from crestfall.multisine import Multisine


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
    from crestfall.io.tones import READABLE, read_tones

    # A file without a telling name is taken for CSV, the form that most people have.
    if path.suffix.lower() not in READABLE:
        return Multisine.from_csv(path, complex=complex)
    return read_tones(path, complex=complex)
