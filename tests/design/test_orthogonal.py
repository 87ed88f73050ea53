"""Orthogonal inputs, against sums over a dense grid that know nothing of the code."""

import signal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.atlas import proved_for
from crestfall.certainty.value import value_of


def inputs_of(found):
    """The tones of each input."""
    return [row[0].multisine for row in found.channels]


def require_orthogonal(matrices, inputs, experiments):
    """Off the diagonal nothing to 1e-12, on it ``m A²``."""
    for k, matrix in enumerate(matrices):
        expected = np.diag([experiments * ms.amplitudes[k] ** 2 for ms in inputs])
        np.testing.assert_allclose(matrix, expected, atol=1e-12 * np.max(expected))


@pytest.mark.parametrize(
    ("m", "matrix", "phases", "at_most"),
    [
        (4, "hadamard", "common", 1.38),
        (4, "hadamard", "own", 1.47),
        (4, "dft", "common", 1.60),
        (3, "dft", "own", 1.62),
        (3, "chirp", "common", 1.56),
        (6, "chirp", "own", 1.60),
    ],
)
def test_inputs_are_orthogonal_and_their_worst_peak_is_low(m, matrix, phases, at_most, signals, spectral_matrices):
    ms = cf.Multisine.harmonics(range(1, 20), fundamental=10.0)
    found = cf.minimize_peak(ms, channels=cf.Orthogonal(m, matrix, phases), starts=12)
    assert np.shape(found.channels) == (m, m)
    require_orthogonal(spectral_matrices(found), inputs_of(found), m)
    assert found.orthogonality < 1e-12
    dense = np.max(np.abs(signals(found, 64 * 19)), axis=2) / np.sqrt(19 / 2)
    assert found.worst.share == pytest.approx(np.max(dense), rel=2e-3)
    assert found.worst.share < at_most
    names = found.problem.channels.names
    for report in found.signals:
        assert dense[names.index(report.channel), report.experiment] <= report.crest_factor * (1 + 1e-12)
    assert all(certificate.is_stationary for certificate in found.certificates)
    assert len(found.certificates) == (1 if phases == "common" else m)
    # With signs alone, all inputs have the peak of one signal: the atlas knows more about its tones.
    is_one_signal = (matrix, phases) == ("hadamard", "common")
    proved = proved_for(ms).peak / np.sqrt(19 / 2)
    assert proved > cf.lower_bound(ms)
    assert found.lower_bound == pytest.approx(proved if is_one_signal else cf.lower_bound(ms))
    begin = "" if phases == "common" else f"{found.worst.channel} is the worst: "
    assert found.status.startswith(f"{begin}local minimax")


def test_all_signals_are_minimised_and_not_one():
    ms = cf.Multisine.harmonics(range(1, 16))
    one = cf.minimize_peak(ms)
    worst = {}
    for matrix in ("dft", "chirp"):
        problem = cf.Problem(ms, channels=cf.Orthogonal(3, matrix))
        naive = cf.Design.of(problem, one.phases)
        worst[matrix] = cf.minimize_peak(problem, starts=64).worst.share
        assert worst[matrix] < 0.9 * naive.worst.share
    assert one.crest_factor < worst["chirp"] < 0.99 * worst["dft"]


def test_signs_cost_nothing():
    ms = cf.Multisine.harmonics(range(1, 16))
    found = cf.minimize_peak(ms, channels=cf.Orthogonal(8))
    assert found.worst.share == pytest.approx(cf.minimize_peak(ms).crest_factor, rel=1e-12)


def test_own_phases_are_different_ones():
    ms = cf.Multisine.harmonics(range(1, 24))
    for matrix, m in (("hadamard", 2), ("chirp", 3)):  # Schroeder's phases lead to a good design of the second
        own = cf.minimize_peak(ms, channels=cf.Orthogonal(m, matrix, "own"), starts=16)
        peaks = [row[0].peak for row in own.channels]
        # copies by a shift in time, a sign or reversal would have one peak
        assert np.min(np.diff(np.sort(peaks))) > 1e-6 * peaks[0]
    common = cf.minimize_peak(ms, channels=cf.Orthogonal(4), starts=8)
    for row in common.channels[1:]:
        assert np.allclose(np.exp(1j * row[0].phases), np.exp(1j * common.channels[0][0].phases))


def test_spectra_and_limits_of_their_own(signals, spectral_matrices):
    """The larger of what each input takes of its limit is minimised, as dense samples say, too."""
    numbers = range(1, 13)
    tones = [cf.Multisine.harmonics(numbers, 2.0, amplitude) for amplitude in (1.0, 1.0 / np.arange(1, 13), 3.0)]
    limits = [5.0, 2.0, 50.0]
    problem = cf.Problem.orthogonal(tones, matrix="chirp", limits=limits, names=["x", "y", "z"])
    found = cf.minimize_peak(problem, starts=32)
    require_orthogonal(spectral_matrices(found), tones, 3)
    shares = np.max(np.abs(signals(found, 4096)), axis=(1, 2)) / limits
    assert found.worst.share == pytest.approx(np.max(shares), rel=1e-3)
    assert [report.share for report in found.signals[::3]] == pytest.approx(list(shares), rel=1e-3)
    # x and y bind each other; z is far below its limit
    assert shares[0] == pytest.approx(shares[1], rel=2e-2)
    assert shares[2] < 0.5 * shares[0]
    by_crest_factor = cf.minimize_peak(cf.Problem.orthogonal(tones, matrix="chirp"), starts=32)
    again = cf.Design.of(problem, by_crest_factor.phases)
    assert found.worst.share < again.worst.share


def test_ranges():
    ms = cf.Multisine.harmonics(range(1, 9))
    found = cf.minimize_peak(ms, channels=cf.Orthogonal(3, "chirp"), measure="range", starts=16)
    t = np.arange(4096) / 4096
    worst = 0.0
    for row in found.channels:
        for design in row:
            x = np.cos(2 * np.pi * np.outer(t, ms.frequencies) + design.phases).sum(axis=1)
            worst = max(worst, np.ptp(x) / np.sqrt(8 * np.mean(x**2)))
    assert found.worst.share == pytest.approx(worst, rel=1e-4)
    assert found.worst.share == pytest.approx(found.worst.relative_peak_factor, rel=1e-12)
    assert found.certificates[0].is_stationary
    assert 1 / np.sqrt(2) < found.lower_bound < found.worst.share
    by_peak = cf.minimize_peak(ms, channels=cf.Orthogonal(3, "chirp"), starts=16)
    assert found.worst.share <= max(report.relative_peak_factor for report in by_peak.signals) * (1 + 1e-6)


def test_turns_do_nothing_to_complex_signals(spectral_matrices):
    ms = cf.Multisine.harmonics(range(8), complex=True)
    found = cf.minimize_peak(ms, channels=cf.Orthogonal(3, "dft"))
    require_orthogonal(spectral_matrices(found), inputs_of(found), 3)
    assert found.worst.share == pytest.approx(cf.minimize_peak(ms).crest_factor, rel=1e-10)
    assert found.worst.relative_peak_factor is None


@st.composite
def sets(draw):
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    matrix = draw(st.sampled_from(["hadamard", "dft", "chirp"]))
    m = draw(st.sampled_from([1, 2, 4] if matrix == "hadamard" else [1, 2, 3, 4, 5, 6]))
    n = draw(st.integers(1, 8))
    numbers = rng.choice(np.arange(1, 20), n, replace=False)
    is_complex, alike = draw(st.booleans()), draw(st.booleans())
    tones = [
        cf.Multisine.harmonics(numbers, 3.0, 1.0 + i if alike else rng.uniform(0.1, 2.0, n), is_complex)
        for i in range(m)
    ]
    phases = rng.uniform(0, 2 * np.pi, (m, n))
    common = draw(st.booleans())
    limits = draw(st.sampled_from([None, tuple(rng.uniform(0.5, 2.0, m))]))
    problem = cf.Problem.orthogonal(tones, matrix=matrix, limits=limits, sharing="common" if common else "own")
    return cf.Design.of(problem, phases[0] if common else phases)


@settings(max_examples=12, deadline=None)
@given(found=sets())
def test_any_inputs_are_orthogonal_and_their_parts_know_the_worst_peak(found):
    u = found.coefficients
    for k in range(found.multisine.n):
        expected = np.diag([len(u[k]) * ms.amplitudes[k] ** 2 for ms in inputs_of(found)])
        np.testing.assert_allclose(u[k] @ u[k].conj().T, expected, atol=1e-12 * np.max(expected))
    names = found.problem.channels.names
    for part in found.parts:
        share = max(report.share for report in found.signals if names.index(report.channel) in part.inputs)
        value = value_of(part.problem, part.problem.tones, found.phases[part.where])
        assert part.problem.figure_of(value) * part.share == pytest.approx(share, rel=1e-9)


def test_ctrl_c_ends_all_searches_and_keeps_the_best():
    ms = cf.Multisine.harmonics(range(1, 41))

    def interrupt(report):
        if report.stage.startswith("input 2"):
            signal.raise_signal(signal.SIGINT)

    found = cf.minimize_peak(ms, channels=cf.Orthogonal(3, "dft", "own"), starts=4, progress=interrupt)
    assert found.orthogonality < 1e-12
    assert "interrupted in the first start" in found.status
    assert 4 <= found.provenance.starts < 8
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_time_limit_and_a_callback_end_all_searches():
    ms = cf.Multisine.harmonics(range(1, 61))
    found = cf.minimize_peak(ms, channels=cf.Orthogonal(4, "dft"), time_limit=0.2, workers=1)
    assert found.orthogonality < 1e-12
    assert "time limit" in found.status
    schroeder = cf.Design.of(found.problem, cf.schroeder(ms))
    assert found.worst.share <= schroeder.worst.share * (1 + 1e-9)
    own = cf.minimize_peak(ms, channels=cf.Orthogonal(4, "dft", "own"), time_limit=0.2, workers=1)
    assert own.orthogonality < 1e-12
    assert "time limit" in own.status
    stages = []

    def stop(report):
        stages.append(report.stage)
        if report.stage.startswith("input 2"):
            raise StopIteration

    found = cf.minimize_peak(ms, channels=cf.Orthogonal(4, "dft", "own"), starts=2, progress=stop)
    assert found.orthogonality < 1e-12
    assert {stage.split(":")[0] for stage in stages} == {"input 1", "input 2"}


@pytest.mark.parametrize(("matrix", "phases"), [("dft", "common"), ("chirp", "own"), ("chirp", "common")])
def test_a_search_begins_with_the_phases_that_the_inputs_came_with(matrix, phases):
    ms = cf.Multisine.harmonics(range(1, 16))
    channels = cf.Orthogonal(3, matrix, phases)
    first = cf.minimize_peak(ms, channels=channels, starts=64)

    def highest(found):
        return np.array([max(report.share for report in found.signals[3 * i : 3 * i + 3]) for i in range(3)])

    if phases == "own":
        known = cf.Problem(ms, channels=cf.Orthogonal(3, matrix, phases, initial_phases=first.phases))
    else:
        known = cf.Problem(ms.with_initial_phases(first.phases), channels=channels)
    again = cf.minimize_peak(known, starts=1, seed=9)
    assert np.all(highest(again) <= highest(first) * (1 + 1e-9))
    fresh = cf.minimize_peak(ms, channels=channels, starts=1, seed=9)
    assert np.max(highest(fresh) / highest(first)) > 1.001


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda ms: cf.Orthogonal(0), "inputs is 0"),
        (
            lambda ms: cf.Orthogonal(3, "hadamard"),
            "no Hadamard matrix of order 3 here, only powers of two; use 'chirp'",
        ),
        (lambda ms: cf.Orthogonal(2, phases="full"), "full random orthogonal"),
        (lambda ms: cf.Orthogonal(2, limits=[1.0]), "limits has 1 entries for 2 inputs"),
        (lambda ms: cf.Orthogonal(2, limits=[1.0, 0.0]), r"limits\[1\] is 0"),
        (lambda ms: cf.Orthogonal(3, "dft", names=["a", "b"]), "for 3 inputs; give a list with one for each"),
        (lambda ms: cf.Orthogonal(2, names=["a", "a"]), "two inputs are called 'a'"),
        (
            lambda ms: cf.Problem(ms, channels=cf.Orthogonal(2, amplitudes=[[1.0, 1.0]])),
            r"amplitudes has shape \(1, 2\)",
        ),
        (lambda ms: cf.Problem(ms, channels=cf.Orthogonal(2, amplitudes=[[1, 1], [1, 0]])), r"amplitudes\[1\] is 0"),
        (lambda ms: cf.Problem(ms.as_complex(), channels=cf.Orthogonal(2), measure="range"), "complex tones"),
        (lambda ms: cf.Problem.orthogonal([ms, cf.Multisine([1.0, 3.0])]), r"inputs\[1\] has other frequencies"),
        (lambda ms: cf.Problem.orthogonal([]), "inputs are empty"),
        (lambda ms: cf.Problem(cf.Multisine([1.0, 1.0]), channels=cf.Orthogonal(2)), "occurs twice"),
        (lambda ms: cf.minimize_peak(ms, channels=cf.Orthogonal(2), starts=0), "starts is 0"),
        (
            lambda ms: cf.Design.of(cf.Problem(ms, channels=cf.Orthogonal(2, phases="own")), [[0.0, 0.0]]),
            r"phases have shape \(1, 2\)",
        ),
    ],
)
def test_mistakes_are_named(make, words):
    with pytest.raises(ValueError, match=words) as caught:
        make(cf.Multisine([1.0, 2.0]))
    assert "\n" not in str(caught.value)
