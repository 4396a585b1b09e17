"""Instruments between their mains plug and their sockets: firmware that starts anew whenever its power comes back."""

from collections.abc import Callable
from typing import Protocol

from rig.twin.wire.labjack_t import Labjack
from rig.twin.wire.modbus import ModbusSession
from rig.twin.wire.panel import Panel
from rig.twin.wire.scpi_instrument import ScpiInstrument, ScpiSession


class ScpiUnit:
    """`build` makes the firmware; `last_words` is a command that does to it what the loss of power would."""

    def __init__(self, build: Callable[[], ScpiInstrument], panel: Panel | None, last_words: bytes = b"") -> None:
        self._build, self.panel, self._last_words = build, panel, last_words
        self.instrument = build()
        self._own = self.instrument.identity
        self._identity = self._own

    def session(self) -> ScpiSession:
        return ScpiSession(self.instrument)

    def power_off(self) -> None:
        self.instrument.execute(self._last_words)
        if self.panel is not None:
            self.panel.power_off()

    def power_on(self) -> None:
        self.instrument = self._build()
        self.instrument.identity = self._identity

    def rename(self, identity: str | None) -> None:
        """From now on *IDN? answers this; None: its own name."""
        self._identity = self.instrument.identity = self._own if identity is None else identity

    def renumber(self, serial: str | None) -> None:
        """From now on *IDN? has this serial number, its third field; None: its own."""
        maker, model, own, firmware = self._own.split(",", 3)
        self.rename(None if serial is None else ",".join((maker, model, own.replace(own.strip(), serial), firmware)))


class Firmware(Protocol):
    """What answers Modbus requests."""

    def execute(self, pdu: bytes) -> bytes: ...

    def power_off(self) -> None: ...


class ModbusUnit:
    """An instrument that speaks Modbus TCP, itself or behind a gateway, as device `unit`."""

    def __init__(self, build: Callable[[], Firmware], panel: Panel | None, unit: int = 1) -> None:
        self._build, self.panel, self._unit = build, panel, unit
        self.firmware = build()

    def session(self) -> ModbusSession:
        return ModbusSession(self.firmware.execute, frozenset({self._unit}))

    def power_off(self) -> None:
        self.firmware.power_off()
        if self.panel is not None:
            self.panel.power_off()

    def power_on(self) -> None:
        self.firmware = self._build()


class LabjackUnit:
    """A LabJack; a new device goes on counting the bytes of its stream."""

    panel = None

    def __init__(self, build: Callable[[], Labjack]) -> None:
        self._build = build
        self.device = build()
        self._own = self.device.serial
        self._serial = self._own

    def session(self) -> ModbusSession:
        return ModbusSession(self.device.execute)

    def power_off(self) -> None:
        self.device.power_off()

    def power_on(self) -> None:
        sent = self.device.stream.sent_bytes
        self.device = self._build()
        self.device.stream.sent_bytes = sent
        self.device.serial = self._serial

    def renumber(self, serial: str | None) -> None:
        """From now on the serial number is this one; None: its own."""
        self._serial = self.device.serial = self._own if serial is None else int(serial)


Unit = ScpiUnit | ModbusUnit | LabjackUnit
