"""RTU frames, with the bytes that the makers' pages print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.twin.wire.modbus import ILLEGAL_ADDRESS, ModbusError
from rig.twin.wire.modbus_rtu import RtuSession, crc, framed

ON = bytes.fromhex("01 05 0000 FF00 8C3A")  # Waveshare's page: relay 1 on
READ = bytes.fromhex("01 01 0000 0008 3DCC")  # the same page: state of the relays
OFF_ALL = bytes.fromhex("01 0F 0000 0008 01 00 FE95")  # the same page: write all relays off
STRANGE = framed(1, b"\x2b\x0e\x01\x00")


class Device:
    def __init__(self):
        self.done = []

    def __call__(self, pdu):
        self.done.append(pdu)
        if pdu[0] == 1:
            raise ModbusError(ILLEGAL_ADDRESS)
        return pdu[:5]


def served(data, unit=1):
    device = Device()
    session = RtuSession(device, unit)
    return [session.execute(request) for request in session.requests(data)], device.done


def test_the_check_sum_of_the_guide():
    assert crc(bytes.fromhex("0207")) == 0x1241


@pytest.mark.parametrize("whole", [ON, READ, OFF_ALL])
def test_printed_frames_are_whole_and_cut_anywhere(whole):
    for cut in range(1, len(whole)):
        session = RtuSession(Device(), 1)
        assert session.requests(whole[:cut]) == []
        assert session.requests(whole[cut:]) == [whole]


def test_replies_and_exceptions_carry_unit_and_check_sum():
    assert served(ON) == ([ON], [ON[1:-2]])
    assert served(READ) == ([bytes.fromhex("01 81 02 C191")], [READ[1:-2]])
    assert served(STRANGE)[1] == [STRANGE[1:-2]]


def test_another_unit_is_not_answered_and_a_broadcast_is_done_in_silence():
    assert served(ON, unit=2) == ([b""], [])
    everybody = framed(0, ON[1:-2])
    assert served(everybody) == ([b""], [ON[1:-2]])
    session = RtuSession(Device(), 2)
    assert [session.answered(frame) for frame in (ON, everybody, framed(2, ON[1:-2]))] == [False, False, True]
    assert [session.sets(frame) for frame in (ON, READ)] == [True, False]


@given(st.integers(0, len(ON) * 8 - 1))
def test_one_wrong_bit_is_met_with_silence_and_the_next_frame_with_a_reply(bit):
    wrong = bytearray(ON)
    wrong[bit // 8] ^= 1 << bit % 8
    device = Device()
    session = RtuSession(device, 1)
    if not session.requests(bytes(wrong)) and wrong[1] == ON[1]:
        assert session.requests(ON) == [ON]
    assert device.done == []


def test_two_frames_at_once_are_two():
    assert served(ON + OFF_ALL) == ([ON, framed(1, OFF_ALL[1:6])], [ON[1:-2], OFF_ALL[1:-2]])
