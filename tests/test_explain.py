"""What an explanation says is what a direct calculation finds."""

import re

import numpy as np
import pytest

import crestfall as cf
from crestfall.explain import explain


def lines_of(design, title, name="FILE"):
    return {section.title: section.lines for section in explain(design, name).sections}[title]


@pytest.fixture(scope="module")
def fifteen():
    return cf.minimize_peak(cf.Multisine.harmonics(range(1, 16), 10.0), starts=16, use_atlas=False)


def test_the_peaks_that_are_named_are_peaks(fifteen):
    found = [re.match(r"  at (\S+) s, a (maximum|minimum), ", line) for line in explain(fifteen).sections[2].lines]
    named = [(float(match[1]), match[2]) for match in found if match]
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
    assert "no local minimum" in lines_of(design, "What is proven")[-1]
    assert any("goes on from these phases" in line for line in lines_of(design, "What to try next", "a.json"))
    assert explain(design).tone_shares is None


def test_a_proven_optimum_leaves_nothing_to_try():
    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 5)), prove=True, use_atlas=False)
    assert "So it is the global optimum to 0.1 %." in lines_of(design, "What is proven")
    assert lines_of(design, "What to try next")[0].startswith("Nothing with the phases")


def test_limits_that_bind_are_told_from_those_that_do_not():
    ms = cf.Multisine.harmonics(range(1, 9))
    outputs = [cf.Output(limit=100.0, name="voltage"), cf.slew_rate(50.0)]
    design = cf.minimize_peak(ms, outputs=outputs, starts=16)
    holds = lines_of(design, "What holds it where it is")
    assert next(line for line in holds if line.startswith("slew rate")).endswith("this limit binds.")
    assert "binds" not in next(line for line in holds if line.startswith("voltage"))
    assert any("higher limit of slew rate," in line for line in lines_of(design, "What to try next"))


@pytest.mark.parametrize(
    ("ms", "options", "words"),
    [
        (cf.Multisine([1.0, 1.0, 2.0]), {}, "a frequency occurs twice"),
        (cf.Multisine.harmonics(range(1, 600)), {"method": "schroeder"}, "more than 512 tones"),
    ],
)
def test_what_was_not_checked_is_said(ms, options, words):
    design = cf.minimize_peak(ms, **options)
    assert words in lines_of(design, "What is proven")[-1]


def test_an_alphabet_that_was_tried_to_the_end_leaves_a_larger_one():
    design = cf.minimize_peak_discrete(cf.Multisine.harmonics(range(1, 7)), 2)
    assert "alphabet of 2 phases" in lines_of(design, "What is proven")[-1]
    assert lines_of(design, "What to try next")[0].startswith("Nothing with 2 phases")


def test_a_range_is_explained_by_its_maxima_and_minima():
    design = cf.minimize_peak(cf.Multisine.harmonics(range(1, 7)), measure="range", starts=4)
    assert "raises the range" in lines_of(design, "What is proven")[-1]
    holds = lines_of(design, "What holds it where it is")
    tops = int(np.sum(design.certificate.signs.real > 0))
    assert holds[0].startswith(f"{tops} maxima stand equally high and {len(design.certificate.times) - tops} minima")
    shares = explain(design).tone_shares
    assert shares is not None
    assert shares.sum() == pytest.approx(1.0)


def test_silence_and_single_tones_can_be_explained():
    silent = cf.Design.of(cf.Multisine([50.0, 50.0]), [0.0, np.pi])
    assert "The tones cancel" in str(explain(silent))
    assert "global optimum" in str(explain(cf.Design.of(cf.Multisine([50.0]), [0.0])))


def test_samples_that_hide_a_peak_are_pointed_out():
    ms = cf.Multisine.harmonics(range(1, 9), 10.0)
    design = cf.minimize_peak(ms, sample_rate=200.0, starts=16)
    over = design.peak / np.abs(design.waveform(200.0)).max() - 1.0
    assert any(f"{over:.2%} above the samples" in line for line in lines_of(design, "What to try next"))
