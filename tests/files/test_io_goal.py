"""What a design is for survives saving, and nonsense in a file is refused by name."""

import json

import numpy as np
import pytest

import crestfall as cf
from crestfall.files.goal_record import goal_from_data, goal_to_data
from crestfall.problem.goal import Goal

MS = cf.Multisine.harmonics([1, 2, 3, 4, 5, 6], fundamental=5.0)
GOALS = {
    "outputs": {"outputs": [cf.Output(limit=3.0), cf.Output(lambda f: 1 / (1 + 1j * f), 0.4, "current")]},
    "hold": {"constraints": [cf.Hold({0: 0.25, 5: -1.0})]},
    "link": {"constraints": [cf.Link((1, 2)), cf.Link((3, 4), (0.0, 0.5))]},
    "mirror": {"constraints": [cf.ConjugateSymmetric()], "measure": "envelope"},
    "delays": {"constraints": [cf.Delays([[0, 1], [2, 3]], [0.1] * 6)], "measure": "range"},
    "samples": {"n_points": 65, "measure": "one-sided"},
}


@pytest.mark.parametrize("ending", ["json", "npz", "csv", "wav", "mat"])
@pytest.mark.parametrize("name", sorted(GOALS))
def test_a_saved_design_says_what_it_was_designed_for(tmp_path, name, ending):
    design = cf.minimize_peak(MS, starts=4, **GOALS[name])
    path = tmp_path / f"design.{ending}"
    options = {"sample_rate": 480.0} if ending == "wav" else {}
    design.save(path, **options)
    again = cf.load(path)
    assert goal_to_data(again.goal, MS) == goal_to_data(design.goal, MS)
    assert again.goal.samples == design.goal.samples
    assert again.goal.phase_map(MS).n_free == design.goal.phase_map(MS).n_free
    assert [report.share for report in again.output_reports] == pytest.approx(
        [report.share for report in design.output_reports], rel=1e-9
    )


def test_plain_designs_are_stored_as_they_always_were(tmp_path):
    cf.minimize_peak(MS, starts=1, use_atlas=False).save(tmp_path / "a.json")
    assert "goal" not in json.loads((tmp_path / "a.json").read_text())


def test_transfer_functions_and_ready_made_responses():
    data = {
        "outputs": [
            {"name": "a", "limit": 1, "response": {"numerator": [1], "denominator": [0.1, 1]}},
            {"name": "b", "limit": 2, "response": "slew rate"},
            {"name": "c", "limit": 2, "response": 3},
        ]
    }
    goal = goal_from_data(data, MS)
    s = 2j * np.pi * MS.frequencies
    for output, expected in zip(goal.outputs, (1 / (0.1 * s + 1), s, np.full(6, 3)), strict=True):
        np.testing.assert_allclose(output.responses(MS), expected)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "goal is .*; it must be a table"),
        ({"loudness": 1}, "goal.loudness is unknown; known are measure, outputs, constraints"),
        ({"measure": "volume"}, "measure is 'volume'; choose one of"),
        ({"outputs": {}}, "outputs is .* it must be a list"),
        ({"outputs": [{"name": "x"}]}, r"outputs\[0\].limit is missing"),
        ({"outputs": [{"limit": 0}]}, r"outputs\[0\].limit is 0.0; a limit must be above 0"),
        ({"outputs": [{"limit": 1, "response": "louder"}]}, r"outputs\[0\].response is 'louder'; use"),
        ({"outputs": [{"limit": 1, "response": [[1, 0]]}]}, "not one complex number for each of 6 tones"),
        ({"outputs": [{"limit": 1, "response": [[1, 0, 2]]}]}, r"response\[0\] is .* list of 2 numbers"),
        ({"constraints": [{"kind": "wish"}]}, r"constraints\[0\].kind is 'wish'; use 'hold'"),
        ({"constraints": [{"kind": "hold", "phases_rad": {"9": 0}}]}, "9 is no tone"),
        ({"constraints": [{"kind": "hold", "phases_rad": {"x": 0}}]}, "must map indices"),
        ({"constraints": [{"kind": "link", "tones": ["a"]}]}, "must be a list of indices"),
    ],
)
def test_nonsense_is_refused_by_name(data, message):
    with pytest.raises(ValueError, match=message):
        goal_from_data(data, MS)


def test_a_constraint_of_ones_own_is_named_but_not_stored():
    class Mine:
        def relations(self, ms):
            return ()

    data = goal_to_data(Goal(constraints=(Mine(),)), MS)
    assert data["constraints"] == [{"kind": "custom", "name": "Mine"}]
    assert goal_from_data(data, MS).constraints == ()
