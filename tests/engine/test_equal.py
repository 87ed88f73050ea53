"""The original question side by side."""

import sys

import numpy as np
import pytest

from crestfall.engine.closed_form.equal_waves import compare_equal_waves, maximum_over_samples
from crestfall.files.pictures import plot_phasor_polygon


def test_the_maximum_is_that_of_the_direct_sum():
    phases = np.random.default_rng(0).uniform(0, 6, 9)
    t = np.linspace(0, 2 * np.pi, 481)
    direct = np.max(np.abs(np.sin(t[:, None] + phases).sum(axis=1)))
    assert maximum_over_samples(phases, 481) == pytest.approx(direct, rel=1e-12)


def test_four_ways_and_their_figures():
    rows = {row.method: row for row in compare_equal_waves(5, samples=480, steps=300)}
    assert len(rows) == 4
    assert rows["closed form"].maximum < 1e-12
    assert rows["PyTorch descent from all zeros"].maximum < 1e-5
    assert rows["the accepted answer"].maximum == pytest.approx(3.0, abs=1e-3)
    assert 0 < rows["best of 1000 random phase sets"].maximum < 1.0


def test_a_million_waves():
    rows = compare_equal_waves(10**6, samples=48)
    assert rows[0].maximum < 1e-6
    assert "more than 10000 waves" in rows[0].note
    assert "16 sets instead of 1000" in rows[1].note
    assert len(rows) == 2


@pytest.mark.parametrize(("amplitudes", "least"), [([3.0, 4.0, 5.0], 0.0), ([9.0, 1.0, 2.0], 6.0)])
def test_unequal_amplitudes(amplitudes, least):
    rows = compare_equal_waves(3, samples=481, steps=300, amplitudes=amplitudes)
    assert [row.method for row in rows] == [
        "closed form",
        "PyTorch descent from all zeros",
        "the accepted answer",
        "best of 1000 random phase sets",
    ]
    assert rows[2].note == ""  # unequal waves get unequal gradients
    t = np.linspace(0, 2 * np.pi, 481)
    for row in rows:
        direct = np.max(np.abs(np.sin(t[:, None] + row.phases) @ amplitudes))
        assert row.maximum == pytest.approx(direct, abs=1e-12)
        assert row.maximum >= least * 0.999
    assert rows[0].maximum == pytest.approx(least, abs=1e-3)
    assert rows[1].maximum == pytest.approx(least, abs=1e-3)


def test_a_common_amplitude_is_a_unit():
    one = {row.method: row.maximum for row in compare_equal_waves(5, samples=481, steps=200)}
    two = {row.method: row.maximum for row in compare_equal_waves(5, samples=481, steps=200, amplitudes=2.0)}
    for method in ("the accepted answer", "best of 1000 random phase sets"):
        assert two[method] == pytest.approx(2.0 * one[method])


def test_random_sets_do_not_depend_on_the_chunk(monkeypatch):
    before = compare_equal_waves(7, samples=48, steps=1)[-1]
    monkeypatch.setattr("crestfall.engine.closed_form.equal_waves._CHUNK", 30)
    np.testing.assert_array_equal(compare_equal_waves(7, samples=48, steps=1)[-1].phases, before.phases)


def test_without_pytorch_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    rows = compare_equal_waves(3, samples=48)
    assert "crestfall[torch]" in rows[0].note
    assert len(rows) == 2


def test_without_pytorch_the_package_says_how_to_get_it(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("crestfall.torch")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"crestfall\[torch\]"):
        __import__("crestfall.torch")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n is 0; .* must be at least 1"),
        ({"n": 2.5}, "n is 2.5; it must be an integer"),
        ({"n": 3, "samples": 1}, "samples is 1"),
        ({"n": 3, "steps": 0}, "steps is 0"),
        ({"n": 3, "amplitudes": [1.0, 2.0]}, r"amplitudes have shape \(2,\)"),
        ({"n": 3, "amplitudes": [1.0, 0.0, 1.0]}, r"amplitudes\[1\] is 0"),
        ({"n": 3, "amplitudes": "loud"}, "amplitudes are not real numbers"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        compare_equal_waves(**arguments)


@pytest.mark.parametrize("n", [1, 5, 1000])
def test_the_picture_has_a_panel_for_each(n):
    rows = compare_equal_waves(n, samples=48, steps=5)
    figure = plot_phasor_polygon({row.method: row.phases for row in rows})
    titles = [ax.get_title() for ax in figure.axes if ax.get_visible()]
    assert [title.split("\n")[0] for title in titles] == [row.method for row in rows]


def test_the_picture_shows_the_sum_and_refuses_what_does_not_fit():
    figure = plot_phasor_polygon({"up": [0.0, 0.0]}, amplitudes=[1.0, 2.0])
    assert figure.axes[0].get_title() == "up\nsum 3"
    with pytest.raises(ValueError, match="phases_by_name is empty"):
        plot_phasor_polygon({})
    with pytest.raises(ValueError, match=r"amplitudes have shape \(3,\)"):
        plot_phasor_polygon({"up": [0.0, 0.0]}, amplitudes=[1.0, 2.0, 3.0])
