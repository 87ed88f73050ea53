"""A set of designs for several inputs in plain words."""

from __future__ import annotations

from crestfall.design.channels.design_set import DesignSet
from crestfall.design.explain import MOST_TONES, Explanation, Section

_MATRICES = {
    "hadamard": "signs (a Hadamard matrix), which change no peak",
    "chirp": "the constant turns of a chirp matrix",
    "dft": "the constant turns of a DFT matrix",
}
_AS_HIGH = 1e-6


def explain_set(found: DesignSet, name: str = "FILE") -> Explanation:
    """Explain a set; everything is computed again from its tones and phases.

    Args:
        found: Any set.
        name: What its file is called, for the commands that are suggested.

    Example:
        >>> from crestfall.problem.multisine import Multisine
        >>> both = [Multisine([1.0, 3.0]), Multisine([2.0, 4.0])]
        >>> words = explain_set(DesignSet.interleaved(both, [[0.0, 0.0], [0.0, 1.0]], names=["x", "y"]))
        >>> words.sections[2].lines[0]
        'x is the worst channel: its crest factor is 2.0000.'
    """
    sections = (
        Section("What it is", tuple(_what(found))),
        Section("What is proven", tuple(_proven(found))),
        Section("What holds it where it is", tuple(_holds(found))),
        Section("What to try next", tuple(_next(found, name))),
    )
    return Explanation(sections, None, None)


def _what(found: DesignSet) -> list[str]:
    tones, names = found.tones, ", ".join(found.names)
    band = f"{tones.frequencies.min():.9g} to {tones.frequencies.max():.9g} Hz, period {found.period:.9g} s"
    if found.kind == "interleaved":
        counts = ", ".join(str(ms.n) for ms in found.inputs)
        return [
            f"Signals for {found.n_inputs} inputs ({names}) in one experiment; {band}.",
            f"Each input has frequencies of its own ({counts} tones), so that one record tells all responses apart.",
        ]
    shared = "All inputs share one set of phases." if found.phases == "common" else "Each input has phases of its own."
    return [
        f"Signals for {found.n_inputs} inputs ({names}) in {found.n_experiments} experiments; {tones.n} tones, {band}.",
        f"The inputs differ by {_MATRICES[str(found.matrix)]}. {shared}",
    ]


def _proven(found: DesignSet) -> list[str]:
    widest = max(high / low - 1.0 for low, high in (report.peak_interval for report in found.reports))
    lines = [
        f"Orthogonal to {found.orthogonality:.0e}: what one input does is not mistaken for what another does.",
        f"The peak of every signal is certified over continuous time, to {widest:.0e} of its height.",
        f"No phases at all bring {_measure(found)} of the worst channel below {found.lower_bound:.4f}; "
        f"this set is {found.gap:.2%} above that.",
    ]
    minima = stationary(found)
    if minima is None:
        return [*lines, f"About the phases: {found.status}."]
    if len(minima) == 1:
        word = "meet" if minima[0] else "do not meet"
        return [*lines, f"The phases {word} the first-order conditions of a local minimum of the worst channel."]
    count = f"{sum(minima)} of the {len(minima)} inputs"
    return [*lines, f"The phases of {count} meet the first-order conditions of a local minimum."]


def stationary(found: DesignSet) -> list[bool] | None:
    """Whether each set of phases that was chosen by itself is stationary; ``None`` where asking would take minutes."""
    if any(ms.n > MOST_TONES for ms in found.inputs):
        return None
    return [one.is_stationary for one in found.certificates]


def _holds(found: DesignSet) -> list[str]:
    worst = found.worst
    where = worst.name if found.n_experiments == 1 else f"{worst.name} in experiment {worst.experiment + 1}"
    least = min(found.reports, key=lambda report: report.share)
    equal = sum(report.share >= worst.share * (1.0 - _AS_HIGH) for report in found.reports)
    lines = [f"{where} is the worst channel: its {_measure(found)[4:]} is {worst.share:.4f}."]
    if equal > 1:
        lines.append(f"{equal} of the {len(found.reports)} signals are as high as that.")
    if equal < len(found.reports):
        lines.append(f"The lowest is {least.name}, experiment {least.experiment + 1}: {least.share:.4f}.")
    return lines


def _next(found: DesignSet, name: str) -> list[str]:
    lines = [f"crestfall design {name} --time-limit 60s goes on from these phases."]
    if found.kind == "orthogonal" and found.matrix == "dft":
        lines.append('matrix = "chirp" has fewer different turns, and "hadamard" (2, 4, 8, … inputs) none.')
    if found.kind == "orthogonal" and found.phases == "own":
        lines.append('phases = "common" is a little lower, where the inputs need not differ.')
    return lines


def _measure(found: DesignSet) -> str:
    if found.limits is not None:
        return "the share of its limit"
    return "the crest factor" if found.measure == "peak" else "the relative peak factor"
