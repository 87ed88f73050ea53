"""Proofs of global optima against brute force, known values and interruptions."""

import itertools
import json
import re
import signal
import sys
from dataclasses import replace

import numpy as np
import pytest

import crestfall as cf
from crestfall.certainty.proof import MAX_TONES, prove
from crestfall.certainty.proof.incumbent import Incumbent

KNOWN = [
    *((2, False, 1.760173), (3, False, 1.616505), (4, False, 1.441864), (5, False, 1.482170), (6, False, 1.471881)),
    *((7, False, 1.410822), (2, True, 1.414214), (3, True, 1.290995), (4, True, 1.236068), (5, True, 1.224039)),
]


def flat(n, is_complex):
    return cf.Multisine.harmonics(range(n) if is_complex else range(1, n + 1), complex=is_complex)


@pytest.mark.parametrize(("n", "is_complex", "known"), KNOWN)
def test_flat_tones_are_proved_to_a_thousandth(n, is_complex, known):
    ms = flat(n, is_complex)
    design = cf.minimize_peak(ms, starts=16, use_atlas=False, prove=True)
    assert design.status.startswith("global optimum")
    assert known - 2e-6 <= design.crest_factor <= known * 1.001
    assert 0 <= design.gap <= 1e-3
    assert design.lower_bound * design.rms == pytest.approx(max(design.proven_peak_bound, cf.peak_lower_bound(ms)))


@pytest.mark.parametrize(
    ("h", "is_complex"), [([1, 2], False), ([2, 3], False), ([1, 2, 3], False), ([2, 3, 7], False), ([0, 1, 3], True)]
)
def test_brute_force_agrees(h, is_complex):
    a = np.array([1.0, 0.7, 1.3])[: len(h)]
    proof = prove(cf.Multisine.harmonics(h, amplitudes=a, complex=is_complex))
    waves = np.exp(1j * np.outer(h, np.linspace(0, 2 * np.pi, 256, endpoint=False)))
    axis = np.linspace(0, 2 * np.pi, 401)
    phases = np.array([[0.0, *rest] for rest in itertools.product(axis, repeat=len(h) - 1)])
    least = np.inf
    for block in np.array_split(phases, 1 + len(phases) // 10_000):
        z = (a * np.exp(1j * block)) @ waves
        least = min(least, np.abs(z if is_complex else z.real).max(1).min())
    step = 2 * np.pi / 400
    degree = np.ptp(h) if is_complex else max(h)
    assert proof.proven
    assert proof.lower_bound <= least / np.cos(np.pi * degree / 256)
    assert least <= proof.peak + step / 2 * a[1:].sum()  # the grid comes within half a step, at most a_k per radian


@pytest.mark.parametrize(
    ("h", "is_complex"),
    [([3, 5, 9, 10], False), ([1, 3, 5, 7], False), ([-3, 1, 2, 9], True), ([10, 12, 20, 26], True)],
)
def test_random_phases_stay_above_the_bound_for_any_amplitudes(h, is_complex):
    rng = np.random.default_rng(5)
    a = rng.uniform(0.3, 2.0, len(h))
    ms = cf.Multisine.harmonics(h, amplitudes=a, complex=is_complex)
    proof = prove(ms)
    assert proof.proven
    assert proof.gap <= 1e-3
    n_samples = 1024
    waves = np.exp(2j * np.pi * np.outer(h, np.arange(n_samples) / n_samples))
    phases = rng.uniform(0, 2 * np.pi, (2000, len(h)))
    near = proof.phases + 0.05 * rng.standard_normal((2000, len(h)))
    for sample in (phases, near):
        z = (a * np.exp(1j * sample)) @ waves
        peaks = np.abs(z if is_complex else z.real).max(1)
        assert peaks.min() >= proof.lower_bound * np.cos(np.pi * np.max(np.abs(h)) / n_samples)
    low, high = cf.peak_interval(ms, proof.phases)
    assert low <= proof.peak <= high * (1 + 1e-12)


@pytest.mark.parametrize("scale", [1e-300, 1e-3, 1.0, 1e300])
def test_the_unit_of_the_amplitudes_does_not_matter(scale):
    ms = cf.Multisine([1, 2, 4], np.array([1.0, 0.5, 2.0]) * scale)
    proof = prove(ms)
    one = prove(cf.Multisine([1, 2, 4], [1.0, 0.5, 2.0]))
    assert proof.lower_bound == pytest.approx(one.lower_bound * scale, rel=1e-3)
    assert proof.proven


def test_a_smaller_gap_is_proved_too():
    proof = prove(flat(5, False), gap=1e-5)
    assert proof.proven
    assert proof.gap <= 1e-5
    assert proof.peak == pytest.approx(1.482170 * np.sqrt(2.5), abs=1e-5)


def test_a_bad_incumbent_does_no_harm():
    proof = prove(flat(4, False), np.zeros(4))
    assert proof.proven
    assert proof.peak == pytest.approx(1.441864 * np.sqrt(2), abs=1e-5)


@pytest.mark.parametrize(("n", "gap", "known"), [(3, 0.6, 1.616505), (4, 1.0, 1.441864)])
def test_boxes_that_are_done_with_hold_the_bound_down(n, gap, known, monkeypatch):
    """Nothing better than all phases zero is found here, and in the end all boxes are within the gap of that."""
    monkeypatch.setattr(Incumbent, "_lower", lambda self, phases: None)
    proof = prove(flat(n, False), np.zeros(n), gap=gap)
    assert proof.peak == pytest.approx(n, rel=1e-9)
    assert n / (1 + gap) * (1 - 1e-9) <= proof.lower_bound <= known * np.sqrt(n / 2) * (1 + 1e-6)


def test_an_interrupted_proof_is_a_proof():
    least = prove(flat(8, False)).peak
    bounds = []
    for batches in (1, 2, 4):
        reports = []
        proof = prove(
            flat(8, False), progress=reports.append, stop=lambda reports=reports, k=batches: len(reports) >= k
        )
        assert len(reports) == batches
        assert not proof.proven
        bounds.append(proof.lower_bound)
    assert bounds == sorted(bounds)
    assert 0 <= bounds[-1] <= least


def test_every_state_that_is_reported_is_true():
    reports = []
    proof = prove(flat(6, False), progress=reports.append)
    assert reports[-1].proven
    assert reports[-1].lower_bound == proof.lower_bound
    assert all(state.lower_bound <= proof.peak <= state.peak for state in reports)
    assert [state.boxes for state in reports] == sorted(state.boxes for state in reports)


def test_one_tone_and_two_complex_tones_need_no_boxes():
    for ms in (cf.Multisine([3.0]), cf.Multisine([5.0], complex=True), flat(2, True)):
        proof = prove(ms, np.ones(ms.n))
        assert proof.proven
        assert proof.boxes == 0
        assert proof.gap < 1e-9


# ------------------------------------------------------------------ minimize_peak


@pytest.fixture
def clock(monkeypatch):
    """Seconds of the search's clock, in a list of one number that the test changes."""
    now = [1000.0]
    monkeypatch.setattr(sys.modules["crestfall.search.budget"], "perf_counter", lambda: now[0])
    return now


@pytest.mark.parametrize("batches", [0, 3])
def test_the_time_limit_keeps_a_valid_bound(batches, clock):
    def time_is_up(report, calls=itertools.count(1)):  # noqa: B008
        if batches == 0 or ("boxes" in report.stage and next(calls) == batches):
            clock[0] += 100.0

    ms = flat(7, False)
    design = cf.minimize_peak(ms, prove=True, time_limit=60.0, starts=4, seed=0, progress=time_is_up)
    assert re.search(r"branch and bound stopped at the time limit after \d+ boxes: the gap says", design.status)
    assert design.proven_peak_bound is None or design.proven_peak_bound <= design.peak
    assert design.proven_peak_bound is not None or batches == 0
    assert design.lower_bound >= cf.lower_bound(ms)
    assert design.gap >= 0


def test_a_callback_hears_the_boxes_and_may_stop_them():
    stages = []

    def stop_at_the_first_box(report):
        stages.append(report.stage)
        if "boxes" in report.stage:
            raise StopIteration

    design = cf.minimize_peak(flat(8, False), prove=True, starts=8, progress=stop_at_the_first_box)
    assert sum("branch and bound" in stage for stage in stages) == 1
    assert "branch and bound stopped (stopped by the progress callback)" in design.status


def test_ctrl_c_keeps_the_bound():
    def interrupt_at_the_third_batch(report, calls=itertools.count(1)):  # noqa: B008
        if "boxes" in report.stage and next(calls) == 3:
            signal.raise_signal(signal.SIGINT)

    design = cf.minimize_peak(flat(7, False), prove=True, starts=8, progress=interrupt_at_the_third_batch)
    assert re.search(r"branch and bound stopped when interrupted after \d+ boxes: the gap says", design.status)
    assert 0 < design.proven_peak_bound <= design.peak_interval[1]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_design_says_no_more_than_was_proved():
    stages = []

    def stop_at_the_third_batch(report):
        stages.append(report.stage)
        if sum("boxes" in stage for stage in stages) == 3:
            raise StopIteration

    design = cf.minimize_peak(flat(7, False), prove=True, starts=4, progress=stop_at_the_third_batch, use_atlas=False)
    reported = float(stages[-1].rsplit(" ", 1)[1])
    assert 0.0 < reported < 1.40  # the optimum is 1.4108
    assert design.proven_peak_bound / np.sqrt(3.5) == pytest.approx(reported, abs=6e-5)


def test_the_proof_improves_a_search_that_ends_elsewhere():
    design = cf.minimize_peak(flat(6, False), starts=1, seed=3, use_atlas=False, prove=True)
    assert design.crest_factor == pytest.approx(1.471881, rel=1e-3)
    assert design.certificate.is_stationary


def test_tones_of_one_frequency_keep_their_closed_form():
    design = cf.minimize_peak(cf.Multisine([50.0, 50.0, 50.0]), prove=True)
    assert design.status.startswith("global optimum: tones of one frequency")


@pytest.mark.parametrize(
    ("ms", "options", "said"),
    [
        (cf.Multisine([1.0, 1.0, 2.0]), {}, "frequencies hold 1 Hz more than once"),
        (flat(MAX_TONES + 1, False), {}, f"there are {MAX_TONES + 1} tones, too many for branch and bound"),
        (cf.Multisine([1.0, 3001.0]), {}, "the tones reach 3001 times their largest common divisor"),
        (
            cf.Multisine([1.0, 2.0]),
            {"over": cf.Samples(99)},
            "prove cannot be combined with samples that count: branch and bound is about the true peak",
        ),
        (cf.Multisine([1.0, 2.0]), {"over": cf.Samples(rate=100.0)}, "prove cannot be combined with"),
        (
            cf.Multisine([1.0, 2.0]),
            {"stall_limit": 1.0},
            "prove cannot be combined with stall_limit: a proof ends by itself",
        ),
        (cf.Multisine([1.0, 2.0]), {"method": "clip"}, "method 'clip' does not use prove"),
    ],
)
def test_what_is_not_covered_is_refused_by_name(ms, options, said):
    with pytest.raises(ValueError, match=said):
        cf.minimize_peak(ms, prove=True, **options)


@pytest.mark.parametrize("gap", [0.0, -1.0, 1e-9, 2.0, float("nan")])
def test_a_gap_out_of_range_is_refused(gap):
    with pytest.raises(ValueError, match="give a relative gap from 1e-06 to 1"):
        prove(flat(3, False), gap=gap)


# ------------------------------------------------------------------ Design and files


@pytest.fixture(scope="module")
def proven():
    return cf.minimize_peak(flat(4, False), prove=True)


@pytest.mark.parametrize("suffix", [".json", ".npz", ".csv", ".wav"])
def test_the_proof_is_saved_and_loaded(suffix, proven, tmp_path):
    proven.save(tmp_path / f"proven{suffix}")
    loaded = cf.load(tmp_path / f"proven{suffix}")
    assert loaded == proven
    assert loaded.lower_bound == proven.lower_bound
    assert loaded.peak_lower_bound == proven.peak_lower_bound == proven.proven_peak_bound
    assert loaded.status == proven.status


def test_a_design_without_proof_is_stored_without_one(tmp_path):
    cf.Design.of(flat(3, False), [0.0, 1.0, 2.0]).save(tmp_path / "plain.json")
    assert json.loads((tmp_path / "plain.json").read_text())["design"].get("proven_peak_bound") is None
    assert cf.load(tmp_path / "plain.json").proven_peak_bound is None


def test_a_stored_bound_above_the_peak_is_refused(proven, tmp_path):
    path = tmp_path / "proven.json"
    proven.save(path)
    text = path.read_text()
    for lie, said in ((f"{proven.peak * 1.01!r}", "have a peak of at most"), ("0.0", "above 0"), ("true", "a number")):
        path.write_text(text.replace(repr(proven.proven_peak_bound), lie))
        with pytest.raises(ValueError, match=said):
            cf.load(path)


def test_a_design_takes_the_higher_of_its_two_bounds(proven):
    ms = proven.multisine
    weak = cf.Design.of(ms, proven.phases, proven_peak_bound=1e-3)
    assert weak.lower_bound == cf.lower_bound(ms)
    assert proven.lower_bound > cf.lower_bound(ms)
    assert replace(proven, proven_peak_bound=None) != proven


def test_no_bound_is_believed_for_repeated_frequencies():
    with pytest.raises(ValueError, match="a frequency occurs twice"):
        cf.Design.of(cf.Multisine([1.0, 1.0, 2.0]), np.zeros(3), proven_peak_bound=1.0)
