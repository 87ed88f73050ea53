"""Problem files for several inputs: what they can say, and which line is wrong."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.files import problem_from_data, problem_from_text, problem_to_data, problem_to_text, read_problem

ORTHOGONAL = """\
[channels]
kind = "orthogonal"
matrix = "chirp"
phases = "own"

[tones]
harmonics = "1:4"
fundamental_hz = 10.0

[[inputs]]
name = "x"
limit = 2.0

[[inputs]]
name = "y"
limit = 3.0
amplitudes = [1.0, 0.5, 0.5, 1.0]

[goal]
measure = "range"
"""

INTERLEAVED = """\
[channels]
kind = "interleaved"
inputs = ["x", "y"]
deal = "random"
deal_seed = 3
start_at_zero = true

[tones]
harmonics = "2:9"
fundamental_hz = 0.5
amplitudes = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
"""

OWN = """\
[channels]
kind = "interleaved"

[tones]
fundamental_hz = 5.0

[[inputs]]
harmonics = "1:2:7"

[[inputs]]
harmonics = [2, 4]
amplitudes = [1.0, 2.0]
"""


def written(folder, text):
    path = folder / "problem.toml"
    path.write_text(text, encoding="utf-8")
    return path


def inputs_of(problem):
    """The tones of each input."""
    channels, ms = problem.channels, problem.multisine
    return [ms.pick(channels.indices_of(ms, i)) for i in range(channels.count)]


def test_an_orthogonal_problem(tmp_path):
    problem = read_problem(written(tmp_path, ORTHOGONAL))
    channels = problem.channels
    assert (channels.kind, channels.matrix, channels.phases, problem.measure) == ("orthogonal", "chirp", "own", "range")
    assert (channels.names, channels.limits) == (("x", "y"), (2.0, 3.0))
    assert np.asarray(channels.amplitudes).tolist() == [[1.0] * 4, [1.0, 0.5, 0.5, 1.0]]
    assert problem.multisine.frequencies.tolist() == [10.0, 20.0, 30.0, 40.0]


def test_tones_are_dealt_out_with_their_amplitudes(tmp_path):
    problem = read_problem(written(tmp_path, INTERLEAVED))
    channels = problem.channels
    assert (channels.kind, channels.names, problem.start_at_zero) == ("interleaved", ("x", "y"), True)
    assert [ms.n for ms in inputs_of(problem)] == [4, 4]
    dealt = [hand.tolist() for hand in cf.grids.deal(range(2, 10), 2, seed=3)]
    assert [(ms.frequencies / 0.5).tolist() for ms in inputs_of(problem)] == dealt
    for ms in inputs_of(problem):
        np.testing.assert_allclose(ms.amplitudes, ms.frequencies / 0.5 - 1.0)
    in_turn = INTERLEAVED.replace('deal = "random"\ndeal_seed = 3\n', "")
    problem = read_problem(written(tmp_path, in_turn))
    assert inputs_of(problem)[0].frequencies.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_inputs_with_tones_of_their_own(tmp_path):
    problem = read_problem(written(tmp_path, OWN))
    found = inputs_of(problem)
    assert [ms.frequencies.tolist() for ms in found] == [[5.0, 15.0, 25.0, 35.0], [10.0, 20.0]]
    assert found[1].amplitudes.tolist() == [1.0, 2.0]
    text = '[channels]\nkind="interleaved"\n[[inputs]]\nfrequencies_hz=[1.5,3.0]\n[[inputs]]\nfrequencies_hz=[2.5]\n'
    problem = read_problem(written(tmp_path, text))
    assert inputs_of(problem)[1].frequencies.tolist() == [2.5]
    assert problem == cf.Problem.interleaved([cf.Multisine([1.5, 3.0]), cf.Multisine([2.5])])


def test_what_one_drive_can_have_several_can_have_too():
    text = ORTHOGONAL.replace('measure = "range"', "points = 99").replace("[tones]", "[tones]\ntolerance_db = 0.5")
    text = text.replace('"own"', '"common"')  # of free amplitudes all inputs have the same
    text += '[[extra]]\nharmonics = "6"\nlargest = 0.1\n[[outputs]]\nname = "slope"\nlimit = 9.0\nchannel = "y"\n'
    problem = problem_from_text(text + 'response = "slew rate"\n')
    assert (problem.over, problem.tones.n, problem.outputs[0].channel) == (cf.Samples(98), 5, "y")
    assert problem_from_text(problem_to_text(problem)) == problem
    with pytest.raises(ValueError, match=r"line 28: outputs\[0\].channel is 'z', but the inputs are x, y"):
        problem_from_text(text.replace('channel = "y"', 'channel = "z"'))


@pytest.mark.parametrize("extra", [None, cf.ExtraTones([6.0, 7.0, 8.0], 0.2)])
@pytest.mark.parametrize("limits", [None, [1.0, 2.0]])
def test_tones_that_are_not_in_order_are_dealt_by_index_again(tmp_path, limits, extra):
    # In order of frequency the first input would get 1, 3 and 5 Hz instead of 5, 4 and 3 Hz.
    ms = cf.Multisine([5.0, 1.0, 4.0, 2.0, 3.0])
    problem = cf.Problem(ms, channels=cf.Interleaved(2, limits), extra=extra)
    assert problem.channels.indices_of(ms, 0).tolist() == [0, 2, 4]
    for again in (problem_from_data(problem_to_data(problem)), problem_from_text(problem_to_text(problem))):
        assert again == problem
        assert [again.channels.indices_of(again.tones, i).tolist() for i in (0, 1)] == [
            problem.channels.indices_of(problem.tones, i).tolist() for i in (0, 1)
        ]
    design = cf.Design.of(problem, np.arange(problem.tones.n) * 0.7)
    for ending in (".json", ".npz", ".mat", ".wav"):
        design.save(tmp_path / f"a{ending}")
        assert cf.load(tmp_path / f"a{ending}") == design


def test_a_seed_is_only_for_dealing_at_random():
    text = "[channels]\nkind='interleaved'\ninputs=2\ndeal='by index'\ndeal_seed=1\n[tones]\nharmonics='1:4'\n"
    with pytest.raises(ValueError, match=r"^line 5: channels.deal_seed is 1; it is for deal = 'random'"):
        problem_from_text(text)


def test_tones_of_each_input_by_their_indices():
    text = (
        "[channels]\nkind='interleaved'\n[tones]\nharmonics='1:4'\n[[inputs]]\ntones=[0,3]\n[[inputs]]\ntones=[1,2]\n"
    )
    assert problem_from_text(text).channels == cf.Interleaved([[0, 3], [1, 2]])
    with pytest.raises(ValueError, match="line 5: inputs: the inputs must share the 4 tones"):
        problem_from_text(text.replace("[1,2]", "[1,1]"))


@pytest.mark.parametrize("text", [ORTHOGONAL, INTERLEAVED, OWN])
def test_what_was_read_is_written_again(text):
    problem = problem_from_text(text)
    assert problem_from_text(problem_to_text(problem)) == problem


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (ORTHOGONAL, '"orthogonal"', '"other"', "line 2: channels.kind is 'other'; choose one of 'orthogonal'"),
        (ORTHOGONAL, 'kind = "orthogonal"\n', "", "line 1: channels.kind is missing"),
        (ORTHOGONAL, '"chirp"', '"magic"', "line 3: channels.matrix is 'magic'"),
        (ORTHOGONAL, 'phases = "own"', 'phases = "full"', "line 4: channels.phases is 'full'"),
        (ORTHOGONAL, 'phases = "own"', 'deal = "random"', "line 4: channels.deal belongs to kind = 'interleaved'"),
        (ORTHOGONAL, 'phases = "own"', "speed = 1", "line 4: channels.speed is unknown"),
        (ORTHOGONAL, 'phases = "own"', "inputs = 2", "line 4: channels.inputs: give their number or names there"),
        (ORTHOGONAL, "limit = 3.0", "limit = 0", r"line 16: inputs\[1\].limit is 0"),
        (ORTHOGONAL, "limit = 3.0\n", "", r"line 14: inputs\[1\].limit: give a limit to all inputs or to none"),
        (ORTHOGONAL, 'name = "y"', "name = 3", r"line 15: inputs\[1\].name is 3"),
        (ORTHOGONAL, 'name = "y"', 'name = "x"', "line 10: inputs: two inputs are called 'x'"),
        (ORTHOGONAL, "0.5, 1.0]", "1.0]", r"line 17: inputs\[1\].amplitudes: amplitudes have length 3"),
        (ORTHOGONAL, "limit = 3.0", "harmonics = '1:4'", r"line 14: inputs\[1\].limit"),
        (
            ORTHOGONAL,
            "limit = 3.0",
            "limit = 3.0\nharmonics = '1:4'",
            r"line 17: inputs\[1\].harmonics: orthogonal inputs",
        ),
        (ORTHOGONAL, '"1:4"', '"1:x"', "line 7: tones.harmonics: harmonics is '1:x'"),
        (ORTHOGONAL, 'harmonics = "1:4"\n', "", "line 6: tones: orthogonal inputs need harmonics"),
        (ORTHOGONAL, '"range"', '"loudness"', "line 20: goal.measure is 'loudness'"),
        (
            ORTHOGONAL,
            'measure = "range"',
            "start_at_zero = true",
            "channels.kind: orthogonal inputs cannot be combined with start_at_zero",
        ),
        (ORTHOGONAL, "[goal]", "tolerance = 1", r"inputs\[1\].tolerance is unknown"),
        (ORTHOGONAL, '[channels]\nkind = "orthogonal"\nmatrix = "chirp"\nphases = "own"', "", "inputs: several inputs"),
        (INTERLEAVED, '["x", "y"]', "0", "line 3: channels.inputs is 0"),
        (INTERLEAVED, '["x", "y"]', '["x", "x"]', "line 3: channels.inputs: two inputs"),
        (INTERLEAVED, '["x", "y"]', "9", "line 4: channels.deal: numbers are 8 for 9 inputs"),
        (INTERLEAVED, "deal_seed = 3", "deal_seed = -3", "line 5: channels.deal_seed is -3"),
        (INTERLEAVED, '"random"', '"in turn"', "line 5: channels.deal_seed is 3; it is for deal"),
        (INTERLEAVED, '"random"', '"fair"', "line 4: channels.deal is 'fair'"),
        (INTERLEAVED, "= true", "= 1", "line 6: channels.start_at_zero is 1; it must be true or false"),
        (INTERLEAVED, "deal_seed = 3", 'matrix = "dft"', "line 5: channels.matrix belongs to kind = 'orthogonal'"),
        (OWN, "[2, 4]", "[2, 3]", r"line 7: inputs\[0\] and inputs\[1\] both have 15 Hz"),
        (OWN, "[2, 4]", "[2, 0]", r"line 11: inputs\[1\].harmonics: numbers\[1\] is 0"),
        (OWN, "harmonics = [2, 4]\n", "", r"line 10: inputs\[1\].harmonics: give either harmonics or frequencies_hz"),
        (OWN, "[tones]", "[tones]\namplitudes = 2.0", "line 5: tones.amplitudes: the inputs have tones of their own"),
        (OWN, "[tones]", "[tones]\ncomplex = 2", "line 5: tones.complex is 2"),
        (OWN, 'd"\n', 'd"\ndeal = "random"\n', "line 3: channels.deal is about harmonics"),
    ],
)
def test_errors_name_the_line(tmp_path, text, old, new, message):
    assert text.count(old) >= 1
    path = written(tmp_path, text.replace(old, new, 1))
    with pytest.raises(ValueError, match=message) as error:
        read_problem(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_no_hadamard_matrix_for_three(tmp_path):
    text = '[channels]\nkind = "orthogonal"\ninputs = 3\n[tones]\nharmonics = "1:4"\n'
    assert problem_from_text(text).channels.matrix == "chirp"
    text = text.replace("inputs = 3", 'inputs = 3\nmatrix = "hadamard"')
    with pytest.raises(ValueError, match=r"channels.matrix: no Hadamard matrix of order 3 here, .* use 'chirp'"):
        read_problem(written(tmp_path, text))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([ORTHOGONAL, INTERLEAVED, OWN]), st.text(max_size=40), st.integers(0, 300))
def test_any_damage_is_a_value_error(tmp_path_factory, text, junk, place):
    path = written(tmp_path_factory.mktemp("toml"), text[:place] + junk + text[place:])
    with contextlib.suppress(ValueError):
        read_problem(path)
