"""Keysight switch units: cards become channels, what is read back, overload, and who is refused. Synthetic scripts."""

import pytest

from instruments.errors import InstrumentError, LinkRefused, NotSupported, OutOfRange, ProtocolError
from instruments.records import NetworkAddress
from instruments.relays.keysight_cards import CARDS
from instruments.relays.keysight_switch import KeysightSwitch

OLD = "HEWLETT-PACKARD,34970A,0,13-2-2"
NEW = "Keysight Technologies,DAQ970A,MY58012345,A.02.04-00.16-11.29-00.02-02-01"
FRAME = "Agilent Technologies,34980A,MY53151561,2.51-2.43-2.07-1.05"


def exchange(command, reply=""):
    return f"{command}\n".encode(), f"{reply}\n".encode() if reply else b""


def checked(*commands, error='+0,"No error"'):
    return [step for command in commands for step in (exchange(command), exchange("SYST:ERR?", error))]


def cards(identity, *names):
    """The conversation of begin() with these cards in the first slots."""
    slots = [100, 200, 300] if identity is OLD else [1, 2, 3] if identity is NEW else range(1, 9)
    texts = [f"Maker,{name},0,1.00" for name in (*names, *["0"] * (len(slots) - len(names)))]
    if identity is FRAME:
        texts = [f'"{text}"' for text in texts]
    asked = [exchange(f"SYST:CTYP? {slot}", text) for slot, text in zip(slots, texts, strict=True)]
    return [exchange("*IDN?", identity), *asked]


@pytest.fixture
def unit(player, tap, clock):
    opened = []

    def start(identity, names, *script):
        server = player([*cards(identity, *names), *script])
        opened.append(KeysightSwitch.connect(NetworkAddress(server.address), name="relays", tap=tap, clock=clock))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


@pytest.mark.parametrize(
    ("identity", "names", "some", "count"),
    [
        (OLD, ("34901A", "34903A"), {101, 120, 201, 220}, 40),
        (NEW, ("DAQM904A",), {111, 118, 141, 148}, 32),
        (FRAME, ("34934A-4x32", "34932A"), {1101, 1501, 1828, 2101, 2816}, 512 + 128),
    ],
)
def test_the_cards_say_which_channels_there_are(unit, identity, names, some, count):
    driver = unit(identity, names)
    assert some <= set(driver.channels)
    assert len(driver.channels) == len(set(driver.channels)) == count


def test_a_card_it_does_not_know_has_no_channels_and_is_named(unit):
    asked = cards(NEW, "DAQM901A", "DAQM999A")[1:]
    driver = unit(NEW, ("DAQM901A", "DAQM999A"), *asked)
    assert driver.channels == driver.inputs == tuple(range(101, 121))
    assert driver.slots() == {1: "DAQM901A", 2: "DAQM999A"}
    with pytest.raises(OutOfRange, match="channel 201 is no relay"):
        driver.set(201, True)


def test_another_model_is_refused(player, tap, clock):
    server = player([exchange("*IDN?", "Agilent Technologies,34401A,0,11-5-2")])
    with pytest.raises(LinkRefused, match="34401A"):
        KeysightSwitch.connect(NetworkAddress(server.address), name="relays", tap=tap, clock=clock)


def test_a_relay_is_switched_and_all_are_read_back(unit):
    closed = ",".join("1" if number == 3 else "0" for number in range(1, 21))
    driver = unit(NEW, ("DAQM903A",), *checked("ROUT:CLOS (@103)"), exchange("ROUT:CLOS? (@101:120)", closed))
    driver.set(103, True)


def test_a_relay_that_does_not_follow_is_named(unit):
    still = exchange("ROUT:CLOS? (@101:120)", ",".join("0" * 20))
    driver = unit(NEW, ("DAQM903A",), *checked("ROUT:CLOS (@103)"), still)
    with pytest.raises(InstrumentError, match="channels 103 read otherwise"):
        driver.set(103, True)


def test_an_answer_for_too_few_relays_is_none(unit):
    driver = unit(NEW, ("DAQM903A",), exchange("ROUT:CLOS? (@101:120)", "0,0,0"))
    with pytest.raises(ProtocolError, match="3 answers for 20 relays"):
        driver.states()


def test_safe_is_one_command_for_a_34980a_and_one_a_card_for_the_others(unit):
    off = ",".join("0" * 20)
    states = [exchange("ROUT:CLOS? (@101:120)", off), exchange("ROUT:CLOS? (@201:220)", off)]
    unit(
        OLD, ("34903A", "34903A"), *checked("ABOR", "ROUT:OPEN (@101:120)", "ROUT:OPEN (@201:220)"), *states
    ).make_safe()
    states = [exchange("ROUT:CLOS? (@1001:1020)", off)]
    unit(FRAME, ("34938A",), *checked("ABOR", "ROUT:OPEN:ALL"), *states).make_safe()


def test_relays_open_even_if_the_scan_cannot_be_stopped(unit):
    off = [*checked("ROUT:OPEN:ALL"), exchange("ROUT:CLOS? (@1001:1020)", ",".join("0" * 20))]
    refused = [*checked("ABOR", error='-113,"Undefined header"'), exchange("SYST:ERR?", '+0,"No error"')]
    driver = unit(FRAME, ("34938A",), *refused, *off)
    with pytest.raises(InstrumentError, match="Undefined header"):
        driver.make_safe()


def test_the_error_queue_is_the_last_word(unit):
    error = '+112,"Channel list: channel number out of range"'
    driver = unit(NEW, ("DAQM903A",), *checked("ROUT:CLOS (@103)", error=error), exchange("SYST:ERR?", '+0,"No error"'))
    with pytest.raises(InstrumentError, match="channel number out of range"):
        driver.set(103, True)


def test_cycles_are_signed_integers(unit):
    assert unit(FRAME, ("34938A",), exchange("DIAG:REL:CYCL? (@1003)", "+642")).operations(1003) == 642


def scan(*channels):
    listed = f"(@{','.join(str(channel) for channel in channels)})"
    return [
        *checked(f"CONF:VOLT:DC 10,DEF,{listed}", f"VOLT:DC:RANG 10,{listed}", f"ROUT:SCAN {listed}"),
        *checked("TRIG:SOUR IMM", "TRIG:COUN 1", "FORM:READ:UNIT ON", "FORM:READ:CHAN ON"),
        exchange(f"VOLT:DC:RANG? {listed}", ",".join(["+1.00000000E+01"] * len(channels))),
    ]


def test_readings_come_in_the_order_asked_for_not_in_that_of_the_scan(unit):
    readings = exchange("READ?", "+1.00000000E+00 VDC,101,-2.00000000E+00 VDC,103")
    driver = unit(NEW, ("DAQM901A",), *scan(103, 101), readings)
    driver.configure("DC voltage", 9.0, channels=(103, 101))
    assert driver.read() == (-2.0, 1.0)


@pytest.mark.parametrize(
    ("reply", "error", "says"),
    [
        ("+9.90000000E+37 VDC,101", InstrumentError, "beyond the range"),
        ("-9.90000000E+37 VDC,101", InstrumentError, "beyond the range"),
        ("+1.00000000E+00 VDC,102", ProtocolError, "readings of channels 102"),
        ("+1.00000000E+00 OHM,101", ProtocolError, "is not a number in VDC"),
    ],
)
def test_what_is_no_reading_of_the_channel(unit, reply, error, says):
    driver = unit(NEW, ("DAQM901A",), *scan(101), exchange("READ?", reply))
    driver.configure("DC voltage", 10.0, channels=(101,))
    with pytest.raises(error, match=says):
        driver.read()


@pytest.mark.parametrize(
    ("function", "range_v", "channels", "error"),
    [
        ("DC current", 1.0, (101,), NotSupported),
        ("DC voltage", 301.0, (101,), OutOfRange),
        ("DC voltage", 10.0, (), OutOfRange),
        ("DC voltage", 10.0, (101, 101), OutOfRange),
        ("DC voltage", 10.0, (201,), OutOfRange),
    ],
)
def test_what_cannot_be_scanned_sends_nothing(unit, function, range_v, channels, error):
    driver = unit(NEW, ("DAQM901A", "DAQM903A"))
    with pytest.raises(error):
        driver.configure(function, range_v, channels=channels)


def test_no_two_channels_of_a_card_have_one_number():
    for name, card in CARDS.items():
        assert len(set(card.relays)) == len(card.relays), name
        assert set(card.inputs) <= set(card.relays) or not card.relays, name
