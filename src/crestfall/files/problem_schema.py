"""The tables of a problem: what TOML files, saved designs and the studio say, declared once (see ``conversion``).

Keys that name a unit take a number in it, or a text with any unit of the same quantity: ``fundamental_hz = "1/60 Hz"``,
``window_s = [0, "50 ms"]``, ``phases_rad = { 0 = "90 deg" }``.

.. code-block:: toml

    [tones]
    harmonics = "1:31"          # or frequencies_hz = [10.0, 20.0], or "20..20000", "third-octave:20..20000"
    fundamental_hz = 10.0       # or period_s = 0.1
    amplitudes = 1.0            # one for all, a list, or a law: "pink", "f^-0.5", "-3 dB/octave", "10:1, 1000:0.5"
    # exclude = ["mains"]       # what to leave out: "mains:60Hz:2Hz", "sums", "900..1100"
    # raster_hz = 0.1           # frequencies are rounded to its multiples
    # bands = 2                 # a design for each of several bands (see ``crestfall.split_bands``); raster_hz may then
                                # have a raster for each band: ["10 mHz", "10 Hz"]
    # phases_rad = [0.0, 1.0]   # phases that the tones come with
    # complex = true
    # tolerance_db = 0.5        # amplitudes may move by this much: one for all, or a list

    [goal]
    measure = "peak"            # "range", "one-sided", "envelope", "components"
    # sample_rate_hz = 48000.0  # the samples count, not continuous time; or samples = 480, of one period
    # window_s = [0.0, 0.1]     # only this stretch counts; frequencies_hz then need no common period
    # alphabet = 4              # phases 2π m / 4 only: 2 is binary, 4 QPSK
    # start_at_zero = true

    [[outputs]]
    name = "current"
    limit = 0.1
    response = { numerator = [1.0], denominator = [1e-3, 50.0] }  # powers of s, the highest first; "slew rate",
                                # "integral", a number, or a number or [real, imaginary] for each tone
    # channel = "x"             # of several inputs: the one whose signal this is a response to

    [[constraints]]
    kind = "hold"               # "link": tones, offsets_rad; "delays": groups, phases_rad; "conjugate-symmetric"
    phases_rad = { 0 = 0.0 }

    [[shapes]]                  # instead of tones: periodic waveforms that are only delayed; goal.samples are the steps
    kind = "pulse"              # "triangle": amplitude, rise; "samples": values or file
    duty = "5/12"
    amplitude = 4.0
    # low = 0.0
    # repeats = 1               # periods in one of 1 / fundamental_hz

    [fixed]                     # a waveform that is added as it is and counts
    file = "drive_cycle.csv"    # or samples = […], or frequencies_hz, amplitudes, phases_rad
    # channel = "current"       # of several signals in the file
    # period_s = 10.0           # that of all samples; or sample_rate_hz; else they are one period of the tones
    # offset = 1.0              # a constant, with them or alone
    # drop_below_db = -80.0     # weaker lines of the samples are left out

    [[extra]]                   # tones that may be added to lower the peak
    harmonics = "33:2:41"       # or frequencies_hz
    largest = 0.3

    [channels]
    kind = "orthogonal"         # all inputs at the same frequencies, as many experiments as inputs
    inputs = 4                  # how many, or their names: ["x", "y", "z"]
    matrix = "hadamard"         # powers of two; "chirp" and "dft" for any number
    phases = "common"           # "own": each input its own

    [channels]
    kind = "interleaved"        # each input has frequencies of its own, one experiment
    inputs = ["elevator", "aileron", "rudder"]
    deal = "in turn"            # how [tones] are dealt out in order of frequency; "random" within groups of neighbours;
                                # "by index": in turn, in the order in which they are written; "runs": equal steps
    # deal_seed = 0
    # tones_each = 8            # "runs": tones of each input, by default as many as there are; the others are left out

    [lines]                     # tones may move to other lines within a tolerance
    steps = 2                   # by so many lines of the raster; or tolerance_hz = 0.5, or tolerance_percent = 5.0
    # raster_hz = 0.1           # distance of the lines; by default the fundamental
    # exclude = ["mains"]       # where no tone moves to, besides what [tones] exclude; or excluded_hz = [50.0]
    # around_hz = [10.0, 20.0]  # where the tones were asked for, if they have moved

    [[inputs]]                  # where inputs differ: one table for each, instead of channels.inputs
    name = "force"
    limit = 10.0                # largest value allowed; for all inputs or none
    amplitudes = 1.0            # one for all tones, or a list
    harmonics = "1:2:31"        # interleaved only, instead of [tones] harmonics; or frequencies_hz
    # tones = [0, 2, 4]         # interleaved only: which of [tones], by index

What is played of the design stands in ``[playback]`` (see ``playback_table``).
"""

# No annotations as text: msgspec would compile those of the tables while a file is read.

from typing import Annotated, Literal

from msgspec import Meta, Struct

from crestfall.files.conversion import Finite, Positive
from crestfall.files.playback_table import PlaybackTable

Word = Literal["peak", "range", "one-sided", "envelope", "components"]
Harmonics = Annotated[str | list[int], Meta(description="write '1:31' or a list of numbers")]
Limit = Annotated[float, Meta(gt=0.0, le=1.7976931348623157e308, description="a limit must be above 0 and finite")]
Index = Annotated[int, Meta(ge=0, le=2**31)]
Indices = Annotated[list[Index], Meta(description="it must be a list of indices of tones")]
Amplitudes = float | list[float]
Unit = Annotated[str, Meta(max_length=12, description="write a unit such as 'V' or 'mA', of at most 12 characters")]
Held = Annotated[
    dict[Annotated[str, Meta(pattern="^(0|[1-9][0-9]{0,8})$")], Finite],
    Meta(description="it must map indices of tones to phases: { 0 = 0.0, 12 = 1.5 }"),
]


class Table(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A table of keys, all of which are known."""


class TonesTable(Table):
    """``[tones]``."""

    harmonics: Harmonics | None = None
    frequencies_hz: str | list[float] | None = None
    fundamental_hz: float | None = None
    amplitudes: Amplitudes | str | None = None
    phases_rad: list[float] | None = None
    period_s: Positive | None = None
    exclude: str | list[str] | None = None
    raster_hz: Positive | list[Positive] | None = None
    bands: Annotated[int, Meta(ge=2, le=32, description="it must be an integer from 2 to 32")] | None = None
    complex: bool = False
    tolerance_db: float | list[float] | None = None
    unit: Unit = ""
    """Of the amplitudes, for labels: no part of the problem."""


class GoalTable(Table):
    """``[goal]``: the times that count, the measure, and what concerns all phases."""

    measure: Word = "peak"
    samples: Annotated[int, Meta(ge=1, le=2**31, description="it must be an integer from 1 to 2^31")] | None = None
    sample_rate_hz: Positive | None = None
    points: Annotated[int, Meta(ge=2, le=2**31, description="it must be an integer from 2 to 2^31")] | None = None
    window_s: (
        Annotated[tuple[Finite, Finite], Meta(description="write beginning and end in seconds: [0.0, 0.1]")] | None
    ) = None
    window_duration_s: Positive | None = None
    """The length, where the difference of the two ends is not exactly it."""
    alphabet: Annotated[int, Meta(ge=2, le=2**20, description="give an integer from 2 to 1048576")] | None = None
    start_at_zero: bool = False


class TransferFunction(Table):
    """A ratio of polynomials in powers of ``s``, the highest first."""

    numerator: list[Finite]
    denominator: list[Finite]


class OutputTable(Table):
    """``[[outputs]]``."""

    limit: Limit
    name: str = "drive"
    response: float | str | list[float | tuple[float, float]] | TransferFunction = 1.0
    channel: str | None = None
    unit: Unit = ""
    """Of the limit, for labels."""


class HoldTable(Table, tag_field="kind", tag="hold"):
    """Phases that are held."""

    phases_rad: Held


class LinkTable(Table, tag_field="kind", tag="link"):
    """Phases that keep their differences."""

    tones: Indices
    offsets_rad: list[Finite] | None = None


class MirrorTable(Table, tag_field="kind", tag="conjugate-symmetric"):
    """Phases that are mirrored about the middle of the band."""


class DelaysTable(Table, tag_field="kind", tag="delays"):
    """Waveforms that are only delayed."""

    groups: list[Indices]
    phases_rad: list[Finite] | None = None
    steps: Annotated[int, Meta(ge=1, le=2**27, description="it must be an integer of at least 1")] | None = None


class AlphabetTable(Table, tag_field="kind", tag="alphabet"):
    """The same as ``goal.alphabet``, at its place among the constraints."""

    levels: Annotated[int, Meta(ge=2, le=2**20)]


class RelationTable(Table):
    """``θ_tone = factor · θ_other + offset_rad``."""

    tone: Index
    factor: Finite = 0.0
    offset_rad: Finite = 0.0
    other: Index | None = None
    reason: str = "a relation of the file"


class RelationsTable(Table, tag_field="kind", tag="relations"):
    """Linear relations between phases: what a constraint of the caller's own asks for."""

    relations: list[RelationTable]


ConstraintTable = HoldTable | LinkTable | MirrorTable | DelaysTable | AlphabetTable | RelationsTable


_Part = Annotated[float | str, Meta(description="give a part of the period such as 0.3 or '5/12'")]
_Repeats = Annotated[int, Meta(ge=1, le=2**16, description="it must be an integer of at least 1")]


class PulseTable(Table, tag_field="kind", tag="pulse"):
    """A pulse with a duty cycle."""

    duty: _Part
    amplitude: Finite = 1.0
    low: Finite = 0.0
    repeats: _Repeats = 1


class TriangleTable(Table, tag_field="kind", tag="triangle"):
    """A triangle between plus and minus its amplitude."""

    amplitude: Finite = 1.0
    rise: _Part = "1/2"
    repeats: _Repeats = 1


class SampledTable(Table, tag_field="kind", tag="samples"):
    """Samples of one period."""

    values: list[Finite] | None = None
    file: str | None = None
    channel: int | str | None = None
    repeats: _Repeats = 1


ShapeTable = PulseTable | TriangleTable | SampledTable


class FixedTable(Table):
    """``[fixed]``: what is added to the tones as it is."""

    samples: list[Finite] | None = None
    file: str | None = None
    channel: int | str | None = None
    sample_rate_hz: Positive | None = None
    period_s: Positive | None = None
    drop_below_db: float = -80.0
    frequencies_hz: list[Finite] | None = None
    amplitudes: Amplitudes | None = None
    phases_rad: list[Finite] | None = None
    offset: Finite = 0.0
    complex: bool = False


class ExtraTable(Table):
    """``[[extra]]``."""

    largest: Amplitudes
    harmonics: Annotated[str, Meta(description="write them as '33:2:41'")] | None = None
    frequencies_hz: list[float] | None = None


class ChannelsTable(Table):
    """``[channels]``."""

    kind: Literal["orthogonal", "interleaved"]
    inputs: Annotated[int | list[str], Meta(description="give a number from 1 to 64 or a list of names")] | None = None
    matrix: Literal["hadamard", "dft", "chirp"] | None = None
    phases: Literal["common", "own"] | None = None
    deal: Literal["in turn", "random", "by index", "runs"] | None = None
    deal_seed: Annotated[int, Meta(ge=0, description="it must be an integer of at least 0")] | None = None
    tones_each: Annotated[int, Meta(ge=1, description="it must be an integer of at least 1")] | None = None
    start_at_zero: bool | None = None


class LinesTable(Table):
    """``[lines]``."""

    steps: Annotated[int, Meta(ge=1, le=2**31, description="it must be an integer of at least 1")] | None = None
    tolerance_hz: Positive | None = None
    tolerance_percent: Positive | None = None
    raster_hz: Positive | None = None
    exclude: str | list[str] | None = None
    excluded_hz: list[Finite] | None = None
    around_hz: list[Finite] | None = None


class InputTable(Table):
    """``[[inputs]]``."""

    name: str | None = None
    limit: Limit | None = None
    amplitudes: Amplitudes | None = None
    phases_rad: list[float] | None = None
    harmonics: Harmonics | None = None
    frequencies_hz: list[float] | None = None
    tones: Indices | None = None


class ProblemTables(Table):
    """A whole problem."""

    tones: TonesTable | None = None
    goal: GoalTable | None = None
    outputs: list[OutputTable] = []
    constraints: list[ConstraintTable] = []
    extra: list[ExtraTable] = []
    shapes: list[ShapeTable] = []
    fixed: FixedTable | None = None
    channels: ChannelsTable | None = None
    inputs: list[InputTable] | None = None
    lines: LinesTable | None = None
    playback: PlaybackTable | None = None
    """What is played of the design; it is not part of the problem (see ``playback_table``)."""
