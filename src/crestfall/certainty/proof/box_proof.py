r"""A proof by branch and bound that can be kept, and checked without the search that found it.

It is a tree of boxes of phases in integers, and instants, directions and weights for each box that is not cut. The
domain of phases (``domain``) is cut into the boxes, and in each of them a weighted mean of heights is nowhere below the
peak (``relaxation`` has the formula). Cutting is exact. The means are computed in double precision with a margin
that is ten thousand times as large as all rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, isfinite, pi, sqrt
from os import PathLike

import numpy as np

from crestfall.certainty.proof.domain import Domain, domain
from crestfall.problem.arrays import FloatArray, IntArray
from crestfall.problem.multisine import Multisine
from crestfall.problem.tones_argument import require_tones
from crestfall.signal.synthesis import band_numbers

TURN = 2**20
"""A whole circle of phases, in the unit of the boxes."""

INSTANTS = 2**14
"""A whole period of times, and a whole circle of directions, in the unit of the instants."""

LEAF = -1
"""Stands in the tree for a box that is not cut."""

ARGUMENT = "branch and bound"

_MARGIN = 1e-9
_ROUNDING = 1e-12
_TOGETHER = 4096
_ANGLES = 2.0 * pi * np.arange(INSTANTS) / INSTANTS
_COS, _SIN = np.cos(_ANGLES), np.sin(_ANGLES)


@dataclass(frozen=True)
class BoxProof:
    """A proof that no phases of some tones have a lower peak: boxes and their multipliers. Made by ``prove_in_boxes``.

    It holds for every fundamental, and for a complex signal at every place of the band. ``docs/proof.md`` describes
    its file and how others can check it.

    Attributes:
        harmonics: Harmonic numbers without a common divisor; of a complex signal counted from the lowest tone.
        amplitudes: Amplitudes.
        complex: Whether the signal is complex.
        peak: No phases have a peak below this, in the unit of the amplitudes.
        tree: The cuts, each before what it separates: number of the free tone and place of the cut (a whole circle is
            2²⁰), then all of the lower and all of the upper part; −1 for a box that is not cut.
        boxes: For each of these, in the order of the tree: time, direction (a period and a whole circle are 2¹⁴) and
            weight of each height in the mean, one after the other.

    Raises:
        ValueError: These cannot be a proof; one that can may still be wrong, which ``check`` finds out.

    Example:
        >>> from crestfall.certainty.proof import prove_in_boxes
        >>> proof = prove_in_boxes(Multisine.harmonics([1, 2, 3], fundamental=10.0), 1.97)
        >>> proof.check() == proof.peak, round(proof.crest_factor, 2), len(proof.boxes) > 5
        (True, 1.61, True)
    """

    harmonics: tuple[int, ...]
    amplitudes: tuple[float, ...]
    complex: bool
    peak: float
    tree: tuple[int, ...]
    boxes: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        n, numbers = len(self.harmonics), set(self.harmonics)
        if n < 2 or len(self.amplitudes) != n:
            raise ValueError(f"there are {n} harmonics and {len(self.amplitudes)} amplitudes; give two or more tones")
        lowest, highest = min(numbers), max(numbers)
        if len(numbers) < n or highest > TURN or (lowest != 0 if self.complex else lowest < 1):
            need = "from 0" if self.complex else "from 1"
            raise ValueError(
                f"harmonics must be distinct integers {need} to {TURN}; a complex signal has its lowest at 0"
            )
        if int(np.gcd.reduce(np.array(self.harmonics))) != 1:
            raise ValueError("harmonics have a common divisor; divide them by it")
        if not all(value > 0.0 and isfinite(value) for value in (self.peak, *self.amplitudes)):
            raise ValueError("peak and amplitudes must be finite numbers above 0")
        for box in self.boxes:
            if not box or len(box) % 3 or min(box[2::3]) < 1 or max(map(abs, box)) > TURN:
                raise ValueError("a box needs times, directions and weights from 1, none beyond 2²⁰")
        self._leaves()  # the tree must be whole

    @property
    def argument(self) -> str:
        """What proves it."""
        return ARGUMENT

    @property
    def arithmetic(self) -> str:
        """How ``check`` computes, in words."""
        return "with a margin for rounding"

    @property
    def crest_factor(self) -> float:
        """Crest factor that no phases can beat, rounded down."""
        largest = max(self.amplitudes)
        power = sum((a / largest) ** 2 for a in self.amplitudes) / (1.0 if self.complex else 2.0)
        return self.peak / (largest * sqrt(power)) * (1.0 - _ROUNDING)

    @property
    def domain(self) -> Domain:
        """The free tones and the ranges of their phases [rad]."""
        amplitudes = np.array(self.amplitudes) / max(self.amplitudes)
        return domain(np.array(self.harmonics, np.int64), amplitudes, self.complex)

    def is_about(self, ms: Multisine) -> bool:
        """Whether these are its tones, in any order, with any fundamental."""
        ms = require_tones("ms", ms)
        if ms.n != len(self.harmonics) or ms.complex != self.complex or ms.has_repeated_frequencies:
            return False
        theirs = zip(band_numbers(ms).tolist(), ms.amplitudes.tolist(), strict=True)
        return sorted(theirs) == sorted(zip(self.harmonics, self.amplitudes, strict=True))

    def is_valid(self) -> bool:
        """Whether it proves its peak, computed from the tones, the boxes and their multipliers alone."""
        low, high = self._leaves()
        largest = max(self.amplitudes)
        for first in range(0, len(self.boxes), _TOGETHER):
            chosen = slice(first, first + _TOGETHER)
            instants = padded(self.boxes[chosen])
            amplitudes = np.array(self.amplitudes) / largest
            heights = least_means(
                np.array(self.harmonics), amplitudes, self.domain.free, low[chosen], high[chosen], instants
            )
            if heights.min() < self.peak / largest:
                return False
        return True

    def check(self, ms: Multisine | None = None) -> float:
        """Repeat the proof (see ``is_valid``).

        Args:
            ms: Tones that it must be about; by default its own.

        Returns:
            The peak that no phases can beat.

        Raises:
            ValueError: It does not prove this peak, or is about other tones.
        """
        if ms is not None and not self.is_about(ms):
            raise ValueError(f"it is about other tones, {self._tones_in_words()}; make one for yours")
        if not self.is_valid():
            raise ValueError(f"its boxes do not prove that no phases have a peak below {self.peak!r}")
        return self.peak

    def save(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Write it to a JSON file (see ``crestfall.files.box_proofs``).

        Args:
            path: Where to; the name ends with ``.json``.
            overwrite: Replace an existing file.
        """
        from crestfall.files.bound_proofs import save_proof

        save_proof(self, path, overwrite=overwrite)

    def _leaves(self) -> tuple[IntArray, IntArray]:
        """Lower and upper ends ``(boxes, d)`` of the boxes that are not cut."""
        found = list(_cut(self.tree, whole_box(self.domain)))
        if len(found) != len(self.boxes):
            raise ValueError(f"the tree has {len(found)} boxes, and there are multipliers for {len(self.boxes)}")
        both = np.array(found, np.int64).reshape(len(found), 2, -1)
        return both[:, 0], both[:, 1]

    def _tones_in_words(self) -> str:
        kind, n = "complex" if self.complex else "real", len(self.harmonics)
        few = ", ".join(map(str, self.harmonics[:8])) + (", …" if n > 8 else "")
        return f"{n} {kind} tones at harmonics {few}"

    def __str__(self) -> str:
        return (
            f"no phases of these {len(self.harmonics)} tones have a crest factor below "
            f"{int(self.crest_factor * 1e4) / 1e4:.4f} (peak {self.peak!r}): {self.argument}, {len(self.boxes)} boxes"
        )

    def __repr__(self) -> str:
        return f"BoxProof({self._tones_in_words()}, peak={self.peak!r}, {len(self.boxes)} boxes)"


def whole_box(of: Domain) -> tuple[list[int], list[int]]:
    """Lower and upper ends of a box that holds the domain.

    Example:
        >>> whole_box(domain(np.array([1, 2, 3]), np.ones(3), complex=False))
        ([0, 0], [1048576, 87382])
    """
    high = [min(TURN, ceil(width / (2.0 * pi) * TURN + 1e-6)) for width in of.width]
    return [0] * len(high), high


def _cut(tree: tuple[int, ...], whole: tuple[list[int], list[int]]) -> Iterator[tuple[list[int], list[int]]]:
    """The boxes that a tree cuts a box into, in its order."""
    open_boxes, at = [whole], 0
    while open_boxes:
        low, high = open_boxes.pop()
        if at >= len(tree):
            raise ValueError("the tree ends before all boxes are there")
        tone = tree[at]
        at += 1
        if tone == LEAF:
            yield low, high
            continue
        if not 0 <= tone < len(low) or at >= len(tree) or not low[tone] < tree[at] < high[tone]:
            raise ValueError("a cut of the tree is not inside its box")
        upper, lower = low.copy(), high.copy()
        upper[tone] = lower[tone] = tree[at]
        at += 1
        open_boxes += [(upper, high), (low, lower)]
    if at < len(tree):
        raise ValueError("the tree goes on after all boxes are there")


def padded(boxes: tuple[tuple[int, ...], ...]) -> IntArray:
    """``(boxes, m, 3)`` times, directions and weights, with weights 0 where a box has fewer than others."""
    longest = max(map(len, boxes))
    return np.array([box + (0,) * (longest - len(box)) for box in boxes], np.int64).reshape(len(boxes), -1, 3)


def least_means(
    harmonics: IntArray, amplitudes: FloatArray, free: IntArray, low: IntArray, high: IntArray, instants: IntArray
) -> FloatArray:
    r"""``(boxes,)`` what the weighted means of heights are at least, anywhere in their boxes.

    .. math:: \sum_k a_k \min_{θ_k} \operatorname{Re}(e^{iθ_k} G_k), \qquad
              G_k = \sum_i w_i e^{i(h_k t_i - ψ_i)} / \sum_i w_i

    The minimum of a tone lies at an end of its range, or it is ``−|G_k|`` if the opposite of ``G_k`` is in the range.

    Args:
        harmonics: ``(n,)`` harmonic numbers.
        amplitudes: ``(n,)`` amplitudes.
        free: ``(d,)`` indices of the tones with a range; the others have phase zero.
        low: ``(boxes, d)`` lower ends of the ranges, a whole circle is ``TURN``.
        high: ``(boxes, d)`` upper ends.
        instants: ``(boxes, m, 3)`` times and directions (a whole period or circle is ``INSTANTS``), and weights.
    """
    times, directions, weights = np.moveaxis(instants, 2, 0)
    angles = (times[..., None] * harmonics - directions[..., None]) % INSTANTS
    shares = (weights / weights.sum(1, keepdims=True))[:, None, :]
    g = np.matmul(shares, _COS[angles])[:, 0] + 1j * np.matmul(shares, _SIN[angles])[:, 0]
    least = g.real.copy()
    unit, of_free = 2.0 * pi / TURN, g[:, free]
    ends = [(of_free * np.exp(1j * unit * end)).real for end in (low, high)]
    opposite = (pi - np.angle(of_free)) / unit
    is_inside = (opposite - low + 1.0) % TURN <= high - low + 2.0  # or so close to it that rounding could tell wrong
    least[:, free] = np.where(is_inside, -np.abs(of_free), np.minimum(*ends))
    return least @ amplitudes - _MARGIN * float(amplitudes.sum())
