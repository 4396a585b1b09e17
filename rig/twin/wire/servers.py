"""The instruments of a world behind their sockets: which model is served in front of which part of the physics."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rig.twin.clock import PS_PER_S, BenchTime, Cost
from rig.twin.wire import ea_psb9000, rigol_dho800, siglent_sdl1000x
from rig.twin.wire.hub import Hub
from rig.twin.wire.labjack_stream import Stream, StreamSession
from rig.twin.wire.labjack_t7 import T7, AnalogInputs, Lines
from rig.twin.wire.modbus import ModbusSession
from rig.twin.wire.rigol_acquisition import Digitizer
from rig.twin.wire.scpi_instrument import ScpiInstrument, ScpiSession
from rig.twin.wire.waveshare import UNIT, Board, Calendar, Relays


class Physics(Protocol):
    """The parts of a world that stand behind instruments."""

    @property
    def sim(self) -> Calendar: ...

    @property
    def supply(self) -> ea_psb9000.Supply: ...

    @property
    def load(self) -> siglent_sdl1000x.Load: ...

    @property
    def relays(self) -> Relays: ...

    @property
    def lines(self) -> Lines: ...

    @property
    def recorder(self) -> AnalogInputs: ...

    @property
    def digitizer(self) -> Digitizer: ...


class Model(Protocol):
    """What a scene says of an instrument; the latency in seconds."""

    @property
    def model(self) -> str: ...

    @property
    def latency(self) -> float: ...


@dataclass(frozen=True, slots=True)
class _Counted:
    """A digitizer whose rendering is counted as such."""

    digitizer: Digitizer
    cost: Cost

    def arm(self, channel: int, level_volts: float, slope: int, callback: Callable[[int], None]) -> None:
        self.digitizer.arm(channel, level_volts, slope, callback)

    def disarm(self) -> None:
        self.digitizer.disarm()

    def codes(
        self, channel: int, volts_per_div: float, offset_volts: float, start_ps: int, dt_ps: float, n: int
    ) -> NDArray[np.uint16]:
        return self.cost.rendered(
            lambda: self.digitizer.codes(channel, volts_per_div, offset_volts, start_ps, dt_ps, n)
        )


@dataclass(frozen=True, slots=True)
class Address:
    """Where an instrument is reached: a VISA resource or host:port, and the port of its stream."""

    address: str
    stream_port: int | None = None


@dataclass(slots=True)
class Served:
    """All instruments of a bench."""

    addresses: dict[str, Address] = field(default_factory=dict)
    scpi: dict[str, ScpiInstrument] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)

    def streamed(self) -> dict[str, int]:
        """Bytes put on each stream socket so far."""
        return {name: stream.sent_bytes for name, stream in self.streams.items()}

    def flowing(self) -> bool:
        """Whether a stream has to be fed as time goes by."""
        return any(stream.flowing for stream in self.streams.values())


def serve(world: Physics, models: Mapping[str, Model], hub: Hub, time: BenchTime) -> Served:
    """Open the ports of all instruments. `models` maps names of the bench to the scene's entries."""
    served = Served()
    for name, entry in models.items():
        latency_ps = round(entry.latency * PS_PER_S)
        match entry.model:
            case "waveshare_relay32":
                _relays(served, hub, name, latency_ps, Board(world.relays, world.sim))
            case "labjack_t7":
                device = T7(world.lines, world.recorder, lambda: world.sim.now_ps)
                time.after_advance.append(device.stream.pump)
                _t7(served, hub, name, latency_ps, device)
            case _:
                _scpi(served, hub, name, latency_ps, _scpi_instrument(entry.model, world, time))
    return served


def _scpi_instrument(model: str, world: Physics, time: BenchTime) -> ScpiInstrument:
    match model:
        case "ea_psb9000":
            return ea_psb9000.build(world.supply)
        case "siglent_sdl1000x":
            return siglent_sdl1000x.build(world.load)
        case "rigol_dho800":
            return rigol_dho800.build(_Counted(world.digitizer, time.cost), world.sim)
        case _:
            raise ValueError(f"the twin has no instrument model {model!r}")


def _scpi(served: Served, hub: Hub, name: str, latency_ps: int, instrument: ScpiInstrument) -> None:
    port = hub.listen(name, latency_ps, lambda: ScpiSession(instrument))
    served.scpi[name] = instrument
    served.addresses[name] = Address(f"TCPIP::127.0.0.1::{port.number}::SOCKET")


def _relays(served: Served, hub: Hub, name: str, latency_ps: int, board: Board) -> None:
    port = hub.listen(name, latency_ps, lambda: ModbusSession(board.execute, frozenset({UNIT})))
    served.addresses[name] = Address(f"127.0.0.1:{port.number}")


def _t7(served: Served, hub: Hub, name: str, latency_ps: int, device: T7) -> None:
    port = hub.listen(name, latency_ps, lambda: ModbusSession(device.execute))
    spontaneous = hub.listen(f"{name} stream", 0, StreamSession, counted=False)
    spontaneous.joined = device.stream.attach
    served.streams[name] = device.stream
    served.addresses[name] = Address(f"127.0.0.1:{port.number}", spontaneous.number)
