"""The C header: a compiler takes it, and the program prints the waveform."""

import re
import shutil
import subprocess

import numpy as np
import pytest

import crestfall as cf
from crestfall.files import save

COMPILER = shutil.which("cc")
PROGRAM = """
#include <stdio.h>
#include "wave.h"
#include "wave.h"
int main(void) {
    printf("%d %.17g %.17g\\n", SINES_CHANNELS, (double)SINES_SAMPLE_RATE_HZ, (double)SINES_VOLTS_PER_COUNT);
    for (int k = 0; k < SINES_LENGTH; k++) printf("%d\\n", sines[k]);
    return 0;
}
"""


def check(numbers, channels, rate, step, design, direct_sum):
    volts = np.array(numbers) * step
    signal = volts if channels == 1 else volts[::2] + 1j * volts[1::2]
    np.testing.assert_allclose(signal, direct_sum(design, rate, signal.size), atol=0.75 * step)


@pytest.mark.skipif(COMPILER is None, reason="no C compiler here; the text is parsed in the other test")
@pytest.mark.parametrize("which", ["design", "complex_design"])
def test_a_program_prints_the_waveform(which, request, tmp_path, direct_sum):
    design = request.getfixturevalue(which)
    save(design, tmp_path / "wave.h", name="sines", periods=2)
    (tmp_path / "main.c").write_text(PROGRAM)
    strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    subprocess.run([COMPILER, *strict, "-o", tmp_path / "main", tmp_path / "main.c"], check=True)
    out = subprocess.run([tmp_path / "main"], check=True, capture_output=True, text=True).stdout.split()
    check([int(text) for text in out[3:]], int(out[0]), float(out[1]), float(out[2]), design, direct_sum)


@pytest.mark.parametrize("which", ["design", "complex_design"])
def test_the_text_holds_the_waveform_and_its_tones(which, request, tmp_path, direct_sum):
    design = request.getfixturevalue(which)
    save(design, tmp_path / "wave.h")
    text = (tmp_path / "wave.h").read_text("ascii")
    constants = dict(re.findall(r"#define MULTISINE_(\w+) (\S+)", text))
    numbers = [int(number) for number in re.search(r"= \{(.*?)\};", text, re.S)[1].replace(",", " ").split()]
    assert len(numbers) == int(constants["LENGTH"])
    rate, step = float(constants["SAMPLE_RATE_HZ"]), float(constants["VOLTS_PER_COUNT"])
    check(numbers, int(constants["CHANNELS"]), rate, step, design, direct_sum)
    for values in zip(design.multisine.frequencies.tolist(), design.multisine.amplitudes.tolist(), strict=True):
        assert f" *   {values[0]!r}, {values[1]!r}, " in text


@pytest.mark.parametrize("name", ["", "1a", "a b", "a-b", "int", "ä", "a" * 64, "x;"])
def test_what_is_no_identifier_is_refused(name, design, tmp_path):
    with pytest.raises(ValueError, match="give a C identifier"):
        save(design, tmp_path / "wave.h", name=name)


@pytest.mark.skipif(COMPILER is None, reason="no C compiler here; the type is looked up in the text below")
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(("bits", "size"), [(2, 8), (8, 8), (9, 16), (14, 16), (16, 16), (17, 32), (24, 32), (32, 32)])
def test_the_table_has_the_smallest_type_that_holds_the_bits(bits, size, signed, design, tmp_path, direct_sum):
    playback = cf.Playback(rate=7200.0, periods=2, level="1 Vpp", bits=bits, signed=signed, full_scale=0.75)
    save(design, tmp_path / "wave.h", playback, name="sines")
    assert f"static const {'' if signed else 'u'}int{size}_t sines[" in (tmp_path / "wave.h").read_text("ascii")
    program = PROGRAM.replace('"%d\\n", sines[k]', '"%lld\\n", (long long)sines[k]')
    (tmp_path / "main.c").write_text(program)
    strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    subprocess.run([COMPILER, *strict, "-o", tmp_path / "main", tmp_path / "main.c"], check=True)
    out = subprocess.run([tmp_path / "main"], check=True, capture_output=True, text=True).stdout.split()
    step, counts = float(out[2]), np.array([int(text) for text in out[3:]])
    assert (counts.size, float(out[1])) == (144, 7200.0)
    assert step == pytest.approx(0.75 / (2 ** (bits - 1) - 1))
    volts = (counts - (0 if signed else 2 ** (bits - 1))) * step
    np.testing.assert_allclose(volts, 0.5 / design.peak * direct_sum(design, 7200.0, 144), atol=0.51 * step)
