r"""A proof by branch and bound that can be kept, and checked without the search that found it.

It consists of a tree that cuts the domain of phases (``domain``) into boxes, and of times, directions and weights for
each box that is not cut, all of them integers. In each of these boxes a weighted mean of heights is nowhere below the
peak (``relaxation`` has the formula). Cutting is exact; the means are computed in double precision, with a margin ten
thousand times as large as all rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, pi
from typing import ClassVar

import numpy as np

from crestfall.certainty.peak_proof import PeakProof
from crestfall.certainty.proof.domain import Domain, domain
from crestfall.problem.arrays import FloatArray, IntArray

PHASE_STEPS = 2**20
"""Steps of a whole circle, in which the ends of boxes are counted."""

TIME_STEPS = 2**14
"""Steps of a period, in which times are counted, and of a whole circle, in which directions are."""

LEAF = -1
"""Stands in the tree for a box that is not cut."""

ARGUMENT = "branch and bound"

_MARGIN = 1e-9
"""Part of the sum of the amplitudes that is taken off each mean: rounding is below 1e-13 of it."""
_BATCH = 4096
"""Boxes that are checked at once, to bound the memory."""
_ANGLES = 2.0 * pi * np.arange(TIME_STEPS) / TIME_STEPS
_COS, _SIN = np.cos(_ANGLES), np.sin(_ANGLES)


@dataclass(frozen=True, repr=False)
class BoxProof(PeakProof):
    """A proof that no phases of some tones have a lower peak: boxes and their weights. Made by ``prove_in_boxes``.

    It holds for every fundamental, and for a complex signal at every place of the band. ``docs/proof.md`` describes
    its file and how others can check it.

    Attributes:
        harmonics: Harmonic numbers without a common divisor; of a complex signal counted from the lowest tone.
        amplitudes: Amplitudes.
        complex: Whether the signal is complex.
        peak: No phases have a peak below this, in the unit of the amplitudes.
        tree: The cuts, each before its two parts: number of the free tone and place of the cut (a whole circle is
            2²⁰), then all of the lower and all of the upper part; −1 for a box that is not cut.
        boxes: For each of these, in the order of the tree: time, direction (a period and a whole circle are 2¹⁴; 0 or
            2¹³ for a real signal) and weight of each height in the mean, one after the other.

    Raises:
        ValueError: These cannot be a proof; one that can may still be wrong, which ``check`` finds out.

    Example:
        >>> from crestfall import Multisine, prove_in_boxes
        >>> proof = prove_in_boxes(Multisine.harmonics([1, 2, 3], fundamental=10.0), 1.97)
        >>> proof.check() == proof.peak, round(proof.crest_factor, 2), len(proof.boxes) > 5
        (True, 1.61, True)
    """

    tree: tuple[int, ...]
    boxes: tuple[tuple[int, ...], ...]

    LARGEST_HARMONIC: ClassVar[int] = PHASE_STEPS
    EVIDENCE: ClassVar[str] = "boxes"
    CHECKER: ClassVar[str] = "examples/check_boxes.py"

    def __post_init__(self) -> None:
        super().__post_init__()
        for box in self.boxes:
            if not box or len(box) % 3 or min(box[2::3]) < 1 or max(map(abs, box)) > PHASE_STEPS:
                raise ValueError("a box needs times, directions and weights from 1, none beyond 2²⁰")
            # A real signal is the real part of its tones: that of any other direction may lie above its peak.
            if not self.complex and any(direction % (TIME_STEPS // 2) for direction in box[1::3]):
                raise ValueError("the directions of a real signal are 0 or 2¹³, up and down")
        self._leaves()  # the tree must be whole

    @property
    def argument(self) -> str:
        """What proves it."""
        return ARGUMENT

    @property
    def arithmetic(self) -> str:
        """How ``is_valid`` computes."""
        return "with a margin for rounding"

    @property
    def domain(self) -> Domain:
        """The free tones and the ranges of their phases [rad]."""
        amplitudes = np.array(self.amplitudes) / max(self.amplitudes)
        return domain(np.array(self.harmonics, np.int64), amplitudes, self.complex)

    def is_valid(self) -> bool:
        """Whether it proves its peak, computed from the tones, the boxes and their weights alone."""
        low, high = self._leaves()
        harmonics, largest = np.array(self.harmonics), max(self.amplitudes)
        amplitudes, free = np.array(self.amplitudes) / largest, self.domain.free
        for first in range(0, len(self.boxes), _BATCH):
            chosen = slice(first, first + _BATCH)
            instants = _padded(self.boxes[chosen])
            means = least_means(harmonics, amplitudes, free, low[chosen], high[chosen], instants)
            if means.min() < self.peak / largest:
                return False
        return True

    def _leaves(self) -> tuple[IntArray, IntArray]:
        """Lower and upper ends ``(boxes, d)`` of the boxes that are not cut."""
        found = list(_boxes_of(self.tree, whole_box(self.domain)))
        if len(found) != len(self.boxes):
            raise ValueError(f"the tree has {len(found)} boxes, and there are multipliers for {len(self.boxes)}")
        both = np.array(found, np.int64).reshape(len(found), 2, -1)
        return both[:, 0], both[:, 1]

    def __str__(self) -> str:
        return f"{super().__str__()}, {len(self.boxes)} boxes"

    def __repr__(self) -> str:
        return f"BoxProof({self.tones_in_words}, peak={self.peak!r}, {len(self.boxes)} boxes)"


def whole_box(of: Domain) -> tuple[list[int], list[int]]:
    """Lower and upper ends of the smallest box that holds the domain, in ``PHASE_STEPS`` of a circle.

    Example:
        >>> whole_box(domain(np.array([1, 2, 3]), np.ones(3), complex=False))
        ([0, 0], [1048576, 87382])
    """
    high = [min(PHASE_STEPS, ceil(width / (2.0 * pi) * PHASE_STEPS + 1e-6)) for width in of.width]
    return [0] * len(high), high


def _boxes_of(tree: tuple[int, ...], whole: tuple[list[int], list[int]]) -> Iterator[tuple[list[int], list[int]]]:
    """Lower and upper ends of the boxes that a tree cuts a box into, in its order.

    Raises:
        ValueError: It is not a tree of boxes.
    """
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


def _padded(boxes: tuple[tuple[int, ...], ...]) -> IntArray:
    """``(boxes, m, 3)`` times, directions and weights, with weights 0 where a box has fewer than others."""
    longest = max(map(len, boxes))
    return np.array([box + (0,) * (longest - len(box)) for box in boxes], np.int64).reshape(len(boxes), -1, 3)


def least_means(
    harmonics: IntArray, amplitudes: FloatArray, free: IntArray, low: IntArray, high: IntArray, instants: IntArray
) -> FloatArray:
    r"""``(boxes,)`` lower bounds on the weighted means of heights, anywhere in their boxes.

    .. math:: \sum_k a_k \min_{θ_k} \operatorname{Re}(e^{iθ_k} G_k), \qquad
              G_k = \sum_i w_i e^{i(h_k t_i - ψ_i)} / \sum_i w_i

    A tone is least at an end of its range, or it is ``−|G_k|`` if the phase opposite to ``G_k`` lies in the range.

    Args:
        harmonics: ``(n,)`` harmonic numbers.
        amplitudes: ``(n,)`` amplitudes.
        free: ``(d,)`` indices of the tones with a range; the others have phase zero.
        low: ``(boxes, d)`` lower ends of the ranges, in ``PHASE_STEPS`` of a circle.
        high: ``(boxes, d)`` upper ends.
        instants: ``(boxes, m, 3)`` times and directions, in ``TIME_STEPS`` of a period or circle, and weights.
    """
    times, directions, weights = np.moveaxis(instants, 2, 0)
    angles = (times[..., None] * harmonics - directions[..., None]) % TIME_STEPS
    shares = (weights / weights.sum(1, keepdims=True))[:, None, :]
    g = np.matmul(shares, _COS[angles])[:, 0] + 1j * np.matmul(shares, _SIN[angles])[:, 0]
    least = g.real.copy()
    unit, of_free = 2.0 * pi / PHASE_STEPS, g[:, free]
    ends = [(of_free * np.exp(1j * unit * end)).real for end in (low, high)]
    opposite = (pi - np.angle(of_free)) / unit
    is_inside = (opposite - low + 1.0) % PHASE_STEPS <= high - low + 2.0  # one step more, as rounding is not exact
    least[:, free] = np.where(is_inside, -np.abs(of_free), np.minimum(*ends))
    return least @ amplitudes - _MARGIN * float(amplitudes.sum())
