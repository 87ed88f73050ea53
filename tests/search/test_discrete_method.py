"""The search over an alphabet as a method: its budget, its workers, smaller alphabets, and amplitudes that move."""

import os
import signal
import sys
from itertools import count, pairwise

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.discrete.local_search import Chain
from crestfall.search.methods import discrete_chains

PILOTS = (-21, -7, 7, 21)
WIFI = cf.Multisine.harmonics([k for k in range(-26, 27) if k != 0 and k not in PILOTS], 312_500.0, complex=True)
"""The 48 data carriers of a preamble as IEEE 802.11 has it."""


TICK = 0.01
"""Seconds of the test's clock between two questions."""
MOST_LATE = 32
"""Questions that a search may still ask once its time is up: each part of it asks before it begins anything."""


class Clock:
    """A clock that moves on by a tick whenever it is asked; ``at[k]`` is called at the ``k``-th question."""

    def __init__(self):
        self.asked, self.at = 0, {}

    def __call__(self):
        self.asked += 1
        self.at.get(self.asked, lambda: None)()
        return 1000.0 + self.asked * TICK


@pytest.fixture
def clock(monkeypatch):
    """A clock of the budget that moves on whenever it is asked: a loop that does not ask never ends."""
    made = Clock()
    monkeypatch.setattr(sys.modules["crestfall.search.budget"], "perf_counter", made)
    return made


def discrete(ms, levels, progress=None, **effort):
    problem = cf.Problem(ms, phases=[cf.Alphabet(levels)])
    return cf.minimize_peak(problem, effort=cf.Effort(**effort), progress=progress)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("ms", "levels"),
    [
        (WIFI, (2, 4)),
        (cf.Multisine.harmonics(range(1, 31)), (2, 4, 8)),
        (cf.Multisine.harmonics(range(1, 26), complex=True), (3, 6)),
    ],
)
def test_more_levels_are_never_worse_for_as_many_starts(ms, levels, seed):
    peaks = [discrete(ms, each, starts=40, seed=seed).peak for each in levels]
    assert all(more <= fewer * (1 + 1e-12) for fewer, more in pairwise(peaks))


@pytest.mark.parametrize(("levels", "complex"), [(2, False), (4, True), (3, False)])
def test_every_phase_is_of_the_alphabet_and_the_search_beats_rounding(levels, complex):
    ms = cf.Multisine.harmonics(range(1, 41), complex=complex)
    design = discrete(ms, levels, starts=120)
    steps = design.phases * levels / (2 * np.pi)
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-12)
    optimum = cf.minimize_peak(ms, starts=64).phases
    shifted = optimum + np.linspace(0, 2 * np.pi, 64, endpoint=False)[:, None] * ms.harmonic_numbers
    rounded = 2 * np.pi / levels * np.rint(shifted * levels / (2 * np.pi))
    assert design.peak < min(cf.true_peak(ms, phases) for phases in rounded) * (1.0 if levels == 4 else 0.98)


def test_the_search_finds_what_is_proven(monkeypatch):
    ms = cf.Multisine.harmonics(range(1, 15))
    proven = discrete(ms, 2)
    assert proven.status.startswith("global optimum")
    monkeypatch.setattr("crestfall.search.methods.discrete.can_try_all", lambda *arguments: False)
    found = [discrete(ms, 2, seed=seed, starts=400) for seed in range(3)]
    assert sum(design.peak <= proven.peak * (1 + 1e-9) for design in found) >= 2
    assert all(design.peak >= proven.peak * (1 - 1e-9) for design in found)
    assert all(design.status.startswith("local optimum over single symbols: best of 400 starts") for design in found)


def test_same_seed_same_answer_whoever_computes():
    first, again, two = (discrete(WIFI, 4, seed=3, starts=60, workers=workers) for workers in (1, 1, 2))
    np.testing.assert_array_equal(first.phases, again.phases)
    np.testing.assert_array_equal(first.phases, two.phases)
    assert first.status == two.status


def test_a_cluster_finds_the_same(client_with):
    here = discrete(WIFI, 2, seed=1, starts=60)
    there = discrete(WIFI, 2, seed=1, starts=60, client=client_with(2))
    np.testing.assert_array_equal(here.phases, there.phases)
    assert here.status == there.status


@pytest.mark.parametrize("levels", [2, 4])
@pytest.mark.parametrize("complex", [False, True])
def test_a_time_limit_ends_even_the_first_descent_of_many_tones(levels, complex, clock):
    ms = cf.Multisine.harmonics(range(1, 501), complex=complex)
    design = discrete(ms, levels, time_limit=0.2)
    assert clock.asked <= 0.2 / TICK + MOST_LATE
    assert "time limit" in design.status
    assert design.crest_factor < 2.5


@pytest.mark.parametrize(
    ("n", "levels", "fields"),
    [
        (5000, 2, {}),
        (5000, 4, {}),
        (10_000, 2, {}),
        (20_000, 2, {}),
        (10_000, 4, {"measure": "envelope"}),
        (5000, 2, {"tolerance_db": 1.0}),
        (3000, 2, {}),
        (1000, 2**20, {}),
        (500, 4, {"over": cf.Window(0.0, 1.3)}),
        (8, 10**6, {}),
        (8, 720_720, {}),
        (8, 2**20, {"tolerance_db": 1.0}),
        (1, 2**20, {}),
        (2, 2**13, {}),
    ],
)
def test_a_time_limit_holds_for_very_many_tones_or_levels(n, levels, fields, clock):
    ms = cf.Multisine.harmonics(range(1, n + 1))
    problem = cf.Problem(ms, phases=[cf.Alphabet(levels)], **fields)
    design = cf.minimize_peak(problem, effort=cf.Effort(time_limit=0.5, use_atlas=False))
    assert clock.asked <= 0.5 / TICK + MOST_LATE
    assert "time limit" in design.status
    steps = design.phases * levels / (2 * np.pi)
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-6)
    assert design.crest_factor < 3.0


def test_of_very_many_levels_a_sample_of_the_changes_is_tried():
    ms = cf.Multisine.harmonics(range(1, 6))
    problem = cf.Problem(ms, phases=[cf.Alphabet(2**10)], over=cf.Samples(32))
    design = cf.minimize_peak(problem, effort=cf.Effort(starts=4, use_atlas=False))
    assert design.status == "local optimum over some changes of single symbols: best of 4 starts"
    steps = [k for power in range(9) for k in (2**power, -(2**power))]
    waves = np.exp(2j * np.pi * np.outer(range(1, 6), np.arange(32)) / 32)
    for tone in range(5):
        changed = np.repeat(design.phases[None], len(steps), axis=0)
        changed[:, tone] += 2 * np.pi * np.array(steps) / 2**10
        peaks = np.abs((np.exp(1j * changed) @ waves).real).max(axis=-1)
        assert np.all(peaks >= design.figure * np.sqrt(2.5) * (1 - 1e-9))


def test_what_workers_compute_ends_at_the_time_limit_even_within_a_change(monkeypatch):
    ms, n = cf.Multisine.harmonics(range(1, 4001)), count(1)
    problem = cf.Problem(ms, phases=[cf.Alphabet(4)])
    monkeypatch.setattr(discrete_chains, "perf_counter", lambda: next(n) * TICK)
    alphabet = discrete_chains._Alphabet("test", cf.__version__, problem, 4, ms, 2.0**30)
    chain = Chain(np.random.default_rng(0))
    _, chain, ends = discrete_chains._go_on(alphabet, 0, chain, 10**6, 1e9, 0.1, None)
    assert ends == []
    assert not chain.descent.has_ended
    assert next(n) <= 0.1 / TICK + MOST_LATE
    assert "time limit" in discrete(ms, 4, time_limit=1.0, workers=2).status


def test_a_number_of_starts_counts_where_all_sequences_would_take_seconds():
    ms = cf.Multisine.harmonics(range(1, 22))
    design = discrete(ms, 2, starts=1)
    assert design.status.startswith("local optimum over single symbols: best of 1 start")
    assert design.provenance.starts == 1


def test_the_starts_of_an_exhaustive_search_are_its_sequences(monkeypatch):
    assert discrete(cf.Multisine.harmonics(range(1, 9)), 2).provenance.starts == 128
    assert discrete(cf.Multisine.harmonics(range(1, 9)), 2, starts=3).provenance.starts == 128
    monkeypatch.setattr("crestfall.search.methods.discrete.can_try_all", lambda *arguments: True)
    stopped = discrete(cf.Multisine.harmonics(range(1, 41)), 2, time_limit=0.5)
    assert stopped.status.startswith(f"best of {stopped.provenance.starts} of all {2**39} sequences")


def test_workers_are_given_moments_and_stop_at_the_time_limit(monkeypatch):
    ms = cf.Multisine.harmonics(range(1, 301))
    given = []

    class Noted(discrete_chains.Chains):
        def _in_processes(self, tasks):
            given.append(self._moment)
            return super()._in_processes(tasks)

    monkeypatch.setattr("crestfall.search.methods.discrete.Chains", Noted)
    design = discrete(ms, 4, time_limit=2.0, workers=2)
    assert "time limit" in design.status
    assert given
    assert max(given) <= discrete_chains._MOMENT_S < 1.0


def test_target_and_stall_limit_end_the_search():
    ms = cf.Multisine.harmonics(range(1, 49))
    reached = discrete(ms, 2, target=1.9, time_limit=20.0, workers=1)
    assert reached.crest_factor <= 1.9
    assert "target reached" in reached.status
    stalled = discrete(ms, 2, stall_limit=0.3, workers=1)
    assert "no improvement for 0.3 s" in stalled.status


@pytest.mark.parametrize("n", [16, 64])
def test_a_callback_ends_the_search_with_the_best_so_far(n):
    seen = []

    def stop(progress):
        seen.append(progress.best)
        raise StopIteration

    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, n + 1)), constraints=[cf.Alphabet(4)], progress=stop)
    assert len(seen) >= 1
    assert "stopped by the progress callback" in design.status
    assert design.crest_factor <= seen[0] * (1 + 1e-12)


@pytest.mark.usefixtures("usual_ctrl_c")
def test_ctrl_c_ends_a_descent_at_once(clock):
    ms = cf.Multisine.harmonics(range(1, 1001), complex=True)
    clock.at[60] = lambda: signal.raise_signal(signal.SIGINT)
    design = discrete(ms, 4, starts=8, stall_limit=1e9)
    assert "interrupted" in design.status
    assert clock.asked <= 60 + MOST_LATE


@pytest.mark.linux
@pytest.mark.usefixtures("usual_ctrl_c")
def test_worker_processes_that_hang_hold_up_no_search_over_an_alphabet(monkeypatch, worker_processes):
    monkeypatch.setattr("crestfall.search.executors.processes._GRACE_S", 0.2)
    frozen = []

    def freeze(progress):
        if not frozen and (found := worker_processes()):
            frozen.extend(found)
            for pid in found:
                os.kill(pid, signal.SIGSTOP)
            signal.raise_signal(signal.SIGINT)

    design = discrete(WIFI, 4, starts=10**6, workers=2, progress=freeze)
    worker_processes.go_on(frozen)  # those that had nothing to do are still there, for the searches to come
    assert frozen
    assert "interrupted" in design.status


def test_all_sequences_that_are_interrupted_leave_the_best_so_far(monkeypatch):
    monkeypatch.setattr("crestfall.search.methods.discrete.can_try_all", lambda *arguments: True)
    design = discrete(cf.Multisine.harmonics(range(1, 41)), 2, time_limit=0.5)
    assert design.status.startswith("best of ")
    assert design.status.endswith(f"of all {2**39} sequences: time limit")
    assert design.crest_factor < 2.2


def test_phases_that_the_tones_came_with_are_never_lost():
    ms = cf.Multisine.harmonics(range(1, 41))
    best = discrete(ms, 2, starts=400)
    begun = cf.Multisine(ms.frequencies, initial_phases=best.phases)
    assert discrete(begun, 2, starts=1, seed=5).peak <= best.peak * (1 + 1e-12)


def test_amplitudes_that_may_move_lower_the_peak_further():
    ms = cf.Multisine.harmonics(range(1, 21))
    fixed = cf.minimize_peak(cf.Problem(ms, phases=[cf.Alphabet(2)]), effort=cf.Effort(starts=80))
    extra = cf.ExtraTones([30.0, 31.0], largest=0.3)
    problem = cf.Problem(ms, phases=[cf.Alphabet(2)], tolerance_db=1.0, extra=extra)
    free = cf.minimize_peak(problem, effort=cf.Effort(starts=80))
    wanted = free.multisine.amplitudes[:20]
    assert np.all(np.abs(20 * np.log10(wanted)) <= 1.0 + 1e-9)
    np.testing.assert_allclose(np.sin(free.phases), 0.0, atol=1e-12)
    rms = np.sqrt(0.5 * np.sum(wanted**2))
    assert cf.true_peak(free.multisine, free.phases) / rms < 0.97 * fixed.crest_factor
    assert free.status.startswith("amplitudes within their ranges, not proven; local optimum over single symbols")


def test_what_has_no_alphabet_is_refused():
    with pytest.raises(ValueError, match="no alphabet of phases; add Alphabet"):
        cf.minimize_peak(cf.Multisine([1.0, 2.0]), method="discrete")
