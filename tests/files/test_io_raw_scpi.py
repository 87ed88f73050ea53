"""Bare samples, read by NumPy, and SCPI blocks, read by PyVISA."""

import json

import numpy as np
import pytest
from pyvisa.util import from_ieee_block, to_ieee_block

from crestfall.files import save
from crestfall.files.scpi import scpi_block


def described(path):
    return json.loads(path.with_name(path.name + ".json").read_text("utf-8"))


def as_signal(numbers, record):
    numbers = np.asarray(numbers, dtype=float) * record["volts_per_count"]
    return numbers[::2] + 1j * numbers[1::2] if record["layout"] == "I, Q interleaved" else numbers


@pytest.mark.parametrize("which", ["design", "complex_design"])
@pytest.mark.parametrize(("suffix", "dtype"), [(".i16", "<i2"), (".f32", "<f4")])
def test_numpy_reads_bare_samples(which, suffix, dtype, request, tmp_path, direct_sum):
    design, path = request.getfixturevalue(which), tmp_path / f"a{suffix}"
    save(design, path, periods=3)
    record = described(path)
    signal = as_signal(np.fromfile(path, dtype), record)
    assert signal.size == record["n_samples"]
    step = record["volts_per_count"] if suffix == ".i16" else 1e-6
    np.testing.assert_allclose(signal, direct_sum(design, record["sample_rate_hz"], signal.size), atol=0.75 * step)


@pytest.mark.parametrize("which", ["design", "complex_design"])
@pytest.mark.parametrize(("sample_type", "code"), [("int16", "h"), ("float32", "f")])
@pytest.mark.parametrize("big_endian", [True, False])
def test_pyvisa_reads_the_block(which, sample_type, code, big_endian, request, tmp_path, direct_sum):
    design, path = request.getfixturevalue(which), tmp_path / "a.scpi"
    save(design, path, sample_type=sample_type, big_endian=big_endian, command="DATA:ARB sines,")
    whole = path.read_bytes()
    assert whole.startswith(b"DATA:ARB sines,#")
    numbers = from_ieee_block(whole[len(b"DATA:ARB sines,") :], datatype=code, is_big_endian=big_endian)
    record = described(path)
    signal = as_signal(numbers, record)
    step = record["volts_per_count"] if sample_type == "int16" else 1e-6
    np.testing.assert_allclose(signal, direct_sum(design, record["sample_rate_hz"], signal.size), atol=0.75 * step)


@pytest.mark.parametrize("n", [1, 4, 5, 49, 50, 5000])
@pytest.mark.parametrize("big_endian", [True, False])
def test_a_block_is_what_pyvisa_sends(n, big_endian):
    values = np.arange(n) - n // 2
    for sample_type, code in (("int16", "h"), ("float32", "f")):
        ours = scpi_block(values, sample_type=sample_type, big_endian=big_endian)
        assert ours == to_ieee_block(values.tolist(), datatype=code, is_big_endian=big_endian)


@pytest.mark.parametrize(
    ("samples", "options", "said"),
    [
        ([], {}, "give a vector"),
        ([[1.0]], {}, "give a vector"),
        (["a"], {}, "give a vector"),
        ([0.0, np.nan], {}, "samples\\[1\\] is nan"),
        ([1e39], {}, "scale them down"),
        ([32768], {"sample_type": "int16"}, "beyond ±32767"),
        ([1], {"sample_type": "int8"}, "sample_type is 'int8'"),
    ],
)
def test_what_no_block_can_hold_is_refused(samples, options, said):
    with pytest.raises(ValueError, match=said):
        scpi_block(samples, **options)


def test_a_command_of_two_lines_is_refused(design, tmp_path):
    with pytest.raises(ValueError, match="printable ASCII on one line"):
        save(design, tmp_path / "a.scpi", command="*RST\n")
