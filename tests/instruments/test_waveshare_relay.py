"""Waveshare relays: the reversed read-back of 16 and 32 channels, pulses, inputs."""

import pytest

from instruments.errors import InstrumentError, LinkRefused, NotSupported, OutOfRange
from instruments.records import Identity, NetworkAddress
from instruments.relays.waveshare_relay import WaveshareRelay

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
        opened.append(WaveshareRelay.connect(entry, name="relays", tap=tap, clock=clock, **options))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


def test_identity_is_the_firmware_version(relays):
    assert relays(VERSION).identity() == Identity("Waveshare", "Modbus Relay", "", "2.00")


@pytest.mark.parametrize(
    ("channel", "data"),
    [
        (1, b"\0\0\0\x01"),
        (8, b"\0\0\0\x80"),
        (9, b"\0\0\x01\0"),
        (12, b"\0\0\x08\0"),  # a real board, github.com/simonvetter/modbus issue 47
        (16, b"\0\0\x80\0"),
        (17, b"\0\x01\0\0"),
        (32, b"\x80\0\0\0"),
    ],
)
def test_one_relay_of_32_and_its_place_in_the_reply(relays, channel, data):
    write = b"\x01\x05\x00" + bytes([channel - 1]) + b"\xff\x00"
    relays((write, write), coils(data)).set(channel, True)


def test_standard_byte_order(relays):
    on = b"\x01\x05\x00\x08\xff\x00"
    driver = relays((on, on), coils(b"\x00\x01\0\0"), coils(b"\x01\x02\x04\x08"), byte_order="standard")
    driver.set(9, True)
    assert driver.read_back() == {"on": (1, 10, 19, 28)}


def test_reversed_byte_order(relays):
    driver = relays(coils(b"\x08\x04\x02\x01"))
    assert [number for number, on in driver.states().items() if on] == [1, 10, 19, 28]


def test_16_relays_exchange_two_bytes_and_8_have_nothing_to_exchange(relays):
    sixteen = relays((b"\x01\x01\x00\x00\x00\x10", b"\x01\x01\x02\x80\x01"), channels=16)
    assert sixteen.read_back() == {"on": (1, 16)}
    eight = relays((b"\x01\x01\x00\x00\x00\x08", b"\x01\x01\x01\x81"), channels=8)
    assert eight.read_back() == {"on": (1, 8)}
    with pytest.raises(OutOfRange, match="relay 9 is not 1 to 8"):
        eight.set(9, True)


def test_a_wrong_byte_order_contradicts_at_the_first_set(relays):
    on = b"\x01\x05\x00\x00\xff\x00"
    driver = relays((on, on), coils(b"\x01\0\0\0"))
    with pytest.raises(InstrumentError, match=r"relay 1 reads off .* byte order is 'reversed'"):
        driver.set(1, True)


def test_all_relays_in_one_frame_and_read_back(relays):
    driver = relays(ALL_ON, coils(b"\xff" * 4), ALL_OFF, coils(b"\0" * 4))
    driver.set_all(True)
    driver.make_safe()


def test_a_relay_that_stays_on_is_named(relays):
    driver = relays(ALL_OFF, coils(b"\0\0\x01\0"))
    with pytest.raises(InstrumentError, match=r"relays \[9\] read on"):
        driver.make_safe()


@pytest.mark.parametrize("channel", [0, 33, -1])
def test_out_of_range_sends_nothing(relays, channel):
    driver = relays()
    with pytest.raises(OutOfRange):
        driver.set(channel, True)


def test_bad_address_is_refused(tap, clock):
    with pytest.raises(LinkRefused, match="'twin:' is no Modbus address"):
        WaveshareRelay.connect(NetworkAddress("twin:"), name="relays", tap=tap, clock=clock)


def test_a_pulse_is_one_frame_in_tenths_of_a_second(relays):
    flash = b"\x01\x05\x02\x00\x00\x07"  # the maker's example: relay 1 on for 0.7 s
    relays((flash, flash), coils(b"\0\0\0\x01")).pulse(1, 0.7)


def test_a_pulse_that_does_not_begin_is_an_error_and_not_repeated(relays):
    flash = b"\x01\x05\x02\x01\x03\xe8"
    driver = relays((flash, flash), coils(b"\0\0\0\0"))
    with pytest.raises(InstrumentError, match="relay 2 reads off"):
        driver.pulse(2, 100.0)


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.75, 3276.8, float("nan")])
def test_a_pulse_that_is_no_whole_tenth_sends_nothing(relays, seconds):
    driver = relays()
    with pytest.raises(OutOfRange):
        driver.pulse(1, seconds)


def test_inputs_are_read_and_cannot_be_written(relays):
    inputs = b"\x01\x02\x00\x00\x00\x08", b"\x01\x02\x01\x82"
    driver = relays(inputs, inputs, inputs=8)
    assert driver.lines(("DI2", "DI1")) == {"DI2": True, "DI1": False}
    assert driver.line("DI8") is True
    with pytest.raises(NotSupported):
        driver.set_line("DI1", True)
    with pytest.raises(OutOfRange, match="there is no 'DI9'"):
        driver.line("DI9")


def test_its_relays_are_outputs_by_their_printed_names(relays):
    driver = relays(
        (b"\x01\x05\x00\x0f\xff\x00", b"\x01\x05\x00\x0f\xff\x00"),
        (b"\x01\x01\x00\x00\x00\x10", b"\x01\x01\x02\x80\x00"),
        (b"\x01\x01\x00\x00\x00\x10", b"\x01\x01\x02\x80\x00"),
        (b"\x01\x02\x00\x00\x00\x10", b"\x01\x02\x02\x01\x80"),
        (b"\x01\x01\x00\x00\x00\x10", b"\x01\x01\x02\x80\x00"),
        channels=16,
        inputs=16,
    )
    driver.set_line("CH16", True)
    assert driver.line("CH16") is True
    assert driver.lines(("DI1", "DI2", "DI16", "CH15")) == {"DI1": True, "DI2": False, "DI16": True, "CH15": False}
    with pytest.raises(OutOfRange, match="there is no 'CH17'"):
        driver.set_line("CH17", True)


def test_a_board_without_inputs_has_no_lines_and_no_counters(relays):
    driver = relays()
    with pytest.raises(NotSupported):
        driver.line("DI1")
    with pytest.raises(NotSupported):
        driver.operations(1)
