"""When a search has to end, on a clock that the test moves: limits, parts of a whole, stalls, shares of the time."""

import sys

import pytest

from crestfall.search.budget import Budget
from crestfall.search.solve_part import share_of


@pytest.fixture
def clock(monkeypatch):
    """Seconds, in a list of one number that the test changes."""
    now = [1000.0]
    monkeypatch.setattr(sys.modules["crestfall.search.budget"], "perf_counter", lambda: now[0])
    return now


def test_a_limit_ends_at_its_time_and_not_before(clock):
    with Budget(2.0) as budget:
        clock[0] += 1.75
        assert not budget.spent()
        assert (budget.elapsed, budget.time_left) == (1.75, 0.25)
        clock[0] += 0.25
        assert budget.spent()
        assert budget.reason == "time limit"
        assert budget.time_left == 0.0


def test_without_a_limit_only_a_reason_ends_it(clock):
    with Budget(None) as budget:
        clock[0] += 1e9
        assert not budget.spent()
        assert budget.time_left is None
        budget.end("target reached")
        budget.end("something else")
        assert budget.spent()
        assert budget.reason == "target reached"


def test_a_part_ends_with_the_whole_and_counts_its_time(clock):
    with Budget(3.0) as whole:
        clock[0] += 1.0
        with Budget(60.0, outer=whole) as part:
            clock[0] += 0.5
            assert not part.spent()
            assert (part.elapsed, part.time_left) == (1.5, 1.5)
            clock[0] += 1.5
            assert part.spent()
            assert part.reason == "time limit"


def test_the_end_of_a_part_is_not_that_of_the_whole_unless_all_is_asked_to_end(clock):
    with Budget(None) as whole, Budget(None, outer=whole) as one, Budget(None, outer=whole) as other:
        one.end("target reached")
        assert not whole.spent()
        other.end_all("stopped by the progress callback")
        assert whole.reason == other.reason == "stopped by the progress callback"


def test_an_improvement_begins_the_stall_again(clock):
    with Budget(None, 2.0) as budget:
        for _ in range(5):
            clock[0] += 1.75
            assert not budget.spent()
            budget.improved()
        clock[0] += 2.0
        assert budget.spent()
        assert budget.reason == "no improvement for 2 s"


def test_parts_share_what_is_left_and_leave_what_they_do_not_need(clock):
    with Budget(6.0) as whole:
        with share_of(whole, 3, None) as first:
            assert first.time_left == pytest.approx(2.0)
            clock[0] += 1.0  # done early
        with share_of(whole, 2, None) as second:
            assert second.time_left == pytest.approx(2.5)
            clock[0] += 2.5
            assert second.spent()
        assert not whole.spent()
        with share_of(whole, 1, None) as third:
            assert third.time_left == pytest.approx(2.5)
