"""Every field of the page: label, help, and what errors are about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from crestfall.problem.problem import MEASURES

MEASURE_TITLES = {
    "peak": "Peak",
    "range": "Range (max − min)",
    "one-sided": "Highest value",
    "envelope": "Peak of the envelope",
    "components": "Larger peak of I and Q",
}
assert set(MEASURE_TITLES) == set(MEASURES)


@dataclass(frozen=True)
class FieldSpec:
    """A field.

    Attributes:
        name: Its name in the code.
        label: What the page calls it; what follows in brackets is the unit of a bare number.
        help: What it takes, in a sentence or two.
        kind: ``"text"``, ``"area"`` or ``"check"``.
        options: Values and titles of a choice.
        placeholder: What an empty field means, or examples.
        keys: Keys of the problem file whose errors are about it, and names of arguments.
        half: Whether two fit side by side.
        longest: Most characters.
    """

    name: str
    label: str
    help: str = ""
    kind: str = "text"
    options: tuple[tuple[str, str], ...] = ()
    placeholder: str = ""
    keys: tuple[str, ...] = ()
    half: bool = False
    longest: int = 80

    @property
    def short(self) -> str:
        """The label without a unit, as messages have it."""
        return re.sub(r" \(.*\)$", "", self.label)

    def plain(self) -> dict[str, Any]:
        """What the browser needs."""
        return {
            "name": self.name,
            "label": self.label,
            "help": self.help,
            "kind": self.kind,
            "options": [list(option) for option in self.options],
            "placeholder": self.placeholder,
            "half": self.half,
            "longest": self.longest,
        }


_LONG = 2**19

TONES = (
    FieldSpec(
        "harmonics",
        "Harmonics, or frequencies",
        "Multiples of the fundamental: 1:31 is 1 to 31, 1:2:31 every second one, odd:63 the odd ones, "
        "odd-log:1:9999:24 about 24 odd ones on a log scale. Or frequencies: 20..2000, log:20..20000:50 for 50 on a "
        "log scale, third-octave:20..20000, 1kHz,1.5kHz. They are rounded to multiples of the fundamental.",
        placeholder="1:31, odd:63, 20..2000",
        keys=("tones.harmonics", "tones.frequencies_hz"),
        longest=_LONG,
    ),
    FieldSpec(
        "fundamental",
        "Fundamental (Hz)",
        "Frequency of harmonic 1, such as 10, 2.5 kHz or 1/60; or its period, such as 60 s or 1 min.",
        placeholder="10, 2.5 kHz, 60 s",
        keys=("tones.fundamental_hz", "tones.period_s"),
        half=True,
    ),
    FieldSpec(
        "signal",
        "Signal",
        "Real for one output; complex baseband for an I/Q pair.",
        options=(("real", "Real"), ("complex", "Complex baseband")),
        keys=("tones.complex",),
        half=True,
    ),
    FieldSpec(
        "amplitudes",
        "Amplitudes",
        "One for all tones, or one for each, separated by blanks, such as 1 0.5 or 200 mV 0.1 V; or a law: pink, f^-1, "
        "-3 dB/octave, or points 10:1, 1000:0.5.",
        placeholder="1, 200 mV, pink",
        keys=("tones.amplitudes",),
        longest=_LONG,
    ),
)
SHAPES = (
    FieldSpec(
        "shapes",
        "Shapes",
        "Waveforms that are only delayed: pulse:DUTY:AMPLITUDE, triangle:AMPLITUDE, with blanks between them; "
        "add @2 to one for two periods in one. Samples of a shape, and its lowest value, are written under Text.",
        placeholder="pulse:5/12:4 triangle:2",
        keys=("shapes",),
        longest=_LONG,
    ),
    FieldSpec(
        "shape_frequency",
        "Frequency of the period (Hz)",
        "How often all of it repeats, such as 100 kHz.",
        placeholder="100 kHz",
        half=True,
    ),
    FieldSpec(
        "steps",
        "Steps of a period",
        "How fine the delays are; by default as fine as the shapes need.",
        placeholder="automatic",
        keys=("steps",),
        half=True,
    ),
)
TEXT = (FieldSpec("text", "Problem file (TOML)", kind="area", longest=_LONG),)
FILE = (
    FieldSpec(
        "samples_rate",
        "Sample rate of the file (Hz)",
        "For a file of samples that does not say its rate, such as 48 kHz.",
        placeholder="the file says",
        keys=("sample_rate",),
        half=True,
    ),
    FieldSpec(
        "samples_channel",
        "Signal in the file",
        "Which of several signals in a file of samples: its name or number.",
        placeholder="the only one",
        keys=("channel",),
        half=True,
    ),
)
GOAL = (
    FieldSpec(
        "measure",
        "Lower the",
        "What to minimise: peak in both directions, range, highest value, envelope, or I and Q.",
        options=tuple(MEASURE_TITLES.items()),
        keys=("goal.measure",),
        half=True,
    ),
    FieldSpec(
        "alphabet",
        "Allowed phases",
        "A number such as 4 allows only that many equally spaced phases; leave empty to allow all.",
        placeholder="all",
        keys=("goal.alphabet",),
        half=True,
    ),
    FieldSpec(
        "times",
        "Times that count",
        "Empty: all times of a period. 48 kHz: only samples at this rate. 480 samples: so many of a period. "
        "0:0.05 or 0:50 ms: a window in seconds.",
        placeholder="the whole period",
        keys=("goal.window_s", "goal.sample_rate_hz", "goal.samples", "goal.points"),
    ),
)
MORE_TONES = (
    FieldSpec(
        "exclude",
        "Leave out",
        "mains, mains:60Hz:2Hz, sums, or bands such as 900..1100; several with commas.",
        placeholder="nothing",
        keys=("tones.exclude",),
        half=True,
        longest=400,
    ),
    FieldSpec(
        "raster",
        "Round all to multiples of (Hz)",
        "Tones move to this raster, such as 0.1 Hz; with bands a raster for each: 10 mHz, 10 Hz.",
        placeholder="as they are",
        keys=("tones.raster_hz",),
        half=True,
    ),
    FieldSpec(
        "tolerance",
        "Amplitudes may move by (dB)",
        "How far each amplitude may move up or down where that lowers the peak, such as 0.5.",
        placeholder="they stay",
        keys=("tones.tolerance_db", "tolerance_db"),
        half=True,
    ),
    FieldSpec(
        "lines",
        "Lines may move by",
        "How far each tone may move if that lowers the peak: 2 (lines), 0.5 Hz, 5 %.",
        placeholder="they stay",
        keys=("lines.steps", "lines.tolerance_hz", "lines.tolerance_percent"),
        half=True,
    ),
    FieldSpec(
        "line_raster",
        "Lines to move to (Hz)",
        "Distance of the lines to which tones may move, such as 0.1 Hz.",
        placeholder="the harmonics",
        keys=("lines.raster_hz",),
        half=True,
    ),
    FieldSpec(
        "bands",
        "Bands",
        "Splits tones over many decades into so many bands, each a design with a period and files of its own; give "
        "each a raster above, and under Sample rate a rate.",
        placeholder="one",
        keys=("tones.bands",),
        half=True,
    ),
    FieldSpec(
        "unit",
        "Unit of the amplitudes",
        "V, mA, Pa: for labels and files. From A to mA, or V to mV, the amplitudes are converted; in problems with "
        "limits or a fixed waveform all numbers stay.",
        placeholder="V, mA, Pa",
        keys=("tones.unit",),
        half=True,
        longest=12,
    ),
    FieldSpec(
        "start_at_zero",
        "Begin the period at a zero crossing",
        "The peak is the same: the design is only shifted in time.",
        kind="check",
        keys=("goal.start_at_zero", "start_at_zero"),
    ),
)
ADDED = (
    FieldSpec(
        "offset",
        "Constant offset",
        "Part of the fixed waveform: it counts for the peak and is not chosen. -1.5, or 200 mV.",
        placeholder="none",
        keys=("fixed.offset", "fixed"),
        half=True,
    ),
    FieldSpec(
        "fixed_time",
        "Duration of the file (s)",
        "Time of all samples of the fixed waveform below, such as 60 s; by default as the file says, or one period.",
        placeholder="one period",
        keys=("period",),
        half=True,
    ),
)
SEARCH = (
    FieldSpec(
        "seconds",
        "Time limit (s)",
        "How long to search, such as 10 or 2 min. Enter starts, Escape stops; the best is kept.",
        keys=("time_limit",),
        half=True,
    ),
    FieldSpec("seed", "Seed", "The same seed gives the same random starts; another seed gives others.", half=True),
    FieldSpec(
        "origin",
        "Start from",
        "The best design on record, where there is one, or a new search.",
        options=(("atlas", "Best design known"), ("scratch", "Schroeder's and random phases")),
    ),
)
MORE_SEARCH = (
    FieldSpec(
        "starts",
        "Starts",
        "End after so many starts, if the time allows them.",
        placeholder="as time allows",
        keys=("starts",),
        half=True,
    ),
    FieldSpec(
        "target",
        "Stop as soon as it is",
        "End when what is minimised is at most this: a crest factor such as 1.4, a share of a limit such as 90 %.",
        placeholder="never",
        keys=("target",),
        half=True,
    ),
    FieldSpec(
        "stall",
        "Stop when nothing better for (s)",
        "End when nothing better was found for so long, such as 10 s.",
        placeholder="never",
        keys=("stall_limit",),
        half=True,
    ),
    FieldSpec(
        "bound_time",
        "Then raise the bound for (s)",
        "After the search, prove by moments that no phases get below a higher bound; such as 30 s on top of the time "
        "limit, for up to about ten tones.",
        placeholder="no time",
        keys=("bound_time",),
        half=True,
    ),
    FieldSpec(
        "prove",
        "Prove that no phases are 0.1 % better",
        "Branch and bound within the time limit: for up to about ten tones.",
        kind="check",
        keys=("prove",),
    ),
    FieldSpec(
        "method",
        "Method",
        "The search of crestfall, or one of the literature, to compare with.",
        options=(
            ("minimax", "The search"),
            ("schroeder", "Schroeder's formula"),
            ("clip", "Clipping"),
            ("l2p", "L2p, Guillaume 1991"),
        ),
        keys=("method",),
    ),
)
SAVE = (
    FieldSpec(
        "rate",
        "Sample rate",
        "Samples a second, such as 48 kHz; empty takes what the format needs. Of bands one for each: 1 kHz, 400 kHz.",
        placeholder="automatic",
        keys=("rate", "sample_rate"),
        half=True,
    ),
    FieldSpec(
        "length",
        "Periods, or seconds",
        "How much to write: 10 periods, or a time such as 2 s.",
        placeholder="the fewest",
        keys=("periods", "duration"),
        half=True,
    ),
    FieldSpec(
        "level",
        "Level",
        "How large: 1 Vpp, 0.5 V, 200 mVrms, -1 dBFS; -1 to 3 V to fill a range; limits, as large as all limits allow.",
        placeholder="1 Vpp, -1 dBFS",
        keys=("level",),
        half=True,
    ),
    FieldSpec(
        "bits",
        "Bits",
        "Bits of the converter, such as 16.",
        placeholder="automatic",
        keys=("bits",),
        half=True,
    ),
)
MORE_SAVE = (
    FieldSpec(
        "samples_per_period",
        "Samples of a period",
        "Instead of a sample rate.",
        placeholder="automatic",
        keys=("samples_per_period",),
        half=True,
    ),
    FieldSpec(
        "multiple_of",
        "Block of samples",
        "All periods together become a multiple of this many samples, for memories that are filled in blocks.",
        placeholder="none",
        keys=("multiple_of",),
        half=True,
    ),
    FieldSpec(
        "full_scale",
        "Full scale (V)",
        "Voltage of the converter's last step, and of 1.0 in a WAV file.",
        placeholder="the peak",
        keys=("full_scale",),
        half=True,
    ),
    FieldSpec(
        "played_offset",
        "Offset (V)",
        "A constant that is added to what is played.",
        placeholder="0",
        keys=("offset",),
        half=True,
    ),
    FieldSpec("lead", "Silence before (s)", placeholder="none", keys=("lead",), half=True),
    FieldSpec("trail", "Silence after (s)", placeholder="none", keys=("trail",), half=True),
    FieldSpec("fade_in", "Fade in (s)", "Before the first period.", placeholder="none", keys=("fade_in",), half=True),
    FieldSpec("fade_out", "Fade out (s)", "After the last period.", placeholder="none", keys=("fade_out",), half=True),
    FieldSpec(
        "separator",
        "Separator of columns",
        "For text files.",
        options=(
            ("", "The format's"),
            ("tab", "Tab"),
            ("space", "Space"),
            ("comma", "Comma"),
            ("semicolon", "Semicolon"),
        ),
        half=True,
    ),
    FieldSpec(
        "model",
        "Model of Rigol",
        "For files of Rigol's generators.",
        options=(("", "DG800, DG900"), ("DG5000", "DG5000"), ("DHO900", "DHO900")),
        half=True,
    ),
    FieldSpec("time", "Column with the time, in text files", kind="check"),
    FieldSpec("no_header", "No comment lines at the top of text files", kind="check"),
    FieldSpec("tones_only", "Tones without samples, in JSON to play", kind="check"),
    FieldSpec("unsigned", "Unsigned integers (offset binary)", kind="check", keys=("signed",)),
    FieldSpec("big_endian", "Most significant byte first", kind="check", keys=("big_endian",)),
    FieldSpec("q_first", "Complex samples as Q, I", kind="check", keys=("q_first",)),
    FieldSpec(
        "compensate_hold",
        "Compensate for a converter that holds each sample",
        "Each tone is raised by 1/sinc(f / rate).",
        kind="check",
        keys=("compensate_hold",),
    ),
    FieldSpec("seam", "Allow periods that are not a whole number of samples", kind="check", keys=("seam",)),
    FieldSpec("beyond_limits", "Allow a level above a limit of the problem", kind="check", keys=("beyond_limits",)),
)

BY_NAME = {
    spec.name: spec
    for group in (TONES, SHAPES, TEXT, FILE, GOAL, MORE_TONES, ADDED, SEARCH, MORE_SEARCH, SAVE, MORE_SAVE)
    for spec in group
}


def short(name: str) -> str:
    """What messages call a field.

    Example:
        >>> short("fundamental")
        'Fundamental'
    """
    return BY_NAME[name].short


def blamed(message: str, among: Iterable[str], otherwise: str = "") -> tuple[str, str]:
    """The field that an error is about, and the error as it stands below that field.

    Args:
        message: An error of the library or of the page.
        among: Names of the fields that may be at fault.
        otherwise: The field to blame where none is named.

    Returns:
        Name of the field, or ``otherwise``, and the message without line numbers, keys and the field's own name.

    Example:
        >>> blamed("line 4: tones.exclude: exclude is 'manes'; give mains or sums", ["harmonics", "exclude"])
        ('exclude', "'manes': give mains or sums")
        >>> blamed("bits is 99; give an integer from 2 to 32", ["bits"])
        ('bits', '99: give an integer from 2 to 32')
        >>> blamed("Time limit is ''; give a time", ["seed", "seconds"])
        ('seconds', 'give a time')
        >>> blamed("the text is too long", ["bits"], "bits")
        ('bits', 'the text is too long')
    """
    text = re.sub(r"^line \d+: ", "", message)
    names = [(key, name) for name in among for key in (*BY_NAME[name].keys, short(name))]
    found = [(len(key), name, key) for key, name in names if _begins(text, key)]
    if not found:
        return otherwise, re.sub(r"^[a-z_]+(\[\d+\])?\.[a-z_]+: |^(tones|lines|goal|fixed|shapes): ", "", text)
    _, name, key = max(found)
    rest = re.sub(r"^(\[\d+\])?(\.\w+)?(: )?", "", text.removeprefix(key))
    rest = re.sub(r"^(?:\w+(?:\[\d+\])?)? ?is (?=['\d-])", "", rest)
    rest = re.sub(r"^('[^']*'): (?=\1)", "", rest)  # which says it twice
    rest = re.sub(r"^(''[;:]| is empty;) ", "", rest)
    return name, re.sub(r"^('[^']*'|-?[\d.e+-]+); ", r"\1: ", rest)


def _begins(text: str, key: str) -> bool:
    return re.match(rf"{re.escape(key)}(?![\w])", text) is not None
