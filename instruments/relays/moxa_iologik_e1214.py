"""Moxa ioLogik E1214: six relays and six inputs on Ethernet, Modbus TCP, with a wear counter for each relay.

Sources read: "ioLogik E1200 Series User's Manual", appendix A, "ioLogik E1214 Modbus Address and Register Map" and its
system table (addresses and units below are from there), and the older map of the same appendix (edition of 2011), which
agrees where it goes. The map is the factory's: it can be changed on the device's web page, this driver cannot know.

Relays and inputs are numbered from 0, as printed: R0 to R5, DI0 to DI5. All relays are one word (RLY-all_status), so a
pattern is read and written at one instant. RLY_TotalCount counts the operations of a relay and cannot be reset.
A pulse takes its widths in units of 1.5 s (so printed for this model). On the web page each relay is either an output
or a pulse output; the map cannot change that, and what the device answers to a pulse on a plain output is not said:
the read-back is what tells.

Not verified on a device: what exactly one count of RLY_TotalCount is, the mode of the relays, several clients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, OutOfRange, not_supported
from instruments.modbus import MODBUS_PORT, ModbusLink, u32_words
from instruments.opening import open_modbus
from instruments.records import NOBODY, Address, Identity
from instruments.recovery import recover
from instruments.roles import Capability
from instruments.scpi import in_range, whole_steps, wrong_model

RELAYS = 6
INPUTS = tuple(f"DI{number}" for number in range(6))

RELAY, PULSE_STATUS = 0, 16  # coils, one for each relay
DI_STATUS = 0  # discrete inputs
ALL_RELAYS = 32  # holding register: relay 0 is bit 0
PULSE_COUNT, PULSE_ON_WIDTH, PULSE_OFF_WIDTH = 36, 52, 68  # holding registers: two words, one word, one word
TOTAL_COUNT = 64  # input registers: two words, high word first
MODEL_NAME, LAN_MAC, FIRMWARE_VERSION = (5000, 10), (5024, 3), (5029, 2)  # input registers: address, words

PULSE_UNIT_S, PULSE_LONGEST = 1.5, 0xFFFF


class MoxaIologikE1214:
    """Roles RelayMatrix and DigitalOutput (inputs only). Construct with an open link and call begin(), or connect()."""

    accuracy: tuple[Accuracy, ...] = ()
    capabilities: frozenset[Capability] = frozenset({"pulse", "operation counters", "inputs"})
    second_client: bool | None = None
    channels = tuple(range(RELAYS))

    def __init__(self, link: ModbusLink) -> None:
        self.link, self.name = link, link.name
        self.known = NOBODY

    @classmethod
    def connect(
        cls, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0, unit: int = 1
    ) -> MoxaIologikE1214:
        """Open and identify. Switches nothing."""
        return open_modbus(
            cls, entry, name=name, tap=tap, clock=clock, default_port=MODBUS_PORT, timeout_s=timeout_s, unit=unit
        )

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused if it is another device."""
        identity = self.identity()
        if "E1214" not in identity.model:
            raise wrong_model(self.name, self.link.address, identity, "ioLogik E1214")
        self.known = identity
        return identity

    def identity(self) -> Identity:
        """The serial number is the MAC address."""
        with self.link.lock:
            model = self._bytes(*MODEL_NAME).rstrip(b"\0 ").decode("ascii", "replace")
            mac = self._bytes(*LAN_MAC).hex(":")
            firmware = ".".join(str(part) for part in self._bytes(*FIRMWARE_VERSION)[:3])
        return Identity("Moxa", model, mac, firmware)

    def set(self, channel: int, on: bool) -> None:
        """Switch one relay and read all back."""
        self._known(channel, "set")
        with self.link.lock:
            self.link.write_coil(RELAY + channel, on)
            self._check({channel: on}, f"set {channel}")

    def set_all(self, on: bool) -> None:
        """Switch all relays in one word and read all back."""
        with self.link.lock:
            self.link.write_register(ALL_RELAYS, (1 << RELAYS) - 1 if on else 0)
            self._check(dict.fromkeys(self.channels, on), "set_all")

    def states(self) -> dict[int, bool]:
        """The relays as the device reports them: coils, not contacts."""
        (word,) = self.link.read_registers(ALL_RELAYS, 1)
        return {channel: bool(word >> channel & 1) for channel in self.channels}

    def pulse(self, channel: int, seconds: float) -> None:
        """On now, off by the device itself after `seconds`, in steps of 1.5 s. Started once, read back."""
        self._known(channel, "pulse")
        in_range(self.name, "pulse", seconds, low=PULSE_UNIT_S, high=PULSE_LONGEST * PULSE_UNIT_S, unit="s")
        steps = whole_steps(self.name, "pulse", seconds, step=PULSE_UNIT_S, unit="s")
        with self.link.lock:
            self.link.write_registers(PULSE_COUNT + 2 * channel, u32_words(1))
            self.link.write_registers(PULSE_ON_WIDTH + channel, (steps,))
            self.link.write_registers(PULSE_OFF_WIDTH + channel, (1,))
            start_ns = self.link.clock.now_ns()
            self.link.write_coil(PULSE_STATUS + channel, True)
            on = self.states()[channel]
            over = self.link.clock.now_ns() - start_ns >= seconds * 1e9
            if not on and not over:
                cure = "choose pulse output for that relay on the web page of the device"
                raise InstrumentError(self.name, f"pulse {channel}", f"relay {channel} reads off", cure)

    def toggle(self, channel: int) -> bool:
        raise not_supported(self.name, "toggle")

    def operations(self, channel: int) -> int:
        """RLY_TotalCount of the relay: how often it has operated since the factory."""
        self._known(channel, "operations")
        high, low = self.link.read_input_registers(TOTAL_COUNT + 2 * channel, 2)
        return high << 16 | low

    def set_line(self, name: str, high: bool) -> None:
        self._lines("set_line", (name,))
        raise not_supported(self.name, "set_line")

    def pulse_line(self, name: str, seconds: float) -> None:
        self._lines("pulse_line", (name,))
        raise not_supported(self.name, "pulse_line")

    def line(self, name: str) -> bool:
        return self.lines((name,))[name]

    def lines(self, names: Sequence[str]) -> Mapping[str, bool]:
        """The inputs `names`, all read at one instant."""
        self._lines("lines", names)
        levels = dict(zip(INPUTS, self.link.read_discrete_inputs(DI_STATUS, len(INPUTS)), strict=True))
        return {name: levels[name] for name in names}

    def make_safe(self) -> None:
        """All relays off, read back. Idempotent."""
        self.set_all(False)

    def read_back(self) -> dict[str, object]:
        """{"on": relays that are on, "inputs": inputs that are on}."""
        with self.link.lock:
            on = tuple(channel for channel, state in self.states().items() if state)
            return {"on": on, "inputs": tuple(name for name, high in self.lines(INPUTS).items() if high)}

    def reopen(self) -> None:
        """After LinkTimeout, LinkDesync or LinkLost: reopen, check that the same device answers, make it safe."""
        recover(self)

    def close(self) -> None:
        """Close the link; the relays stay as they are. Safe state first."""
        self.link.close()

    def _bytes(self, address: int, count: int) -> bytes:
        return b"".join(word.to_bytes(2, "big") for word in self.link.read_input_registers(address, count))

    def _lines(self, command: str, names: Sequence[str]) -> None:
        for name in names:
            if name not in INPUTS:
                raise OutOfRange(self.name, command, f"there is no {name!r}", f"choose from {', '.join(INPUTS)}")

    def _known(self, channel: int, command: str) -> None:
        if channel not in self.channels:
            what = f"relay {channel} is not 0 to {RELAYS - 1}"
            raise OutOfRange(self.name, command, what, "correct the pilot channel")

    def _check(self, wanted: Mapping[int, bool], command: str) -> None:
        states = self.states()
        wrong = [channel for channel, on in wanted.items() if states[channel] is not on]
        if wrong:
            what = f"relays {wrong} read otherwise than they were told"
            raise InstrumentError(
                self.name, command, what, "check its power and the mode of its relays on its web page"
            )
