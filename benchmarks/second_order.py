r"""Dense Newton steps next to L-BFGS on every stage of the path: which lowers a p-norm in less time?

Both lower the same batch of starts at the same exponent, from where L-BFGS ended at the exponent before. The exact
Hessian of the log p-norm needs one more FFT,

.. math:: H = \tfrac12 \operatorname{Re}(c_k \bar c_l U_{h_k-h_l} - c_k c_l U_{h_k+h_l}) - p\, g g^T
              - \operatorname{diag} \operatorname{Re}(\bar c_k (S^H w)_k), \qquad
              U_m = \sum_j u_j e^{i m t_j},\; u_j = (p-1)|x_j|^{p-2} / \sum_i |x_i|^p ,

and is solved with a Levenberg shift of its own for each start, divided by 4 after a step that lowers the p-norm and
multiplied by 8 after one that does not. Flat real harmonics 1..n, CPU time in milliseconds per start.

    python benchmarks/second_order.py [--sizes 8,16,31,64,128]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

import crestfall as cf
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.objectives.p_norm import PNorm
from crestfall.engine.solvers.continuation import PATH, Stage, follow

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))
from page import fill

PAGE = Path(__file__).parents[1] / "docs" / "engine.md"


class DenseNewton:
    """Values, gradients and Hessians of the log p-norm for a batch of real flat multisines 1..n."""

    def __init__(self, n: int, n_samples: int, squarings: int) -> None:
        self.h = np.arange(1, n + 1)
        self.n_samples, self.norm = n_samples, PNorm(squarings)

    def samples(self, c: np.ndarray) -> np.ndarray:
        spectrum = np.zeros((len(c), self.n_samples // 2 + 1), complex)
        spectrum[:, self.h] = c / 2
        return np.fft.irfft(spectrum, self.n_samples, norm="forward")

    def value(self, phases: np.ndarray) -> np.ndarray:
        return self.norm.value_and_weights(self.samples(np.exp(1j * phases)))[0]

    def derivatives(self, phases: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        p, c = self.norm.exponent, np.exp(1j * phases)
        x = self.samples(c)
        _, w = self.norm.value_and_weights(x)
        back = np.conj(np.fft.rfft(w)[:, self.h])  # Σ w e^{+iht}
        gradient = -np.imag(c * back)
        highest = np.max(np.abs(x), axis=-1, keepdims=True)
        powers = (x / highest) ** (p - 2)
        u = (p - 1) * powers / (highest**2 * np.sum(powers * (x / highest) ** 2, axis=-1, keepdims=True))
        big = np.conj(np.fft.fft(u))
        toeplitz = big[:, (self.h[:, None] - self.h) % self.n_samples]
        hankel = big[:, (self.h[:, None] + self.h) % self.n_samples]
        hessian = 0.5 * np.real(c[:, :, None] * (np.conj(c)[:, None] * toeplitz - c[:, None] * hankel))
        hessian -= p * gradient[:, :, None] * gradient[:, None]
        k = np.arange(len(self.h))
        hessian[:, k, k] -= np.real(c * back)
        return gradient, hessian

    def minimize(self, phases: np.ndarray, target: np.ndarray, rounds: int) -> tuple[np.ndarray, np.ndarray, int]:
        """Until every start is at its target or has had its rounds; phases, values and rounds."""
        phases, shift = phases.copy(), np.full(len(phases), 1e-2)
        value = self.value(phases)
        eye = np.eye(len(self.h))
        for count in range(rounds):
            todo = np.flatnonzero(value > target)
            if not len(todo):
                return phases, value, count
            gradient, hessian = self.derivatives(phases[todo])
            step = -np.linalg.solve(hessian + shift[todo, None, None] * eye, gradient[..., None])[..., 0]
            step *= np.minimum(1.0, 0.5 / np.sqrt(np.mean(step**2, axis=-1)))[:, None]
            trial = phases[todo] + step
            lower = self.value(trial)
            ok = lower < value[todo]
            phases[todo[ok]], value[todo[ok]] = trial[ok], lower[ok]
            shift[todo] = np.where(ok, np.maximum(shift[todo] / 4, 1e-9), np.minimum(shift[todo] * 8, 1e3))
        return phases, value, rounds


def compare(n: int, stage: Stage, phases: np.ndarray) -> tuple[np.ndarray, str]:
    """L-BFGS's end, and a cell: time of L-BFGS / of Newton to 90 % of its fall, and the share that got there."""
    problem = CompiledProblem(cf.Problem(cf.Multisine.harmonics(range(1, n + 1))))
    newton = DenseNewton(n, problem.samples_at(stage), stage.squarings)
    before = newton.value(phases)
    begin = time.process_time()
    ends, _ = follow(problem, phases, (stage,), lambda: False)
    first = time.process_time() - begin
    values = newton.value(ends)
    target = values + 0.1 * (before - values)
    begin = time.process_time()
    _, reached, rounds = newton.minimize(phases, target, 100)
    second = time.process_time() - begin
    scale = 1e3 / len(phases)
    share = float(np.mean(reached <= target))
    return ends, f"{first * scale:.2f} / {second * scale:.2f} ({share:.0%}, {rounds})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="8,16,31,64,128")
    parser.add_argument("--starts", type=int, default=64)
    arguments = parser.parse_args()
    lines = [
        "| tones | " + " | ".join(f"p = {stage.exponent}" for stage in PATH) + " |",
        "|---" * (len(PATH) + 1) + "|",
    ]
    for n in map(int, arguments.sizes.split(",")):
        phases = np.random.default_rng(0).uniform(0, 2 * np.pi, (arguments.starts, n))
        cells = []
        for stage in PATH:
            phases, cell = compare(n, stage, phases)
            cells.append(cell)
        lines.append(f"| {n} | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    fill(PAGE, "second-order", "\n".join(lines))


if __name__ == "__main__":
    main()
