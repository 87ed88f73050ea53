"""Plain tables are read in one pass, and mean the same as line by line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crestfall as cf
from crestfall.files import tone_list, tones_csv

CELLS = st.one_of(
    st.floats(0.001, 1e6).map(repr),
    st.integers(1, 10**6).map(str),
    st.sampled_from([" 1 ", "1e3", "+2", "1_000", "nan", "inf", "", "0x10", '"3"', "-1", "٣", "1 2", "#1", "1d2"]),
)
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\n# note\n"])


def read(text):
    try:
        table = tone_list.columns_of_text(text)
    except ValueError as error:
        return str(error)
    return table.values, list(table.places)


@given(st.lists(st.tuples(CELLS, CELLS, st.sampled_from(["", "", "", ",5"]), ENDS), min_size=1, max_size=6), ENDS)
def test_in_one_pass_or_line_by_line(rows, end):
    text = f"# a comment{end}frequency_hz,amplitude{end}" + "".join(f"{a},{b}{c}{end}" for a, b, c, end in rows)
    at_once = read(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tone_list, "plain_numbers", lambda *_: None)
        assert at_once == read(text)


def test_the_line_of_a_fault_far_down():
    rows = [f"{10 * (i + 1)},1" for i in range(50_000)]
    rows[43_210] = "5,-1"
    with pytest.raises(ValueError, match=r"line 43212: amplitude is -1\.0"):
        tones_csv.decode("\n".join(["frequency_hz,amplitude", *rows]).encode())
    rows[43_210] = "5,1e999"
    with pytest.raises(ValueError, match="line 43212: amplitude is '1e999'"):
        tones_csv.decode("\n".join(["frequency_hz,amplitude", *rows]).encode())


def test_many_tones():
    values = np.random.default_rng(3).uniform(0.5, 2.0, 50_000)
    text = "frequency_hz,amplitude\n" + "\n".join(f"7.5,{value!r}" for value in values.tolist())
    with pytest.warns(cf.CrestfallWarning, match=r"and 49995 more: 7\.5 Hz occurs 50000 times, probably by mistake"):
        ms = tones_csv.decode(text.encode())
    assert np.array_equal(ms.amplitudes, values)
    assert ms.fundamental == 7.5
    assert ms.has_one_frequency
