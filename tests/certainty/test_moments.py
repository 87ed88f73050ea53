"""Bounds by moments: against polynomials multiplied out in rationals, moments of given phases, brute force and branch
and bound."""

import itertools
import sys
from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest

import crestfall as cf
from crestfall.atlas import entries
from crestfall.certainty.bounds import strongest_bound
from crestfall.certainty.moments import (
    Certificate,
    MomentBound,
    has_moments,
    moment_bound,
    moment_bounds,
    next_step,
    peak_proved,
)
from crestfall.certainty.moments.ascent import ascend
from crestfall.certainty.moments.certificate import coefficients, is_valid, root_below
from crestfall.certainty.moments.cost import Step
from crestfall.certainty.moments.derivatives import _reductions, derivative_program, program_of_sums
from crestfall.certainty.moments.localiser import localisers
from crestfall.certainty.moments.monomials import monomials
from crestfall.certainty.moments.program import Program
from crestfall.certainty.moments.semidefinite import Matrix, solve
from crestfall.certainty.moments.tones import ExactTones
from crestfall.certainty.proof import prove
from crestfall.design.explain import explain
from crestfall.design.explain.argument import in_words
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.search.budget import Budget
from crestfall.search.run import Run, Solution
from crestfall.signal.blas_threads import blas_threads_for

LONG = 300.0
CASES = {
    "flat 3": cf.Multisine.harmonics(range(1, 4)),
    "uneven": cf.Multisine.harmonics([1, 2, 5, 6], amplitudes=[1.0, 0.3, 0.7, 1e-3]),
    "odd": cf.Multisine.harmonics([1, 3, 5, 7]),
    "complex": cf.Multisine.harmonics([0, 1, 2, 4], complex=True),
    "complex, uneven": cf.Multisine.harmonics([-3, 1, 2], amplitudes=[0.4, 1.0, 0.6], complex=True),
}


def flat(n, is_complex=False):
    return cf.Multisine.harmonics(range(n) if is_complex else range(1, n + 1), complex=is_complex)


def bound_of(ms, order):
    """The best bound of orders up to this one."""
    found = list(moment_bounds(ms, 0.9 * ms.nominal_rms, LONG, plan=[Step(k) for k in range(2, order + 1)]))
    return found[-1] if found else None


def peaks_of(ms, phases, samples=None):
    """Peaks of ``(batch, n)`` phases from below, and by how much at most they are too low."""
    h = ms.harmonic_numbers - (ms.harmonic_numbers.min() if ms.complex else 0)
    count = samples or 32 * int(h.max())
    spectrum = np.zeros((len(phases), count), complex)
    spectrum[:, h] = ms.amplitudes * np.exp(1j * phases)
    z = np.fft.ifft(spectrum, axis=1) * count
    height = np.abs(z) if ms.complex else np.abs(z.real)
    return height.max(axis=1), 1.0 / np.cos(np.pi * h.max() / count)


# ------------------------------------------------------------------ the conditions


def least_eigenvalue(program, square, moments):
    """The least eigenvalue of all conditions at a squared peak, each relative to its largest entry."""
    weights = np.array([float(c) for c in program.constant + Fraction(square) * program.linear])
    least = []
    for block in program.blocks:
        whole = np.zeros((block.size, block.size))
        np.add.at(whole, (block.i, block.j), block.factor * weights[block.weight] * moments[block.moment])
        whole += np.tril(whole, -1).T
        least.append(np.linalg.eigvalsh(whole)[0] / max(np.abs(whole).max(), 1e-300))
    return min(least)


@pytest.mark.parametrize("name", CASES)
def test_any_phases_meet_the_conditions_of_their_own_peak(name):
    ms, rng = CASES[name], np.random.default_rng(1)
    tones = ExactTones.of(ms)
    program = Program.of(tones, 3)
    for _ in range(5):
        phases = rng.uniform(0, 2 * np.pi, ms.n)
        moments = np.cos(program.exponents @ phases)  # those that vanish in the average are not numbered
        m = (cf.true_peak(ms, phases) / float(tones.unit)) ** 2
        for share, holds in ((1.0, True), (0.5, False)):
            assert (least_eigenvalue(program, share * m, moments) > -1e-9) == holds


@pytest.mark.parametrize("name", CASES)
def test_numbered_moments_are_those_that_no_symmetry_takes(name):
    tones = ExactTones.of(CASES[name])
    exponents = Program.of(tones, 2).exponents
    assert not exponents[0].any()
    assert not (exponents @ tones.h).any()
    total = exponents.sum(axis=1)
    assert not (total if tones.complex else total % 2).any()
    both = np.concatenate((exponents, -exponents[1:]))
    assert len(np.unique(both, axis=0)) == len(both)


def test_monomials_are_all_there_once():
    for n, degree in ((1, 4), (3, 3), (4, 2)):
        found = np.concatenate(monomials(n, degree))
        grid = np.stack(np.meshgrid(*[np.arange(-degree, degree + 1)] * n), -1).reshape(-1, n)
        wanted = grid[np.abs(grid).sum(axis=1) <= degree]
        assert len(found) == len(wanted) == len(np.unique(np.concatenate((found, wanted)), axis=0))


def averages(ms, phases, exponents):
    """Averages over time of monomials in the signal of power 1 and its derivatives, by a sum that is exact."""
    h = ms.harmonic_numbers
    t = np.linspace(0, 2 * np.pi, 16 * int(h.max()) + 1, endpoint=False)
    angle = np.outer(t, h) + phases
    scaled = ms.amplitudes / ms.nominal_rms
    rows = [np.cos(angle + k * np.pi / 2) @ (scaled * (h / h.max()) ** k) for k in range(exponents.shape[1])]
    return np.prod(np.stack(rows, 1)[:, None] ** exponents, axis=2).mean(axis=0)


SIGNALS = [flat(5), cf.Multisine.harmonics([2, 3, 7, 8], amplitudes=[1.0, 0.2, 0.5, 0.3])]


@pytest.mark.parametrize("ms", SIGNALS)
def test_integration_by_parts(ms):
    phases = np.random.default_rng(5).uniform(0, 2 * np.pi, ms.n)
    for derivatives, degree in ((3, 4), (2, 6), (4, 4)):
        for monomial, by in _reductions(derivatives, degree).items():
            rows = np.array([monomial, *by], np.int64)
            value, *others = averages(ms, phases, rows)
            assert value == pytest.approx(
                sum(float(c) * x for c, x in zip(by.values(), others, strict=True)), abs=1e-12
            )
            assert by == {monomial: 1} or monomial not in by


@pytest.mark.parametrize("ms", SIGNALS)
def test_any_signal_meets_the_conditions_on_its_derivatives(ms):
    rng = np.random.default_rng(6)
    for derivatives, order in ((3, 2), (2, 3), (4, 3)):
        program = derivative_program(ExactTones.of(ms), derivatives, order)
        phases = rng.uniform(0, 2 * np.pi, ms.n)
        moments = averages(ms, phases, program.exponents)
        m = cf.crest_factor(ms, phases) ** 2
        assert np.all(np.abs(moments) <= m**program.half_degrees * (1 + 1e-12))
        for share, holds in ((1.0, True), (0.4, False)):
            assert (least_eigenvalue(program, share * m, moments) > -1e-9) == holds


# ------------------------------------------------------------------ exact certificates


def times(first, second):
    product = defaultdict(Fraction)
    for a, x in first.items():
        for b, y in second.items():
            product[tuple(np.add(a, b).tolist())] += x * y
    return product


def conjugate(polynomial):
    return {tuple(-k for k in a): x for a, x in polynomial.items()}


def localising(tones, number):
    """The polynomials of the module's text, once for ``m = 0`` and once the factor of ``m``, from ``x`` and ``x'``."""
    n, top = tones.n, int(tones.h.max())
    unit = [tuple(int(j == k) for j in range(n)) for k in range(n)]
    zero = {(0,) * n: Fraction(1)}
    if not tones.complex:
        x, slope = defaultdict(Fraction), defaultdict(Fraction)  # the slope without its factor i
        for k in range(n):
            for s in (1, -1):
                x[tuple(s * j for j in unit[k])] += Fraction(tones.a[k], 2)
                slope[tuple(s * j for j in unit[k])] += Fraction(s * int(tones.h[k]) * tones.a[k], 2 * top)
        squares = times(x, x)
        for a, value in times(slope, slope).items():
            squares[a] -= value
        return {a: -value for a, value in squares.items()}, zero
    z = {unit[k]: Fraction(tones.a[k]) for k in range(n)}
    power = times(z, conjugate(z))
    if number == 0:
        return {a: -value for a, value in power.items()}, zero
    slope = {a: value * Fraction(int(np.dot(a, tones.h)), top) for a, value in power.items()}
    total = defaultdict(Fraction)
    for a, value in times(power, power).items():
        total[a] -= value
    for a, value in times(slope, slope).items():
        total[a] += value
    return total, power


@pytest.mark.parametrize("name", ["flat 3", "uneven", "complex", "complex, uneven"])
def test_certificates_multiplied_out_in_rationals(name):
    ms, rng = CASES[name], np.random.default_rng(2)
    tones, order = ExactTones.of(ms), 2
    program = Program.of(tones, order)
    squares = tuple(rng.integers(-9, 10, (block.size, 2)) for block in program.blocks)
    wanted = [defaultdict(Fraction), defaultdict(Fraction)]
    for block, square in zip(program.blocks, squares, strict=True):
        one = {(0,) * tones.n: Fraction(1)}
        parts = ({}, one) if block.localiser is None else localising(tones, block.localiser)
        parts = (one, {}) if block.localiser is None else parts
        size = 1 if block.localiser is None else localisers(tones)[block.localiser].size
        for column in square.T:
            p = defaultdict(Fraction)
            for row, weight in zip(block.basis.rows.tolist(), column, strict=False):
                p[tuple(row)] += int(weight)
                if block.basis.sign:
                    p[tuple(-k for k in row)] += int(weight) * block.basis.sign
            if block.basis.one:
                p[(0,) * tones.n] += int(column[-1])
            for total, part in zip(wanted, parts, strict=True):
                for a, value in times(times(p, conjugate(p)), part).items():
                    neutral = np.dot(a, tones.h) == 0 and (sum(a) == 0 if tones.complex else sum(a) % 2 == 0)
                    if neutral:
                        total[max(a, tuple(-k for k in a))] += value / size
    for found, total in zip(coefficients(program, squares), wanted, strict=True):
        for a, value in zip(program.exponents.tolist(), found, strict=True):
            a = tuple(a)
            assert total.pop(max(a, tuple(-k for k in a)), 0) == Fraction(int(value), program.scale)
        assert not any(total.values())


def test_a_bound_stands_on_its_certificate_alone():
    ms = flat(4)
    bound = bound_of(ms, 2)
    program = Program.of(ExactTones.of(ms), 2)
    proof = bound.certificate
    fixed, rising = (np.array([Fraction(int(c)) for c in each]) for each in coefficients(program, proof.squares))
    values = fixed + proof.bound * rising
    assert values[0] + sum(abs(value) for value in values[1:]) < 0
    assert peak_proved(ms, proof) == bound.peak
    assert Fraction(bound.peak) ** 2 < proof.bound
    higher = Certificate(2, proof.squares, proof.bound * Fraction(1001, 1000))
    assert not is_valid(program, higher)
    assert peak_proved(ms, higher) == 0.0
    other = Certificate(2, tuple(np.zeros_like(square) for square in proof.squares), proof.bound)
    assert peak_proved(ms, other) == 0.0
    with pytest.raises(ValueError, match="sizes of the programme"):
        peak_proved(flat(5), proof)


@pytest.mark.parametrize("name", ["flat 3", "complex"])
def test_squares_prove_what_their_sum_says_and_nothing_else(name):
    """Of any squares at all, whose sum is no proof as soon as moments up to 1 could make it positive."""
    rng, program = np.random.default_rng(3), Program.of(ExactTones.of(CASES[name]), 2)
    seen = set()
    for k in range(40):
        only = [block.localiser is not None or k % 2 == 0 for block in program.blocks]
        squares = tuple(
            rng.integers(-3, 4, (block.size, 1)) * on for block, on in zip(program.blocks, only, strict=True)
        )
        fixed, rising = (np.array([Fraction(int(c)) for c in each]) for each in coefficients(program, squares))
        m = Fraction(int(rng.integers(1, 60)), 20)
        values = fixed + m * rising
        proves = bool(values[0] + sum(abs(value) for value in values[1:]) < 0)
        assert is_valid(program, Certificate(2, squares, m)) == proves
        seen.add((bool(values[0] < 0), proves))
    assert name == "complex" or (True, False) in seen


def test_roots_round_down():
    for value in (Fraction(2), Fraction(1, 3), Fraction(10**40 + 1), Fraction(1, 10**30), Fraction(9, 4)):
        root = Fraction(root_below(value))
        assert root**2 < value < (root * (1 + Fraction(1, 2**48))) ** 2


# ------------------------------------------------------------------ the bounds


@pytest.mark.parametrize(
    ("n", "order", "least"), [(3, 4, 1.585), (4, 3, 1.394), (5, 3, 1.434), (6, 3, 1.40), (8, 2, 1.2315)]
)
def test_bounds_of_flat_tones(n, order, least):
    ms = flat(n)
    bound = bound_of(ms, order)
    assert least * ms.nominal_rms < bound.peak < prove(ms, gap=1e-2).peak


def test_bounds_against_brute_force():
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    for ms in (flat(3), flat(3, True), cf.Multisine.harmonics([1, 2, 4], amplitudes=[1.0, 0.6, 0.8])):
        free = np.stack(np.meshgrid(angles, angles), -1).reshape(-1, 2)
        phases = np.concatenate((free, np.zeros((len(free), 1))), axis=1)
        peaks, factor = peaks_of(ms, phases)
        bound = bound_of(ms, 3)
        assert bound is None or bound.peak <= peaks.min() * factor
    ms = flat(4)  # 4: a shift in time brings one phase to zero
    few = angles[::3]
    free = np.stack(np.meshgrid(few, few, few), -1).reshape(-1, 3)
    peaks, factor = peaks_of(ms, np.concatenate((free, np.zeros((len(free), 1))), axis=1))
    assert bound_of(ms, 3).peak <= peaks.min() * factor


@pytest.mark.parametrize("ms", [flat(6), cf.Multisine.harmonics([1, 2, 4, 8, 16]), flat(6, True)])
def test_ten_thousand_designs_do_not_cross_a_bound(ms):
    rng = np.random.default_rng(3)
    found = bound_of(ms, 3)
    bound = cf.peak_lower_bound(ms) if found is None else found.peak
    best = cf.minimize_peak(ms, starts=8).phases
    phases = np.concatenate((rng.uniform(0, 2 * np.pi, (5000, ms.n)), best + 0.2 * rng.standard_normal((5000, ms.n))))
    peaks, factor = peaks_of(ms, phases)
    assert bound <= peaks.min() * factor


def test_no_design_of_the_atlas_crosses_a_bound():
    seen = 0
    for entry in entries():
        if 2 < entry.n <= 12 and entry.n % 3 == 0:
            ms = entry.multisine
            bound = bound_of(ms, 2)
            assert bound is None or bound.peak <= entry.crest_factor * ms.nominal_rms
            seen += bound is not None
    assert seen >= 6


@pytest.mark.parametrize(
    ("h", "a", "least"),
    [([1, 2, 4, 8, 16], [1] * 5, 1.70), ([1, 3, 5, 7, 9], [1, 0.5, 1, 0.25, 1], 1.2), ([7, 8, 9], [1, 1, 0.3], 1.4)],
)
def test_uneven_and_sparse_tones(h, a, least):
    ms = cf.Multisine.harmonics(h, amplitudes=a)
    bound = bound_of(ms, 3)
    assert bound.peak > max(least * ms.nominal_rms, cf.peak_lower_bound(ms))
    assert bound.peak < prove(ms, gap=1e-2).peak


@pytest.mark.parametrize("scale", [1e-290, 1.0, 1e290])
def test_a_bound_scales_with_the_amplitudes(scale):
    one = bound_of(cf.Multisine.harmonics([1, 2, 4], amplitudes=[1.0, 0.3, 0.7]), 2)
    scaled = bound_of(cf.Multisine.harmonics([1, 2, 4], amplitudes=np.array([1.0, 0.3, 0.7]) * scale), 2)
    assert scaled.peak / scale == pytest.approx(one.peak, rel=1e-5)


@pytest.mark.parametrize("n", [12, 16])
def test_more_tones(n):
    ms = flat(n)
    assert {12: 1.22, 16: 1.21}[n] * ms.nominal_rms < bound_of(ms, 2).peak < cf.minimize_peak(ms).peak


@pytest.mark.parametrize(("n", "least"), [(13, 1.23), (100, 1.22), (1000, 1.22), (10**5, 1.22)])
def test_many_tones(n, least):
    ms = flat(n)
    *_, bound = moment_bounds(ms, ms.nominal_rms, LONG, plan=[Step(2, 3), Step(3, 4)])
    assert bound.name == "moments of 4 derivatives, order 3"
    assert bound.peak > least * ms.nominal_rms > 1.02 * cf.peak_lower_bound(ms)
    assert peak_proved(ms, bound.certificate) == bound.peak
    if n <= 1000:
        assert bound.peak < cf.true_peak(ms, cf.schroeder(ms))
        known = cf.atlas.find(ms)
        assert known is None or bound.peak < known[0].crest_factor * ms.nominal_rms


def test_one_certificate_for_all_large_numbers_of_flat_tones():
    """The means of (k/n)^(2j) over k = 1 … n are above 1/(2j+1), by at most 1/n; what is proved is convex in them."""
    tones, order, derivatives, crest_factor = ExactTones.of(flat(2)), 3, 4, Fraction(1225, 1000)
    limits = [Fraction(1, 2 * j + 1) for j in range(derivatives + 1)]
    proof = next(ascend(program_of_sums(tones, limits, order), float(crest_factor) ** 2, lambda: False))
    at = Certificate(order, proof.squares, crest_factor**2, derivatives)
    for excess in itertools.product((Fraction(0), Fraction(1, 1000)), repeat=derivatives):
        sums = [limits[0], *(limit + e for limit, e in zip(limits[1:], excess, strict=True))]
        assert is_valid(program_of_sums(tones, sums, order), at)


def test_tones_that_the_argument_does_not_cover():
    for ms in (cf.Multisine([5.0]), cf.Multisine([5.0, 5.0, 7.0])):
        assert not has_moments(ms)
        assert moment_bound(ms, 0.1, LONG) is None
        assert next_step(ms) is None
        assert cf.lower_bound(ms, effort=1.0) == cf.lower_bound(ms)
    assert has_moments(cf.Multisine([0.0, 1.0], complex=True))
    assert next_step(flat(300, True)) is None


def test_time_that_is_over_at_once_leaves_the_bounds_by_formula():
    assert moment_bound(flat(6), 1.0, LONG, lambda: True) is None
    assert strongest_bound(flat(6), effort=1e-9) == strongest_bound(flat(6))
    assert strongest_bound(flat(3), effort=cf.Effort(time_limit=LONG)).name == "moments of order 4"


@pytest.mark.parametrize("effort", [0.0, -1.0, np.nan, np.inf, "long", True, cf.Effort()])
def test_efforts_that_make_no_sense(effort):
    with pytest.raises(ValueError, match=r"^effort (is|has no time_limit)"):
        cf.lower_bound(flat(3), effort=effort)


# ------------------------------------------------------------------ the solver


def test_the_solver_finds_the_largest_eigenvalue():
    rng = np.random.default_rng(4)
    symmetric = rng.standard_normal((9, 9))
    symmetric = symmetric + symmetric.T  # least v with v − A ⪰ 0
    i, j = np.tril_indices(9)
    matrix = Matrix(
        9,
        np.append(i, np.arange(9)),
        np.append(j, np.arange(9)),
        np.append(np.full(len(i), -1), np.zeros(9, int)),
        np.append(-symmetric[i, j], np.ones(9)),
    )
    with blas_threads_for(1):
        found = solve([matrix, matrix], np.ones(1), np.array([100.0]))
    largest = np.linalg.eigvalsh(symmetric)[-1]
    assert found.converged
    assert found.bound <= largest + 1e-8
    assert found.objective == pytest.approx(largest, abs=1e-5)
    assert all(np.linalg.eigvalsh(dual)[0] > -1e-12 for dual in found.duals)


# ------------------------------------------------------------------ in the answer


def test_a_design_carries_its_bound(tmp_path):
    ms = flat(12)
    design = cf.minimize_peak(
        ms, starts=2, use_atlas=False, bound_time=4.0
    )  # the atlas has a proof by branch and bound
    assert design.proven_by == design.bound_argument
    assert design.proven_by.startswith("moments of ")
    assert design.lower_bound > 1.01 * cf.lower_bound(ms)
    assert design.summary()["lower_bound_argument"] == design.proven_by
    assert f"({in_words(design.proven_by)})" in str(explain(design, "it.json"))
    design.save(tmp_path / "design.json")
    again = cf.load(tmp_path / "design.json")
    assert again == design
    assert again.lower_bound == design.lower_bound
    assert design.starting_at_zero().proven_by == design.proven_by


def test_the_status_says_whether_more_time_pays():
    finished = cf.minimize_peak(cf.Multisine([1.0, 2.0, 4.0]), starts=2, bound_time=LONG)
    assert finished.status.endswith("; the bound is finished: more time raises it no further")
    short = cf.minimize_peak(flat(6), starts=2, bound_time=1e-3, use_atlas=False)
    assert short.status.endswith("; the bound ended with its time: 10 s more may raise it")
    assert short.proven_by is None
    assert "the bound" not in cf.minimize_peak(flat(6), starts=2).status
    for seconds, expected in ((1e-9, ["moments of order 2", "moments of order 3"]), (LONG, [])):
        missed = []
        list(moment_bounds(flat(3), 0.5, seconds, plan=[Step(2), Step(3)], missed=missed))
        assert missed == expected


def test_a_bound_is_never_above_the_peak_of_its_design(monkeypatch):
    """Rounding could put it there; here a bound that is wrong does."""
    method = sys.modules["crestfall.search.methods.moments"]
    wrong = MomentBound(9.0, Certificate(2, (), Fraction(1)))
    monkeypatch.setattr(method, "moment_bounds", lambda *asked, **options: iter([wrong]))
    monkeypatch.setattr(method.BoundProof, "of", lambda *asked: None)
    ms = flat(4)
    with Budget(None) as budget:
        run = Run(CompiledProblem(cf.Problem(ms)), cf.Effort(bound_time=1.0), budget)
        found = method.with_moments(run, Solution(np.array([0.0, 1.0, 2.5, 0.4]), "by hand"))
    assert found.proven_peak_bound == cf.true_peak(ms, found.variables) < 9.0
    assert found.proven_by == wrong.name


def test_bound_time_of_a_proven_design_costs_nothing():
    design = cf.minimize_peak(flat(5), bound_time=LONG, prove=True)
    assert design.bound_argument == "branch and bound, from the atlas"


def test_bound_time_for_tones_without_moments():
    with pytest.raises(ValueError, match=r"the tones hold a frequency twice.*leave out bound_time"):
        cf.minimize_peak(cf.Multisine([1.0, 1.0, 2.0]), bound_time=1.0)
    assert cf.minimize_peak(cf.Multisine([2.0]), bound_time=1.0).gap == 0.0
