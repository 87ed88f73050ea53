"""Every pair of abilities: what runs is measured by a direct sum over the times that count, what is refused is refused
with the words of the one table."""

from itertools import combinations

import numpy as np
import pytest

import crestfall as cf
from crestfall.problem.compatibility import EXCLUSIONS, IncompatibleError

TWO_PI = 2.0 * np.pi
MS = cf.Multisine.harmonics(range(1, 9), fundamental=10.0)
OUTPUTS = (cf.Output(limit=5.0, name="voltage"), cf.Output(lambda f: 1.0 / (1.0 + 0.02j * f), 2.0, "current"))

# Each ability: what it adds to the fields of the problem, to the effort, or which method it takes.
ABILITIES = {
    "samples": {"over": cf.Samples(50)},
    "window": {"over": cf.Window(0.013, 0.15)},
    "outputs": {"outputs": OUTPUTS},
    "range": {"measure": "range"},
    "one-sided": {"measure": "one-sided"},
    "envelope": {"measure": "envelope"},
    "components": {"measure": "components", "complex": True},
    "hold": {"phases": [cf.Hold({0: 0.0, 3: np.pi})]},
    "link": {"phases": [cf.Link((1, 2), (0.0, np.pi))]},
    "mirror": {"phases": [cf.ConjugateSymmetric()]},
    "delays": {"phases": [cf.Delays([[0, 1], [2, 3, 4]])]},
    "steps": {"phases": [cf.Delays([[0, 1], [2, 3, 4, 5, 6, 7]], steps=50)], "over": cf.Samples(50)},
    "fixed": {"fixed": cf.FixedWaveform(cf.Multisine([90.0], 0.6, initial_phases=[0.5]), 1.5)},
    "alphabet": {"phases": [cf.Alphabet(4)]},
    "tolerance": {"tolerance_db": 1.0},
    "extra": {"extra": cf.ExtraTones([90.0, 110.0], largest=0.4)},
    "orthogonal": {"channels": cf.Orthogonal(3, matrix="chirp")},
    "own phases": {"channels": cf.Orthogonal(2, phases="own")},
    "interleaved": {"channels": cf.Interleaved(2)},
    "start at zero": {"start_at_zero": True},
    "lines": {"lines": cf.MovableLines(1, raster=5.0)},
    "complex": {"complex": True},
    "prove": {"prove": True, "time_limit": 0.3},
    "bound time": {"bound_time": 0.2},
    "target": {"target": 1e9},
    "stall limit": {"stall_limit": 0.01},
    "workers": {"workers": 2},
    "device": {"device": "cpu"},
    "clip": {"method": "clip"},
    "l2p": {"method": "l2p"},
}

_ORTHOGONAL = {"orthogonal", "own phases"}
_CHANNELS = _ORTHOGONAL | {"interleaved"}
_MEASURES = {"range", "one-sided", "envelope", "components"}
_CONSTRAINTS = {"hold", "link", "mirror", "delays", "steps"}
_AMPLITUDES = {"tolerance", "extra"}
_PUBLISHED = {"clip", "l2p"}
# What goes beyond the true peak of one drive over free phases.
_OTHER_GOALS = {"samples", "window", "outputs", "alphabet", "lines", "fixed"}
_OTHER_GOALS |= _MEASURES | _CONSTRAINTS | _AMPLITUDES | _CHANNELS

EXCLUDED = {
    "window": {"outputs", "prove", "start at zero", *_PUBLISHED},
    "prove": {*_OTHER_GOALS, "stall limit", *_PUBLISHED},
    "bound time": _OTHER_GOALS,
    "start at zero": {"samples", "complex", "components", "alphabet", *_CONSTRAINTS, *_ORTHOGONAL},
    "complex": {"range", "one-sided"},
    "alphabet": {"delays", "device"},
    "steps": {"window", "alphabet", "device", *_CHANNELS},
    "fixed": {"start at zero", "alphabet", "envelope", *_AMPLITUDES, *_CHANNELS},
    "clip": {*_OTHER_GOALS, "workers", "device"},
    "l2p": {*_OTHER_GOALS, "workers", "device"},
    "device": {"workers"},
    "lines": {"samples", "outputs", "mirror", "delays", "steps", "alphabet", "own phases"},
}
"""Pairs that exclude each other; both directions."""
EXCLUDED["own phases"] = set(_AMPLITUDES)
for mirrored in ("mirror", "delays", "steps"):
    EXCLUDED.setdefault(mirrored, set()).update(_AMPLITUDES)

# Two values of one field: no pair of abilities. Nor is a link, which moves no waveform in time.
_FIELDS = [{"samples", "window"}, {"steps", "link"}, _MEASURES, _CHANNELS, _PUBLISHED]


def excluded(first, second):
    return second in EXCLUDED.get(first, ()) or first in EXCLUDED.get(second, ())


def one_field(first, second):
    return any({first, second} <= field for field in _FIELDS)


PAIRS = [pair for pair in combinations(ABILITIES, 2) if not one_field(*pair)]


def asked(*names):
    """Problem, effort and method of some abilities together."""
    said = {"phases": []}
    for name in names:
        for key, value in ABILITIES[name].items():
            said[key] = [*said["phases"], *value] if key == "phases" else said.get(key, value)
    is_complex = said.pop("complex", False)
    ms = MS.as_complex() if is_complex else MS
    if is_complex and "fixed" in said:
        said["fixed"] = cf.FixedWaveform(cf.Multisine([90.0], 0.6, complex=True, initial_phases=[0.5]))
    method = said.pop("method", None)
    effort = {key: said.pop(key) for key in tuple(said) if key in cf.Effort.__dataclass_fields__}
    if method is None and "prove" not in effort and "stall_limit" not in effort:
        effort.setdefault("starts", 1 if "lines" in names else 4)  # of each set of lines
    return ms, said, effort, method


def solve(*names):
    ms, fields, effort, method = asked(*names)
    return cf.minimize_peak(cf.Problem(ms, **fields), effort=cf.Effort(seed=3, **effort), method=method)


# ------------------------------------------------------------------ the independent calculation


def instants(problem):
    """Times that count, fine enough that the highest sample is within 1e-4 of the peak."""
    if isinstance(problem.over, cf.Window):
        return problem.over.start + np.linspace(0.0, problem.over.duration, 40_001)
    if isinstance(problem.over, cf.Samples):
        return np.arange(problem.over.n) / problem.over.n * 0.1
    return np.linspace(0.0, 0.2, 80_001)  # lines may move by half of the fundamental


def measure(problem, frequencies, coefficients):
    """The measure of a signal, summed tone by tone."""
    z = np.exp(2j * np.pi * np.outer(instants(problem), frequencies)) @ coefficients
    if problem.measure == "components":
        return max(np.abs(z.real).max(), np.abs(z.imag).max())
    if problem.multisine.complex or problem.measure == "envelope":
        return np.abs(z).max()
    return {"peak": np.abs(z.real).max(), "range": np.ptp(z.real) / 2, "one-sided": z.real.max()}[problem.measure]


def drives(design):
    """``(name of the input, frequencies, coefficients)`` of every input in every experiment."""
    channels, ms, phases = design.problem.channels, design.multisine, design.phases
    c = ms.amplitudes * np.exp(1j * phases)
    if channels is None:
        return [(None, ms.frequencies, c)]
    if isinstance(channels, cf.Interleaved):
        return [(name, ms.frequencies[i::2], c[i::2]) for i, name in enumerate(channels.names)]
    m = channels.count
    if m == 2:  # Hadamard, each input with phases of its own
        return [
            (channels.names[i], ms.frequencies, c[i] * sign)
            for i, signs in enumerate(([1, 1], [1, -1]))
            for sign in signs
        ]
    # The chirp of order 3: exp(4πi (i + e)²/3), the same phases in all inputs.
    turns = [[np.exp(4j * np.pi * (i + e) ** 2 / 3) for e in range(3)] for i in range(3)]
    return [(channels.names[i], ms.frequencies, c * turn) for i in range(3) for turn in turns[i]]


def expected_figure(design):
    """The figure of merit by direct sums: the largest share of a limit, measure over RMS, or of shapes the measure."""
    problem, wanted = design.problem, np.arange(design.multisine.n) < 8
    wanted |= problem.fixed is not None  # what is added counts, too
    shares = []
    for _, frequencies, c in drives(design):
        heard = np.isin(frequencies, design.multisine.frequencies[wanted])
        magnitudes = problem.multisine.complex or problem.measure == "envelope"
        factors = np.where(magnitudes | (frequencies[heard] == 0.0), 1.0, 0.5)
        rms = np.sqrt(np.sum(np.abs(c[heard]) ** 2 * factors))
        # Limits are held against the level that was asked for: 8 unit tones, or those that an input has.
        level = 1.0 if problem.fixed is not None else np.linalg.norm(c[heard]) / np.sqrt(heard.sum())
        if not problem.outputs and problem.delay_steps is not None:  # the measure itself: the RMS is up to the delays
            shares.append(measure(problem, frequencies, c))
            continue
        if not problem.outputs:
            shares.append(measure(problem, frequencies, c) / rms / (np.sqrt(2) if problem.measure == "range" else 1))
            continue
        for response, limit in ((np.ones_like(frequencies), 5.0), (1.0 / (1.0 + 0.02j * frequencies), 2.0)):
            shares.append(measure(problem, frequencies, c * response) / limit / level)
    return max(shares)


def check_constraints(design):
    """That the phases obey what was asked, in each set of phases that was chosen."""
    for phases in np.atleast_2d(design.phases):
        turn = np.exp(1j * phases)
        for one in design.problem.phases:
            if isinstance(one, cf.Hold):
                assert np.allclose(turn[[0, 3]], [1.0, -1.0], atol=1e-9)
            elif isinstance(one, cf.Link):
                assert np.isclose(turn[2], -turn[1], atol=1e-9)
            elif isinstance(one, cf.ConjugateSymmetric):
                assert np.allclose(turn[:8], turn[:8][::-1].conj(), atol=1e-9)
            elif isinstance(one, cf.Alphabet):
                assert np.allclose(turn**4, 1.0, atol=1e-9)
            elif isinstance(one, cf.Delays):
                tau = -phases[0] / (TWO_PI * 10.0)
                assert np.isclose(turn[1], np.exp(-1j * TWO_PI * 20.0 * tau), atol=1e-6)
                assert_delay_of_second_group(turn)


def assert_delay_of_second_group(turn):
    """Harmonics 3, 4 and 5 with phases −h α: then θ₃ + θ₅ = 2 θ₄."""
    assert np.isclose(turn[2] * turn[4], turn[3] ** 2, atol=1e-6)


def check_amplitudes(design):
    moved = 20 * np.log10(design.multisine.amplitudes[:8])
    allowed = 1.0 if design.problem.tolerance_db is not None else 0.0
    assert np.all(np.abs(moved) <= allowed + 1e-9)
    assert design.problem.fixed is not None or np.all(design.multisine.amplitudes[8:] <= 0.4 + 1e-12)


def check_lines(design):
    moved = design.multisine.frequencies[:8] - MS.frequencies
    allowed = 5.0 if design.problem.lines is not None else 0.0
    assert np.all(np.abs(moved) <= allowed + 1e-9)
    assert np.unique(design.multisine.frequencies).size == design.multisine.n


def check_start(design):
    for _, frequencies, c in drives(design):
        assert abs(np.sum(c).real) < 1e-9 * np.sum(np.abs(c))
        assert np.sum(frequencies * (1j * c)).real >= 0.0


def check(design):
    assert design.figure == pytest.approx(expected_figure(design), rel=2e-4)
    assert design.figure >= design.lower_bound * (1 - 1e-9)
    check_constraints(design)
    check_amplitudes(design)
    check_lines(design)
    if design.problem.start_at_zero:
        check_start(design)


# ------------------------------------------------------------------ the pairs


@pytest.mark.parametrize("name", ABILITIES)
def test_each_ability_alone_is_what_a_direct_sum_says(name):
    check(solve(name))


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if not excluded(*pair)], ids=" with ".join)
def test_a_pair_that_goes_together_is_what_a_direct_sum_says(pair):
    check(solve(*pair))


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if excluded(*pair)], ids=" with ".join)
def test_a_pair_that_does_not_go_together_is_refused_with_its_reason(pair):
    with pytest.raises(ValueError, match=r"leave out one of them") as caught:
        solve(*pair)
    text = str(caught.value)
    from_table = isinstance(caught.value, IncompatibleError) and caught.value.exclusion in EXCLUSIONS
    assert (from_table and caught.value.exclusion.reason in text) or "does not use" in text
    assert "\n" not in text


def test_every_row_of_the_table_is_met_by_a_pair_or_a_kind_of_tones():
    met = set()
    for pair in PAIRS:
        if excluded(*pair):
            with pytest.raises(ValueError, match="leave out") as caught:
                solve(*pair)
            met.add(getattr(caught.value, "exclusion", None))
    about_tones = {"a narrow band on a high carrier", "a frequency that occurs twice", "real tones"}
    about_clusters = {"client"}
    left = [
        row for row in EXCLUSIONS if row not in met and not {row.first, row.second} & (about_tones | about_clusters)
    ]
    assert left == []


@pytest.mark.parametrize("number", range(40))
def test_many_abilities_at_once_are_what_a_direct_sum_says(number):
    rng = np.random.default_rng([13, number])
    chosen: list[str] = []
    for name in rng.permutation(list(ABILITIES)):
        fits = all(not excluded(name, other) and not one_field(name, other) for other in chosen)
        if fits and name not in ("workers", "prove") and len(chosen) < 5:
            chosen.append(str(name))
    if not _CONSTRAINTS - set(chosen):
        return
    ties = [name for name in chosen if name in _CONSTRAINTS]
    chosen = [name for name in chosen if name not in ties[1:]]  # constraints may contradict each other
    check(solve(*chosen))
