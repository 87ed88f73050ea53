"""Every entry of the atlas, held against an independent calculation: direct sums, no synthesis of the package."""

import json
from functools import cache
from math import cos, pi, sqrt

import numpy as np
import pytest
from scipy.optimize import nnls

from crestfall.atlas import FILE, entries
from crestfall.atlas.entry import KINDS, from_lines, to_lines

SAMPLES_PER_PERIOD = 64  # of the highest tone: the largest sample is then at least cos(π/64) of the peak
DIRECT = 128  # tones up to which the sums are taken term by term


def harmonics_of(entry):
    first, step = {"real": (1, 1), "complex": (0, 1), "odd": (1, 2)}[entry.kind]
    return first + step * np.arange(entry.n)


def sums(entry, t):
    """x(t) and its first two derivatives, term by term."""
    k = harmonics_of(entry)
    terms = np.exp(1j * (np.outer(t, k) + np.array(entry.phases_rad)))
    derivatives = (terms.sum(axis=1), (terms * (1j * k)).sum(axis=1), (terms * -(k**2)).sum(axis=1))
    return derivatives if entry.kind == "complex" else tuple(np.real(value) for value in derivatives)


@cache
def high_peaks(entry):
    """Times and heights of the highest peaks of |x|: a dense grid, then Newton for |x|²′ = 0 from high samples."""
    n_samples = SAMPLES_PER_PERIOD * int(harmonics_of(entry).max())
    t = 2 * pi * np.arange(n_samples) / n_samples
    squares = np.abs(sums(entry, t)[0]) ** 2
    is_local = (squares >= np.roll(squares, 1)) & (squares >= np.roll(squares, -1))
    t = t[is_local & (squares >= squares.max() * cos(pi / SAMPLES_PER_PERIOD) ** 2)]
    for halvings in range(0, 12, 2):  # nearer first: beside a flat peak, |x|² bends the wrong way
        near = t[:, None] + 2 * pi / n_samples / 2**halvings * np.linspace(-1, 1, 9)
        highest = np.abs(sums(entry, near.ravel())[0]).reshape(near.shape).argmax(axis=1)
        t = near[np.arange(t.size), highest]
    for _ in range(8):
        x, x1, x2 = sums(entry, t)
        slope = 2 * np.real(np.conj(x) * x1)
        bend = 2 * (np.abs(x1) ** 2 + np.real(np.conj(x) * x2))
        # Flat tops of complex envelopes may still bend the wrong way; they stay where they are.
        step = np.where(bend < 0, -slope / np.where(bend < 0, bend, 1.0), 0.0)
        t = t + np.clip(step, -pi / n_samples, pi / n_samples)
    return t, np.abs(sums(entry, t)[0]), sqrt(squares.max())


def direct_peak(entry):
    """Largest |x| over continuous time."""
    _, heights, on_grid = high_peaks(entry)
    return max(on_grid, heights.max())


def direct_residual(entry):
    """Norm of the best convex combination of the gradients of the active peaks by the phases, over the peak."""
    t, heights, _ = high_peaks(entry)
    t = t[heights >= heights.max() * (1 - 1e-8)]
    terms = np.exp(1j * (np.outer(t, harmonics_of(entry)) + np.array(entry.phases_rad)))
    x = terms.sum(axis=1) if entry.kind == "complex" else terms.sum(axis=1).real
    gradients = np.real(np.conj(x / np.abs(x))[:, None] * 1j * terms) / heights.max()
    weights, _ = nnls(np.vstack([gradients.T, np.ones(t.size)]), np.append(np.zeros(entry.n), 1.0))
    return np.linalg.norm(weights @ gradients) / weights.sum()


def padded_peak(entry):
    """Largest |x| on a grid, by a plain FFT of zero-padded coefficients, and what the true peak cannot exceed."""
    k = harmonics_of(entry)
    n_samples = SAMPLES_PER_PERIOD * int(k.max())
    spectrum = np.zeros(n_samples, dtype=complex)
    spectrum[k] = np.exp(1j * np.array(entry.phases_rad))
    x = np.fft.ifft(spectrum, norm="forward")
    peak = np.max(np.abs(x if entry.kind == "complex" else x.real))
    return peak, peak / cos(pi / SAMPLES_PER_PERIOD)


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: f"{entry.kind}-{entry.n}")
class TestEveryEntry:
    def test_peak(self, entry):
        if entry.n <= DIRECT:
            assert direct_peak(entry) == pytest.approx(entry.peak, rel=1e-10)
        else:
            low, high = padded_peak(entry)
            assert low <= entry.peak * (1 + 1e-11)
            assert entry.peak <= high * (1 + 1e-11)

    def test_residual(self, entry):
        if entry.residual is not None and entry.n <= DIRECT:
            assert direct_residual(entry) <= max(1e-7, 2 * entry.residual)

    def test_figures_follow_from_each_other(self, entry):
        k = harmonics_of(entry)
        rms = sqrt(entry.n) if entry.kind == "complex" else sqrt(entry.n / 2)
        # Fejér's bound for flat tones, and Bernstein and Szegő's for real ones
        bound = sqrt(1 + max(2 / entry.n, 0 if entry.kind == "complex" else np.mean((k / k.max()) ** 2)))
        assert entry.crest_factor == pytest.approx(entry.peak / rms, rel=1e-12)
        if entry.proven:
            assert bound * (1 - 2e-12) <= entry.lower_bound <= entry.crest_factor <= entry.lower_bound * 1.001001
        else:
            assert entry.lower_bound == pytest.approx(bound, rel=1e-11)
        assert entry.gap == pytest.approx(entry.crest_factor / entry.lower_bound - 1, rel=1e-9, abs=1e-12)
        assert entry.crest_factor >= bound
        assert len(entry.phases_rad) == entry.n
        assert np.array_equal(entry.multisine.harmonic_numbers, k)
        assert np.all(entry.multisine.amplitudes == 1.0)


def test_the_file_is_sorted_and_has_no_entry_twice():
    keys = [(KINDS.index(entry.kind), entry.n) for entry in entries()]
    assert keys == sorted(set(keys))


def test_lines_round_trip():
    text = to_lines(list(entries()))
    assert from_lines(text) == list(entries())
    assert to_lines(list(reversed(entries()))) == text


def test_the_shipped_file_is_what_to_lines_writes():
    from importlib.resources import files

    assert files("crestfall.atlas").joinpath(FILE).read_text("utf-8") == to_lines(list(entries()))


def changed(**values):
    return json.dumps(json.loads(to_lines([entries()[0]])) | values)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"kind": "real", "n": 2, "pea', "line 3: "),
        ("[1, 2]", "line 3: list instead of an object"),
        ("{}", "line 3: fields are missing: kind, n, peak"),
        (changed(colour="red"), "line 3: fields are unknown: colour"),
        (changed(kind="even"), "line 3: kind is 'even'"),
        (changed(n=3), "line 3: phases_rad is not a list of n = 3 finite numbers"),
        (changed(phases_rad=[0.0, float("nan")]), "line 3: phases_rad"),
        (changed(phases_rad=[0.0, "1"]), "line 3: phases_rad"),
        (changed(peak=None), "line 3: peak is None, not a finite number"),
        (changed(n=2.0), "line 3: phases_rad is not a list of n = 2.0 finite numbers"),
        (changed(residual="small"), "line 3: residual is 'small'"),
        (changed(date=2026), "line 3: date is 2026"),
        (changed(date="yesterday"), "line 3: "),
        (changed(), "line 3: real n = 2 is there twice"),
    ],
)
def test_a_damaged_line_is_refused_with_its_number(line, what):
    good = to_lines([entries()[0]])
    with pytest.raises(ValueError, match="atlas " + what.replace("[", r"\[")):
        from_lines(good + "\n" + line + "\n")
