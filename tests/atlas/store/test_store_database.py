"""What goes into a store, what does not, and what comes out."""

import re
import sqlite3
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.atlas import entries, find
from crestfall.atlas.store import Improvement, Store, StoredTones
from crestfall.atlas.verify import faults
from crestfall.design.provenance import Provenance


def dense_peak(ms, phases):
    """Largest |x| over a dense grid of one period, by direct summation."""
    t = np.linspace(0, 1 / ms.fundamental, 20_001)
    z = np.exp(1j * (2 * np.pi * np.outer(t, ms.frequencies) + phases)) @ ms.amplitudes
    return np.max(np.abs(z if ms.complex else z.real))


def test_a_design_comes_back_bit_for_bit(path, tones, better):
    with Store.open(path) as store:
        assert store.add(tones, better[0])
    with Store.read(path) as store:
        found = store.best(tones)
        assert store.problems() == [tones]
    assert found.to_row() == better[0].to_row()
    assert np.array_equal(found.phases_rad, better[0].phases_rad)
    assert found.date_utc.endswith("+00:00")
    assert found.version == cf.__version__
    assert found.peak_high == pytest.approx(dense_peak(tones.canonical, found.phases_rad), rel=1e-6)


def test_only_better_designs_go_in(path, tones, better):
    with Store.open(path) as store:
        taken = [store.add(tones, better[k]) for k in (2, 0, 2, 3, 1, 3)]
        assert taken == [True, False, False, True, False, False]
        assert [row.peak_high for row in store.history(tones)] == [better[3].peak_high, better[2].peak_high]
        assert store.counts() == {tones.identifier: 2}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.integers(0, 4), max_size=8))
def test_whatever_the_order_the_best_is_kept(tmp_path_factory, make_improving, order):
    tones = StoredTones(cf.Multisine.harmonics(range(1, 6)))
    better = make_improving(tones)
    with Store.open(tmp_path_factory.mktemp("order") / "s.sqlite") as store:
        for k in order:
            store.add(tones, better[k])
        peaks = [row.peak_high for row in store.history(tones)]
        records = [max(order[: i + 1]) for i in range(len(order))]
        assert peaks == [better[k].peak_high for k in sorted(set(records), reverse=True)]


@pytest.mark.parametrize("is_complex", [False, True])
def test_equal_problems_share_their_designs(path, is_complex):
    asked = cf.Multisine([30.0, 10.0, 20.0], [2.0, 4.0, 1.0], complex=is_complex)
    same = cf.Multisine([0.2, 0.6, 0.4], [40.0, 20.0, 10.0], complex=is_complex)
    assert StoredTones(asked).identifier == StoredTones(same).identifier
    design = cf.minimize_peak(asked, starts=2)
    with Store.open(path) as store:
        first = StoredTones(asked)
        phases = design.phases[np.argsort(asked.frequencies)]
        store.add(first, Improvement.measured(first, phases, design.provenance))
        found = store.best(StoredTones(same)).design(StoredTones(same))
    assert found.crest_factor == pytest.approx(design.crest_factor, rel=1e-12)
    assert found.multisine.frequencies.tolist() == [0.2, 0.4, 0.6]
    assert dense_peak(found.multisine, found.phases) == pytest.approx(10 * design.peak, rel=1e-6)


def test_very_weak_tones_keep_their_amplitude(path):
    tones = StoredTones(cf.Multisine([1.0, 2.0, 3.0], [1.0, 1e-12, 3e-300]))
    assert tones.canonical.amplitudes.tolist() == [1.0, 1e-12, 3e-300]
    with Store.open(path) as store:
        assert store.add(tones, Improvement.measured(tones, [0, 1, 2], Provenance("x")))
        assert store.problems()[0].identifier == tones.identifier


def test_repeated_frequencies_and_single_tones_can_be_stored(path):
    with Store.open(path) as store:
        for ms in (cf.Multisine([5.0, 5.0], [1.0, 2.0]), cf.Multisine([7.0]), cf.Multisine([0.0], complex=True)):
            tones = StoredTones(ms)
            assert store.add(tones, Improvement.measured(tones, np.zeros(ms.n), Provenance("x")))
            assert store.best(tones).residual is None or ms.n == 1
        assert (
            StoredTones(cf.Multisine([5.0, 5.0], [2.0, 1.0])).identifier
            == StoredTones(cf.Multisine([5.0, 5.0], [1, 2])).identifier
        )


@pytest.mark.parametrize(
    "change",
    [
        lambda row: {"peak_high": row.peak_high * 0.99, "peak_low": row.peak_low * 0.99},
        lambda row: {"peak_high": row.peak_high * 1.01, "peak_low": row.peak_low * 1.01},
        lambda row: {"lower_bound": row.lower_bound * 1.001},
        lambda row: {"phases_rad": row.phases_rad + np.arange(5)},
        lambda row: {"phases_rad": row.phases_rad[:-1]},
        lambda row: {"phases_rad": row.phases_rad * np.nan},
        lambda row: {"peak_high": float("nan")},
    ],
)
def test_a_false_claim_is_refused(path, tones, better, change):
    with Store.open(path) as store:
        with pytest.raises(ValueError, match=r"but the (phases|tones) give|phases"):
            store.add(tones, replace(better[0], **change(better[0])))
        assert store.best(tones) is None


def test_the_file_itself_refuses_what_would_make_it_worse(path, tones, better):
    with Store.open(path) as store:
        store.add(tones, better[1])
    raw = sqlite3.connect(path, isolation_level=None)
    copy = "INSERT INTO improvement SELECT id + 1, problem_id, phases_rad, peak_low, peak_high + ?, lower_bound, "
    copy += "residual, method, seed, starts, seconds, version, date_utc FROM improvement"
    for statement, values in (
        (copy, (0.0,)),
        (copy, (0.1,)),
        ("UPDATE improvement SET peak_high = 9", ()),
        ("DELETE FROM improvement", ()),
        ("PRAGMA foreign_keys = ON", None),
        ("DELETE FROM problem", ()),
    ):
        if values is None:
            raw.execute(statement)
            continue
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(statement, values)
    raw.close()


def test_a_store_is_durable_by_its_settings(path):
    with Store.open(path) as store:
        ask = lambda name: store._connection.execute(f"PRAGMA {name}").fetchone()[0]  # noqa: E731
        assert (ask("journal_mode"), ask("synchronous"), ask("foreign_keys")) == ("wal", 2, 1)


def test_rounds_are_given_once(path, tones):
    with Store.open(path) as one, Store.open(path) as two:
        assert [store.begin_round(tones) for store in (one, two, two, one)] == [0, 1, 2, 3]
        two.spend(tones, 1.5)
        assert one.spent()[tones.identifier].seconds == 1.5
        assert one.best(tones) is None


def test_an_error_leaves_nothing_half_done(path, tones, better, monkeypatch):
    with Store.open(path) as store:
        monkeypatch.setattr(Improvement, "from_row", lambda row: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            store.add(tones, better[0])
        monkeypatch.undo()
        assert store.problems() == []
        assert store.add(tones, better[0])


@pytest.mark.parametrize(("kind", "n"), [("real", 8), ("complex", 5), ("odd", 4)])
def test_atlas_and_store_mean_the_same_problem_and_verify_alike(path, kind, n):
    entry = next(entry for entry in entries() if (entry.kind, entry.n) == (kind, n))
    ms = entry.multisine
    order = np.random.default_rng(n).permutation(n)
    asked = cf.Multisine(7.0 * ms.frequencies[order] + (35.0 if ms.complex else 0.0), 0.3, complex=ms.complex)
    tones = StoredTones(asked)
    assert find(asked)[0] == entry
    assert tones.name == f"{kind}:{n}"
    improvement = Improvement.measured(tones, entry.phases_rad, Provenance("atlas"))
    assert improvement.peak_high == pytest.approx(entry.peak, rel=1e-10)
    with Store.open(path) as store:
        assert store.add(tones, improvement)
        assert store.best(StoredTones(ms)).design(StoredTones(ms)).crest_factor == pytest.approx(
            entry.crest_factor, rel=1e-10
        )
        claim = entry.peak * 0.99
        lie = replace(improvement, peak_low=claim, peak_high=claim)
        (fault, *_) = faults(replace(entry, peak=claim))
        with pytest.raises(ValueError, match=re.escape(fault.split(", but")[0])):
            store.add(tones, lie)
