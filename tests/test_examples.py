"""Every example file is designed as its comment says, and gives what the comment promises."""

import json
from pathlib import Path

import numpy as np
import pytest

import crestfall as cf

EXAMPLES = Path(__file__).parents[1] / "examples"
FILES = sorted(path.name for path in EXAMPLES.glob("*.toml"))


@pytest.fixture
def designed(run):
    """``designed("mri.toml", "--starts", "4")``: what ``crestfall design --json`` prints."""

    def design(name, *options):
        done = run("design", EXAMPLES / name, "--json", *options)
        assert done.code == 0, done.err
        return json.loads(done.out)

    return design


def summed(found, count=8192):
    f = np.array(found["frequencies_hz"])
    spacing = np.gcd.reduce(np.rint(f * 1000).astype(np.int64)) / 1000
    t = np.arange(count) / count / spacing
    z = np.exp(2j * np.pi * np.outer(t, f)) @ (
        np.array(found["amplitudes"]) * np.exp(1j * np.array(found["phases_rad"]))
    )
    return z if found["complex"] else z.real


@pytest.mark.parametrize("name", FILES)
def test_it_is_designed(designed, name):
    found = designed(name, "--starts", "4")
    assert np.all(np.isfinite(found["phases_rad"]))
    assert found["peak"] < sum(found["amplitudes"])
    assert all(signal["peak"] <= found["peak"] * (1 + 1e-9) for signal in found["signals"] if signal["name"] == "drive")
    assert "crestfall design examples/" + name in (EXAMPLES / name).read_text()


def test_mirrored_bands_have_a_real_envelope(designed):
    z = summed(designed("mri.toml"))
    turned = z * np.exp(-1j * np.pi * 7 * np.arange(8192) / 8192)  # count from the middle of the band
    assert np.max(np.abs(turned.imag)) < 1e-9
    free = designed("mri.toml", "--starts", "64")["peak"]
    assert free == pytest.approx(4.09, abs=0.01)


def test_held_tones_are_held_and_delayed_ones_keep_their_shape(designed):
    held = designed("tweezers.toml")["phases_rad"]
    assert held[:6] == pytest.approx([0.0, 2.1, 4.4, 0.7, 1.3, 5.9])
    found = designed("converter.toml", "--starts", "16")
    x = summed(found)
    together = summed({**found, "phases_rad": [0.0, 0.4, 0.9] * 3})
    assert np.ptp(x) < 0.6 * np.ptp(together)
    phases = np.array(found["phases_rad"]).reshape(3, 3) - [0.0, 0.4, 0.9]
    for group in phases:  # a delay turns harmonics in proportion to their frequency
        assert np.allclose(np.exp(1j * group[1:]), np.exp(1j * group[0] * np.array([2, 3])), atol=1e-9)


def test_reserved_tones_stay_within_their_range(designed):
    found = designed("ofdm.toml", "--starts", "4")
    amplitudes = np.array(found["amplitudes"])
    assert np.all(amplitudes[52:] <= 0.3)
    assert np.all(np.abs(20 * np.log10(amplitudes[:52])) <= 0.5 + 1e-9)


def test_each_surface_has_harmonics_of_its_own_and_begins_at_zero(designed, tmp_path):
    found = designed("flight_test.toml", "--starts", "32", "--out", str(tmp_path / "surfaces.json"))
    assert [signal["channel"] for signal in found["signals"]] == ["elevator", "aileron", "rudder"]
    surfaces = [row[0] for row in cf.load(tmp_path / "surfaces.json").channels]
    t = np.arange(4000) / 400
    x = [np.cos(2 * np.pi * np.outer(t, s.multisine.frequencies) + s.phases).sum(axis=1) for s in surfaces]
    products = np.array(x) @ np.array(x).T / 4000
    assert np.allclose(products, np.diag(np.diag(products)), atol=1e-12)
    for samples, signal in zip(x, found["signals"], strict=True):
        assert abs(samples[0]) < 1e-9
        assert samples[1] > 0
        factor = np.ptp(samples) / np.sqrt(8 * np.mean(samples**2))
        assert factor == pytest.approx(signal["relative_peak_factor"], rel=1e-4)
        assert factor < 1.25
