"""Which lines to excite and how strongly, in words: against tables of the standards and sums by brute force."""

import warnings
from itertools import combinations_with_replacement
from math import log2, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crestfall as cf
from crestfall.files.harmonics_text import parse_harmonics
from crestfall.files.lines_text import multisine_of_lines, without_excluded
from crestfall.problem.amplitude_laws import law
from crestfall.problem.raster import moved_to_raster, multiples_of_raster

# ISO 266, the nominal third octaves of the audible range.
THIRDS = [
    *[20, 25, 31.5, 40, 50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000],
    *[2500, 3150, 4000, 5000, 6300, 8000, 10000, 12500, 16000, 20000],
]
# IEC 61260-1, Table E.1: exact midband frequencies of octaves and thirds, five digits.
EXACT_OCTAVES = [31.623, 63.096, 125.89, 251.19, 501.19, 1000.0, 1995.3, 3981.1, 7943.3, 15849.0]


def test_third_octaves_are_those_of_the_standard():
    assert cf.grids.preferred_numbers(20, 20_000, "third-octave").tolist() == THIRDS
    assert multisine_of_lines("third-octave:20..20000", None).frequencies.tolist() == THIRDS
    np.testing.assert_allclose(cf.grids.fractional_octaves(30, 16_000, 1), EXACT_OCTAVES, rtol=3e-5)
    exact = cf.grids.fractional_octaves(19, 21_000, 3)
    assert exact.size == len(THIRDS)
    assert np.max(np.abs(exact / THIRDS - 1.0)) < 0.012  # nominal ones are rounded


@pytest.mark.parametrize("fraction", [2, 6, 12, 24])
def test_even_fractions_lie_beside_1_khz(fraction):
    found = cf.grids.fractional_octaves(500, 2000, fraction)
    np.testing.assert_allclose(np.diff(np.log10(found)), 0.3 / fraction)
    np.testing.assert_allclose(found[found > 1000][0] / 1000, 1000 / found[found < 1000][-1])


def test_series_of_components():
    assert cf.grids.preferred_numbers(0.1, 1, "E6").tolist() == [0.1, 0.15, 0.22, 0.33, 0.47, 0.68, 1.0]
    with pytest.raises(ValueError, match="choose one of 1-2-5, R5"):
        cf.grids.preferred_numbers(1, 10, "R7")


@pytest.mark.parametrize(
    ("text", "fundamental", "frequencies"),
    [
        ("20..50", 10.0, [20, 30, 40, 50]),
        ("15 .. 0.05kHz", None, None),
        ("15Hz..0.05kHz", 10.0, [20, 30, 40, 50]),
        ("1kHz,1.5 kHz, 2000", None, [1000, 1500, 2000]),
        ("5, 20..40", 10.0, None),
        ("10, 20..40", 10.0, [10, 20, 30, 40]),
        ("odd:20..80", 10.0, [30, 50, 70]),
        ("1-2-5:1..100", None, [1, 2, 5, 10, 20, 50, 100]),
        ("log:10..1000:3", 10.0, [10, 100, 1000]),
    ],
)
def test_frequencies_in_words(text, fundamental, frequencies):
    if frequencies is None:
        with pytest.raises(ValueError, match="frequencies is"):
            multisine_of_lines(text, fundamental)
    else:
        assert multisine_of_lines(text, fundamental).frequencies.tolist() == frequencies


@pytest.mark.parametrize(
    "text",
    ["", "20..", "..20", "30..20", "loud:20..30", "odd:20", "log:20..30", "log:20..200:x", "20..30 V", "10..19.9"],
)
def test_frequencies_that_say_nothing_are_refused_in_one_line(text):
    with pytest.raises(ValueError, match=r"^[^\n]*frequencies[^\n]*$"):
        multisine_of_lines(text, 10.0 if text != "10..19.9" else 20.0)


def test_what_is_rounded_is_told():
    with pytest.warns(cf.CrestfallWarning, match=r"largest error is 262 mHz: 1.99526231 kHz is now 1.995 kHz$"):
        assert multisine_of_lines("octave:500..2000", 1.0).frequencies.tolist() == [501, 1000, 1995]
    with pytest.warns(cf.CrestfallWarning, match=r"1 fell together with another$"):
        assert multisine_of_lines("100, 104, 120", 10.0).frequencies.tolist() == [100, 120]


def test_a_band_that_is_too_fine_is_not_made():
    with pytest.raises(ValueError, match="tones are more than"):
        multisine_of_lines("1..1e9", 1.0)
    with pytest.raises(ValueError, match="too high"):
        multisine_of_lines("log:1..1e9:50", 1e-3)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=25))
def test_without_sums_nothing_of_second_order_falls_on_a_line(numbers):
    kept = cf.grids.without_sums(numbers).tolist()
    products = {a + b for a, b in combinations_with_replacement(kept, 2)}
    assert not products & set(kept)
    for number in set(numbers) - set(kept):  # none is left out that need not be
        below = [one for one in kept if one < number]
        assert number in {a + b for a, b in combinations_with_replacement(below, 2)}


@given(st.sampled_from([50.0, 60.0, 16.7]), st.sampled_from([0.0, 0.5, 1.0, 3.0]), st.sampled_from([0.5, 1.0, 2.5]))
def test_mains_by_brute_force(mains, guard, fundamental):
    numbers = range(1, 400)
    kept = cf.grids.without_mains(numbers, fundamental, mains, guard).tolist()
    near = [h for h in numbers if any(abs(h * fundamental - k * mains) <= guard + 1e-9 for k in range(1, 80))]
    assert sorted(kept + near) == list(numbers)


def test_what_is_left_out():
    ms = cf.Multisine.harmonics(range(1, 13), 10.0)
    assert without_excluded(ms, "mains").frequencies.tolist() == [10, 20, 30, 40, 60, 70, 80, 90, 110, 120]
    assert without_excluded(ms, ["mains:60Hz:10Hz", "sums"]).frequencies.tolist() == [10, 30, 80, 100]
    for rule in ("0..1000", "noise", "mains:0", "mains:50:30", "5..4"):
        with pytest.raises(ValueError, match=r"exclude is|mains of exclude"):
            without_excluded(ms, rule)


@pytest.mark.parametrize(("n", "odd"), [(1, False), (10, False), (30, True), (200, False)])
def test_random_logarithmic_lines_are_one_of_each_stretch(n, odd):
    seen = set()
    for seed in range(4):
        found = cf.grids.random_logarithmic(3, 5000, n, seed, odd=odd)
        assert np.all(np.diff(found) > 0)
        assert 3 <= found[0] <= found[-1] <= 5000
        assert not odd or np.all(found % 2 == 1)
        stretch = np.floor(np.log(found / 3 * (1 + 1e-12)) / np.log(5001 / 3) * n)
        assert np.unique(stretch).size == found.size
        seen.add(tuple(found.tolist()))
    assert len(seen) > 1


def test_random_lines_leave_one_of_each_group():
    found = cf.grids.random_full(23, 4, seed=3)
    assert [np.sum((found > 4 * k) & (found <= 4 * k + 4)) for k in range(5)] == [3] * 5
    assert found[-3:].tolist() == [21, 22, 23]
    assert parse_harmonics("random:23:4:3") == found.tolist()
    assert parse_harmonics("random-log:1:1000:5:2") == cf.grids.random_logarithmic(1, 1000, 5, 2).tolist()


FREQUENCIES = np.array([10.0, 20.0, 80.0, 1000.0])


@pytest.mark.parametrize(
    ("text", "amplitude"),
    [
        ("flat", lambda f: 1.0),
        ("pink", lambda f: sqrt(10 / f)),
        ("f^-0.5", lambda f: sqrt(10 / f)),
        ("f**(1/2)", lambda f: sqrt(f / 1000)),
        ("red", lambda f: 10 / f),
        ("violet", lambda f: f / 1000),
        ("-3 dB/octave", lambda f: 10 ** (-3 * log2(f / 10) / 20)),
        ("\u22126dB per octave", lambda f: 10 ** (-6 * log2(f / 10) / 20)),
        ("20 dB/decade", lambda f: f / 1000),
    ],
)
def test_laws(text, amplitude):
    np.testing.assert_allclose(law(FREQUENCIES, text), [amplitude(f) for f in FREQUENCIES], rtol=1e-12)


def test_tables_are_straight_lines_over_logarithms():
    found = law([5, 10, 20, 40, 100], "10:1; 40 Hz: 0.25; 0.1 kHz: -20 dB")
    np.testing.assert_allclose(found, [1, 1, 0.5, 0.25, 0.1])
    for wrong in ("10:0", "10:1, 10:2", "10:x", "x:1", "loud", "f^x", "1 2 3"):
        with pytest.raises(ValueError, match="amplitudes"):
            law([5.0], wrong)
    with pytest.raises(ValueError, match="no value at 0 Hz"):
        law([0.0, 1.0], "pink")


def test_the_nearest_multiples_of_a_raster():
    rng = np.random.default_rng(2)
    wanted = np.sort(rng.uniform(1.0, 100.0, 20))
    snapped = multiples_of_raster(cf.Multisine(wanted), 0.01)
    np.testing.assert_allclose(snapped.multisine.frequencies, np.round(wanted, 2), rtol=1e-14)
    np.testing.assert_allclose(snapped.errors_hz, np.round(wanted, 2) - wanted, atol=1e-12)
    assert snapped.multisine.has_period
    with pytest.warns(cf.CrestfallWarning, match="20 of 20 tones moved to multiples of 10 mHz; the largest error is"):
        moved_to_raster(cf.Multisine(wanted), 0.01)
    for raster, said in ((5.0, "falls on 0 Hz"), (2.0, "are both"), (0.0, "above 0"), (np.nan, "above 0")):
        with pytest.raises(ValueError, match=said):
            multiples_of_raster(cf.Multisine([2.0, 2.1]), raster)


def test_a_band_from_below_the_fundamental_says_where_its_tones_begin():
    with pytest.warns(cf.CrestfallWarning, match=r"lowest tone is at the fundamental, 10 Hz, not at 100 mHz"):
        ms = multisine_of_lines("log:0.1..10000:20", 10.0)
    assert ms.frequencies[0] == 10.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        multisine_of_lines("0..100", 10.0)
        multisine_of_lines("log:0.1..10000:20", 0.1)


def test_what_is_no_frequency_is_named_once_and_the_ways_to_write_several_are_said():
    with pytest.raises(ValueError, match=r"^frequencies is '5 V'; give a frequency such as 10 kHz; or in words,"):
        multisine_of_lines("5 V", 10.0)
    with pytest.raises(ValueError, match=r"^frequencies '1kHz,5 V': one is '5 V'; give a frequency"):
        multisine_of_lines("1kHz,5 V", 10.0)
