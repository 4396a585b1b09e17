"""The SCPI grammar: header patterns, abbreviations, chains, parameters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.twin.wire import scpi
from rig.twin.wire.scpi import ScpiError, Unit, compile_header, match_header, split, units
from rig.twin.wire.scpi_args import between, boolean, choice, integer, supported
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

WORDS = ["SOURce", "VOLTage", "LEVel", "IMMediate", "AMPLitude", "CHANnel", "SCALe", "TIMebase", "MAIN", "STATe"]


@st.composite
def headers(draw):
    """A pattern, one right spelling of it, and the numeric suffixes that the spelling means."""
    names = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5, unique=True))
    pattern, spelling, suffixes = "", [], []
    must = draw(st.integers(0, len(names) - 1))  # at least one keyword is not optional
    for index, name in enumerate(names):
        optional = index != must and draw(st.booleans())
        numbered = draw(st.booleans())
        node = f":{name}{'<n>' if numbered else ''}"
        pattern += f"[{node}]" if optional else node
        written = not optional or draw(st.booleans())
        number = draw(st.none() | st.integers(1, 9999)) if numbered and written else None
        if numbered:
            suffixes.append(number or 1)
        if written:
            short = "".join(letter for letter in name if letter.isupper())
            word = draw(st.sampled_from([name, short]))
            word = "".join(draw(st.sampled_from([letter.upper(), letter.lower()])) for letter in word)
            spelling.append(word + ("" if number is None else str(number)))
    return pattern, ":".join(spelling), tuple(suffixes)


@given(headers())
def test_every_abbreviation_is_found(case):
    pattern, spelling, suffixes = case
    assert match_header(compile_header(pattern), spelling) == suffixes


@given(st.sampled_from(WORDS), st.data())
def test_only_long_and_short_form_count(word, data):
    short = "".join(letter for letter in word if letter.isupper())
    length = data.draw(st.integers(1, len(word)))
    spelled = word[:length].upper()
    expected = () if spelled in (word.upper(), short) else None
    assert match_header(compile_header(word), spelled) == expected


@pytest.mark.parametrize(
    ("pattern", "header", "suffixes"),
    [
        ("[:SOURce]:VOLTage[:LEVel][:IMMediate]", "VOLT", ()),
        ("[:SOURce]:VOLTage[:LEVel][:IMMediate]", "source:voltage:imm", ()),
        ("[:SOURce]:VOLTage[:LEVel][:IMMediate]", "VOLT:PROT", None),
        ("[:SOURce]:VOLTage[:LEVel][:IMMediate]", "SOUR", None),
        (":CHANnel<n>:SCALe", "CHAN3:SCAL", (3,)),
        (":CHANnel<n>:SCALe", "CHAN:SCAL", (1,)),
        (":CHANnel<n>:SCALe", "CHAN3:SCAL2", None),
        (":TIMebase[:MAIN][:OFFSet]", "TIM", ()),
        (":TIMebase[:MAIN][:OFFSet]", "TIM:OFFS", ()),
        ("*IDN", "*idn", ()),
        ("*IDN", "IDN", None),
        (":A:B", "A::B", None),
        (":A:B", "A:B:", None),
        (":A:B", "A.B", None),
    ],
)
def test_headers(pattern, header, suffixes):
    assert match_header(compile_header(pattern), header) == suffixes


@pytest.mark.parametrize("pattern", ["", "[:A", ":A]", "A B", ":9", ":A<n", "A;"])
def test_what_is_no_pattern(pattern):
    with pytest.raises(ValueError, match="no SCPI header pattern"):
        compile_header(pattern)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("VOLT 5", [Unit("VOLT", False, ("5",))]),
        ("VOLT?", [Unit("VOLT", True, ())]),
        (":VOLT 5;CURR 2", [Unit("VOLT", False, ("5",)), Unit("CURR", False, ("2",))]),
        (":SOUR:VOLT 5;CURR 2", [Unit("SOUR:VOLT", False, ("5",)), Unit("SOUR:CURR", False, ("2",))]),
        (":SOUR:VOLT 5;:OUTP ON", [Unit("SOUR:VOLT", False, ("5",)), Unit("OUTP", False, ("ON",))]),
        ("A:B:C;*OPC?;D", [Unit("A:B:C", False, ()), Unit("*OPC", True, ()), Unit("A:B:D", False, ())]),
        ("A:B;C:D;E", [Unit("A:B", False, ()), Unit("A:C:D", False, ()), Unit("A:C:E", False, ())]),
        ("  VOLT   5 ,  6 ; ", [Unit("VOLT", False, ("5", "6"))]),
        ('LAB "a;b,c"', [Unit("LAB", False, ('"a;b,c"',))]),
        ("", []),
        (";;", []),
    ],
)
def test_messages(message, expected):
    assert list(units(message)) == expected


@pytest.mark.parametrize("message", ["?", ":", ":?", "VOLT 5,,6", "VOLT ,"])
def test_broken_messages(message):
    with pytest.raises(ScpiError) as error:
        list(units(message))
    assert error.value.code == scpi.SYNTAX_ERROR


@given(st.lists(st.tuples(st.sampled_from(["A:B", "C", "D:E:F", "*OPC"]), st.booleans()), min_size=1, max_size=8))
def test_a_chain_of_absolute_headers_is_its_parts(parts):
    message = ";".join((header if header[0] == "*" else f":{header}") + "?" * query for header, query in parts)
    assert [(unit.header, unit.query) for unit in units(message)] == parts


@pytest.mark.parametrize(("rooted", "amps", "errors"), [(True, [1.0, 3.0], []), (False, [3.0], [-113])])
def test_firmware_that_takes_a_command_from_the_root_when_it_is_none_below_the_path(rooted, amps, errors):
    volts, set_amps = [], []
    table = [
        Command("SOURce:VOLTage", set=volts.append, args=(between(0.0, 9.0),)),
        Command("SOURce:CURRent", set=set_amps.append, args=(between(0.0, 9.0),)),
    ]
    instrument = ScpiInstrument("a,b,c,d", table, reset=lambda: None, dialect=Dialect(rooted=rooted))
    instrument.execute(b"SOUR:VOLT 5;SOUR:CURR 1")
    instrument.execute(b"SOUR:VOLT 6;CURR 3")
    assert (volts, set_amps, list(instrument.errors)) == ([5.0, 6.0], amps, errors)


@given(st.text("ab,;\"'", max_size=20))
def test_split_loses_nothing(text):
    assert ",".join(split(text, ",")) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5.0),
        ("+5.0", 5.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e1", 10.0),
        ("1E+1V", 10.0),
        ("500mV", 0.5),
        ("500 MV", 0.5),
        ("0.01kV", 10.0),
        ("10V", 10.0),
        ("min", 0.0),
        ("MAXIMUM", 80.0),
        ("DEF", 12.0),
    ],
)
def test_numbers(text, value):
    assert between(0.0, 80.0, "V", 12.0)(text) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("80.01", scpi.OUT_OF_RANGE),
        ("-0.001", scpi.OUT_OF_RANGE),
        ("1e99", scpi.OUT_OF_RANGE),
        ("five", scpi.DATA_TYPE_ERROR),
        ("5 5", scpi.DATA_TYPE_ERROR),
        ("nan", scpi.DATA_TYPE_ERROR),
        ("inf", scpi.DATA_TYPE_ERROR),
        ("5A", scpi.INVALID_SUFFIX),
        ("5nV", scpi.INVALID_SUFFIX),
    ],
)
def test_what_is_no_number(text, code):
    with pytest.raises(ScpiError) as error:
        between(0.0, 80.0, "V")(text)
    assert error.value.code == code


def test_a_number_without_units_refuses_them():
    with pytest.raises(ScpiError) as error:
        between(0.0, 10.0)("5V")
    assert error.value.code == scpi.SUFFIX_NOT_ALLOWED


def test_mega_ohms_are_not_milli():
    assert between(0.0, 1e9, "OHM")("2MOHM") == 2e6


@pytest.mark.parametrize(("text", "value"), [("ON", True), ("off", False), ("1", True), ("0", False), ("2.4", True)])
def test_booleans(text, value):
    assert boolean(text) is value


def test_what_is_no_boolean():
    with pytest.raises(ScpiError) as error:
        boolean("maybe")
    assert error.value.code == scpi.DATA_TYPE_ERROR


def test_choices():
    function = choice("CURRent", "RESistance")
    assert [function(word) for word in ("curr", "CURRENT", "Res")] == ["CURR", "CURR", "RES"]
    with pytest.raises(ScpiError) as error:
        function("CURRE")
    assert error.value.code == scpi.ILLEGAL_VALUE
    with pytest.raises(ScpiError) as error:
        supported("DC", refused=("AC",))("ac")
    assert error.value.code == scpi.SETTINGS_CONFLICT


def test_integers_are_rounded():
    assert [integer(text) for text in ("3", "3.988", "-1.2")] == [3, 4, -1]
