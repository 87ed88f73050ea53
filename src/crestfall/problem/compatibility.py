"""What goes with what: one table of the pairs of abilities that exclude each other, and why.

It is the only source of such refusals, and ``docs/problems.md`` prints it. Everything else goes together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

WINDOW = "a window"
SAMPLES = "samples that count"
OUTPUTS = "outputs"
RANGE = "a range or one-sided measure"
COMPONENTS = "the measure of I and Q"
COMPLEX = "complex tones"
REAL = "real tones"
NARROW_BAND = "a narrow band on a high carrier"
REPEATED = "a frequency that occurs twice"
FREE_AMPLITUDES = "a tolerance or extra tones"
CONSTRAINTS = "constraints"
SHAPES = "mirrored or delayed tones"
DELAYS = "delays"
ALPHABET = "an alphabet"
LINES = "lines that may move"
CHANNELS = "several inputs"
ORTHOGONAL = "orthogonal inputs"
OWN_PHASES = "inputs with phases of their own"
START_AT_ZERO = "start_at_zero"
FIXED = "a fixed waveform"
STEPS = "delays in steps"
ENVELOPE = "the measure of the envelope"
PROOF = "prove"
BOUND_TIME = "bound_time"
OTHER_GOAL = "anything but the true peak of the drive over free phases"
PUBLISHED_METHOD = "a method of the literature"
WORKERS = "workers"
CLIENT = "client"
DEVICE = "device"
STALL_LIMIT = "stall_limit"


class Exclusion(NamedTuple):
    """Two abilities that exclude each other, and why."""

    first: str
    second: str
    reason: str


_PROVABLE = "the true peak of one drive over a period, its tones given and its phases free"
_REMAINS = "; a bound by formula remains, where one is known"
EXCLUSIONS = (
    Exclusion(WINDOW, OUTPUTS, "responses are those of the steady state, and a window also has the transient"),
    Exclusion(WINDOW, PROOF, f"branch and bound rests on the symmetries of a period{_REMAINS}"),
    Exclusion(WINDOW, START_AT_ZERO, "a shift in time brings other parts of the signal into the window"),
    Exclusion(WINDOW, PUBLISHED_METHOD, "they are published for a period"),
    Exclusion(CHANNELS, PROOF, f"branch and bound is about a single signal{_REMAINS}"),
    Exclusion(ORTHOGONAL, START_AT_ZERO, "one shift in time would have to suit every input in every experiment"),
    Exclusion(START_AT_ZERO, SAMPLES, "a shift in time makes other samples of the signal"),
    Exclusion(START_AT_ZERO, CONSTRAINTS, "a shift in time moves the phases that they fix"),
    Exclusion(START_AT_ZERO, ALPHABET, "a shift in time leaves the alphabet"),
    Exclusion(START_AT_ZERO, COMPLEX, "a complex signal need not pass through zero"),
    Exclusion(PROOF, OTHER_GOAL, f"branch and bound is about {_PROVABLE}{_REMAINS}"),
    Exclusion(BOUND_TIME, OTHER_GOAL, f"moments are about {_PROVABLE}{_REMAINS}"),
    Exclusion(PROOF, STALL_LIMIT, "a proof ends by itself, or at the time limit"),
    Exclusion(PUBLISHED_METHOD, OTHER_GOAL, "they are run as published: the true peak of the drive, all phases free"),
    Exclusion(PUBLISHED_METHOD, NARROW_BAND, "they need samples of the whole period; give them ms.as_complex()"),
    Exclusion(RANGE, COMPLEX, "a complex signal has no minimum and maximum"),
    Exclusion(RANGE, NARROW_BAND, "between two crests of the carrier it is that of the envelope; use 'envelope'"),
    Exclusion(COMPONENTS, REAL, "only complex tones have I and Q; say that they are complex, or use 'peak'"),
    Exclusion(FREE_AMPLITUDES, SHAPES, "mirrored and delayed waveforms keep their amplitudes"),
    Exclusion(FREE_AMPLITUDES, OWN_PHASES, "each set of phases would choose other amplitudes for the same tones"),
    Exclusion(FREE_AMPLITUDES, REPEATED, "two tones of one frequency have no amplitudes of their own"),
    Exclusion(ALPHABET, DELAYS, "a delay turns each tone by another angle, which no alphabet holds"),
    Exclusion(ALPHABET, REPEATED, "tones of one frequency add up to phases outside the alphabet; add them up first"),
    Exclusion(LINES, SAMPLES, "other lines have other periods, of which the samples would count"),
    Exclusion(LINES, OUTPUTS, "responses are known at the lines that were asked for alone"),
    Exclusion(LINES, SHAPES, "mirrored and delayed waveforms belong to the lines that they have"),
    Exclusion(LINES, ALPHABET, "lines are compared by phases that are free to follow them"),
    Exclusion(LINES, OWN_PHASES, "each set of phases would choose other lines for the same tones"),
    Exclusion(LINES, REPEATED, "two tones of one frequency have no lines of their own"),
    Exclusion(FIXED, FREE_AMPLITUDES, "the level of the tones is set by their RMS, and a fixed waveform keeps its own"),
    Exclusion(FIXED, CHANNELS, "it would not be said which input it belongs to"),
    Exclusion(FIXED, START_AT_ZERO, "a shift in time would move it, too"),
    Exclusion(FIXED, ALPHABET, "its phases are of no alphabet"),
    Exclusion(FIXED, NARROW_BAND, "its samples would have to follow the carrier; give both as complex baseband"),
    Exclusion(FIXED, ENVELOPE, "a constant and slow lines have no envelope"),
    Exclusion(STEPS, WINDOW, "delays in steps are about samples of a period"),
    Exclusion(STEPS, CHANNELS, "their search is about one sum of waveforms"),
    Exclusion(WORKERS, CLIENT, "the client has workers of its own"),
    Exclusion(WORKERS, DEVICE, "a device computes all starts of a round at once, in one process"),
    Exclusion(CLIENT, DEVICE, "a device computes all starts of a round at once, in one process"),
)


class IncompatibleError(ValueError):
    """Two abilities were asked for that exclude each other."""

    def __init__(self, exclusion: Exclusion, words: Mapping[str, str]) -> None:
        first, second = (words.get(name, name) for name in exclusion[:2])
        super().__init__(f"{first} cannot be combined with {second}: {exclusion.reason}; leave out one of them")
        self.exclusion = exclusion


def require_compatible(abilities: Iterable[str], words: Mapping[str, str] | None = None) -> None:
    """Raise a ``IncompatibleError`` if two of the abilities exclude each other.

    Args:
        abilities: What is asked for.
        words: What to call some of them in the message; by default their names here.

    Example:
        >>> require_compatible([WINDOW, RANGE])
        >>> require_compatible([WINDOW, PROOF])
        Traceback (most recent call last):
        crestfall.problem.compatibility.IncompatibleError: a window cannot be combined with prove: branch and bound ...
    """
    asked = set(abilities)
    for exclusion in EXCLUSIONS:
        if exclusion.first in asked and exclusion.second in asked:
            raise IncompatibleError(exclusion, words or {})


def as_markdown() -> str:
    """The table, as ``docs/problems.md`` prints it."""
    rows = [f"| {first} | {second} | {reason} |" for first, second, reason in EXCLUSIONS]
    return "\n".join(["| This | excludes this | because |", "|---|---|---|", *rows]) + "\n"
