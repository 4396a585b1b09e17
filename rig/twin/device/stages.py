"""An intelligent load: stages that come and go with the voltage, each with its hysteresis and its ramp."""

from functools import partial

from rig.twin.device.draw import STEPS, Draw, wire_draw
from rig.twin.device.nodes import INSULATION_OHMS, Nodes
from rig.twin.engine.network import Network
from rig.twin.engine.probe import v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer
from rig.twin.scene.loads import LoadStage, Stages


def wire_stages(network: Network, name: str, model: Stages, nodes: Nodes) -> None:
    """Add the elements of the stages, the first is the most important."""
    own, node = nodes(name), nodes(model.node)
    for number, stage in enumerate(model.stages, start=1):
        if stage.resistance is None:
            wire_draw(network, f"{own}_{number}", node)
        else:
            network.resistor(f"{own}_{number}", node, "0", stage.resistance, switch=f"{own}_{number}")
    network.resistor(f"{own}_insulation", node, "0", INSULATION_OHMS)


class StagesPhysics:
    """`on` says which stages are on (or coming), the most important first."""

    def __init__(self, sim: Simulation, name: str, model: Stages, nodes: Nodes) -> None:
        self._sim = sim
        self._own = nodes(name)
        self._stages = [
            _Stage(sim, f"{self._own}_{number}", nodes(model.node), stage)
            for number, stage in enumerate(model.stages, start=1)
        ]

    @property
    def on(self) -> list[bool]:
        return [stage.on for stage in self._stages]

    def start(self) -> None:
        for stage in self._stages:
            stage.enable(on=True)

    def stop(self) -> None:
        for stage in self._stages:
            stage.enable(on=False)


class _Stage:
    """One stage: disabled, waiting for its voltage, or on."""

    def __init__(self, sim: Simulation, own: str, node: str, model: LoadStage) -> None:
        self._sim, self._own, self._model = sim, own, model
        self.on = False
        self._timers: list[Timer] = []
        self._draw = None if model.power is None else Draw(sim, own, node, model.off_below / 2, watts=model.power)
        self._rise = sim.watch(v(node), model.on_above, +1, self._turn_on, level=True, name=f"{own} comes")
        self._fall = sim.watch(v(node), model.off_below, -1, self._turn_off, level=True, name=f"{own} goes")
        self._rise.enabled = self._fall.enabled = False

    def enable(self, *, on: bool) -> None:
        if self.on and not on:
            self._turn_off()
        self._rise.enabled, self._fall.enabled = on, False

    def _turn_on(self) -> None:
        self.on = True
        self._sim.log("device", f"{self._own} on")
        self._rise.enabled, self._fall.enabled = False, True
        if self._draw is not None:
            self._draw.rise(self._model.ramp)
            return
        for step in range(1, STEPS + 1):
            at = self._sim.now_ps + to_ps(self._model.ramp * step / STEPS)
            self._timers.append(self._sim.at(at, partial(self._conduct, step / STEPS)))

    def _turn_off(self) -> None:
        self.on = False
        self._sim.log("device", f"{self._own} off")
        self._rise.enabled, self._fall.enabled = True, False
        if self._draw is not None:
            self._draw.cease()
            return
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._sim.set_switch(self._own, on=False)

    def _conduct(self, share: float) -> None:
        assert self._model.resistance is not None
        self._sim.set_ohms(self._own, self._model.resistance / share)
        self._sim.set_switch(self._own, on=True)
