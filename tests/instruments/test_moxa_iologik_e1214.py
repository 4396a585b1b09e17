"""Moxa ioLogik E1214: the addresses of its map, its units, and what it refuses. Frames after the map, synthetic."""

import pytest

from instruments.errors import InstrumentError, LinkRefused, NotSupported, OutOfRange
from instruments.records import Identity, NetworkAddress
from instruments.relays.moxa_iologik_e1214 import MoxaIologikE1214

ALL = b"\x01\x03\x00\x20\x00\x01"


def identification(model):
    return [
        (b"\x01\x04\x13\x88\x00\x0a", b"\x01\x04\x14" + model.ljust(20, b"\0")),
        (b"\x01\x04\x13\xa0\x00\x03", b"\x01\x04\x06\x00\x90\xe8\x3e\x18\xcc"),
        (b"\x01\x04\x13\xa5\x00\x02", b"\x01\x04\x04\x03\x02\x01\x00"),
    ]


def states(word):
    return ALL, b"\x01\x03\x02\x00" + bytes([word])


def echoed(frame):
    return frame, frame


def written(start, *words):
    head = b"\x01\x10" + bytes([0, start, 0, len(words)])
    return head + bytes([2 * len(words)]) + b"".join(word.to_bytes(2, "big") for word in words), head


@pytest.fixture
def relays(player, tap, clock):
    opened = []

    def start(*script, model=b"ioLogik E1214"):
        server = player([*identification(model), *script], modbus=True)
        opened.append(MoxaIologikE1214.connect(NetworkAddress(server.address), name="relays", tap=tap, clock=clock))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


def test_identity_has_the_mac_address_as_serial_number(relays):
    assert relays().known == Identity("Moxa", "ioLogik E1214", "00:90:e8:3e:18:cc", "3.2.1")


def test_another_model_is_refused(relays):
    with pytest.raises(LinkRefused, match="ioLogik E1212"):
        relays(model=b"ioLogik E1212")


def test_relays_are_numbered_from_zero_and_read_as_one_word(relays):
    first, last = echoed(b"\x01\x05\x00\x00\xff\x00"), echoed(b"\x01\x05\x00\x05\xff\x00")
    driver = relays(first, states(0b1), last, states(0b100001), states(0b100001))
    driver.set(0, True)
    driver.set(5, True)
    assert driver.states() == {0: True, 1: False, 2: False, 3: False, 4: False, 5: True}
    with pytest.raises(OutOfRange, match="relay 6 is not 0 to 5"):
        driver.set(6, True)


def test_all_relays_are_one_write(relays):
    driver = relays(echoed(b"\x01\x06\x00\x20\x00\x3f"), states(0x3F), echoed(b"\x01\x06\x00\x20\x00\x00"), states(0))
    driver.set_all(True)
    driver.make_safe()


def test_a_relay_that_does_not_follow_is_named(relays):
    with pytest.raises(InstrumentError, match=r"relays \[2\] read otherwise"):
        relays(echoed(b"\x01\x06\x00\x20\x00\x00"), states(0b100)).make_safe()


def test_a_pulse_is_timed_in_steps_of_a_second_and_a_half(relays):
    script = [written(38, 0, 1), written(53, 2), written(69, 1), echoed(b"\x01\x05\x00\x11\xff\x00"), states(0b10)]
    relays(*script).pulse(1, 3.0)


def test_a_pulse_of_a_relay_that_is_a_plain_output_shows_at_the_read_back(relays):
    script = [written(36, 0, 1), written(52, 1), written(68, 1), echoed(b"\x01\x05\x00\x10\xff\x00"), states(0)]
    with pytest.raises(InstrumentError, match="choose pulse output"):
        relays(*script).pulse(0, 1.5)


@pytest.mark.parametrize("seconds", [0.0, 0.5, 2.0, 1e6, float("nan")])
def test_a_pulse_that_is_no_whole_step_sends_nothing(relays, seconds):
    driver = relays()
    with pytest.raises(OutOfRange):
        driver.pulse(0, seconds)


def test_operations_are_two_words_high_word_first(relays):
    driver = relays((b"\x01\x04\x00\x44\x00\x02", b"\x01\x04\x04\x00\x01\x86\xa0"))
    assert driver.operations(2) == 100_000


def test_inputs_are_read_and_cannot_be_written(relays):
    driver = relays((b"\x01\x02\x00\x00\x00\x06", b"\x01\x02\x01\x21"))
    assert driver.lines(("DI0", "DI1", "DI5")) == {"DI0": True, "DI1": False, "DI5": True}
    with pytest.raises(NotSupported):
        driver.set_line("DI0", True)
    with pytest.raises(OutOfRange, match="there is no 'DI6'"):
        driver.line("DI6")
