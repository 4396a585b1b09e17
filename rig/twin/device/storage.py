"""A bidirectional converter between a battery and the bus: an export line, an import line, a dead band between.

    source (battery) ─ draws and fills      node (bus) ─┬─ export: regulated output, feeds below its line
                                                        ├─ import: its mirror image, takes above its line
                                                        └─ bulk capacitor, bleeder, freewheeling diode

The import line is a regulated output upside down, plus at ground: minus its set point is where it starts to take.
"""

from collections.abc import Mapping
from functools import partial
from typing import Literal

from rig.twin.device.battery import open_circuit, volts_at
from rig.twin.device.converter import wire_bulk, wire_limited_draw
from rig.twin.device.nodes import Nodes
from rig.twin.device.power_limit import PowerLimitPhysics, wire_power_limit
from rig.twin.engine.network import Network
from rig.twin.engine.regulator import Regulator, wire_regulator
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.converters import Shift, Storage
from rig.twin.scene.parts import Battery, Part

Level = Literal["low", "middle", "high"]


def wire_storage(network: Network, name: str, model: Storage, nodes: Nodes) -> None:
    """Add the elements of storage converter `name`."""
    own, source, node = nodes(name), nodes(model.source), nodes(model.node)
    feed, take = model.export_line, model.import_line
    network.capacitor(f"{own}_capacitor", node, "0", model.capacitance, model.esr)
    wire_bulk(network, own, node)
    wire_regulator(network, f"{own}_export", node, "0", resistance=feed.resistance)
    network.mirror(f"{own}_export_draw_cv", source, "0", feed.ratio, f"{own}_export_cv")
    if feed.power is None:
        wire_limited_draw(network, f"{own}_export", source, node, feed.ratio * feed.limit / feed.intercept)
    else:
        wire_power_limit(network, f"{own}_export", node, source)
    wire_regulator(network, f"{own}_import", "0", node, resistance=take.resistance)
    network.mirror(f"{own}_import_fill_cv", "0", source, take.ratio, f"{own}_import_cv")
    network.transconductance(
        f"{own}_import_fill_cc", "0", source, take.ratio, f"{own}_import_limit", "0", switch=f"{own}_import_cc"
    )


class StoragePhysics:
    """Feeds and takes by its lines; `level` says where the battery's charge has shifted them to."""

    def __init__(self, sim: Simulation, name: str, model: Storage, parts: Mapping[str, Part], nodes: Nodes) -> None:
        self._sim, self._model, self._own = sim, model, nodes(name)
        self.level: Level = "middle"
        self._on, self._up_ps = False, 0
        node = nodes(model.node)
        self._export = Regulator(sim, f"{self._own}_export", node, "0", resistance=model.export_line.resistance)
        self._import = Regulator(sim, f"{self._own}_import", "0", node, resistance=model.import_line.resistance)
        feed = model.export_line
        if feed.power is None:
            self._export.set_limit(feed.limit)
        else:
            PowerLimitPhysics(
                sim, f"{self._own}_export", node,
                power=feed.power, current_limit=feed.limit, voltage=feed.intercept, ratio=feed.ratio,
            )  # fmt: skip
        self._import.set_limit(model.import_line.limit)
        if model.shift is not None:
            battery = parts[model.shift.battery]
            if not isinstance(battery, Battery):
                raise TypeError(f"{model.shift.battery!r} is no battery")  # the scene's checks refuse it
            self._watch_charge(model.shift, battery, nodes)

    @property
    def ramp(self) -> float:
        """Seconds from `start` to both lines."""
        return self._model.ramp

    def start(self) -> None:
        feed, take = self._volts()
        self._on, self._up_ps = True, self._sim.now_ps + to_ps(self._model.ramp)
        self._export.turn_on()
        self._export.set_voltage(feed, slew=feed / self._model.ramp, start=0.0)
        # It comes down to its line from twice as high: a live bus sees no step.
        self._import.set_voltage(-take, slew=take / self._model.ramp, start=-2.0 * take)
        self._import.turn_on()

    def stop(self) -> None:
        self._on = False
        self._export.turn_off()
        self._import.turn_off()

    def recovered(self, node: str) -> None:
        """A port has come back: nothing to do."""

    def _volts(self) -> tuple[float, float]:
        up = 0.0 if self._model.shift is None else self._model.shift.volts
        shift = {"low": -up, "middle": 0.0, "high": up}[self.level]
        return self._model.export_line.intercept + shift, self._model.import_line.intercept + shift

    def _watch_charge(self, shift: Shift, battery: Battery, nodes: Nodes) -> None:
        charge = open_circuit(shift.battery, battery, nodes)
        turns: tuple[tuple[float, Literal[1, -1], Level, Level | None], ...] = (
            (shift.high, +1, "high", None),
            (shift.high - shift.hysteresis, -1, "middle", "high"),
            (shift.low, -1, "low", None),
            (shift.low + shift.hysteresis, +1, "middle", "low"),
        )
        for threshold, direction, level, only in turns:
            turn = partial(self._turn, level, only, shift)
            volts = volts_at(battery, threshold)
            self._sim.watch(charge, volts, direction, turn, level=True, name=f"{self._own} charge {threshold:g}")

    def _turn(self, level: Level, only: Level | None, shift: Shift) -> None:
        """The charge has crossed a threshold that leads to `level` (only from `only`)."""
        if only is None or only == self.level:
            self._shift(level, shift)

    def _shift(self, level: Level, shift: Shift) -> None:
        self.level = level
        self._sim.log("device", f"{self._own} charge {level}")
        if self._on:
            feed, take = self._volts()
            coming_up = self._sim.now_ps < self._up_ps
            slew = take / self._model.ramp if coming_up else shift.volts / shift.ramp
            self._export.set_voltage(feed, slew=slew)
            self._import.set_voltage(-take, slew=slew)
