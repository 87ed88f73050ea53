"""Output files of a command: checked before the work, written after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import log10
from pathlib import Path
from typing import Any

import numpy as np
import typer

from crestfall.cli.errors import complain
from crestfall.cli.file_options import options_for
from crestfall.cli.playback_options import errors_about_playback, flags_of
from crestfall.design.any_phases import with_any_phases
from crestfall.design.design import Design
from crestfall.design.gain import in_unit_of_limits, largest_share, require_level_in_reach, scale_of
from crestfall.design.length import Length
from crestfall.design.level import unit_of_level
from crestfall.design.playback import AS_DESIGNED, Playback
from crestfall.files.endings import PICTURES, ending_of
from crestfall.problem.notes import note
from crestfall.problem.problem import Problem
from crestfall.problem.readable import in_unit, readable


def require_writable(outputs: list[Path], overwrite: bool) -> None:
    """Find out before the search, not after it, that a file cannot be written."""
    from crestfall.files import WRITABLE
    from crestfall.files.atomic import require_free

    targets: list[Path] = []
    for path in outputs:
        if ending_of(path) not in (*WRITABLE, *PICTURES):
            known = ", ".join((*WRITABLE, *PICTURES))
            raise ValueError(f"--out {path}: ending {path.suffix!r} is unknown; use one of {known}")
        require_folder(path)
        targets += _files(path)
    for path in targets:
        require_free(path, overwrite=overwrite)
        if targets.count(path) > 1:
            raise ValueError(f"--out writes one file twice, {path}; give each file once")


def require_folder(path: Path, option: str = "--out") -> None:
    """Raise unless the folder of an output exists: none is made for a path that was mistyped.

    Args:
        path: The output.
        option: What names it.

    Raises:
        FileNotFoundError: It does not.
    """
    if not path.parent.exists():
        raise FileNotFoundError(
            f"{option} {path}: there is no folder {path.parent}; "
            f"correct the path, or make it with mkdir -p {path.parent}"
        )


def playback_asked_for(
    given: Mapping[str, Any],
    of_file: Playback | None,
    outputs: list[Path],
    problem: Problem,
    file_options: dict[str, Any] | None = None,
) -> Playback | None:
    """What is played: what the options ask for, and for the rest what the problem file or the saved design says.

    Rate, length and what the format takes are checked with every output, before a search.

    Raises:
        ValueError: They do not suit the problem or a format; or playback options are given and no file holds samples.
    """
    from crestfall.files import length_of_file

    with errors_about_playback():
        playback = of_file
        if given:
            playback = (AS_DESIGNED if of_file is None else of_file).changed(**given)
        any_phases = with_any_phases(problem)
        lengths = [
            length_of_file(any_phases, one, playback, **options_for(one, file_options or {}))
            for one in outputs
            if one.suffix.lower() not in PICTURES
        ]
        if playback is not None and problem.outputs:
            require_level_in_reach(any_phases, playback)
    _note_other_rate(problem, lengths)
    require_use(given, any_phases, outputs, playback)
    return playback


def require_use(
    given: Mapping[str, Any],
    any_phases: Design,
    outputs: Sequence[Path],
    playback: Playback | None,
    rate_flag: str = "--rate",
) -> None:
    """Say which of the options that say what is played have no effect on a file.

    Args:
        given: The fields of the playback that options say.
        any_phases: What is asked, with any phases.
        outputs: The files.
        playback: What is played of it.
        rate_flag: The option that the rate was given with.

    Raises:
        ValueError: Options are given, and no file holds samples.
    """
    from crestfall.files import WRITABLE, holds_samples, keeps_playback
    from crestfall.files.unused_playback import unused_fields

    if not given or playback is None:
        return
    files = [one for one in outputs if ending_of(one) in WRITABLE]
    if not any(holds_samples(any_phases, one) or keeps_playback(one) for one in files):
        what = f"{files[0]} holds {_TONES}" if files else "no file of --out holds samples"
        raise ValueError(f"{', '.join(_flags(given, rate_flag))}: {what}; {_for_samples(files[:1])}")
    for path in files:
        unused = [name for name in unused_fields(any_phases, path, playback) if name in given]
        if not unused:
            continue
        verb = "has" if len(unused) == 1 else "have"
        *first, last = _flags(unused, rate_flag)
        flags = f"{', '.join(first)} and {last}" if first else last
        if holds_samples(any_phases, path):
            note(f"{path}: {flags} {verb} no effect on it")
        else:
            note(f"{path} holds {_TONES}, so {flags} {verb} no effect on it; {_for_samples([path])}")


_RELATIVE = (".wav", ".flac")
"""Endings of files whose numbers are parts of full scale."""
_TONES = "tones, not samples"


def _flags(fields: Iterable[str], rate_flag: str) -> list[str]:
    return [rate_flag if flag == "--rate" else flag for flag in flags_of(fields)]


def _for_samples(files: Sequence[Path]) -> str:
    """Which files hold the samples; for those who wanted numbers as text, a text."""
    name = files[0].with_suffix(".txt") if files and ending_of(files[0]) == ".csv" else Path("excitation.wav")
    return f"for samples add --out {name}" + (", or .wav, .f32, …" if name.suffix == ".txt" else "")


def _note_other_rate(problem: Problem, lengths: Sequence[Length | None]) -> None:
    """Say that a file is played at other instants than those that count."""
    counted = problem.samples
    if counted is None:
        return
    own = counted / problem.tones.period
    others = [one.rate_hz for one in lengths if one is not None and abs(one.rate_hz - own) > 1e-6 * own]
    if others:
        note(
            f"{counted} samples a period count, {readable(own, 'Hz')}, but a file has {readable(others[0], 'Hz')}: the "
            "peak at other instants is not what was lowered; leave out --rate, or what counts"
        )


def rows_of_files(found: Design, written: list[Path], playback: Playback | None) -> list[tuple[str, str]]:
    """A row for each file that was written, with rate and length where it holds samples."""
    return [("written", f"{path}{_length_in_words(found, path, playback)}") for path in written]


def _length_in_words(found: Design, path: Path, playback: Playback | None) -> str:
    from crestfall.files import WRITABLE, length_of_file
    from crestfall.files.wav import adapted

    if ending_of(path) not in WRITABLE or (length := length_of_file(found, path, playback)) is None:
        return f"   {_TONES}" if ending_of(path) == ".csv" else ""
    if found.problem.window is not None:
        what = "the window once"
    else:
        what = "one period" if length.periods == 1 else f"{length.periods} periods"
    gain, offset = scale_of(found, playback or AS_DESIGNED)
    unit = unit_of_level((playback or AS_DESIGNED).level) or found.problem.unit
    height = in_unit(f"{gain * found.peak:.6g}", unit)
    words = f"   {readable(length.rate_hz, 'Hz', 12)}, {what}, {length.samples} samples, peak {height}"
    words += f" around {offset:.6g}" if offset else ""
    if ending_of(path) in _RELATIVE:
        words += f", {_of_full_scale(adapted(found, playback or AS_DESIGNED), gain * found.peak + abs(offset))}"
    drive = in_unit_of_limits(found, playback or AS_DESIGNED, gain, offset)
    try:
        share = largest_share(found, *drive) if found.worst.limit is not None else 0.0
    except ValueError:  # how an output answers to a constant is not known
        share = 0.0
    return f"{words}, {share:.1%} of a limit" if share > 1.0 + 1e-6 else words


def _of_full_scale(playback: Playback, reach: float) -> str:
    """Where the largest value lies in a file whose numbers are relative to full scale."""
    level = playback.asked_level
    if level is not None and level.kind == "full scale":
        decibels = level.value
    else:
        decibels = 0.0 if playback.full_scale is None or not reach else 20.0 * log10(reach / playback.full_scale)
    return f"{decibels:.4g} dBFS in the file" if abs(decibels) > 1e-6 else "full scale in the file"


def write_all(
    found: Design,
    outputs: list[Path],
    overwrite: bool,
    playback: Playback | None = None,
    file_options: dict[str, Any] | None = None,
) -> tuple[list[Path], list[Path]]:
    """Write what can be written; complain about the rest, a line each, whatever went wrong."""
    from crestfall.files import keeps_playback, length_of_file

    written: list[Path] = []
    failed: list[Path] = []
    for path in outputs:
        try:
            if path.suffix.lower() in PICTURES:
                from crestfall.files.pictures import save_picture

                save_picture(found.plot(), path, overwrite=overwrite)
            else:
                with errors_about_playback():
                    options = options_for(path, file_options or {})
                    holds_samples = length_of_file(found, path, playback, **options) is not None
                    found.save(
                        path,
                        playback if holds_samples or keeps_playback(path) else None,
                        overwrite=overwrite,
                        **options,
                    )
        except Exception as error:  # what took long to find must not be lost, not even with an error of our own
            complain(_naming(error, path))
            failed.append(path)
        else:
            written += _files(path, found)
    return written, failed


@contextmanager
def phases_kept(found: Design) -> Iterator[None]:
    """Print the phases if anything goes wrong within: a report that cannot be made, an interrupt while writing."""
    try:
        yield
    except BrokenPipeError:
        raise
    except BaseException:
        print_phases(found)
        raise


def print_phases(found: Design) -> None:
    """The result in full digits, one line for each set of phases; amplitudes, too, where they were chosen."""
    for row in np.atleast_2d(found.phases).tolist():
        typer.echo("phases_rad " + " ".join(map(repr, row)))
    if found.problem.freedom is not None:
        typer.echo("amplitudes " + " ".join(map(repr, found.multisine.amplitudes.tolist())))


def _naming(error: Exception, path: Path) -> Exception:
    """The error, or one that names the file and its own type."""
    if isinstance(error, OSError) or str(path) in str(error):
        return error
    kind = "" if isinstance(error, ValueError | ImportError) else f"{type(error).__name__}: "
    return ValueError(f"{path}: not written: {kind}{error}").with_traceback(error.__traceback__)


def _files(path: Path, found: Design | None = None) -> list[Path]:
    """Some formats write more files next to the named one."""
    from crestfall.files import paths_written

    return [path] if path.suffix.lower() in PICTURES else paths_written(path, found)
