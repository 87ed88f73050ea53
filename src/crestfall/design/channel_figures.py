"""Several inputs one by one, and as matrices: what each excites in each experiment, and how orthogonal they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crestfall.problem.arrays import ComplexArray
from crestfall.problem.channels import Channels

if TYPE_CHECKING:
    from crestfall.design.design import Design


def coefficients_of(design: Design) -> ComplexArray:
    """``(n, inputs, experiments)`` coefficients ``a exp(iθ)`` at each tone, 0 where an input does not have it."""
    channels, n = design.problem.channels, design.multisine.n
    rows = design.channels
    found = np.zeros((n, len(rows), len(rows[0])), dtype=np.complex128)
    for i, row in enumerate(rows):
        which = np.arange(n) if channels is None else channels.indices_of(design.multisine, i)
        for experiment, one in enumerate(row):
            found[which, i, experiment] = one.multisine.coefficients(one.phases)
    return found


def orthogonality_of(coefficients: ComplexArray) -> float:
    """Largest off-diagonal of ``U Uᴴ`` at any tone, relative to the powers of the two inputs."""
    u = coefficients / np.max(np.abs(coefficients))
    products = u @ u.conj().swapaxes(1, 2)
    powers = np.sqrt(np.einsum("kii->ki", products).real)
    sizes = powers[:, :, None] * powers[:, None, :]
    off = ~np.eye(u.shape[1], dtype=bool) & (sizes > 0.0)
    return float(np.max(np.abs(products[off]) / sizes[off], initial=0.0))


def drives_of(design: Design) -> dict[str, Design]:
    """The drives by name: one, or each input in each experiment.

    Example:
        >>> import crestfall as cf
        >>> problem = cf.Problem(cf.Multisine([1.0, 2.0, 3.0, 4.0]), channels=cf.Interleaved(2, names=["x", "y"]))
        >>> list(drives_of(cf.Design.of(problem, [0.0, 0.0, 0.0, 1.5])))
        ['x', 'y']
    """
    channels = design.problem.channels
    if channels is None:
        return {"drive": design}
    return {
        name_in_experiment(channels, name, experiment): one
        for name, row in zip(channels.names, design.channels, strict=True)
        for experiment, one in enumerate(row)
    }


def drive_of(design: Design, name: str | None = None) -> tuple[str, Design]:
    """Name and design of a drive; by default of the one with the worst signal."""
    drives, worst, channels = drives_of(design), design.worst, design.problem.channels
    if name not in drives:
        worst_name = None if channels is None or worst.channel is None else worst.channel
        name = "drive" if worst_name is None else name_in_experiment(channels, worst_name, worst.experiment)
    return name, drives[name]


def name_in_experiment(channels: Channels | None, name: str, experiment: int) -> str:
    """The name of a signal, with the number of its experiment where there are several."""
    return name if channels is None or channels.experiments == 1 else f"{name}, experiment {experiment + 1}"
