"""The picture says what the design says, for every kind of signal."""

import numpy as np
import pytest

import crestfall as cf
from crestfall.files.pictures import plot_design, save_picture
from crestfall.problem.readable import readable_unit

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


def direct(ms, phases, times):
    """The signal at any times, tone by tone."""
    return np.exp(1j * (2 * np.pi * np.outer(times, ms.frequencies) + phases)) @ ms.amplitudes


def labels_of(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def heights_of(axes):
    """Heights of the horizontal lines, in the order in which they were drawn."""
    return [float(line.get_ydata()[0]) for line in axes.lines if list(line.get_xdata()) == [0, 1]]


EIGHT = cf.Multisine.harmonics(range(1, 9), fundamental=10.0)


def test_a_window_is_drawn_between_its_ends():
    ms, window = cf.Multisine([997.0, 1414.2, 1732.05]), cf.Window(0.1, 0.02)
    design = cf.minimize_peak(ms, over=window, starts=4)
    axes = plot_design(design).axes[0]
    curve = axes.lines[-1 - [line.get_label() for line in axes.lines][::-1].index("crestfall")]
    times = curve.get_xdata() / 1e3
    assert times[0] < 0.1 < 0.12 < times[-1]
    np.testing.assert_allclose(curve.get_ydata(), direct(ms, design.phases, times).real, atol=1e-9)
    upright = [1e-3 * float(line.get_xdata()[0]) for line in axes.lines if list(line.get_ydata()) == [0, 1]]
    assert upright == pytest.approx([0.1, 0.12])
    inside = np.linspace(0.1, 0.12, 100_001)
    assert max(heights_of(axes)) == pytest.approx(np.abs(direct(ms, design.phases, inside).real).max(), rel=1e-6)
    marks = next(line for line in axes.lines if "active peaks" in str(line.get_label()))
    assert np.abs(marks.get_ydata()) == pytest.approx(design.peak, rel=1e-9)


@pytest.mark.parametrize(
    ("measure", "of"),
    [
        ("range", lambda z: [z.real.max(), z.real.min()]),
        ("one-sided", lambda z: [z.real.max()]),
        ("envelope", lambda z: [np.abs(z).max()]),
    ],
)
@pytest.mark.parametrize("over", [cf.Period(), cf.Samples(40)], ids=["period", "samples"])
def test_the_lines_stand_at_what_was_minimised(measure, of, over):
    design = cf.minimize_peak(EIGHT, measure=measure, over=over, starts=4)
    times = np.arange(4000 if over == cf.Period() else 40) / (4000 if over == cf.Period() else 40) / 10.0
    expected = of(direct(EIGHT, design.phases, times))
    axes = plot_design(design).axes[0]
    assert heights_of(axes)[: len(expected)] == pytest.approx(expected, rel=1e-5)
    assert {"range": "range", "one-sided": "maximum", "envelope": "envelope"}[measure] in " ".join(labels_of(axes))


@pytest.mark.parametrize("over", [cf.Period(), cf.Samples(40), cf.Window(0.01, 0.06)])
def test_both_parts_are_drawn_between_lines_at_what_was_minimised(over):
    ms = cf.Multisine.harmonics([-4, -1, 0, 1, 2, 5], fundamental=10.0, complex=True)
    design = cf.minimize_peak(ms, measure="components", over=over, starts=4)
    figure = plot_design(design)
    axes = figure.axes[0]
    lines = {str(line.get_label()): line for line in axes.lines}
    for turn, name in ((1.0, "crestfall, I"), (-1j, "crestfall, Q")):
        times = lines[name].get_xdata() / 1e3
        np.testing.assert_allclose(lines[name].get_ydata(), (turn * direct(ms, design.phases, times)).real, atol=1e-9)
    assert heights_of(axes)[:2] == pytest.approx([design.peak, -design.peak])
    if over == cf.Samples(40):
        assert heights_of(axes)[2] == pytest.approx(design.worst.value)
    else:
        marks = next(line for label, line in lines.items() if "active peaks" in label)
        assert np.abs(marks.get_ydata()) == pytest.approx(design.peak, rel=1e-9)
    assert figure.axes[-1].get_xlabel() == "sample value"
    assert f"crestfall: {design.crest_factor:.3f}" in labels_of(figure.axes[-1])


def test_both_parts_of_outputs_and_of_inputs_are_drawn():
    ms = EIGHT.as_complex()
    outputs = [cf.Output(limit=3.0, name="voltage"), cf.slew_rate(1000.0)]
    design = cf.minimize_peak(ms, outputs=outputs, measure="components", starts=4)
    axes = next(ax for ax in plot_design(design).axes if ax.get_title(loc="left").startswith("outputs"))
    assert [label.rsplit(" ", 1)[0] for label in labels_of(axes)] == ["voltage", "slew rate"]
    spans = [np.abs(line.get_ydata()).max() for line in axes.lines if len(line.get_xdata()) > 2]
    assert len(spans) == 4
    for report, pair in zip(design.signals, (spans[:2], spans[2:]), strict=True):
        assert max(pair) == pytest.approx(report.share, rel=1e-3)
    several = cf.minimize_peak(cf.Problem(ms, channels=cf.Interleaved(2), measure="components"), starts=2)
    panels = plot_design(several).axes
    assert [len(ax.collections) for ax in panels] == [2, 2]
    assert ["I, Q" in ax.get_ylabel() for ax in panels] == [True, True]


def test_samples_that_count_are_marked():
    design = cf.minimize_peak(EIGHT, over=cf.Samples(40), starts=4)
    axes = plot_design(design).axes[0]
    samples = direct(EIGHT, design.phases, np.arange(40) / 400.0).real
    dots = next(line for line in axes.lines if line.get_marker() == ".")
    np.testing.assert_allclose(dots.get_ydata(), samples, atol=1e-12)
    assert f"highest sample {np.abs(samples).max():.5g}" in labels_of(axes)
    assert "crest factor of the samples" in axes.figure.get_suptitle()


@pytest.mark.parametrize("measure", ["peak", "range", "envelope"])
def test_outputs_are_drawn_over_their_limits(measure):
    outputs = [cf.Output(limit=3.0, name="voltage"), cf.slew_rate(1000.0)]
    design = cf.minimize_peak(EIGHT, outputs=outputs, measure=measure, starts=4)
    axes = next(ax for ax in plot_design(design).axes if ax.get_title(loc="left").startswith("outputs"))
    assert [label.rsplit(" ", 1)[0] for label in labels_of(axes)] == ["voltage", "slew rate"]
    drawn = [line for line in axes.lines if len(line.get_xdata()) > 2]
    spans = [np.ptp(y) / 2 if measure == "range" else np.abs(y).max() for y in (line.get_ydata() for line in drawn)]
    assert spans == pytest.approx([report.share for report in design.signals], rel=1e-3)
    times = drawn[1].get_xdata() / 1e3
    slope = (direct(EIGHT.with_amplitudes(2 * np.pi * EIGHT.frequencies), design.phases + np.pi / 2, times)) / 1000.0
    np.testing.assert_allclose(drawn[1].get_ydata(), np.abs(slope) if measure == "envelope" else slope.real, atol=1e-9)


INPUTS = {
    "orthogonal": cf.Problem(EIGHT, channels=cf.Orthogonal(["x", "y"], limits=[1.0, 2.0])),
    "own phases": cf.Problem(EIGHT, channels=cf.Orthogonal(["x", "y"], phases="own"), measure="range"),
    "interleaved": cf.Problem(EIGHT, channels=cf.Interleaved(2, names=["x", "y"])),
    "window": cf.Problem(
        cf.Multisine([1.0, 2**0.5, 3.1]), over=cf.Window(0, 9), channels=cf.Interleaved([[0, 2], [1]])
    ),
    "outputs": cf.Problem(EIGHT, channels=cf.Interleaved(2), outputs=[cf.Output(limit=2.0), cf.slew_rate(900.0)]),
    "complex": cf.Problem(EIGHT.as_complex(), channels=cf.Orthogonal(2)),
}


def worst_of_row(design, name):
    """The signal of an input with the largest share in any experiment."""
    return max((report for report in design.signals if report.channel == name), key=lambda report: report.share).name


@pytest.mark.parametrize("name", INPUTS)
def test_every_input_has_a_panel_in_every_experiment_with_its_worst_signal(name):
    design = cf.minimize_peak(INPUTS[name], starts=2)
    figure = plot_design(design)
    names = design.problem.channels.names
    drawn = {row: worst_of_row(design, row) for row in names}
    panels = [report for report in design.signals if report.name == drawn[report.channel]]
    assert len(figure.axes) == len(panels)
    assert f"{design.problem.figure} {design.figure:.4f}" in figure.get_suptitle()
    for ax, report in zip(figure.axes, panels, strict=True):
        assert f"CF {report.crest_factor:.3f}" in ax.get_title(loc="left")
        if report.limit is not None:
            assert f"{report.share:.1%} of the limit" in ax.get_title(loc="left")
        band = ax.collections[0].get_paths()[0].vertices[:, 1]
        assert np.abs(band).max() >= 0.99 * report.peak
        if name != "window":  # beside a window it may be higher
            assert np.abs(band).max() <= 1.001 * report.peak
    with pytest.raises(ValueError, match="without one"):
        plot_design(design, reference=np.zeros(design.multisine.n))


def test_a_row_draws_the_signal_that_is_nearest_to_its_limit():
    outputs = [cf.Output(limit=4.0, name="force"), cf.slew_rate(1000.0, name="slew")]
    channels = cf.Interleaved([range(4), range(4, 8)], names=["x", "y"])
    figure = plot_design(cf.Design.of(cf.Problem(EIGHT, channels=channels, outputs=outputs), np.zeros(8)))
    angle = 2 * np.pi * np.outer(np.arange(10_000) / 1e5, EIGHT.frequencies)
    slopes = -np.sin(angle) * 2 * np.pi * EIGHT.frequencies
    slew = [np.abs(slopes[:, part].sum(axis=1)).max() for part in (slice(4), slice(4, 8))]
    assert slew[0] < 1000.0 < slew[1]  # all in phase each force is at its limit of 4
    assert [ax.get_ylabel() for ax in figure.axes] == ["x\nforce", "y\nslew"]
    assert "100.0% of the limit" in figure.axes[0].get_title(loc="left")
    assert f"{slew[1] / 1000.0:.1%} of the limit" in figure.axes[1].get_title(loc="left")
    assert np.abs(heights_of(figure.axes[0])) == pytest.approx(4.0)
    assert np.abs(heights_of(figure.axes[1])) == pytest.approx(slew[1], rel=1e-4)


LONG = [f"actuator {number} at the far end of the shaking table, hydraulic" for number in range(1, 5)]


@pytest.mark.parametrize("names", [["x", "y", "z"], LONG], ids=["3 x 3", "4 x 4, long names"])
@pytest.mark.parametrize("limited", [True, False])
def test_no_text_overlaps_another_or_is_cut(names, limited):
    outputs = [cf.Output(limit=1e-3, name="force that acts on the specimen under test"), cf.slew_rate(1.0)]
    matrix = "chirp" if len(names) == 3 else "hadamard"
    problem = cf.Problem(EIGHT, channels=cf.Orthogonal(names, matrix=matrix), outputs=outputs * limited)
    figure = plot_design(cf.Design.of(problem, np.zeros(8)))
    figure.draw_without_rendering()
    texts = [figure._suptitle, *(ax.yaxis.label for ax in figure.axes), *(ax.xaxis.label for ax in figure.axes)]
    texts += [ax._left_title for ax in figure.axes]
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    assert len(boxes) == 1 + 2 * len(names) + len(names) ** 2
    for number, box in enumerate(boxes):
        assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= box.y0 < box.y1 <= figure.bbox.y1
        assert not any(box.overlaps(other) for other in boxes[:number])
