"""A block goes to a simulated instrument through PyVISA, and the instrument has the waveform."""

from pathlib import Path

import numpy as np
import pytest
import pyvisa
from pyvisa.util import from_ieee_block
from pyvisa_sim.devices import Device, NoResponse

from crestfall.files import save
from crestfall.files.scpi import scpi_block

WRITE, READ = b"SOURce1:DATA:ARBitrary:DAC sines,", b"SOURce1:DATA:ARBitrary:DAC? sines"
CODES = {"int16": "h", "float32": "f"}


@pytest.fixture
def generator(monkeypatch):
    """A PyVISA resource with a waveform memory, which takes a block only if its length is as it says."""
    memory, answer = {}, Device._match

    def match(device, message):
        if message.startswith(WRITE):
            block = message[len(WRITE) :]
            digits = int(block[1:2])
            if block[:1] != b"#" or len(block) != 2 + digits + int(block[2 : 2 + digits]):
                return None  # which pyvisa-sim reports as ERROR
            memory["block"] = block
            return NoResponse
        return memory["block"] if message == READ else answer(device, message)

    monkeypatch.setattr(Device, "_match", match)
    manager = pyvisa.ResourceManager(f"{Path(__file__).with_name('generator.yaml')}@sim")
    resource = manager.open_resource(
        "USB::0x0000::0x0001::SIM::INSTR", read_termination="\n", write_termination="\n", timeout=2000
    )
    assert resource.query("*IDN?").startswith("crestfall tests")
    resource.memory = memory
    yield resource
    resource.close()
    manager.close()


@pytest.mark.parametrize("which", ["design", "complex_design"])
@pytest.mark.parametrize("sample_type", CODES)
def test_a_saved_block_reaches_the_instrument(which, sample_type, request, tmp_path, direct_sum, generator):
    design, path = request.getfixturevalue(which), tmp_path / "a.scpi"
    save(design, path, sample_type=sample_type, command=WRITE.decode(), sample_rate=16_000, periods=4, peak=1.5)
    generator.write_raw(path.read_bytes() + b"\n")
    found = generator.query_binary_values(READ.decode(), datatype=CODES[sample_type], container=np.array)
    wanted = 1.5 / design.peak * direct_sum(design, 16_000, len(found) // (2 if design.multisine.complex else 1))
    step = 1.5 / 32_767 if sample_type == "int16" else 1.0
    values = found[::2] + 1j * found[1::2] if design.multisine.complex else found
    np.testing.assert_allclose(values * step, wanted, atol=0.75 * step if sample_type == "int16" else 1e-6)
    assert np.size(values) == 4 * 16_000 / design.multisine.fundamental
    generator.write("SOURce1:FUNCtion ARB")
    assert generator.query("SOURce1:FUNCtion?") == "ARB"


@pytest.mark.parametrize(("sample_type", "code"), CODES.items())
@pytest.mark.parametrize("big_endian", [True, False])
def test_the_instrument_gets_what_pyvisa_would_send(sample_type, code, big_endian, generator):
    values = np.rint(3e4 * np.cos(np.arange(777))).astype(
        int
    )  # bytes of every value, ends of line and semicolons among them
    generator.write_binary_values(WRITE.decode(), values.tolist(), datatype=code, is_big_endian=big_endian)
    theirs = generator.memory.pop("block")
    generator.write_raw(WRITE + scpi_block(values, sample_type=sample_type, big_endian=big_endian) + b"\n")
    assert generator.memory["block"] == theirs
    assert from_ieee_block(theirs, datatype=code, is_big_endian=big_endian) == values.tolist()


def test_a_block_that_was_cut_is_an_error(generator):
    generator.write_raw(WRITE + scpi_block([1, 2, 3], sample_type="int16")[:-1] + b"\n")
    assert "block" not in generator.memory
    assert generator.read() == "ERROR"
