"""Waveshare Modbus relay boards with 8, 16 or 32 channels, on RS-485 or Ethernet.

An Ethernet board or gateway stands at port 4196 as delivered; its mode says how it is spoken to: "Modbus TCP" as
host:port, transparent as rtu+tcp://host:port. RS-485 boards are delivered as device 1, 9600 8N1.

Their contacts carry 10 A at 30 V DC (the maker's pages): they must not break 48 V. They pilot contactors.

Sources read: the maker's example frames for "Modbus RTU Relay" protocol V2 and V3 as quoted in public code (relay on
01 05 0000 FF00 8C3A, state 01 01 0000 0008 3DCC, flash on for 0.7 s 01 05 0200 0007 8DB0, inputs 01 02 0000 0008,
version 01 03 8000 0001 with the reply 00C8 for 2.00), and github.com/simonvetter/modbus issue 47.

The quirk of the boards with more than eight relays, from that issue: relay 12 of a 32-relay board was switched on, and
the data of the reply to function 01 were 00 00 08 00, where the standard says 00 08 00 00. So the bytes come in
reverse, the last relays first; inside a byte the first relay is the lowest bit, as it should be. On 16 relays that is
the exchange of two bytes; boards with 8 relays have one byte and no quirk (reported there by another owner). The maker
was to be told. `byte_order` declares what the board at hand does: it is not probed, because a probe would have to
switch relays. A wrong declaration shows at the first set(), which reads back and contradicts.

Not verified: function 0F for more than eight relays (only "all on" and "all off" are sent, where order is no matter),
the longest flash (7FFF), a reply of a board that has no inputs. The board has no identification request; its version
register is all there is, so `channels` is believed, and a board with fewer relays shows at the first read-back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, OutOfRange, not_supported
from instruments.modbus import ModbusLink
from instruments.opening import open_modbus
from instruments.records import NOBODY, Address, Identity
from instruments.recovery import recover
from instruments.roles import Capability
from instruments.scpi import in_range, whole_steps

DEFAULT_PORT = 4196
VERSION_REGISTER = 0x8000
TOGGLE = 0x5500  # written to a relay's coil
FLASH_ON = 0x0200  # + relay: on now, off after the value of the write, in tenths of a second
FLASH_UNIT_S, FLASH_LONGEST = 0.1, 0x7FFF
Size = Literal[8, 16, 32]
ByteOrder = Literal["reversed", "standard"]


class WaveshareRelay:
    """Roles RelayMatrix (channels from 1) and DigitalOutput: CH1, CH2, ... are its relays as outputs, and boards with
    inputs have DI1, DI2, ... to be read.

    Construct with an open link and call begin(), or use connect().
    """

    accuracy: tuple[Accuracy, ...] = ()
    capabilities: frozenset[Capability] = frozenset({"pulse", "toggle", "inputs", "outputs"})
    second_client: bool | None = None

    def __init__(
        self, link: ModbusLink, *, channels: Size = 32, inputs: int = 0, byte_order: ByteOrder = "reversed"
    ) -> None:
        self.link, self.name = link, link.name
        self.channels = tuple(range(1, channels + 1))
        self.inputs = tuple(f"DI{number}" for number in range(1, inputs + 1))
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
        channels: Size = 32,
        inputs: int = 0,
        byte_order: ByteOrder = "reversed",
        unit: int = 1,
        line: str = "9600 8N1",
    ) -> WaveshareRelay:
        """Open and read the firmware version. Switches nothing."""

        def driver(link: ModbusLink) -> WaveshareRelay:
            return cls(link, channels=channels, inputs=inputs, byte_order=byte_order)

        return open_modbus(
            driver,
            entry,
            name=name,
            tap=tap,
            clock=clock,
            default_port=DEFAULT_PORT,
            timeout_s=timeout_s,
            unit=unit,
            line=line,
        )

    def begin(self) -> Identity:
        """What has to be done on a fresh connection."""
        self.known = self.identity()
        return self.known

    def identity(self) -> Identity:
        """Maker and model are this driver's belief; the firmware alone is the board's own word."""
        (version,) = self.link.read_registers(VERSION_REGISTER, 1)
        return Identity("Waveshare", "Modbus Relay", "", f"{version / 100:.2f}")

    def set(self, channel: int, on: bool) -> None:
        """Switch one relay and read all back."""
        self._known(channel, "set")
        with self.link.lock:
            self.link.write_coil(channel - 1, on)
            if self.states()[channel] is not on:
                raise self._contradiction(f"relay {channel} reads {'off' if on else 'on'}", f"set {channel}")

    def set_all(self, on: bool) -> None:
        """Switch all relays in one frame and read all back."""
        with self.link.lock:
            self.link.write_coils(0, [on] * len(self.channels))
            wrong = [number for number, state in self.states().items() if state is not on]
            if wrong:
                raise self._contradiction(f"relays {wrong} read {'off' if on else 'on'}", "set_all")

    def states(self) -> dict[int, bool]:
        """The relays as the board reports them: firmware state, not contacts."""
        count = len(self.channels)
        coils = self.link.read_coils(0, count)
        if self.byte_order == "reversed":
            data = [coils[start : start + 8] for start in range(0, count, 8)]
            coils = tuple(coil for byte in reversed(data) for coil in byte)
        return dict(zip(self.channels, coils, strict=True))

    def pulse(self, channel: int, seconds: float) -> None:
        """On now, off by the board itself after `seconds`, in steps of 0.1 s up to 3276.7 s. Sent once, read back."""
        self._known(channel, "pulse")
        in_range(self.name, "pulse", seconds, low=FLASH_UNIT_S, high=FLASH_LONGEST * FLASH_UNIT_S, unit="s")
        tenths = whole_steps(self.name, "pulse", seconds, step=FLASH_UNIT_S, unit="s")
        with self.link.lock:
            start_ns = self.link.clock.now_ns()
            self.link.write_coil_value(FLASH_ON + channel - 1, tenths)
            on = self.states()[channel]
            over = self.link.clock.now_ns() - start_ns >= seconds * 1e9
            if not on and not over:
                raise self._contradiction(f"relay {channel} reads off", f"pulse {channel}")

    def toggle(self, channel: int) -> bool:
        """Change one relay over; its new state. Sent once, never again: a second one would undo it. Read back."""
        self._known(channel, "toggle")
        with self.link.lock:
            before = self.states()[channel]
            self.link.write_coil_value(channel - 1, TOGGLE)
            if self.states()[channel] is before:
                raise self._contradiction(
                    f"relay {channel} still reads {'on' if before else 'off'}", f"toggle {channel}"
                )
        return not before

    def operations(self, channel: int) -> int:
        raise not_supported(self.name, "operations")

    def set_line(self, name: str, high: bool) -> None:
        """A relay as an output, by its printed name such as "CH16"; read back as in `set`. NotSupported: an input."""
        outputs = self._outputs
        if name not in outputs:
            self._lines("set_line", (name,))
            raise not_supported(self.name, "set_line")
        self.set(outputs[name], high)

    def pulse_line(self, name: str, seconds: float) -> None:
        self._lines("pulse_line", (name,))
        raise not_supported(self.name, "pulse_line")

    def line(self, name: str) -> bool:
        """An input's level, or a relay's coil as the board reports it."""
        return self.lines((name,))[name]

    def lines(self, names: Sequence[str]) -> Mapping[str, bool]:
        """Inputs, all read at one instant, and relays as the board reports them."""
        outputs = self._outputs
        asked = [name for name in names if name not in outputs]
        self._lines("lines", asked)
        levels: dict[str, bool] = {}
        if asked:
            levels = dict(zip(self.inputs, self.link.read_discrete_inputs(0, len(self.inputs)), strict=True))
        if len(asked) < len(names):
            states = self.states()
            levels |= {name: states[channel] for name, channel in outputs.items()}
        return {name: levels[name] for name in names}

    @property
    def _outputs(self) -> dict[str, int]:
        """Printed name -> channel."""
        return {f"CH{number}": number for number in self.channels}

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

    def _lines(self, command: str, names: Sequence[str]) -> None:
        if names and not self.inputs:
            raise not_supported(self.name, command)
        for name in names:
            if name not in self.inputs:
                raise OutOfRange(self.name, command, f"there is no {name!r}", f"choose from {', '.join(self.inputs)}")

    def _known(self, channel: int, command: str) -> None:
        if channel not in self.channels:
            what = f"relay {channel} is not 1 to {len(self.channels)}"
            raise OutOfRange(self.name, command, what, "correct the pilot channel")

    def _contradiction(self, what: str, command: str) -> InstrumentError:
        cure = f"check its power, and whether its firmware's byte order is {self.byte_order!r} (see the driver)"
        return InstrumentError(self.name, command, f"{what} after it was told otherwise", cure)
