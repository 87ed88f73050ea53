"""Pages of the documentation: errors refer to them, and ``crestfall help`` prints them, without a network.

A page is named as in the documentation, without its ending; ``problems#constraints`` is a part of one. The wheel
carries the pages; a checkout has them in ``docs/``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")

_GRIDS = "problems#grids-rasters-and-converters"
_PROBLEM_FILES = "problems#problem-files"

EXPLAINED_BY = {
    "crestfall.problem.amplitudes": "problems#amplitudes-that-may-move-and-tones-that-may-be-added",
    "crestfall.atlas": "records",
    "crestfall.signal.backend": "scale#gpu",
    "crestfall.problem.channels": "channels",
    "crestfall.problem.compatibility": "problems#what-goes-with-what",
    "crestfall.cli.atlas": "records",
    "crestfall.cli.problems": "campaigns",
    "crestfall.cli.search": "campaigns",
    "crestfall.cli.store": "campaigns",
    "crestfall.problem.constraints": "problems#constraints",
    "crestfall.problem.constraints.delays": "problems#periodic-shapes",
    "crestfall.problem.shapes": "problems#periodic-shapes",
    "crestfall.signal.held": "problems#periodic-shapes",
    "crestfall.problem.fixed_waveform": "problems#a-fixed-waveform",
    "crestfall.files.waveform_tables": "problems#a-fixed-waveform",
    "crestfall.files.shape_text": "problems#periodic-shapes",
    "crestfall.problem.constraints.alphabet": "problems#discrete-phases",
    "crestfall.engine.discrete": "problems#discrete-phases",
    "crestfall.engine.closed_form.equal_waves": "original-question",
    "crestfall.problem.problem": "problems",
    "crestfall.problem.times": "problems#times-that-count",
    "crestfall.problem.grids": _GRIDS,
    "crestfall.problem.movable_lines": "problems#lines-that-may-move",
    "crestfall.files.line_tables": "problems#lines-that-may-move",
    "crestfall.files": "exports",
    "crestfall.files.harmonics_text": _GRIDS,
    "crestfall.files.lines_text": _GRIDS,
    "crestfall.problem.amplitude_laws": _GRIDS,
    "crestfall.files.plain_tones": "exports#in",
    "crestfall.files.problem_data": _PROBLEM_FILES,
    "crestfall.files.problem_toml": _PROBLEM_FILES,
    "crestfall.files.samples": "exports#out",
    "crestfall.files.tone_columns": "exports#in",
    "crestfall.files.tone_frames": "exports#in",
    "crestfall.files.tone_list": "exports#in",
    "crestfall.files.tones": "exports#in",
    "crestfall.files.tones_csv": "exports#in",
    "crestfall.files.box_proofs": "proof#a-proof-that-others-can-check",
    "crestfall.files.moment_proofs": "bounds#a-proof-that-others-can-check",
    "crestfall.files.bound_proofs": "bounds#a-proof-that-others-can-check",
    "crestfall.cli.proof_file": "bounds#a-proof-that-others-can-check",
    "crestfall.cli.verify": "bounds#a-proof-that-others-can-check",
    "crestfall.files.tones_toml": "exports#in",
    "crestfall.search.asking": "problems#effort",
    "crestfall.search.effort": "problems#effort",
    "crestfall.search.method": "methods#limits",
    "crestfall.search.methods.branch_and_bound": "proof",
    "crestfall.search.methods.moments": "bounds#moments",
    "crestfall.problem.multisine": "start#the-same-in-python",
    "crestfall.certainty.narrow_band": "problems#a-narrow-band-on-a-high-carrier",
    "crestfall.problem.outputs": "problems#outputs-and-limits",
    "crestfall.certainty.bounds": "bounds",
    "crestfall.certainty.moments": "bounds#moments",
    "crestfall.certainty.proof": "proof",
    "crestfall.design.quantize": _GRIDS,
    "crestfall.problem.raster": _GRIDS,
    "crestfall.search.memory": "scale#memory",
    "crestfall.design.start_at_zero": "problems#constraints",
    "crestfall.atlas.store": "campaigns",
    "crestfall.torch": "original-question",
    "crestfall.torch.diagnosis": "doctor",
    "crestfall.torch.doctor": "doctor",
    "crestfall.torch.watch": "doctor",
}
"""Packages and modules, and the page that explains their errors; the longest name that fits counts."""

_ONLY_WRAPS = ("crestfall.files.reading",)
"""Modules in which errors of others get a new message."""


def page_about(error: BaseException) -> str | None:
    """The page that explains an error, by where it was raised; ``None`` where no page does.

    Example:
        >>> from crestfall import Hold, Multisine
        >>> try:
        ...     list(Hold({7: 0.0}).relations(Multisine.harmonics([1, 2])))
        ... except ValueError as error:
        ...     page_about(error)
        'problems#constraints'
    """
    deepest = None
    for module in _modules(error.__traceback__):
        if module in _ONLY_WRAPS:
            continue
        names = [name for name in EXPLAINED_BY if module == name or module.startswith(f"{name}.")]
        if names:
            deepest = EXPLAINED_BY[max(names, key=len)]
    return deepest


def _modules(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        yield traceback.tb_frame.f_globals.get("__name__", "")
        traceback = traceback.tb_next


def points_to_page(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add a note to the errors of a public function: which page explains them.

    Example:
        >>> @points_to_page
        ... def harmonics(text):
        ...     from crestfall.files.harmonics_text import parse_harmonics
        ...     return parse_harmonics(text)
        >>> try:
        ...     harmonics("even:7")
        ... except ValueError as error:
        ...     error.__notes__
        ['crestfall help problems#grids-rasters-and-converters explains this']
    """

    @wraps(function)
    def pointing(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except (ValueError, TypeError, OSError, ImportError, MemoryError) as error:
            page = page_about(error)
            if page is not None and not hasattr(error, "__notes__"):
                error.add_note(f"crestfall help {page} explains this")
            raise

    return pointing


def pages() -> dict[str, str]:
    """Names of the pages and their titles, the fields last.

    Raises:
        FileNotFoundError: The pages are not where an installation or a checkout has them.

    Example:
        >>> pages()["proof"]
        'Proofs of global optima'
    """
    folder = _folder()
    paths = [*sorted(folder.glob("*.md")), *sorted((folder / "fields").glob("*.md"))]
    found = {path.relative_to(folder).with_suffix("").as_posix(): path.read_text("utf-8") for path in paths}
    return {name: match[1] for name, text in found.items() if (match := re.search(r"^# (.*)$", text, re.M))}


def read_page(topic: str) -> str:
    """The Markdown text of a page, or of the part with a heading.

    Raises:
        ValueError: There is no such page or part; the message names those that there are.

    Example:
        >>> read_page("problems#measures").splitlines()[0]
        '## Measures'
    """
    name, _, anchor = topic.partition("#")
    name = name.removeprefix("docs/").removesuffix(".md")
    known = pages()
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
        raise ValueError(f"there is no page {name!r}; {hint}")
    text = (_folder() / f"{name}.md").read_text("utf-8")
    return text if not anchor else _part(text, anchor, name)


def anchor_of(heading: str) -> str:
    """What a link to a heading ends with.

    Example:
        >>> anchor_of("Real, harmonics 1..n")
        'real-harmonics-1n'
    """
    return re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")


def headings_of(name: str) -> list[str]:
    """The parts of a page, as its links name them.

    Example:
        >>> "measures" in headings_of("problems")
        True
    """
    return [anchor_of(heading) for _, _, heading in _headings((_folder() / f"{name}.md").read_text("utf-8"))[1:]]


def _headings(text: str) -> list[tuple[int, int, str]]:
    """Where each heading begins, its level and its words."""
    # A "#" at the beginning of a line of code is a comment, not a heading.
    bare = re.sub(r"^```.*?^```", lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=re.M | re.S)
    return [(match.start(), len(match[1]), match[2]) for match in re.finditer(r"^(#+) (.*)$", bare, re.M)]


def _part(text: str, anchor: str, name: str) -> str:
    headings = _headings(text)
    for start, level, heading in headings:
        if anchor_of(heading) == anchor:
            end = next((later for later, other, _ in headings if later > start and other <= level), len(text))
            return text[start:end]
    known = ", ".join(anchor_of(heading) for _, _, heading in headings[1:])
    raise ValueError(f"the page {name!r} has no part {anchor!r}; it has {known or 'none'}")


def _folder() -> Path:
    here = Path(__file__).resolve()
    for folder in (here.parents[1] / "docs", here.parents[3] / "docs"):
        if (folder / "problems.md").is_file():
            return folder
    raise FileNotFoundError(f"the pages are not at {here.parents[1] / 'docs'}; install crestfall again")
