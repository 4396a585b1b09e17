"""The read-only Modbus map of a device: what its firmware knows, with the errors of its meters.

Functions 3 and 4 read the same registers; everything else is refused with exception 1. Numbers of more than 16 bits
come high word first; "i" is two's complement.

    address  type    content
    0        u16     version of this map: 1
    1        u16     kind: 1 charge_controller, 2 battery, 3 appliance, 4 load, 5 source, 6 ac_adapter, 7 ac_inverter,
                     8 grid_node
    2-9      16 B    serial number, ASCII, padded with zeros
    10       u16     state: 1 starting, 2 on, 3 tripped, 4 latched, 5 blocked, 6 under-voltage, 7 over-voltage,
                     8 disabled, 9 damaged, 10 off, 0 dead (a device without energy does not answer)
    11       u16     fault: 0 none, 1 over-current, 2 reverse polarity, 3 over-voltage, 4 under-voltage,
                     5 reverse current, 6 disabled, 7 damaged
    12       u16     LED colour: 0 off, 1 red, 2 amber, 3 green
    13       u16     LED blinks per period
    14       u16     cause of the last reset: 1 power-on, 2 brown-out, 4 watchdog, 8 command
    15       u16     resets since it was made (non-volatile)
    16-17    u32     uptime [s]
    18       i16     temperature of the warmest port [0.1 degC]
    19       u16     state of charge [0.1 %]; FFFF when there is no battery
    20       u16     number of ports

    and for port n (from 0) at 100 + 20 n:
    +0       i16     voltage [10 mV]
    +1       i16     current out of the port [10 mA]
    +2-3     i32     power out of the port [0.1 W]
    +4-5     u32     energy import [0.1 Wh]
    +6-7     u32     energy export [0.1 Wh]
    +8       u16     times it has opened since the last start, by a trip or a guard
    +9       u16     cause of the last trip: 0 none, 1 fast, 2 stage, 3 limit, 4 i2t, 5 curve, 6 thermal, 7 reverse,
                     8 under-voltage, 9 over-voltage
    +10      u16     state, as register 10
    +11      i16     temperature [0.1 degC]

A port without a meter has zeros at +0 to +7. What lies between is not there (exception 2).
"""

import struct
from collections.abc import Callable, Iterator
from typing import get_args

from rig.twin.device.device import DevicePhysics
from rig.twin.device.port import PortPhysics, cause_of
from rig.twin.device.status import CODES, Fault, Led, fault, led, reported
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.device import Device, Kind

VERSION = 1
STATES = (
    "dead",
    "starting",
    "on",
    "tripped",
    "latched",
    "blocked",
    "undervoltage",
    "overvoltage",
    "disabled",
    "damaged",
    "off",
)
CAUSES = ("none", "fast", "stage", "limit", "i2t", "curve", "thermal", "reverse", "under", "over")
COLOURS = ("off", "red", "amber", "green")
PORT_BASE, PORT_STRIDE = 100, 20
NO_CHARGE = 0xFFFF
TENTH_WH = 360.0  # J
SILENCE = 60.0  # s without a question after which the device finds that nobody talks to it
EVERYTHING = range(0x10000)
Field = tuple[int, str, Callable[[], int | bytes]]
"""Where it begins, its struct format, and what it holds now."""


class Telemetry:
    """`registers` is what a client reads now; `soc` gives the state of charge as a fraction, if there is one."""

    def __init__(
        self, sim: Simulation, model: Device, device: DevicePhysics, soc: Callable[[], float] | None = None
    ) -> None:
        self._sim, self._model, self._device, self._soc = sim, model, device, soc
        self._asked_ps: int | None = None

    def asked(self) -> None:
        """Somebody talks to the device."""
        self._asked_ps = self._sim.now_ps

    def hears(self) -> bool:
        """Whether somebody has lately."""
        return self._asked_ps is not None and self._sim.now_ps - self._asked_ps <= to_ps(SILENCE)

    @property
    def powered(self) -> bool:
        """A device without energy does not answer."""
        return self._device.state != "dead"

    def registers(self, asked: range = EVERYTHING) -> dict[int, int]:
        """Register values by address, at least of those of `asked` that there are; only what holds them is worked out.

        A client reads a few at a time, and energies and temperatures are integrals of what has been.
        """
        out: dict[int, int] = {}
        for address, form, value in self._fields():
            words = struct.calcsize(f">{form}") // 2
            if address < asked.stop and address + words > asked.start:
                out |= _words(address, struct.pack(f">{form}", value()))
        return out

    def fault(self) -> Fault:
        """What the device reports."""
        return fault(self._sim, self._device.ports.values())

    def led(self) -> Led:
        """What the device shows to a bystander."""
        return led(self.powered, self.fault(), hears=self.hears())

    def _fields(self) -> Iterator[Field]:
        yield from self._head()
        for number, port in enumerate(self._device.ports.values()):
            yield from _port(PORT_BASE + PORT_STRIDE * number, port)

    def _head(self) -> Iterator[Field]:
        device, ports = self._device, list(self._device.ports.values())
        yield 0, "H", lambda: VERSION
        yield 1, "H", lambda: 1 + get_args(Kind).index(self._model.kind)
        yield 2, "16s", lambda: self._model.serial.encode("ascii", "replace")[:16]
        yield 10, "H", lambda: STATES.index(device.state)
        yield 11, "H", lambda: CODES[self.fault()]
        yield 12, "H", lambda: COLOURS.index(self.led().colour)
        yield 13, "H", lambda: self.led().blinks
        yield 14, "H", lambda: device.resets.flags
        yield 15, "H", lambda: device.resets.count % 0x10000
        yield 16, "I", lambda: int(device.resets.uptime())
        yield 18, "h", lambda: _fit(10.0 * max(port.temperature() for port in ports), 15)
        yield 19, "H", lambda: NO_CHARGE if self._soc is None else max(_fit(1000.0 * self._soc(), 15), 0)
        yield 20, "H", lambda: len(ports)


def _port(base: int, port: PortPhysics) -> Iterator[Field]:
    def measured() -> tuple[float, float, float]:
        return (0.0, 0.0, 0.0) if port.meter is None else port.meter.measured()

    def counted() -> tuple[float, float]:
        return (0.0, 0.0) if port.meter is None else port.meter.registers()

    def last_trip() -> int:
        last = reported(port, cause_of(port.remembered[-1][1])) if port.remembered else "none"
        return CAUSES.index(last) if last in CAUSES else 0

    yield base, "h", lambda: _fit(100.0 * measured()[0], 15)
    yield base + 1, "h", lambda: _fit(100.0 * measured()[1], 15)
    yield base + 2, "i", lambda: _fit(10.0 * measured()[2], 31)
    yield base + 4, "I", lambda: _counter(counted()[0])
    yield base + 6, "I", lambda: _counter(counted()[1])
    yield base + 8, "H", lambda: len(port.remembered) % 0x10000
    yield base + 9, "H", last_trip
    yield base + 10, "H", lambda: STATES.index(port.state)
    yield base + 11, "h", lambda: _fit(10.0 * port.temperature(), 15)


def _fit(value: float, bits: int) -> int:
    """Rounded; a register that cannot hold it shows its end, as firmware that saturates does."""
    return max(-(1 << bits), min((1 << bits) - 1, round(value)))


def _counter(joules: float) -> int:
    """Energy in tenths of a watt-hour; a full counter begins anew."""
    return int(joules / TENTH_WH + 1e-9) % (1 << 32)


def _words(base: int, data: bytes) -> dict[int, int]:
    return dict(enumerate(struct.unpack(f">{len(data) // 2}H", data), start=base))
