"""Quantities as people write them: 106.5 MHz, 2 µs."""

from __future__ import annotations

_PREFIXES = (
    *((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")),
    *((1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p")),
)


def readable_unit(largest: float, unit: str) -> tuple[float, str]:
    """Factor and unit with which a quantity up to ``largest`` reads well.

    Example:
        >>> readable_unit(0.02, "s")
        (1000.0, 'ms')
        >>> readable_unit(106e6, "Hz")
        (1e-06, 'MHz')
    """
    for size, prefix in _PREFIXES:
        if abs(largest) >= size:
            return 1.0 / size, prefix + unit
    return 1.0, unit


def readable_figure(value: float) -> str:
    """A figure of merit with four decimals, or where it is very large or small with six digits.

    Example:
        >>> readable_figure(1.41421), readable_figure(12_345.6), readable_figure(2e-5)
        ('1.4142', '12345.6', '2e-05')
    """
    return f"{value:.4f}" if 0.1 <= abs(value) < 1000.0 or value == 0.0 else f"{value:.6g}"


def readable(value: float, unit: str, digits: int = 9) -> str:
    """A quantity with the unit in which it reads well.

    Args:
        value: The quantity in its base unit.
        unit: The base unit: ``"Hz"``, ``"s"``.
        digits: Significant digits at most.

    Example:
        >>> readable(106.5e6, "Hz"), readable(2e-6, "s"), readable(0.0, "Hz"), readable(-1500.0, "Hz")
        ('106.5 MHz', '2 µs', '0 Hz', '-1.5 kHz')
    """
    factor, name = readable_unit(float(f"{value:.{digits}g}"), unit)
    return f"{value * factor:.{digits}g} {name}"


def in_unit(text: str, unit: str) -> str:
    """A number with its unit, if that is known.

    Example:
        >>> in_unit("5.2", "V"), in_unit("5.2", "")
        ('5.2 V', '5.2')
    """
    return f"{text} {unit}" if unit else text


def label_in(name: str, unit: str) -> str:
    """The label of an axis, with its unit if that is known.

    Example:
        >>> label_in("current", "mA"), label_in("signal", "")
        ('current (mA)', 'signal')
    """
    return f"{name} ({unit})" if unit else name
