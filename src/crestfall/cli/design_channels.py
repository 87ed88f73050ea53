"""``crestfall design`` for several inputs: one search for each set of phases, a table with a line for each channel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from crestfall.cli.progress import live_progress
from crestfall.cli.report import as_json, print_rows
from crestfall.design.channels import DesignSet, interleaved_set, orthogonal_set
from crestfall.files.channels_toml import ChannelsProblem
from crestfall.search.budget import ProgressCallback

_PICTURES = (".png", ".svg", ".pdf")


def design_channels(
    problem: ChannelsProblem,
    out: list[Path],
    *,
    overwrite: bool,
    starts: int | None,
    time_limit: float | None,
    seed: int,
    workers: int | None,
    atlas: bool,
    start_at_zero: bool,
    json: bool,
    quiet: bool,
    **others: object,
) -> None:
    """Choose the phases of all inputs, save and report them.

    Args:
        problem: The inputs, and how they are told apart.
        out: Files to write.
        overwrite: Replace files that exist.
        starts: Number of starts of each search.
        time_limit: Seconds for all of them.
        seed: Seed of the random starts.
        workers: Processes that compute.
        atlas: Whether the atlas may be asked.
        start_at_zero: Whether interleaved channels begin at a zero crossing.
        json: Print one JSON object.
        quiet: Print nothing but errors, and JSON if asked for.
        others: Options that several inputs do not have; any that is set is refused.
    """
    from crestfall.files.design_set import ENDINGS

    for name, value in others.items():
        if value is not None and value is not False:
            raise ValueError(f"several inputs have a search of their own; leave out --{name.replace('_', '-')}")
    if start_at_zero and problem.kind == "orthogonal":
        raise ValueError("--start-at-zero would shift each signal by itself; only interleaved channels may be shifted")
    for path in out:
        if path.suffix.lower() not in (*ENDINGS, *_PICTURES):
            known = ", ".join((*ENDINGS, *_PICTURES))
            raise ValueError(f"--out {path}: a set of designs is written as one of {known}")
    with live_progress(quiet or json) as progress:
        found = _searched(problem, starts, time_limit, seed, workers, atlas, start_at_zero, progress)
    for path in out:
        _write(found, path, overwrite)
    if json or not quiet:
        show_set(found, [("written", str(path)) for path in out], json=json)


def show_set(found: DesignSet, more: Sequence[tuple[str, str]] = (), *, json: bool) -> None:
    """The figures of a set: a line for each channel, or one JSON object."""
    if json:
        typer.echo(as_json(found.summary()))
    else:
        print_rows([*_rows(found), *more])


def _searched(
    problem: ChannelsProblem,
    starts: int | None,
    time_limit: float | None,
    seed: int,
    workers: int | None,
    atlas: bool,
    start_at_zero: bool,
    progress: ProgressCallback | None,
) -> DesignSet:
    if problem.kind == "orthogonal":
        return orthogonal_set(
            problem.inputs,
            matrix=problem.matrix,
            phases=problem.phases,
            limits=problem.limits,
            names=problem.names,
            measure=problem.measure,
            starts=starts,
            time_limit=time_limit,
            seed=seed,
            progress=progress,
            workers=workers,
            use_atlas=atlas,
        )
    return interleaved_set(
        problem.inputs,
        limits=problem.limits,
        names=problem.names,
        measure=problem.measure,
        start_at_zero=start_at_zero or problem.start_at_zero,
        starts=starts,
        time_limit=time_limit,
        seed=seed,
        progress=progress,
        workers=workers,
        use_atlas=atlas,
    )


def _write(found: DesignSet, path: Path, overwrite: bool) -> None:
    if path.suffix.lower() not in _PICTURES:
        found.save(path, overwrite=overwrite)
        return
    from crestfall.files.pictures import save_picture

    save_picture(found.plot(), path, overwrite=overwrite)


def _rows(found: DesignSet) -> list[tuple[str, str]]:
    how = found.kind if found.matrix is None else f"{found.kind}, {found.matrix} matrix, {found.phases} phases"
    ms = found.tones
    span = f"{min(ms.frequencies):.9g} … {max(ms.frequencies):.9g} Hz, period {found.period:.9g} s"
    experiments = "one experiment" if found.n_experiments == 1 else f"{found.n_experiments} experiments"
    rows = [
        ("set", f"{found.n_inputs} inputs, {experiments}, {how}"),
        ("tones", f"{ms.n} {'complex' if ms.complex else 'real'}, {span}"),
    ]
    for report in found.reports:
        name = report.name if found.n_experiments == 1 else f"{report.name}, experiment {report.experiment + 1}"
        figures = f"peak {report.peak:.6g}, crest factor {report.crest_factor:.4f}"
        if report.relative_peak_factor is not None:
            figures += f", relative peak factor {report.relative_peak_factor:.4f}"
        if found.limits is not None:
            figures += f", {report.share:.1%} of {report.limit:g} allowed"
        rows.append((name, figures))
    rows.append(("orthogonality", f"{found.orthogonality:.1e}   0 is exact"))
    figure = "relative peak factor" if found.measure == "range" else "crest factor"
    what = figure if found.limits is None else "share of a limit"
    rows.append(("lower bound", f"{found.lower_bound:.6f}   no phases have a lower worst {what}"))
    rows.append(("status", found.status))
    return rows
