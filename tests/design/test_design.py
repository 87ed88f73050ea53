"""The answer: its figures belong together, it says how good it is, and it can be scaled, compared and told apart."""

import dataclasses
import json
import pickle

import numpy as np
import pytest

import crestfall as cf

MS = cf.Multisine.harmonics(range(1, 9), 10.0, [1, 2, 1, 1, 0.5, 1, 1, 3])
PHASES = np.linspace(0, 5, 8) ** 2


def value_at(design, t):
    z = np.exp(2j * np.pi * design.multisine.frequencies * t) @ design.multisine.coefficients(design.phases)
    return abs(z if design.multisine.complex else z.real)


def test_figures_agree_with_the_measures():
    design = cf.Design.of(MS, PHASES)
    np.testing.assert_array_equal(design.phases, PHASES)
    assert design.peak == cf.true_peak(MS, PHASES)
    assert design.peak_interval == cf.peak_interval(MS, PHASES)
    assert design.rms == cf.rms(MS, PHASES)
    assert design.crest_factor == cf.crest_factor(MS, PHASES)
    assert design.papr_db == cf.papr_db(MS, PHASES)
    assert design.lower_bound == cf.lower_bound(MS)
    assert design.peak_lower_bound == cf.peak_lower_bound(MS)
    assert design.gap == pytest.approx(design.crest_factor / design.lower_bound - 1, rel=1e-12)
    assert design.worst.value == design.peak
    assert design.figure == pytest.approx(design.crest_factor, rel=1e-12)
    assert design.channels == ((design,),)
    assert design.provenance == cf.Provenance("given phases")


@pytest.mark.parametrize(
    "ms",
    [
        MS,
        cf.Multisine([5.0, 5.0, 15.0]),
        cf.Multisine.harmonics([1001, 1003, 1007], 0.3, complex=True),
        cf.Multisine.harmonics([-4, 0, 8], 2.0, complex=True),
        cf.Multisine([-5.0], complex=True),
        cf.Multisine.harmonics([0, 0], complex=True),
    ],
)
def test_the_peak_is_reached_at_its_time(ms):
    design = cf.Design.of(ms, np.arange(ms.n) * 1.3)
    assert 0.0 <= design.peak_time <= ms.period
    assert value_at(design, design.peak_time) == pytest.approx(design.peak, rel=1e-11)


def test_the_peak_over_samples():
    design = cf.Design.of(cf.Problem(MS, over=cf.Samples(20)), PHASES)
    assert design.worst.value == pytest.approx(max(value_at(design, k / 200) for k in range(20)), rel=1e-12)


def test_one_tone_is_optimal():
    design = cf.Design.of(cf.Multisine([50.0], [3.0]), [0.4])
    assert design.gap == 0.0
    assert "0.00%" in repr(design)
    assert "-0" not in repr(design)


@pytest.mark.parametrize("complex", [False, True])
def test_silence(complex):
    design = cf.Design.of(cf.Multisine([50.0] * 3, complex=complex), 2 * np.pi * np.arange(3) / 3)
    assert np.isnan(design.crest_factor)
    assert np.isnan(design.papr_db)
    assert design.gap == 0.0
    assert design.peak < 1e-14
    assert design.summary()["crest_factor"] is None
    assert "crest_factor=nan" in repr(design)
    for target in ({"peak": 1.0}, {"rms": 1.0}):
        with pytest.raises(ValueError, match="silence has no scale"):
            design.waveform(400.0, **target)
    assert np.max(np.abs(design.waveform(400.0))) < 1e-14


def test_what_could_be_silent_but_is_not_has_an_infinite_gap():
    assert cf.Design.of(cf.Multisine([50.0] * 2), [0, 0.1]).gap == float("inf")
    assert cf.Design.of(cf.Multisine([50.0] * 2, [3, 1]), [0, np.pi]).gap == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("complex", [False, True])
def test_scaling(complex):
    ms = cf.Multisine([10.0, 20.0, 30.0], [1, 2, 3], complex=complex)
    design = cf.Design.of(ms, [0, 1, 2])
    plain = design.waveform(64_000.0, periods=2)
    assert np.sqrt(np.mean(np.abs(design.waveform(64_000.0, rms=0.25)) ** 2)) == pytest.approx(0.25, rel=1e-12)
    full = design.waveform(64_000.0, peak=1.0)
    assert np.max(np.abs(full)) <= 1.0
    assert np.max(np.abs(full)) == pytest.approx(1.0, rel=1e-6)
    np.testing.assert_allclose(plain[:6400] / design.peak, full, rtol=1e-11, atol=1e-13)
    assert design.scale() == 1.0


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ({"peak": 1.0, "rms": 1.0}, "not both"),
        ({"peak": 0.0}, "peak is 0"),
        ({"rms": -1.0}, "rms is -1"),
        ({"peak": np.inf}, "peak is inf"),
        ({"rms": np.nan}, "rms is nan"),
    ],
)
def test_bad_scaling(targets, message):
    with pytest.raises(ValueError, match=message) as caught:
        cf.Design.of(MS, PHASES).waveform(1000.0, **targets)
    assert "\n" not in str(caught.value)


def test_it_is_frozen():
    phases = PHASES.copy()
    design = cf.Design.of(MS, phases)
    phases[0] = 99.0
    assert design.phases[0] == PHASES[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        design.peak = 0.0
    with pytest.raises(ValueError, match="read-only"):
        design.phases[0] = 1.0


def test_equality_hash_and_pickle():
    design = cf.Design.of(MS, PHASES)
    same = cf.Design.of(MS, PHASES)
    assert design == same
    assert hash(design) == hash(same)
    assert pickle.loads(pickle.dumps(design)) == design
    assert design != cf.Design.of(MS, PHASES + 1)
    assert design != cf.Design.of(MS, PHASES, status="other")
    assert design != cf.Design.of(MS, PHASES, provenance=cf.Provenance("other"))
    assert design != "design"


def test_repr_and_status():
    design = cf.Design.of(MS, PHASES)
    assert repr(design).startswith("Design(n=8, crest_factor=")
    assert design.status.startswith("given phases, ")
    assert "above the lower bound" in design.status
    assert cf.Design.of(MS, PHASES, status="as I like it").status == "as I like it"


def test_the_summary_is_plain_and_complete():
    design = cf.Design.of(MS, PHASES)
    summary = json.loads(json.dumps(design.summary()))
    assert set(summary) == {
        "frequencies_hz", "amplitudes", "phases_rad", "complex", "fixed_tones", "over", "measure", "peak",
        "peak_interval",
        "crest_factor", "papr_db", "figure", "figure_value", "lower_bound", "lower_bound_argument",
        "lower_bound_is_stated",
        "peak_lower_bound", "gap", "status", "relative_peak_factor", "wanted_crest_factor", "extra_power_share",
        "orthogonality", "moved_lines", "delays_s", "signals",
    }  # fmt: skip
    assert summary["frequencies_hz"] == MS.frequencies.tolist()
    assert summary["peak_interval"] == list(design.peak_interval)
    assert summary["crest_factor"] == design.crest_factor


@pytest.mark.parametrize(
    ("phases", "message"), [([0.0], "phases have length 1"), ([np.nan] * 8, r"phases\[0\] is nan")]
)
def test_bad_phases(phases, message):
    with pytest.raises(ValueError, match=message):
        cf.Design.of(MS, phases)
