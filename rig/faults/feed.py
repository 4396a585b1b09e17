"""What a device lives on: the bench's supply, at its energy input or at a port that is fed, or something of its own."""

from dataclasses import dataclass

from rig.faults.carry import Carry
from rig.faults.other_source import BackFeed
from rig.faults.stimuli import Fault, Level, Reverse, on_bus
from rig.files.device import Device

LINE_A = 20.0
"""What a line of the grid gives a device that is fed at its port (open DC grid: 20 A a line)."""
LINE_V = 0.15
"""What cable, contacts and switch between supply and device may take, V (20 mohm at 7.5 A)."""
HIGHEST_V = 58.0
"""Half a volt below the threshold of the supply's over-voltage protection."""
ON_ITS_OWN = "own"
"""The route of a device that lives on something that the bench does not feed: its load alone is connected."""
FORWARD = "forward"
"""The route of a device that the bench feeds at its energy input."""
SHARED, OWN_SHARED = "shared", "own_shared"
"""The routes with another source at the port: of a device that the bench feeds, and of one that it does not."""


@dataclass(frozen=True, slots=True)
class Feed:
    """The bench's supply as the device's: route, signal that sees its voltage there, and what is declared, V, A and s;
    `returns`: what the device gives back to it at most; `start`: from what on it starts.
    """

    route: str
    signal: str
    nominal: float
    minimum: float
    maximum: float
    current: float
    start_time: float
    start: float
    returns: float = 0.0

    def volts(self, fault: Level | Carry) -> float:
        """What the supply is set to for a level, V: with a minimum, so that the device itself sees no less."""
        return fault.volts(self.nominal, self.minimum + LINE_V, self.maximum)

    def volts_after(self, fault: Fault) -> float:
        """What the supply is set to when a fault of what feeds the device is over, V."""
        low = isinstance(fault, Level) and fault.to_start
        return self.start + LINE_V if low else self.nominal


def feed(device: Device) -> Feed | None:
    """How the bench feeds a device; None for one that lives on something of its own, as a battery does."""
    port, declared = device.port, device.energy_input
    if port.role == "sink" and port.consumption is not None:
        taken = port.consumption
        start = taken.starts_from or taken.minimum
        return Feed("feed", "port_voltage", port.voltage, taken.minimum, taken.maximum, LINE_A, taken.start_time, start)
    if declared is None:
        return None
    # Room for everything the port may draw at its converter's limit: the rig's supply must not be what gives way.
    room = max(1.0, port.gives[1] / port.rated_current)
    return Feed(
        FORWARD, "input_voltage", declared.nominal, declared.minimum, declared.maximum,
        declared.rated_current * room, declared.start_time,
        declared.starts_from or declared.minimum, declared.returns or 0.0,
    )  # fmt: skip


def fed_at_port(device: Device) -> bool:
    """Whether the bench feeds the device at its port."""
    own = feed(device)
    return own is not None and own.signal == "port_voltage"


def route(fault: Fault, device: Device) -> str:
    """The name of the bench's route by which a stimulus reaches the device."""
    if isinstance(fault, Reverse):
        return "reversed"
    own = feed(device)
    if on_bus(fault):
        return OWN_SHARED if own is None or (isinstance(fault, BackFeed) and fault.dead) else SHARED
    return ON_ITS_OWN if own is None else own.route
