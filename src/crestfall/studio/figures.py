"""The three figures: waveform with its peak, limit and bound, spectrum, figure of merit against time."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import BasicTicker, ColumnDataSource, CustomJSTickFormatter, FixedTicker, HoverTool, Range1d, Span
from bokeh.plotting import figure

from crestfall.problem.readable import label_in, readable
from crestfall.studio.curves import Lines, Wave
from crestfall.studio.palette import LIGHT, Palette

_FONT = "system-ui, sans-serif"


class _Figure:
    """What all figures share: tools to zoom and pan in time or frequency, quiet axes, colours that can be changed."""

    def __init__(self, height: int, x_label: str, y_label: str, **options: Any) -> None:
        self.model = figure(
            height=height,
            min_width=200,
            sizing_mode="stretch_width",
            # No tool is active at first: a page is scrolled with the same wheel and finger.
            toolbar_location="above",
            tools="xbox_zoom,xpan,xwheel_zoom,reset",
            active_drag=None,
            active_scroll=None,
            output_backend="canvas",
            x_axis_label=x_label,
            y_axis_label=y_label,
            **options,
        )
        self.model.toolbar.update(
            logo=None, autohide=True, stylesheets=[":host, * { color: var(--cf-quiet) !important; }"]
        )
        self.model.min_border_left = 58
        self.model.min_border_right = 12
        self._coloured: list[tuple[Any, str, str]] = []
        for axis in self.model.axis:
            axis.update(
                axis_label_text_font=_FONT,
                major_label_text_font=_FONT,
                axis_label_text_font_style="normal",
                axis_label_text_font_size="13px",
                major_label_text_font_size="12px",
                minor_tick_line_color=None,
                axis_line_color=None,
            )
            for name in ("axis_label_text_color", "major_label_text_color"):
                self._coloured.append((axis, name, "quiet"))
            self._coloured.append((axis, "major_tick_line_color", "line"))
        for grid in self.model.grid:
            self._coloured.append((grid, "grid_line_color", "line"))
        # The card behind shows through.
        self.model.update(background_fill_color=None, border_fill_color=None, outline_line_color=None)

    def colour(self, palette: Palette) -> None:
        """Take other colours."""
        for model, name, role in self._coloured:
            setattr(model, name, getattr(palette, role))


class WaveFigure(_Figure):
    """One period or window: as it was, as it is, the peak, and what no phases can get below."""

    def __init__(self, height: int) -> None:
        super().__init__(height, "time", "signal", x_range=Range1d(0, 1), y_range=Range1d(-1, 1))
        self._now, self._quadrature, self._before = (ColumnDataSource({"t": [], "x": []}) for _ in range(3))
        before = self.model.line("t", "x", source=self._before, line_width=1.2)
        now = self.model.line("t", "x", source=self._now, line_width=1.6)
        quadrature = self.model.line("t", "x", source=self._quadrature, line_width=1.6)
        self._coloured += [
            (before.glyph, "line_color", "before"),
            (now.glyph, "line_color", "signal"),
            (quadrature.glyph, "line_color", "quadrature"),
        ]
        self.model.add_tools(HoverTool(renderers=[now], tooltips=[("time", "@t"), ("value", "@x")], mode="vline"))
        self._spans: dict[str, list[Span]] = {}
        for role, dash in (("peak", "solid"), ("limit", "dotdash"), ("bound", "dashed")):
            spans = [Span(dimension="width", line_width=1.4, line_dash=dash, location=0.0) for _ in range(2)]
            self._spans[role] = spans
            for span in spans:
                self.model.add_layout(span)
                self._coloured.append((span, "line_color", role))
        self.colour(LIGHT)

    def show(
        self, wave: Wave, before: Wave | None, top: float | None = None, *, name: str = "signal", unit: str = ""
    ) -> None:
        """Draw a waveform, over the one that it came from.

        Args:
            wave: The waveform.
            before: The one that it came from.
            top: The height that must fit in.
            name: What the signal is.
            unit: Its unit.
        """
        none = {"t": np.zeros(0), "x": np.zeros(0)}
        self._now.data = {"t": wave.times, "x": wave.values}
        self._quadrature.data = none if wave.quadrature is None else dict(zip("tx", wave.quadrature, strict=True))
        self._before.data = none if before is None else _one_line(before)
        highest = 1.06 * max(wave.highest, 0.0 if before is None else before.highest, top or 0.0, 1e-300)
        if self.model.x_range.reset_end != wave.duration:  # else a closer look would be lost at each better design
            self.model.x_range.update(start=0.0, end=wave.duration, reset_start=0.0, reset_end=wave.duration)
        self.model.y_range.update(start=0.0 if wave.is_envelope else -highest, end=highest)
        self.model.xaxis.axis_label = f"time ({wave.unit}), {wave.stretch}"
        plain = "I and Q" if wave.quadrature is not None else "envelope" if wave.is_envelope else "signal"
        what = plain if name == "signal" else f"{plain} of {name}" if plain != "signal" else name
        self.model.yaxis.axis_label = label_in(what, unit)
        for role, spans in self._spans.items():
            heights = [level.height for level in wave.levels if level.role == role]
            for k, span in enumerate(spans):
                span.visible = k < len(heights)
                span.location = heights[k] if k < len(heights) else 0.0


def _one_line(wave: Wave) -> dict[str, Any]:
    """The curve of a wave; ``I`` and ``Q`` one after the other, with a gap between them."""
    if wave.quadrature is None:
        return {"t": wave.times, "x": wave.values}
    times, values = wave.quadrature
    gap = np.array([np.nan])
    return {"t": np.concatenate((wave.times, gap, times)), "x": np.concatenate((wave.values, gap, values))}


_HERTZ = """
const hertz = is_logarithmic ? Math.pow(10, tick) : tick;
if (hertz === 0) return "0 Hz";
const steps = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"], [1e-6, "µ"], [1e-9, "n"]];
const [size, prefix] = steps.find(([least]) => Math.abs(hertz) >= least * (1 - 1e-9)) || steps[4];
return `${+(hertz / size).toPrecision(6)} ${prefix}Hz`;
"""


_NUMBER = "return String(+tick.toPrecision(6)).replace(/-/g, '\u2212');"  # 0.005, which Bokeh would write as 5.000e-3


class SpectrumFigure(_Figure):
    """Amplitude of each tone; the axis is linear, or has the decimal logarithm of the frequency for its unit."""

    def __init__(self, height: int) -> None:
        super().__init__(height, "frequency", "amplitude", x_range=Range1d(1, 2), y_range=Range1d(0, 1))
        self._source = ColumnDataSource({"f": [], "a": [], "zero": [], "hertz": []})
        self._format = CustomJSTickFormatter(args={"is_logarithmic": False}, code=_HERTZ)
        self.model.xaxis.formatter = self._format
        self.model.yaxis.formatter = CustomJSTickFormatter(code=_NUMBER)
        stems = self.model.segment("f", "zero", "f", "a", source=self._source, line_width=1.4)
        heads = self.model.scatter("f", "a", source=self._source, size=5)
        tips = [("frequency", "@hertz"), ("amplitude", "@a")]
        self.model.add_tools(HoverTool(renderers=[heads], tooltips=tips))
        self._coloured += [
            (stems.glyph, "line_color", "signal"),
            (heads.glyph, "line_color", "signal"),
            (heads.glyph, "fill_color", "signal"),
        ]
        self.colour(LIGHT)

    def show(self, lines: Lines, unit: str = "") -> None:
        """Draw the tones."""
        self.model.yaxis.axis_label = label_in("amplitude", unit)
        f, a = lines.frequencies, lines.amplitudes
        places = np.log10(f) if lines.is_logarithmic else f
        texts = [readable(float(each), "Hz", 6) for each in f]
        self._source.data = {"f": places, "a": a, "zero": np.zeros(a.size), "hertz": texts}
        low, high = float(places.min()), float(places.max())
        margin = 0.04 * (high - low) or 0.1 * abs(high) or 1.0
        self.model.x_range.update(
            start=low - margin, end=high + margin, reset_start=low - margin, reset_end=high + margin
        )
        self.model.y_range.update(start=0.0, end=1.1 * float(a.max()))
        self._format.args = {"is_logarithmic": lines.is_logarithmic}
        ticker = (
            FixedTicker(ticks=decade_ticks(low, high)) if lines.is_logarithmic else BasicTicker(desired_num_ticks=3)
        )
        self.model.xaxis.ticker = self.model.xgrid.ticker = ticker


def decade_ticks(low: float, high: float) -> list[float]:
    """Logarithms of round frequencies between two logarithms: powers of ten, with 2 and 5 where they are few.

    Example:
        >>> [round(10**tick) for tick in decade_ticks(1.0, 3.0)], len(decade_ticks(0.0, 4.0))
        ([10, 20, 50, 100, 200, 500, 1000], 5)
    """
    factors = (1.0, 2.0, 5.0) if high - low < 2.5 else (1.0,)
    powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    ticks = [power + float(np.log10(factor)) for power in powers for factor in factors]
    return [tick for tick in ticks if low - 0.05 <= tick <= high + 0.05]


def is_share(figure: str) -> bool:
    """Whether a figure of merit is the share of a limit, which reads best in percent."""
    return figure.endswith("share of a limit")


class HistoryFigure(_Figure):
    """The figure of merit against the time of the search, as a staircase that falls."""

    def __init__(self, height: int) -> None:
        super().__init__(height, "time of the search (s)", "figure", x_range=Range1d(0, 1), y_range=Range1d(1, 2))
        self._source = ColumnDataSource({"t": [], "c": []})
        steps = self.model.step("t", "c", source=self._source, mode="after", line_width=2)
        self._coloured.append((steps.glyph, "line_color", "signal"))
        self._bound = Span(dimension="width", line_width=1.4, line_dash="dashed", location=0.0)
        self.model.add_layout(self._bound)
        self._coloured.append((self._bound, "line_color", "bound"))
        self.colour(LIGHT)

    def show(self, history: list[tuple[float, float]], now: float, bound: float, name: str) -> None:
        """Draw the best so far, up to the present time [s]; ``name`` is what it is called. Shares are in percent."""
        percent = 100.0 if is_share(name) else 1.0
        short = name.split(",")[0].removesuffix(" of the samples")  # the heading says all of it
        self.model.yaxis.axis_label = short + (" (%)" if is_share(name) else "")
        points = [(seconds, percent * best) for seconds, best in history if np.isfinite(best)]
        bound *= percent
        if points:
            points.append((max(now, points[-1][0]), points[-1][1]))
        self._source.data = {"t": [t for t, _ in points], "c": [c for _, c in points]}
        self._bound.location = bound
        self._bound.visible = bound > 0.0
        values = [c for _, c in points] + ([bound] if np.isfinite(bound) and bound > 0 else [])
        low, high = (min(values), max(values)) if values else (1.0, 2.0)
        margin = 0.08 * (high - low) or 0.05 * high
        self.model.x_range.update(start=0.0, end=max(1.0, now))
        self.model.y_range.update(start=low - margin, end=high + margin)
