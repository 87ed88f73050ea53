"""Searches go to the backend that joblib is configured to use."""

import threading

import joblib
import numpy as np
import pytest
from joblib.parallel import MultiprocessingBackend, ThreadingBackend

import crestfall as cf

MS = cf.Multisine.harmonics(range(1, 17))
SEARCH = {"starts": 600, "seed": 3, "use_atlas": False}


@pytest.fixture(scope="module")
def alone():
    return cf.minimize_peak(MS, **SEARCH)


@pytest.mark.parametrize("generator", [True, False])
def test_a_backend_of_ones_own_runs_the_tasks(alone, generator):
    # Ray's backend is of the second kind: a pool that returns everything at once.
    submitted = []

    class Noted(ThreadingBackend):
        supports_return_generator = generator

        def submit(self, func, callback=None):
            submitted.append(threading.get_ident())
            return super().submit(func, callback)

    joblib.register_parallel_backend("noted", Noted)
    with joblib.parallel_config(backend="noted"):
        design = cf.minimize_peak(MS, workers=2, **SEARCH)
    assert submitted
    np.testing.assert_array_equal(design.phases, alone.phases)


def test_a_pool_of_processes_which_cannot_return_results_one_by_one(alone):
    assert not MultiprocessingBackend.supports_return_generator
    with joblib.parallel_config(backend="multiprocessing"):
        design = cf.minimize_peak(MS, workers=2, **SEARCH)
    np.testing.assert_array_equal(design.phases, alone.phases)


def test_dasks_backend(client_with, alone):
    client = client_with(2)  # for one worker joblib computes here
    with joblib.parallel_config(backend="dask", client=client):
        design = cf.minimize_peak(MS, workers=2, **SEARCH)
    np.testing.assert_array_equal(design.phases, alone.phases)
    assert sum(client.run(lambda dask_worker: dask_worker.state.executed_count).values()) > 0
