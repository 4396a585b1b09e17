"""Error queue, common commands and survival of the SCPI instruments, over real sockets."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.twin.wire import scpi
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import between
from rig.twin.wire.scpi_instrument import LONGEST_MESSAGE, Command, Dialect, ScpiInstrument, ScpiSession


@pytest.fixture
def instrument():
    state = {"volts": 0.0}

    def conflict():
        raise ScpiError(scpi.SETTINGS_CONFLICT)

    commands = [
        Command(
            ":VOLTage",
            lambda: f"{state['volts']:g}",
            lambda value: state.update(volts=value),
            (between(0.0, 60.0),),
            lambda value: f"{value:g}",
        ),
        Command(":READonly", lambda: "1"),
        Command(":CONFlict", set=conflict),
    ]
    return ScpiInstrument("A,B,C,D", commands, reset=lambda: state.update(volts=0.0), dialect=Dialect(queue=3))


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("NOSUCH 5", -113),
        ("NOSUCH?", -113),
        ("VOLT", -109),
        ("VOLT 5,6", -108),
        ("VOLT? 5", -108),
        ("VOLT 61", -222),
        ("VOLT five", -104),
        ("VOLT 5V", -138),
        ("READ 5", -113),
        ("CONF", -221),
        ("CONF?", -113),
        ("VOLT 5,,", -102),
        ("VOLT \x07", -101),
        ("*ESE 256", -222),
    ],
)
def test_error_codes(instrument, message, code):
    assert instrument.execute(message.encode()) == b""
    assert instrument.execute(b"SYST:ERR?").startswith(f"{code},".encode())
    assert instrument.execute(b"SYST:ERR?") == b'0,"No error"\n'
    assert instrument.execute(b"VOLT?") == b"0\n"


def test_non_ascii_is_an_invalid_character(instrument):
    assert instrument.execute("VOLT 5Ω".encode()) == b""
    assert instrument.execute(b"SYST:ERR?") == b'-101,"Invalid character"\n'


def test_limits_by_name(instrument):
    assert instrument.execute(b"VOLT MAX;VOLT?;VOLT? MIN") == b"60;0\n"


def test_a_full_queue_ends_with_overflow(instrument):
    for _ in range(5):
        instrument.execute(b"NOSUCH")
    assert instrument.execute(b"SYST:ERR:ALL?") == (
        b'-113,"Undefined header",-113,"Undefined header",-350,"Queue overflow"\n'
    )


def test_execution_errors_let_the_message_go_on_and_command_errors_end_it(instrument):
    assert instrument.execute(b"CONF;VOLT 5;VOLT?") == b"5\n"
    assert instrument.execute(b"NOSUCH;VOLT 6") == b""
    assert instrument.execute(b"VOLT?") == b"5\n"


def test_common_commands(instrument):
    assert instrument.execute(b"*IDN?;*OPC?;*TST?;*STB?;*WAI") == b"A,B,C,D;1;0;0\n"
    instrument.execute(b"NOSUCH")
    assert instrument.execute(b"*STB?") == b"4\n"
    assert instrument.execute(b"*ESE 32;*SRE 32;*ESE?;*SRE?;*STB?") == b"32;32;100\n"
    assert instrument.execute(b"*OPC;*ESR?;*ESR?") == b"33;0\n"
    instrument.execute(b"CONF;*CLS")
    assert instrument.execute(b"SYST:ERR?;*ESR?") == b'0,"No error";0\n'
    instrument.execute(b"VOLT 5;*RST")
    assert instrument.execute(b"VOLT?") == b"0\n"


@given(st.lists(st.binary(max_size=40), max_size=10))
@settings(max_examples=50)
def test_any_cutting_of_the_bytes_gives_the_same_messages(pieces):
    instrument = ScpiInstrument("A,B,C,D", [], reset=lambda: None)
    whole, cut = ScpiSession(instrument), ScpiSession(instrument)
    assert whole.requests(b"".join(pieces) + b"\n") == [
        request for piece in [*pieces, b"\n"] for request in cut.requests(piece)
    ]


@given(st.text(st.characters(max_codepoint=300), max_size=60))
@settings(max_examples=200)
def test_no_message_breaks_the_parser(text):
    instrument = ScpiInstrument("A,B,C,D", [Command(":VOLTage", lambda: "0", None)], reset=lambda: None)
    instrument.execute(text.encode())
    instrument.clear()
    assert instrument.execute(b"*IDN?") == b"A,B,C,D\n"


@pytest.mark.parametrize("name", ["supply", "load", "scope"])
def test_garbage_does_not_end_a_connection(rig, name):
    client = rig.scpi(name)
    client.write(b"\x00\xff\xfe;;;::::?\r\n\n\n#9999\n" + b"x" * 3000 + b"\n")
    client.write(b"y" * (LONGEST_MESSAGE + 1))
    client.write(b"\n*CLS\n")
    assert client.ask("*OPC?") == "1"
    assert client.errors() == '0,"No error"'


def test_a_message_without_end_overruns_the_input(rig):
    client = rig.scpi("load")
    client.write(b"y" * (LONGEST_MESSAGE + 1))
    client.write(b"\n")
    assert '-363,"Input buffer overrun"' in client.errors()


def test_clients_share_the_instrument_and_its_errors(rig):
    first, second = rig.scpi("load"), rig.scpi("load")
    first.write("NOSUCH")
    assert first.ask("*OPC?") == "1"
    assert second.errors() == '-113,"Undefined header"'


def test_a_reply_that_nobody_reads_is_interrupted(rig):
    """IEEE 488.2: a new message drops the rest of the old reply and raises -410."""
    scope = rig.scpi("scope")
    scope.write(":ACQ:MDEP 25M;:TIM:MAIN:SCAL 0.002;:TRIG:SWE SING;*OPC?")
    assert scope.line() == "1"
    clock = rig.clock(owner=True)
    clock.ask(op="sleep", ns=3_000_000_000)
    scope.write(":WAV:MODE RAW;FORM WORD;STAR 1;STOP 25000000;DATA?")  # 50 MB: more than the kernel takes
    assert scope.file.read(1) == b"#"
    other = rig.scpi("scope")
    assert other.ask("*OPC?") == "1"
    scope.write("*WAI")  # from the client that has not read its reply
    clock.ask(op="now", sent={"scope": 0})
    assert other.errors() == '-410,"Query INTERRUPTED"'
