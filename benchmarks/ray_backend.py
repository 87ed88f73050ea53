"""Does a search through Ray's joblib backend give the phases of a search in this process? Not part of the tests.

pip install ray && python benchmarks/ray_backend.py
"""

from __future__ import annotations

import time

import joblib
import numpy as np
import ray
from ray.util.joblib import register_ray

import crestfall as cf


def main() -> None:
    ms = cf.Multisine.harmonics(range(1, 21))
    alone = cf.minimize_peak(ms, starts=1200, seed=3, use_atlas=False)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    register_ray()
    begin = time.perf_counter()
    with joblib.parallel_config(backend="ray"):
        design = cf.minimize_peak(ms, starts=1200, seed=3, workers=2, use_atlas=False)
    np.testing.assert_array_equal(design.phases, alone.phases)
    print(f"Ray {ray.__version__}: the same phases in {time.perf_counter() - begin:.1f} s")
    ray.shutdown()


if __name__ == "__main__":
    main()
