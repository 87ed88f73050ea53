"""No design in a box comes below the bound of the box, and what the parts are made of."""

from fractions import Fraction

import numpy as np
import pytest

import crestfall as cf
from crestfall.certainty.proof.boxes import OpenBoxes, split, whole
from crestfall.certainty.proof.interior_point import InteriorPoint
from crestfall.certainty.proof.part import Part, bound_once
from crestfall.certainty.proof.relaxation import Relaxation
from crestfall.certainty.proof.signal import Signal

CASES = [
    *(([1, 2, 3], False), ([1, 2, 3, 4, 5, 6], False), ([2, 3, 7], False), ([1, 3, 5], False), ([3, 5, 9, 10], False)),
    *(([0, 1, 2], True), ([0, 2, 5], True), ([-3, 1, 2, 9], True), ([10, 12, 20, 26], True)),
]


def multisine(h, is_complex, a=1.0):
    return cf.Multisine.harmonics(h, amplitudes=a, complex=is_complex)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize(("h", "is_complex"), CASES)
def test_random_phases_in_a_box_are_never_below_its_bound(h, is_complex, centred):
    rng = np.random.default_rng(len(h))
    a = rng.uniform(0.5, 1.5, len(h))
    ms = multisine(h, is_complex, a)
    signal = Signal.of(ms)
    batch, d = 200, signal.free.size
    centre = rng.uniform(0, 2 * np.pi, (batch, signal.n))
    if centred:  # where it matters: around a good design
        centre = cf.minimize_peak(ms, starts=8).phases + 0.1 * rng.standard_normal(centre.shape)
    half = np.exp(rng.uniform(-9, 1.14, (batch, d)))
    bound = Relaxation(signal, centre, half).solve().bound * ms.amplitude_scale
    assert np.isfinite(bound).all()
    degree = np.ptp(h) if is_complex else max(h)
    n_samples = 64 * degree
    waves = np.exp(2j * np.pi * np.outer(ms.harmonic_numbers, np.arange(n_samples) / n_samples))
    for _ in range(20):
        offset = rng.uniform(-1, 1, (batch, d))
        corner = rng.random((batch, d)) < 0.5
        phases = centre.copy()
        phases[:, signal.free] += np.where(corner, np.sign(offset), offset) * half
        z = (a * np.exp(1j * phases)) @ waves
        sampled = np.abs(z if is_complex else z.real).max(1)
        # The true peak is at most this much above the samples (Ehlich & Zeller), and the bound may lie in between.
        assert np.all(bound <= sampled / np.cos(np.pi * degree / n_samples))


@pytest.mark.parametrize(("h", "is_complex"), CASES)
def test_narrowing_a_box_loses_no_design_below_the_threshold(h, is_complex):
    """Phases of random and of good designs, in random boxes; peaks are sampled, so they are no higher than true."""
    rng = np.random.default_rng(len(h))
    a = rng.uniform(0.5, 1.5, len(h))
    ms = multisine(h, is_complex, a)
    signal = Signal.of(ms)
    batch, d = 400, signal.free.size
    good = cf.minimize_peak(ms, starts=8).phases
    threshold = 1.05 * cf.true_peak(ms, good) / ms.amplitude_scale
    centre = good + rng.uniform(-1.5, 1.5, (batch, 1)) * rng.standard_normal((batch, signal.n))
    half = np.where(rng.random((batch, d)) < 0.2, np.pi, np.exp(rng.uniform(-3, 1.14, (batch, d))))
    relaxed = Relaxation(signal, centre, half).solve(threshold)
    at = np.flatnonzero(relaxed.bound < threshold)
    narrow = relaxed.narrowed(threshold, at)
    middle, width = narrow[:, :d], narrow[:, d:]
    assert np.all(width <= half[at] * (1 + 1e-12))
    assert d == 1 or (width < 0.9 * half[at]).any()  # something was cut off

    n_samples = 64 * (np.ptp(h) if is_complex else max(h))
    waves = np.exp(2j * np.pi * np.outer(ms.harmonic_numbers, np.arange(n_samples) / n_samples))
    kept = lost = 0
    for _ in range(100):
        offset = rng.uniform(-1, 1, (len(at), d)) * half[at] * rng.choice([0.1, 1.0], (len(at), 1))
        near = rng.random(len(at)) < 0.5  # phases of the good design, where they lie in the box
        to_good = (good[signal.free] - centre[at][:, signal.free] + np.pi) % (2 * np.pi) - np.pi
        offset[near] = np.clip(to_good[near] + 0.02 * offset[near], -half[at][near], half[at][near])
        phases = centre[at].copy()
        phases[:, signal.free] += offset
        z = (a * np.exp(1j * phases)) @ waves
        is_low = np.abs(z if is_complex else z.real).max(1) * (1 + 2e-3) < threshold * ms.amplitude_scale
        turn = (phases[:, signal.free] - middle + np.pi) % (2 * np.pi) - np.pi
        inside = np.all(np.abs(turn) <= width + 1e-9, axis=1)
        kept, lost = kept + int(np.sum(is_low & inside)), lost + int(np.sum(is_low & ~inside))
    assert lost == 0
    assert kept > 0


def test_what_is_done_with_holds_the_bound_down():
    ms = multisine(range(1, 7), False)
    signal, rng = Signal.of(ms), np.random.default_rng(4)
    good = cf.minimize_peak(ms, starts=32).phases
    threshold = signal.certified_peak(good)[0]
    centre = good + 0.3 * rng.standard_normal((50, 6))
    small = np.c_[centre[:, signal.free], np.full((50, 5), 1e-3), np.zeros(50)]
    bounds = Relaxation(signal, centre * np.isin(np.arange(6), signal.free), small[:, 5:10]).solve(threshold).bound
    whole_step = bound_once(signal, small, threshold)
    assert (bounds >= threshold).all()
    assert len(whole_step.boxes) == 0
    assert whole_step.closed_bound == bounds.min()
    part = Part(ms, small, threshold, 1000).bound(lambda: False)
    assert part.closed_bound == bounds.min()
    assert part.boxes_bounded == 50


def test_what_is_cut_off_is_no_lower_than_the_threshold():
    ms = multisine(range(1, 7), False)
    signal, rng = Signal.of(ms), np.random.default_rng(8)
    good = cf.minimize_peak(ms, starts=32).phases
    good = good - signal.h * good[5] / 6  # a shift in time that puts the tone without a range at phase 0
    assert 5 not in signal.free
    threshold = signal.certified_peak(good)[0]
    seen = set()
    for _ in range(100):
        box = np.array([[*(good[:5] + 0.3 * rng.standard_normal(5)), *np.full(5, 0.3), 0.0]])
        step = bound_once(signal, box, threshold)
        is_open = len(step.boxes) > 0
        is_whole = np.prod(2 * step.boxes[:, 5:10], axis=1).sum() > 0.999 * 0.6**5
        seen.add((is_open, is_whole))
        if is_open:
            assert step.closed_bound == (np.inf if is_whole else threshold)
    assert {(True, True), (True, False), (False, False)} <= seen


def test_the_bound_of_a_small_box_is_nearly_the_peak():
    ms = multisine(range(1, 7), False)
    signal = Signal.of(ms)
    phases = cf.minimize_peak(ms, starts=32).phases
    peak = signal.certified_peak(phases)[0]
    for radius in (1e-2, 1e-3):
        bound = Relaxation(signal, phases[None], np.full((1, 5), radius)).solve().bound[0]
        assert peak - 10 * radius**2 <= bound <= peak  # the sagitta is second order


@pytest.mark.parametrize("is_complex", [False, True])
def test_rounding_lifts_no_bound_above_a_peak_that_is_known_exactly(is_complex):
    """In a box of almost no width around phases 0, where the peak is the sum of the amplitudes."""
    rng = np.random.default_rng(6)
    for _ in range(60):
        amplitudes = rng.uniform(0.3, 1.0, 7)
        ms = multisine([0, 1, 2, 4, 5, 7, 9] if is_complex else range(1, 8), is_complex, amplitudes)
        signal = Signal.of(ms)
        box = Relaxation(signal, np.zeros((1, 7)), np.full((1, signal.free.size), 1e-300))
        highest = np.arange(box.b.shape[1])[None] == box.b[0].argmax()
        bound = box.proven_by(highest.astype(float), np.array([0]))[0]
        exact = sum(Fraction(float(a)) for a in ms.amplitudes / ms.amplitude_scale)
        assert exact * (1 - Fraction(1, 10**11)) <= Fraction(float(bound)) <= exact


def test_the_interior_point_method_reaches_the_linear_programs_optimum():
    from scipy.optimize import linprog

    rng = np.random.default_rng(3)
    b, a = rng.uniform(0, 2, (20, 12)), rng.standard_normal((20, 12, 4))
    state = InteriorPoint(b, a)
    while state.gap.max() > 1e-8:
        state.step()
    for k in range(20):
        exact = linprog([0, 0, 0, 0, 1], np.c_[a[k], -np.ones(12)], -b[k], bounds=[*[(-1, 1)] * 4, (None, None)])
        assert state.top[k] == pytest.approx(exact.fun, abs=1e-6)
        assert np.max(b[k] + a[k] @ state.y[k]) <= state.top[k] + 1e-9
        assert np.all(state.weight[k] > 0)


def test_splitting_covers_the_box():
    rng = np.random.default_rng(1)
    boxes = np.c_[rng.uniform(0, 6, (30, 3)), rng.uniform(0.1, np.pi, (30, 3)), np.arange(30.0)]
    boxes[::3, 4] = np.pi
    parts = split(boxes, rng.random((30, 3)))
    for box in boxes:
        own = parts[parts[:, -1] == box[-1]]
        points = box[:3] + box[3:6] * rng.uniform(-1, 1, (500, 3))
        inside = np.abs(points[:, None] - own[None, :, :3]) <= own[None, :, 3:6] * (1 + 1e-12)
        assert inside.all(2).any(1).all()
        assert np.prod(own[:, 3:6], axis=1).sum() == pytest.approx(np.prod(box[3:6]))


@pytest.mark.parametrize("most", [10**6, 8])
def test_open_boxes_lose_none(most):
    rng = np.random.default_rng(0)
    boxes = OpenBoxes(whole(np.array([1.0])), most=most)
    known = {0.0}
    boxes.pop(1)
    known.clear()
    for _ in range(50):
        new = rng.random(int(rng.integers(1, 12)))
        boxes.push(np.c_[np.zeros(len(new)), np.ones(len(new)), new])
        known |= set(new)
        count = int(rng.integers(1, 8))
        popped = set(boxes.pop(count)[:, -1])
        if most > 100:
            assert popped == set(sorted(known)[:count])
        known -= popped
        assert len(boxes) == len(known)
        assert boxes.lowest == min(known, default=np.inf)
