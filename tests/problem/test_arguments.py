"""Wrong types are named at once, in one line; what can be read is read; what was given can be changed afterwards."""

import pickle

import numpy as np
import pytest

import crestfall as cf

MS = cf.Multisine.harmonics(range(1, 8), fundamental=10.0)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: cf.Samples("64"), "samples: n is '64'; give an integer of at least 1"),
        (lambda: cf.Samples(True), "samples: n is True"),
        (lambda: cf.Samples(rate=None, n=None), "give either n"),
        (lambda: cf.Window("0 V", 1.0), "window: start is '0 V'; give a time such as 20 ms"),
        (lambda: cf.Window(0.0, None), "window: duration is None"),
        (lambda: cf.Output(limit="1"), "output 'drive': limit is '1'"),
        (lambda: cf.Output(name=5), "output: name is 5"),
        (lambda: cf.Problem(MS, outputs=None), "outputs is None; give a list of outputs"),
        (lambda: cf.Problem(MS, outputs=cf.Output), "give a list of outputs"),
        (lambda: cf.Problem(MS, phases=cf.Alphabet), "give a list of constraints"),
        (lambda: cf.Problem(MS, phases=[2]), r"phases\[0\] is 2; give a constraint"),
        (lambda: cf.Problem(MS, start_at_zero="no"), "start_at_zero is 'no'; give True or False"),
        (lambda: cf.Problem(MS, tolerance_db="1 V"), "tolerance_db: values is '1 V'; give a number of decibels"),
        (lambda: cf.Problem(MS, phases=[cf.Hold({0: "a"})]), "hold: the phase of tone 0 is 'a'"),
        (lambda: cf.Problem(MS, phases=[cf.Link((0, 1), ["a", "b"])]), r"link: offsets\[0\] is 'a'"),
        (lambda: cf.Link(3), "link: tones is 3"),
        (lambda: cf.Interleaved([[0.5], [1]]), "a tone is 0.5; give the index of a tone"),
        (lambda: cf.Multisine.harmonics(5), "numbers is 5; give a list of harmonic numbers"),
        (lambda: cf.Interleaved(2.0), "inputs is 2.0; give a number of inputs"),
        (lambda: cf.Interleaved(2, names=5), "names is 5"),
        (lambda: cf.Orthogonal("xy"), "inputs is 'xy'; give a number of inputs, or a list of their names"),
        (lambda: cf.Orthogonal(2, names=[1, 2]), r"names\[0\] is 1; give a text"),
        (lambda: cf.Orthogonal(2, limits=["1", "2"]), r"limits\[0\] is '1'"),
        (lambda: cf.Orthogonal(2, initial_phases=[[float("nan")]] * 2), "initial_phases has values that are not"),
        (lambda: cf.ExtraTones(["a"]), r"extra tones: frequencies\[0\] is 'a'; give a frequency"),
        (lambda: cf.Effort(prove="no"), "prove is 'no'; give True or False"),
        (lambda: cf.Effort(use_atlas=0), "use_atlas is 0"),
        (lambda: cf.Effort(target="1"), "target is '1'"),
        (lambda: cf.Effort(max_memory=True), "max_memory is True"),
        (lambda: cf.minimize_peak(MS, channels=cf.Interleaved(2), bound_time=1.0), "combined with several inputs"),
        (lambda: cf.minimize_peak(MS, fixed=cf.FixedWaveform(offset=1.0), bound_time=1.0), "with a fixed waveform"),
        (lambda: cf.minimize_peak(MS, measure="range", method="l2p"), "with measure 'range'"),
        (lambda: cf.minimize_peak(MS, method=5), "method is 5; give one of 'minimax'"),
        (lambda: cf.minimize_peak(MS, method=cf.Minimax), "method is <class"),
        (lambda: cf.minimize_peak(MS, progress=5), "progress is 5; give a function"),
    ],
)
def test_a_wrong_type_is_named(make, words):
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_generators_are_gone_through_once():
    problem = cf.Problem(MS, outputs=(o for o in [cf.Output()]), phases=(c for c in [cf.Hold({0: 1.0})]))
    assert len(problem.outputs) == len(problem.phases) == 1
    assert cf.Interleaved((range(i, 7, 2) for i in range(2)), limits=iter([1.0, 2.0])).count == 2


def test_numbers_of_other_types_are_numbers():
    assert cf.Samples(np.int64(64)) == cf.Samples(64.0)
    assert cf.Window(np.float32(0.5), 1) == cf.Window(0.5, 1.0)
    assert cf.Effort(starts=np.int32(4), prove=np.bool_(False)) == cf.Effort(starts=4)
    assert cf.Output(limit=np.float64(2.0)).limit == 2.0


def test_what_is_held_does_not_change_with_the_mapping_that_was_given():
    held = {0: 1.0}
    hold = cf.Hold(held)
    held[1] = 2.0
    assert hold == cf.Hold({0: 1.0})
    assert hash(hold) == hash(cf.Hold({0: 1.0}))
    assert pickle.loads(pickle.dumps(hold)) == hold


def test_efforts_with_the_same_fields_are_equal():
    assert cf.Effort(starts=4) == cf.Effort(starts=4) != cf.Effort(starts=5)


def test_phases_of_their_own_exclude_free_amplitudes():
    """Each set of phases would choose other amplitudes for the same tones, and a design has one set."""
    own = cf.Orthogonal(2, phases="own")
    for options in ({"tolerance_db": 1.0}, {"extra": cf.ExtraTones([80.0], 0.5)}):
        with pytest.raises(ValueError, match="inputs with phases of their own: each set of phases would choose"):
            cf.Problem(MS, channels=own, **options)
        assert cf.Problem(MS, channels=cf.Orthogonal(2), **options).freedom is not None


def test_a_tensor_that_is_trained_is_named_like_any_other_list():
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match=r"give Multisine\(\[1.0, 2.0\]\) for frequencies in Hz"):
        cf.schroeder(torch.tensor([1.0, 2.0], requires_grad=True))
