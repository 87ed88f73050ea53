"""The same seed gives the same phases, whatever else differs: process, hash seed, threads of BLAS, array library."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.polish.minimax import polish
from crestfall.engine.solvers.continuation import PATH, follow
from crestfall.signal.backend import backend_of

SCRIPT = """
import json, sys
import numpy as np
import crestfall as cf

found = {}
for name, ms, options in (
    ("real", cf.Multisine.harmonics(range(1, 14)), {"starts": 12}),
    ("complex", cf.Multisine.harmonics(range(9), complex=True), {"starts": 8}),
    ("sampled", cf.Multisine.harmonics([1, 2, 5, 9], 1.0, [1, 0.5, 1, 0.1]), {"starts": 4, "over": cf.Samples(64)}),
    ("held", cf.Multisine.harmonics(range(1, 8)), {"starts": 4, "constraints": [cf.Hold({0: 0.3}), cf.Link([2, 4])]}),
    ("free", cf.Multisine.harmonics(range(1, 8)), {"starts": 2, "tolerance_db": 0.5}),
):
    design = cf.minimize_peak(ms, seed=3, use_atlas=False, **options)
    found[name] = [design.phases.tobytes().hex(), design.peak_interval[0].hex(), design.peak_interval[1].hex()]
ms, window = cf.Multisine([1.0, 2**0.5, 3**0.5]), cf.Window(0.0, 9.0)
found["window"] = cf.minimize_peak(ms, over=window, starts=4, seed=3).phases.tobytes().hex()
ms = cf.Multisine.harmonics(range(1, 12))
found["alphabet"] = cf.minimize_peak(ms, constraints=[cf.Alphabet(4)], seed=3).phases.tobytes().hex()
found["random"] = cf.random_phases(ms, seed=3).tobytes().hex()
json.dump(found, sys.stdout)
"""


def phases_in_a_process(**environment):
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_same_bits_in_every_process():
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    one = phases_in_a_process(PYTHONHASHSEED="0", **dict.fromkeys(threads, "1"))
    two = phases_in_a_process(PYTHONHASHSEED="12345", **dict.fromkeys(threads, "2"))
    assert one == two
    assert len({str(value) for value in one.values()}) == 8


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize("kind", ["plain", "outputs", "range"])
def test_numpy_and_pytorch_compute_the_same_values_and_gradients(complex, kind):
    if complex and kind == "range":
        kind = "plain"
    ms = cf.Multisine.harmonics([1, 2, 3, 5, 8], 1.0, [1, 0.5, 1, 1e-3, 2], complex)
    outputs = (cf.Output(limit=2.0), cf.slew_rate(50.0)) if kind == "outputs" else ()
    problem = cf.Problem(ms, outputs=outputs, measure="range" if kind == "range" else "peak")
    phases = np.random.default_rng(0).uniform(0, 7, (3, 5))
    for stage in PATH:
        value, gradient = CompiledProblem(problem).space(stage).value_and_gradient(phases)
        there = CompiledProblem(problem, backend_of("cpu")).space(stage).value_and_gradient(torch.asarray(phases))
        np.testing.assert_allclose(there[0].numpy(), value, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(there[1].numpy(), gradient, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("complex", [False, True])
def test_numpy_and_pytorch_end_at_the_same_crest_factor(complex):
    ms = cf.Multisine.harmonics(range(1, 8), 1.0, complex=complex)
    starts = np.random.default_rng(1).uniform(0, 2 * np.pi, (4, 7))
    here, _ = follow(CompiledProblem(cf.Problem(ms)), starts, PATH, lambda: False)
    there, _ = follow(CompiledProblem(cf.Problem(ms), backend_of("cpu")), torch.asarray(starts), PATH, lambda: False)
    for one, other in zip(here, there.numpy(), strict=True):
        peaks = [polish(cf.Problem(ms), phases).peak for phases in (one, other)]
        assert peaks[1] == pytest.approx(peaks[0], rel=1e-9)


def test_the_number_of_workers_does_not_matter_for_any_kind_of_search():
    for ms, options in (
        (cf.Multisine.harmonics(range(9), complex=True), {}),
        (cf.Multisine.harmonics(range(1, 9)), {"constraints": [cf.Hold({0: 0.3})]}),
    ):
        found = [cf.minimize_peak(ms, starts=80, seed=2, workers=w, use_atlas=False, **options) for w in (1, 2)]
        np.testing.assert_array_equal(found[0].phases, found[1].phases)
        assert found[0].crest_factor == found[1].crest_factor
