"""The public API leaves the process as it was, and gives the same answers from many threads and processes at once."""

import json
import locale
import os
import random
import signal
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import crestfall as cf
from crestfall.files.tones import read_tones

UNHEARD = [getattr(signal, name) for name in ("SIGKILL", "SIGSTOP") if hasattr(signal, name)]
SIGNALS = [number for number in signal.valid_signals() if number not in UNHEARD]


def state_of_the_process():
    import matplotlib as mpl
    import torch

    return {
        "numpy's chance": str(np.random.get_state()),  # noqa: NPY002
        "Python's chance": random.getstate(),
        "torch's chance": torch.random.get_rng_state().tolist(),
        "torch's type": str(torch.get_default_dtype()),
        "torch's gradients": torch.is_grad_enabled(),
        "warnings": list(warnings.filters),
        "signals": {number: signal.getsignal(number) for number in SIGNALS},
        "locale": locale.setlocale(locale.LC_ALL),
        "errors": np.geterr(),
        "printing": str(np.get_printoptions()),
        "pictures": dict(mpl.rcParams),
        "backend": mpl.get_backend(),
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "recursion": sys.getrecursionlimit(),
        "umask": (mask := os.umask(0o22), os.umask(mask))[0],
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "hooks": (sys.excepthook, sys.displayhook, threading.excepthook),
        "digits": sys.get_int_max_str_digits(),
    }


def use_everything(folder):
    ms = cf.Multisine.harmonics(range(1, 8), fundamental=100.0)
    design = cf.minimize_peak(ms, starts=4, seed=1, use_atlas=False)
    cf.minimize_peak(ms, starts=2, outputs=[cf.Output(limit=1.0), cf.slew_rate(1e4)], constraints=[cf.Hold({0: 0.0})])
    cf.minimize_peak(cf.Multisine.harmonics([1, 2, 3]), prove=True, time_limit=0.2, use_atlas=False)
    cf.minimize_peak(ms, constraints=[cf.Alphabet(2)], time_limit=0.5)
    cf.minimize_peak(cf.Multisine([1.0, 2**0.5]), over=cf.Window(0.0, 4.0), starts=2)
    cf.minimize_peak(ms, channels=cf.Orthogonal(3, "dft", "own"), starts=2)
    assert design.certificate.is_stationary
    assert design.quantize(8, sample_rate=3200.0).samples.size
    design.waveform(sample_rate=3200.0)
    for ending in (".json", ".csv", ".npz", ".wav", ".mat"):
        design.save(folder / f"a{ending}")
        assert cf.load(folder / f"a{ending}") == design
        read_tones(folder / f"a{ending}")
    figure = design.plot()
    figure.savefig(folder / "a.png")
    import matplotlib.pyplot as plt

    plt.close(figure)
    cf.torch.phase_optimize(3, s=200, nsteps=20)
    for text in ("frequency_hz,amplitude\n1,0\n", "[[", ""):
        (folder / "bad.csv").write_text(text)
        with pytest.raises(ValueError, match="bad"):
            cf.load(folder / "bad.csv")


def test_nothing_global_is_changed(tmp_path):
    (tmp_path / "first").mkdir()
    use_everything(tmp_path / "first")  # libraries that are loaded now may set themselves up
    before = state_of_the_process()
    (tmp_path / "second").mkdir()
    use_everything(tmp_path / "second")
    after = state_of_the_process()
    changed = [name for name in before if before[name] != after[name]]
    assert not changed, {name: (before[name], after[name]) for name in changed}


IMPORT = """
import json, os, signal, sys, threading, warnings
from pathlib import Path
before = [dict(os.environ), list(warnings.filters), {n: signal.getsignal(n) for n in signal.valid_signals()}]
opened = []
sys.addaudithook(lambda event, arguments: opened.append(str(arguments[0])) if event == "open" and isinstance(
    arguments[1], str) and set(arguments[1]) & set("wax+") else None)
sys.addaudithook(lambda event, arguments: opened.append(event) if event in (
    "subprocess.Popen", "socket.connect", "os.system", "os.mkdir", "os.remove") else None)
import array_api_compat, numpy.random, scipy.fft, scipy.optimize, scipy.special
allowed = list(warnings.filters)  # SciPy adds its own
random = str(numpy.random.get_state())
import crestfall
after = [dict(os.environ), list(warnings.filters), {n: signal.getsignal(n) for n in signal.valid_signals()}]
print(json.dumps({
    "environment": before[0] == after[0], "warnings": allowed == after[1], "signals": before[2] == after[2],
    "chance": random == str(numpy.random.get_state()), "threads": threading.active_count(),
    "opened": opened, "files": sorted(path.name for path in Path().iterdir()), "modules": sorted(sys.modules),
    "errors": numpy.geterr(),
}))
"""


def test_importing_has_no_side_effects(tmp_path):
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", IMPORT], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = json.loads(done.stdout)
    for name in ("environment", "warnings", "signals", "chance"):
        assert found[name], name
    assert found["threads"] == 1
    assert found["opened"] == []
    assert found["files"] == []
    assert found["errors"] == np.geterr()
    heavy = {"torch", "matplotlib", "soundfile", "pandas", "xarray", "typer", "rich", "joblib", "finufft", "sqlite3"}
    assert not heavy & {name.split(".")[0] for name in found["modules"]}


def in_threads(count, function):
    """Results of ``function(k)`` from threads that begin together."""
    gate = threading.Barrier(count)

    def wait_and_run(k):
        gate.wait()
        return function(k)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait_and_run, range(count)))


def test_searches_in_threads_give_what_they_give_alone():
    def search(k):
        ms = cf.Multisine.harmonics(range(1, 6 + k % 3), complex=k % 2 == 1)
        return cf.minimize_peak(ms, starts=6, seed=k, use_atlas=False)

    alone = [search(k) for k in range(6)]
    together = in_threads(6, search)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one.phases, other.phases)
        assert one.peak_interval == other.peak_interval


def test_shared_designs_are_read_by_many_threads():
    outputs = [cf.Output(limit=2.0, name="a"), cf.slew_rate(100.0)]
    expected = None
    for _ in range(5):
        design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 7)), starts=1, outputs=outputs)

        def everything(k, design=design):
            certificate, reports = design.certificate, design.signals
            wave = design.waveform(sample_rate=64.0)
            return certificate.residual, certificate.times.tolist(), [r.peak for r in reports], wave.tobytes()

        found = in_threads(8, everything)
        expected = expected or found[0]
        assert all(each == expected for each in found)


def test_files_from_many_threads(tmp_path):
    design = cf.Design.of(cf.Multisine.harmonics(range(1, 9), fundamental=100.0), np.arange(8.0))

    def write_and_read(k):
        path = tmp_path / f"shared{('.json', '.csv', '.npz', '.wav', '.mat')[k % 5]}"
        design.save(path, overwrite=True)
        return cf.load(path) == design

    for _ in range(3):
        assert all(in_threads(10, write_and_read))
    assert len(list(tmp_path.iterdir())) == 5

    def create(k):
        try:
            design.save(tmp_path / "one.json")
        except FileExistsError:
            return 0
        return 1

    assert sum(in_threads(10, create)) == 1


PROCESS = """
import sys
import numpy as np
import crestfall as cf
design = cf.Design.of(cf.Multisine.harmonics(range(1, 9), fundamental=100.0), np.arange(8.0))
for _ in range(6):
    for ending in (".json", ".npz", ".wav"):
        design.save("shared" + ending, overwrite=True)
        assert cf.load("shared" + ending) == design
found = cf.minimize_peak(cf.Multisine.harmonics(range(1, 8)), starts=4, seed=1, use_atlas=False)
print(found.phases.tobytes().hex())
"""


def test_files_and_searches_from_many_processes(tmp_path):
    children = [
        subprocess.Popen([sys.executable, "-c", PROCESS], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    found = {child.communicate(timeout=120)[0] for child in children}
    assert [child.returncode for child in children] == [0, 0, 0]
    here = cf.minimize_peak(cf.Multisine.harmonics(range(1, 8)), starts=4, seed=1, use_atlas=False)
    assert found == {here.phases.tobytes().hex() + "\n"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shared.json", "shared.npz", "shared.wav"]
