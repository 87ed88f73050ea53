"""The search on PyTorch next to NumPy on this machine's CPU: starts per second, time to a target, share of bandwidth.

Where PyTorch finds a GPU, it is the device; without one PyTorch computes on the CPU, and the output says so. Both sides
run in one process, one after the other. Flat real harmonics 1..n, the atlas off.

    python benchmarks/gpu.py [--sizes 64,1024,65536] [--limit 60] [--dtype float64] [--page docs/scale.md]

- **starts per second**: random starts through the path with its eliminations (p = 10 to 1026, no polish), as many at
  once as a search runs there.
- **time to target**: ``minimize_peak(target=…)`` until the crest factor is reached, or "–" if it is not in time.
- **share of bandwidth**: the bytes that one evaluation at p = 10 must move at least (spectrum, samples, weights and
  spectrum back, each written and read once) over its time, relative to what a copy of 256 MB reaches on that device.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.search.elimination import batch_size, run_batches
from crestfall.search.memory import free_on, largest_batch
from crestfall.signal.backend import NUMPY, Backend, backend_of

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

TARGETS = {64: 1.372, 1024: 1.378, 65536: 1.40}
_BATCHES_ON_GPU = 32
_COPIED = 2**25
_PATIENCE_S = 2.0


def finish(backend: Backend) -> None:
    """Wait until the device has finished."""
    if backend.is_gpu:
        torch.cuda.synchronize(backend.device)


def seconds_of(work: Callable[[], object], backend: Backend) -> float:
    """Shortest time of a piece of work, over two seconds or at least twice."""
    work()
    finish(backend)
    times, begin = [], time.perf_counter()
    while len(times) < 2 or time.perf_counter() - begin < _PATIENCE_S:
        once = time.perf_counter()
        work()
        finish(backend)
        times.append(time.perf_counter() - once)
    return min(times)


def copy_bandwidth(backend: Backend) -> float:
    """Bytes per second that a copy reads and writes."""
    source = backend.reals(np.ones(_COPIED))
    target = backend.reals(np.zeros(_COPIED))

    def copy() -> None:
        target[...] = source

    return 2.0 * _COPIED * (8 if backend.precision == "float64" else 4) / seconds_of(copy, backend)


def batch_of(problem: CompiledProblem) -> int:
    """Starts that run at once."""
    batch = batch_size(problem)
    if not problem.backend.is_gpu:
        return batch
    return min(_BATCHES_ON_GPU * batch, largest_batch(problem, free_on(problem.backend)))


def starts_per_second(problem: CompiledProblem) -> tuple[float, int]:
    """Random starts through the path and its eliminations, and how many ran at once."""
    count, batch = batch_of(problem), batch_size(problem)
    starts = problem.backend.reals(np.random.default_rng(0).uniform(0, 2 * np.pi, (count, problem.ms.n)))
    sizes = [batch] * (count // batch) + [count % batch] * (count % batch > 0)
    finish(problem.backend)
    begin = time.perf_counter()
    run_batches(problem, starts, sizes, lambda: False)
    finish(problem.backend)
    return count / (time.perf_counter() - begin), count


def share_of_bandwidth(problem: CompiledProblem, bandwidth: float) -> float:
    """What an evaluation must move at least, over what a copy moves in its time."""
    stage, batch = problem.path[0], batch_of(problem)
    space = problem.space(stage)
    phases = problem.backend.reals(np.random.default_rng(0).uniform(0, 2 * np.pi, (batch, problem.ms.n)))
    number = 8 if problem.backend.precision == "float64" else 4
    least = 8.0 * number * problem.samples_at(stage) * batch  # four arrays, each written and read
    return least / seconds_of(lambda: space.value_and_gradient(phases), problem.backend) / bandwidth


def time_to_target(n: int, limit: float, backend: Backend) -> str:
    ms = cf.Multisine.harmonics(range(1, n + 1))
    where = {} if backend is NUMPY else {"device": backend.device, "dtype": backend.precision}
    begin = time.perf_counter()
    design = cf.minimize_peak(ms, target=TARGETS[n], time_limit=limit, workers=1, use_atlas=False, **where)
    seconds = time.perf_counter() - begin
    return f"{seconds:.1f}" if design.crest_factor <= TARGETS[n] else f"– ({design.crest_factor:.4f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="64,1024,65536")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each time to target")
    parser.add_argument("--dtype", default="float64", help="precision of PyTorch")
    parser.add_argument("--page", type=Path, help="also put the table on this Markdown page")
    arguments = parser.parse_args()
    there = backend_of("cuda" if torch.cuda.is_available() else "cpu", arguments.dtype)
    if there.is_gpu:
        name = torch.cuda.get_device_name(there.device)
        text = f"GPU: {name}, {there.precision}, against NumPy on {os.cpu_count()} cores."
    else:
        name = "PyTorch on the CPU"
        text = f"**No GPU was there**: PyTorch computed on the same CPU ({torch.get_num_threads()} threads) as NumPy."
    backends = {"NumPy": NUMPY, f"{name}, {there.precision}": there}
    bandwidth = {key: copy_bandwidth(backend) for key, backend in backends.items()}
    copies = ", ".join(f"{key} {value / 1e9:.1f} GB/s" for key, value in bandwidth.items())
    lines = [
        text,
        f"Python {platform.python_version()}, PyTorch {torch.__version__}, {os.cpu_count()} cores. Copy: {copies}.\n",
        "| tones | computed by | starts at once | starts per second | time to target [s] | share of bandwidth |",
        "|---|---|---|---|---|---|",
    ]
    print("\n".join(lines))
    for n in map(int, arguments.sizes.split(",")):
        for key, backend in backends.items():
            problem = CompiledProblem(cf.Problem(cf.Multisine.harmonics(range(1, n + 1))), backend)
            rate, batch = starts_per_second(problem)
            reached = time_to_target(n, arguments.limit, backend)
            share = share_of_bandwidth(problem, bandwidth[key])
            lines.append(f"| {n} | {key} | {batch} | {rate:.3g} | {reached} ({TARGETS[n]}) | {share:.0%} |")
            print(lines[-1], flush=True)
    if arguments.page:
        fill(arguments.page, "gpu", "\n".join(lines))


if __name__ == "__main__":
    main()
