"""Every kind of problem over an alphabet, against direct summation of every sequence."""

from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pytest

import crestfall as cf
from crestfall.engine.discrete.exhaustive import can_try_all
from crestfall.engine.discrete.sequences import Sequences, StoppedError

DENSE = 4096
LOW_PASS = np.array([1.0, 0.8 - 0.3j, 0.5 - 0.5j, 0.3 - 0.4j, 0.1 - 0.3j])
HIGH_PASS = np.array([0.1j, 0.3j, 0.6 + 0.4j, 0.9 + 0.2j, 1.0])
OUTPUTS = [cf.Output(LOW_PASS, limit=2.0, name="low"), cf.Output(HIGH_PASS, limit=1.2, name="high")]


@dataclass
class Case:
    """A problem, and what is minimised in it by direct summation over dense times."""

    levels: int = 2
    numbers: tuple = (1, 2, 3, 5, 8)
    complex: bool = False
    amplitudes: tuple = (1.0, 0.6, 0.8, 1.0, 0.5)
    over: object = cf.Period()
    measure: str = "peak"
    outputs: tuple = ()
    constraints: tuple = ()
    allowed: object = field(default=None, repr=False)  # sequences (w, n) → (w,) bools

    @property
    def ms(self):
        return cf.Multisine(np.array(self.numbers) * 10.0, self.amplitudes, complex=self.complex)

    @property
    def problem(self):
        phases = [cf.Alphabet(self.levels), *self.constraints]
        return cf.Problem(self.ms, over=self.over, measure=self.measure, outputs=self.outputs, phases=phases)

    @property
    def sequences(self):
        """All allowed sequences, by hand."""
        every = np.array(list(product(range(self.levels), repeat=len(self.numbers))))
        return every if self.allowed is None else every[self.allowed(every)]

    @property
    def times(self):
        if isinstance(self.over, cf.Window):
            return self.over.start + np.linspace(0.0, self.over.duration, DENSE)
        count = self.over.n if isinstance(self.over, cf.Samples) else DENSE
        return np.arange(count) * 0.1 / count

    def values(self, phases):
        """``(w, n)`` phases [rad] to what is minimised, ``(w,)``."""
        ms = self.ms
        waves = np.exp(2j * np.pi * np.outer(ms.frequencies, self.times))
        coefficients = ms.amplitudes * np.exp(1j * np.asarray(phases))
        rms = np.sqrt(np.sum(ms.amplitudes**2) * (1.0 if ms.complex or self.measure == "envelope" else 0.5))
        worst = []
        for response, limit in [(out.response, out.limit) for out in self.outputs] or [(1.0, rms)]:
            z = (coefficients * response) @ waves / limit
            if self.measure == "components":
                worst.append(np.maximum(np.max(np.abs(z.real), axis=-1), np.max(np.abs(z.imag), axis=-1)))
            elif ms.complex or self.measure == "envelope":
                worst.append(np.max(np.abs(z), axis=-1))
            elif self.measure == "range":
                worst.append(0.5 * np.ptp(z.real, axis=-1))
            else:
                worst.append(np.max(z.real if self.measure == "one-sided" else np.abs(z.real), axis=-1))
        return np.max(worst, axis=0)


def is_mirrored(levels):
    return lambda w: ((w[:, 0] + w[:, 4]) % levels == 0) & ((w[:, 1] + w[:, 3]) % levels == 0) & (w[:, 2] == 0)


MIRRORED = {"amplitudes": (0.5, 1.0, 0.7, 1.0, 0.5), "constraints": (cf.ConjugateSymmetric(),)}

CASES = {
    "real, 2": Case(),
    "real, 3": Case(3),
    "real, 4": Case(4),
    "complex, 2": Case(complex=True),
    "complex, 3": Case(3, complex=True),
    "complex, 4": Case(4, complex=True),
    "range": Case(4, measure="range"),
    "one-sided": Case(3, measure="one-sided"),
    "one-sided, 2": Case(2, measure="one-sided"),
    "envelope": Case(4, measure="envelope"),
    "samples": Case(4, over=cf.Samples(11)),
    "samples of a range": Case(2, over=cf.Samples(17), measure="range"),
    "samples, complex": Case(3, complex=True, over=cf.Samples(7)),
    "window": Case(4, over=cf.Window(0.013, 0.04)),
    "window, off raster": Case(2, (1, 2.1, 3.3, 5.7, 8.01), over=cf.Window(-0.3, 0.07)),
    "window, complex": Case(3, complex=True, over=cf.Window(1.0, 0.03)),
    "components, 2": Case(2, (-3, -1, 0, 1, 4), complex=True, measure="components"),
    "components, 3": Case(3, (-3, -1, 0, 1, 4), complex=True, measure="components"),
    "components, 4": Case(4, (-3, -1, 0, 1, 4), complex=True, measure="components"),
    "components, 6": Case(6, (1, 2, 3, 5, 8), complex=True, measure="components"),
    "components of outputs": Case(4, complex=True, outputs=OUTPUTS, measure="components"),
    "components, samples": Case(4, complex=True, over=cf.Samples(11), measure="components"),
    "components, window": Case(4, complex=True, over=cf.Window(1.0, 0.03), measure="components"),
    "outputs": Case(4, outputs=OUTPUTS),
    "range of outputs": Case(2, outputs=OUTPUTS, measure="range"),
    "one-sided outputs": Case(2, outputs=OUTPUTS, measure="one-sided"),
    "outputs, samples": Case(3, outputs=OUTPUTS, over=cf.Samples(12)),
    "outputs, envelope": Case(3, outputs=OUTPUTS, measure="envelope"),
    "held": Case(constraints=(cf.Hold({0: np.pi, 3: 0.0}),), allowed=lambda w: (w[:, 0] == 1) & (w[:, 3] == 0)),
    "held, complex": Case(4, complex=True, constraints=(cf.Hold({2: np.pi / 2}),), allowed=lambda w: w[:, 2] == 1),
    "linked": Case(
        constraints=(cf.Link((1, 2, 4), (0.0, np.pi, 0.0)),),
        allowed=lambda w: (w[:, 1] == w[:, 4]) & (w[:, 1] != w[:, 2]),
    ),
    "linked, 4": Case(
        4, constraints=(cf.Link((0, 3), (0.3, 0.3 + np.pi / 2)),), allowed=lambda w: (w[:, 3] - w[:, 0]) % 4 == 1
    ),
    "linked and held": Case(
        constraints=(cf.Link((0, 4), (0.3, 0.3 + np.pi)), cf.Hold({4: -np.pi})),
        allowed=lambda w: (w[:, 4] == 1) & (w[:, 0] == 0),
    ),
    "mirrored": Case(4, (-2, -1, 0, 1, 2), complex=True, allowed=is_mirrored(4), **MIRRORED),
    "mirrored, components": Case(
        4, (-2, -1, 0, 1, 2), complex=True, measure="components", allowed=is_mirrored(4), **MIRRORED
    ),
    "mirrored, range": Case(5, (3, 4, 5, 6, 7), measure="range", allowed=is_mirrored(5), **MIRRORED),
}
every_kind = pytest.mark.parametrize("name", sorted(CASES))


@every_kind
@pytest.mark.parametrize("exhaustive", [True, False])
@pytest.mark.filterwarnings("ignore:samples:crestfall.CrestfallWarning")
def test_the_answer_is_that_of_brute_force(name, exhaustive, monkeypatch):
    case = CASES[name]
    if not exhaustive:
        monkeypatch.setattr("crestfall.search.methods.discrete.can_try_all", lambda *arguments: False)
    design = cf.minimize_peak(case.problem, effort=cf.Effort(starts=80))
    steps = design.phases * case.levels / (2 * np.pi)
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-12)
    found = np.rint(steps).astype(int) % case.levels
    assert np.any(np.all(case.sequences == found, axis=1)), "the sequence is not allowed"
    least = case.values(2 * np.pi * case.sequences / case.levels).min()
    assert case.values(design.phases[None])[0] == pytest.approx(least, rel=3e-4)
    assert design.status.startswith("global optimum: all" if exhaustive else "local optimum over single symbols")


@every_kind
def test_sampled_heights_are_lower_bounds_of_what_is_minimised(name):
    case = CASES[name]
    sequences = Sequences(case.problem)
    exact = isinstance(case.over, cf.Samples)
    for symbols in np.random.default_rng(0).integers(0, case.levels, (40, sequences.n)):
        phases = case.problem.phase_map.phases(sequences.variables(symbols))
        height = float(sequences.height(sequences.samples(symbols)))
        value = case.values(phases[None])[0]
        assert height <= value * (1 + 1e-4) + 1e-12
        assert height >= value - (1e-12 if exact else 0.07 * abs(value))


@every_kind
def test_changed_samples_are_those_of_the_changed_sequence(name):
    case = CASES[name]
    sequences = Sequences(case.problem)
    rng = np.random.default_rng(1)
    symbols = rng.integers(0, case.levels, sequences.n)
    every = slice(0, sequences.n)
    for turn in range(1, case.levels):
        rows = sequences.changed(symbols, sequences.samples(symbols), every, turn, sequences.rows(every))
        for group in range(sequences.n):
            other = symbols.copy()
            other[group] = (other[group] + turn) % case.levels
            np.testing.assert_allclose(rows[group], sequences.samples(other), atol=1e-12)


@every_kind
def test_what_is_not_kept_is_computed_again_to_the_same_bits(name):
    problem = CASES[name].problem
    kept, again = Sequences(problem), Sequences(problem, memory=0.0)
    symbols = np.random.default_rng(1).integers(0, kept.levels, kept.n)
    np.testing.assert_array_equal(kept.samples(symbols), again.samples(symbols))


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize(("n", "levels"), [(2, 2), (5, 2), (8, 2), (4, 4), (5, 3), (6, 6)])
def test_all_sequences_are_counted_but_those_that_symmetries_make_alike(n, levels, complex):
    rng = np.random.default_rng(n)
    numbers = np.sort(rng.choice(np.arange(1, 14), n, replace=False))
    ms = cf.Multisine.harmonics(numbers, 1.0, rng.uniform(0.5, 1, n), complex)
    design = cf.minimize_peak(ms, constraints=[cf.Alphabet(levels)])
    first = 1 if complex else levels // 2 if levels % 2 == 0 else levels
    assert design.status == f"global optimum: all {first * levels ** (n - 1)} sequences of the alphabet"
    every = np.indices((levels,) * n).reshape(n, -1).T
    waves = np.exp(2j * np.pi * np.outer(numbers, np.arange(512) / 512))
    least = min(
        np.max(np.abs(z if complex else z.real), axis=-1).min()
        for part in np.array_split(every, min(64, len(every)))
        for z in [np.exp(2j * np.pi * part / levels) * ms.amplitudes @ waves]
    )
    assert least * (1 - 1e-12) <= design.peak <= least * (1 + 5e-3)


def test_a_narrow_band_is_searched_through_its_envelope():
    numbers = 10**9 + np.array([0, 1, 2, 3, 4, 6, 7, 9])
    narrow = cf.Multisine.harmonics(numbers)
    assert narrow.is_narrow_band
    design = cf.minimize_peak(narrow, constraints=[cf.Alphabet(2)])
    envelope = cf.minimize_peak(narrow.as_complex(), constraints=[cf.Alphabet(2)])
    assert design.peak == pytest.approx(envelope.peak, rel=1e-6)
    assert design.status.startswith("global optimum: all 128")


def test_few_tones_over_a_wide_band_need_no_wide_table():
    numbers = np.array([1, 7, 10_003, 70_001, 90_007])
    ms = cf.Multisine.harmonics(numbers)
    assert Sequences(cf.Problem(ms, phases=[cf.Alphabet(2)])).size < 10_000
    design = cf.minimize_peak(ms, constraints=[cf.Alphabet(2)])
    spectrum = np.zeros((16, 2**19 + 1), dtype=complex)
    spectrum[:, numbers] = 0.5 * np.array([(1, *signs) for signs in product((1, -1), repeat=4)])
    least = np.abs(np.fft.irfft(spectrum, norm="forward")).max(axis=-1).min()
    assert design.peak == pytest.approx(least, rel=0.03)


def test_a_search_over_all_sequences_counts_what_each_turn_costs():
    def sequences(n, levels):
        return Sequences(cf.Problem(cf.Multisine.harmonics(range(1, n + 1)), phases=[cf.Alphabet(levels)]))

    many, small = sequences(1, 2**20), sequences(8, 2)
    assert many.total * many.size < 2**30
    assert not can_try_all(many)
    assert can_try_all(small, 0.1)
    assert not can_try_all(small, 1e-6)


@pytest.mark.parametrize("levels", [2, 3, 256, 257, 1000, 10**6, 2**20])
def test_steps_between_symbols_are_all_or_a_sample_of_them(levels):
    steps = Sequences(cf.Problem(cf.Multisine([1.0, 2.0]), phases=[cf.Alphabet(levels)])).steps
    assert len(set(steps)) == len(steps)
    assert all(1 <= step < levels for step in steps)
    if levels <= 256:
        assert sorted(steps) == list(range(1, levels))
    else:
        assert len(steps) < 100
        assert {1, 2, 4, 128, levels - 1, levels - 2, levels - 128} < set(steps)


@pytest.mark.parametrize("memory", [0.0, 2.0**28])
def test_what_is_stopped_can_be_computed_later_to_the_same_bits(memory):
    problem = cf.Problem(
        cf.Multisine.harmonics(range(1, 301)), phases=[cf.Alphabet(4), cf.Hold(dict.fromkeys(range(100), 0.0))]
    )
    sequences = Sequences(problem, memory=memory)
    symbols = np.random.default_rng(1).integers(0, 4, sequences.n)
    asked = 0

    def after(questions):
        def stop():
            nonlocal asked
            asked += 1
            return asked > questions

        return stop

    for questions in (0, 1, 50, 101):
        asked = 0
        with pytest.raises(StoppedError):
            sequences.samples(symbols, after(questions))
        assert asked == questions + 1 or memory
    np.testing.assert_array_equal(sequences.samples(symbols), Sequences(problem).samples(symbols))


def test_where_all_symbols_are_held_there_is_nothing_to_choose():
    ms = cf.Multisine.harmonics([1, 2, 3])
    held = [cf.Alphabet(4), cf.Hold({0: 0.0, 1: np.pi / 2}), cf.Link((1, 2))]
    design = cf.minimize_peak(ms, constraints=held)
    assert design.status == "global optimum: the constraints leave nothing to choose"
    np.testing.assert_allclose(design.phases, [0.0, np.pi / 2, np.pi / 2])


@pytest.mark.parametrize(
    ("levels", "constraints", "message"),
    [
        (1, [], "levels is 1"),
        (2.5, [], r"levels is 2\.5"),
        (2, [cf.Hold({1: 1.0})], "tone 1 is held at 1 rad, outside the alphabet of 2 phases"),
        (4, [cf.Link((0, 1), (0.5, 1.5))], "linked with an offset of"),
        (2, [cf.Hold({0: 0.0, 1: 0.0}), cf.Link((0, 1), (0.0, np.pi))], "contradicts"),
        (2, [cf.Delays([[0, 1]])], "delay"),
    ],
)
def test_what_cannot_be_done_is_refused(levels, constraints, message):
    with pytest.raises(ValueError, match=message):
        cf.minimize_peak(cf.Multisine([1.0, 2.0]), constraints=[cf.Alphabet(levels), *constraints])


@pytest.mark.parametrize(
    ("levels", "shown"),
    [
        (2**20 + 1, "1048577"),
        (10**9, "1000000000"),
        (10**30, "1" + 30 * "0"),
        pytest.param(10**5000, "an integer of 16610 bits", id="huge"),
        (-4, "-4"),
        (0, "0"),
        (np.nan, "nan"),
        (np.inf, "inf"),
        (None, "None"),
        ([4], "[4]"),
        ("4", "'4'"),
        (True, "True"),
        (4j, "4j"),
        (np.zeros((9, 9)), "array([[0., 0"),
    ],
)
def test_levels_are_an_integer_within_limits(levels, shown):
    with pytest.raises(ValueError, match="alphabet: levels is ") as caught:
        cf.Alphabet(levels)
    message = str(caught.value)
    assert message.startswith(f"alphabet: levels is {shown}")
    assert message.endswith("; give an integer from 2 to 1048576")
    assert "\n" not in message
    assert len(message) < 130


@pytest.mark.parametrize("levels", [2, 2**20, 4.0, np.int32(4)])
def test_levels_become_an_integer(levels):
    assert type(cf.Alphabet(levels).levels) is int
    assert cf.Alphabet(levels).levels == levels
