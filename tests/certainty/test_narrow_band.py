"""Real tones in a narrow band on a high carrier: the certified peak is that of the real signal."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.certainty.certified_maximum import certified_maximum
from crestfall.certainty.measures import true_peak_maximum, true_range
from crestfall.problem.grids import MAX_HARMONIC
from crestfall.problem.multisine import Multisine

OFFSETS = [0, 1, 4, 9, 11, 20, 33]


def value_at(ms, phases, t):
    """The signal at one time, with exact turns: no rounding of 10⁸ cycles."""
    exact = [Fraction(f) * Fraction(t) for f in ms.frequencies.tolist()]
    turns = np.array([float(turn - turn.__floor__()) for turn in exact])
    return float(np.sum(ms.amplitudes * np.cos(2 * np.pi * turns + phases)))


def dense_envelope(ms, phases, count=2**15):
    numbers = ms.harmonic_numbers - ms.harmonic_numbers.min()
    angle = np.arange(count) * (2 * np.pi / count)
    return np.abs(np.exp(1j * np.outer(angle, numbers)) @ (ms.amplitudes * np.exp(1j * phases)))


@st.composite
def bands(draw):
    carrier = draw(st.sampled_from([10**7, 10**8, 123_456_789, 10**12]))
    offsets = sorted(draw(st.sets(st.integers(0, 300), min_size=1, max_size=8)))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    ms = cf.Multisine([carrier + offset for offset in [*offsets, 301]], rng.uniform(0.2, 2, len(offsets) + 1))
    return ms, rng.uniform(0, 2 * np.pi, ms.n)


# A top that lies 2·10⁸ turns of the carrier from its grid point, whose rounding once cost 1e-8 of the height.
FAR_TOP = (
    cf.Multisine([1e12 + 123, 1e12 + 287, 1e12 + 301], [0.70, 1.02, 0.74]),
    np.array([2.46062522, 2.79391093, 2.21528794]),
)


@settings(max_examples=60, deadline=None)
@given(bands())
@example(FAR_TOP)
def test_the_interval_holds_what_direct_summation_finds(case):
    ms, phases = case
    assume(ms.is_narrow_band)  # two tones may have a larger common divisor
    maximum = true_peak_maximum(ms, phases)
    assert maximum.low <= maximum.value <= maximum.high
    # the envelope is an upper bound and reached to within the motion of the carrier
    assert dense_envelope(ms, phases).max() <= maximum.high * (1 + 1e-12)
    widest = (np.pi * 301 / (2 * ms.frequencies.min())) ** 2
    assert maximum.value >= maximum.high * (1 - widest - 1e-11)
    # and the value is one that the signal takes
    here = value_at(ms, phases, Fraction(maximum.angle / (2 * np.pi)) / Fraction(ms.fundamental))
    carrier_motion = 2 * np.pi * ms.frequencies.max() / ms.fundamental * 4e-16 * float(np.sum(ms.amplitudes))
    assert abs(here) == pytest.approx(maximum.value, abs=max(1e-6, 2 * carrier_motion))


def test_it_agrees_with_the_certificate_of_the_whole_period_where_both_can_be_had():
    ms = cf.Multisine([100_000 + offset for offset in OFFSETS])
    assert ms.is_narrow_band
    phases = np.arange(7.0) ** 2
    exact = certified_maximum(ms.coefficients(phases), ms.harmonic_numbers)
    narrow = true_peak_maximum(ms, phases)
    assert narrow.low <= exact.high
    assert exact.low <= narrow.high
    assert narrow.value == pytest.approx(exact.value, rel=1e-7)


def test_twenty_tones_around_100_mhz_on_a_raster_of_1_hz():
    ms = cf.Multisine(100e6 + np.cumsum(np.arange(20)))
    design = cf.minimize_peak(ms, starts=16)
    assert design.status.startswith("local minimax of the envelope")
    low, high = design.peak_interval
    assert high / low - 1 < 1e-9
    envelope = cf.minimize_peak(ms.as_complex(), starts=16)
    assert design.peak == pytest.approx(envelope.peak, rel=1e-6)
    random = min(true_peak_maximum(ms, cf.random_phases(ms, seed=k)).value for k in range(30))
    assert design.peak < 0.85 * random
    assert design.lower_bound <= design.crest_factor
    assert true_range(ms, design.phases) == pytest.approx(2 * design.peak, rel=1e-6)


def test_complex_tones_and_offsets_of_half_a_hertz_are_welcome():
    ms = cf.Multisine([2e9 + 0.5, 2e9 + 1.0, 2e9 + 2.5], complex=True)
    assert (ms.fundamental, np.ptp(ms.harmonic_numbers)) == (0.5, 4)
    design = cf.minimize_peak(ms, starts=4)
    assert design.status.startswith("local minimax")
    assert dense_envelope(ms, design.phases).max() == pytest.approx(design.peak, rel=1e-6)


def test_a_design_is_saved_and_drawn(tmp_path):
    design = cf.Design.of(cf.Multisine([1e8 + offset for offset in OFFSETS]), np.arange(7.0))
    for name in ("a.json", "a.npz"):
        design.save(tmp_path / name)
        assert cf.load(tmp_path / name) == design
    assert design.plot().axes[0].get_ylabel() == "envelope |z|"
    with pytest.raises(ValueError, match="samples of its envelope"):
        design.waveform(sample_rate=5e8)
    assert design.starting_at_zero().peak == pytest.approx(design.peak, rel=1e-6)


def test_outputs_and_samples_still_count():
    ms = cf.Multisine([1e8 + offset for offset in OFFSETS])
    lowpass = cf.Output(lambda f: 1 / (1 + 1j * f / 1e8), limit=1.0, name="filtered")
    assert cf.minimize_peak(ms, outputs=[lowpass], starts=4).worst.share > 1
    with pytest.warns(cf.CrestfallWarning, match="1000 samples per second count"):
        sampled = cf.minimize_peak(ms, over=cf.Samples(rate=1000.0), starts=4)
    t = np.arange(1000) / 1000
    direct = np.cos(2 * np.pi * np.outer(t, ms.frequencies - 1e8) + sampled.phases).sum(axis=1)
    assert np.max(np.abs(direct)) == pytest.approx(sampled.worst.value, rel=1e-9)


@pytest.mark.parametrize("measure", ["range", "one-sided"])
def test_measures_that_are_the_envelope_say_so(measure):
    with pytest.raises(ValueError, match="use 'envelope'"):
        cf.minimize_peak(cf.Multisine([1e8, 1e8 + 1, 1e8 + 3]), measure=measure, starts=1)


@pytest.mark.parametrize("method", ["clip", "l2p", "schroeder"])
def test_baselines_take_the_envelope(method):
    with pytest.raises(ValueError, match=r"give them ms\.as_complex\(\)"):
        cf.minimize_peak(cf.Multisine([1e8, 1e8 + 1, 1e8 + 3]), method=method)


def test_a_wide_band_on_a_fine_raster_is_refused_and_says_what_to_do():
    with pytest.raises(ValueError, match=r"over=Window\(0.0, duration\)"):
        cf.Problem(cf.Multisine([1e8, 1e8 + 1, 1e8 + 2 * MAX_HARMONIC + 1]))
    with pytest.raises(ValueError, match="use a coarser raster"):
        Multisine.harmonics([10**8, 10**8 + 1, 10**8 + 2 * MAX_HARMONIC + 1])
