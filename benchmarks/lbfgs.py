"""Own batched L-BFGS next to SciPy's L-BFGS-B: the same path, the same starts, in one run.

python benchmarks/lbfgs.py [--sizes 15,31,64,256] [--starts 32]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import scipy.optimize

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import PATH, follow

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill


def batched(problem: CompiledProblem, starts: np.ndarray) -> np.ndarray:
    return follow(problem, starts, PATH, lambda: False)[0]


def one_by_one(problem: CompiledProblem, starts: np.ndarray) -> np.ndarray:
    found = []
    for phases in starts:
        for stage in PATH:
            space = problem.space(stage)

            def objective(theta: np.ndarray, space=space) -> tuple[float, np.ndarray]:
                value, gradient = space.value_and_gradient(theta[None])
                return float(value[0]), gradient[0]

            options = {"maxiter": stage.solver.max_rounds, "ftol": stage.solver.tolerance / 8, "maxcor": 8}
            phases = scipy.optimize.minimize(objective, phases, jac=True, method="L-BFGS-B", options=options).x
        found.append(phases)
    return np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="15,31,64,256")
    parser.add_argument("--starts", type=int, default=32)
    parser.add_argument("--page", type=Path, help="also put the table on this Markdown page")
    arguments = parser.parse_args()
    lines = [
        "|    n | method           | median CF | ms per start |",
        "|------|------------------|-----------|--------------|",
    ]
    print("\n".join(lines))
    for n in map(int, arguments.sizes.split(",")):
        ms = cf.Multisine.harmonics(range(1, n + 1))
        starts = np.random.default_rng(0).uniform(0, 2 * np.pi, (arguments.starts, n))
        for name, method in (("batched L-BFGS", batched), ("SciPy L-BFGS-B", one_by_one)):
            begin = time.perf_counter()
            phases = method(CompiledProblem(cf.Problem(ms)), starts)
            each = (time.perf_counter() - begin) / arguments.starts
            median = np.median([cf.crest_factor(ms, theta) for theta in phases])
            lines.append(f"| {n:4d} | {name:16s} | {median:.4f}    | {1e3 * each:12.1f} |")
            print(lines[-1], flush=True)
    if arguments.page:
        fill(arguments.page, "lbfgs", "\n".join(lines))


if __name__ == "__main__":
    main()
