"""What only text protocols can do wrong: line ends, blocks, error queues, coalesced commands. TCP and serial."""

import socket
import struct
import threading
import time

import pytest

from instruments.errors import InstrumentError, LinkDesync, LinkLost, LinkTimeout, ProtocolError
from instruments.scpi import ERROR_QUEUE_LIMIT, set_checked
from instruments.state import LinkState
from tests.instruments.hostile import SCPI

TIMEOUT_S = 0.15


@pytest.fixture(params=SCPI, ids=lambda wire: wire.name)
def said(request, tmp_path, tap, clock):
    """`said(reply, ...)` -> an open link to a server that gives these replies, one to a line it gets."""
    wire, started = request.param, []

    def start(*replies, then=None, timeout_s=TIMEOUT_S):
        def behave(end):
            for reply in replies:
                end.request()
                end.say(reply)
            if then is not None:
                then(end)

        server = wire.start(tmp_path, behave)
        link = wire.link(wire.address(server), tap=tap, clock=clock, timeout_s=timeout_s)
        started.extend((link.close, server.finish))
        link.open()
        return link

    yield start
    for end in started:
        end()


@pytest.mark.parametrize(
    ("reply", "error", "state"),
    [
        (b"48.00\r", LinkTimeout, LinkState.DESYNC),
        (b"48.00", LinkTimeout, LinkState.DESYNC),
        (b"48.00\n\r", LinkDesync, LinkState.DESYNC),
        (b"48.00;\x00\xff\n", ProtocolError, LinkState.SYNC),
        (b"48\xc2\xb0C\n", ProtocolError, LinkState.SYNC),
        (b"x" * (1 << 20) + b"y" * 65536, ProtocolError, LinkState.DESYNC),
    ],
    ids=["CR", "no end", "LF CR", "binary", "UTF-8", "very long line"],
)
def test_line_ends_and_characters(said, reply, error, state):
    long = len(reply) > 100
    link = said(reply, timeout_s=5.0 if long else TIMEOUT_S)
    with pytest.raises(error):
        link.query("MEAS:VOLT?")
    assert link.state is state


def test_cr_lf_and_lf_are_line_ends(said):
    link = said(b"48.00\r\n", b"49.00\n", timeout_s=5.0)
    assert [link.query("MEAS:VOLT?"), link.query("MEAS:VOLT?")] == ["48.00", "49.00"]


def test_a_line_of_a_mebibyte_is_read(said):
    reply = b"1," * (1 << 18) + b"\n"
    assert len(said(reply, timeout_s=10.0).query("DATA?")) == len(reply) - 1


def test_an_error_queue_that_never_empties(said, clock):
    link = said(b"", *[b'-222,"Data out of range"\n'] * (ERROR_QUEUE_LIMIT + 5), timeout_s=5.0)
    with pytest.raises(InstrumentError, match=r"its error queue never empties: -222.*power it off and on"):
        set_checked(link, "VOLT 99")
    assert clock.totals["meter"] == len("VOLT 99\n") + ERROR_QUEUE_LIMIT * len("SYST:ERR?\n")
    assert link.state is LinkState.SYNC


PAYLOAD = bytes(range(256)) * 4


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (b"#41024" + PAYLOAD[:-1] + b"\n", LinkTimeout),
        (b"#41024" + PAYLOAD + b"\x00\n", ProtocolError),
        (b"#41024" + PAYLOAD, LinkTimeout),
        (b"#41024" + PAYLOAD + b"\n\n", LinkDesync),
        (b"#9999999999" + PAYLOAD + b"\n", ProtocolError),
        (b"#4-102" + PAYLOAD + b"\n", ProtocolError),
        (b"#0" + PAYLOAD + b"\n", ProtocolError),
        (b"1024" + PAYLOAD + b"\n", ProtocolError),
        (b"#410", LinkTimeout),
        (b"", LinkTimeout),
    ],
    ids=[
        "a byte short", "a byte long", "no terminator", "two terminators", "length lies", "length is no number",
        "indefinite", "no header", "header cut", "nothing",
    ],
)  # fmt: skip
def test_blocks_that_lie(said, clock, reply, error):
    link = said(reply)
    begin = time.monotonic()
    with pytest.raises(error):
        link.query_block("DATA?")
    assert time.monotonic() - begin < TIMEOUT_S + len(PAYLOAD) / link._transport.slowest + 0.25
    assert link.state is LinkState.DESYNC
    sent = dict(clock.totals)
    with pytest.raises(LinkDesync):
        link.query("*IDN?")
    assert clock.totals == sent


def test_reset_inside_a_block(said):
    link = said(b"#41024" + PAYLOAD[:500], then=lambda end: end.reset(), timeout_s=5.0)
    with pytest.raises(LinkLost):
        link.query_block("DATA?")
    assert link.state is LinkState.LOST


def test_a_block_in_pieces_is_whole(said):
    def pieces(end):
        for first in range(0, len(PAYLOAD), 100):
            end.say(PAYLOAD[first : first + 100])
            end.pause(0.001)
        end.say(b"\r\n")

    assert bytes(said(b"#41024", then=pieces, timeout_s=5.0).query_block("DATA?")) == PAYLOAD


def test_each_command_is_a_segment_of_its_own(tap, clock):
    """An instrument that takes a segment for a command must not see two in one; the kernel counts them."""
    wire, counted, ready = SCPI[0], [], threading.Event()

    def behave(end):
        with socket.socket(fileno=socket.dup(end.fd)) as same:
            # Nagle's algorithm collects what is sent until the acknowledgement, which now comes late
            same.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
            ready.set()
            for _ in range(6):
                end.request()
            counted.append(struct.unpack_from("I", same.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192), 152)[0])
        end.say(b"1\n")

    server = wire.start(None, behave)
    link = wire.link(wire.address(server), tap=tap, clock=clock, timeout_s=5.0)
    link.open()
    assert ready.wait(5)
    for _ in range(5):
        link.write("VOLT 48")
    assert link.query("VOLT?") == "1"
    link.close()
    server.finish()
    assert counted == [6]
