"""The Modbus link: exact frames, nothing sent twice, and each fault by its name."""

import os
import socket
import struct
import threading
import time

import pytest
from instrument_player import Close, Hostile, ModbusPlayer, Raw, Say, WaitFor

from instruments.address import modbus_place
from instruments.errors import (
    InstrumentError,
    LinkDesync,
    LinkLost,
    LinkRefused,
    LinkTimeout,
    OutOfRange,
    ProtocolError,
)
from instruments.modbus import ModbusLink, f32_words, u32_words
from instruments.state import LinkState

READ = b"\x01\x03\x00\x10\x00\x02"
READ_REPLY = b"\x01\x03\x04\x41\x20\x00\x00"  # 10.0


@pytest.fixture
def connect(player, tap, clock):
    links = []

    def open_link(*scripts, timeout_s=0.15):
        server = player(*scripts, modbus=True)
        link = ModbusLink(modbus_place(server.address, 502), name="daq", tap=tap, clock=clock, timeout_s=timeout_s)
        links.append(link)
        link.open()
        return link

    yield open_link
    for link in links:
        link.close()


def test_every_function_sends_its_exact_frame(connect):
    link = connect(
        [
            (b"\x01\x01\x00\x00\x00\x0a", b"\x01\x01\x02\x05\x02"),
            (b"\x01\x05\x00\x02\xff\x00", b"\x01\x05\x00\x02\xff\x00"),
            (b"\x01\x05\x00\x02\x00\x00", b"\x01\x05\x00\x02\x00\x00"),
            (b"\x01\x0f\x00\x00\x00\x0a\x02\xff\x03", b"\x01\x0f\x00\x00\x00\x0a"),
            (READ, READ_REPLY),
            (b"\x01\x03\x00\x10\x00\x02", b"\x01\x03\x04\x00\x01\x00\x02"),
            (b"\x01\x10\x00\x20\x00\x02\x04\x12\x34\x00\x05", b"\x01\x10\x00\x20\x00\x02"),
            (b"\x01\x02\x00\x03\x00\x03", b"\x01\x02\x01\x05"),
            (b"\x01\x04\x00\x10\x00\x01", b"\x01\x04\x02\xff\xfe"),
            (b"\x01\x06\x00\x07\xab\xcd", b"\x01\x06\x00\x07\xab\xcd"),
            (b"\x01\x05\x00\x02\x55\x00", b"\x01\x05\x00\x02\x55\x00"),
        ]
    )
    coils = link.read_coils(0, 10)
    assert [number for number, on in enumerate(coils) if on] == [0, 2, 9]
    link.write_coil(2, True)
    link.write_coil(2, False)
    link.write_coils(0, [True] * 10)
    assert link.read_f32(0x10) == 10.0
    assert link.read_u32(0x10) == 0x10002
    link.write_registers(0x20, [0x1234, 5])
    assert link.read_discrete_inputs(3, 3) == (True, False, True)
    assert link.read_input_registers(0x10, 1) == (0xFFFE,)
    link.write_register(7, 0xABCD)
    link.write_coil_value(2, 0x5500)


def test_transcript_and_byte_count_are_those_of_the_wire(connect, tap, clock):
    link = connect([(READ, READ_REPLY)])
    link.read_registers(0x10, 2)
    link.close()
    (_, _, opened), sent, received, (_, _, closed) = tap.events
    assert (opened, closed) == ("open", "close")
    assert sent[0] == ">"
    assert sent[1][2:] == ModbusPlayer.frame(READ)[2:]
    assert received == ("<", sent[1][:2] + ModbusPlayer.frame(READ_REPLY)[2:], "")
    assert clock.totals == {"daq": 12}


def test_nagle_is_off(connect):
    with socket.socket(fileno=os.dup(connect([])._transport._fd)) as same:
        assert same.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


def test_refused_port(tap, clock):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    link = ModbusLink(modbus_place(f"127.0.0.1:{port}", 502), name="relays", tap=tap, clock=clock)
    with pytest.raises(LinkRefused, match=f"relays: no connection to 127.0.0.1:{port}"):
        link.open()
    assert link.state is LinkState.CLOSED


def test_exception_reply_is_an_instrument_error_and_the_link_goes_on(connect):
    link = connect([(READ, b"\x01\x83\x02"), (READ, READ_REPLY)])
    with pytest.raises(InstrumentError, match="exception 2, illegal data address"):
        link.read_registers(0x10, 2)
    assert link.read_f32(0x10) == 10.0


def test_silence_is_sent_once_and_times_out(connect):
    link = connect([(b"\x01\x05\x00\x02\xff\x00", b""), Hostile()])
    wall, cpu = time.monotonic(), time.process_time()
    with pytest.raises(LinkTimeout, match=r"within 0.15 s \(0 bytes came\)"):
        link.write_coil(2, True)
    assert time.monotonic() - wall >= 0.15
    assert time.process_time() - cpu < 0.1
    assert link.state is LinkState.DESYNC
    with pytest.raises(LinkDesync):
        link.read_coils(0, 8)


def test_a_timed_out_write_was_sent_exactly_once(connect):
    done = threading.Event()
    # the strict end of the script proves that no second frame follows
    link = connect([(b"\x01\x05\x00\x02\xff\x00", b""), WaitFor(done)])
    with pytest.raises(LinkTimeout):
        link.write_coil(2, True)
    done.set()
    link.close()


def test_half_a_reply_times_out(connect):
    link = connect([(READ, Raw(lambda tid: tid + b"\0\0\0\x07\x01\x03")), Hostile()])
    with pytest.raises(LinkTimeout, match="8 bytes came"):
        link.read_registers(0x10, 2)


@pytest.mark.parametrize("partial", [b"", b"\0\0\0\x07\x01"])
def test_end_of_file_is_lost_and_never_reconnected_silently(connect, partial):
    link = connect([(READ, Raw(lambda tid: tid + partial) if partial else b""), Close()], timeout_s=2.0)
    with pytest.raises(LinkLost):
        link.read_registers(0x10, 2)
    assert link.state is LinkState.LOST
    with pytest.raises(LinkLost, match="was lost"):
        link.read_registers(0x10, 2)


def test_accept_then_close_is_lost_before_anything_is_sent(player, tap, clock):
    server = player([Close()], modbus=True)
    link = ModbusLink(modbus_place(server.address, 502), name="daq", tap=tap, clock=clock)
    link.open()
    server.finish()
    with pytest.raises(LinkLost):
        link.read_registers(0x10, 2)
    assert clock.totals == {}
    link.close()


def test_doubled_reply_is_stale(connect):
    frame = ModbusPlayer.frame(READ_REPLY)[2:]
    link = connect([(READ, Raw(lambda tid: (tid + frame) * 2)), Hostile()])
    with pytest.raises(LinkDesync, match="behind the reply"):
        link.read_registers(0x10, 2)
    assert link.state is LinkState.DESYNC


def test_stale_bytes_before_a_command_are_found(connect, clock):
    said = threading.Event()
    link = connect([(READ, READ_REPLY), WaitFor(said), Say(b"junk"), Hostile()])
    link.read_registers(0x10, 2)
    before = dict(clock.totals)
    said.set()
    assert link._transport._readable(2000)
    with pytest.raises(LinkDesync, match="before the command: b'junk'"):
        link.write_coil(2, True)
    assert clock.totals == before


def test_a_late_reply_cannot_be_taken_for_the_next_one(connect):
    late = threading.Event()
    link = connect(
        [(READ, b""), WaitFor(late), Say(ModbusPlayer.frame(READ_REPLY)), Hostile()],
        [(READ, b"\x01\x03\x04\x00\x00\x00\x07")],
    )
    with pytest.raises(LinkTimeout):
        link.read_registers(0x10, 2)
    late.set()
    with pytest.raises(LinkDesync):
        link.read_registers(0x10, 2)
    link.reopen()
    assert link.read_u32(0x10) == 7


def test_wrong_number_of_registers_is_a_protocol_error(connect):
    link = connect([(READ, b"\x01\x03\x02\x00\x01")])
    with pytest.raises(ProtocolError, match="2 bytes of data where 4 were asked for"):
        link.read_registers(0x10, 2)


def test_an_echo_that_confirms_something_else_is_a_protocol_error(connect):
    link = connect([(b"\x01\x05\x00\x02\x55\x00", b"\x01\x05\x00\x02\xff\x00"), Hostile()])
    with pytest.raises(ProtocolError, match="the echo 05 00 02 ff 00 where 05 00 02 55 00 confirms"):
        link.write_coil_value(2, 0x5500)
    assert link.state is LinkState.DESYNC


@pytest.mark.parametrize(
    "call",
    [
        lambda link: link.read_registers(0, 126),
        lambda link: link.read_registers(0xFFFF, 2),
        lambda link: link.read_coils(0, 2001),
        lambda link: link.write_coils(0, []),
        lambda link: link.write_registers(0, [0x10000]),
        lambda link: link.write_register(-1, 0),
        lambda link: link.write_coil_value(0, 0x10000),
    ],
)
def test_what_no_frame_can_say_is_refused_before_anything_is_sent(connect, clock, call):
    with pytest.raises(OutOfRange):
        call(connect([]))
    assert clock.totals == {}


def test_words_are_most_significant_first():
    assert u32_words(0x12345678) == (0x1234, 0x5678)
    assert struct.pack(">2H", *f32_words(2500.0)) == struct.pack(">f", 2500.0)
