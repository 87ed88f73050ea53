"""``crestfall design`` for tones in a window: a search of its own, with fewer options."""

from __future__ import annotations

from pathlib import Path

import typer

from crestfall.cli.progress import live_progress
from crestfall.cli.report import as_json, print_rows
from crestfall.search.window import WindowDesign, minimize_peak_in_window
from crestfall.search.window.problem import WindowProblem


def design_window(
    problem: WindowProblem,
    out: list[Path],
    *,
    overwrite: bool,
    starts: int | None,
    time_limit: float | None,
    seed: int,
    json: bool,
    quiet: bool,
    **others: object,
) -> None:
    """Choose phases for the window, save and report them.

    Args:
        problem: The tones, the window, and what is held or linked.
        out: ``.json`` files to write.
        overwrite: Replace files that exist.
        starts: Number of starts.
        time_limit: Seconds to search.
        seed: Seed of the random starts.
        json: Print one JSON object.
        quiet: Show no progress.
        others: Options that a window does not have; any that is set is refused.
    """
    for name, value in others.items():
        if value is not None and value is not False:
            raise ValueError(f"a window has a search of its own; leave out --{name.replace('_', '-')}")
    if other := [path for path in out if path.suffix.lower() != ".json"]:
        raise ValueError(f"--out {other[0]}: a design for a window is saved as .json; its samples come from Python")
    with live_progress(quiet or json) as progress:
        found = minimize_peak_in_window(
            problem.tones,
            constraints=problem.constraints,
            starts=starts,
            time_limit=time_limit,
            seed=seed,
            progress=progress,
        )
    for path in out:
        found.save(path, overwrite=overwrite)
    if json:
        typer.echo(as_json(found.summary()))
    else:
        print_rows(window_rows(found) + [("written", str(path)) for path in out])


def window_rows(found: WindowDesign) -> list[tuple[str, str]]:
    """Names and figures of a design for a window."""
    tones, (low, high) = found.tones, found.peak_interval
    kind = "complex" if tones.complex else "real"
    bound = "none: the window is too short to tell the tones apart"
    if found.peak_lower_bound > 0:
        bound = f"{found.peak_lower_bound:.9g}   no phases have a lower peak in the window"
    return [
        ("tones", f"{tones.n} {kind}, {min(tones.frequencies):.9g} … {max(tones.frequencies):.9g} Hz"),
        ("window", f"{tones.start:.9g} … {tones.start + tones.duration:.9g} s"),
        ("peak", f"{found.peak:.9g}   certified between {low:.12g} and {high:.12g}"),
        ("crest factor", f"{found.crest_factor:.6f}   ({found.papr_db:.3f} dB), within the window"),
        ("lower bound", bound),
        ("status", found.status),
        *([("found by", f"p-norm continuation, {found.starts} starts, {found.seconds:.2f} s")] if found.starts else []),
    ]
