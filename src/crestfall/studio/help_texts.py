"""What the question mark at a field says."""

from __future__ import annotations

HELP = {
    "Begin with": "An example from one of the fields, to adapt to your problem.",
    "Harmonics, such as 1:31 or odd:63, or 20..2000 in Hz": (
        "Multiples of the fundamental: 1:31 is 1 to 31, 1:2:31 every second one, odd:63 the odd ones, "
        "odd-log:1:9999:24 about 24 odd ones on a log scale. Or frequencies: 20..2000."
    ),
    "Fundamental (Hz)": "Frequency of harmonic 1; the signal repeats after its inverse. 10, 2.5 kHz.",
    "Amplitude, one for each, or a law such as pink": (
        "One number for all tones; one for each, separated by spaces; or white, pink or brown."
    ),
    "Signal": "Real for one output; complex baseband for an I/Q pair.",
    "Lower the": "What to minimise: peak in both directions, range, highest value, envelope, or I and Q.",
    "Allowed phases": "A number such as 4 allows only that many equally spaced phases; leave empty to allow all.",
    "Times that count: rate (Hz), or start:end (s)": (
        "Empty: all times of a period. 48 kHz: only samples at this rate. 0:0.05: a window in seconds."
    ),
    "Lines may move by: 2 lines, 0.5 Hz, 5 %": "How far each tone may move if that lowers the peak.",
    "Time limit (s)": "How long to search. Enter starts, Escape stops; the best is kept.",
    "Seed": "The same seed gives the same random starts; another seed gives others.",
    "Start from": "The best design on record, where there is one, or a new search.",
    "File": "What to save: samples for an instrument, tables, a picture, or the problem itself.",
    "Sample rate": "Samples per second, such as 48 kHz; leave empty for what the format needs.",
    "Periods, or seconds": "How much to write: 10 periods, or a time such as 2 s.",
    "Level": "How large: 1 Vpp, 0.5 V, -1 dBFS; leave empty for what the format needs.",
    "Bits": "Bits of the converter, such as 16.",
}
"""By the label of the field."""
