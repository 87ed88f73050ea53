"""Quantities as people write them, against decimal arithmetic and by hand."""

from contextlib import suppress
from decimal import Decimal
from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crestfall.problem.quantities import factor_of, quantity


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("10kHz", "Hz", 1e4),
        ("10 KHz", "Hz", 1e4),
        ("10 MHZ", "Hz", 1e7),
        ("10 mHz", "Hz", 0.01),
        ("1/60", "Hz", 1 / 60),
        ("1/60 Hz", "Hz", 1 / 60),
        ("10k", "Hz", 1e4),
        ("100 rad/s", "Hz", 100 / (2 * pi)),
        ("3000 rpm", "Hz", 50.0),
        ("10\N{NO-BREAK SPACE}000 Hz", "Hz", 1e4),
        ("10\N{NARROW NO-BREAK SPACE}000\N{THIN SPACE}kHz", "Hz", 1e7),
        ("1'000'000", "Hz", 1e6),
        ("10 000", "Hz", 1e4),
        ("5 \N{MICRO SIGN}s", "s", 5e-6),
        ("5 \N{GREEK SMALL LETTER MU}s", "s", 5e-6),
        ("5us", "s", 5e-6),
        ("2 min", "s", 120.0),
        ("1.5h", "s", 5400.0),
        ("\N{MINUS SIGN}3 dB", "dB", -3.0),
        ("-3dB", "dB", -3.0),
        ("90 deg", "rad", pi / 2),
        ("90°", "rad", pi / 2),
        ("4.7 V", "V", 4.7),
        ("20 mV", "V", 0.02),
        ("20 mA", "A", 0.02),
        ("4GB", "B", 4e9),
        ("1.5 GiB", "B", 1.5 * 2**30),
        ("4g", "B", 4e9),
        ("50 %", "", 0.5),
        ("1e3", "", 1000.0),
    ],
)
def test_what_people_write(text, unit, value):
    assert quantity(text, unit) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        *[(text, "Hz") for text in ("", "5 V", "1_000", "nan", "inf", "1e999", "1e-999999999", "1/0", "10 Hz more")],
        *[(text, "Hz") for text in ("1,5", "1,000", "1 0000", "0x10", "1 PHz", "1 mhz", "9" * 200)],
        *[(text, "s") for text in ("5 m", "1:30 min", "5 Hz")],
        ("3 m", "dB"),
        ("-3 dBFS", "dB"),
    ],
)
def test_anything_else_is_refused_in_one_line_with_its_name(text, unit):
    with pytest.raises(ValueError, match=r"^--option is '[^\n]*$"):
        quantity(text, unit, name="--option")


@pytest.mark.parametrize(
    ("text", "value"),
    [("0,5", 0.5), ("0.5", 0.5), ("1.234,5", 1234.5), ("1'234,5", 1234.5), ("1,5 kHz", 1500.0), ("-0,5", -0.5)],
)
def test_a_decimal_comma_where_one_may_stand(text, value):
    assert quantity(text, "Hz", decimal_comma=True) == value


def test_two_commas_are_no_decimal_comma():
    with pytest.raises(ValueError, match="1,234,5"):
        quantity("1,234,5", "Hz", decimal_comma=True)


def test_numbers_count_in_the_base_unit():
    assert quantity(5, "Hz") == 5.0
    for wrong in (True, None, float("nan"), [5]):
        with pytest.raises(ValueError, match="fundamental_hz is"):
            quantity(wrong, "Hz", name="fundamental_hz")


@given(
    st.decimals(-10_000, 10_000, places=6),
    st.sampled_from([("MHz", 6), ("kHz", 3), ("Hz", 0), ("mHz", -3), ("uHz", -6)]),
    st.sampled_from(["", " ", "\N{NO-BREAK SPACE}"]),
)
def test_the_number_is_the_float_next_to_the_decimal(number, unit, gap):
    name, power = unit
    assert quantity(f"{number:f}{gap}{name}", "Hz") == float(number * Decimal(10) ** power)


@given(st.text(max_size=12), st.sampled_from(["Hz", "s", "V", "A", "rad", "dB", "B", ""]), st.booleans())
def test_no_text_raises_anything_but_a_value_error(text, unit, comma):
    with suppress(ValueError):
        assert isinstance(quantity(text, unit, decimal_comma=comma), float)


def test_units_of_headings():
    assert factor_of("GHz", "Hz") == 10**9
    with pytest.raises(ValueError, match="'V' is unknown"):
        factor_of("V", "Hz")
