"""Quantities: what is written is what is read; what has no unit is refused."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from rig.files.quantity import (
    UNITS,
    Fraction,
    QuantityError,
    Seconds,
    Volts,
    format_duration,
    format_quantity,
    parse,
    parse_any,
)

PREFIXES = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}
SI = [unit for unit in UNITS if unit != "1"]


@given(
    st.floats(1e-20, 1e20) | st.floats(-1e20, -1e-20) | st.just(0.0), st.sampled_from(list(UNITS)), st.integers(3, 12)
)
@example(999.96, "V", 4)
@example(-0.99999, "s", 4)
@example(9.9999e-5, "1", 4)
@example(1e12, "ohm", 4)
def test_what_is_printed_reads_back(value: float, unit: str, digits: int) -> None:
    assert parse(format_quantity(value, unit, digits), unit) == pytest.approx(value, rel=0.51 * 10 ** (1 - digits))


@given(st.floats(-1e9, 1e9), st.sampled_from(sorted(PREFIXES)), st.sampled_from(SI), st.sampled_from(["", " ", "  "]))
def test_every_prefix_scales(number: float, prefix: str, unit: str, gap: str) -> None:
    assert parse(f"{number}{gap}{prefix}{unit}", unit) == pytest.approx(
        number * PREFIXES[prefix], rel=1e-12, abs=1e-300
    )


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("300 ns", "s", 3e-7),
        ("54 V", "V", 54.0),
        ("10 m\N{GREEK CAPITAL LETTER OMEGA}", "ohm", 0.01),
        ("10 m\N{OHM SIGN}", "ohm", 0.01),
        ("470 \N{GREEK SMALL LETTER MU}F", "F", 470e-6),
        ("470 \N{MICRO SIGN}F", "F", 470e-6),
        ("2 A2s", "A2s", 2.0),
        ("2 A²s", "A2s", 2.0),
        ("2 A^2s", "A2s", 2.0),
        ("1.5 kA2s", "A2s", 1500.0),
        ("2 min", "s", 120.0),
        ("1 h", "s", 3600.0),
        ("5 %", "1", 0.05),
        ("50 ppm", "1", 50e-6),
        ("-.5e-3 V", "V", -0.0005),
        (" 60V ", "V", 60.0),
    ],
)
def test_spellings(text: str, unit: str, value: float) -> None:
    assert parse(text, unit) == value


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (65.3e-6, "s", "65.3 µs"),
        (0.01, "ohm", "10 mΩ"),
        (999.96, "V", "1 kV"),
        (-54.0, "V", "-54 V"),
        (0.0, "A", "0 A"),
        (1.5, "A2s", "1.5 A²s"),
        (0.05, "1", "5 %"),
        (20e-6, "1", "20 ppm"),
        (1e-20, "A", "1.000e-20 A"),
        (math.inf, "s", "inf s"),
        (-math.inf, "s", "-inf s"),
        (math.nan, "s", "NaN s"),
    ],
)
def test_printed_form(value: float, unit: str, text: str) -> None:
    assert format_quantity(value, unit) == text


BARE = 'write a quantity with a unit, for example "60 V"'


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (60, BARE),
        (60.0, BARE),
        ("60", BARE),
        (True, BARE),
        (None, BARE),
        ("5 A", 'expected a voltage in V, found "5 A" (a current); write for example "60 V"'),
        ("5 %", 'expected a voltage in V, found "5 %" (a fraction); write for example "60 V"'),
        ("5 KV", 'unknown unit "KV" in "5 KV"; write for example "60 V"'),
        ("5 m", 'unknown unit "m" in "5 m"; write for example "60 V"'),
        ("5 1", 'cannot read "5 1" as a quantity; write for example "60 V"'),
        ("1,5 V", 'cannot read "1,5 V" as a quantity; write for example "60 V"'),
        ("٥ V", 'cannot read "٥ V" as a quantity; write for example "60 V"'),
        ("inf V", 'cannot read "inf V" as a quantity; write for example "60 V"'),
        ("1e999 V", '"1e999 V" is too large to be a number'),
        ("43 ^", 'unknown unit "^" in "43 ^"; write for example "60 V"'),
        ("1e308 GV", '"1e308 GV" is too large to be a number'),
    ],
)
def test_refused(wrong: object, message: str) -> None:
    with pytest.raises(QuantityError) as refusal:
        parse(wrong, "V")
    assert str(refusal.value) == message


@given(st.floats() | st.integers() | st.booleans() | st.none())
def test_a_bare_number_is_never_a_quantity(number: object) -> None:
    for unit in UNITS:
        with pytest.raises(QuantityError, match="write a quantity with a unit"):
            parse(number, unit)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value, unit = parse_any(text)
    except QuantityError:
        return
    assert math.isfinite(value)
    assert unit in UNITS


@given(st.sampled_from(list(UNITS)), st.sampled_from(list(UNITS)))
def test_the_dimension_must_agree(written: str, expected: str) -> None:
    text = UNITS[written].example
    if written == expected:
        assert math.isfinite(parse(text, expected))
    else:
        with pytest.raises(QuantityError, match=r"expected an? "):
            parse(text, expected)


class Sample(BaseModel):
    volts: Volts
    wait: Seconds
    share: Fraction


def test_fields_of_models_hold_si_floats() -> None:
    assert Sample.model_validate({"volts": "54 V", "wait": "25 ms", "share": "5 %"}).model_dump() == {
        "volts": 54.0,
        "wait": 0.025,
        "share": 0.05,
    }
    with pytest.raises(ValidationError) as refusal:
        Sample.model_validate({"volts": 54, "wait": "25 ms", "share": 0.05})
    assert [error["loc"] for error in refusal.value.errors()] == [("volts",), ("share",)]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0 s"), (12.5, "12.5 s"), (599.9, "599.9 s"), (600.0, "10 min"), (4214.0, "70.2 min"), (7200.0, "2 h"),
     (86410.0, "24 h"), (float("inf"), "inf s")],
)  # fmt: skip
def test_durations_are_what_people_plan_with(seconds, text):
    assert format_duration(seconds) == text
