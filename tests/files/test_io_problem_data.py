"""Problems as plain data: what a design is for survives saving, and nonsense in a file is refused by name."""

import json

import numpy as np
import pytest

import crestfall as cf
from crestfall.files import problem_from_data, problem_to_data
from crestfall.problem.constraints import Relation, Relations

MS = cf.Multisine.harmonics([1, 2, 3, 4, 5, 6], fundamental=5.0)
GOALS = {
    "outputs": {"outputs": [cf.Output(limit=3.0), cf.Output(lambda f: 1 / (1 + 1j * f), 0.4, "current")]},
    "hold": {"phases": [cf.Hold({0: 0.25, 5: -1.0})]},
    "link": {"phases": [cf.Link((1, 2)), cf.Link([3, 4], np.array([0.0, 0.5]))]},
    "mirror": {"phases": [cf.ConjugateSymmetric()], "measure": "envelope"},
    "delays": {"phases": [cf.Delays([[0, 1], [2, 3]], [0.1] * 6)], "measure": "range"},
    "samples": {"over": cf.Samples(64), "measure": "one-sided"},
    "rate": {"over": cf.Samples(rate=480.0)},
    "alphabet": {"phases": [cf.Hold({1: 0.0}), cf.Alphabet(4)]},
    "alphabet first": {"phases": [cf.Alphabet(2), cf.Link((0, 1))]},
    "tolerance": {"tolerance_db": 0.5},
    "tolerances": {"tolerance_db": [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]},
    "extra": {"extra": cf.ExtraTones([35.0, 40.0], [0.1, 0.2])},
    "zero": {"start_at_zero": True},
    "window": {"over": cf.Window(0.013, 0.1), "phases": [cf.Hold({0: 0.1})]},
    "late window": {"over": cf.Window(1e6, 0.1)},
    "short window": {"over": cf.Window(1.0, 1e-3)},
    "negative window": {"over": cf.Window(-3.0, 0.1)},
}
DRIVES = ["json", "npz", "csv", "wav", "mat"]


def problem_of(name, ms=MS):
    return cf.Problem(ms, **GOALS[name])


def any_design(problem, seed=0):
    rng = np.random.default_rng(seed)
    own = getattr(problem.channels, "phases", "") == "own"
    phases = rng.uniform(-9.0, 9.0, (problem.channels.count, problem.tones.n) if own else problem.tones.n)
    tones = problem.tones
    if problem.freedom is not None:
        tones = tones.with_amplitudes(rng.uniform(problem.freedom.low, problem.freedom.high))
    return cf.Design.of(problem, phases, multisine=tones, provenance=cf.Provenance("a test", seed=3))


@pytest.mark.parametrize("ending", DRIVES)
@pytest.mark.parametrize("name", sorted(GOALS))
def test_a_saved_design_says_what_it_was_designed_for(tmp_path, name, ending):
    design = any_design(problem_of(name))
    path = tmp_path / f"design.{ending}"
    design.save(path)
    again = cf.load(path)
    assert again == design
    assert again.problem == design.problem
    assert again.phases.tobytes() == design.phases.tobytes()
    assert again.multisine.amplitudes.tobytes() == design.multisine.amplitudes.tobytes()
    assert again.problem.phase_map.n_free == design.problem.phase_map.n_free
    np.testing.assert_equal(again.summary(), design.summary())


@pytest.mark.parametrize("name", sorted(GOALS))
def test_a_search_goes_on_from_the_phases_of_a_saved_design(tmp_path, name):
    design = any_design(problem_of(name))
    design.save(tmp_path / "design.json")
    problem = cf.files.read_problem(tmp_path / "design.json")
    n = design.problem.multisine.n
    np.testing.assert_array_equal(problem.multisine.initial_phases, design.phases[:n])
    assert problem.multisine.with_initial_phases(None) == design.problem.multisine
    for field in ("over", "outputs", "measure", "extra", "start_at_zero"):
        assert getattr(problem, field) == getattr(design.problem, field)


def test_plain_problems_are_stored_in_few_words(tmp_path):
    cf.minimize_peak(MS, starts=1, use_atlas=False).save(tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text())["problem"].keys() == {"tones"}


def test_transfer_functions_and_ready_made_responses():
    data = {
        "tones": {"harmonics": "1:6", "fundamental_hz": 5.0},
        "outputs": [
            {"name": "a", "limit": 1, "response": {"numerator": [1], "denominator": [0.1, 1]}},
            {"name": "b", "limit": 2, "response": "slew rate"},
            {"name": "c", "limit": 2, "response": 3},
            {"name": "d", "limit": 2, "response": "integral"},
            {"name": "e", "limit": 2, "response": [[1, 2], 3, 4, 5, 6, [7, -1]]},
        ],
    }
    problem = problem_from_data(data)
    s = 2j * np.pi * MS.frequencies
    listed = [1 + 2j, 3, 4, 5, 6, 7 - 1j]
    for output, expected in zip(problem.outputs, (1 / (0.1 * s + 1), s, np.full(6, 3), 1 / s, listed), strict=True):
        np.testing.assert_allclose(output.responses(MS), expected)
    assert problem_from_data(problem_to_data(problem)) == problem


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "the content is .*; it must be a table"),
        ({"loudness": 1}, "loudness is unknown; known are tones, goal, outputs, constraints"),
        ({"goal": {"loudness": 1}}, "goal.loudness is unknown; known are measure, samples"),
        ({"goal": {"measure": "volume"}}, "goal.measure is 'volume'; choose one of 'peak', 'range', 'one-sided'"),
        ({"outputs": {}}, "outputs is .* it must be a list"),
        ({"outputs": [{"name": "x"}]}, r"outputs\[0\].limit is missing"),
        ({"outputs": [{"limit": 0}]}, r"outputs\[0\].limit is 0; a limit must be above 0"),
        ({"outputs": [{"limit": 10**400}]}, r"outputs\[0\].limit is 1000"),
        ({"outputs": [{"limit": 1, "response": "louder"}]}, r"outputs\[0\].response is 'louder'; use"),
        ({"outputs": [{"limit": 1, "response": [[1, 0]]}]}, "not one complex number for each of 6 tones"),
        ({"outputs": [{"limit": 1, "response": [[1, 0, 2]]}]}, r"response\[0\] is .* list of 2 numbers"),
        ({"outputs": [{"limit": 1, "channel": "x"}]}, r"outputs\[0\].channel is 'x', but there is one drive"),
        ({"constraints": [{"kind": "wish"}]}, r"constraints\[0\].kind is 'wish'; choose one of 'hold', 'link'"),
        ({"constraints": [{}]}, r"constraints\[0\].kind is missing; choose one of 'hold'"),
        ({"constraints": [{"kind": "hold", "phases_rad": {"9": 0}}]}, "9 is not a tone"),
        ({"constraints": [{"kind": "hold", "phases_rad": {"x": 0}}]}, "must map indices"),
        (
            {"constraints": [{"kind": "hold", "phases_rad": {"1": "a"}}]},
            r"^constraints\[0\].phases_rad.1 is 'a'; give an angle",
        ),
        (
            {"constraints": [{"kind": "hold", "phases_rad": {"0": 0, "00": 1}}]},
            "must map indices of tones to phases: {",
        ),
        ({"goal": {"window_s": [1.0, 1.0]}}, r"goal.window_s: \[1.0, 1.0\] must end after its beginning"),
        (
            {"goal": {"window_s": [1.0, 0.5], "window_duration_s": 1e-20}},
            "goal.window_s: it ends at 0.5 s, but a window",
        ),
        (
            {"constraints": [{"kind": "hold", "tones": [0]}]},
            r"constraints\[0\].tones is unknown; known are kind, phases_rad",
        ),
        (
            {"constraints": [{"kind": "link", "tones": ["a"]}]},
            r"constraints\[0\].tones\[0\] is 'a'; it must be an integer",
        ),
        ({"constraints": [{"kind": "link", "tones": "a"}]}, "must be a list of indices"),
        ({"constraints": [{"kind": "relations", "relations": [{"tone": 6}]}]}, r"relations\[0\]: 6 is not a tone"),
        (
            {"extra": [{"frequencies_hz": [35.0], "largest": [1, 2]}]},
            r"extra\[0\].largest: extra tones: largest has shape",
        ),
    ],
)
def test_nonsense_is_refused_by_name(data, message):
    tones = {"tones": {"harmonics": "1:6", "fundamental_hz": 5.0}}
    with pytest.raises(ValueError, match=message):
        problem_from_data(tones | data if isinstance(data, dict) else data)


class Mine:
    """A constraint of the caller's own: tone 1 follows tone 0 at half its phase, mirrored."""

    def relations(self, ms):
        return [Relation(1, 0, -0.5, 0.25, "mine"), Relation(4, None, 0.0, 1.0, "mine, too")]


@pytest.mark.parametrize("ending", DRIVES)
def test_a_constraint_of_ones_own_is_stored_as_what_it_asks_for(tmp_path, ending):
    design = cf.minimize_peak(MS, constraints=[Mine()], starts=2, use_atlas=False)
    design.save(tmp_path / f"design.{ending}")
    again = cf.load(tmp_path / f"design.{ending}")
    assert again.problem.phases == (Relations(tuple(Mine().relations(MS))),)
    problem = cf.files.read_problem(tmp_path / f"design.{ending}")
    phases = cf.minimize_peak(problem, starts=2, seed=1).phases
    for found in (again.phases, phases):
        free, held = found[1] + 0.5 * found[0] - 0.25, found[4] - 1.0
        np.testing.assert_allclose(np.exp(1j * np.array([2 * free, held])), 1.0, atol=1e-9)
    again.save(tmp_path / "again.json")
    assert cf.load(tmp_path / "again.json") == again
