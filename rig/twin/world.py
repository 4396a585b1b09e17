"""The simulated world: the circuit of a scene and the instruments around it."""

from collections.abc import Collection
from copy import copy
from dataclasses import dataclass
from functools import partial

from rig.twin.bench import faults
from rig.twin.bench.amplifier import AmplifierPhysics, GeneratorPhysics
from rig.twin.bench.chamber import ROOM_DEGC, ChamberPhysics
from rig.twin.bench.channel import ChannelPhysics
from rig.twin.bench.contactor import ContactorPhysics, PolePhysics
from rig.twin.bench.digitizer import DigitizerPhysics
from rig.twin.bench.digitizer_class import DIGITIZERS
from rig.twin.bench.injector import InjectorPhysics
from rig.twin.bench.interlock import InterlockPhysics
from rig.twin.bench.lines import LinePhysics
from rig.twin.bench.load import LoadPhysics
from rig.twin.bench.load_class import LOADS
from rig.twin.bench.mains_switch import MainsSwitchPhysics
from rig.twin.bench.meter import IDEAL, METERS, MeterPhysics
from rig.twin.bench.recorder import RecorderPhysics
from rig.twin.bench.recorder_class import RECORDERS
from rig.twin.bench.relays import RELAYS, Driven, GateRelay, RelayPhysics, channel_of
from rig.twin.bench.series_switch import SeriesSwitchPhysics
from rig.twin.bench.supply import SupplyPhysics
from rig.twin.bench.supply_class import SUPPLIES
from rig.twin.bench.transducer import SENSED, build_transducer
from rig.twin.bench.wiring import break_pole_ohms, devices, join, plugged, pole_ohms, wire
from rig.twin.device.device import DevicePhysics
from rig.twin.device.nodes import DEVICE
from rig.twin.device.telemetry import Telemetry
from rig.twin.engine.probe import Probe, v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import PICO
from rig.twin.scene.bench import GROUND_CURRENT
from rig.twin.scene.model import Scene
from rig.twin.timed import Timed


@dataclass(frozen=True, slots=True)
class Summary:
    """The truth that safety tests ask for."""

    now_s: float
    supply_output: bool
    neighbour_output: bool  # False where the bench has none
    load_input: bool
    chamber_on: bool  # False where the bench has none
    injector: bool
    coils: tuple[int, ...]  # channels that are energised
    contactors: dict[str, bool]  # main contact closed?
    device: str
    others: dict[str, str]  # states of the other devices, by name
    port_volts: float
    port_amps: float


class World:
    """A scene come to life at time zero, everything off. Methods of its parts act at `sim.now_ps`.

    True values are drawn by `seed`: equal scene, seed and commands give an equal event log and equal codes.
    """

    def __init__(self, scene: Scene, seed: int, parts: Collection[str] = ()) -> None:
        """`parts`: the optional ones of the bench that are there."""
        bench = scene.bench.with_parts(parts)
        scene = scene.model_copy(update={"bench": bench})
        joined, (channels, pilots) = join(bench), faults.rewired(bench)
        transducers = {
            name: build_transducer(name, model, seed, joined.shunt_slope(), joined.places, switched=joined.switched)
            for name, model in bench.transducers.items()
        }
        self.scene, self.seed = scene, seed
        self.sim = Simulation(wire(scene, transducers, joined))
        self.contactors: dict[str, ContactorPhysics] = {}
        for name, model in bench.contactors.items():
            poles = [PolePhysics(self.sim, pole, ohms) for pole, ohms in pole_ohms(bench, joined, name).items()]
            at_rest = [
                PolePhysics(self.sim, pole, ohms, breaks=True) for pole, ohms in break_pole_ohms(joined, name).items()
            ]
            self.contactors[name] = ContactorPhysics(self.sim, name, model, seed, poles, at_rest)
        self.chamber = ChamberPhysics(self.sim, bench.chamber, seed)
        nodes = plugged(scene)
        warmer = {DEVICE: lambda: self.chamber.inside() - ROOM_DEGC}  # it alone stands in the chamber
        self.devices = {
            name: DevicePhysics(self.sim, model, nodes[name], seed, warmer.get(name, lambda: 0.0))
            for name, model in devices(scene).items()
        }
        self.device = self.devices[DEVICE]
        self.telemetry = Telemetry(self.sim, scene.device, self.device, self.device.parts.charge())
        self.injector = InjectorPhysics(self.sim, bench.injector)
        self.supply = SupplyPhysics(self.sim, seed, joined.supply_current(), SUPPLIES[bench.instruments.supply.model])
        beside = bench.instruments.neighbour
        self.neighbour = None if beside is None else SupplyPhysics(
            self.sim, seed, joined.neighbour_current(), SUPPLIES[beside.model], "neighbour"
        )  # fmt: skip
        self.load = LoadPhysics(
            self.sim, seed, joined.load_current(), joined.load_minus, LOADS[bench.instruments.load.model],
            v(joined.places.get("port", "port")) if bench.instruments.load.leads else None,
        )  # fmt: skip
        driven: dict[int, Driven] = {pilot: self.contactors[name] for name, pilot in pilots.items()}
        if (gate := channel_of(bench.injector.gate)) is not None:
            driven[gate] = GateRelay(self.sim, self.injector.drive)
        self.relays = RelayPhysics(driven, RELAYS[bench.instruments.relays.model])
        series = bench.series_switch
        self.series_switch = None if series is None else SeriesSwitchPhysics(self.sim, series)
        away, mains = bench.mains_switch, self.device.parts.mains.values()
        self.mains_switch = None if away is None else MainsSwitchPhysics(self.sim, away, mains)
        amplifier = bench.amplifier if series is not None else None
        self.amplifier = None if amplifier is None else AmplifierPhysics(self.sim, amplifier)
        self.generator = GeneratorPhysics(self.amplifier)
        self.interlock = InterlockPhysics(self.sim, self.contactors.values(), self.injector, self.series_switch)
        self.lines = LinePhysics(
            self.sim,
            {model.aux: self.contactors[name] for name, model in bench.contactors.items()},
            {bench.injector.gate: self.injector.drive}
            | ({} if series is None or self.series_switch is None else {series.control: self.series_switch.drive})
            | ({} if away is None or self.mains_switch is None else {away.control: self.mains_switch.drive})
            | ({} if amplifier is None or self.amplifier is None else {amplifier.control: self.amplifier.drive}),
            {} if bench.interlock is None else {bench.interlock.line: lambda: self.interlock.closed},
        )
        self.digitizer = DigitizerPhysics(
            self.sim,
            {channel: transducers[name] for channel, name in channels.scope.items()},
            seed,
            DIGITIZERS[bench.instruments.scope.model],
        )
        self.recorder = RecorderPhysics(
            self.sim,
            {channel: transducers[name] for channel, name in channels.daq.items()},
            seed,
            RECORDERS[bench.instruments.daq.model],
        )
        meter = bench.instruments.meter
        self.meter = MeterPhysics(
            self.sim,
            {channel: transducers[name] for channel, name in channels.meter.items()},
            seed,
            IDEAL if meter is None else METERS[meter.model],
        )
        self.probes = {name: probe for name, probe in SENSED.items() if name != GROUND_CURRENT or joined.grounded}
        self._seen = {f"scope.{channel}": transducers[name].probe for channel, name in channels.scope.items()}
        self._seen |= {f"daq.{channel}": transducers[name].probe for channel, name in channels.daq.items()}
        self._seen |= {f"meter.{channel}": transducers[name].probe for channel, name in channels.meter.items()}
        self.faults = Timed(self.sim, bench.faults)
        self.faults.handle(faults.BENCH_FAULTS, partial(faults.begin, self))

    def seen_by(self, instrument: str) -> "World":
        """What stands behind an instrument of the bench: behind the neighbour its own power stage as the supply."""
        if instrument != "neighbour" or self.neighbour is None:
            return self
        view = copy(self)
        view.supply = self.neighbour
        return view

    def channel(self, part: str) -> tuple[ChannelPhysics, Probe]:
        """An input such as scope.2, and what its transducer gives it."""
        instrument, _, channel = part.partition(".")
        if instrument == "scope":
            return self.digitizer.channels[int(channel)], self._seen[part]
        physics = self.recorder if instrument == "daq" else self.meter
        return physics.channels[channel], self._seen[part]

    def summary(self) -> Summary:
        """What is on, closed and energised now."""
        return Summary(
            now_s=self.sim.now_ps * PICO,
            supply_output=self.supply.output_on,
            neighbour_output=self.neighbour is not None and self.neighbour.output_on,
            load_input=self.load.input_on,
            chamber_on=self.chamber.on,
            injector=self.injector.on,
            coils=tuple(channel for channel in self.relays.channels if self.relays.coil(channel)),
            contactors={name: contactor.closed for name, contactor in self.contactors.items()},
            device=self.device.state,
            others={name: device.state for name, device in self.devices.items() if name != DEVICE},
            port_volts=self.sim.value(SENSED["port_voltage"]),
            port_amps=self.sim.value(SENSED["port_current"]),
        )
