"""What a device says of itself: the registers of its map that its maker declares, each read when it is asked for."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from instruments.errors import LinkError

if TYPE_CHECKING:
    from instruments.modbus import ModbusLink
    from rig.files.communication import EnergyCounter, FaultReport, Register, Text

__all__ = ["DeviceRegisters", "DeviceSilent"]

FORMATS = {"u16": ">H", "i16": ">h", "u32": ">I", "i32": ">i"}


class DeviceSilent(Exception):
    """The device does not say what it was asked; the sentence says what was tried."""


class DeviceRegisters:
    """The map of one device over a link that is opened when it is first needed.

    Reading is harmless: what fails is tried once more on a new connection, since a device that has restarted has
    forgotten the old one.
    """

    def __init__(self, link: ModbusLink) -> None:
        self._link = link
        self._open = False

    def close(self) -> None:
        """Harmless to repeat."""
        self._link.close()
        self._open = False

    def number(self, register: Register) -> int:
        """As the register shows it. Raises DeviceSilent."""
        form = FORMATS[register.type]
        words = self._read(register.address, struct.calcsize(form) // 2)
        value: int = struct.unpack(form, struct.pack(f">{len(words)}H", *words))[0]
        return value

    def text(self, place: Text) -> str:
        """Without the padding; what is no ASCII stands as a question mark. Raises DeviceSilent."""
        words = self._read(place.address, place.words)
        data = struct.pack(f">{len(words)}H", *words).partition(b"\0")[0]
        return "".join(chr(byte) if 0x20 <= byte < 0x7F else "?" for byte in data)

    def fault(self, report: FaultReport) -> str:
        """none, overcurrent, or the code of something else. Raises DeviceSilent."""
        (code,) = self._read(report.address, 1)
        names = {report.none: "none", report.overcurrent: "overcurrent"}
        return names.get(code, f"code {code}")

    def energy(self, counter: EnergyCounter, register: Register) -> float:
        """J. Raises DeviceSilent."""
        return self.number(register) * counter.step

    def _read(self, address: int, count: int) -> tuple[int, ...]:
        last: LinkError | None = None
        for _ in range(2):
            try:
                if not self._open:
                    self._link.reopen()
                    self._open = True
                return self._link.read_registers(address, count)
            except LinkError as error:
                self._open, last = False, error
        raise DeviceSilent(f"The device does not say what is in register {address} of its map: {last}")
