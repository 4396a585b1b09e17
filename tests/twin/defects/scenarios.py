"""The stimuli that show defects: scripts over the world's physics by name, each with the scene that it is played in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from rig.files.document import resolve
from rig.twin.scene.load import load_scene
from rig.twin.scene.model import Scene
from tests.twin.defects import arcs, faults_at_a_port, grids, voltages
from tests.twin.defects.reading import Truths
from tests.twin.operator import HALF_LOAD, Operator

SCENES = Path(__file__).parent / "scenes"


@dataclass(frozen=True, slots=True)
class Scenario:
    """The scene that it is played in (of the package, or a file beside this one), and the script."""

    scene: str
    play: Callable[..., Truths]
    how: dict[str, float | str | None] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    """The optional ones of the bench that it takes."""

    def truths(self, scene: Scene) -> Truths:
        return self.play(Operator(scene, parts=self.parts), **self.how)


@cache
def sound(name: str) -> Scene:
    """The scene without a defect."""
    beside = SCENES / f"{name}.yaml"
    return load_scene(beside if beside.is_file() else resolve("scenes", name))


SCENARIOS = {
    "hard-short": Scenario("healthy", faults_at_a_port.hard_short),
    "reported-short": Scenario("healthy", faults_at_a_port.reported_short),
    "warm-short": Scenario("warm", faults_at_a_port.hard_short),
    "shorts-repeated": Scenario("healthy", faults_at_a_port.shorts_repeated),
    "held-short": Scenario("healthy", faults_at_a_port.held_short, {"hold": 1.0, "watch": 0.0}),
    "outlasting-short": Scenario("healthy", faults_at_a_port.held_short, {"hold": 4.0, "watch": 20.0}),
    "cleared-between-retries": Scenario("battery", faults_at_a_port.held_short, {"hold": 1.0, "watch": 10.0}),
    "black-start": Scenario("healthy", faults_at_a_port.held_short, {"hold": 0.1, "watch": 20.0}),
    "limited-short": Scenario("limiter", faults_at_a_port.limited_short),
    "long-short": Scenario("timed-limiter", faults_at_a_port.long_short),
    "short-under-constant-current": Scenario("limiter", faults_at_a_port.short_under_constant_current),
    "overload-1.5x": Scenario("healthy", faults_at_a_port.overload, {"tap": "tap_2", "hold": 4.0}),
    "overload-1.05x": Scenario("healthy", faults_at_a_port.overload, {"tap": "tap_1", "hold": 2.0}),
    "inrush": Scenario("healthy", faults_at_a_port.overload, {"tap": "tap_4", "hold": 20e-3}),
    "peak-power": Scenario("healthy", voltages.peak_power),
    "droop-sweep": Scenario("healthy", voltages.droop_sweep),
    "start": Scenario("healthy", voltages.start),
    "slow-ramp": Scenario("healthy", voltages.slow_ramp),
    "dropout-100us": Scenario("healthy", voltages.dropout),
    "reversed-54V": Scenario("healthy", faults_at_a_port.reversed_port),
    "back-feed": Scenario("load-output", faults_at_a_port.back_feed),
    "light-load-after-reverse": Scenario("load-output", faults_at_a_port.light_load_after_reverse),
    "sag": Scenario("consumer", voltages.sag),
    "swell": Scenario("consumer", voltages.swell),
    "swell-54V": Scenario("consumer", voltages.swell_to_54_v),
    "dropout-at-guard": Scenario("feeder", voltages.dropout),
    "noise-4Vpp": Scenario("consumer", voltages.noise),
    "input-noise-4Vpp": Scenario("healthy", voltages.input_noise),
    "second-return": Scenario("healthy", voltages.second_return, parts=("neighbour", "second_return")),
    "sharing": Scenario("sharing", voltages.sharing),
    "load-dump": Scenario("healthy", voltages.load_dump),
    "constant-power": Scenario("constant-power", voltages.ripple, {"load": None}),
    "ripple": Scenario("healthy", voltages.ripple, {"load": HALF_LOAD}),
    "brown-out": Scenario("ac-adapter", voltages.brown_out),
    "mains-away": Scenario("ac-adapter", voltages.mains_away),
    "bus-at-rest": Scenario("charge-controller-with-battery", grids.bus_at_rest),
    "full-battery": Scenario("full-battery", grids.full_battery),
    "heavy-bus": Scenario("storage", grids.heavy_bus),
    "sunny-day": Scenario("charge-controller-with-battery", grids.sunny_day),
    "motor-start": Scenario("battery", grids.motor_start),
    "day-at-50W": Scenario("battery", grids.day_at_50_w),
    "shedding-sweep": Scenario("appliance", grids.shedding, {"to": 43.0, "slew": 1.0}),
    "shedding-behind-a-line": Scenario("appliance", grids.shedding, {"to": 47.6, "slew": 20e-3}),
    "plug-in": Scenario("appliance", grids.plug_in),
    "collapsed-grid": Scenario("appliance", grids.collapsed_grid),
    "ac-load": Scenario("ac-inverter", grids.ac_load),
    "segment-opens": Scenario("grid-node", grids.node),
    "node-at-5A": Scenario("grid-node", grids.node),
    "short-at-a-branch": Scenario("grid-node", grids.node),
    "meter-full": Scenario("healthy", grids.metered, {"amps": 4.63, "hours": 1.0}),
    "meter-low": Scenario("healthy", grids.metered, {"amps": 0.25, "hours": 40.0}),
    "meter-warm": Scenario("warm", grids.metered, {"amps": 4.63, "hours": 1.0}),
    "arc": Scenario("appliance", arcs.arc, parts=arcs.PARTS),
    "motor-drive": Scenario("appliance", arcs.motor_drive, parts=arcs.PARTS),
    "power-cut": Scenario("healthy", grids.metered, {"amps": 4.63, "hours": 1.5}),
}
