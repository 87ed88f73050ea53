"""Problems drawn at random, with all their fields: plain data, JSON and TOML make the same problem again."""

import json
from math import pi

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.files import load, problem_from_data, problem_from_text, problem_to_data, problem_to_text
from crestfall.problem.constraints import Relation, Relations

angles = st.floats(-1e3, 1e3) | st.sampled_from([0.0, -0.0, pi, 5e-324, 1e300])
sizes = st.floats(1e-3, 1e3) | st.sampled_from([1.0, 5e-324, 1e300])
words = st.text(max_size=9) | st.sampled_from(
    ["", 'a"b', "a\\b", "a\nb", "\x00", "\x7f", "a.b[0]", "#", "\r\n", "\u2028"]
)
numbers = st.floats(-10, 10)


def lists(elements, n):
    return st.lists(elements, min_size=n, max_size=n)


@st.composite
def multisines(draw):
    n, is_complex = draw(st.integers(1, 6)), draw(st.booleans())
    options = {
        "amplitudes": draw(sizes | lists(sizes, n)),
        "complex": is_complex,
        "initial_phases": draw(st.none() | lists(angles, n)),
    }
    if draw(st.booleans()):
        harmonics = draw(lists(st.integers(-40 if is_complex else 1, 40), n))
        return cf.Multisine.harmonics(harmonics, draw(st.sampled_from([1.0, 0.1, 1 / 3, 1e-300, 1e290])), **options)
    return cf.Multisine(draw(lists(st.floats(-1e3 if is_complex else 1e-3, 1e3), n)), **options)


@st.composite
def constraints(draw, n):
    tones = draw(st.lists(st.integers(0, n - 1), unique=True, max_size=n))
    relation = st.builds(
        Relation,
        st.integers(0, n - 1),
        st.none() | st.integers(0, n - 1),
        st.sampled_from([1.0, -1.0, 0.0, 0.5]),
        angles,
        words,
    )
    return draw(
        st.builds(cf.Hold, st.fixed_dictionaries(dict.fromkeys(tones, angles)))
        | st.builds(cf.Link, st.just(tones), st.none() | lists(angles, len(tones)))
        | st.just(cf.ConjugateSymmetric())
        | st.builds(cf.Delays, st.just([tones]), st.none() | lists(angles, n))
        | st.builds(cf.Alphabet, st.integers(2, 9))
        | st.builds(Relations, st.lists(relation, max_size=2).map(tuple))
    )


@st.composite
def several_inputs(draw, n):
    if draw(st.booleans()):
        m = draw(st.integers(1, 4))
        return cf.Orthogonal(
            m,
            draw(st.sampled_from([None, "dft", "chirp"])),
            draw(st.sampled_from(["common", "own"])),
            draw(st.none() | lists(sizes, m)),
            draw(st.none() | lists(lists(sizes, n), m)),
            draw(st.just(()) | st.lists(words, min_size=m, max_size=m, unique=True)),
            draw(st.none() | lists(lists(angles, n), m)),
        )
    m, order = draw(st.integers(1, n)), draw(st.permutations(range(n)))
    inputs = draw(st.just(m) | st.just([order[i::m] for i in range(m)]))
    return cf.Interleaved(inputs, draw(st.none() | lists(sizes, m)))


@st.composite
def problems(draw):
    try:
        ms = draw(multisines())
        raster = ms.fundamental if ms.has_period else 1.0
        channels = draw(st.none() | several_inputs(ms.n))
        extra = st.builds(
            lambda places, largest: cf.ExtraTones([place * raster for place in places], largest),
            st.lists(st.integers(1, 60), min_size=1, max_size=3, unique=True),
            sizes,
        )
        extra = draw(st.none() | extra)
        n = ms.n + (0 if extra is None else len(extra.frequencies))
        response = numbers | lists(st.complex_numbers(max_magnitude=9), n) | numbers.map(lambda x: complex(x, -0.0))
        channel = st.sampled_from([None, *(() if channels is None else channels.names)])
        over = (
            st.just(cf.Period())
            | st.builds(cf.Samples, st.integers(1, 500))
            | st.sampled_from([0.5, 2.5, 64]).map(lambda factor: cf.Samples(rate=factor * raster))
            | st.builds(cf.Window, st.floats(-10, 10), st.floats(1e-2, 10))
        )
        return cf.Problem(
            ms,
            over=draw(over),
            outputs=draw(st.lists(st.builds(cf.Output, response, sizes, words, channel), max_size=2)),
            measure=draw(st.sampled_from(["peak", "range", "one-sided", "envelope", "components"])),
            phases=draw(st.lists(constraints(ms.n), max_size=2)),
            tolerance_db=draw(st.none() | st.floats(0, 3) | lists(st.floats(0, 3), ms.n)),
            extra=extra,
            channels=channels,
            start_at_zero=draw(st.sampled_from([False, False, True])),
        )
    except ValueError:
        assume(False)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems())
def test_any_problem_comes_back_from_data_and_text(problem):
    data = problem_to_data(problem)
    again = problem_from_data(json.loads(json.dumps(data)))
    assert again == problem_from_data(data) == problem
    assert hash(again) == hash(problem)
    read = problem_from_text(problem_to_text(problem))
    assert read == problem
    assert repr(problem_to_data(read)) == repr(data)


def test_a_relation_without_another_tone_keeps_its_factor():
    problem = cf.Problem(cf.Multisine([1.0]), phases=[Relations((Relation(0, None, 1.0, 0.5, "held"),))])
    assert problem_from_data(problem_to_data(problem)) == problem


@pytest.mark.parametrize("ending", ["json", "npz", "mat", "wav"])
def test_a_limit_so_small_that_its_share_is_not_finite(ending, tmp_path):
    problem = cf.Problem(cf.Multisine([1.0]), outputs=[cf.Output(limit=5e-324)])
    design = cf.Design.of(problem, [0.0])
    assert design.figure == float("inf")
    options = {}
    if ending in ("mat", "wav"):
        with pytest.raises(ValueError, match="level is 'limits', but a limit of the problem allows no signal"):
            design.save(tmp_path / f"a.{ending}")
        options = {"level": "designed", "beyond_limits": True}
    design.save(tmp_path / f"a.{ending}", **options)
    assert load(tmp_path / f"a.{ending}") == design


@pytest.mark.parametrize("seed", range(40))
def test_two_tones_of_many_digits_keep_their_raster(seed):
    rng = np.random.default_rng(seed)
    for _ in range(20):
        first = float(rng.integers(1, 1000))
        ms = cf.Multisine([first, first * (1.0 + rng.random() / 16)])
        problem = cf.Problem(ms, over=cf.Window(0.0, 0.1))
        assert problem_from_data(problem_to_data(problem)) == problem


def test_a_pair_that_was_refused_once():
    problem = cf.Problem(cf.Multisine([484.0, 513.3017052905647]), over=cf.Window(0.0, 0.1))
    assert problem_from_data(problem_to_data(problem)) == problem
