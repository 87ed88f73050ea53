"""Peaks, bounds and gradients against direct sums of fifty digits: no tolerance where the claim has none."""

import mpmath as mp
import numpy as np
import pytest

import crestfall as cf
from crestfall.certainty.bounds import strongest_bound
from crestfall.certainty.certified_maximum import rounding_allowance
from crestfall.certainty.window_maximum import window_maximum
from crestfall.engine.compiled_problem import CompiledProblem
from crestfall.engine.solvers.continuation import PATH
from crestfall.signal.synthesis import Synthesis


@pytest.fixture(autouse=True)
def _digits():
    with mp.workdps(40):
        yield


def within(exact, ms, phases, interval):
    tones = exact.Tones(ms.harmonic_numbers, ms.amplitudes, phases, ms.complex)
    peak = exact.precise_peak(tones)
    low, high = (exact.scaled(end, tones) for end in interval)
    return low <= peak <= high, tones, peak


@pytest.mark.parametrize(("reach", "count"), [(100, 150), (4000, 15)])
def test_the_interval_holds_the_peak_and_the_bound_is_below_it(reach, count, exact, problems):
    rng = np.random.default_rng(reach)
    for _ in range(count):
        case = problems.draw(rng, most_tones=12, reach=reach)
        phases = problems.phases_of(case.ms, rng)
        holds, tones, peak = within(exact, case.ms, phases, cf.peak_interval(case.ms, phases))
        assert holds, (case, phases.tolist())
        rounding = mp.mpf(10) ** -15 * (peak + mp.mpf(float(tones.amplitudes.sum())) / 100)
        assert exact.scaled(cf.peak_lower_bound(case.ms), tones) <= peak + rounding, (case, phases.tolist())


def test_optimised_phases_too(exact, problems):
    rng = np.random.default_rng(11)
    for seed in range(12):
        ms = problems.draw(rng, most_tones=8).ms
        design = cf.minimize_peak(ms, starts=2, seed=seed, use_atlas=False)
        assert within(exact, ms, design.phases, design.peak_interval)[0], (ms, seed)


def test_few_tones_far_apart_take_no_transform(monkeypatch):
    transforms = []
    samples = Synthesis.samples
    monkeypatch.setattr(Synthesis, "samples", lambda self, c: transforms.append(self.n_samples) or samples(self, c))
    ms = cf.Multisine([1.0, 100_000.0], [1.0, 0.5])
    low, high = cf.peak_interval(ms, [0.0, 0.0])
    assert low <= 1.5 <= high
    assert high - low < 1e-11
    assert not transforms  # they are summed; for harmonics of 4 million, twelve transforms took 20 s
    low, high = cf.peak_interval(cf.Multisine([1.0, 2.0, 100_000.0], complex=True), [0.0, 0.0, 0.0])
    assert low <= 3.0 <= high
    assert not transforms


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize("scale", [1e-320, 1e-310, 1e-300, 1e300])
def test_amplitudes_at_the_ends_of_the_range(scale, complex, exact):
    # Unscaled, the cells of a subnormal signal could never be told apart, and their number doubled until memory ended.
    ms = cf.Multisine([1, 2, 3], scale * np.array([1.0, 0.5, 0.7]), complex=complex)
    phases = np.array([0.1, 2.0, 3.0])
    assert within(exact, ms, phases, cf.peak_interval(ms, phases))[0]


def test_amplitudes_whose_sum_is_infinite_are_refused():
    with pytest.raises(ValueError, match=r"amplitudes reach 1e\+308 and add up to more than"):
        cf.Multisine([1.0, 2.0], 1e308)


def test_the_triangle_bound_of_very_high_numbers():
    """Its lags were floats: above 2^44 their cosines were chance, and the bound 1.73 for a crest factor of 1.417."""
    for carrier in (2**44, 2**49, 2**52):
        ms = cf.Multisine.harmonics([carrier, carrier + 1, carrier + 3], 1.0, [1.0, 1e-3, 1e-3])
        assert strongest_bound(ms).crest_factor <= cf.crest_factor(ms, [0.0, 0.0, 0.0])
        assert cf.lower_bound(ms) == pytest.approx(np.sqrt(2), rel=1e-6)


def test_phases_of_many_turns_in_a_window():
    """The phase of the window's middle was added to them, and eight digits were lost."""
    rng = np.random.default_rng(0)
    for complex_ in (False, True):
        for start in (0.0, 1000.25):
            phases = rng.uniform(-1e9, 1e9, 4)
            tones = cf.Multisine([1.0, 2.0, 3.7, 5.2], [1, 0.3, 0.5, 1], complex=complex_)
            found = window_maximum(tones, cf.Window(start, 2.5), phases)
            time = mp.mpf(start) + mp.mpf(2.5) * mp.mpf(found.angle) / (2 * mp.pi)
            z = mp.fsum(
                mp.mpf(float(a)) * mp.expj(2 * mp.pi * mp.mpf(float(f)) * time + mp.mpf(float(p)))
                for f, a, p in zip(tones.frequencies, tones.amplitudes, phases, strict=True)
            )
            height = abs(z) if complex_ else abs(z.real)
            assert abs(height - mp.mpf(found.value)) < 1e-12
            assert height <= found.high


@pytest.mark.parametrize("complex", [False, True])
@pytest.mark.parametrize("stage", PATH, ids=lambda stage: f"p={stage.exponent}")
def test_values_and_gradients_of_the_p_norm(stage, complex):
    ms = cf.Multisine.harmonics([1, 3, 4], 1.0, [1.0, 1e-3, 0.7], complex)
    phases = np.array([0.3, 2.0, -1.0])
    problem = CompiledProblem(cf.Problem(ms))
    value, gradient = problem.space(stage).value_and_gradient(phases[None])
    numbers = [0, 2, 3] if complex else [1, 3, 4]
    count, p = problem.samples_at(stage), stage.exponent
    amplitudes = [mp.mpf(float(a / ms.amplitude_scale)) for a in ms.amplitudes]
    total, slopes = mp.mpf(0), [mp.mpf(0)] * 3
    for j in range(count):
        parts = [
            a * mp.expj(2 * mp.pi * h * j / count + mp.mpf(float(phase)))
            for h, a, phase in zip(numbers, amplitudes, phases, strict=True)
        ]
        y = mp.fsum(parts) if complex else mp.fsum(part.real for part in parts)
        total += abs(y) ** p
        for k, part in enumerate(parts):
            turned = 1j * part
            slopes[k] += abs(y) ** (p - 2) * (mp.conj(y) * turned if complex else y * turned).real
    assert abs(mp.log(total / count) / p - mp.mpf(float(value[0]))) < 1e-12
    for k in range(3):
        assert abs(slopes[k] / total - mp.mpf(float(gradient[0, k]))) < 1e-11


@pytest.mark.parametrize("count", [2**13, 3**8, 5**6, 2**4 * 3**3 * 5**2])
def test_transforms_err_less_than_their_allowance(count):
    """The worst of the kinds of coefficients that we thought of; docs/trust.md derives the bound."""
    rng = np.random.default_rng(count)
    degree = count // 8
    for kind in range(6):
        numbers = np.arange(1, degree + 1) if kind < 4 else np.sort(rng.choice(degree, 5, replace=False)) + 1
        n = numbers.size
        c = [np.ones(n), (-1.0) ** np.arange(n), rng.choice([1.0, -1.0], n), np.exp(1j * rng.uniform(0, 7, n))][
            kind % 4
        ]
        c = np.asarray(c * (10.0 ** -rng.uniform(0, 6, n) if kind == 3 else 1.0), dtype=np.complex128)
        samples = Synthesis(numbers, count, complex=False).samples(c)
        places = np.append(rng.integers(0, count, 20), [0, count // 2, np.argmax(np.abs(samples))])
        turns = np.multiply.outer(places, numbers) % count
        angle = turns.astype(np.longdouble) * (2 * np.longdouble("3.14159265358979323846264338328") / count)
        truth = (np.cos(angle) * c.real - np.sin(angle) * c.imag).sum(axis=1)
        assert float(np.max(np.abs(truth - samples[places]))) < 0.2 * rounding_allowance(c, count)
