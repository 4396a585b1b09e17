"""Waveshare 32-channel Modbus relay board, Modbus TCP (mode "Modbus TCP", not transparent RTU; port 4196 as delivered).

Its small relays pilot contactors: 10 A 30 V DC contacts must not carry or break 48 V.

The quirk of the boards with more than eight relays: in the reply to FC01 the two bytes of each 16-bit group come
swapped. Read from address 0, 32 coils, the data bytes are coils 9-16, 1-8, 25-32, 17-24, where the standard says 1-8,
9-16, 17-24, 25-32; inside a byte the first coil is the lowest bit, as it should be. Writes (FC05, FC0F) are as the
standard says. `byte_order` declares what the board at hand does: it is not probed, because a probe would have to
switch relays. A wrong declaration shows at the first set(), which reads back and contradicts.

Evidence: the swap was reported for 16-relay boards and found to be the maker's bug (github.com/simonvetter/modbus,
issue 47); 8-relay boards are right; a 32-relay board was not available to check. Holding register 0x8000, version
x 100, is from the maker's protocol description, not checked on a board. The board has no identification request:
that register is all there is.
"""

from __future__ import annotations

from typing import Literal

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, OutOfRange, not_supported
from instruments.modbus import ModbusLink
from instruments.opening import open_modbus
from instruments.records import NOBODY, Address, Identity
from instruments.recovery import recover
from instruments.roles import Capability

CHANNELS = 32
DEFAULT_PORT = 4196
VERSION_REGISTER = 0x8000
ByteOrder = Literal["swapped", "standard"]


class WaveshareRelay32:
    """Role RelayMatrix, channels 1 to 32. Construct with an open link and call begin(), or use connect()."""

    accuracy: tuple[Accuracy, ...] = ()
    capabilities: frozenset[Capability] = frozenset()
    second_client: bool | None = None
    channels = tuple(range(1, CHANNELS + 1))
    byte_order: ByteOrder = "swapped"

    def __init__(self, link: ModbusLink, byte_order: ByteOrder = "swapped") -> None:
        self.link, self.name = link, link.name
        self.byte_order = byte_order
        self.known = NOBODY

    @classmethod
    def connect(
        cls,
        entry: Address,
        *,
        name: str,
        tap: Tap,
        clock: Clock,
        timeout_s: float = 2.0,
        byte_order: ByteOrder = "swapped",
    ) -> WaveshareRelay32:
        """Open and read the firmware version. Switches nothing."""

        def driver(link: ModbusLink) -> WaveshareRelay32:
            return cls(link, byte_order)

        return open_modbus(
            driver, entry, name=name, tap=tap, clock=clock, default_port=DEFAULT_PORT, timeout_s=timeout_s
        )

    def begin(self) -> Identity:
        """What has to be done on a fresh connection."""
        self.known = self.identity()
        return self.known

    def identity(self) -> Identity:
        """Maker and model are this driver's belief; only the firmware is the board's own word."""
        (version,) = self.link.read_registers(VERSION_REGISTER, 1)
        return Identity("Waveshare", "Modbus Relay 32", "", f"{version / 100:.2f}")

    def set(self, channel: int, on: bool) -> None:
        """Switch one relay and read all back."""
        if not 1 <= channel <= CHANNELS:
            raise OutOfRange(self.name, "set", f"relay {channel} is not 1 to {CHANNELS}", "correct the pilot channel")
        with self.link.lock:
            self.link.write_coil(channel - 1, on)
            if self.states()[channel] is not on:
                raise self._contradiction(f"relay {channel} reads {'off' if on else 'on'}", f"set {channel}")

    def set_all(self, on: bool) -> None:
        """Switch all relays in one frame and read all back."""
        with self.link.lock:
            self.link.write_coils(0, [on] * CHANNELS)
            wrong = [number for number, state in self.states().items() if state is not on]
            if wrong:
                raise self._contradiction(f"relays {wrong} read {'off' if on else 'on'}", "set_all")

    def states(self) -> dict[int, bool]:
        """The 32 coils as the board reports them: firmware state, not contacts."""
        coils = self.link.read_coils(0, CHANNELS)
        if self.byte_order == "swapped":
            data = [coils[start : start + 8] for start in range(0, CHANNELS, 8)]
            coils = (*data[1], *data[0], *data[3], *data[2])
        return dict(enumerate(coils, 1))

    def pulse(self, channel: int, seconds: float) -> None:
        raise not_supported(self.name, "pulse")

    def operations(self, channel: int) -> int:
        raise not_supported(self.name, "operations")

    def make_safe(self) -> None:
        """All relays off, read back. Idempotent."""
        self.set_all(False)

    def read_back(self) -> dict[str, object]:
        """{"on": channels that are on}."""
        return {"on": tuple(number for number, state in self.states().items() if state)}

    def reopen(self) -> None:
        """After LinkTimeout, LinkDesync or LinkLost: reopen, check that the same instrument answers, make it safe."""
        recover(self)

    def close(self) -> None:
        """Close the link; the relays stay as they are. Safe state first."""
        self.link.close()

    def _contradiction(self, what: str, command: str) -> InstrumentError:
        cure = f"check its power, and whether its firmware's byte order is {self.byte_order!r} (see the driver)"
        return InstrumentError(self.name, command, f"{what} after it was told otherwise", cure)
