"""Searching several inputs one after the other: stopping early, reports, limits of the inputs themselves."""

import numpy as np
import pytest

import crestfall as cf

MS = cf.Multisine.harmonics(range(1, 16), fundamental=10.0)
SEVERAL = {
    "own phases": cf.Orthogonal(3, phases="own"),
    "interleaved": cf.Interleaved(3),
    "common phases": cf.Orthogonal(2),
}


@pytest.mark.parametrize("alphabet", [None, 4])
@pytest.mark.parametrize("name", SEVERAL)
def test_what_was_reported_last_is_what_one_gets(name, alphabet):
    """Ended by the callback in the middle of the first input, the others keep the phases that were reported."""
    phases = [] if alphabet is None else [cf.Alphabet(alphabet)]
    problem = cf.Problem(MS, channels=SEVERAL[name], phases=phases)
    reports = []

    def end_at_the_third(report):
        reports.append(report)
        if len(reports) == 3:
            raise StopIteration

    design = cf.minimize_peak(problem, progress=end_at_the_third, use_atlas=False)
    assert design.figure == pytest.approx(reports[-1].best, rel=1e-9)
    shown = cf.Design.of(problem, reports[-1].best_phases)
    assert design.figure == pytest.approx(shown.figure, rel=1e-6)
    assert all(report.figure == problem.figure for report in reports)


def test_inputs_that_were_not_reached_say_so():
    def stop(report):
        raise StopIteration

    design = cf.minimize_peak(MS, channels=cf.Orthogonal(3, phases="own"), progress=stop)
    assert "not searched" in design.status
    assert design.status.endswith("stopped by the progress callback")


def test_inputs_with_phases_of_their_own_begin_apart():
    """Schroeder's phases for each would make the same signal of all."""

    def stop(report):
        raise StopIteration

    design = cf.minimize_peak(MS, channels=cf.Orthogonal(3, phases="own"), progress=stop)
    for one, other in [(0, 1), (0, 2), (1, 2)]:
        assert np.max(np.abs(np.exp(1j * design.phases[one]) - np.exp(1j * design.phases[other]))) > 0.5


@pytest.mark.parametrize(
    "channels", [cf.Orthogonal(["x", "y"], limits=[1.0, 5.0]), cf.Interleaved(2, [1.0, 5.0], ["x", "y"])]
)
def test_an_input_with_a_limit_counts_besides_its_outputs(channels):
    outputs = [cf.Output(1.0 / np.arange(1.0, 16.0), 100.0, "flow")]
    design = cf.minimize_peak(MS, channels=channels, outputs=outputs, starts=8)
    names = [signal.name for signal in design.signals if signal.channel == "x"]
    assert any("flow" in name for name in names)
    assert len(names) > 1
    times = np.arange(4096) / 4096 * MS.period
    largest = 0.0
    for i, limit in enumerate([1.0, 5.0]):
        which = channels.indices_of(MS, i)
        for experiment in range(channels.experiments):
            angles = channels.phases_of(design.phases, i, experiment)
            signal = np.cos(2 * np.pi * np.outer(times, MS.frequencies[which]) + angles).sum(axis=1)
            largest = max(largest, np.max(np.abs(signal)) / limit)
    assert design.figure == pytest.approx(largest, rel=1e-3)
