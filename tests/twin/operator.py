"""Operating the twin's world by its physics objects alone, as the servers do."""

from collections.abc import Collection
from functools import cache

from rig.files.document import resolve
from rig.twin.engine.probe import v
from rig.twin.engine.units import to_ps
from rig.twin.scene.load import load_scene
from rig.twin.scene.model import Scene
from rig.twin.world import World

HALF_LOAD = 21.6  # ohm
SINKS = ("appliance", "load", "ac_inverter")


@cache
def loaded(name: str) -> Scene:
    """Reading a scene takes longer than many a test; nothing in it can change."""
    return load_scene(resolve("scenes", name))


class Operator:
    """A world and the sequences that a lab engineer goes through; times in seconds."""

    def __init__(self, scene: str | Scene, seed: int = 1, parts: Collection[str] = ()) -> None:
        self.world = World(loaded(scene) if isinstance(scene, str) else scene, seed, parts)
        self.sim = self.world.sim
        self.probe = self.world.probes
        self.pilots = {name: model.pilot for name, model in self.world.scene.bench.contactors.items()}

    @property
    def now(self) -> int:
        return self.sim.now_ps

    def wait(self, seconds: float) -> None:
        self.sim.run_until(self.sim.now_ps + to_ps(seconds))

    def close(self, *contactors: str) -> None:
        for name in contactors:
            self.world.relays.set_coil(self.pilots[name], True)
        self.wait(30e-3)

    def open(self, *contactors: str) -> None:
        for name in contactors:
            self.world.relays.set_coil(self.pilots[name], False)
        self.wait(20e-3)

    def power_up(self, *, load: float | None = HALF_LOAD, limit: float = 25.0) -> None:
        """The forward route at 48 V with a resistive base load, until the port has settled.

        A device that only takes gets the feed route instead.
        """
        self.close("feed_line" if self.world.scene.device.kind in SINKS else "energy_input", "load_line")
        self.world.supply.set_voltage(48.0)
        self.world.supply.set_current(limit)
        self.world.supply.set_ovp(59.5)
        if load is not None:
            self.world.load.set_level("RES", load)
            self.world.load.set_input(True)
        self.world.supply.set_output(True)
        self.wait(0.2)

    def feed(self, volts: float, limit: float = 25.0) -> None:
        """The supply at the port, without a surge: connected at the port's own voltage, then moved to `volts`."""
        supply = self.world.supply
        supply.set_voltage(max(self.volts(), 0.0))
        supply.set_current(limit)
        supply.set_ovp(62.0)
        supply.set_output(True)
        self.wait(50e-3)
        self.close("feed_line")
        supply.set_voltage(volts)
        self.wait(0.5)

    def ramp_supply(self, volts: float, slew: float) -> None:
        """Move the supply's output at `slew` [V/s], as its waveform generator does, and wait for the end."""
        now = self.sim.value(v("supply_set"))
        self.sim.set_input("supply_set", now, slew if volts > now else -slew)
        self.wait(abs(volts - now) / slew)
        self.sim.set_input("supply_set", volts)

    def inject(self, tap: str, hold: float) -> tuple[int, int]:
        """Close a tap, fire the injector for `hold`; the times [ps] at which the transistor closes and opens."""
        self.close(tap)
        delay = to_ps(self.world.scene.bench.injector.delay)
        start = self.now + delay
        self.world.lines.write("FIO0", True)
        self.wait(hold)
        end = self.now + delay
        self.world.lines.write("FIO0", False)
        self.wait(1e-3)
        return start, end

    def volts(self) -> float:
        return self.sim.value(self.probe["port_voltage"])

    def amps(self) -> float:
        return self.sim.value(self.probe["port_current"])
