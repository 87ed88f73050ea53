"""Periodic shapes that are delayed: sums of held samples, and the best of all delays, found by trying them all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np

import crestfall as cf

_MEASURES = ("peak", "range", "one-sided")


class Delayed(NamedTuple):
    """Shapes to be delayed.

    Attributes:
        shapes: The shapes, as the package takes them.
        samples: ``(shapes, steps)`` one common period of each, without delay.
        repeats: ``(shapes,)`` periods of each in it.
        measure: The measure to minimise.
        offset: A constant that is added.
    """

    shapes: cf.Shapes
    samples: np.ndarray
    repeats: np.ndarray
    measure: str
    offset: float


def draw_delayed(rng: np.random.Generator) -> Delayed:
    """Two or three random shapes on few steps."""
    steps = int(rng.choice([12, 24, 36]))
    shapes, rows, repeats = [], [], []
    for _ in range(int(rng.integers(2, 4))):
        repeat = int(rng.choice([1, 1, 2, 3]))
        of = steps // repeat
        kind = int(rng.integers(3))
        amplitude = float(rng.uniform(0.5, 5.0))
        if kind == 0:
            wide, low = int(rng.integers(1, of)), float(rng.choice([0.0, -1.0]))
            shapes.append(cf.Pulse(f"{wide}/{of}", amplitude, low, repeat))
            one = np.where(np.arange(of) < wide, amplitude, low)
        elif kind == 1:
            rise = int(rng.integers(1, of))
            shapes.append(cf.Triangle(amplitude, f"{rise}/{of}", repeat))
            one = amplitude * np.interp(np.arange(of), [0, rise, of], [-1.0, 1.0, -1.0])
        else:
            one = rng.uniform(-amplitude, amplitude, of)
            shapes.append(cf.Sampled(one.tolist(), repeat))
        rows.append(np.tile(one, repeat))
        repeats.append(repeat)
    offset = float(rng.uniform(-2, 2)) if rng.random() < 0.3 else 0.0
    measure = str(rng.choice(_MEASURES))
    given = cf.Shapes(shapes, fundamental=float(rng.choice([1.0, 50.0, 1e5])), steps=steps)
    return Delayed(given, np.array(rows), np.array(repeats), measure, offset)


def problem_of(asked: Delayed) -> cf.Problem:
    """The same as a problem of the package."""
    fixed = cf.FixedWaveform(offset=asked.offset) if asked.offset else None
    return asked.shapes.problem(measure=asked.measure, fixed=fixed)


def delayed_faults(design: cf.Design, asked: Delayed) -> Iterator[str]:
    """The answer against the sum of its held samples, and against every other set of delays."""
    steps = asked.samples.shape[1]
    places = np.array(design.delays_s) * asked.shapes.fundamental * steps
    if np.max(np.abs(places - np.rint(places))) > 1e-6:
        yield f"the delays are not whole steps: {places}"
        return
    value = _measure(asked, np.rint(places).astype(int))
    if abs(value - design.figure) > 1e-9 * float(np.sum(np.abs(asked.samples))):
        yield f"the {asked.measure} of the held samples is {value!r}, not {design.figure!r}"
    others = (range(steps // repeat) for repeat in asked.repeats[1:])  # a common delay changes nothing
    best = min(_measure(asked, np.array([0, *delays])) for delays in product(*others))
    if design.lower_bound > best + 1e-9 * max(abs(best), 1.0):
        yield f"the bound {design.lower_bound!r} is above the best of all delays, {best!r}"
    if design.status.startswith("global optimum") and value > best + 1e-9 * max(abs(best), 1.0):
        yield f"{design.status}: {value!r}, but other delays have {best!r}"


def _measure(asked: Delayed, delays: np.ndarray) -> float:
    x = asked.offset + sum(np.roll(row, delay) for row, delay in zip(asked.samples, delays, strict=True))
    if asked.measure == "range":
        return 0.5 * float(np.ptp(x))
    return float(np.max(np.abs(x) if asked.measure == "peak" else x))
