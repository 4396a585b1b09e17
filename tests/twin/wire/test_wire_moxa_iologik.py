"""The ioLogik's map: relays as coils and as one word, pulses on the calendar, counters, and what is not there."""

import heapq

import pytest

from rig.twin.wire.modbus import ModbusError
from rig.twin.wire.moxa_iologik import Iologik, Wear

S = 10**12


class Coils:
    channels = tuple(range(6))

    def __init__(self):
        self.on = set()

    def set_coils(self, states):
        for channel, on in states:
            (self.on.add if on else self.on.discard)(channel)

    def coil(self, channel):
        return channel in self.on


class Calendar:
    def __init__(self):
        self.now_ps, self.queue = 0, []

    def at(self, t_ps, callback):
        timer = [t_ps, len(self.queue), callback]
        heapq.heappush(self.queue, timer)
        return type("Timer", (), {"cancel": lambda _self: timer.__setitem__(2, lambda: None)})()

    def run_until(self, t_ps):
        while self.queue and self.queue[0][0] <= t_ps:
            self.now_ps, _, callback = heapq.heappop(self.queue)
            callback()
        self.now_ps = t_ps


class Bench:
    def __init__(self):
        self.coils, self.calendar, self.wear = Coils(), Calendar(), Wear()
        self.device = Iologik(self.coils, self.calendar, self.wear)

    def ask(self, request):
        return self.device.execute(bytes.fromhex(request)).hex(" ")

    def read(self, function, address, count):
        return self.device.execute(bytes((function, *address.to_bytes(2), *count.to_bytes(2))))[2:]


@pytest.fixture
def bench():
    return Bench()


def test_relays_one_by_one_and_all_in_a_word(bench):
    assert bench.ask("05 0002 FF00") == "05 00 02 ff 00"
    assert bench.ask("0F 0004 0002 01 03") == "0f 00 04 00 02"
    assert bench.coils.on == {2, 4, 5}
    assert bench.read(3, 32, 1) == b"\0\x34"
    assert bench.read(1, 0, 6) == b"\x34"
    assert bench.ask("06 0020 0009") == "06 00 20 00 09"
    assert bench.coils.on == {0, 3}
    assert bench.ask("10 0020 0001 02 0000") == "10 00 20 00 01"
    assert bench.coils.on == set()


def test_each_operation_is_counted_for_ever_and_since_the_last_reset(bench):
    for word in ("0021", "0021", "0000", "0001"):
        bench.ask(f"06 0020 {word}")
    assert bench.read(4, 64, 4) == bytes.fromhex("00000002 00000000")
    assert bench.read(4, 96, 12)[-4:] == bytes.fromhex("00000001")
    bench.ask("05 0030 FF00")
    assert bench.read(4, 96, 2) == bytes(4)
    bench.device.power_off()
    again = Iologik(bench.coils, bench.calendar, bench.wear)
    assert again.execute(bytes.fromhex("04 0040 0002"))[2:] == bytes.fromhex("00000002")
    assert bench.coils.on == set()
    bench.wear.counts[1] = 0x12345678
    assert bench.read(4, 66, 2) == bytes.fromhex("12345678")


def test_pulses_in_units_of_one_and_a_half_seconds(bench):
    bench.ask("10 0024 0002 04 00000002")
    bench.ask("10 0034 0001 02 0002")
    bench.ask("05 0010 FF00")
    seen = []
    for half_seconds in range(18):
        bench.calendar.run_until(half_seconds * S // 2)
        seen.append((0 in bench.coils.on, bool(bench.read(1, 16, 1)[0])))
    on, between = (True, True), (False, True)
    assert seen == 6 * [on] + 3 * [between] + 6 * [on] + 3 * [(False, False)]


def test_a_write_ends_the_pulses_of_its_relay(bench):
    bench.ask("05 0011 FF00")
    bench.ask("05 0001 FF00")
    bench.calendar.run_until(10 * S)
    assert bench.coils.on == {1}
    bench.ask("05 0011 0000")
    assert bench.coils.on == set()


def test_who_it_is(bench):
    bench.calendar.run_until(70000 * S)
    assert bench.read(4, 5000, 10) == b"ioLogik E1214".ljust(20, b"\0")
    assert bench.read(4, 5024, 3) == bytes.fromhex("0090E83E18CC")
    assert bench.read(4, 5020, 2) == (70000).to_bytes(4)
    assert bench.read(2, 0, 6) == b"\0"


@pytest.mark.parametrize(
    ("request_pdu", "code"),
    [
        ("05 0006 FF00", 2),
        ("05 0000 5500", 3),
        ("0F 0004 0003 01 07", 2),
        ("03 0020 0002", 2),
        ("03 0020 0000", 3),
        ("04 0041 0020", 2),
        ("06 0040 0000", 2),
        ("10 0020 0001 03 000000", 3),
        ("06 0034 0000", 3),
        ("05 0030 0000", 3),
        ("2B", 1),
    ],
)
def test_exceptions(bench, request_pdu, code):
    with pytest.raises(ModbusError) as error:
        bench.ask(request_pdu)
    assert error.value.code == code
    assert bench.coils.on == set()
