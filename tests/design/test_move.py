"""A move between two designs: phases and frequencies fit at both joints, and the samples are those of the path."""

import json

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid

import crestfall as cf

FIRST = cf.minimize_peak(cf.Multisine([100e3, 101e3, 102e3, 103.5e3]), starts=4)
SECOND = cf.minimize_peak(cf.Multisine([100e3, 101.5e3, 104e3, 103e3], [1.0, 0.5, 1.0, 1.0]), starts=4)

OPTIONS = ("--duration", "2ms", "--rate", "4MHz", "--out", "m.npy", "--then", "c.json")


@pytest.mark.parametrize("profile", ["linear", "smooth"])
def test_phases_are_the_integral_of_the_frequencies_and_fit_both_designs(profile):
    move = cf.Move.between(FIRST, SECOND, 5e-3, profile=profile, tries=4)
    t = np.linspace(0.0, 5e-3, 20_001)
    frequencies = move.frequencies_at(t)
    turned = 2 * np.pi * cumulative_trapezoid(frequencies, t, axis=0, initial=0.0)
    difference = np.exp(1j * (FIRST.phases + turned - move.phases_at(t)))
    np.testing.assert_allclose(difference, 1.0, atol=1e-4)
    np.testing.assert_allclose(np.exp(1j * (move.phases_at([5e-3])[0] - move.end.phases)), 1.0, atol=1e-7)
    np.testing.assert_allclose(frequencies[[0, -1]], [FIRST.multisine.frequencies, SECOND.multisine.frequencies])
    assert np.max(np.abs(move.corrections_hz)) <= 1.5 / 5e-3
    assert move.end.peak == pytest.approx(SECOND.peak, rel=1e-9)


def test_samples_join_without_a_step():
    move = cf.Move.between(FIRST, SECOND, 2e-3, tries=4)
    rate = 4e6
    x = move.samples(rate)
    t = np.arange(x.size) / rate
    amplitudes = np.array([1.0, 1.0, 1.0, 1.0]) + np.outer(t / 2e-3, [0.0, -0.5, 0.0, 0.0])
    np.testing.assert_allclose(x, np.sum(amplitudes * np.cos(move.phases_at(t)), axis=1), atol=1e-9)
    joined = np.concatenate([FIRST.waveform(rate), x, move.end.waveform(rate)])
    bends = np.abs(np.diff(joined, 2))
    joints = [round(FIRST.multisine.period * rate), round(FIRST.multisine.period * rate) + x.size]
    for joint in joints:  # no more than the fastest tones bend anywhere
        assert bends[joint - 3 : joint + 3].max() <= 4.0 * (2 * np.pi * 104.5e3 / rate) ** 2
    assert np.max(np.abs(x)) <= move.peak * (1 + 1e-3)


def test_what_is_tried_is_no_worse_than_the_plain_move():
    plain = cf.Move(FIRST, SECOND, 5e-3, "linear", np.zeros(4, dtype=np.int64))
    found = cf.Move.between(FIRST, SECOND, 5e-3)
    assert found.peak <= plain.peak
    assert found.peak == cf.Move.between(FIRST, SECOND, 5e-3).peak


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: cf.Move.between(FIRST, cf.Design.of(cf.Multisine([1.0]), [0.0]), 1.0), "begin has 4 tones and end 1"),
        (lambda: cf.Move.between(FIRST, SECOND, 0.0), "duration is 0.0; give a finite time in seconds above 0"),
        (lambda: cf.Move.between(FIRST, SECOND, 1.0, profile="fast"), "profile is 'fast'; choose one of"),
        (lambda: cf.Move.between(FIRST, SECOND, 1e6), "beat too often to be computed; give at most"),
        (lambda: cf.Move.between(FIRST, SECOND, 1e-3, tries=1).samples(1e6 / 3), "not a whole number of samples"),
        (lambda: cf.Move.between(FIRST, SECOND, 1e-3, tries=1).samples(2e5), "of which a tone reaches half"),
    ],
)
def test_what_makes_no_sense_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_the_command_writes_both(run, tmp_path):
    FIRST.save(tmp_path / "a.json")
    SECOND.save(tmp_path / "b.json")
    done = run("move", "a.json", "b.json", *OPTIONS)
    assert done.code == 0, done.err
    x = np.load(tmp_path / "m.npy")
    assert x.size == 8000
    after = cf.load(tmp_path / "c.json")
    assert after.peak == pytest.approx(SECOND.peak, rel=1e-9)
    joined = np.concatenate([x, after.waveform(4e6)])
    assert np.abs(np.diff(joined, 2))[7997:8003].max() <= 4.0 * (2 * np.pi * 104.5e3 / 4e6) ** 2
    assert run("move", "a.json", "b.json", *OPTIONS).code == 2


def test_the_command_says_how_far_the_move_is_above_its_ends_and_what_is_lower(run, tmp_path):
    for name, distance in (("a", 1e3), ("b", 0.5e3)):
        cf.minimize_peak(cf.Multisine(100e3 + distance * np.arange(8)), starts=2).save(tmp_path / f"{name}.json")
    options = ("--duration", "20ms", "--rate", "4MHz", "--out", "m.f32", "--then", "c.json", "--overwrite")
    peaks, shown = {}, {}
    for profile in ("linear", "smooth"):
        peaks[profile] = json.loads(run("move", "a.json", "b.json", *options, "--profile", profile, "--json").out)
        shown[profile] = run("move", "a.json", "b.json", *options, "--profile", profile).out
        found = peaks[profile]
        above = found["peak"] / max(found["peak_before"], found["peak_after"]) - 1.0
        assert above > 0.05
        assert f"{above:.1%} above the ends" in shown[profile]
    lower = min(peaks, key=lambda one: peaks[one]["peak"])
    higher = "linear" if lower == "smooth" else "smooth"
    assert f"--profile {lower} reaches {peaks[lower]['peak']:.6g}" in shown[higher]
    assert f"--profile {higher} is no lower" in shown[lower]
    assert "m.f32   4 MHz, 80000 samples" in shown[lower]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--rate", "200kHz"), "--rate is 200 kHz, of which a tone reaches half on its way; raise it"),
        (("--rate", "333333.3"), "--duration is 2 ms, which is not a whole number of samples at 333.3333 kHz"),
        (("--rate", "1e15"), "--rate 1000 THz makes"),
        (("--profile", "fast"), "--profile is 'fast'"),
        (("--out", "m.wav"), "m.wav: a move is written as .npy, .txt, .f32"),
        (("--then", "c.wav"), "--then is c.wav; the second design is saved as .json"),
        (("--then", "no/c.json"), "--then no/c.json: there is no folder no"),
    ],
)
def test_refusals_of_the_command_name_options_and_write_nothing(options, said, run, tmp_path):
    FIRST.save(tmp_path / "a.json")
    SECOND.save(tmp_path / "b.json")
    refused = run("move", "a.json", "b.json", *OPTIONS, *options)
    assert refused.is_one_line_error()
    assert said in refused.err
    assert len(list(tmp_path.iterdir())) == 2
