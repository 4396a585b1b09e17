"""The instruments of a world behind their sockets: which model is served in front of which part of the physics."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rig.twin.clock import PS_PER_S, BenchTime, Cost
from rig.twin.wire import ea_psb9000, rigol_dho800, siglent_sdl1000x
from rig.twin.wire.hub import Hub
from rig.twin.wire.labjack_stream import Listener, StreamSession
from rig.twin.wire.labjack_t7 import T7, AnalogInputs, Lines
from rig.twin.wire.panel import LoadPanel, RelayPanel, SupplyPanel
from rig.twin.wire.rigol_acquisition import Digitizer
from rig.twin.wire.scpi_instrument import ScpiInstrument
from rig.twin.wire.units import BoardUnit, ScpiUnit, T7Unit, Unit
from rig.twin.wire.waveshare import Board, Calendar, Relays


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

    def arm(
        self, channel: int, level_volts: float, slope: int, callback: Callable[[int], None], *, limited: bool
    ) -> None:
        self.digitizer.arm(channel, level_volts, slope, callback, limited=limited)

    def disarm(self) -> None:
        self.digitizer.disarm()

    def codes(
        self,
        channel: int,
        volts_per_div: float,
        offset_volts: float,
        start_ps: int,
        dt_ps: float,
        n: int,
        *,
        limited: bool,
    ) -> NDArray[np.uint16]:
        return self.cost.rendered(
            lambda: self.digitizer.codes(channel, volts_per_div, offset_volts, start_ps, dt_ps, n, limited=limited)
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
    units: dict[str, Unit] = field(default_factory=dict)

    @property
    def scpi(self) -> dict[str, ScpiInstrument]:
        """The firmware of those that speak SCPI."""
        return {name: unit.instrument for name, unit in self.units.items() if isinstance(unit, ScpiUnit)}

    def streamed(self) -> dict[str, int]:
        """Bytes put on each stream socket so far."""
        return {name: unit.device.stream.sent_bytes for name, unit in self.units.items() if isinstance(unit, T7Unit)}

    def flowing(self) -> bool:
        """Whether a stream has to be fed as time goes by."""
        return any(unit.device.stream.flowing for unit in self.units.values() if isinstance(unit, T7Unit))


def serve(world: Physics, models: Mapping[str, Model], hub: Hub, time: BenchTime) -> Served:
    """Open the ports of all instruments. `models` maps names of the bench to the scene's entries."""
    served = Served()
    for name, entry in models.items():
        unit = served.units[name] = _unit(entry.model, world, time)
        port = hub.listen(name, round(entry.latency * PS_PER_S), unit.session)
        match unit:
            case ScpiUnit():
                served.addresses[name] = Address(f"TCPIP::127.0.0.1::{port.number}::SOCKET")
            case BoardUnit():
                served.addresses[name] = Address(f"127.0.0.1:{port.number}")
            case T7Unit():
                spontaneous = hub.listen(stream_port(name), 0, StreamSession, counted=False)
                spontaneous.joined = partial(_attach, unit)
                time.after_advance.append(partial(_pump, unit))
                served.addresses[name] = Address(f"127.0.0.1:{port.number}", spontaneous.number)
    return served


def stream_port(name: str) -> str:
    """The hub's name for the port of an instrument's stream."""
    return f"{name} stream"


def _unit(model: str, world: Physics, time: BenchTime) -> Unit:
    match model:
        case "ea_psb9000":
            supply = SupplyPanel(world.supply)
            return ScpiUnit(lambda: ea_psb9000.build(supply), supply)
        case "siglent_sdl1000x":
            load = LoadPanel(world.load)
            return ScpiUnit(lambda: siglent_sdl1000x.build(load), load)
        case "rigol_dho800":
            digitizer = _Counted(world.digitizer, time.cost)
            return ScpiUnit(lambda: rigol_dho800.build(digitizer, world.sim), None, last_words=b":STOP")
        case "waveshare_relay32":
            relays = RelayPanel(world.relays)
            return BoardUnit(lambda: Board(relays, world.sim), relays)
        case "labjack_t7":
            return T7Unit(lambda: T7(world.lines, world.recorder, lambda: world.sim.now_ps))
        case _:
            raise ValueError(f"the twin has no instrument model {model!r}")


def _attach(unit: T7Unit, listener: Listener) -> None:
    unit.device.stream.attach(listener)


def _pump(unit: T7Unit) -> None:
    unit.device.stream.pump()
