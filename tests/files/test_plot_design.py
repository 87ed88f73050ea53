"""The picture says what the design says, for every kind of signal."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.files.pictures import plot_design, save_picture
from crestfall.files.pictures.style import readable_unit

CASES = {
    "one tone": cf.Multisine([50.0]),
    "harmonics": cf.Multisine.harmonics(range(1, 32), fundamental=10.0),
    "complex": cf.Multisine.harmonics(range(-3, 5), fundamental=1e6, complex=True),
    "log-spaced": cf.Multisine([1, 10, 100, 1000]),
    "silent": cf.Multisine([50.0, 50.0]),
    "many": cf.Multisine.harmonics(range(1, 2001)),
    "with phases": cf.Multisine([1, 2, 3], initial_phases=[0.0, 1.0, 2.0]),
}


@pytest.mark.parametrize("name", CASES)
def test_lines_stand_at_the_peak_and_at_the_bound(name, tmp_path):
    design = cf.minimize_peak(CASES[name], starts=1)
    figure = plot_design(design)
    waveform = figure.axes[0]
    levels = {round(float(line.get_ydata()[0]), 12) for line in waveform.lines if len(line.get_ydata()) == 2}
    assert {round(design.peak, 12), round(design.peak_lower_bound, 12)} <= levels
    drawn = waveform.lines[1].get_ydata()
    assert np.max(np.abs(drawn)) <= design.peak * (1 + 1e-9) + 1e-12
    save_picture(figure, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 10_000


@pytest.mark.parametrize("measure", ["range", "one-sided"])
def test_the_marks_of_a_range_lie_on_the_waveform(measure):
    ms = cf.Multisine.harmonics(range(1, 9), fundamental=10.0)
    design = cf.minimize_peak(ms, measure=measure, starts=8)
    axes = plot_design(design).axes[0]
    marks = next(line for line in axes.lines if "active peaks" in str(line.get_label()))
    assert len(marks.get_xdata()) == len(design.certificate.times)
    angle = 2 * np.pi * np.outer(design.certificate.times, ms.frequencies) + design.phases
    np.testing.assert_allclose(marks.get_ydata(), np.cos(angle).sum(axis=1), atol=1e-9)


def test_the_reference_may_be_chosen_and_is_checked():
    ms = CASES["harmonics"]
    design = cf.Design.of(ms, cf.schroeder(ms))
    figure = plot_design(design, reference=np.zeros(31), reference_name="all in phase")
    assert any("all in phase" in text.get_text() for text in figure.axes[0].get_legend().get_texts())
    with pytest.raises(ValueError, match="phases have length 2"):
        plot_design(design, reference=[0.0, 1.0])


def test_pictures_are_not_overwritten(tmp_path):
    figure = plot_design(cf.Design.of(cf.Multisine([1.0]), [0.0]))
    (tmp_path / "a.svg").write_text("mine")
    with pytest.raises(FileExistsError):
        save_picture(figure, tmp_path / "a.svg")
    with pytest.raises(ValueError, match=r"\.bmp"):
        save_picture(figure, tmp_path / "a.bmp")
    assert (tmp_path / "a.svg").read_text() == "mine"


@pytest.mark.parametrize(
    ("largest", "unit", "text"), [(0.02, "s", "ms"), (2e-6, "s", "µs"), (48e3, "Hz", "kHz"), (0.0, "s", "s")]
)
def test_units_read_well(largest, unit, text):
    factor, name = readable_unit(largest, unit)
    assert name == text
    assert largest == 0 or 1 <= largest * factor < 1000
