"""Frames as functions of bytes: whatever comes, only the frame that answers the request is one."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import Garbled
from instruments.modbus_frames import RtuFraming, TcpFraming, crc

REQUEST = b"\x03\x00\x10\x00\x01"
GOOD = b"\x03\x02\x12\x34"


def read(framing, received):
    """What a link makes of these bytes: a PDU, 'more', 'too much' or 'garbled'."""
    framing.request(1, REQUEST)
    try:
        size = framing.size(received)
        if size is None or len(received) < size:
            return "more"
        return framing.pdu(received) if len(received) == size else "too much"
    except Garbled:
        return "garbled"


def tcp_frame(pdu):
    return struct.pack(">HHHB", 1, 0, len(pdu) + 1, 1) + pdu


def rtu_frame(pdu):
    return b"\x01" + pdu + crc(b"\x01" + pdu)


def test_the_right_frames_are_read():
    assert read(TcpFraming(), tcp_frame(GOOD)) == GOOD
    assert read(RtuFraming(), rtu_frame(GOOD)) == GOOD


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_a_frame_of_this_request_or_none(received):
    for framing, whole in ((TcpFraming(), tcp_frame), (RtuFraming(), rtu_frame)):
        result = read(framing, received)
        assert result in {"more", "too much", "garbled"} or received == whole(result)


@given(st.integers(0, 8 * len(rtu_frame(GOOD)) - 1))
def test_no_frame_with_one_wrong_bit_is_read_in_rtu(bit):
    frame = bytearray(rtu_frame(GOOD))
    frame[bit // 8] ^= 1 << bit % 8
    assert read(RtuFraming(), bytes(frame)) in {"more", "too much", "garbled"}


def test_a_frame_cut_anywhere_is_not_whole():
    for framing, whole in ((TcpFraming, tcp_frame(GOOD)), (RtuFraming, rtu_frame(GOOD))):
        assert {read(framing(), whole[:length]) for length in range(1, len(whole))} == {"more"}


def test_transactions_go_round_without_zero():
    framing = TcpFraming()
    numbers = [struct.unpack_from(">H", framing.request(1, REQUEST))[0] for _ in range(0x10001)]
    assert (numbers[0], numbers[0xFFFE], numbers[0xFFFF]) == (1, 0xFFFF, 1)
