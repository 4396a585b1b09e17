"""Moxa ioLogik E1214, Modbus TCP: six relays, six inputs, the factory's register map.

Written from the map in appendix A of the "ioLogik E1200 Series User's Manual": coils for relays, pulses and the reset
of counters; the relays also as one word; two words of a 32-bit value with the high word first; pulse widths in units of
1.5 s. Whatever is not in the map is exception 2, also in the middle of a span. The total count of a relay survives loss
of power and cannot be reset, the current count can. A write to a relay ends its pulses; stopping them opens it.
Inputs are wired to nothing and read 0; input counters, peer-to-peer and watchdog are not simulated.
"""

import struct
from functools import partial

from rig.twin.clock import PS_PER_S
from rig.twin.wire.modbus import ILLEGAL_VALUE, ModbusError
from rig.twin.wire.modbus_map import Cell, ModbusMap
from rig.twin.wire.roles import Calendar, Relays, Scheduled

RELAYS = INPUTS = 6
MODEL = b"ioLogik E1214"
MAC = bytes.fromhex("0090E83E18CC")
ADDRESS = bytes((127, 0, 0, 1))
FIRMWARE = bytes((3, 2, 0, 0))
ZERO = Cell(lambda: 0)
PULSE_UNIT_PS = PS_PER_S * 3 // 2


class Wear:
    """The total counts, in the device's permanent memory."""

    def __init__(self) -> None:
        self.counts = [0] * RELAYS


class Pulse:
    """The pulse settings of one relay, and the next edge while it pulses. `count` 0: without end."""

    def __init__(self) -> None:
        self.count = self.on_width = self.off_width = 1
        self.left = 0
        self.edge: Scheduled | None = None


class Iologik:
    """The device's firmware."""

    def __init__(self, relays: Relays, calendar: Calendar, wear: Wear) -> None:
        self._relays, self._calendar, self._wear = relays, calendar, wear
        self._current = [0] * RELAYS
        self._pulses = [Pulse() for _ in range(RELAYS)]
        self._start_ps = calendar.now_ps
        self._map = ModbusMap(
            self._coil_cells(), dict.fromkeys(range(INPUTS), ZERO), self._holding_cells(), self._input_cells()
        )

    def power_off(self) -> None:
        """All relays fall, and no pulse goes on."""
        for relay in range(RELAYS):
            self._stop(relay)
            self._relays.set_coils([(relay, False)])

    def execute(self, pdu: bytes) -> bytes:
        """Reply PDU to a request PDU; raises ModbusError."""
        return self._map.execute(pdu)

    def _coil_cells(self) -> dict[int, Cell]:
        cells = {}
        for relay, pulse in enumerate(self._pulses):
            cells[relay] = Cell(partial(self._state, relay), partial(self._told, relay))
            cells[16 + relay] = Cell(partial(_pulsing, pulse), partial(self._pulse, relay))
            cells[48 + relay] = Cell(ZERO.read, partial(self._reset_count, relay))
        return cells

    def _holding_cells(self) -> dict[int, Cell]:
        cells = {32: Cell(self._all, self._told_all)}
        for relay, pulse in enumerate(self._pulses):
            cells[36 + 2 * relay] = Cell(partial(_high, pulse), partial(_set_high, pulse))
            cells[37 + 2 * relay] = Cell(partial(_low, pulse), partial(_set_low, pulse))
            cells[52 + relay] = Cell(partial(getattr, pulse, "on_width"), partial(_set_width, pulse, "on_width"))
            cells[68 + relay] = Cell(partial(getattr, pulse, "off_width"), partial(_set_width, pulse, "off_width"))
        return cells

    def _input_cells(self) -> dict[int, Cell]:
        cells = {48: ZERO, 5020: Cell(lambda: self._uptime_s() >> 16), 5021: Cell(lambda: self._uptime_s() & 0xFFFF)}
        for relay in range(RELAYS):
            for base, counts in ((64, self._wear.counts), (96, self._current)):
                cells[base + 2 * relay] = Cell(partial(_word, counts, relay, 16))
                cells[base + 2 * relay + 1] = Cell(partial(_word, counts, relay, 0))
        for start, data in ((5000, MODEL.ljust(20, b"\0")), (5024, MAC), (5027, ADDRESS), (5029, FIRMWARE)):
            for index, word in enumerate(struct.unpack(f">{len(data) // 2}H", data)):
                cells[start + index] = Cell(partial(int, word))
        return cells

    def _uptime_s(self) -> int:
        return (self._calendar.now_ps - self._start_ps) // PS_PER_S

    def _state(self, relay: int) -> int:
        return int(self._relays.coil(relay))

    def _all(self) -> int:
        return sum(self._state(relay) << relay for relay in range(RELAYS))

    def _told(self, relay: int, on: int) -> None:
        self._stop(relay)
        self._switch([(relay, bool(on))])

    def _told_all(self, word: int) -> None:
        for relay in range(RELAYS):
            self._stop(relay)
        self._switch([(relay, bool(word >> relay & 1)) for relay in range(RELAYS)])

    def _switch(self, states: list[tuple[int, bool]]) -> None:
        for relay, on in states:
            if on and not self._relays.coil(relay):
                self._wear.counts[relay] += 1
                self._current[relay] += 1
        self._relays.set_coils(states)

    def _reset_count(self, relay: int, value: int) -> None:
        if not value:
            raise ModbusError(ILLEGAL_VALUE)
        self._current[relay] = 0

    def _pulse(self, relay: int, start: int) -> None:
        self._stop(relay)
        if start:
            self._pulses[relay].left = self._pulses[relay].count
            self._rise(relay)
        else:
            self._switch([(relay, False)])

    def _rise(self, relay: int) -> None:
        pulse = self._pulses[relay]
        self._switch([(relay, True)])
        pulse.edge = self._calendar.at(
            self._calendar.now_ps + pulse.on_width * PULSE_UNIT_PS, partial(self._fall, relay)
        )

    def _fall(self, relay: int) -> None:
        pulse = self._pulses[relay]
        self._switch([(relay, False)])
        pulse.edge = None
        if pulse.left == 1:
            return
        pulse.left = max(pulse.left - 1, 0)
        pulse.edge = self._calendar.at(
            self._calendar.now_ps + pulse.off_width * PULSE_UNIT_PS, partial(self._rise, relay)
        )

    def _stop(self, relay: int) -> None:
        edge, self._pulses[relay].edge = self._pulses[relay].edge, None
        if edge is not None:
            edge.cancel()


def _pulsing(pulse: Pulse) -> int:
    return int(pulse.edge is not None)


def _word(counts: list[int], relay: int, shift: int) -> int:
    return counts[relay] >> shift & 0xFFFF


def _high(pulse: Pulse) -> int:
    return pulse.count >> 16


def _low(pulse: Pulse) -> int:
    return pulse.count & 0xFFFF


def _set_high(pulse: Pulse, word: int) -> None:
    pulse.count = word << 16 | _low(pulse)


def _set_low(pulse: Pulse, word: int) -> None:
    pulse.count = _high(pulse) << 16 | word


def _set_width(pulse: Pulse, width: str, units: int) -> None:
    if not units:
        raise ModbusError(ILLEGAL_VALUE)
    setattr(pulse, width, units)
