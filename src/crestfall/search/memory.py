r"""How much memory a search needs, before it begins.

A count of the arrays that are alive at the worst moment, in bytes; ``docs/scale.md`` holds it against measurements.
What Python and its libraries take themselves is counted once, as ``LIBRARIES``.
"""

from __future__ import annotations

import os
from math import inf

from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import Stage
from crestfall.problem.readable import readable
from crestfall.search.elimination import largest_task
from crestfall.search.refine import will_be_polished
from crestfall.signal.backend import Backend
from crestfall.signal.high_samples import is_long
from crestfall.signal.synthesis import band_numbers

LIBRARIES = 95e6
"""What the interpreter takes with NumPy and SciPy loaded [bytes]."""

_VECTORS = 12
"""Vectors of the variables that a solver keeps besides its pairs of differences."""
_TONES = 160
"""Bytes for each tone in the multisine, its starts, its pool and its design."""
_SPARSE = 64
"""Oscillations a tone above which it is not the tones that make a problem large."""

_SCAN = 30e6
"""Bytes of a scan for the high samples of few tones."""

_DENSE = 40
"""Dense ``n × n`` matrices that a polish has alive at once: gradients of its peaks, curvatures, factorisations."""


def needed(problem: CompiledProblem, batch: int = 1) -> float:
    """Bytes that a search needs with ``batch`` starts at once, the interpreter included.

    Example:
        >>> from crestfall import Multisine, Problem
        >>> sizes = [Problem(Multisine.harmonics(range(1, n + 1))) for n in (10_000, 100_000)]
        >>> small, large = (needed(CompiledProblem(problem)) for problem in sizes)
        >>> 5 < (large - LIBRARIES) / (small - LIBRARIES) < 15  # linear in the number of tones
        True
    """
    stages = _path(problem, batch)
    proof = _certificate(problem) + (_DENSE * 8.0 * problem.ms.n**2 if will_be_polished(problem) else 0.0)
    return LIBRARIES + _TONES * problem.ms.n + max(stages, proof)


def largest_batch(problem: CompiledProblem, budget: float) -> int:
    """Starts that may run at once within a budget [bytes]; at least 1.

    Raises:
        MemoryError: One start alone needs more.
    """
    require_fit(problem, budget)
    low, high = 1, 2**20
    while low < high:  # the largest that fits, by bisection
        middle = (low + high + 1) // 2
        low, high = (middle, high) if needed(problem, middle) <= budget else (low, middle - 1)
    return low


def require_fit(problem: CompiledProblem, budget: float | None = None, starts: int | None = None) -> None:
    """Raise a ``MemoryError`` that says how much is needed, if that is more than a budget or than the machine has.

    Args:
        problem: The problem.
        budget: Bytes that may be used, by one start at a time; ``None`` for what the machine has available.
        starts: Number of starts, if it is known.
    """
    limit = available() if budget is None else budget
    batch = 1 if budget is not None else min(starts or largest_task(problem), largest_task(problem))
    need = needed(problem, batch)
    if need <= limit:
        return
    whose = "this machine has available" if budget is None else "max_memory allows"
    samples = problem.samples_at(problem.path[-1])
    raise MemoryError(
        f"the search needs about {size_text(need)} ({problem.ms.n} tones, {samples} samples of a period), more than "
        f"the {size_text(limit)} that {whose}; {_what_to_save(problem)}, or give it more memory"
    )


def _what_to_save(problem: CompiledProblem) -> str:
    """What makes the problem large: its raster, its outputs, or its tones."""
    n, ms = problem.ms.n, problem.ms
    if problem.problem.samples is not None and problem.problem.samples > _SPARSE * n:
        return f"let fewer than {problem.problem.samples} samples of a period count"
    if ms.has_period and problem.band > _SPARSE * n:
        highest = int(abs(ms.harmonic_numbers).max())
        raster = readable(ms.fundamental, "Hz", 6)
        return f"put the tones on a coarser raster than {raster}, of which the highest is {highest} times"
    return "give fewer outputs" if problem.signals > n else "use fewer tones"


def available() -> float:
    """Bytes that this machine can give without swapping; infinite where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:  # noqa: PTH123
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return float(line.split()[1]) * 1024.0
        return float(os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, AttributeError):
        return inf


def free_on(backend: Backend) -> float:
    """Bytes of a GPU's memory that are free, less a tenth for the libraries that compute there."""
    from crestfall.problem.extras import imported

    free, _ = imported("torch", "torch").cuda.mem_get_info(backend.device)
    return 0.9 * float(free)


def size_text(size: float) -> str:
    """A number of bytes in a readable unit.

    Example:
        >>> size_text(5.12e9), size_text(3e6)
        ('5.1 GB', '3 MB')
    """
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _path(problem: CompiledProblem, batch: int) -> float:
    """The worst stage of the path; few of the starts reach the fine grids at its end."""
    worst = 0.0
    for stage in problem.path:
        worst = max(worst, _stage(problem, stage, batch))
        batch = -(-batch // stage.cut)
    return worst


def _stage(problem: CompiledProblem, stage: Stage, batch: int) -> float:
    """A stage of the path: the solver's vectors, and the samples with their powers and weights."""
    n, double = problem.ms.n, not stage.single
    vectors = (2 * stage.solver.memory + _VECTORS) * 8.0 * problem.ranges.size
    if problem.is_streamed(stage):
        grids = problem.streamed_grids(stage)
        number = (16.0 if double else 8.0) * n  # complex coefficients
        lanes = min(problem.threads, grids)
        piece = problem.coarse_samples * (8.0 if double else 4.0) * (8 if problem.is_complex else 5)
        return batch * vectors + (grids + 8 + 4) * number + lanes * (piece + 2 * number)
    samples = problem.samples_at(stage) * problem.signals
    # Real: the samples, their squares, a power, the weights, and a spectrum there and back.
    each = samples * 8.0 * (10 if problem.is_complex else 7) + 6 * 16.0 * n * problem.signals
    return batch * (vectors + each)


def _certificate(problem: CompiledProblem) -> float:
    """The certified peak of one signal: Taylor terms on eight samples per period of the highest tone.

    The squared magnitude of a complex signal has the band twice, both of its ends counted. Tones in a narrow band are
    certified through their envelope, whatever is minimised.
    """
    ms = problem.ms
    through_envelope = ms.is_narrow_band or (problem.problem.is_about_components and ms.real_part().is_narrow_band)
    tones = ms.as_complex() if through_envelope else problem.problem.computed_tones
    band = problem.band if problem.problem.window is not None else int(abs(band_numbers(tones)).max())
    if not tones.complex and problem.problem.window is None and is_long(ms.n, int(8 * band)):
        return _SCAN
    return 8.0 * band * 8.0 * 8 + 6 * 16.0 * ms.n + (3 * 16.0 * band if tones.complex else 0.0)
