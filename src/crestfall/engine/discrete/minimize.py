"""The lowest peak with phases of a finite alphabet: all words where that is possible, else a search."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crestfall.certainty.measures import ratio_to_rms, true_peak
from crestfall.design.design import Design, Provenance
from crestfall.engine.discrete.exhaustive import MOST_SAMPLES, best_of_all
from crestfall.engine.discrete.fits import require_alphabet_possible
from crestfall.engine.discrete.local_search import wander
from crestfall.engine.discrete.words import MOST_ENTRIES, Alphabet
from crestfall.problem.arrays import IntArray
from crestfall.problem.constraints import Constraint
from crestfall.problem.goal import Goal
from crestfall.problem.guide import points_to_page
from crestfall.problem.multisine import Multisine
from crestfall.search.budget import Budget, Progress, ProgressCallback
from crestfall.search.minimize_peak import minimize_peak

_DESCENTS = 400
_SHIFTS = 64


@points_to_page
def minimize_peak_discrete(
    ms: Multisine,
    levels: int,
    *,
    constraints: Sequence[Constraint] = (),
    descents: int | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    progress: ProgressCallback | None = None,
) -> Design:
    """Choose phases ``2π m / levels`` so that the true peak is as small as possible.

    Where there are few enough words (symmetries left out), all are tried and the answer is proven. Otherwise an
    iterated local search begins with the rounded continuous optimum, shifted in time before rounding, and goes on
    with changes of single letters and random kicks.

    Args:
        ms: The tones, no frequency twice.
        levels: Number of equally spaced phases: 2 is binary 0/π, 4 QPSK.
        constraints: ``Hold`` for phases of the alphabet that are given, ``Link`` for tones that keep their differences,
            which must be of the alphabet, too.
        descents: How many local searches; by default 400, or as many as the time limit allows.
        time_limit: Seconds after which the best so far is returned.
        seed: Seed of everything random.
        progress: Called now and then; it may raise ``StopIteration`` to end the search.

    Raises:
        ValueError: ``levels`` is no integer of at least 2, ``descents`` is below 1, a frequency occurs twice, tones
            times samples are too many, or a held or linked phase is outside the alphabet.

    Example:
        >>> design = minimize_peak_discrete(Multisine.harmonics(range(1, 9)), levels=2)
        >>> design.status, round(design.crest_factor, 4)
        ('global optimum: all 128 words of the alphabet', 1.7328)
    """
    if levels != int(levels) or levels < 2:
        raise ValueError(f"levels is {levels}; give an integer of at least 2, such as 2 for the phases 0 and π")
    if descents is not None and (descents != int(descents) or descents < 1):
        raise ValueError(f"descents is {descents}; give an integer of at least 1")
    if ms.has_repeated_frequencies:
        raise ValueError("frequencies occur twice; add up the tones of each first")
    require_alphabet_possible(ms, Goal(constraints=tuple(constraints)), int(levels))
    alphabet = Alphabet(ms, int(levels), tuple(constraints))
    if 8 * ms.n * int(np.ptp(ms.harmonic_numbers) + 1 if ms.complex else ms.harmonic_numbers.max()) > MOST_ENTRIES:
        raise ValueError(f"{ms.n} tones over this band are too many for a discrete search; take fewer or denser tones")
    with Budget(time_limit) as budget:
        if alphabet.words * alphabet.tones.shape[1] <= MOST_SAMPLES:
            found = best_of_all(alphabet, budget.spent if alphabet.n else lambda: False)
            if found is not None:
                status = f"global optimum: all {alphabet.words} words of the alphabet"
                if not alphabet.n:
                    status = "global optimum: the constraints leave nothing to choose"
                return _design(alphabet, found[0], "exhaustive search", status, budget, seed=None)
        return _searched(alphabet, descents, seed, budget, progress)


def _searched(
    alphabet: Alphabet, descents: int | None, seed: int, budget: Budget, progress: ProgressCallback | None
) -> Design:
    ms = alphabet.ms
    total = descents if descents is not None else (None if budget.time_left is not None else _DESCENTS)
    starts = _rounded_optimum(alphabet, seed)
    best = min(starts, key=lambda word: true_peak(ms, alphabet.phases(word)))
    least = true_peak(ms, alphabet.phases(best))
    history = [(budget.elapsed, ratio_to_rms(least, ms, alphabet.phases(best)))]
    done = 0
    for word, sampled in wander(alphabet, starts, np.random.default_rng([seed, alphabet.levels]), budget.spent):
        done += 1
        if sampled < least:
            peak = true_peak(ms, alphabet.phases(word))
            if peak < least:
                best, least = word, peak
                history.append((budget.elapsed, ratio_to_rms(peak, ms, alphabet.phases(word))))
        if progress is not None:
            try:
                phases = alphabet.phases(best)
                progress(Progress(history[-1][1], done, total, budget.elapsed, budget.time_left, "letters", phases))
            except StopIteration:
                budget.end("stopped by the progress callback")
        if total is not None and done >= total:
            break
    ended = f"best of {done} descents" if budget.reason is None else f"{budget.reason} after {done} descents"
    status = f"local optimum over single letters: {ended}"
    return _design(alphabet, best, "discrete local search", status, budget, seed, done, tuple(history))


def _rounded_optimum(alphabet: Alphabet, seed: int) -> list[IntArray]:
    """Words near the continuous optimum, the best first: shifted in time (complex: and turned), and rounded.

    Held and linked tones cannot be shifted. The phases that the tones came with are a start, too.
    """
    ms = alphabet.ms
    phases = minimize_peak(ms, starts=64, seed=seed, workers=1, constraints=alphabet.constraints).phases[None]
    if not alphabet.constraints:
        shifts = np.linspace(0.0, 2.0 * np.pi, _SHIFTS, endpoint=False)[:, None] * ms.harmonic_numbers
        turn = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, (_SHIFTS, 1)) if ms.complex else 0.0
        phases = phases + shifts + turn
    if ms.initial_phases is not None:
        phases = np.vstack([ms.initial_phases, phases])
    words = alphabet.rounded(phases)
    sampled = alphabet.magnitudes(alphabet.samples(words)).max(axis=-1)
    return [words[k] for k in np.argsort(sampled, kind="stable")[:4]]


def _design(
    alphabet: Alphabet,
    word: IntArray,
    method: str,
    status: str,
    budget: Budget,
    seed: int | None,
    done: int = 0,
    history: tuple[tuple[float, float], ...] = (),
) -> Design:
    provenance = Provenance(f"{method}, {alphabet.levels} phases", seed, done, budget.elapsed, history=history)
    goal = Goal(constraints=alphabet.constraints, alphabet=alphabet.levels)
    return Design.of(alphabet.ms, alphabet.phases(word), status=status, provenance=provenance, goal=goal)
