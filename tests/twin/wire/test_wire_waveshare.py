"""The relay board's requests over a real socket, with the frames of the maker's protocol page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.twin.wire.modbus import ModbusError, pack_bits, unpack_bits
from rig.twin.wire.waveshare import Board


def frame(text):
    return bytes.fromhex(text)


def test_one_relay_on_off_and_toggled(rig):
    board = rig.modbus("relays")
    for request, coils in (
        ("05 0000 FF00", {1}),
        ("05 001F FF00", {1, 32}),
        ("05 0000 5500", {32}),
        ("05 0000 5500", {1, 32}),
        ("05 0000 0000", {32}),
    ):
        assert board.ask(frame(request)) == frame(request)
        assert rig.world.relays.coils == coils


def test_all_relays(rig):
    board = rig.modbus("relays")
    assert board.ask(frame("05 00FF FF00")) == frame("05 00FF FF00")
    assert rig.world.relays.coils == set(range(1, 33))
    board.ask(frame("05 0004 0000"))
    board.ask(frame("05 00FF 5500"))
    assert rig.world.relays.coils == {5}
    board.ask(frame("05 00FF 0000"))
    assert rig.world.relays.coils == set()


def test_many_relays_are_written_straight_and_read_back_in_reverse(rig):
    board = rig.modbus("relays")
    assert board.ask(frame("0F 0000 0020 04 01020408")) == frame("0F 0000 0020")
    assert rig.world.relays.coils == {1, 10, 19, 28}
    assert board.ask(frame("01 0000 0020")) == frame("01 04 08040201")
    assert board.ask(frame("01 0000 0010")) == frame("01 02 0201")
    assert board.ask(frame("01 0000 0008")) == frame("01 01 01")
    assert board.ask(frame("01 0008 0001")) == frame("01 01 00")
    assert board.ask(frame("01 0009 0001")) == frame("01 01 01")
    assert board.ask(frame("0F 0009 0001 01 00")) == frame("0F 0009 0001")
    assert rig.world.relays.coils == {1, 19, 28}


def test_flashes_end_by_bench_time(rig):
    board, clock = rig.modbus("relays"), rig.clock(owner=True)
    assert board.ask(frame("05 0202 0007")) == frame("05 0202 0007")  # relay 3 on for 0.7 s
    board.ask(frame("05 00FF FF00"))  # a new command for it ends the flash
    board.ask(frame("05 0401 0002"))  # relay 2 off for 0.2 s
    assert 2 not in rig.world.relays.coils
    clock.ask(op="sleep", ns=199_999_999)
    assert 2 not in rig.world.relays.coils
    clock.ask(op="sleep", ns=1)
    assert rig.world.relays.coils == set(range(1, 33))
    clock.ask(op="sleep", ns=2_000_000_000)
    assert rig.world.relays.coils == set(range(1, 33))


def test_registers(rig):
    board = rig.modbus("relays")
    assert board.ask(frame("03 8000 0001")) == frame("03 02 00C8")
    assert board.ask(frame("03 4000 0001")) == frame("03 02 0001")
    assert board.ask(frame("03 2000 0001")) == frame("03 02 0001")


@pytest.mark.parametrize(
    ("request_pdu", "reply"),
    [
        ("05 0020 FF00", "85 02"),
        ("05 0000 0001", "85 03"),
        ("05 0000 FF", "85 03"),
        ("05 0220 0001", "85 02"),
        ("05 0200 0000", "85 03"),
        ("05 0200 8000", "85 03"),
        ("01 0000 0021", "81 03"),
        ("01 0001 0020", "81 02"),
        ("01 0000 0000", "81 03"),
        ("0F 0000 0020 03 010204", "8F 03"),
        ("0F 0000 0020 04 0102", "8F 03"),
        ("0F 0001 0020 04 01020408", "8F 02"),
        ("03 8001 0001", "83 02"),
        ("03 8000 0002", "83 03"),
        ("02 0000 0008", "82 01"),
        ("2B", "AB 01"),
    ],
)
def test_exceptions(rig, request_pdu, reply):
    assert rig.modbus("relays").ask(frame(request_pdu)) == frame(reply)
    assert rig.world.relays.coils == set()


def test_other_units_do_not_answer(rig):
    board = rig.modbus("relays")
    board.send(frame("05 0000 FF00"), unit=2)
    assert board.ask(frame("01 0000 0008")) == frame("01 01 00")


def test_requests_may_be_cut_and_joined(rig):
    board = rig.modbus("relays")
    one = frame("0001 0000 0006 01 05 0000 FF00")
    two = frame("0002 0000 0006 01 05 0001 FF00")
    for part in (one[:3], one[3:9], one[9:] + two):
        board.sock.sendall(part)
    assert board.file.read(24) == one + two


@pytest.mark.parametrize("garbage", ["0001 0001 0006 01 05", "0001 0000 0001 01", "0001 0000 FFFF 01", "FFFFFFFFFFFF"])
def test_what_is_no_modbus_is_cut_off_and_others_go_on(rig, garbage):
    broken, other = rig.modbus("relays"), rig.modbus("relays")
    broken.sock.sendall(frame(garbage))
    assert broken.sock.recv(1) == b""
    assert other.ask(frame("03 8000 0001")) == frame("03 02 00C8")


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_bits_there_and_back(bits):
    assert unpack_bits(pack_bits(bits), len(bits)) == bits


class Coils:
    def __init__(self, count):
        self.channels = tuple(range(1, count + 1))
        self.on = set()

    def set_coils(self, states):
        for channel, on in states:
            (self.on.add if on else self.on.discard)(channel)

    def coil(self, channel):
        return channel in self.on


def test_the_conversation_of_the_public_issue():
    """simonvetter/modbus #47, a board with 32 relays."""
    board = Board(Coils(32), None)
    assert board.execute(frame("05 000B FF00")) == frame("05 000B FF00")
    assert board.execute(frame("01 0000 0020")) == frame("01 04 00000800")


def test_smaller_boards():
    small, middle = Board(Coils(8), None, inputs=8), Board(Coils(16), None)
    for board in (small, middle):
        board.execute(frame("05 0001 FF00"))
    assert small.execute(frame("01 0000 0008")) == frame("01 01 02")
    assert small.execute(frame("02 0000 0008")) == frame("02 01 00")
    assert middle.execute(frame("01 0000 0010")) == frame("01 02 0002")
    for board, request, code in ((small, "05 0008 FF00", 2), (small, "02 0000 0009", 3), (middle, "02 0000 0008", 1)):
        with pytest.raises(ModbusError) as error:
            board.execute(frame(request))
        assert error.value.code == code
    small.power_off()
    assert small.execute(frame("01 0000 0008")) == frame("01 01 00")
