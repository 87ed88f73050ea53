"""Random problems of every kind: all fields at once, less what the table of exclusions does not allow together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
from direct import Span, greatest_common_divisor

import crestfall as cf
from crestfall.problem import compatibility as pairs
from crestfall.problem.compatibility import IncompatibleError

FUNDAMENTALS = (1.0, 1.0, 10.0, 0.25, 1000.0)
_MEASURES = ("peak", "peak", "range", "one-sided", "envelope", "components")
_CONSTRAINTS = ("none",) * 5 + ("hold", "link", "both", "symmetric", "delays", "alphabet")
_CHANNELS = ("none",) * 6 + ("interleaved", "orthogonal", "own")
_RESPONSES = ("number", "list", "slew rate", "integral", "low pass")
_REACH = 40


@dataclass
class Asked:
    """What is asked for, in plain numbers from which everything can be computed without the package.

    Attributes:
        raster: Frequency [Hz] of which the frequencies of all tones are the multiples ``numbers``.
        numbers: ``(n,)`` wanted tones, then extra ones, then those of the fixed waveform and its constant.
        amplitudes: ``(n,)`` amplitudes; of extra tones their largest ones.
        wanted, extra, fixed: How many of each.
        fixed_phases: Phases of the last tones [rad].
        times: ``("period",)``, ``("samples", count, as rate)`` or ``("window", start, duration)``.
        outputs: Name, kind of response, response at the tones, limit, number of the input (``None`` for all).
        channels: ``None``, or the kind with its groups, limits and amplitudes.
        constraints: Kind and values of each.
    """

    raster: float
    numbers: np.ndarray
    amplitudes: np.ndarray
    is_complex: bool
    wanted: int
    measure: str = "peak"
    times: tuple[Any, ...] = ("period",)
    extra: int = 0
    fixed: int = 0
    fixed_phases: np.ndarray = field(default_factory=lambda: np.zeros(0))
    tolerance_db: float | None = None
    outputs: list[tuple[str, str, np.ndarray, float, int | None]] = field(default_factory=list)
    constraints: list[tuple[str, Any]] = field(default_factory=list)
    channels: dict[str, Any] | None = None
    start_at_zero: bool = False
    steps: int | None = None

    # ------------------------------------------------------------------ for the package

    def problem(self) -> cf.Problem:
        """The same as a problem of the package."""
        n, m = self.wanted, self.extra
        ms = cf.Multisine.harmonics(self.numbers[:n].tolist(), self.raster, self.amplitudes[:n], self.is_complex)
        extra = None
        if m:
            extra = cf.ExtraTones(self.numbers[n : n + m] * self.raster, self.amplitudes[n : n + m])
        return cf.Problem(
            ms,
            over=self._over(),
            outputs=[self._output(*one) for one in self.outputs],
            measure=self.measure,
            phases=[_constraint(*one) for one in self.constraints],
            tolerance_db=self.tolerance_db,
            extra=extra,
            channels=self._channels(),
            start_at_zero=self.start_at_zero,
            lines=None if self.steps is None else cf.MovableLines(self.steps, raster=self.raster),
            fixed=self._fixed(),
        )

    def _over(self) -> Any:
        if self.times[0] == "period":
            return cf.Period()
        if self.times[0] == "window":
            return cf.Window(*self.times[1:])
        return cf.Samples(rate=self.times[2]) if self.times[2] else cf.Samples(self.times[1])

    def _output(self, name: str, kind: str, response: np.ndarray, limit: float, channel: int | None) -> cf.Output:
        where = None if channel is None else f"input {channel + 1}"
        if kind == "slew rate":
            return replace(cf.slew_rate(limit, name), channel=where)
        if kind == "integral":
            return replace(cf.integral(limit, name), channel=where)
        if kind == "low pass":
            corner = 10 * self.raster
            return cf.Output(lambda f: 1 / (1 + 1j * f / corner), limit, name, where)
        return cf.Output(complex(response[0]) if kind == "number" else response, limit, name, where)

    def _channels(self) -> Any:
        if self.channels is None:
            return None
        kind, limits = self.channels["kind"], self.channels["limits"]
        if kind == "interleaved":
            return cf.Interleaved([group.tolist() for group in self.channels["groups"]], limits)
        sharing = "own" if kind == "own" else "common"
        given = self.channels["amplitudes"]
        return cf.Orthogonal(self.channels["count"], self.channels["matrix"], sharing, limits, given)

    def _fixed(self) -> cf.FixedWaveform | None:
        if not self.fixed:
            return None
        first = self.wanted + self.extra
        numbers, amplitudes, phases = self.numbers[first:], self.amplitudes[first:], self.fixed_phases
        constant = not self.is_complex and numbers[-1] == 0
        offset = float(amplitudes[-1] * (1 if phases[-1] == 0 else -1)) if constant else 0.0
        if constant:
            numbers, amplitudes, phases = numbers[:-1], amplitudes[:-1], phases[:-1]
        if not numbers.size:
            return cf.FixedWaveform(offset=offset)
        tones = cf.Multisine.harmonics(
            numbers.tolist(), self.raster, amplitudes, self.is_complex, initial_phases=phases.tolist()
        )
        return cf.FixedWaveform(tones, offset)

    # ------------------------------------------------------------------ without it

    @property
    def abilities(self) -> set[str]:
        """What is asked for, in the words of the table."""
        kinds = {kind for kind, _ in self.constraints}
        repeated = len(set(self.numbers.tolist())) < self.numbers.size
        channels = None if self.channels is None else self.channels["kind"]
        found = {
            pairs.WINDOW: self.times[0] == "window",
            pairs.SAMPLES: self.times[0] == "samples",
            pairs.OUTPUTS: bool(self.outputs),
            pairs.RANGE: self.measure in ("range", "one-sided"),
            pairs.COMPONENTS: self.measure == "components",
            pairs.ENVELOPE: self.measure == "envelope",
            pairs.COMPLEX: self.is_complex,
            pairs.REAL: not self.is_complex,
            pairs.REPEATED: repeated,
            pairs.FREE_AMPLITUDES: self.tolerance_db is not None or self.extra > 0,
            pairs.CONSTRAINTS: bool(kinds - {"alphabet"}),
            pairs.SHAPES: bool(kinds & {"symmetric", "delays"}),
            pairs.DELAYS: "delays" in kinds,
            pairs.ALPHABET: "alphabet" in kinds,
            pairs.LINES: self.steps is not None,
            pairs.CHANNELS: channels is not None,
            pairs.ORTHOGONAL: channels in ("orthogonal", "own"),
            pairs.OWN_PHASES: channels == "own",
            pairs.START_AT_ZERO: self.start_at_zero,
            pairs.FIXED: self.fixed > 0,
        }
        return {name for name, asked in found.items() if asked}

    @property
    def movable(self) -> int:
        """Number of tones whose phases are chosen."""
        return self.numbers.size - self.fixed

    def period(self, numbers: np.ndarray) -> int:
        """Multiples of the raster in the common fundamental."""
        return greatest_common_divisor(numbers)

    def span(self, numbers: np.ndarray) -> Span:
        """The times that count, for tones at these multiples of the raster."""
        if self.times[0] == "window":
            return Span(numbers * (self.raster * self.times[2]), is_period=False)
        count = self.times[1] if self.times[0] == "samples" else None
        return Span(numbers // self.period(numbers), is_period=True, count=count)

    def at_start(self, numbers: np.ndarray) -> np.ndarray:
        """Factors that turn coefficients at time 0 into those at the beginning of the times that count."""
        if self.times[0] != "window":
            return np.ones(numbers.size)
        return np.exp(2j * np.pi * self.raster * self.times[1] * numbers)

    def drop(self, ability: str) -> None:
        """No longer ask for an ability."""
        if ability in (pairs.WINDOW, pairs.SAMPLES):
            self.times = ("period",)
        elif ability in (pairs.RANGE, pairs.COMPONENTS, pairs.ENVELOPE):
            self.measure = "peak"
        elif ability == pairs.OUTPUTS:
            self.outputs = []
        elif ability in (pairs.CONSTRAINTS, pairs.SHAPES, pairs.DELAYS, pairs.ALPHABET):
            self.constraints = []
        elif ability in (pairs.CHANNELS, pairs.ORTHOGONAL, pairs.OWN_PHASES):
            self.channels = None
            self.outputs = [(*one[:4], None) for one in self.outputs]
        elif ability == pairs.FREE_AMPLITUDES:
            self.tolerance_db = None
            self._remove(self.wanted, self.wanted + self.extra)
            self.extra = 0
        elif ability == pairs.FIXED:
            self._remove(self.numbers.size - self.fixed, self.numbers.size)
            self.fixed, self.fixed_phases = 0, np.zeros(0)
        elif ability == pairs.START_AT_ZERO:
            self.start_at_zero = False
        elif ability == pairs.LINES:
            self.steps = None
        else:
            raise ValueError(ability)

    def _remove(self, first: int, last: int) -> None:
        which = np.r_[0:first, last : self.numbers.size]
        self.numbers, self.amplitudes = self.numbers[which], self.amplitudes[which]
        self.outputs = [(name, kind, response[which], *rest) for name, kind, response, *rest in self.outputs]

    def excluded(self) -> Iterator[pairs.Exclusion]:
        """The pairs of the table that are asked for."""
        abilities = self.abilities
        return (each for each in pairs.EXCLUSIONS if {each.first, each.second} <= abilities)


_FIXED_WORDS = (pairs.COMPLEX, pairs.REAL, pairs.REPEATED)


def reduce(asked: Asked, rng: np.random.Generator) -> list[pairs.Exclusion]:
    """Leave out one of each pair that the table excludes; the pairs that had to be left out.

    Raises:
        WrongRefusalError: The package takes what the table excludes, or refuses something else.
    """
    left_out: list[pairs.Exclusion] = []
    while True:
        excluded = list(asked.excluded())
        try:
            asked.problem()
        except IncompatibleError as error:
            if error.exclusion not in excluded:
                raise WrongRefusalError(
                    f"not excluded by the table, but refused: {error}; {sorted(asked.abilities)}"
                ) from None
            choice = [one for one in error.exclusion[:2] if one not in _FIXED_WORDS]
            asked.drop(str(rng.choice(choice)))
            left_out.append(error.exclusion)
            continue
        if excluded:
            raise WrongRefusalError(f"excluded by the table, but not refused: {excluded[0]}")
        return left_out


class WrongRefusalError(Exception):
    """The package and its table of exclusions do not agree."""


# ------------------------------------------------------------------ drawing


def draw_combined(rng: np.random.Generator) -> Asked:
    """A random choice of everything, whether it goes together or not."""
    is_complex = bool(rng.integers(2))
    constraint = str(rng.choice(_CONSTRAINTS))
    numbers, groups = _numbers(constraint, is_complex, rng)
    n = numbers.size
    amplitudes = np.ones(n) if rng.integers(2) else rng.uniform(0.2, 1.0, n)
    if constraint == "symmetric":
        amplitudes = np.maximum(amplitudes, amplitudes[::-1])
    asked = Asked(float(rng.choice(FUNDAMENTALS)), numbers, amplitudes, is_complex, n)
    asked.measure = str(rng.choice(_MEASURES))
    asked.constraints = list(_constraints(constraint, n, groups, rng))
    if rng.random() < 0.2:
        asked.tolerance_db = float(rng.uniform(0.1, 3.0))
    if rng.random() < 0.15:
        _add_extra(asked, rng)
    if rng.random() < 0.15:
        _add_fixed(asked, rng)
    if rng.random() < 0.03:
        asked.steps = int(rng.integers(1, 3))
    asked.start_at_zero = bool(rng.random() < 0.08)
    _add_channels(asked, str(rng.choice(_CHANNELS)), rng)
    if rng.random() < 0.3:
        _add_outputs(asked, rng)
    _add_times(asked, rng)
    return asked


def _numbers(constraint: str, is_complex: bool, rng: np.random.Generator) -> tuple[np.ndarray, list[list[int]]]:
    n = int(rng.integers(2, 8))
    if constraint == "symmetric":
        half = np.cumsum(rng.integers(1, 4, (n + 1) // 2))
        middle = int(rng.integers(half[-1] + 1, _REACH))
        return np.sort(np.concatenate([middle - half, middle + half])), []
    if constraint == "delays":
        n = int(rng.integers(2, 5))
        first = rng.choice(np.arange(1, 12), n, replace=False)
        second = first if rng.integers(2) else rng.choice(np.arange(1, 12), n, replace=False)
        return np.concatenate([first, second]), [list(range(n)), list(range(n, 2 * n))]
    low = -_REACH // 2 if is_complex else 1
    return rng.choice(np.arange(low, _REACH), n, replace=bool(rng.random() < 0.06)), []


def _constraints(kind: str, n: int, groups: list[list[int]], rng: np.random.Generator) -> Iterator[tuple[str, Any]]:
    order = rng.permutation(n)
    if kind in ("hold", "both"):
        held = order[: max(1, n // 4)]
        yield "hold", {int(k): float(rng.uniform(-4, 4)) for k in held}
    if kind in ("link", "both") and n >= 4:
        tones = order[n // 4 : n // 4 + 2 + int(n > 5)]
        yield "link", (tones.tolist(), rng.uniform(-4, 4, tones.size).tolist())
    if kind == "symmetric":
        yield kind, None
    if kind == "delays":
        yield kind, (groups, rng.uniform(0, 2 * np.pi, n).tolist())
    if kind == "alphabet":
        levels = int(rng.choice([2, 2, 3, 4, 8]))
        yield kind, levels
        if rng.integers(2):
            yield "hold", {int(order[0]): float(2 * np.pi / levels * rng.integers(levels))}


def _free_numbers(asked: Asked, count: int, rng: np.random.Generator) -> np.ndarray:
    low = -_REACH // 2 if asked.is_complex else 1
    free = np.setdiff1d(np.arange(low, _REACH), asked.numbers)
    return rng.choice(free, count, replace=False)


def _append(asked: Asked, numbers: np.ndarray, amplitudes: np.ndarray) -> None:
    asked.numbers = np.append(asked.numbers, numbers)
    asked.amplitudes = np.append(asked.amplitudes, amplitudes)


def _add_extra(asked: Asked, rng: np.random.Generator) -> None:
    asked.extra = int(rng.integers(1, 4))
    _append(asked, _free_numbers(asked, asked.extra, rng), rng.uniform(0.05, 0.5, asked.extra))


def _add_fixed(asked: Asked, rng: np.random.Generator) -> None:
    tones = int(rng.integers(0 if not asked.is_complex else 1, 4))
    numbers = _free_numbers(asked, tones, rng)
    if tones and rng.random() < 0.3:
        numbers[0] = asked.numbers[0]  # the same frequency as a tone
    numbers = np.unique(numbers)
    phases = rng.uniform(0, 6, numbers.size)
    amplitudes = rng.uniform(0.1, 1.0, numbers.size)
    if not asked.is_complex and (not tones or rng.integers(2)):
        numbers, amplitudes = np.append(numbers, 0), np.append(amplitudes, rng.uniform(0.1, 2.0))
        phases = np.append(phases, float(rng.choice([0.0, np.pi])))
    _append(asked, numbers, amplitudes)
    asked.fixed, asked.fixed_phases = numbers.size, phases


def _add_channels(asked: Asked, kind: str, rng: np.random.Generator) -> None:
    n = asked.wanted
    if kind == "none" or n < 2 or len(set(asked.numbers.tolist())) < asked.numbers.size:
        return
    count = int(rng.integers(2, 4))
    count = min(count, n)
    limits = rng.uniform(0.5, 2.0, count).tolist() if rng.random() < 0.4 else None
    asked.channels = {"kind": kind, "count": count, "limits": limits}
    if kind == "interleaved":
        dealt = rng.permutation(n)
        asked.channels["groups"] = [np.sort(dealt[i::count]) for i in range(count)]
        return
    matrices = ["dft", "chirp", None] + (["hadamard"] if count == 2 else [])
    given = rng.uniform(0.2, 1.0, (count, n)) if rng.random() < 0.3 else None
    asked.channels |= {"matrix": matrices[rng.integers(len(matrices))], "amplitudes": given}


def _add_outputs(asked: Asked, rng: np.random.Generator) -> None:
    frequencies = asked.numbers * asked.raster
    for number in range(int(rng.integers(1, 4))):
        kind = str(rng.choice(_RESPONSES))
        if kind in ("slew rate", "integral") and np.any(asked.numbers == 0):
            kind = "number"
        if kind == "slew rate":
            response = 2j * np.pi * frequencies
        elif kind == "integral":
            response = 1 / (2j * np.pi * frequencies)
        elif kind == "low pass":
            response = 1 / (1 + 1j * frequencies / (10 * asked.raster))
        elif kind == "number":
            value = float(rng.uniform(0.5, 2.0)) if asked.fixed else complex(rng.uniform(0.5, 2.0), rng.uniform(-1, 1))
            response = np.full(frequencies.size, value, dtype=complex)
        else:
            response = rng.uniform(0.2, 2.0, frequencies.size) * np.exp(1j * rng.uniform(-3, 3, frequencies.size))
        if not asked.is_complex:  # a real system has a real response to a constant
            response = np.where(asked.numbers == 0, response.real, response)
        channel = None
        if asked.channels is not None and (number or asked.channels["limits"]) and rng.integers(2):
            channel = int(rng.integers(asked.channels["count"]))
        asked.outputs.append((f"output {number}", kind, response, float(rng.uniform(0.5, 5.0)), channel))


def _add_times(asked: Asked, rng: np.random.Generator) -> None:
    kind = int(rng.integers(4))
    if kind == 2:
        start, duration = rng.uniform(-2, 2), rng.uniform(0.2, 3.0)
        asked.times = ("window", float(start / asked.raster), float(duration / asked.raster))
    if kind == 3:
        count = int(rng.integers(8, 400))
        rate = None
        if rng.integers(2):
            common = asked.period(asked.numbers) * asked.raster
            per_period = Fraction(int(rng.integers(8, 400)), int(rng.choice([1, 1, 2, 4])))
            count, rate = per_period.numerator, float(per_period * Fraction(common))
        asked.times = ("samples", count, rate)


def _constraint(kind: str, value: Any) -> Any:
    if kind == "hold":
        return cf.Hold(value)
    if kind == "link":
        return cf.Link(*value)
    if kind == "symmetric":
        return cf.ConjugateSymmetric()
    return cf.Delays(*value) if kind == "delays" else cf.Alphabet(value)


# ------------------------------------------------------------------ phases that are allowed


def allowed_phases(asked: Asked, rng: np.random.Generator) -> np.ndarray:
    """Random phases that obey the constraints: ``(n,)``, or ``(inputs, n)``."""
    if asked.channels is not None and asked.channels["kind"] == "own":
        return np.stack([_row(asked, rng) for _ in range(asked.channels["count"])])
    return _row(asked, rng)


def _row(asked: Asked, rng: np.random.Generator) -> np.ndarray:
    phases = rng.uniform(0, 2 * np.pi, asked.numbers.size)
    kinds = dict(asked.constraints)
    if "alphabet" in kinds:
        phases = 2 * np.pi / kinds["alphabet"] * rng.integers(kinds["alphabet"], size=phases.size)
    for kind, value in asked.constraints:
        if kind == "hold":
            phases[list(value)] = list(value.values())
        elif kind == "link":
            phases[value[0]] = rng.uniform(0, 6) + np.array(value[1])
        elif kind == "symmetric":
            order = np.argsort(asked.numbers[: asked.wanted])
            phases[order[::-1][: asked.wanted // 2]] = -phases[order[: asked.wanted // 2]]
        elif kind == "delays":
            for group in value[0]:
                phases[group] = np.array(value[1])[group] - asked.numbers[group] * rng.uniform(0, 2 * np.pi)
    if asked.fixed:
        phases[-asked.fixed :] = asked.fixed_phases
    return phases
