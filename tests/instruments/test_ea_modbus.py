"""EA supplies over Modbus TCP: PDUs, those of the guide where it prints them."""

import struct

import pytest

from instruments.errors import InstrumentError, LinkRefused, OutOfRange
from instruments.records import Identity, Limits, NetworkAddress, Sample
from instruments.supplies.ea_modbus import EaModbus, counts_of, value_of


def read(first, data):
    count = len(data) // 2
    return (struct.pack(">BBHH", 0, 3, first, count), bytes((0, 3, len(data))) + data)


def write(register, counts):
    frame = struct.pack(">BBHH", 0, 6, register, counts)
    return (frame, frame)


def coil(address, on):
    frame = struct.pack(">BBHH", 0, 5, address, 0xFF00 if on else 0)
    return (frame, frame)


def refused(step, code):
    request, _ = step
    return (request, bytes((0, request[1] | 0x80, code)))


def state(value):
    return read(505, struct.pack(">I", value))


def text(first, words):
    return read(first, words.ljust(40, b"\0"))


IDENTITY = [text(1, b"PSB 9080-60"), text(151, b"2870380001")]
NOMINAL = [read(121, struct.pack(">f", 80.0)), read(123, struct.pack(">f", 60.0)), read(125, struct.pack(">f", 5000.0))]
BEGIN = [*IDENTITY, coil(402, True), *NOMINAL]


@pytest.fixture
def supply(player, tap, clock):
    opened = []

    def start(*script, begin=BEGIN):
        server = player([*begin, *script], modbus=True)
        opened.append(EaModbus.connect(NetworkAddress(server.address), name="supply", tap=tap, clock=clock))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


def test_connect_takes_control_and_reads_the_nominal_values(supply):
    driver = supply()
    assert driver.limits == Limits(80.0, 60.0, 5000.0)
    assert driver.known == Identity("EA Elektro-Automatik", "PSB 9080-60", "2870380001", "")


def test_the_guide_s_translations():
    """PGMBEN revision 24, sections 4.4 and 8.3.7.2."""
    assert counts_of(3150.0, 3500.0) == 0xB851
    assert counts_of(35.0, 170.0) == 0x2A2A
    assert value_of(0x2454, 80.0) == pytest.approx(14.19, abs=0.005)
    assert counts_of(88.0, 80.0) == 0xE147


def test_half_the_current_is_the_guide_s_message(supply):
    """Section 4.8.7.1: 50 % of the current is 01F5 6666."""
    driver = supply((bytes.fromhex("00 06 01F5 6666"), bytes.fromhex("00 06 01F5 6666")))
    driver.set_current_limit(30.0)


@pytest.mark.parametrize("code", [7, 23])
def test_a_supply_that_keeps_its_control_is_refused(supply, code):
    with pytest.raises(LinkRefused, match="keeps its remote control"):
        supply(begin=[*IDENTITY, refused(coil(402, True), code)])


@pytest.mark.parametrize("model", [b"EL 9080-60 DT", b"PS 2042-06B", b"\xff\xfe\x80", b""])
def test_another_instrument_is_refused_before_anything_is_set(supply, model):
    with pytest.raises(LinkRefused, match="which is no PS, PSI, PSE or PSB"):
        supply(begin=[text(1, model), text(151, b"1")])


def test_settings_are_parts_of_the_nominal_values(supply):
    driver = supply(write(500, 31457), write(501, 9175), write(502, 5033), write(550, 36700), write(553, 57671))
    driver.set_voltage(48.0)
    driver.set_current_limit(10.5)
    driver.set_power_limit(480.0)
    driver.set_ovp(56.0)
    driver.set_ocp(66.0)
    for method, value in (
        ("set_voltage", 80.1),
        ("set_current_limit", -0.1),
        ("set_power_limit", 5001.0),
        ("set_ovp", 88.1),
    ):
        with pytest.raises(OutOfRange):
            getattr(driver, method)(value)


def test_a_value_that_the_supply_refuses_is_raised(supply):
    driver = supply(refused(write(500, 31457), 3))
    with pytest.raises(InstrumentError, match="exception 3"):
        driver.set_voltage(48.0)


def test_output_is_read_back(supply):
    driver = supply(coil(405, True), state(0x883), coil(405, False), state(0x883))
    driver.output(True)
    with pytest.raises(InstrumentError, match="did not go off"):
        driver.output(False)


def test_measure_is_negative_while_it_sinks(supply):
    actual = read(507, struct.pack(">HH", 0x2454, 0x6666))
    driver = supply(state(0x883), actual, state(0x80000883), actual)
    assert driver.measure() == Sample(value_of(0x2454, 80.0), value_of(0x6666, 60.0))
    assert driver.measure().amps == -value_of(0x6666, 60.0)


@pytest.mark.parametrize(("bits", "mode"), [(0x483, "CC"), (0x883, "CV"), (0xA83, "CR"), (0xE83, "CP"), (0x803, "OFF")])
def test_regulation(supply, bits, mode):
    """0x483 is the guide's example: remote by USB, DC on, CC."""
    assert supply(state(bits)).regulation() == mode


@pytest.mark.parametrize(
    ("bit", "alarm"),
    [(16, "OVP"), (17, "OCP"), (18, "OPP"), (19, "OT"), (21, "PF"), (22, "PF"), (23, "PF"), (15, None)],
)
def test_trip(supply, bit, alarm):
    assert supply(state(1 << bit | 0x803)).trip() == alarm


def test_clear_protection_switches_off_acknowledges_and_verifies(supply):
    clear = [coil(405, False), coil(411, True)]
    driver = supply(*clear, state(0x803), *clear, state(0x18803), *clear, state(0x883))
    driver.clear_protection()
    with pytest.raises(InstrumentError, match="alarm OVP persists"):
        driver.clear_protection()
    with pytest.raises(InstrumentError, match="stays on"):
        driver.clear_protection()


def test_make_safe_with_the_output_stuck_takes_the_voltage_down(supply):
    driver = supply(coil(405, False), state(0x883), write(500, 0))
    with pytest.raises(InstrumentError, match="did not go off"):
        driver.make_safe()


def test_make_safe_reads_both_back(supply):
    off = [coil(405, False), state(0x803), write(500, 0)]
    driver = supply(*off, read(500, b"\0\0"), *off, read(500, struct.pack(">H", 31457)))
    driver.make_safe()
    with pytest.raises(InstrumentError, match="set voltage reads 48"):
        driver.make_safe()
