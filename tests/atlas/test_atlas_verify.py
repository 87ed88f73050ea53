"""The proof of entries: what does not hold is found and named."""

from dataclasses import replace

import numpy as np
import pytest

from crestfall.atlas import entries
from crestfall.atlas.verify import faults

ENTRY = next(entry for entry in entries() if entry.kind == "real" and not entry.proven)


def test_small_entries_hold():
    assert [faults(entry) for entry in entries() if entry.n <= 24] == [[] for entry in entries() if entry.n <= 24]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"peak": ENTRY.peak * (1 - 1e-6)}, "peak is "),
        ({"peak": ENTRY.peak * (1 + 1e-6)}, "peak is "),
        ({"crest_factor": ENTRY.crest_factor - 1e-6}, "crest_factor is "),
        ({"lower_bound": ENTRY.lower_bound + 1e-6}, "lower_bound is "),
        ({"gap": 0.0}, "gap is "),
        ({"phases_rad": tuple(np.array(ENTRY.phases_rad) + 1e-5 * np.arange(ENTRY.n) ** 2)}, "residual is "),
    ],
)
def test_what_is_wrong_is_found(change, fault):
    assert any(found.startswith(fault) for found in faults(replace(ENTRY, **change)))


PROVEN = next(entry for entry in entries() if entry.proven and entry.n == 5)


@pytest.mark.parametrize("bound", [PROVEN.crest_factor * 1.001, 1.0, 1.3])
def test_a_proof_lies_between_the_analytic_bound_and_the_design(bound):
    gap = PROVEN.crest_factor / bound - 1
    assert faults(PROVEN) == []
    assert faults(replace(PROVEN, lower_bound=bound, gap=gap)) != []


def test_a_shift_in_time_changes_nothing():
    shifted = np.array(ENTRY.phases_rad) + 0.3 * np.arange(1, ENTRY.n + 1)
    assert faults(replace(ENTRY, phases_rad=tuple(shifted))) == []
