"""Campaigns: what is searched in which order, how they go on, and how they end."""

import json
import signal

import numpy as np
import pytest

import crestfall as cf
import crestfall.atlas.store.campaign as campaign
from crestfall.atlas.store import Improvement, Plan, Store, StoredTones, run_campaign
from crestfall.design.provenance import Provenance
from crestfall.problem.multisine import Multisine

QUICK = {"seconds": 0.05, "workers": 1, "use_atlas": False}


def flat(*numbers):
    return [Multisine.harmonics(range(1, n + 1)) for n in numbers]


@pytest.fixture
def searched(monkeypatch):
    """The arguments of every search."""
    calls = []
    real = campaign.minimize_peak

    def spy(ms, **options):
        calls.append((ms, options))
        return real(ms, **options)

    monkeypatch.setattr(campaign, "minimize_peak", spy)
    return calls


def test_a_campaign_saves_a_design_of_every_problem(path):
    visits = []
    with Store.open(path) as store:
        assert run_campaign(store, flat(3, 4, 3), Plan(rounds=2, **QUICK), on_visit=visits.append) == 4
        assert [visit.tones.name for visit in visits] == ["real:3", "real:4"] * 2
        assert [(visit.done, visit.total) for visit in visits] == [(1, 4), (2, 4), (3, 4), (4, 4)]
        for tones in map(StoredTones, flat(3, 4)):
            best = store.best(tones)
            assert best.peak_high <= cf.true_peak(tones.asked, cf.schroeder(tones.asked)) * (1 + 1e-12)
            assert store.spent()[tones.identifier].rounds == 2
            assert store.spent()[tones.identifier].seconds > 0


def test_the_next_campaign_starts_from_the_best_with_new_seeds(path, searched):
    for _ in range(2):
        with Store.open(path) as store:
            run_campaign(store, flat(9), Plan(rounds=2, **QUICK))
            history = store.history(StoredTones(flat(9)[0]))
    assert searched[0][0].initial_phases is None
    saved = [row.phases_rad.tolist() for row in reversed(history)]
    began = [saved.index(ms.initial_phases.tolist()) for ms, _ in searched[1:]]
    assert began == sorted(began)
    assert len({options["effort"].seed for _, options in searched}) == 4


def test_what_was_searched_least_comes_first(path, searched):
    with Store.open(path) as store:
        run_campaign(store, flat(3, 4), Plan(**QUICK))
        run_campaign(store, flat(3, 4, 5, 6), Plan(**QUICK))
    assert [ms.n for ms, _ in searched] == [3, 4, 5, 6, 3, 4]


def test_phases_that_came_with_the_tones_are_saved_if_they_are_better(path):
    design = cf.minimize_peak(Multisine([300.0, 100.0, 200.0], 7.0), starts=8)
    ms = design.multisine
    given = Multisine(ms.frequencies, ms.amplitudes, initial_phases=design.phases)
    worse = Multisine(ms.frequencies, ms.amplitudes, initial_phases=[0, 0, 0])
    with Store.open(path) as store:
        visits = []
        run_campaign(store, [given, worse], Plan(**QUICK), on_visit=visits.append)
        history = store.history(StoredTones(ms))
        assert visits[0].saved is not None
        assert [row.method for row in history] == ["given phases"]
        assert history[0].crest_factor(StoredTones(ms)) == pytest.approx(design.crest_factor, rel=1e-9)


def test_a_search_that_finds_nothing_better_changes_nothing(path, monkeypatch, tones, better):
    def found(ms, **options):
        return cf.Design.of(ms, better[1].phases_rad, provenance=Provenance("fake"))

    monkeypatch.setattr(campaign, "minimize_peak", found)
    with Store.open(path) as store:
        store.add(tones, better[2])
        visits = []
        run_campaign(store, [tones.asked], Plan(rounds=3, **QUICK), on_visit=visits.append)
        assert [visit.saved for visit in visits] == [None] * 3
        assert store.history(tones)[0].to_row() == better[2].to_row()


def test_another_campaign_may_be_faster(path, monkeypatch, tones, better):
    def found(ms, **options):
        with Store.open(path) as other:
            other.add(tones, better[3])
        return cf.Design.of(ms, better[2].phases_rad, provenance=Provenance("fake"))

    monkeypatch.setattr(campaign, "minimize_peak", found)
    with Store.open(path) as store:
        store.add(tones, better[0])
        visits = []
        run_campaign(store, [tones.asked], Plan(**QUICK), on_visit=visits.append)
        assert visits[0].saved is None
        assert store.best(tones).peak_high == better[3].peak_high


def test_a_problem_that_cannot_be_solved_does_not_end_the_campaign(path, monkeypatch):
    real = campaign.minimize_peak

    def failing(ms, **options):
        if ms.n == 3:
            raise np.linalg.LinAlgError("singular")
        return real(ms, **options)

    monkeypatch.setattr(campaign, "minimize_peak", failing)
    with Store.open(path) as store:
        visits = []
        assert run_campaign(store, flat(3, 4), Plan(**QUICK), on_visit=visits.append) == 2
        assert [visit.failure for visit in visits] == ["singular", None]
        assert store.best(StoredTones(flat(4)[0])) is not None


def test_a_campaign_ends_when_asked_and_when_its_time_is_up(path):
    with Store.open(path) as store:
        visits = []
        plan = Plan(seconds=60.0, rounds=9, workers=1, use_atlas=False)
        done = run_campaign(store, flat(9, 10), plan, on_visit=visits.append, stop=lambda: store.spent() != {})
        assert done == 1
        assert visits[0].saved is not None
        plan = Plan(seconds=60.0, rounds=9, time_limit=0.05, workers=1, use_atlas=False)
        assert run_campaign(store, flat(9, 10), plan) < 18


def test_a_design_that_cannot_be_saved_is_handed_over(path):
    with Store.open(path) as store:
        store._connection.execute("PRAGMA query_only = ON")
        with pytest.raises(OSError, match="read-only"):
            run_campaign(store, flat(3), Plan(**QUICK))
        store._connection.execute("PRAGMA query_only = OFF")
        tones = StoredTones(flat(3)[0])

        def read_only_now(tones, progress):
            store._connection.execute("PRAGMA query_only = ON")

        with pytest.raises(campaign.NotSavedError) as error:
            run_campaign(store, flat(3), Plan(**QUICK), on_progress=read_only_now)
        error.value.improvement.verify(tones)
        store._connection.execute("PRAGMA query_only = OFF")
        assert store.add(tones, error.value.improvement)


@pytest.mark.parametrize("change", [{"seconds": 0}, {"seconds": float("nan")}, {"rounds": 0}, {"seed": -1}])
def test_a_plan_that_makes_no_sense_is_refused(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        Plan(**change)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.posix
def test_ctrl_c_keeps_everything(path, command, number):
    search = ("search", "real:5", "real:60", "--store", path, "--seconds", 30, "--no-atlas", "--workers", 1)
    with Store.open(path) as store:
        run_campaign(store, flat(5), Plan(**QUICK))
    process = command(*search, "--json")
    while True:  # until the search of real:60 has begun
        with Store.read(path) as store:
            if any(tones.name == "real:60" for tones in store.problems()):
                break
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["event"] for event in events] == ["saved", "end"]
    assert events[-1] == {"event": "end", "searches": 1, "saved": 1, "why": "interrupted"}
    with Store.read(path) as store:
        best = {tones.name: store.best(tones) for tones in store.problems()}
        assert best["real:60"].peak_high == events[0]["peak_interval"][1]


def test_a_measured_design_says_all_about_itself(tones):
    row = Improvement.measured(tones, np.arange(5) + 10, Provenance("by hand", 3, 4, 0.5))
    assert (row.method, row.seed, row.starts, row.seconds) == ("by hand", 3, 4, 0.5)
    assert row.residual > 1e-3
    assert np.all(row.phases_rad < 2 * np.pi)
    assert row.lower_bound == cf.lower_bound(tones.asked)
