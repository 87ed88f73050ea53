"""A search on one and on two workers of a Dask cluster on this machine: starts per second, messages, the scheduler.

Scheduler and workers are processes of their own on loopback, one thread each; set OMP_NUM_THREADS=1 for a fair
comparison with this process. One worker, two workers and no cluster at
all take turns, so that other work on the machine disturbs all of them alike; the efficiency is the median of the ratios
of neighbours. The same seed and number of starts must give the same phases everywhere, or the run ends with an error.

    python benchmarks/cluster.py [--repeats 3] [--tasks 16] [--sizes 31,64,256] [--page]
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from distributed import Client

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.search.elimination import batch_size
from crestfall.search.link import SearchLink
from crestfall.search.proposal import PerturbedStarts
from crestfall.search.strategy import Shake
from crestfall.search.task import Found, Task

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
MEASURED = Path(__file__).parents[1] / "docs" / "figures" / "cluster_measured.json"


@contextmanager
def cluster(workers: int) -> Iterator[tuple[Client, int]]:
    """A client of a new scheduler with some workers, and the process number of the scheduler."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "scheduler.json")

        def start(*words: object) -> subprocess.Popen:
            command = [sys.executable, "-m", "dask", *map(str, words), "--scheduler-file", str(file), "--no-dashboard"]
            environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            return subprocess.Popen(
                [*command, "--host", "127.0.0.1"],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=folder,
            )

        processes = [start("scheduler", "--port", 0, "--no-show")]
        processes += [start("worker", "--nthreads", 1, "--no-nanny") for _ in range(workers)]
        while not file.exists():
            time.sleep(0.05)
        client = Client(scheduler_file=str(file), set_as_default=False)
        client.wait_for_workers(workers)
        try:
            yield client, processes[0].pid
        finally:
            client.close()
            for process in processes:
                process.kill()
                process.wait()


@dataclass
class Run:
    """One search.

    Attributes:
        seconds: Its time.
        phases: What it found.
        wire: Bytes over loopback, on all hops.
    """

    seconds: float
    phases: np.ndarray
    wire: int


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def loopback_bytes() -> int:
    """Bytes that have been received on loopback so far."""
    lines = Path("/proc/net/dev").read_text(encoding="utf-8").splitlines()
    return int(next(line.split(":")[1].split()[0] for line in lines if line.strip().startswith("lo:")))


def search(ms: cf.Multisine, starts: int, client: Client | None) -> Run:
    """A search with a given number of starts, here or on a cluster."""
    begin, wire = time.perf_counter(), loopback_bytes()
    design = cf.minimize_peak(ms, starts=starts, seed=1, use_atlas=False, client=client)
    return Run(time.perf_counter() - begin, design.phases, loopback_bytes() - wire)


def messages(ms: cf.Multisine) -> tuple[Task, Found, int]:
    """A task from perturbed copies, what it finds, and the bytes of its starts if they were written out."""
    problem = CompiledProblem(cf.Problem(ms))
    batch = batch_size(problem)
    pool = tuple(np.random.default_rng(0).uniform(0, 6, (4, ms.n)))
    task = Task(problem.problem, PerturbedStarts(Shake(1.3), pool, batch, (1, 2, 3)), 1.40, 1.004, False, None)
    return task, task.run(SearchLink()), len(pickle.dumps(task.proposal.starts(problem)))


def throughput(client: Client, pid: int, ms: cf.Multisine, count: int) -> tuple[float, float]:
    """Tasks per second with the messages of a search and no work, and CPU time of the scheduler for each [s]."""
    task, found, _ = messages(ms)

    def answer(task: Task, number: int) -> Found:
        return found

    client.gather([client.submit(answer, task, number, pure=False) for number in range(100)])
    begin, cpu = time.perf_counter(), cpu_seconds(pid)
    client.gather([client.submit(answer, task, number, pure=False) for number in range(count)])
    return count / (time.perf_counter() - begin), (cpu_seconds(pid) - cpu) / count


def measure(n: int, tasks: int, repeats: int, one: Client, two: Client) -> dict[str, float]:
    """All figures of one number of tones."""
    ms = cf.Multisine.harmonics(range(1, n + 1))
    batch = batch_size(CompiledProblem(cf.Problem(ms)))
    starts = tasks * batch
    for client in (one, two):
        search(ms, 2 * batch, client)  # imports, plans of FFTs
    turns = [[search(ms, starts, client) for client in (None, one, two)] for _ in range(repeats)]
    for turn in turns:
        for run in turn:
            np.testing.assert_array_equal(run.phases, turns[0][0].phases)
    here, with_one, with_two = ([turn[k].seconds for turn in turns] for k in range(3))
    task, found, written_out = messages(ms)
    return {
        "tones": n,
        "starts_per_task": batch,
        "starts_per_second_here": starts / statistics.median(here),
        "starts_per_second_1": starts / statistics.median(with_one),
        "starts_per_second_2": starts / statistics.median(with_two),
        "efficiency": statistics.median(a / b / 2 for a, b in zip(with_one, with_two, strict=True)),
        "task_bytes": len(pickle.dumps(task)),
        "starts_bytes": written_out,
        "found_bytes": len(pickle.dumps(found)),
        "wire_bytes": min(turn[2].wire for turn in turns) / tasks,
    }


def table(rows: list[dict[str, float]], tasks: int, rate: float, cpu: float) -> str:
    """The page's table."""
    lines = [
        "| tones | starts/s here | 1 worker | 2 workers | efficiency from 1 to 2 | starts per task | task | result | "
        "all hops | starts written out |",
        "|---" * 10 + "|",
    ]
    for row in rows:
        sizes = [f"{row[key] / 1000:.1f} kB" for key in ("task_bytes", "found_bytes", "wire_bytes", "starts_bytes")]
        rates = [f"{row[f'starts_per_second_{where}']:.0f}" for where in ("here", "1", "2")]
        cells = [f"{row['tones']:.0f}", *rates, f"{row['efficiency']:.0%}", f"{row['starts_per_task']:.0f}", *sizes]
        lines.append(f"| {' | '.join(cells)} |")
    note = (
        f"{tasks} tasks a search, {os.cpu_count()} cores, shared with scheduler and client. Tasks with "
        f"the messages of 64 tones and no work: {rate:.0f} a second, {1e6 * cpu:.0f} µs of the scheduler's time each."
    )
    return "\n".join([*lines, "", note])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=16, help="work of a search")
    parser.add_argument("--sizes", default="31,64,256")
    parser.add_argument("--page", action="store_true", help="write the table into docs/scale.md")
    arguments = parser.parse_args()
    with cluster(1) as (one, _), cluster(2) as (two, scheduler):
        rate, cpu = throughput(two, scheduler, cf.Multisine.harmonics(range(1, 65)), 2000)
        rows = [measure(int(n), arguments.tasks, arguments.repeats, one, two) for n in arguments.sizes.split(",")]
    text = table(rows, arguments.tasks, rate, cpu)
    print(text)
    if arguments.page:
        fill(PAGE, "cluster", text)
        measured = {"tasks_per_second": rate, "scheduler_s_per_task": cpu, "sizes": rows}
        MEASURED.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
