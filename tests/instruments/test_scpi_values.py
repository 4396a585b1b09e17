"""Replies to values: what is a number, an error queue, an identity; nothing else passes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import InstrumentError, OutOfRange, ProtocolError
from instruments.records import Identity
from instruments.scpi import check_errors, in_range, number, query_identity, query_integer, query_switch


class Answers:
    """As much of a link as the functions use."""

    name = "supply"

    def __init__(self, *replies):
        self.replies = list(replies)
        self.asked = []

    def query(self, command):
        self.asked.append(command)
        return self.replies.pop(0)


@pytest.mark.parametrize(
    ("reply", "unit", "value"),
    [
        ("48.00 V", "V", 48.0),
        ("48.00V", "V", 48.0),
        ("48.00", "V", 48.0),
        ("+1.5E-3", "", 1.5e-3),
        (" -0.12 A ", "A", -0.12),
        ("5 kW", "W", 5000.0),
        ("5000 W", "W", 5000.0),
        ("250 mA", "A", 0.25),
        (".5", "", 0.5),
    ],
)
def test_number(reply, unit, value):
    assert number(Answers(), "MEAS?", reply, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("reply", "unit"),
    [
        ("", "V"),
        ("V", "V"),
        ("48.0 A", "V"),
        ("4 8", ""),
        ("48 k", "V"),
        ("nan", ""),
        ("inf", ""),
        ("1;2", ""),
        ("48,0", ""),
    ],
)
def test_what_is_not_a_number_in_that_unit(reply, unit):
    with pytest.raises(ProtocolError, match="is not a number"):
        number(Answers(), "MEAS?", reply, unit)


@pytest.mark.parametrize("reply", ["9.9E37", "-9.9E37", "9.91E37", "1e999"])
def test_overload_never_becomes_a_reading(reply):
    with pytest.raises(ProtocolError, match="overload or no reading"):
        number(Answers(), "MEAS?", reply)


@given(st.floats(min_value=-1e30, max_value=1e30))
def test_any_float_we_format_comes_back(value):
    assert number(Answers(), "X?", f"{value!r} V", "V") == value


@given(st.text(max_size=20))
def test_any_other_text_is_refused_or_a_finite_number(text):
    try:
        value = number(Answers(), "X?", text, "V")
    except ProtocolError:
        return
    assert math.isfinite(value)


def test_error_queue_is_emptied_and_told_whole():
    link = Answers('-222,"Data out of range"', '-350,"Queue overflow"', '+0,"No error"')
    with pytest.raises(InstrumentError, match=r"supply: it reports -222.*; -350.*on 'VOLT 99'"):
        check_errors(link, "VOLT 99")
    assert link.replies == []


@pytest.mark.parametrize("reply", ['0,"No error"', '+0,"No error"', "0", "0,No error"])
def test_no_error(reply):
    check_errors(Answers(reply), "VOLT 1")


def test_error_queue_that_never_empties_is_bounded():
    link = Answers(*['-113,"Undefined header"'] * 40)
    with pytest.raises(InstrumentError, match="never empties"):
        check_errors(link, "X")
    assert len(link.asked) == 32


def test_error_queue_of_nonsense_is_a_protocol_error():
    with pytest.raises(ProtocolError, match="the error queue answered 'OK'"):
        check_errors(Answers("OK"), "X")


@pytest.mark.parametrize(("reply", "value"), [("ON", True), ("1", True), ("off", False), ("0", False)])
def test_switch(reply, value):
    assert query_switch(Answers(reply), "OUTP?") is value


def test_switch_and_integer_refuse_the_rest():
    with pytest.raises(ProtocolError, match="neither ON nor OFF"):
        query_switch(Answers("2"), "OUTP?")
    with pytest.raises(ProtocolError, match="not an integer"):
        query_integer(Answers("1.5"), "STAT?")


def test_identity_has_four_fields_and_keeps_a_fifth():
    assert query_identity(Answers("EA, PSB 9080-60, 123, V1, text")) == Identity("EA", "PSB 9080-60", "123", "V1, text")
    assert str(Identity("A", "B", "C", "D")) == "A,B,C,D"
    for reply in ("", "EA", "EA,PSB,1", ",,,"):
        with pytest.raises(ProtocolError, match="not maker, model"):
            query_identity(Answers(reply))


@pytest.mark.parametrize("value", [-0.001, 80.001, math.nan, math.inf])
def test_out_of_range(value):
    with pytest.raises(OutOfRange, match=r"outside 0 to 80 V .on 'set_voltage'.; choose a value"):
        in_range("supply", "set_voltage", value, low=0.0, high=80.0, unit="V")
