"""The larger of I and Q: certified against direct sums, its symmetries, and bounds that nothing is below."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.certainty.bounds import components_lower_bound
from crestfall.certainty.components import components_maximum, components_peak
from crestfall.certainty.measures import true_peak
from crestfall.certainty.value import value_bound

DENSE = 20_000


def direct(numbers, coefficients, turns):
    """``z`` at some fractions of the period, summed tone by tone."""
    return np.exp(2j * np.pi * np.outer(turns, numbers)) @ coefficients


def larger(z):
    return max(np.abs(z.real).max(), np.abs(z.imag).max())


@st.composite
def signals(draw):
    """Complex tones on both sides of zero, some of them mirror images of others, and phases."""
    numbers = draw(st.lists(st.integers(-12, 12), min_size=1, max_size=8, unique=True))
    n = len(numbers)
    amplitudes = draw(st.lists(st.floats(0.01, 3.0), min_size=n, max_size=n))
    phases = draw(st.lists(st.floats(-10.0, 10.0), min_size=n, max_size=n))
    return cf.Multisine.harmonics(numbers, 5.0, amplitudes, True), np.array(phases)


@settings(max_examples=150, deadline=None)
@given(signals())
def test_the_interval_holds_the_highest_of_dense_samples(signal):
    ms, phases = signal
    numbers = np.rint(ms.frequencies / 5.0)
    found = components_maximum(ms, phases)
    highest = larger(direct(numbers, ms.amplitudes * np.exp(1j * phases), np.arange(DENSE) / DENSE))
    # Next to a maximum of degree D, samples are lower by (πD/N)²/2 at most.
    assert highest * (1 - 1e-13) <= found.high
    assert found.low <= highest * (1 + 1.1 * (np.pi * 12 / DENSE) ** 2)
    assert found.low <= found.value <= found.high <= found.low + 1e-11 * np.sum(ms.amplitudes)
    at_angle = direct(ms.harmonic_numbers, ms.amplitudes * np.exp(1j * phases), [found.angle / (2 * np.pi)])
    assert larger(at_angle) == pytest.approx(found.value, rel=1e-9)


@settings(max_examples=100, deadline=None)
@given(signals(), st.integers(-5, 5), st.floats(-1.0, 1.0))
def test_right_angles_and_shifts_in_time_change_nothing(signal, quarters, shift):
    ms, phases = signal
    value = components_peak(ms, phases)
    moved = phases + 0.5 * np.pi * quarters + 2.0 * np.pi * ms.frequencies * shift
    assert components_peak(ms, moved) == pytest.approx(value, rel=1e-9)


@settings(max_examples=100, deadline=None)
@given(signals())
def test_the_envelope_is_at_least_as_high_and_at_most_by_the_root_of_two(signal):
    ms, phases = signal
    value, envelope = components_peak(ms, phases), true_peak(ms, phases)
    assert value * (1 - 1e-12) <= envelope <= np.sqrt(2) * value * (1 + 1e-12)


def test_a_rotation_by_another_angle_changes_it():
    ms = cf.Multisine([0.0, 1.0], complex=True)
    assert components_peak(ms, [0.0, 0.0]) == pytest.approx(2.0, rel=1e-12)
    assert components_peak(ms, [np.pi / 4, np.pi / 4]) == pytest.approx(1.0 + np.sqrt(0.5), rel=1e-12)
    with pytest.raises(ValueError, match="give complex tones"):
        components_peak(cf.Multisine([1.0]), [0.0])


TONES = {
    "around zero": cf.Multisine.harmonics(range(-8, 8), complex=True),
    "above zero": cf.Multisine.harmonics(range(1, 17), complex=True),
    "mirrored": cf.Multisine.harmonics([-7, -3, -1, 1, 3, 7], 1.0, [1.0, 0.2, 0.5, 0.7, 0.1, 2.0], True),
    "two": cf.Multisine.harmonics([0, 1], complex=True),
    "one": cf.Multisine.harmonics([3], complex=True),
    "constant": cf.Multisine([0.0], complex=True),
    "sparse": cf.Multisine.harmonics([-11, 1, 4, 9, 30], complex=True),
    "falling": cf.Multisine.harmonics(range(-2, 10), 1.0, 0.6 ** np.arange(12), True),
    "twice": cf.Multisine.harmonics([2, 2, 2, -1, 5, 5], 1.0, [3.0, 1.0, 1.0, 1.0, 0.5, 2.0], True),
}
TIMES = {"period": cf.Period(), "samples": cf.Samples(64), "window": cf.Window(0.1, 6.0)}


@pytest.mark.parametrize("name", TONES)
@pytest.mark.parametrize("over", TIMES)
def test_none_of_a_thousand_designs_is_below_the_bound(name, over):
    if name == "twice" and over == "window":
        return
    ms, times = TONES[name], TIMES[over]
    problem = cf.Problem(ms, over=times, measure="components")
    bound = cf.Design.of(problem, np.zeros(ms.n)).lower_bound
    rng = np.random.default_rng(2)
    turns = {"samples": np.arange(64) / 64, "window": np.linspace(0.1, 6.1, 4001)}.get(over, np.arange(512) / 512)
    waves = np.exp(2j * np.pi * np.outer(ms.frequencies, turns if over == "window" else turns / ms.fundamental))
    values = []
    for _ in range(1000):
        z = (ms.amplitudes * np.exp(1j * rng.uniform(0, 2 * np.pi, ms.n))) @ waves
        values.append(larger(z))
    begun = cf.minimize_peak(problem, starts=8, seed=1)
    unit = np.sqrt(np.sum(ms.amplitudes**2))
    assert bound > 0.0 or name == "twice"
    # Between dense samples the signal is a little higher still.
    assert min(values) / unit >= bound * (1 - 1e-4 if over != "samples" else 1)
    assert begun.figure >= bound * (1 - 1e-12)


@pytest.mark.parametrize("outputs", [False, True])
def test_no_allowed_amplitudes_and_phases_are_below_the_bound(outputs):
    ms = cf.Multisine.harmonics([-4, -1, 1, 2, 5], 10.0, [1.0, 0.7, 1.2, 0.4, 0.9], True)
    given = [cf.Output(limit=3.0), cf.Output(lambda f: 2.0 / (1.0 + 0.03j * f), 2.0, "y")] if outputs else ()
    extra = cf.ExtraTones([90.0], largest=0.5)
    problem = cf.Problem(ms, measure="components", outputs=given, tolerance_db=2.0, extra=extra)
    rng, free = np.random.default_rng(3), problem.freedom
    bound = value_bound(problem, problem.tones)
    assert bound > 0.0
    t = np.arange(1024) / 1024 / 10.0
    for _ in range(300):  # towards the ends of the ranges, where bounds are nearest
        a = free.low + rng.choice([0.0, 1.0, 0.5], 6) * (free.high - free.low)
        c, f = a * np.exp(1j * rng.uniform(0, 2 * np.pi, 6)), problem.tones.frequencies
        level = np.linalg.norm(a[:5]) / np.linalg.norm(ms.amplitudes)
        rms = np.linalg.norm(ms.amplitudes)
        signals = [(1.0, 3.0), (2.0 / (1.0 + 0.03j * f), 2.0)] if outputs else [(1.0, rms)]
        value = max(larger(np.exp(2j * np.pi * np.outer(t, f)) @ (c * response)) / limit for response, limit in signals)
        assert value / level >= bound * (1 - 1e-3)


def test_the_bound_is_met_where_the_optimum_is_known():
    one = cf.Multisine.harmonics([3], 1.0, [2.0], True)
    assert components_lower_bound(one) == pytest.approx(2.0, rel=1e-12)  # both parts are sines
    constant = cf.Multisine([0.0], [2.0], complex=True)
    assert components_lower_bound(constant) == pytest.approx(np.sqrt(2), rel=1e-12)  # at 45°
    # Bernstein and Szegő: Σ (1 + (h/K)²) / 2 over all tones.
    ms = cf.Multisine.harmonics(range(-30, 30), complex=True)
    expected = np.sqrt(0.5 * np.sum(1.0 + (ms.harmonic_numbers / 30.0) ** 2))
    assert components_lower_bound(ms) == pytest.approx(expected, rel=1e-12)
    # Whatever bounds |z|: Golomb's ruler, which no phases help much.
    ruler = cf.Multisine.harmonics([-6, -5, -2, 3, 5], complex=True)
    assert components_lower_bound(ruler) >= cf.peak_lower_bound(ruler) * np.sqrt(0.5) * (1 - 1e-12)


@pytest.mark.parametrize("scale", [1e-250, 1e250])
def test_very_small_and_very_large_amplitudes(scale):
    numbers, phases = [-2, 0, 1, 2], [0.3, 1.0, 2.0, 4.0]
    unit, scaled = (
        cf.Multisine.harmonics(numbers, 1.0, s * np.array([1.0, 3.0, 2.0, 0.5]), True) for s in (1.0, scale)
    )
    assert components_peak(scaled, phases) / scale == pytest.approx(components_peak(unit, phases), rel=1e-13)
    assert components_lower_bound(scaled) / scale == pytest.approx(components_lower_bound(unit), rel=1e-13)


@settings(max_examples=40, deadline=None)
@given(signals(), st.floats(-2.0, 2.0), st.floats(0.02, 0.9))
def test_within_a_window(signal, start, duration):
    ms, phases = signal
    highest = np.abs(ms.frequencies).max()
    if highest * duration < 1e-2 or np.ptp(ms.frequencies) * duration < 1e-2:
        return
    window = cf.Window(start, duration)
    found = components_maximum(ms, phases, window)
    t = start + np.linspace(0.0, duration, DENSE)
    z = np.exp(2j * np.pi * np.outer(t, ms.frequencies)) @ (ms.amplitudes * np.exp(1j * phases))
    total = np.sum(ms.amplitudes)
    assert larger(z) <= found.high + 1e-12 * total
    assert found.low <= larger(z) + total * (2 * np.pi * highest * duration / DENSE) ** 2
    assert found.high - found.low <= 1e-9 * total
