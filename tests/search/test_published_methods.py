"""Methods of the literature as a user runs them: what they reach, that their figures are true, how they end."""

import os
import signal
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

import crestfall as cf
from crestfall.search.methods import METHODS as ALL_METHODS
from crestfall.search.methods.clipping import clip
from crestfall.search.methods.l2p import l2p

METHODS = {name: ALL_METHODS[name] for name in ("schroeder", "clip", "l2p")}
PROBLEMS = {
    "flat": cf.Multisine.harmonics(range(1, 16), fundamental=10.0),
    "odd and unequal": cf.Multisine.harmonics(range(1, 30, 2), amplitudes=np.linspace(2.0, 0.5, 15)),
    "complex": cf.Multisine([100e6, 101e6, 102.5e6, 104e6, 107e6], [1, 0.8, 1, 0.5, 1], complex=True),
    "two tones": cf.Multisine([1.0, 3.0]),
    "one tone": cf.Multisine([7.0], 3.0),
    "tiny": cf.Multisine.harmonics(range(1, 8), amplitudes=1e-300),
    "huge": cf.Multisine.harmonics(range(1, 8), amplitudes=1e300),
}
GRID = 128
"""Samples per period of the highest tone; they miss at most ``1 - cos(π/128)``, 0.03 %, of a peak."""


def dense_peak(ms, phases):
    """Largest ``|x|`` over a dense grid, by direct summation."""
    h = ms.harmonic_numbers - (ms.harmonic_numbers.min() if ms.complex else 0)
    angles = 2 * np.pi * np.arange(GRID * h.max()) / (GRID * h.max())
    z = np.exp(1j * np.outer(angles, h)) @ (ms.amplitudes * np.exp(1j * phases))
    return np.max(np.abs(z if ms.complex else z.real))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", PROBLEMS)
def test_the_reported_peak_is_that_of_a_dense_grid(name, method):
    ms = PROBLEMS[name]
    design = cf.minimize_peak(ms, method=method)
    dense = dense_peak(ms, design.phases)
    assert np.cos(np.pi / GRID) * design.peak <= dense <= design.peak * (1 + 1e-12)
    assert design.peak_interval[0] <= design.peak <= design.peak_interval[1]
    assert design.peak <= cf.true_peak(ms, cf.schroeder(ms)) * (1 + 1e-12)
    assert design.provenance.history[-1][1] == pytest.approx(design.crest_factor, rel=1e-12)


@pytest.mark.parametrize("method", [clip, l2p])
@pytest.mark.parametrize("is_complex", [False, True])
def test_each_step_tells_the_peak_of_its_samples(method, is_complex):
    ms = cf.Multisine.harmonics(range(1, 12), amplitudes=np.linspace(1, 3, 11), complex=is_complex)
    for number, step in enumerate(method(ms, cf.random_phases(ms, seed=0))):
        if number % 20 == 0:
            dense = dense_peak(ms, step.phases)
            assert 0.98 * dense <= step.sample_peak <= dense * (1 + 1e-3)


@pytest.mark.parametrize("is_complex", [False, True])
def test_clipping_keeps_the_amplitudes_exactly(is_complex):
    ms = cf.Multisine.harmonics([1, 2, 4, 7, 8], amplitudes=[1, 3, 0.2, 1, 2], complex=is_complex)
    design = cf.minimize_peak(ms, method="clip")
    x = design.waveform(sample_rate=32)
    spectrum = np.fft.fft(x, norm="forward")[: 32 if is_complex else 16] * (1 if is_complex else 2)
    expected = np.zeros(spectrum.size)
    expected[ms.harmonic_numbers] = ms.amplitudes
    np.testing.assert_allclose(np.abs(spectrum), expected, atol=1e-14)


@pytest.mark.parametrize("n", [15, 31, 64])
def test_the_order_of_the_literature(n):
    ms = cf.Multisine.harmonics(range(1, n + 1))
    schroeder, clipped, norm = (cf.minimize_peak(ms, method=name).crest_factor for name in METHODS)
    assert schroeder == pytest.approx(cf.crest_factor(ms, cf.schroeder(ms)), rel=1e-12)
    assert norm < clipped < schroeder
    assert clipped < 1.52
    assert norm < 1.45


@pytest.mark.parametrize("n", [15, 31])
def test_the_search_comes_below_its_ancestor(n):
    ms = cf.Multisine.harmonics(range(1, n + 1))
    minimax = cf.minimize_peak(ms, use_atlas=False)
    assert minimax.crest_factor < cf.minimize_peak(ms, method="l2p").crest_factor


@pytest.mark.parametrize("method", ["clip", "l2p"])
def test_same_seed_same_answer_and_more_starts_are_no_worse(method):
    ms = cf.Multisine.harmonics(range(1, 12))
    first, again = (cf.minimize_peak(ms, method=method, starts=5, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.phases, again.phases)
    assert [crest for _, crest in first.provenance.history] == [crest for _, crest in again.provenance.history]
    assert first.peak <= cf.minimize_peak(ms, method=method).peak
    assert (first.provenance.starts, first.provenance.seed) == (5, 3)
    others = [cf.minimize_peak(ms, method=method, starts=5, seed=seed) for seed in (4, 5, 6)]
    assert not all(np.array_equal(first.phases, other.phases) for other in others)


def test_chance_plays_no_part_in_one_start():
    ms = cf.Multisine.harmonics(range(1, 10))
    designs = [cf.minimize_peak(ms, method="l2p", seed=seed) for seed in (0, 9)]
    np.testing.assert_array_equal(designs[0].phases, designs[1].phases)
    assert designs[0].provenance.seed is None


@pytest.mark.parametrize("method", METHODS)
def test_a_baseline_proves_nothing_and_names_itself(method):
    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 10)), method=method)
    assert design.status.startswith("not converged: best of 1 start, ")
    assert design.provenance.method == METHODS[method].title
    assert np.all((design.phases >= 0) & (design.phases < 2 * np.pi))
    crests = [crest for _, crest in design.provenance.history]
    assert crests == sorted(crests, reverse=True)


# ---------------------------------------------------------------------- how a run ends


@pytest.mark.parametrize("method", ["clip", "l2p"])
def test_a_time_limit_ends_the_run_within_a_start(method):
    ms = cf.Multisine.harmonics(range(1, 400))
    design = cf.minimize_peak(ms, method=method, time_limit=0.05, starts=10**6)
    assert "time limit in the first start" in design.status
    assert design.peak <= cf.true_peak(ms, cf.schroeder(ms)) * (1 + 1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_no_time_at_all_returns_schroeders_phases(method):
    ms = cf.Multisine.harmonics(range(1, 20))
    design = cf.minimize_peak(ms, method=method, time_limit=1e-9)
    assert design.peak == pytest.approx(cf.true_peak(ms, cf.schroeder(ms)), rel=1e-12)
    assert len(design.provenance.history) == 1


@pytest.mark.parametrize("method", ["clip", "l2p"])
def test_a_target_ends_the_run(method):
    ms = cf.Multisine.harmonics(range(1, 32))
    design = cf.minimize_peak(ms, method=method, starts=10**6, target=1.6)
    assert 1.4 < design.crest_factor <= 1.6
    assert "target reached in the first start" in design.status


def test_a_target_that_schroeders_phases_reach_costs_nothing():
    ms = cf.Multisine.harmonics(range(1, 32))
    design = cf.minimize_peak(ms, method="l2p", target=1.8)
    assert design.peak == pytest.approx(cf.true_peak(ms, cf.schroeder(ms)), rel=1e-12)
    assert "target reached" in design.status


def test_progress_tells_of_falling_crest_factors_and_may_end_the_run():
    ms = cf.Multisine.harmonics(range(1, 16))
    told = []

    def progress(report):
        told.append(report)
        if report.starts_done >= 3:
            raise StopIteration

    design = cf.minimize_peak(ms, method="l2p", starts=50, progress=progress)
    assert "stopped by the progress callback after 3 starts" in design.status
    assert told[-1].starts_total == 50
    assert told[-1].best_crest_factor == pytest.approx(design.crest_factor, rel=1e-12)
    assert all(b.best_crest_factor <= a.best_crest_factor for a, b in pairwise(told))


def test_progress_is_reported_within_a_start():
    ms = cf.Multisine.harmonics(range(1, 600))

    def stop(report):
        assert report.starts_done == 0
        raise StopIteration

    design = cf.minimize_peak(ms, method="l2p", progress=stop)
    assert "stopped by the progress callback in the first start" in design.status


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX sends them")
@pytest.mark.parametrize("method", ["clip", "l2p"])
def test_ctrl_c_keeps_the_best_so_far(method):
    script = (
        "import crestfall as cf\n"
        "ms = cf.Multisine.harmonics(range(1, 65))\n"
        "tell = lambda report: print(report.starts_done, flush=True)\n"
        f"design = cf.minimize_peak(ms, starts=10**6, progress=tell, method={method!r})\n"
        "print('DONE', design.crest_factor, design.status, flush=True)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for line in child.stdout:
        if line.strip() == "2":
            break
    os.kill(child.pid, signal.SIGINT)
    rest, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    last = rest.strip().splitlines()[-1].split()
    assert last[0] == "DONE"
    assert float(last[1]) < 1.55
    assert "interrupted" in rest


# ---------------------------------------------------------------------- errors


FLAT = PROBLEMS["flat"]
TWICE = cf.Multisine([1.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("ms", "arguments", "message"),
    [
        (
            FLAT,
            {"method": "magic"},
            "method is 'magic'; choose one of 'minimax', 'discrete', 'delays', 'schroeder', 'clip', 'l2p'",
        ),
        (FLAT, {"method": "l2p", "starts": 0}, "starts is 0"),
        (FLAT, {"method": "clip", "starts": 1.5}, "starts is 1.5"),
        (FLAT, {"method": "schroeder", "starts": 2}, "method 'schroeder' does not use starts"),
        (FLAT, {"method": "l2p", "time_limit": 0.0}, "time_limit is 0.0"),
        (FLAT, {"method": "l2p", "workers": 0}, "workers is 0"),
        (
            FLAT,
            {"method": "clip", "over": cf.Samples(100)},
            "method 'clip' cannot be combined with samples that count",
        ),
        (
            FLAT,
            {"method": "schroeder", "measure": "range"},
            "method 'schroeder' cannot be combined with measure 'range'",
        ),
        (FLAT, {"method": "clip", "workers": 4, "max_memory": 1.0}, "method 'clip' does not use max_memory"),
        (FLAT, {"method": "l2p", "over": cf.Window(0.0, 1.0)}, "a window cannot be combined with method 'l2p'"),
        (TWICE, {"method": "clip"}, "a frequency occurs twice; use method 'minimax'"),
        (TWICE, {"method": "l2p"}, "a frequency occurs twice; use method 'minimax'"),
        (cf.Multisine.harmonics(range(1, 9000)), {"method": "l2p"}, "8999 tones are more than 8192"),
    ],
)
def test_bad_arguments_are_named(ms, arguments, message):
    with pytest.raises(ValueError, match=message) as caught:
        cf.minimize_peak(ms, **arguments)
    assert "\n" not in str(caught.value)


def test_schroeders_formula_takes_tones_of_one_frequency():
    design = cf.minimize_peak(TWICE, method="schroeder")
    assert design.peak == pytest.approx(cf.true_peak(TWICE, cf.schroeder(TWICE)), rel=1e-12)
