"""Waveshare 32-channel relays: Modbus transcripts, synthetic; the byte swap of the read-back is the point."""

import pytest

from instruments.errors import InstrumentError, LinkRefused, OutOfRange
from instruments.records import Identity, NetworkAddress
from instruments.relays.waveshare_relay32 import WaveshareRelay32

VERSION = (b"\x01\x03\x80\x00\x00\x01", b"\x01\x03\x02\x00\xc8")
READ = b"\x01\x01\x00\x00\x00\x20"
ALL_OFF = (b"\x01\x0f\x00\x00\x00\x20\x04\x00\x00\x00\x00", b"\x01\x0f\x00\x00\x00\x20")
ALL_ON = (b"\x01\x0f\x00\x00\x00\x20\x04\xff\xff\xff\xff", b"\x01\x0f\x00\x00\x00\x20")


def coils(data):
    return READ, b"\x01\x01\x04" + data


@pytest.fixture
def relays(player, tap, clock):
    opened = []

    def start(*script, **options):
        server = player([VERSION, *script], modbus=True)
        entry = NetworkAddress(server.address)
        opened.append(WaveshareRelay32.connect(entry, name="relays", tap=tap, clock=clock, **options))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


def test_identity_is_the_firmware_version(relays):
    assert relays(VERSION).identity() == Identity("Waveshare", "Modbus Relay 32", "", "2.00")


@pytest.mark.parametrize(
    ("channel", "swapped"),
    [
        (1, b"\0\x01\0\0"),
        (8, b"\0\x80\0\0"),
        (9, b"\x01\0\0\0"),
        (16, b"\x80\0\0\0"),
        (17, b"\0\0\0\x01"),
        (32, b"\0\0\x80\0"),
    ],
)
def test_one_relay_and_its_place_in_the_swapped_reply(relays, channel, swapped):
    write = b"\x01\x05\x00" + bytes([channel - 1]) + b"\xff\x00"
    relays((write, write), coils(swapped)).set(channel, True)


def test_standard_byte_order(relays):
    on = b"\x01\x05\x00\x08\xff\x00"
    driver = relays((on, on), coils(b"\x00\x01\0\0"), coils(b"\x01\x02\x04\x08"), byte_order="standard")
    driver.set(9, True)
    assert driver.read_back() == {"on": (1, 10, 19, 28)}


def test_states_unswap(relays):
    driver = relays(coils(b"\x02\x01\x08\x04"))
    assert [number for number, on in driver.states().items() if on] == [1, 10, 19, 28]


def test_a_wrong_byte_order_contradicts_at_the_first_set(relays):
    on = b"\x01\x05\x00\x00\xff\x00"
    driver = relays((on, on), coils(b"\x01\0\0\0"))
    with pytest.raises(InstrumentError, match=r"relay 1 reads off .* byte order is 'swapped'"):
        driver.set(1, True)


def test_all_relays_in_one_frame_and_read_back(relays):
    driver = relays(ALL_ON, coils(b"\xff" * 4), ALL_OFF, coils(b"\0" * 4))
    driver.set_all(True)
    driver.make_safe()


def test_a_relay_that_stays_on_is_named(relays):
    driver = relays(ALL_OFF, coils(b"\x01\0\0\0"))
    with pytest.raises(InstrumentError, match=r"relays \[9\] read on"):
        driver.make_safe()


@pytest.mark.parametrize("channel", [0, 33, -1])
def test_out_of_range_sends_nothing(relays, channel):
    driver = relays()
    with pytest.raises(OutOfRange):
        driver.set(channel, True)


def test_bad_address_is_refused(tap, clock):
    with pytest.raises(LinkRefused, match="'twin:' is no Modbus address"):
        WaveshareRelay32.connect(NetworkAddress("twin:"), name="relays", tap=tap, clock=clock)
