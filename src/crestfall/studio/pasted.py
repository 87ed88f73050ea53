"""Rows pasted from a spreadsheet: frequency, amplitude and, if you like, phase."""

from __future__ import annotations

from typing import Any

from crestfall.files.tone_list import columns_of_text

_WITHOUT_HEADINGS = ("frequency_hz", "amplitude", "phase_rad")
"""As the page labels the cells that are typed into."""


def tones_of_rows(text: str) -> dict[str, Any]:
    """The table ``[tones]`` of rows: ``frequency [Hz]``, ``amplitude``, ``phase [rad]``, or what their headings say.

    Separators, headings, units and decimal commas are those of ``crestfall.files.tone_list``.

    Raises:
        ValueError: There are no rows, a row has more or fewer values than the first, or one is not a number; the
            message names the line.

    Example:
        >>> tones_of_rows("f (kHz);level\\n10;1\\n20,5;0,5")
        {'frequencies_hz': [10000.0, 20500.0], 'amplitudes': [1.0, 0.5]}
    """
    if not text.strip():
        raise ValueError("there are no rows; paste frequency (Hz), amplitude and, if you like, phase of each tone")
    # The sign of a frequency is judged with the signal, real or complex, afterwards.
    values = columns_of_text(text, _WITHOUT_HEADINGS).checked(complex=True).values
    names = {"frequency": "frequencies_hz", "amplitude": "amplitudes", "phase": "phases_rad"}
    return {name: values[quantity] for quantity, name in names.items() if quantity in values}
