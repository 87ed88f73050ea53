"""Objects tell the truth: arrays stay read-only through copies, pickles and files, and equality means all of it."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest

import crestfall as cf
from crestfall.certainty.delayed_waveforms import DelayedWaveforms
from crestfall.certainty.proof import prove
from crestfall.design.explain import explain

TONES = cf.Multisine.harmonics(range(1, 6), fundamental=10.0)
PHASES = cf.schroeder(TONES)
FREE = cf.Problem(TONES, tolerance_db=0.5, extra=cf.ExtraTones([60.0, 70.0], largest=[0.2, 0.3]))
ORTHOGONAL = cf.Problem(TONES, channels=cf.Orthogonal(2, phases="own", amplitudes=np.ones((2, 5))))

SHAPES = cf.Shapes([cf.Pulse("1/3", 2.0), cf.Triangle(1.0)], steps=24)


def objects():
    design = cf.Design.of(TONES, PHASES)
    free = cf.minimize_peak(FREE, starts=1)
    return {
        "multisine": TONES,
        "problem": FREE,
        "inputs": ORTHOGONAL,
        "window": cf.Problem(TONES, over=cf.Window(0.0, 0.05)),
        "samples": cf.Samples(64),
        "outputs": cf.Problem(TONES, outputs=[cf.Output(np.ones(5)), cf.slew_rate(2000.0)]),
        "constraints": cf.Problem(TONES, phases=[cf.Hold({0: 0.3}), cf.Link((1, 2))]),
        "lines": cf.Problem(TONES, lines=cf.MovableLines(1, excluded=[60.0])),
        "fixed waveform": cf.FixedWaveform(TONES.with_initial_phases(PHASES), 0.5),
        "fixed": cf.Problem(TONES, fixed=cf.FixedWaveform(offset=-1.0)),
        "lines and a fixed waveform": cf.Problem(TONES, lines=cf.MovableLines(1), fixed=cf.FixedWaveform(offset=1.0)),
        "pulse": cf.Pulse("1/3", 2.0),
        "triangle": cf.Triangle(2.0, "1/4"),
        "samples of a shape": cf.Sampled([1.0, 3.0, 2.0]),
        "shapes": SHAPES,
        "delays": SHAPES.problem(),
        "delayed": cf.minimize_peak(SHAPES.problem(), starts=1),
        "delayed waveforms": DelayedWaveforms.of(SHAPES.problem()),
        "move": cf.Move.between(design, cf.Design.of(cf.Multisine([15.0, 25, 35, 45, 55]), PHASES), 0.2, tries=1),
        "alphabet": cf.Problem(TONES, phases=[cf.Alphabet(4)]),
        "phase map": cf.Problem(TONES, phases=[cf.Link((1, 2))]).phase_map,
        "design": design,
        "several inputs": cf.minimize_peak(ORTHOGONAL, starts=1),
        "free amplitudes": free,
        "amplitude report": free.amplitude_report,
        "certificate": design.certificate,
        "explanation": explain(design),
        "proof": prove(cf.Multisine([1.0, 2.0])),
        "playback": cf.Playback(rate=48_000.0),
        "effort": cf.Effort(time_limit=1.0),
    }


OBJECTS = objects()


def arrays_of(value, seen=None):
    """All arrays that can be reached from an object through its attributes, lists and tuples."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from arrays_of(item, seen)
    elif isinstance(value, dict):
        yield from arrays_of(list(value.values()), seen)
    elif type(value).__module__.startswith("crestfall"):
        names = {*getattr(value, "__dict__", ()), *getattr(type(value), "__slots__", ())}
        yield from arrays_of([getattr(value, name) for name in names if hasattr(value, name)], seen)


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
@pytest.mark.parametrize("name", OBJECTS)
def test_copies_are_equal_and_read_only(name, way):
    value = OBJECTS[name]
    again = way(value)
    assert again == value
    assert hash(again) == hash(value)
    assert not [array for array in arrays_of(again) if array.flags.writeable]


def test_objects_of_different_kinds_or_content_are_unequal():
    values = list(OBJECTS.values())
    assert all((one == other) == (i == j) for i, one in enumerate(values) for j, other in enumerate(values))


def test_a_loaded_design_is_read_only(tmp_path):
    OBJECTS["several inputs"].save(tmp_path / "design.json")
    loaded = cf.load(tmp_path / "design.json")
    assert not [array for array in arrays_of(loaded) if array.flags.writeable]
    with pytest.raises(ValueError, match="read-only"):
        loaded.phases[0, 0] += 1.0


@pytest.mark.parametrize("name", ["certificate", "amplitude report"])
def test_a_changed_array_makes_a_difference(name):
    value = OBJECTS[name]
    field = "heights" if name == "certificate" else "changes_db"
    other = replace(value, **{field: getattr(value, field) + 1.0})
    assert other != value


def test_the_same_phases_for_another_goal_are_another_design():
    range_too = cf.Design.of(cf.Problem(TONES, measure="range"), PHASES)
    assert range_too != OBJECTS["design"]


def test_the_array_that_was_given_stays_writable():
    mine = np.ones(5)
    response = np.ones(5, complex)
    cf.Problem(TONES, outputs=[cf.Output(response)])
    response[0] = 2.0
    cf.Output(mine)
    cf.ExtraTones(np.array([60.0]))
    cf.Design.of(TONES, mine)
    mine[0] = 2.0
