"""Channels that share one set of phases, as one problem: a drive, and outputs that are the other channels.

Input ``i`` in experiment ``e`` has the coefficients ``A_i(k) exp(i(φ_k + t_ie))`` with free ``φ``: a linear response
of the drive ``A_1(k) exp(iφ_k)``. Channels that only differ by a sign, or are a smaller copy of another one, have no
higher share of their limits than that one, and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crestfall.design.channels.report import default_limit
from crestfall.problem.arrays import ComplexArray, FloatArray
from crestfall.problem.goal import Goal, Measure
from crestfall.problem.multisine import Multisine, _rebuild
from crestfall.problem.outputs import Output

_SAME = 1e-9


@dataclass(frozen=True)
class SharedPhases:
    """A problem whose phases several channels share.

    Attributes:
        multisine: Tones of the drive.
        goal: The other channels as outputs; none where the drive alone decides.
        shifts: ``(inputs, experiments, n or 1)`` what is added to the drive's phases in each channel [rad].
    """

    multisine: Multisine
    goal: Goal
    shifts: FloatArray

    @classmethod
    def of(
        cls,
        inputs: Sequence[Multisine],
        angles: FloatArray,
        limits: Sequence[float] | None,
        names: Sequence[str],
        measure: Measure,
    ) -> SharedPhases:
        """The problem of these inputs.

        Args:
            inputs: Tones of each input, of the same frequencies; phases that they came with are those without angles.
            angles: ``(inputs, experiments, n or 1)`` angles [rad] between the channels.
            limits: What each input is divided by; its RMS by default.
            names: What the inputs are called.
            measure: ``"peak"`` or ``"range"``.

        Example:
            >>> angles = np.array([[[0.0], [np.pi]], [[0.0], [np.pi / 2]]])  # a sign, and a quarter turn
            >>> tones = [Multisine([1.0, 2.0])] * 2
            >>> [output.name for output in SharedPhases.of(tones, angles, None, ["x", "y"], "peak").goal.outputs]
            ['x, experiment 1', 'y, experiment 2']
        """
        allowed = [default_limit(ms, measure) for ms in inputs] if limits is None else list(limits)
        experiments = angles.shape[1]
        amplitudes = np.stack([ms.amplitudes / limit for ms, limit in zip(inputs, allowed, strict=True)])
        rows = (amplitudes[:, None, :] * np.exp(1j * angles)).reshape(-1, inputs[0].n)
        keep = _binding(rows, any_turn=Goal(measure=measure).is_about_magnitudes(inputs[0]))
        first = keep[0]
        turned = angles[first // experiments, first % experiments]
        drive = _started(inputs[first // experiments], turned)
        outputs: list[Output] = []
        for row in keep if len(keep) > 1 else ():
            limit = allowed[row // experiments]
            response = limit * rows[row] / (drive.amplitudes * np.exp(1j * turned))
            name = f"{names[row // experiments]}, experiment {row % experiments + 1}"
            outputs.append(Output(response, limit, name))
        return cls(drive, Goal(outputs=tuple(outputs), measure=measure), angles - turned)


def _started(ms: Multisine, turned: FloatArray) -> Multisine:
    """The tones as a drive that is turned: the phases that they came with are turned, too."""
    if ms.initial_phases is None:
        return ms
    initial = ms.initial_phases + turned
    return _rebuild(ms.frequencies, ms.fundamental, ms.harmonic_numbers, ms.amplitudes, ms.complex, initial)


def _binding(rows: ComplexArray, *, any_turn: bool) -> list[int]:
    """Rows ``(q, n)`` that no other row covers, the largest first.

    Args:
        rows: Coefficients over limits.
        any_turn: Whether a constant turn of all phases changes nothing, as for the magnitude of complex signals; else
            only a sign changes nothing.
    """
    kept: list[int] = []
    for row in np.argsort(-np.max(np.abs(rows), axis=1), kind="stable"):
        for other in kept:
            ratio = np.vdot(rows[other], rows[row]) / np.vdot(rows[other], rows[other])
            copies = np.linalg.norm(rows[row] - ratio * rows[other]) <= _SAME * np.linalg.norm(rows[row])
            if copies and abs(ratio) <= 1.0 + _SAME and (any_turn or abs(ratio.imag) <= _SAME * abs(ratio)):
                break
        else:
            kept.append(int(row))
    return kept
