"""True peaks by an independent calculation: direct sums, Newton's method, fifty digits. Nothing here knows an FFT.

A trigonometric polynomial ``u`` of degree ``D`` that has its largest value ``P`` at ``t*`` is at least ``P cos(D s)``
at ``t* + s`` (Riesz), so on a grid of ``N`` points the sample next to ``t*`` is at least ``P cos(πD/N)``. All samples
above that are looked at, each crest among them is climbed to its top, and the highest top is the peak.

``precise_peak`` computes with mpmath; ``refined_peak`` with 80-bit floats and times that are exact fractions of the
period, some thousand times faster and right to 1e-17 of the sum of the amplitudes.
"""

from __future__ import annotations

from math import cos, pi

import mpmath as mp
import numpy as np

DIGITS = 50
_GRID = 32
_CHUNK = 2**22
_PRECISE = 12
Wide = np.longdouble
_TWO_PI = 2 * Wide("3.14159265358979323846264338327950288420")


class Tones:
    """Tones as exact numbers: integers and the floats as they are.

    Args:
        numbers: ``(n,)`` harmonic numbers.
        amplitudes: ``(n,)`` amplitudes.
        phases: ``(n,)`` phases [rad].
        complex: Whether ``|Σ a e^{i…}|`` is meant, which depends on the distances of the numbers only.
    """

    def __init__(self, numbers, amplitudes, phases, complex=False):
        self.numbers = [int(h) for h in numbers]
        if complex:
            self.numbers = [h - min(self.numbers) for h in self.numbers]
        amplitudes = np.asarray(amplitudes, dtype=np.float64)
        # A power of two: dividing by it is exact, and the squares below neither overflow nor vanish.
        self.exponent = int(np.frexp(amplitudes.max())[1])
        self.amplitudes = np.ldexp(amplitudes, -self.exponent)
        self.phases = np.asarray(phases, dtype=np.float64)
        self.complex = complex
        self.degree = max(max(abs(h) for h in self.numbers), 1)

    def floats(self, turns):
        """``(m,)`` samples of ``x`` or ``z`` at times in turns of the period, summed tone by tone in float64."""
        out = np.zeros(turns.size, dtype=np.complex128)
        for h, c in zip(self.numbers, self.amplitudes * np.exp(1j * self.phases), strict=True):
            angle = h * turns
            out += c * np.exp(2j * pi * (angle - np.rint(angle)))
        return out if self.complex else out.real

    def crests(self):
        """Times in turns, ``(m,)``, of grid points next to crests one of which is the highest."""
        count = _GRID * self.degree
        heights = np.concatenate(
            [
                np.abs(self.floats(np.arange(first, min(first + _CHUNK, count)) / count))
                for first in range(0, count, _CHUNK)
            ]
        )
        fall = cos(pi / _GRID)
        enough = np.sqrt(0.5 * (1 + fall)) if self.complex else fall
        high = (heights >= np.roll(heights, 1)) & (heights >= np.roll(heights, -1))
        high &= heights >= enough * heights.max() * (1 - 1e-9) - 1e-12 * self.amplitudes.sum()
        return np.flatnonzero(high) / count

    def climbed(self):
        """The highest tops in float64, ``(m,)`` times in turns: all that may be the highest within rounding."""
        turns = self.crests()
        turns = np.concatenate([self._climb(turns[k : k + _CHUNK // 64]) for k in range(0, turns.size, _CHUNK // 64)])
        heights = np.abs(self.floats(turns))
        unsure = (1e-12 + 1e-14 * self.degree) * self.amplitudes.sum()
        return turns[heights >= heights.max() - unsure]

    def _climb(self, turns):
        """Newton's method in time."""
        h = np.array(self.numbers, dtype=np.float64)
        c = self.amplitudes * np.exp(1j * self.phases)
        step = 0.5 / (_GRID * self.degree)
        for _ in range(12):
            angle = np.multiply.outer(turns, h)
            tones = c * np.exp(2j * pi * (angle - np.rint(angle)))
            first, second = _derivatives(tones, 2j * pi * h, self.complex)
            with np.errstate(divide="ignore", invalid="ignore"):
                move = np.where(second < 0, -first / second, 0.25 * step * np.sign(first))
            turns = turns + np.clip(np.nan_to_num(move), -step, step)
        return turns


def _derivatives(tones, omega, is_complex):
    """First and second derivative by time of what stands for ``|u|``: ``x sign(x)`` or ``|z|² / 2``."""
    z, d, dd = tones.sum(axis=1), tones @ omega, tones @ omega**2
    if is_complex:
        return (z.conj() * d).real, np.abs(d) ** 2 + (z.conj() * dd).real
    sign = np.where(z.real < 0, -1.0, 1.0)
    return sign * d.real, sign * dd.real


def refined_peak(tones: Tones) -> np.longdouble:
    """The peak as an 80-bit float, in units of ``2^tones.exponent``."""
    return np.max(_wide_heights(tones, tones.climbed()))


def precise_peak(tones: Tones) -> mp.mpf:
    """The peak to some 40 digits, in units of ``2^tones.exponent``."""
    with mp.workdps(DIGITS):
        c = [mp.mpf(a) * mp.expj(mp.mpf(phase)) for a, phase in zip(tones.amplitudes, tones.phases, strict=True)]
        rough = _apart(tones.climbed(), tones.degree)
        highest = rough[np.argsort(-_wide_heights(tones, rough))][:_PRECISE]
        return max(_top(c, tones, mp.mpf(turns)) for turns in highest)


def _wide_heights(tones, turns):
    """``|x|`` or ``|z|`` as 80-bit floats; the times are rounded to fractions of a turn that are exact."""
    bits = 62 - tones.degree.bit_length()  # number times time then has 62 bits
    ticks = np.rint(turns * 2.0**bits).astype(np.int64)
    real, imaginary = np.zeros(ticks.size, Wide), np.zeros(ticks.size, Wide)
    for h, a, phase in zip(tones.numbers, tones.amplitudes, tones.phases, strict=True):
        part = (h * ticks) & ((1 << bits) - 1)
        angle, start = _TWO_PI * (part.astype(Wide) / Wide(2.0**bits)), Wide(phase)
        cosine, sine = np.cos(start), np.sin(start)
        real += Wide(a) * (np.cos(angle) * cosine - np.sin(angle) * sine)
        imaginary += Wide(a) * (np.sin(angle) * cosine + np.cos(angle) * sine)
    return np.sqrt(real**2 + imaginary**2) if tones.complex else np.abs(real)


def scaled(value: float, tones: Tones) -> mp.mpf:
    """A float in units of ``2^tones.exponent``, exactly."""
    return mp.ldexp(mp.mpf(value), -tones.exponent)


def value_at(tones: Tones, turns: mp.mpf) -> mp.mpf:
    """``|x|`` or ``|z|`` at a time in turns, in units of ``2^tones.exponent``."""
    with mp.workdps(DIGITS):
        z = mp.fsum(
            mp.mpf(a) * mp.expj(2 * mp.pi * h * turns + mp.mpf(phase))
            for h, a, phase in zip(tones.numbers, tones.amplitudes, tones.phases, strict=True)
        )
        return abs(z) if tones.complex else abs(z.real)


def _apart(turns, degree):
    """One of each group of times that are the same top."""
    turns = np.sort(turns)
    return turns[np.diff(turns, prepend=-1.0) > 1e-6 / degree]


def _top(c, tones, turns):
    """Height of the top next to a time: three steps of Newton's method from float64 leave more than 40 digits."""
    for _ in range(3):
        parts = [value * mp.expj(2 * mp.pi * h * turns) for h, value in zip(tones.numbers, c, strict=True)]
        z = mp.fsum(parts)
        d = mp.fsum(2j * mp.pi * h * part for h, part in zip(tones.numbers, parts, strict=True))
        dd = mp.fsum((2j * mp.pi * h) ** 2 * part for h, part in zip(tones.numbers, parts, strict=True))
        if tones.complex:
            first, second = (mp.conj(z) * d).real, abs(d) ** 2 + (mp.conj(z) * dd).real
        else:
            first, second = d.real, dd.real
        if second == 0 or abs(first / second) > mp.mpf(1) / (_GRID * tones.degree):
            break  # a flat top, already as high as it gets
        turns -= first / second
    return value_at(tones, turns)
