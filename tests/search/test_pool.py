"""The pool keeps the best designs and no copies of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import crestfall as cf
from crestfall.search.pool import Pool


@given(st.lists(st.floats(1.0, 2.0), max_size=30))
def test_it_holds_the_lowest_different_values(values):
    pool = Pool(4)
    for value in values:
        pool.offer(value, np.array([value]))
    assert pool.values == sorted(pool.values)
    assert len(pool.values) <= 4
    assert [variables[0] for variables in pool.variables] == pool.values
    if values:
        assert pool.values[0] == min(values)


def test_symmetric_copies_of_a_design_are_one_design():
    ms = cf.Multisine.harmonics(range(1, 9))
    phases = cf.minimize_peak(ms, starts=4, use_atlas=False).phases
    pool = Pool(4)
    for copy in (phases, -phases, phases + np.pi, phases + 0.3 * ms.harmonic_numbers):
        pool.offer(cf.crest_factor(ms, copy), copy)
    assert len(pool.values) == 1
