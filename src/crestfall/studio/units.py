"""Units of what the page shows, as the problem's text names them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_OF_RESPONSE = {"slew rate": "{}/s", "integral": "{} s"}


@dataclass(frozen=True)
class Units:
    """Units of the drive and of what has a limit; empty where they are unknown.

    Attributes:
        drive: Unit of the amplitudes.
        outputs: Units of the outputs, by their names.
    """

    drive: str = ""
    outputs: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: dict[str, Any]) -> Units:
        """The units that the tables of a problem file name, and those that follow from them.

        Example:
            >>> slope = {"name": "slope", "limit": 1.0, "response": "slew rate"}
            >>> coil = {"name": "coil", "limit": 2.0, "unit": "A"}
            >>> Units.of({"tones": {"unit": "V"}, "outputs": [slope, coil]}).outputs
            {'slope': 'V/s', 'coil': 'A'}
        """
        tones, outputs = data.get("tones"), data.get("outputs")
        drive = str(tones.get("unit", "")) if isinstance(tones, dict) else ""
        tables = [one for one in outputs if isinstance(one, dict)] if isinstance(outputs, list) else []
        return cls(drive, {str(one.get("name", "drive")): _of_output(one, drive) for one in tables})

    def of_signal(self, name: str) -> str:
        """Unit of a signal: of the output of this name, else of the drive."""
        return self.outputs.get(name, self.drive if not self.outputs else "")


def _of_output(table: dict[str, Any], drive: str) -> str:
    """The unit of an output's limit."""
    response = table.get("response")
    if "unit" in table or not drive:
        return str(table.get("unit", ""))
    if response is None:
        return drive
    return _OF_RESPONSE[response].format(drive) if isinstance(response, str) and response in _OF_RESPONSE else ""


def in_unit(text: str, unit: str) -> str:
    """A number with its unit, if that is known.

    Example:
        >>> in_unit("5.2", "V"), in_unit("5.2", "")
        ('5.2 V', '5.2')
    """
    return f"{text} {unit}" if unit else text


def label_in(name: str, unit: str) -> str:
    """The label of an axis.

    Example:
        >>> label_in("current", "mA"), label_in("signal", "")
        ('current (mA)', 'signal')
    """
    return f"{name} ({unit})" if unit else name
