"""Several inputs from a problem file."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import crestfall as cf

EXAMPLE = Path(__file__).parents[2] / "examples" / "channels.toml"


def test_the_example_is_designed_saved_and_drawn(run, tmp_path):
    names = [tmp_path / f"set.{ending}" for ending in ("json", "wav", "csv", "png", "mat", "npz")]
    outs = [word for name in names for word in ("--out", name)]
    done = run("design", EXAMPLE, "--starts", 8, "--json", *outs)
    found = json.loads(done.out)
    design = cf.load(names[0])
    channels = design.problem.channels
    assert (channels.count, channels.experiments, channels.matrix) == (3, 3, "chirp")
    assert [signal["channel"] for signal in found["signals"]] == ["x"] * 3 + ["y"] * 3 + ["z"] * 3
    assert found["figure_value"] == max(signal["share"] for signal in found["signals"])
    assert found["orthogonality"] < 1e-12
    assert all(name.stat().st_size > 1000 for name in names)
    assert design.figure == found["figure_value"]
    measured = run("measure", names[0])
    worst = max((one for one in found["signals"] if one["channel"] == "z"), key=lambda one: one["share"])
    line = next(line for line in measured.out.splitlines() if line.startswith("z "))
    assert f"peak {worst['peak']:.6g}, " in line
    assert f"of 6 allowed ({worst['share']:.1%}); in" in line
    assert len(re.findall(r" allowed \(", measured.out)) == 3  # one line for each input, not for each experiment
    again = json.loads(run("design", names[0], "--starts", 1, "--json", "--out", "again.json").out)
    assert again["figure_value"] <= found["figure_value"] * (1 + 1e-9)
    assert cf.load(tmp_path / "again.json").problem.channels.matrix == "chirp"
    refused = run("design", EXAMPLE, "--starts", 8, "--out", names[0])
    assert refused.is_one_line_error()
    assert "exists" in refused.err


def test_several_inputs_are_explained(run, tmp_path):
    tones = cf.Multisine.harmonics(range(1, 8))
    shared = cf.minimize_peak(tones, channels=cf.Orthogonal(2), starts=16, use_atlas=False)
    shared.save(tmp_path / "shared.json")
    words = run("explain", "shared.json").out
    assert "2 inputs (input 1, input 2) in 2 experiments" in words
    assert "It is a strict local minimum" in words
    assert "4 of the 4 signals are as high" in words
    assert f"below {shared.lower_bound:.4f}; this design is {shared.gap:.2%} above" in words
    apart = [cf.Multisine([1.0, 3.0]), cf.Multisine([2.0, 4.0, 6.0])]
    given = cf.Design.of(cf.Problem.interleaved(apart, names=["x", "y"], limits=[1.0, 2.0]), np.zeros(5))
    given.save(tmp_path / "given.npz")
    explained = json.loads(run("explain", "given.npz", "--json").out)
    assert explained["stationary"] is True  # nobody can do anything against a peak of all tones in phase, at first
    assert explained["sections"]["What limits it"][:2] == [
        "x is the worst input: its share of its limit is 2.0000.",
        "The lowest is y: 1.5000.",
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--prove",), "several inputs cannot be combined with --prove"),
        (("--start-at-zero",), "orthogonal inputs cannot be combined with --start-at-zero"),
        (("--method", "clip"), "method 'clip' cannot be combined with"),
    ],
)
def test_what_does_not_go_together_is_refused(run, options, words):
    done = run("design", EXAMPLE, *options)
    assert done.is_one_line_error()
    assert words in done.err


def test_what_was_refused_before_works(run, tmp_path):
    done = run("design", EXAMPLE, "--starts", 4, "--target", 1.0, "--tolerance-db", 0.1, "--device", "cpu", "--json")
    assert done.code == 0, done.err
    assert max(json.loads(done.out)["amplitudes"]) <= 10 ** (0.1 / 20) * (1 + 1e-9)


def test_a_line_for_each_signal_of_each_input_names_the_worst_experiment(run, tmp_path):
    outputs = [cf.Output(limit=9.0, name="force"), cf.slew_rate(120.0, name="slew")]
    problem = cf.Problem(
        cf.Multisine.harmonics(range(1, 8)), channels=cf.Orthogonal(3, matrix="chirp"), outputs=outputs
    )
    cf.Design.of(problem, np.zeros(7)).save(tmp_path / "a.json")
    times = np.arange(5040) / 5040
    turns = np.exp(2j * np.pi * np.outer(times, np.arange(1, 8)))
    shown = run("measure", "a.json").out
    for i in range(3):
        # Straight from the saved matrix of coefficients.
        peaks = [np.abs((turns @ cf.load(tmp_path / "a.json").coefficients[:, i, e]).real).max() for e in range(3)]
        line = next(line for line in shown.splitlines() if line.startswith(f"input {i + 1}: force "))
        assert float(re.search(r"peak ([0-9.]+)", line)[1]) == pytest.approx(max(peaks), rel=1e-4)
        named = re.search(r"in experiment (\d), the worst$", line)
        if named is None:
            assert line.endswith("in every experiment")
            assert min(peaks) == pytest.approx(max(peaks), rel=1e-5)
        else:
            assert peaks[int(named[1]) - 1] == pytest.approx(max(peaks), rel=1e-5)
            assert min(peaks) < 0.999 * max(peaks)
    assert len([line for line in shown.splitlines() if " allowed (" in line]) == 6


def test_long_lists_of_what_binds_are_cut(run, tmp_path):
    problem = cf.Problem(cf.Multisine([1.0, 2.0]), channels=cf.Orthogonal(4), outputs=[cf.Output(limit=3.0)])
    cf.Design.of(problem, np.zeros(2)).save(tmp_path / "a.json")
    assert "within all limits; input 1, input 2 and 2 more bind\n" in run("measure", "a.json").out


def test_limits_that_are_exceeded_are_said_so_in_one_line(run, tmp_path):
    tones = cf.Multisine([1.0, 2.0])
    cf.Design.of(cf.Problem(tones, outputs=[cf.Output(limit=1.5)]), [0.0, 0.0]).save(tmp_path / "a.json")
    shown = run("measure", "a.json").out
    # The peak is 2, and 1.5 / 2 is what keeps the limit; the lowest peak of these tones is 1.760.
    assert re.search(r"^limits +the limits .* at these amplitudes.*; scale .* by 0\.75 \(= 1 / 1\.3333\)$", shown, re.M)
    cf.Design.of(cf.Problem(tones, outputs=[cf.Output(limit=2.5)]), [0.0, 0.0]).save(tmp_path / "b.json")
    assert not re.search("^limits", run("measure", "b.json").out, re.M)
