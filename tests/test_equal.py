"""The original question side by side."""

import sys

import numpy as np
import pytest

from crestfall.equal import compare_equal_waves, maximum_over_samples
from crestfall.plot import plot_phasor_polygon


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
    assert len(rows) == 2


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


@pytest.mark.parametrize("arguments", [{"n": 0}, {"n": 3, "samples": 1}, {"n": 3, "steps": 0}])
def test_bad_arguments_are_named(arguments):
    with pytest.raises(ValueError, match="must be at least"):
        compare_equal_waves(**arguments)


@pytest.mark.parametrize("n", [1, 5, 1000])
def test_the_picture_has_a_panel_for_each(n):
    rows = compare_equal_waves(n, samples=48, steps=5)
    figure = plot_phasor_polygon({row.method: row.phases for row in rows})
    titles = [ax.get_title() for ax in figure.axes if ax.get_visible()]
    assert [title.split("\n")[0] for title in titles] == [row.method for row in rows]
