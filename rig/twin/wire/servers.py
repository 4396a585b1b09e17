"""The instruments of a world behind their sockets: which model is served in front of which part of the physics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from rig.twin.clock import PS_PER_S, BenchTime
from rig.twin.wire.hub import Hub
from rig.twin.wire.labjack_stream import Listener, StreamSession
from rig.twin.wire.models import MODELS, Physics
from rig.twin.wire.scpi_instrument import ScpiInstrument
from rig.twin.wire.units import LabjackUnit, ModbusUnit, ScpiUnit, Unit


class Model(Protocol):
    """What a scene says of an instrument; the latency in seconds."""

    @property
    def model(self) -> str: ...

    @property
    def latency(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Address:
    """Where an instrument is reached: a VISA resource or host:port, and the port of its stream."""

    address: str
    stream_port: int | None = None


@dataclass(slots=True)
class Served:
    """All instruments of a bench."""

    addresses: dict[str, Address] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)

    @property
    def scpi(self) -> dict[str, ScpiInstrument]:
        """The firmware of those that speak SCPI."""
        return {name: unit.instrument for name, unit in self.units.items() if isinstance(unit, ScpiUnit)}

    def streamed(self) -> dict[str, int]:
        """Bytes put on each stream socket so far."""
        return {
            name: unit.device.stream.sent_bytes for name, unit in self.units.items() if isinstance(unit, LabjackUnit)
        }

    def flowing(self) -> bool:
        """Whether a stream has to be fed as time goes by."""
        return any(unit.device.stream.flowing for unit in self.units.values() if isinstance(unit, LabjackUnit))


def serve(world: Physics, models: Mapping[str, Model], hub: Hub, time: BenchTime) -> Served:
    """Open the ports of all instruments. `models` maps names of the bench to the scene's entries."""
    served = Served()
    for name, entry in models.items():
        unit = served.units[name] = MODELS[entry.model](world.seen_by(name), time)
        port = hub.listen(name, round(entry.latency * PS_PER_S), unit.session)
        match unit:
            case ScpiUnit():
                served.addresses[name] = Address(f"TCPIP::127.0.0.1::{port.number}::SOCKET")
            case ModbusUnit():
                served.addresses[name] = Address(f"127.0.0.1:{port.number}")
            case LabjackUnit():
                spontaneous = hub.listen(stream_port(name), 0, StreamSession, counted=False)
                spontaneous.joined = partial(_attach, unit)
                time.after_advance.append(partial(_pump, unit))
                served.addresses[name] = Address(f"127.0.0.1:{port.number}", spontaneous.number)
    return served


def stream_port(name: str) -> str:
    """The hub's name for the port of an instrument's stream."""
    return f"{name} stream"


def _attach(unit: LabjackUnit, listener: Listener) -> None:
    unit.device.stream.attach(listener)


def _pump(unit: LabjackUnit) -> None:
    unit.device.stream.pump()
