"""The fourth section: commands that may lead further, and what else would."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from crestfall.certainty.moments import next_step
from crestfall.certainty.proof import estimated_seconds, require_provable
from crestfall.design.design import BRANCH_AND_BOUND, FROM_ATLAS, Design
from crestfall.design.explain.argument import in_words
from crestfall.design.explain.commands import Commands
from crestfall.design.explain.evidence import Evidence
from crestfall.design.explain.proven import OPTIMAL, cancels
from crestfall.design.explain.what_limits import beyond_limits, binding_in_words
from crestfall.problem.channels import Orthogonal

if TYPE_CHECKING:
    from crestfall.atlas import Entry

_DEFAULT_S = 30.0
"""Longest proof [s] to suggest without a time limit; by default it has 60 s."""
_LONGEST_S = 7200.0
"""Longest proof [s] to suggest at all."""
_BETTER = 1e-6


def what_next(evidence: Evidence, commands: Commands) -> list[str]:
    """Sentences about what to try next.

    Args:
        evidence: That of the design.
        commands: Those about its file.
    """
    design = evidence.design
    if design.problem.alphabet is not None:
        return _with_an_alphabet(design, design.problem.alphabet, commands)
    if design.problem.delay_steps is not None:
        if design.status.startswith("global optimum"):
            return ["Nothing with the delays: all of them are covered by the proof. Other waveforms might be lower."]
        return [f"{commands.design('--time-limit 60s')}: continues from here, also with the proof."]
    if cancels(design):
        return ["Nothing with the phases: they are as good as any."]
    if design.lower_bound > 0.0 and design.gap <= OPTIMAL and not design.problem.outputs:
        holds = "if the bound that the file states holds, they" if design.lower_bound_is_stated else "they"
        return [f"Nothing with the phases: {holds} are as good as any. Other tones or amplitudes might be flatter."]
    known = _known(design)
    lines = [*_from_the_atlas(design, commands, known), *_search(evidence, commands, known)]
    lines += _higher_bound(design, commands)
    if design.problem.freedom is not None:
        lines.append("Wider tolerances or larger extra tones leave more freedom.")
    if design.problem.lines is not None:
        lines.append("A wider tolerance or a finer raster gives the lines more freedom.")
    return [*lines, *_limits(design), *_inputs(design), *_times(design)]


def _search(evidence: Evidence, commands: Commands, known: Entry | None) -> list[str]:
    """A search that continues, or a proof."""
    design, lines = evidence.design, []
    better = known is not None and _is_better(known, design)
    alone = "" if known is None else "--no-atlas"  # else the answer is the design of the atlas
    if evidence.certificates is not None and not all(one.is_stationary for one in evidence.certificates):
        lines.append(f"{commands.design(alone)}: continues from these phases to a local minimum.")
    elif _provable(design):
        lines.append(_proof(design, commands))
    if not lines or estimated_seconds(design.multisine) > _DEFAULT_S:
        begin = "here, from the atlas" if better else "here"
        continues = f"a longer search continues from {begin} and from new starts."
        lines.append(f"{commands.design('--time-limit 60s')}: {continues}")
    return lines


def _proof(design: Design, commands: Commands) -> str:
    """A proof by branch and bound, and how long it takes if that is long."""
    seconds = estimated_seconds(design.multisine)
    limit = "" if seconds <= _DEFAULT_S else f" --time-limit {ceil(seconds / 30.0)}min --checkpoint proof.npz"
    takes = f" Computing takes some {_rounded(seconds)}." if limit else ""
    return f"{commands.design(f'--prove{limit}')}: so few tones can be proved optimal, or improved.{takes}"


def _higher_bound(design: Design, commands: Commands) -> list[str]:
    """The next step of a proof by moments, while one is left: the one that the status of a search is about, too."""
    problem, proved_by = design.problem, (design.proven_by or "").removesuffix(FROM_ATLAS)
    if not problem.is_only_true_peak or problem.lines is not None or proved_by == BRANCH_AND_BOUND:
        return []
    found = next_step(design.multisine, design.moment_steps)
    if found is None:
        return []
    what = f"the rest of the proof {in_words(found.name)}" if found.name == proved_by else in_words(found.name)
    takes = f"some {_rounded(found.seconds)} of computing"
    command = commands.design(f"--bound-time {found.whole_seconds}s")
    return [f"{command}: may raise the bound, {what}; {takes}."]


def _rounded(seconds: float) -> str:
    return (
        "seconds"
        if seconds < 10.0
        else f"{10 * ceil(seconds / 10.0)} s"
        if seconds < 100.0
        else f"{ceil(seconds / 60.0)} minutes"
    )


def _limits(design: Design) -> list[str]:
    if design.worst.limit is None:
        return []
    too_high = beyond_limits(design)
    lines = [f"{too_high[0].upper()}{too_high[1:]}."] if too_high else []
    return [*lines, f"A larger drive needs a higher limit of {binding_in_words(design)}, or other amplitudes."]


def _inputs(design: Design) -> list[str]:
    channels, lines = design.problem.channels, []
    if not isinstance(channels, Orthogonal):
        return []
    if channels.matrix == "dft":
        lines.append('matrix = "chirp" has fewer different angles, and "hadamard" (2, 4, 8, … inputs) none.')
    if channels.phases == "own":
        lines.append('phases = "common" is a little lower, where the inputs need not differ.')
    return lines


def _times(design: Design) -> list[str]:
    problem = design.problem
    if problem.window is not None:
        longer = (
            [] if design.lower_bound > 0.0 else ["A longer window gives a bound that says how much there is to gain."]
        )
        return [*longer, "If the signal repeats, a period suits it better: snap the tones to a raster."]
    plain = problem.measure in ("peak", "components") and not problem.outputs and problem.channels is None
    if plain and problem.samples is not None and design.peak > design.worst.value * (1.0 + _BETTER):
        over = design.peak / design.worst.value - 1.0
        return [
            f"The true peak is {over:.2%} above the samples that were minimised; leave out --goal-rate, --samples "
            "and --points if the waveform is played through a filter."
        ]
    return []


def _with_an_alphabet(design: Design, levels: int, commands: Commands) -> list[str]:
    if design.status.startswith("global optimum"):
        first = f"Nothing with {levels} phases: all sequences were tried. A larger alphabet might be flatter."
    else:
        first = f"{commands.design('--time-limit 60s')}: a longer search, from other starts."
    return [first, f"{commands.design(f'--alphabet {2 * levels}')}: twice as many phases, including these."]


def _known(design: Design) -> Entry | None:
    """What the atlas has for the problem."""
    if not design.problem.is_only_true_peak:
        return None
    from crestfall.atlas import find  # the atlas stands above the designs, as all that keeps them

    found = find(design.multisine)
    return None if found is None else found[0]


def _is_better(known: Entry, design: Design) -> bool:
    return known.crest_factor < design.crest_factor * (1.0 - _BETTER)


def _from_the_atlas(design: Design, commands: Commands, known: Entry | None) -> list[str]:
    if known is None or not _is_better(known, design):
        return []
    better = f"The atlas knows phases for these tones with a crest factor of {known.crest_factor:.4f}"
    return [f"{better}: {commands.design()} answers with them."]


def _provable(design: Design) -> bool:
    problem = design.problem
    if not problem.is_only_true_peak or problem.lines is not None:
        return False
    if estimated_seconds(design.multisine) > _LONGEST_S:
        return False
    try:
        require_provable(design.multisine)
    except ValueError:
        return False
    return True
