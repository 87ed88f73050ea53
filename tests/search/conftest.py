"""A Dask cluster of real processes on loopback: a scheduler and as many workers as a test asks for."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest


@pytest.fixture
def usual_ctrl_c():
    """Python's own handler, whatever runs these tests."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


class Cluster:
    """Processes that are killed at the end, whatever has become of them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.processes = folder, []
        self.file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", 0, "--no-show", "--scheduler-file", self.file)
        self.workers = []

    def add_workers(self, count):
        """Start workers of one thread each."""
        options = ("--scheduler-file", self.file, "--nthreads", 1, "--no-nanny", "--death-timeout", 30)
        new = [self._start("worker", *options) for _ in range(count)]
        self.workers += new
        return new

    def _start(self, *words):
        command = [sys.executable, "-m", "dask", *map(str, words), "--host", "127.0.0.1", "--no-dashboard"]
        with (self.folder / "log.txt").open("a") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        self.processes.append(process)
        return process

    def connect(self, workers):
        """A client, once this many workers are there."""
        from distributed import Client  # not at the top: most tests of this folder do without

        while not self.file.exists():
            assert self.scheduler.poll() is None, (self.folder / "log.txt").read_text()
            time.sleep(0.01)
        client = Client(scheduler_file=str(self.file), set_as_default=False, timeout=30)
        if workers:
            client.wait_for_workers(workers, timeout=60)
        return client

    @property
    def address(self):
        """Where the scheduler listens."""
        return json.loads(self.file.read_text())["address"]

    def end(self):
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()


@pytest.fixture
def lonely(tmp_path):
    """A scheduler without workers, for a test of its own."""
    made = Cluster(tmp_path)
    yield made
    made.end()


@pytest.fixture(scope="module")  # a cluster that waits for work takes a tenth of a core
def _shared(tmp_path_factory):
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    client = made.connect(0)
    yield made, client
    client.close(timeout=2)
    made.end()


@pytest.fixture
def cluster(_shared):
    """The cluster of a file's tests, in which workers come and go."""
    return _shared[0]


@pytest.fixture
def client_with(_shared):
    """A client of the cluster of a file's tests, which has at least some workers."""

    def make(workers):
        cluster, client = _shared
        cluster.add_workers(max(0, workers - len(client.nthreads())))
        client.wait_for_workers(workers, timeout=60)
        return client

    return make


@pytest.fixture
def worker_processes():
    """A function that finds the numbers of the processes that compute for this one; ``go_on`` ends a SIGSTOP."""

    def find():
        found = set()
        for task in Path("/proc/self/task").iterdir():
            with suppress(FileNotFoundError):  # a thread that has just ended
                found |= {int(pid) for pid in (task / "children").read_text("utf-8").split()}
        return [pid for pid in found if b"LokyProcess" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def go_on(pids):
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    find.go_on = go_on
    return find
