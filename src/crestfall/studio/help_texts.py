"""What the question mark at a field says."""

from __future__ import annotations

HELP = {
    "Begin with": "A problem of a field, to change it to yours.",
    "Harmonics, such as 1:31 or odd:63, or 20..2000 in Hz": (
        "Multiples of the fundamental: 1:31 is 1 to 31, 1:2:31 every second one, odd:63 the odd ones, "
        "odd-log:1:9999:24 about 24 odd ones on a log scale. Or frequencies: 20..2000."
    ),
    "Fundamental (Hz)": "Frequency of harmonic 1; the signal repeats after its inverse. 10, 2.5 kHz.",
    "Amplitude, one for each, or a law such as pink": (
        "One number for all tones, one for each separated by spaces, or white, pink, brown."
    ),
    "Signal": "Real for one output; complex baseband for a pair I and Q.",
    "Lower the": "What is to be small: the peak in both directions, the range, the highest value, or of I and Q.",
    "Allowed phases": "A number such as 4 allows only so many equally spaced phases; empty allows all.",
    "Times that count: rate (Hz), or start:end (s)": (
        "Empty: all times of a period. 48 kHz: only samples at this rate. 0:0.05: a window in seconds."
    ),
    "Lines may move by: 2 lines, 0.5 Hz, 5 %": "How far each tone may move where that makes the signal flatter.",
    "Time limit (s)": "How long to search. Enter starts, Escape stops; the best is kept.",
    "Seed": "The same number gives the same search again; another one, other random starts.",
    "Start from": "The best design on record where there is one, or a search of its own.",
    "File": "What to save: samples for an instrument, tables, a picture, or the problem itself.",
    "Sample rate": "Samples a second, such as 48 kHz; empty takes what the format needs.",
    "Periods, or seconds": "How much to write: 10 periods, or a time such as 2 s.",
    "Level": "How large: 1 Vpp, 0.5 V, -1 dBFS; empty takes what the format needs.",
    "Bits": "Bits of the converter, such as 16.",
}
"""By the label of the field."""
