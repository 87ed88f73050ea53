"""Colours of the page, light and dark: each pair that is read together has a contrast of at least 4.5 (WCAG AA)."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Palette:
    """Colours as ``#rrggbb``.

    Attributes:
        page: Behind everything.
        card: Behind fields and figures.
        ink: Text.
        quiet: Text that steps back.
        line: Grids and borders of cards.
        edge: Borders of fields: a contrast of 3 to what is behind them.
        accent: Buttons, marks of focus, the signal's name.
        on_accent: Text on ``accent``.
        alarm: Errors.
        signal: The curve (Okabe and Ito's blue, as in ``crestfall.files.pictures``).
        quadrature: The second one, where ``I`` and ``Q`` are drawn.
        before: The curve before the search.
        peak: Lines at the peak.
        limit: Lines at a limit.
        bound: Lines that no phases can get below.
    """

    page: str
    card: str
    ink: str
    quiet: str
    line: str
    edge: str
    accent: str
    on_accent: str
    alarm: str
    signal: str
    quadrature: str
    before: str
    peak: str
    limit: str
    bound: str


LIGHT = Palette(
    page="#f3f5f7",
    card="#ffffff",
    ink="#1a2027",
    quiet="#55606c",
    line="#d5dbe1",
    edge="#7c8791",
    accent="#0b6e66",
    on_accent="#ffffff",
    alarm="#b3261e",
    signal="#0072b2",
    quadrature="#8a5cb5",
    before="#b4bcc5",
    peak="#b84a00",
    limit="#b3261e",
    bound="#007a58",
)
DARK = Palette(
    page="#11161b",
    card="#1a2128",
    ink="#e8edf2",
    quiet="#a3afbb",
    line="#36424d",
    edge="#77848f",
    accent="#4fc4b6",
    on_accent="#0b1714",
    alarm="#ff8a80",
    signal="#5db8f0",
    quadrature="#c9a2ef",
    before="#566370",
    peak="#f59a5c",
    limit="#ff8a80",
    bound="#3ecf9f",
)


def css() -> str:
    """The colours as variables of the page's root: dark where ``.dark`` says so, else light."""

    def variables(palette: Palette) -> str:
        return " ".join(
            f"--cf-{entry.name.replace('_', '-')}: {getattr(palette, entry.name)};" for entry in fields(palette)
        )

    light, dark = f"color-scheme: light; {variables(LIGHT)}", f"color-scheme: dark; {variables(DARK)}"
    return f":host(.page) {{ {light} }}\n:host(.page.dark) {{ {dark} }}\n"


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours after WCAG 2.1, 1 to 21.

    Example:
        >>> contrast("#ffffff", "#000000"), round(contrast("#777777", "#ffffff"), 2)
        (21.0, 4.48)
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return round((light + 0.05) / (dark + 0.05), 6)


def _luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
