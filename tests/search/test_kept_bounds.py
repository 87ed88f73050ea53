"""A bound belongs to the tones: the atlas's and that of a design to begin with are kept, and only where they hold."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import crestfall as cf
from crestfall.atlas import entries, highest_bound
from crestfall.atlas.proofs import proofs
from crestfall.certainty.moments import next_step
from crestfall.certainty.scaled_bound import scaled_bound
from crestfall.design.explain import explain

UNEVEN = cf.Multisine.harmonics([1, 2, 5, 6], amplitudes=[1.0, 0.4, 0.7, 0.9])


@pytest.fixture(scope="module")
def proved():
    """Tones that are not in the atlas, with a bound by moments that took all its steps."""
    design = cf.minimize_peak(UNEVEN, starts=4, bound_time=60.0)
    assert design.proven_by.startswith("moments of order ")
    assert design.lower_bound > cf.lower_bound(UNEVEN)
    return design


# ------------------------------------------------------------------ the atlas's


def test_the_design_of_the_atlas_has_the_bound_of_the_atlas():
    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 32)))
    assert design.lower_bound == pytest.approx(proofs()["real", 31].peak / np.sqrt(31 / 2), rel=1e-12)
    assert design.bound_argument == "moments of 3 derivatives, order 2, from the atlas"
    entry = next(one for one in entries() if (one.kind, one.n) == ("real", 31))
    assert design.lower_bound == pytest.approx(highest_bound(entry), rel=1e-11)


@pytest.mark.parametrize(
    ("ms", "key", "power"),
    [
        (cf.Multisine.harmonics(range(1, 17), 50.0, amplitudes=3.0), ("real", 16), 16 / 2),
        (cf.Multisine(np.roll(np.arange(1.0, 17.0), 5) * 0.1, np.full(16, 0.7)), ("real", 16), 16 / 2),
        (cf.Multisine.harmonics(range(7, 14), 10.0, amplitudes=2.0, complex=True), ("complex", 7), 7.0),
        (cf.Multisine(np.arange(15.0, 0.0, -2.0)), ("odd", 8), 8 / 2),
    ],
)
def test_any_fundamental_amplitude_order_and_offset_has_it(ms, key, power):
    design = cf.minimize_peak(ms, starts=1)
    known = next(one for one in entries() if (one.kind, one.n) == key)
    least = known.lower_bound if known.proven else proofs()[key].peak / np.sqrt(power)
    assert design.lower_bound == pytest.approx(least, rel=2e-9)
    assert design.bound_argument.endswith(", from the atlas")
    assert design.proven_peak_bound == pytest.approx(least * np.sqrt(power) * ms.amplitudes[0], rel=2e-9)
    for seed in range(50):
        phases = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, ms.n)
        assert cf.true_peak(ms, phases) > design.peak_lower_bound


def test_the_bound_is_there_whatever_finds_the_phases_unless_the_atlas_is_left_out():
    ms = cf.Multisine.harmonics(range(1, 21))
    known = cf.minimize_peak(ms).lower_bound
    for asked in ({"starts": 2}, {"time_limit": 0.2}, {"method": "schroeder"}, {"start_at_zero": True, "starts": 1}):
        assert cf.minimize_peak(ms, **asked).lower_bound == pytest.approx(known, rel=1e-9)
    without = cf.minimize_peak(ms, starts=2, use_atlas=False)
    assert without.lower_bound == cf.lower_bound(ms) < known
    assert without.proven_peak_bound is None


@pytest.mark.parametrize(
    "changed",
    [
        {"measure": "range"},
        {"over": cf.Samples(64)},
        {"over": cf.Samples(2**16)},  # so many that the search is over continuous time
        {"over": cf.Window(0.0, 0.4)},
        {"outputs": cf.Output(limit=10.0)},
        {"tolerance_db": 1.0},
        {"fixed": cf.FixedWaveform(offset=1.0)},
        {"phases": [cf.Hold({0: 0.5})]},
        {"channels": cf.Orthogonal(2, limits=[10.0, 1.0])},
        {"channels": cf.Interleaved(2)},
    ],
    ids=str,
)
def test_another_goal_has_no_bound_of_the_tones(changed):
    ms = cf.Multisine.harmonics(range(1, 17))
    begin = replace(cf.minimize_peak(ms), bound_is_stated=True)
    assert begin.proven_peak_bound is not None
    from_there = {} if "fixed" in changed else {"begin": begin}  # the fixed lines are further tones
    design = cf.minimize_peak(cf.Problem(ms, **changed), starts=1, **from_there)
    assert design.proven_peak_bound is None
    assert design.lower_bound <= design.figure * (1.0 + 1e-12)


def test_inputs_that_are_copies_of_one_drive_have_its_bound_and_others_none():
    ms = cf.Multisine.harmonics(range(1, 6))
    both = cf.minimize_peak(ms, channels=cf.Orthogonal(2))
    assert both.lower_bound == pytest.approx(cf.minimize_peak(ms).lower_bound, rel=1e-12)
    for seed in range(20):  # whatever the phases, the worst of all signals is above it
        phases = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, 5)
        assert cf.Design.of(both.problem, phases).figure > both.lower_bound
    limited = cf.minimize_peak(ms, channels=cf.Orthogonal(2, limits=[10.0, 100.0]))
    assert 0.0 < limited.lower_bound <= limited.figure  # a share of a limit is no crest factor


def test_tones_that_nearly_are_those_of_the_atlas_lose_what_they_differ_by():
    flat = np.ones(16)
    nearly = flat * (1.0 + 3e-11 * np.cos(np.arange(16.0)))  # the same key
    bound = cf.minimize_peak(cf.Multisine(np.arange(1.0, 17.0), nearly)).proven_peak_bound
    exact = cf.minimize_peak(cf.Multisine(np.arange(1.0, 17.0))).proven_peak_bound
    assert exact * (1.0 - 1e-9) < bound < exact


def test_a_scaled_bound_holds_for_all_phases():
    rng = np.random.default_rng(5)
    t = np.linspace(0.0, 1.0, 500)
    waves = np.cos(2.0 * np.pi * np.outer(t, [1, 2, 3, 7]) + rng.uniform(0.0, 2.0 * np.pi, (200, 1, 4)))
    for spread in (0.0, 0.01, 0.3):
        a = rng.uniform(0.5, 1.5, 4)
        b = 2.7 * a * (1.0 + spread * rng.uniform(-1.0, 1.0, 4))
        least, others = (np.abs(waves @ amplitudes).max(axis=1).min() for amplitudes in (a, b))
        assert scaled_bound(least, a, b) <= others
    assert scaled_bound(1.75, a, 4.0 * a) == pytest.approx(7.0, rel=1e-13)


# ------------------------------------------------------------------ that of a design to begin with


def test_a_search_that_continues_keeps_the_bound_and_its_proof(proved):
    again = cf.minimize_peak(proved, starts=2)
    assert (again.proven_peak_bound, again.proven_by) == (proved.proven_peak_bound, proved.proven_by)
    assert again.bound_proof == proved.bound_proof
    assert again.bound_proof.check(UNEVEN) == pytest.approx(again.proven_peak_bound, rel=1e-12)
    assert not again.lower_bound_is_stated
    twice = UNEVEN.with_amplitudes(2.0 * UNEVEN.amplitudes)
    scaled = cf.minimize_peak(twice, starts=1, begin=proved)
    assert scaled.lower_bound == pytest.approx(proved.lower_bound, rel=1e-12)
    assert scaled.bound_proof is None  # that is about other amplitudes
    other = UNEVEN.with_amplitudes([1.0, 0.4, 0.7, 2.0])
    assert cf.minimize_peak(other, starts=1, begin=proved).lower_bound == cf.lower_bound(other)


def test_a_higher_bound_of_its_own_wins(proved):
    low = replace(proved, proven_peak_bound=0.9 * proved.proven_peak_bound, bound_proof=None)
    better = cf.minimize_peak(low, starts=2, prove=True)
    assert better.proven_by == "branch and bound"
    assert better.lower_bound >= proved.lower_bound
    assert cf.minimize_peak(replace(low, moment_steps=()), starts=1, bound_time=60.0).proven_by == proved.proven_by


def test_delays_in_steps_keep_their_proof_too():
    ms, steps = cf.Multisine.harmonics(range(1, 7)), cf.Delays([[0, 1], [2, 3], [4, 5]], steps=24)
    first = cf.minimize_peak(cf.Problem(ms, phases=[steps], over=cf.Samples(24)))
    assert first.proven_peak_bound is not None
    worse = replace(first, proven_peak_bound=0.5 * first.proven_peak_bound)
    assert cf.minimize_peak(worse).lower_bound == first.lower_bound
    short = cf.minimize_peak(first, time_limit=1e-6)
    assert short.lower_bound == first.lower_bound


# ------------------------------------------------------------------ what a file states


def altered(path, design, **changes):
    """A file of a design with other values in it."""
    design.save(path)
    record = json.loads(path.read_text(encoding="utf-8"))
    record["design"] |= changes
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


def test_a_bound_of_a_file_is_what_the_file_states(proved, tmp_path):
    high = 0.999 * proved.peak
    lied = cf.load(altered(tmp_path / "a.json", proved, proven_peak_bound=high))
    assert lied.lower_bound_is_stated
    assert lied.summary()["lower_bound_is_stated"]
    assert "as the file states" in repr(lied)
    words = str(explain(lied))
    assert "(as the file states, by moments: order" in words
    assert "So it is the global optimum" not in words
    assert "If that holds, it is the global optimum to 0.1 %." in words
    again = cf.minimize_peak(lied, starts=1)
    assert again.lower_bound_is_stated
    assert cf.load(altered(tmp_path / "b.json", again)).lower_bound_is_stated


def test_what_this_process_proves_or_can_look_up_is_not_only_stated(proved, tmp_path):
    assert not proved.lower_bound_is_stated
    formula = cf.load(altered(tmp_path / "a.json", proved, proven_peak_bound=None, proven_by=None))
    assert not formula.lower_bound_is_stated
    below = cf.load(altered(tmp_path / "b.json", proved, proven_peak_bound=0.5))  # a formula says more
    assert below.lower_bound == cf.lower_bound(UNEVEN)
    assert not below.lower_bound_is_stated
    ours = cf.minimize_peak(cf.Multisine.harmonics(range(1, 17)))
    assert not cf.load(altered(tmp_path / "c.json", ours)).lower_bound_is_stated
    above = altered(tmp_path / "d.json", ours, proven_peak_bound=1.01 * ours.proven_peak_bound)
    assert cf.load(above).lower_bound_is_stated
    proving = cf.minimize_peak(cf.load(altered(tmp_path / "e.json", proved)), starts=1, prove=True)
    assert proving.proven_by == "branch and bound"
    assert not proving.lower_bound_is_stated


def test_a_stated_bound_above_the_peak_is_refused_or_left_out(proved, tmp_path):
    with pytest.raises(ValueError, match="no phases can be below a lower bound"):
        cf.load(altered(tmp_path / "a.json", proved, proven_peak_bound=1.01 * proved.peak))
    poor = cf.Design.of(UNEVEN, np.zeros(4))
    wrong = altered(tmp_path / "b.json", poor, proven_peak_bound=0.99 * poor.peak, proven_by="branch and bound")
    found = cf.minimize_peak(cf.load(wrong), starts=4)
    assert found.status.endswith("; the bound that the file states is wrong: these phases are below it")
    assert found.lower_bound == cf.lower_bound(UNEVEN)


# ------------------------------------------------------------------ whether more time pays


def advice_of(design):
    """What is recommended for a higher bound, or nothing."""
    last = explain(design, "d.json").sections[-1].lines
    return [line for line in last if "--bound-time" in line]


def test_after_a_finished_bound_nothing_recommends_more(proved):
    assert proved.status.endswith("; the bound is finished: more time raises it no further")
    assert next_step(UNEVEN, proved.moment_steps) is None
    assert advice_of(proved) == []
    again = cf.minimize_peak(proved, starts=1, bound_time=60.0)  # at once: nothing is left
    assert again.status.endswith("; the bound is finished: more time raises it no further")
    assert again.provenance.seconds < 30.0
    assert again.proven_peak_bound == proved.proven_peak_bound


def test_an_unfinished_bound_names_steps_that_were_not_taken_until_it_is_finished(tmp_path):
    design = cf.minimize_peak(UNEVEN, starts=2, bound_time=1e-3)
    named = []
    for number in range(9):
        if not (advice := advice_of(design)):
            break
        seconds = next_step(UNEVEN, design.moment_steps).whole_seconds
        assert design.status.endswith(f"the bound ended with its time: {seconds} s more may raise it")
        assert f"--bound-time {seconds}s --out d-2.json: may raise the bound" in advice[0]
        named.append(next_step(UNEVEN, design.moment_steps).name)
        file = tmp_path / f"{number}.json"
        design.save(file)
        design = cf.minimize_peak(cf.load(file), starts=1, bound_time=seconds)
    assert design.status.endswith("; the bound is finished: more time raises it no further")
    assert len(set(named)) == len(named) > 0
    assert all(low != high for low, high in pairwise(named))
    assert set(named) <= set(design.moment_steps)


def test_files_of_before_name_the_last_step_only(proved, tmp_path):
    proved.save(tmp_path / "a.json")
    record = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    del record["design"]["moment_steps"]
    (tmp_path / "a.json").write_text(json.dumps(record), encoding="utf-8")
    last = proved.moment_steps.index(proved.proven_by)
    assert cf.load(tmp_path / "a.json").moment_steps == proved.moment_steps[: last + 1]


@pytest.mark.parametrize("none", [0, 0.0, "0 s", None])
def test_no_time_for_a_bound(none):
    assert cf.Effort(bound_time=none).bound_time is None
    assert "bound time" not in cf.Effort(bound_time=none).abilities
    with pytest.raises(ValueError, match=r"bound_time is -1.0; give a finite number of seconds, or 0 or None"):
        cf.Effort(bound_time=-1.0)
