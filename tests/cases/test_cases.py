"""Cases of people who design multisines, in the words of their fields, run on the command line.

Each field has a TOML file; a case has ``words``, a ``command``, the ``files`` that it begins with, and what must come
of it. Files that were written are read by readers of others, and their lines are found by a Fourier transform: nothing
of crestfall computes what is expected.

- ``file``, ``rate_hz``, ``samples``: what was written; ``channel`` where there are several;
- ``lines``: ``[[frequency_hz, amplitude], …]``, in the unit of the file times ``unit`` (1 by default); nothing else may
  be in the spectrum;
- ``levels``: all values that the samples have; ``span``: least and largest value of the continuous signal;
- ``peak``: largest magnitude of the continuous signal through the samples; ``crest_factor``: what it must be below;
- ``first``, ``last``: seconds of silence (at ``offset``) at the beginning and the end;
- ``refused``: what the one line of an error must say; ``says``: what the report must say.
"""

import json
import shlex
import tomllib
from pathlib import Path

import numpy as np
import pytest
import soundfile

HERE = Path(__file__).parent
CASES = [
    pytest.param(case, id=f"{path.stem}-{number}")
    for path in sorted(HERE.glob("*.toml"))
    for number, case in enumerate(tomllib.loads(path.read_text("utf-8"))["case"], 1)
]
_FINE = 64


def test_there_are_at_least_forty_of_seven_fields():
    assert len(CASES) >= 40
    assert len({case.id.rpartition("-")[0] for case in CASES}) >= 7


@pytest.mark.parametrize("case", CASES)
def test_the_case_gives_what_it_must(case, run, tmp_path):
    for name, text in case.get("files", {}).items():
        (tmp_path / name).write_text(text, "utf-8")
    for command in (case["command"],) if isinstance(case["command"], str) else case["command"]:
        done = run(*shlex.split(command))
    if "refused" in case:
        assert done.is_one_line_error(), done
        assert case["refused"] in done.err
        return
    assert done.code == 0, done.err
    assert all(text in done.out for text in case.get("says", ())), done.out
    if "file" in case:
        _check(case, tmp_path / case["file"])


def _check(case: dict, path: Path) -> None:
    values, rate = read(path, case)
    assert rate == pytest.approx(case["rate_hz"], rel=1e-12)
    assert values.size == case["samples"]
    if "levels" in case:
        np.testing.assert_allclose(np.unique(np.round(values * case.get("unit", 1.0), 4)), case["levels"], atol=1e-3)
    if "span" in case:
        fine = upsampled(values * case.get("unit", 1.0))
        np.testing.assert_allclose((fine.min(), fine.max()), case["span"], atol=5e-3 * np.ptp(fine))
    values = values * case.get("unit", 1.0) - case.get("offset", 0.0)
    tolerance = case.get("tolerance", 1e-4) * np.max(np.abs(values))
    first, last = (round(case.get(key, 0.0) * rate) for key in ("first", "last"))
    assert np.max(np.abs(np.concatenate([values[:first], values[values.size - last :]])), initial=0.0) <= tolerance
    if "lines" in case:
        _check_lines(case, values, rate, tolerance)
    fine = upsampled(values)
    rms = np.sqrt(np.mean(np.abs(values) ** 2))
    if "peak" in case:
        assert np.max(np.abs(fine)) == pytest.approx(case["peak"], rel=2e-3, abs=tolerance)
    if "crest_factor" in case:
        assert np.max(np.abs(fine)) / rms < case["crest_factor"] + 2e-3


def _check_lines(case: dict, values: np.ndarray, rate: float, tolerance: float) -> None:
    n, is_complex = values.size, np.iscomplexobj(values)
    spectrum = np.abs(np.fft.fft(values) / n) if is_complex else np.abs(np.fft.rfft(values)) * 2 / n
    lines = np.array([frequency * n / rate for frequency, _ in case["lines"]])
    np.testing.assert_allclose(lines, np.rint(lines), atol=1e-6)
    bins = np.rint(lines).astype(int) % n
    np.testing.assert_allclose(spectrum[bins], [amplitude for _, amplitude in case["lines"]], rtol=0.0, atol=tolerance)
    assert np.max(np.delete(spectrum, bins)) < tolerance


def read(path: Path, case: dict) -> tuple[np.ndarray, float]:
    """Samples and rate of a file, by readers of others or by the rules of the format."""
    if path.suffix in (".wav", ".flac"):
        values, rate = soundfile.read(path, always_2d=True)
        values = values[:, case.get("channel", 0)]
        return (values, rate) if not case.get("iq") else (soundfile.read(path)[0] @ [1.0, 1j], rate)
    if path.suffix == ".arb":
        head, _, body = path.read_text("ascii").partition("Data:\n")
        said = dict(line.split(":", 1) for line in head.splitlines() if ":" in line)
        return np.array(body.split(), dtype=float) * float(said["High Level"]) / 32_767, float(said["Sample Rate"])
    if path.suffix in (".i16", ".f32"):
        said = json.loads(path.with_name(path.name + ".json").read_text("utf-8"))
        numbers = np.fromfile(path, case.get("dtype", "<i2" if path.suffix == ".i16" else "<f4")).astype(float)
        numbers = (numbers - case.get("zero", 0)) * said["volts_per_count"]
        return numbers.view(complex) if case.get("iq") else numbers, said["sample_rate_hz"]
    if path.suffix == ".csv":
        table = np.genfromtxt(path, delimiter=",", names=True, deletechars="", comments=None)
        times = table["time_s"]
        return table[table.dtype.names[1 + case.get("channel", 0)]], (times.size - 1) / (times[-1] - times[0])
    raise AssertionError(path)


def upsampled(values: np.ndarray) -> np.ndarray:
    """The periodic band-limited signal through the samples, on a finer grid of at most 2^22 points."""
    n = values.size
    fine = n * max(2, min(_FINE, 2**22 // n))
    spectrum = np.fft.fft(values)
    wide = np.zeros(fine, complex)
    wide[: n // 2], wide[-(n // 2) :] = spectrum[: n // 2], spectrum[-(n // 2) :]
    found = np.fft.ifft(wide) * (fine / n)
    return found if np.iscomplexobj(values) else found.real
