"""The same problem under another name is recognised, and only that one; ``minimize_peak`` answers from the atlas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.atlas import entries, find

ENTRIES = {(entry.kind, entry.n): entry for entry in entries() if entry.n <= 24}


def dense_crest_factor(ms, phases, per_period=256):
    """By direct sums over one period; at most 1 - cos(π/256) = 8e-5 below the truth."""
    band = np.ptp(ms.harmonic_numbers) if ms.complex else ms.harmonic_numbers.max()
    t = np.arange(per_period * band) / (per_period * band) * ms.period
    # Counted from the lowest frequency, a complex envelope is the same, and its band is what the grid must follow.
    frequencies = ms.frequencies - ms.frequencies.min() if ms.complex else ms.frequencies
    z = np.exp(2j * np.pi * np.outer(t, frequencies)) @ (ms.amplitudes * np.exp(1j * np.asarray(phases)))
    rms = np.sqrt(np.sum(ms.amplitudes**2) / (1 if ms.complex else 2))
    return np.max(np.abs(z if ms.complex else z.real)) / rms


def assert_answered(ms, entry):
    design = cf.minimize_peak(ms)
    dense = dense_crest_factor(ms, design.phases)
    assert dense == pytest.approx(entry.crest_factor, rel=1e-4)
    assert dense <= entry.crest_factor * (1 + 1e-10)
    assert design.crest_factor == pytest.approx(entry.crest_factor, rel=1e-11)
    assert f"from the atlas of {entry.date}" in design.status
    assert design.provenance.method == f"atlas of {entry.date}"


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_real_tones_in_any_order_at_any_fundamental_and_amplitude(data):
    entry = ENTRIES[data.draw(st.sampled_from(sorted(key for key in ENTRIES if key[0] != "complex")))]
    order = np.array(data.draw(st.permutations(range(entry.n))))
    fundamental = data.draw(st.sampled_from([1e-3, 0.1, 1.0, 50.0, 1e6 / 3]))
    amplitude = data.draw(st.sampled_from([1e-6, 0.3, 1.0, 230.0]))
    numbers = entry.multisine.harmonic_numbers[order]
    assert_answered(cf.Multisine.harmonics(numbers, fundamental, amplitudes=amplitude), entry)


COMPLEX = sorted(key for key in ENTRIES if key[0] == "complex")


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_complex_tones_at_any_offset(data):
    entry = ENTRIES[data.draw(st.sampled_from(COMPLEX))]
    order = np.array(data.draw(st.permutations(range(entry.n))))
    offset = data.draw(st.sampled_from([-50, -3, 0, 7, 1000]))
    step = data.draw(st.sampled_from([1, 2, 5]))
    assert_answered(cf.Multisine.harmonics(offset + step * order, 10.0, amplitudes=2.0, complex=True), entry)


def test_a_mirrored_complex_spectrum_is_the_same_problem():
    kind, n = COMPLEX[-1]
    assert_answered(cf.Multisine.harmonics(range(0, -n, -1), complex=True), ENTRIES[kind, n])


def test_even_multiples_are_the_harmonics_of_a_doubled_fundamental():
    assert_answered(cf.Multisine([4.0, 2.0, 8.0, 6.0]), ENTRIES["real", 4])


@pytest.mark.parametrize(
    "ms",
    [
        cf.Multisine.harmonics([1, 2, 3, 5]),
        cf.Multisine.harmonics([2, 3, 4, 5]),
        cf.Multisine.harmonics(range(1, 6), amplitudes=[1, 1, 1, 1, 0.999]),
        cf.Multisine.harmonics([0, 1, 3], complex=True),
        cf.Multisine.harmonics([1, 1, 2]),
        cf.Multisine.harmonics(range(1, 1000)),
    ],
)
def test_other_spectra_are_not_recognised(ms):
    assert find(ms) is None


@pytest.mark.parametrize(
    "choice",
    [
        {"use_atlas": False, "starts": 2},
        {"over": cf.Window(0.0, 1.0), "starts": 2},
        {"measure": "range", "starts": 2},
    ],
)
def test_the_atlas_is_not_asked(choice, monkeypatch):
    def refuse(ms):
        raise AssertionError("asked")

    monkeypatch.setattr("crestfall.atlas.find", refuse)
    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 6)), **choice)
    assert "atlas" not in design.status + design.provenance.method


def test_a_search_begins_with_the_atlas_and_is_never_worse():
    entry = ENTRIES["real", 13]
    design = cf.minimize_peak(entry.multisine, starts=1, seed=3)
    assert design.crest_factor <= entry.crest_factor * (1 + 1e-10)
    assert f"begun with the atlas of {entry.date}" in design.provenance.method


def test_an_entry_as_a_design_at_another_fundamental():
    entry = ENTRIES["odd", 5] if ("odd", 5) in ENTRIES else ENTRIES["real", 5]
    design = entry.design(fundamental=20.0)
    assert design.multisine.fundamental == 20.0
    assert dense_crest_factor(design.multisine, design.phases) == pytest.approx(entry.crest_factor, rel=1e-4)
