"""What an explanation says is what a direct calculation finds."""

import re
from dataclasses import replace

import numpy as np
import pytest

import crestfall as cf
from crestfall.design.explain import explain
from crestfall.design.explain.proven import _of_one
from crestfall.problem.quantities import quantity

SILENT = cf.Design.of(cf.Multisine([50.0, 50.0]), [0.0, np.pi])


def lines_of(design, title, name="FILE"):
    return {section.title: section.lines for section in explain(design, name).sections}[title]


@pytest.fixture(scope="module")
def fifteen():
    return cf.minimize_peak(cf.Multisine.harmonics(range(1, 16), 10.0), starts=16, use_atlas=False)


def test_the_peaks_that_are_named_are_peaks(fifteen):
    found = [re.match(r"  at (\S+ \w*s), a (maximum|minimum), ", line) for line in explain(fifteen).sections[2].lines]
    named = [(quantity(match[1], "s", name="time"), match[2]) for match in found if match]
    assert len(named) == 6
    for time, kind in named:
        value = np.cos(2 * np.pi * fifteen.multisine.frequencies * time + fifteen.phases).sum()
        assert abs(value) == pytest.approx(fifteen.peak, rel=1e-5)
        assert kind == ("maximum" if value > 0 else "minimum")


def test_a_local_minimum_is_called_one_and_better_phases_are_pointed_to(fifteen):
    assert "strict local minimum" in lines_of(fifteen, "What is proven")[-1]
    best = cf.minimize_peak(fifteen.multisine)
    assert best.crest_factor < fifteen.crest_factor
    advice = lines_of(fifteen, "What to try next", "a.json")
    assert f"crest factor of {best.crest_factor:.4f}" in advice[0]
    assert not any("atlas" in line for line in lines_of(best, "What to try next"))


def test_phases_by_formula_are_not_called_a_minimum():
    ms = cf.Multisine.harmonics(range(1, 7))
    design = cf.Design.of(ms, cf.schroeder(ms))
    assert "not a local minimum" in lines_of(design, "What is proven")[-1]
    advice = lines_of(design, "What to try next", "a.json")
    assert advice[0].endswith("crestfall design a.json --out a-2.json answers with them.")
    # Without that option the answer would be the design of the atlas.
    assert (
        advice[1]
        == "crestfall design a.json --no-atlas --out a-2.json: continues from these phases to a local minimum."
    )
    assert explain(design).tone_shares is None


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (8, "crestfall design d.json --prove --out d-2.json: so few tones can be proved optimal, or improved."),
        (12, "crestfall design d.json --prove --time-limit 9min --checkpoint proof.npz --out d-2.json: so few"),
    ],
)
def test_a_proof_is_suggested_with_the_time_that_it_takes(n, said):
    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, n + 1)), starts=4, use_atlas=False)
    suggested = next(line for line in lines_of(design, "What to try next", "d.json") if "--prove" in line)
    assert suggested.startswith(said)
    assert suggested.endswith("Computing takes some 5 minutes.") == (n == 12)


def test_a_proven_optimum_leaves_nothing_to_try():
    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 5)), prove=True, use_atlas=False)
    assert "So it is the global optimum to 0.1 %." in lines_of(design, "What is proven")
    assert lines_of(design, "What to try next")[0].startswith("Nothing with the phases")


def test_limits_that_bind_are_distinguished_from_those_that_do_not():
    ms = cf.Multisine.harmonics(range(1, 9))
    outputs = [cf.Output(limit=100.0, name="voltage"), cf.slew_rate(50.0)]
    design = cf.minimize_peak(ms, outputs=outputs, starts=16)
    holds = lines_of(design, "What limits it")
    assert next(line for line in holds if line.startswith("slew rate")).endswith("this limit binds.")
    assert "binds" not in next(line for line in holds if line.startswith("voltage"))
    assert any("higher limit of slew rate," in line for line in lines_of(design, "What to try next"))


def test_what_was_not_checked_is_said():
    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 600)), method="schroeder")
    assert "more than 512 tones" in lines_of(design, "What is proven")[-1]


def test_a_repeated_frequency_has_a_certificate_and_a_bound_of_the_peak():
    proven = lines_of(cf.minimize_peak(cf.Multisine([1.0, 1.0, 2.0, 3.0])), "What is proven")
    assert any(line.startswith("No phases at all bring the peak below") for line in proven)
    assert proven[-1].startswith(("It is stationary", "It is a strict local minimum"))


def test_an_alphabet_that_was_tried_to_the_end_leaves_a_larger_one():
    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 7)), phases=[cf.Alphabet(2)])
    assert "alphabet of 2 phases" in lines_of(design, "What is proven")[-1]
    assert lines_of(design, "What to try next")[0].startswith("Nothing with 2 phases")


def test_a_range_is_explained_by_its_maxima_and_minima():
    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 7)), measure="range", starts=4)
    assert "raises the range" in lines_of(design, "What is proven")[-1]
    holds = lines_of(design, "What limits it")
    tops = int(np.sum(design.certificate.signs.real > 0))
    assert holds[0].startswith(f"{tops} maxima are equally high and {len(design.certificate.times) - tops} minima")
    shares = explain(design).tone_shares
    assert shares is not None
    assert shares.sum() == pytest.approx(1.0)


def test_silence_and_single_tones_can_be_explained():
    assert "The tones cancel" in str(explain(SILENT))
    assert "global optimum" in str(explain(cf.Design.of(cf.Multisine([50.0]), [0.0])))


def test_samples_that_hide_a_peak_are_pointed_out():
    ms = cf.Multisine.harmonics(range(1, 9), 10.0)
    design = cf.minimize_peak(ms, over=cf.Samples(rate=200.0), starts=16)
    over = design.peak / np.abs(design.waveform(200.0)).max() - 1.0
    assert any(f"{over:.2%} above the samples" in line for line in lines_of(design, "What to try next"))


def test_an_alphabet_is_explained_by_its_symbols():
    ms = cf.Multisine.harmonics(range(1, 9))
    design = cf.minimize_peak(ms, phases=[cf.Alphabet(2)])
    assert "multiples of 2π/2: global optimum" in lines_of(design, "What is proven")[-2]
    others = [cf.true_peak(ms, design.phases + np.pi * (np.arange(8) == k)) for k in range(8)]
    least = int(np.argmin(others))
    said = lines_of(design, "What limits it")
    assert said[0] == "No other phase of a single tone lowers the peak."
    assert (
        said[1]
        == f"The change that costs least, at {least + 1} Hz, raises it by {others[least] / design.peak - 1:.2%}."
    )
    assert any("--alphabet 4" in line for line in lines_of(design, "What to try next", "a.json"))
    worse = cf.Design.of(design.problem, np.zeros(8))
    assert "alone would lower the peak by" in lines_of(worse, "What limits it")[0]
    assert "crestfall design a.json --time-limit 60s" in lines_of(worse, "What to try next", "a.json")[0]


def test_free_amplitudes_are_distinguished_from_extra_tones():
    ms = cf.Multisine.harmonics(range(1, 9), 10.0)
    design = cf.minimize_peak(ms, tolerance_db=0.5, extra=cf.ExtraTones([90.0, 100.0], largest=0.2), starts=8)
    amplitudes = design.multisine.amplitudes
    share = np.sum(amplitudes[8:] ** 2) / np.sum(amplitudes**2)
    moved = np.max(np.abs(20 * np.log10(amplitudes[:8])))
    what = " ".join(lines_of(design, "What it is"))
    assert f"moved by {moved:.3g} dB" in what
    assert f"2 of the tones are extra and carry {share:.2%} of the power" in what
    assert f"{design.peak / np.sqrt(np.sum(amplitudes[:8] ** 2) / 2):.4f}" in what
    assert any("no proof says that the amplitudes are best" in line for line in lines_of(design, "What is proven"))
    assert any("Wider tolerances" in line for line in lines_of(design, "What to try next"))


def test_a_window_is_explained():
    ms, window = cf.Multisine([1.0, 2**0.5, 3**0.5]), cf.Window(0.0, 20.0)
    design = cf.minimize_peak(ms, over=window, starts=4)
    words = explain(design, "a.json")
    assert [section.title for section in words.sections] == [section.title for section in explain(SILENT).sections]
    text = str(words)
    time = float(re.search(r"peak is at (\S+) s", text)[1])
    there = np.cos(2 * np.pi * ms.frequencies * time + design.phases).sum()
    assert abs(there) == pytest.approx(design.peak, rel=1e-6)
    assert f"{design.gap:.2%} above that" in text
    assert f"{design.peak / 3:.1%} of what they would in phase" in text
    assert re.search(r"within the window (lies between \S+ and \S+|is \S+, certified to 12 digits), peaks", text)
    short = cf.Design.of(cf.Problem(cf.Multisine([1.0, 1.001]), over=cf.Window(0.0, 1.0)), [0.0, 0.0])
    assert "No bound above 0" in str(explain(short))
    assert "an end of the window" in str(explain(short))
    assert "The phases come from: given phases." in str(explain(short))


def test_the_peaks_of_a_window_are_peaks_in_it():
    ms = cf.Multisine([1.0, 2**0.5, 3**0.5])
    design = cf.minimize_peak(ms, over=cf.Window(3.0, 20.0), starts=8)
    times = [float(re.match(r"  at (\S+) s", line)[1]) for line in holds(design) if line.startswith("  at ")]
    assert len(times) > 1
    for time in times:
        value = np.cos(2 * np.pi * ms.frequencies * time + design.phases).sum()
        assert 3.0 <= time <= 23.0
        assert abs(value) == pytest.approx(design.peak, rel=1e-4)


def holds(design):
    return lines_of(design, "What limits it")


def test_orthogonal_inputs_are_explained():
    shared = cf.minimize_peak(
        cf.Multisine.harmonics(range(1, 8)), channels=cf.Orthogonal(2), starts=16, use_atlas=False
    )
    words = str(explain(shared))
    assert "2 inputs (input 1, input 2) in 2 experiments" in words
    assert "4 of the 4 signals are as high" in words
    assert f"below {shared.lower_bound:.4f}; this design is {shared.gap:.2%} above" in words
    assert "strict local minimum" in words
    own = cf.minimize_peak(shared.multisine, channels=cf.Orthogonal(2, phases="own"), starts=4)
    assert "of the 2 inputs meet the first-order conditions" in str(explain(own))
    assert 'phases = "common"' in str(explain(own))


def test_interleaved_inputs_with_limits_are_explained():
    apart = [cf.Multisine([1.0, 3.0]), cf.Multisine([2.0, 4.0, 6.0])]
    problem = cf.Problem.interleaved(apart, names=["x", "y"], limits=[1.0, 2.0])
    design = cf.Design.of(problem, np.zeros(5))
    said = holds(design)
    assert said[:2] == ("x is the worst input: its share of its limit is 2.0000.", "The lowest is y: 1.5000.")
    assert any("higher limit of x," in line for line in lines_of(design, "What to try next"))


def test_what_was_minimised_is_said_where_it_is_not_the_crest_factor():
    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 7)), measure="one-sided", starts=4)
    t = np.arange(20_000) / 20_000
    x = np.cos(2 * np.pi * np.outer(t, design.multisine.frequencies) + design.phases).sum(axis=1)
    line = next(line for line in lines_of(design, "What it is") if "was minimised" in line)
    assert float(line.split()[-1].rstrip(".")) == pytest.approx(x.max() / np.sqrt(3.0), abs=1e-4)
    assert "maximum over RMS" in line


def test_constraints_that_leave_nothing_to_choose_are_no_minimum():
    design = cf.Design.of(cf.Problem(cf.Multisine([1.0, 2.0]), phases=[cf.Hold({0: 0.0, 1: 0.0})]), [0.0, 0.0])
    assert "leave no phases to choose" in lines_of(design, "What is proven")[-1]


def test_where_the_atlas_knows_nothing_the_search_goes_on_without_an_option():
    ms = cf.Multisine([1.0, 2.0, 3.0, 5.5], amplitudes=[1.0, 0.3, 0.7, 0.11])
    design = cf.Design.of(ms, [0.0, 1.0, 2.0, 0.3])
    assert "crestfall design a.json --out a-2.json: continues from" in lines_of(design, "What to try next", "a.json")[0]


@pytest.fixture(scope="module")
def two_outputs():
    outputs = [cf.Output(limit=3.0, name="force"), cf.slew_rate(120.0, name="slew")]
    problem = cf.Problem(cf.Multisine.harmonics(range(1, 8)), channels=cf.Orthogonal(2), outputs=outputs)
    return cf.Design.of(problem, np.zeros(7))


def test_one_of_several_outputs_is_called_a_signal_and_long_lists_are_cut(two_outputs):
    said = holds(two_outputs)
    assert said[0].endswith("is the worst signal: its share of its limit is 2.3333.")  # 7 tones in phase, 3 allowed
    assert "input 1: force, experiment 1" in said[0]
    matched = cf.minimize_peak(
        two_outputs.multisine,
        channels=cf.Orthogonal(4),
        outputs=[cf.Output(limit=5.0, name="force"), cf.Output(limit=5.0, name="same")],
        starts=2,
    )
    advice = lines_of(matched, "What to try next")
    assert any("a higher limit of input 1: force, input 1: same and 6 more, or" in line for line in advice)


def test_limits_that_are_exceeded_come_with_the_factor_that_keeps_them(two_outputs):
    line = next(line for line in lines_of(two_outputs, "What to try next") if line.startswith("The limits "))
    factor = float(re.search(r"by (\S+) ", line)[1])
    assert factor == pytest.approx(3 / 7, abs=1e-4)
    scaled = two_outputs.multisine.with_amplitudes(two_outputs.multisine.amplitudes * factor)
    kept = cf.Design.of(cf.Problem(scaled, channels=cf.Orthogonal(2), outputs=two_outputs.problem.outputs), np.zeros(7))
    assert 0.999 < kept.worst.share <= 1.0
    assert not any(line.startswith("The limits ") for line in lines_of(kept, "What to try next"))
    # The rms of 7 tones is sqrt(7 / 2) > 1.5: no phases can have a peak of 1.5.
    hopeless = cf.Problem(two_outputs.multisine, outputs=[cf.Output(limit=1.5)])
    assert any("cannot be met" in line for line in lines_of(cf.Design.of(hopeless, np.zeros(7)), "What to try next"))
    assert "are not met" in line


def test_figures_of_merit_read_well_within_a_sentence():
    problem = cf.Problem(
        cf.Multisine.harmonics(range(1, 7)),
        over=cf.Samples(64),
        measure="one-sided",
        tolerance_db=0.1,
        channels=cf.Interleaved(2),
    )
    text = str(explain(cf.Design.of(problem, np.zeros(6))))
    about = "(only the samples count, and only the wanted tones in the RMS)"
    assert f"What was minimised is the worst maximum over RMS {about}: " in text
    assert "RMS of the wanted tones of the samples" not in text


def test_what_is_measured_of_a_minimum_is_explained(fifteen):
    text = str(explain(fifteen))
    assert f"gradients of its highest peaks cancel to a residual of {fifteen.certificate.residual:.1g}" in text
    assert "multiplier (its weight in that balance; all add up to 1)" in text


def test_a_curvature_of_rounding_is_called_zero(fifteen):
    flat = replace(fifteen.certificate, free_directions=2, least_curvature=-5.4e-17)
    assert _of_one(flat, "peak", "").endswith("2 directions are free, the least curvature is zero to rounding.")
    curved = replace(flat, least_curvature=-0.25)
    assert _of_one(curved, "peak", "").endswith("the least curvature is -2.5e-01.")


@pytest.mark.parametrize(
    ("width", "words"), [(1e-15, "is 2 V, certified to 12 digits"), (1e-9, "lies between 2 and 2.000000002 V")]
)
def test_the_ends_of_the_interval_are_said_where_they_differ(width, words, monkeypatch):
    design = cf.minimize_peak(cf.Problem(cf.Multisine([1.0, 2.0]), unit="V"), starts=1)
    monkeypatch.setattr(cf.Design, "peak_interval", property(lambda self: (2.0, 2.0 * (1 + width))))
    assert f"over continuous time {words}" in str(explain(design))
