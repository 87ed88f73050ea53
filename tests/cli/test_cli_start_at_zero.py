"""``crestfall design --start-at-zero``."""

import json

import numpy as np


def test_the_waveform_starts_at_zero(run):
    done = run("design", "--harmonics", "1:8", "--start-at-zero", "--json")
    record = json.loads(done.out)
    assert abs(np.cos(record["phases_rad"]) @ record["amplitudes"]) < 1e-12


def test_a_complex_signal_is_refused(run):
    done = run("design", "--harmonics", "0:3", "--complex", "--start-at-zero")
    assert done.code == 2
    assert "--start-at-zero cannot be combined with complex tones" in done.err
