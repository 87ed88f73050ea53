"""Interleaved inputs: harmonics dealt out, channels apart, each with its own lowest peak."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crestfall as cf
from crestfall.files.pictures import save_picture
from crestfall.problem.grids import deal


@given(
    numbers=st.sets(st.integers(1, 500), min_size=1, max_size=60),
    inputs=st.integers(1, 8),
    seed=st.none() | st.integers(0, 99),
)
def test_every_harmonic_goes_to_one_input(numbers, inputs, seed):
    if len(numbers) < inputs:
        with pytest.raises(ValueError, match="every input needs at least one"):
            deal(numbers, inputs, seed=seed)
        return
    dealt = deal(numbers, inputs, seed=seed)
    assert sorted(np.concatenate(dealt).tolist()) == sorted(numbers)
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1
    rising = sorted(numbers)
    for hand in dealt:
        assert np.all(np.diff(hand) > 0)
        # one of each group of neighbours
        assert [rising.index(number) // inputs for number in hand] == list(range(len(hand)))


def test_dealing_refuses_what_cannot_be_distinguished():
    with pytest.raises(ValueError, match="7 occurs twice"):
        deal([3, 7, 7], 2)
    with pytest.raises(ValueError, match="inputs is 0"):
        deal([1], 0)


@pytest.mark.parametrize("measure", ["peak", "range"])
def test_channels_are_orthogonal_and_each_is_low(measure, signals):
    dealt = deal(range(2, 23), 3, seed=4)
    rng = np.random.default_rng(1)
    inputs = [cf.Multisine.harmonics(hand, 0.1, rng.uniform(0.5, 2.0, len(hand))) for hand in dealt]
    found = cf.minimize_peak(cf.Problem.interleaved(inputs, measure=measure, names=["x", "y", "z"]), starts=16)
    x = signals(found, 8192)[:, 0]
    products = x @ x.T / 8192
    scale = np.sqrt(np.outer(np.diag(products), np.diag(products)))
    assert np.max(np.abs(products - np.diag(np.diag(products))) / scale) < 1e-12
    assert found.orthogonality == 0.0
    assert found.lower_bound < found.worst.share
    assert all(certificate.is_stationary for certificate in found.certificates)
    for samples, report, ms in zip(x, found.signals, inputs, strict=True):
        rms = np.sqrt(np.mean(samples**2))
        assert report.crest_factor == pytest.approx(np.max(np.abs(samples)) / rms, rel=1e-4)
        assert report.relative_peak_factor == pytest.approx(np.ptp(samples) / (np.sqrt(8) * rms), rel=1e-4)
        alone = cf.minimize_peak(ms, measure=measure, starts=16)
        assert report.peak == pytest.approx(alone.peak, rel=1e-12)


def test_all_channels_are_sampled_over_their_common_period(signals):
    """Periods of 1/2, 1/3 and 1 s: one record of 1 s holds them all."""
    inputs = [cf.Multisine([2.0, 4.0]), cf.Multisine([3.0, 9.0]), cf.Multisine([5.0, 7.0])]
    found = cf.Design.of(cf.Problem.interleaved(inputs), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert found.multisine.period == 1.0
    np.testing.assert_allclose(found.waveform(64.0), signals(found, 64), atol=1e-12)
    scaled = found.waveform(4096.0, periods=2, peak=0.5)
    assert scaled.shape == (3, 1, 8192)
    assert np.max(np.abs(scaled)) == pytest.approx(0.5, rel=1e-5)
    assert np.max(np.abs(scaled)) <= 0.5
    with pytest.raises(ValueError, match="peak is -1"):
        found.waveform(64.0, peak=-1.0)


def test_a_start_at_zero_shifts_each_channel_by_itself(signals):
    inputs = [cf.Multisine.harmonics(hand, 0.1) for hand in deal(range(2, 14), 2)]
    plain = cf.minimize_peak(cf.Problem.interleaved(inputs), starts=8)
    moved = cf.minimize_peak(cf.Problem.interleaved(inputs, start_at_zero=True), starts=8)
    x = signals(moved, 4096)[:, 0]
    assert np.max(np.abs(x[:, 0])) < 1e-9
    assert np.all(x[:, 1] > 0)
    assert [r.peak for r in moved.signals] == pytest.approx([r.peak for r in plain.signals], rel=1e-10)
    assert moved.orthogonality == 0.0


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ([], "inputs are empty"),
        (
            [cf.Multisine([1.0, 2.0]), cf.Multisine([2.0, 3.0])],
            "a frequency occurs twice; with interleaved inputs each frequency belongs to one",
        ),
        ([cf.Multisine([1.0]), cf.Multisine([2.0], complex=True)], "some are real and some complex"),
        ([cf.Multisine([1.0, 2.0]), cf.Multisine([np.pi])], "frequencies have no usable common"),
    ],
)
def test_what_cannot_be_interleaved_is_refused(inputs, words):
    with pytest.raises(ValueError, match=words):
        cf.Problem.interleaved(inputs)
    with pytest.raises(ValueError, match="phases have length 1"):
        cf.Design.of(cf.Problem.interleaved([cf.Multisine([1.0]), cf.Multisine([2.0])]), [0.0])


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 5), st.integers(0, 10**6), st.booleans())
def test_any_interleaved_inputs_are_orthogonal(m, seed, is_complex):
    rng = np.random.default_rng(seed)
    dealt = deal(rng.choice(np.arange(1, 60), 5 * m, replace=False), m, seed=seed)
    inputs = [cf.Multisine.harmonics(hand, 0.7, rng.uniform(0.1, 2.0, len(hand)), is_complex) for hand in dealt]
    found = cf.Design.of(cf.Problem.interleaved(inputs), rng.uniform(0, 7, 5 * m))
    count = 256
    t = np.arange(count) / count * found.multisine.period
    for i, row in enumerate(found.channels):
        x = np.exp(1j * (2 * np.pi * np.outer(t, row[0].multisine.frequencies) + row[0].phases)) @ (
            row[0].multisine.amplitudes
        )
        x = x if is_complex else x.real
        scale = 1.0 if is_complex else 2.0
        for k, f in enumerate(found.multisine.frequencies):
            u = scale / count * np.sum(x * np.exp(-2j * np.pi * f * t))
            assert u == pytest.approx(found.coefficients[k, i, 0], abs=1e-11)
    assert found.orthogonality == 0.0


def test_pictures(tmp_path):
    inputs = [cf.Multisine.harmonics(hand, 0.1) for hand in deal(range(2, 14), 2)]
    found = cf.Design.of(
        cf.Problem.interleaved(inputs, measure="range"), np.concatenate([cf.schroeder(ms) for ms in inputs])
    )
    figure = found.plot()
    for ax, row in zip(figure.axes, found.channels, strict=True):
        t = np.arange(4096) / 4096 * 10.0
        x = np.cos(2 * np.pi * np.outer(t, row[0].multisine.frequencies) + row[0].phases).sum(axis=1)
        levels = sorted(float(line.get_ydata()[0]) for line in ax.lines)
        assert levels == pytest.approx([np.min(x), np.max(x)], rel=1e-3)
    assert f"{found.worst.share:.4f}" in figure.get_suptitle()
    save_picture(figure, tmp_path / "set.png")
    ms = cf.Multisine.harmonics(range(6), 1e6, complex=True)
    figure = cf.Design.of(cf.Problem(ms, channels=cf.Orthogonal(3, "dft", limits=[9.0] * 3)), cf.schroeder(ms)).plot()
    assert len(figure.axes) == 9
    assert "% of the limit" in figure.axes[0].get_title(loc="left")
    with pytest.raises(ValueError, match="too many for one picture"):
        cf.Design.of(cf.Problem(ms, channels=cf.Orthogonal(9, "dft")), cf.schroeder(ms)).plot()
