"""What only Modbus can do wrong: headers, CRC, transaction, unit, function, echo. TCP, RTU on a pty, RTU over TCP."""

import struct
import time

import pytest

from instruments.errors import InstrumentError, LinkDesync, LinkTimeout, OutOfRange, ProtocolError
from instruments.modbus_frames import crc
from instruments.state import LinkState
from tests.instruments.hostile import MODBUS

TIMEOUT_S = 0.15


@pytest.fixture(params=MODBUS, ids=lambda wire: wire.name)
def wire(request):
    return request.param


@pytest.fixture
def answered(wire, tmp_path, tap, clock):
    """`answered(make, ...)` -> an open link to a server that says make(request), one to a request it gets."""
    started = []

    def start(*makers, **options):
        def behave(end):
            for make in makers:
                end.say(make(end.request()))

        server = wire.start(tmp_path, behave)
        link = wire.link(wire.address(server), tap=tap, clock=clock, **{"timeout_s": TIMEOUT_S, **options})
        started.extend((link.close, server.finish))
        link.open()
        return link

    yield start
    for end in started:
        end()


def pdu(wire, data):
    return lambda request: wire.frame(request, data)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x03\x04\x00\x07\x00\x08", "4 bytes of data where 2 were asked for"),
        (b"\x03\x00", "0 bytes of data where 2 were asked for"),
        (b"\x04\x02\x00\x07", "a reply to function 4 where 3 was asked"),
        (b"\x84\x02", "a reply to function 4 where 3 was asked"),
        (b"\x05\x00\x07\x00\x01", "a reply to function 5 where 3 was asked"),
    ],
    ids=["too many registers", "no register", "another function", "exception of another function", "an echo"],
)
def test_a_reply_of_another_shape_is_no_value(wire, answered, data, what):
    link = answered(pdu(wire, data))
    with pytest.raises(ProtocolError, match=what):
        wire.ask(link)
    assert link.state is LinkState.DESYNC


def test_a_reply_of_another_unit_is_no_value(wire, answered):
    def other(request):
        return wire.reply((b"\x02" + request[1:]) if wire.rtu else request[:6] + b"\x02" + request[7:])

    link = answered(other)
    with pytest.raises(ProtocolError, match="a reply of unit 2 where 1 was asked"):
        wire.ask(link)
    assert link.state is LinkState.DESYNC


def test_an_exception_is_the_devices_error_and_the_link_goes_on(wire, answered):
    link = answered(pdu(wire, b"\x83\x0b"), wire.reply)
    with pytest.raises(InstrumentError, match="exception 11, the device behind the gateway does not answer"):
        wire.ask(link)
    assert wire.ask(link) == 7


@pytest.mark.parametrize(
    "echo",
    [b"\x05\x00\x03\xff\x00", b"\x05\x00\x04\x55\x00", b"\x05\x00\x03\x00\x00"],
    ids=["on instead of toggle", "another coil", "off instead of toggle"],
)
def test_an_echo_of_something_else_does_not_confirm(wire, answered, echo):
    link = answered(pdu(wire, echo))
    with pytest.raises(ProtocolError, match=r"the echo .* where 05 00 03 55 00 confirms"):
        link.write_coil_value(3, 0x5500)
    assert link.state is LinkState.DESYNC


def test_a_toggle_without_an_echo_is_on_the_wire_once(wire, tmp_path, tap, clock):
    seen = []

    def behave(end):
        while True:
            seen.append(end.some())

    server = wire.start(tmp_path, behave)
    link = wire.link(wire.address(server), tap=tap, clock=clock, timeout_s=TIMEOUT_S)
    link.open()
    with pytest.raises(LinkTimeout):
        link.write_coil_value(3, 0x5500)
    with pytest.raises(LinkDesync):
        link.write_coil_value(3, 0x5500)
    link.close()
    server.finish()
    assert wire.pdu(b"".join(seen)) == b"\x05\x00\x03\x55\x00"


def test_an_echo_that_confirms_is_enough(wire, answered):
    link = answered(pdu(wire, b"\x05\x00\x03\x55\x00"), pdu(wire, b"\x10\x00\x20\x00\x02"))
    link.write_coil_value(3, 0x5500)
    assert link.state is LinkState.SYNC


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda frame: b"\xff\xff" + frame[2:], "a reply of transaction|the reply of transaction 65535"),
        (lambda frame: frame[:2] + b"\x00\x01" + frame[4:], "instead of the header"),
        (lambda frame: frame[:4] + b"\xff\xff" + frame[6:], "instead of the header"),
        (lambda frame: frame[:4] + b"\x00\x02" + frame[6:], "instead of the header"),
    ],
    ids=["transaction", "protocol", "length too long", "length too short"],
)
def test_headers_of_modbus_tcp_that_lie(tmp_path, tap, clock, change, error):
    wire = MODBUS[0]
    server = wire.start(tmp_path, lambda end: end.say(change(wire.reply(end.request()))))
    link = wire.link(wire.address(server), tap=tap, clock=clock, timeout_s=5.0)
    link.open()
    with pytest.raises(ProtocolError, match=error):
        wire.ask(link)
    link.close()
    server.finish()


def test_length_of_modbus_tcp_beyond_the_reply_times_out(tmp_path, tap, clock):
    wire = MODBUS[0]
    server = wire.start(
        tmp_path, lambda end: end.say(struct.pack(">HHHB", 1, 0, 200, 1) + wire.pdu(wire.reply(end.request())))
    )
    link = wire.link(wire.address(server), tap=tap, clock=clock, timeout_s=TIMEOUT_S)
    link.open()
    with pytest.raises(LinkTimeout):
        wire.ask(link)
    link.close()
    server.finish()


@pytest.mark.parametrize("wire", MODBUS[1:], ids=lambda wire: wire.name)
@pytest.mark.parametrize("place", range(3, 7))
def test_a_flipped_bit_in_an_rtu_frame_is_no_value(answered, wire, place):
    def flipped(request):
        frame = bytearray(wire.reply(request, 0x1234))
        frame[place] ^= 0x10
        return bytes(frame)

    link = answered(flipped)
    with pytest.raises(ProtocolError, match="wrong CRC"):
        wire.ask(link)
    assert link.state is LinkState.DESYNC


@pytest.mark.parametrize("wire", MODBUS[1:], ids=lambda wire: wire.name)
def test_a_byte_count_that_lies_is_no_value(answered, wire):
    link = answered(lambda request: wire.reply(request)[:2] + b"\x00" + wire.reply(request)[3:])
    with pytest.raises(LinkDesync, match="behind the reply"):
        wire.ask(link)


def test_frames_on_a_serial_line_keep_the_silence(tmp_path, tap, clock):
    """The pause between a reply and the next request is at least 3.5 characters (1.75 ms at 115200 baud)."""
    wire, pauses = MODBUS[1], []

    def behave(end):
        for _ in range(5):
            request = end.request()
            asked = time.monotonic()
            if pauses:
                pauses[-1] = asked - pauses[-1]
            pauses.append(time.monotonic())  # before it: afterwards the other side may have gone on already
            end.say(wire.reply(request))

    server = wire.start(tmp_path, behave)
    link = wire.link(wire.address(server), tap=tap, clock=clock, timeout_s=5.0)
    link.open()
    assert [wire.ask(link, number) for number in range(5)] == list(range(5))
    link.close()
    server.finish()
    assert min(pauses[:-1]) >= 1.75e-3


@pytest.mark.parametrize("unit", [0, 248])
def test_rtu_has_no_such_unit(tmp_path, tap, clock, unit):
    wire = MODBUS[1]
    with pytest.raises(OutOfRange, match=f"unit {unit} is outside 1 to 247"):
        wire.link(str(tmp_path / "never"), tap=tap, clock=clock, unit=unit).open()


def test_crc_is_that_of_the_specification():
    """MODBUS over Serial Line V1.02, appendix B: 02 07 has the CRC 1241 (hexadecimal), sent low byte first."""
    assert crc(b"\x02\x07") == b"\x41\x12"
