"""The estimate of memory against what a process of its own takes, and what a limit does."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.search.elimination import batch_size, largest_task
from crestfall.search.memory import LIBRARIES, largest_batch, needed, require_fit, size_text

SCRIPT = """
import pathlib, resource, sys, crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.search.elimination import largest_task
from crestfall.search.memory import needed

n, is_complex, starts, seconds = int(sys.argv[1]), sys.argv[2] == "complex", int(sys.argv[3]), float(sys.argv[4])
ms = cf.Multisine.harmonics(range(1, n + 1), complex=is_complex)
problem = CompiledProblem(cf.Problem(ms))
estimate = needed(problem, min(starts, largest_task(problem)))

def largest_so_far():
    status = pathlib.Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # ru_maxrss begins with what the process had that started this one.
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))

begin = largest_so_far()
cf.minimize_peak(ms, starts=starts, use_atlas=False, time_limit=seconds)
end = largest_so_far()
print(begin * 1024, end * 1024, estimate)
"""


def flat(n):
    return CompiledProblem(cf.Problem(cf.Multisine.harmonics(range(1, n + 1))))


@pytest.mark.parametrize(
    ("n", "kind", "starts", "seconds"),
    [(300, "real", 1, 4.9), (20_000, "complex", 4, 1.0), (60_000, "real", 1, 1.0)],  # the first stage takes as much
)
def test_the_estimate_is_near_what_a_process_takes(n, kind, starts, seconds):
    command = [sys.executable, "-c", SCRIPT, str(n), kind, str(starts), str(seconds)]
    child = subprocess.run(command, capture_output=True, text=True, check=True)
    begin, end, estimate = map(float, child.stdout.split())
    assert estimate / 2 < end < 1.5 * estimate
    assert (estimate - LIBRARIES) / 5 < end - begin < 3 * (estimate - LIBRARIES)


def test_memory_is_linear_in_the_number_of_tones():
    sizes = [needed(flat(n)) - LIBRARIES for n in (50_000, 100_000, 200_000)]
    assert sizes[1] / sizes[0] == pytest.approx(2.0, rel=0.1)
    assert sizes[2] / sizes[1] == pytest.approx(2.0, rel=0.1)


def test_what_cannot_fit_is_refused_before_it_starts():
    ms = cf.Multisine.harmonics(range(1, 100_001))
    told = []
    with pytest.raises(MemoryError, match=r"needs about \d+ MB \(100000 tones.*100 MB that max_memory") as caught:
        cf.minimize_peak(ms, max_memory=100e6, progress=told.append)
    assert not told
    assert "\n" not in str(caught.value)
    assert "use fewer tones" in str(caught.value)


def test_what_the_machine_does_not_have_is_refused(monkeypatch):
    monkeypatch.setattr("crestfall.search.memory.available", lambda: 91e6)
    with pytest.raises(MemoryError, match="91 MB that this machine has available"):
        cf.minimize_peak(cf.Multisine.harmonics(range(1, 20_001)), starts=1)


def test_a_limit_makes_smaller_batches():
    problem = flat(64)
    budget = needed(problem, 20)
    batch = largest_batch(problem, budget)
    assert 20 <= batch < batch_size(problem)
    assert needed(problem, batch) <= budget < needed(problem, batch + 1)
    reports = []
    design = cf.minimize_peak(problem.ms, starts=64, max_memory=budget, use_atlas=False, progress=reports.append)
    assert design.provenance.starts == 64
    assert design.crest_factor < 1.40
    same = cf.minimize_peak(problem.ms, starts=64, max_memory=1e12, use_atlas=False)
    free = cf.minimize_peak(problem.ms, starts=64, use_atlas=False)
    np.testing.assert_array_equal(same.phases, free.phases)


@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan")])
def test_a_limit_is_above_zero(limit):
    with pytest.raises(ValueError, match="max_memory is"):
        cf.minimize_peak(cf.Multisine([1, 2]), max_memory=limit)


def test_a_limit_that_suffices_is_not_in_the_way():
    problem = flat(16)
    require_fit(problem)
    require_fit(problem, needed(problem))
    assert largest_batch(problem, 1e12) >= largest_task(problem)
    assert size_text(2.55e9) == "2.5 GB"


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (
            cf.Problem(cf.Multisine.harmonics([1, 1_000_003, *range(4_000_000, 4_001_000)])),
            "on a coarser raster than 1 Hz",
        ),
        (cf.Problem(cf.Multisine([1.0, 1e6]), over=cf.Samples(2**26)), "let fewer than 67108864 samples"),
    ],
)
def test_what_makes_a_problem_large_is_named(problem, said):
    with pytest.raises(MemoryError, match=said):
        cf.minimize_peak(problem, max_memory=120e6)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc")
def test_few_tones_over_many_decades_need_little():
    script = (
        "import re, numpy as np, crestfall as cf\n"
        "from crestfall.engine.compiled_problem import CompiledProblem\n"
        "from crestfall.search.memory import needed\n"
        "ms = cf.Multisine(np.unique(np.round(np.geomspace(0.01, 1e5, 30), 2)))\n"
        "cf.minimize_peak(ms, starts=1, time_limit=1.0, use_atlas=False)\n"
        # Not getrusage: its maximum begins with that of the process which was forked.
        "peak = int(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1])\n"
        "print(peak * 1024, needed(CompiledProblem(cf.Problem(ms))))"
    )
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    taken, estimate = map(float, child.stdout.split())
    assert estimate / 2 < taken < 1.5 * estimate < 400e6
