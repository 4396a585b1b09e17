"""The stimuli that show defects: scripts over the world's physics, each giving true quantities by name, SI.

A time that never came is infinite; a count is a count.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from math import inf
from pathlib import Path

from rig.files.document import resolve
from rig.twin.device.telemetry import CAUSES, PORT_BASE
from rig.twin.engine import truth
from rig.twin.engine.probe import Probe, i, v
from rig.twin.engine.units import PICO
from rig.twin.scene.load import load_scene
from rig.twin.scene.model import Scene
from tests.twin.operator import HALF_LOAD, Operator

MS, S = 10**9, 10**12
FLOOR_AMPS = 50e-3  # a fault current below this has ended
BACK_VOLTS = 0.9 * 54.0  # the port is back
FULL_LOAD = 54.0**2 / 250.0  # ohm
SCENES = Path(__file__).parent / "scenes"
SWITCH = i("port_switch")
LAST_TRIP = PORT_BASE + 9  # register of the cause of the last trip at the first port

Truths = dict[str, float]


@dataclass(frozen=True, slots=True)
class Scenario:
    """The scene that it is played in (of the package, or a file beside this one), and the script."""

    scene: str
    play: Callable[..., Truths]
    how: dict[str, float | str | None] = field(default_factory=dict)

    def truths(self, scene: Scene) -> Truths:
        return self.play(Operator(scene), **self.how)


@cache
def sound(name: str) -> Scene:
    """The scene without a defect."""
    beside = SCENES / f"{name}.yaml"
    return load_scene(beside if beside.is_file() else resolve("scenes", name))


def said(bench: Operator, text: str, since: int) -> int:
    """How often the event log says so."""
    lines = (line.split(" ", 1) for line in bench.sim.events.lines)
    return sum(int(stamp) >= since and rest == text for stamp, rest in lines)


def passages(bench: Operator, probe: Probe, level: float, since: int, way: int) -> list[int]:
    """The times at which the probe passes the level upwards (+1) or downwards (-1)."""
    return [t for t, went in truth.crossings(bench.sim, probe, level, since, bench.now) if went == way]


def lowest(bench: Operator, probe: Probe, since: int) -> float:
    return -truth.peak(bench.sim, -probe, since, bench.now)[0]


def _ended(bench: Operator, probe: Probe, level: float, start: int, end: int) -> float:
    """From `start` until the probe is below the level for good, as far as `end`."""
    below = [t for t, way in truth.crossings(bench.sim, probe, level, start, end) if way < 0]
    still = bench.sim.render([probe], end - 1, 1.0, 1)[0, 0] > level
    return inf if still or not below else (below[-1] - start) * PICO


def _returned(bench: Operator, end: int, probe: Probe | None = None) -> float:
    """From the end of a fault until the port is back for good."""
    volts = bench.probe["port_voltage"] if probe is None else probe
    back = passages(bench, volts, BACK_VOLTS, end, +1)
    return (back[-1] - end) * PICO if back and bench.sim.value(volts) > BACK_VOLTS else inf


def hard_short(bench: Operator) -> Truths:
    """A bolted short for 20 ms at half load; then the load waits for the port."""
    bench.power_up()
    start, end = bench.inject("tap_short", 20e-3)
    bench.wait(35.0)
    fault, volts = bench.probe["injector_current"], bench.probe["port_voltage"]
    return {
        "operate_time": _ended(bench, fault, FLOOR_AMPS, start, end),
        "peak_current": truth.peak(bench.sim, fault, start, end)[0],
        "let_through_i2t": truth.i2t(bench.sim, fault, start, end),
        "recovery_time": _returned(bench, end),
        "port_voltage_peak": truth.peak(bench.sim, volts, 0, bench.now)[0],
    }


def reported_short(bench: Operator) -> Truths:
    """A bolted short: whether the device tells another cause than the one that made it trip."""
    bench.power_up()
    bench.inject("tap_short", 20e-3)
    told, (_, true) = bench.world.telemetry.registers()[LAST_TRIP], bench.world.device.trips[0]
    return {"wrong_reports": float(CAUSES[told] != true)}


def shorts_repeated(bench: Operator) -> Truths:
    """Three bolted shorts of 5 ms, 1 s apart: the longest operate time."""
    bench.power_up()
    times = []
    for _ in range(3):
        start, end = bench.inject("tap_short", 5e-3)
        bench.wait(1.0)
        times.append(_ended(bench, bench.probe["injector_current"], FLOOR_AMPS, start, end))
    return {"worst_operate_time": max(times)}


def held_short(bench: Operator, hold: float, watch: float) -> Truths:
    """A bolted short that stays: the shortest pause between two attempts of the port, and its return afterwards."""
    bench.power_up()
    start, end = bench.inject("tap_short", hold)
    edges = truth.crossings(bench.sim, SWITCH, FLOOR_AMPS, start, end)
    pauses = [up - down for (down, way), (up, _) in pairwise(edges) if way < 0]
    bench.wait(watch)
    return {"retry_pause": min(pauses, default=end - start) * PICO, "recovery_time": _returned(bench, end)}


def limited_short(bench: Operator) -> Truths:
    """A bolted short for 0.3 s at a port that limits."""
    bench.power_up()
    start, end = bench.inject("tap_short", 0.3)
    fault = bench.probe["injector_current"]
    return {
        "limit_time": _ended(bench, fault, 7.0, start, end),
        "limited_current": bench.sim.render([fault], end - 1, 1.0, 1)[0, 0],
    }


def long_short(bench: Operator) -> Truths:
    """A bolted short for 4 s: the temperature of the port's switch at its end."""
    bench.power_up()
    bench.inject("tap_short", 4.0)
    return {"port_temperature": bench.world.device.ports["grid"].temperature()}


def short_under_constant_current(bench: Operator) -> Truths:
    """A bolted short of 20 ms under a load of 4 A that does not let go: the voltage 2 s later."""
    bench.power_up(load=None)
    bench.world.load.set_level("CURR", 4.0)
    bench.world.load.set_input(True)
    bench.wait(0.1)
    bench.inject("tap_short", 20e-3)
    bench.wait(2.0)
    return {"voltage_after_short": bench.volts()}


def overload(bench: Operator, tap: str, hold: float) -> Truths:
    """A resistor across the port for `hold` seconds on top of half load."""
    bench.power_up()
    start, _ = bench.inject(tap, hold)
    trips = [t for t, _ in bench.world.device.trips]
    return {
        "overload_time": (trips[0] - start) * PICO if trips else inf,
        "nuisance_trips": float(len(trips)),
    }


def peak_power(bench: Operator) -> Truths:
    """250 W at 54 V, as a resistance."""
    bench.power_up(load=FULL_LOAD)
    bench.wait(1.0)
    return {"full_load_voltage": bench.volts(), "input_current": bench.sim.value(i("energy_input"))}


def droop_sweep(bench: Operator) -> Truths:
    """The port's voltage without load and at 5 A: intercept and slope."""
    bench.power_up(load=None)
    bench.wait(1.0)
    idle = bench.volts()
    bench.world.load.set_level("CURR", 5.0)
    bench.world.load.set_input(True)
    bench.wait(0.1)
    slope = (idle - bench.volts()) / bench.amps()
    return {"intercept_error": abs(idle - 54.0), "droop_error": abs(slope / 50e-3 - 1.0)}


def start(bench: Operator) -> Truths:
    """Energy comes at once; how long until the port feeds its load."""
    bench.power_up()
    bench.wait(30.0)
    came = passages(bench, bench.probe["input_voltage"], 40.0, 0, +1)
    return {"start_time": _returned(bench, came[0])}


def slow_ramp(bench: Operator) -> Truths:
    """The energy input sinks from 46 V to 37 V and comes back at 12 V/min, at 250 W."""
    bench.power_up(load=FULL_LOAD)
    begin = bench.now
    bench.ramp_supply(46.0, 100.0)
    for volts in (37.0, 46.0):
        bench.ramp_supply(volts, 0.2)
    off = passages(bench, bench.probe["port_voltage"], BACK_VOLTS, begin, -1)
    at_off = bench.sim.render([bench.probe["input_voltage"]], off[0] - MS, 1.0, 1)[0, 0] if off else 0.0
    return {"cut_off_voltage": at_off, "starts_on_ramp": float(said(bench, "device starting", begin))}


def dropout(bench: Operator) -> Truths:
    """The energy input is cut for 100 us at 250 W, as by an ideal series switch: the lowest port voltage in 0.2 s."""
    bench.power_up(load=FULL_LOAD)
    begin = bench.now
    _cut(bench, "energy_input", 100e-6)
    bench.wait(0.2)
    return {"dropout_voltage": lowest(bench, bench.probe["port_voltage"], begin)}


def _cut(bench: Operator, line: str, seconds: float) -> None:
    bench.sim.set_switch(line, on=False)
    bench.wait(seconds)
    bench.sim.set_switch(line, on=True)


def reversed_port(bench: Operator) -> Truths:
    """54 V reversed at the dead port for a second; then the port is powered again."""
    bench.close("reverse_line")
    bench.world.supply.set_voltage(54.0)
    bench.world.supply.set_output(True)
    begin = bench.now
    bench.wait(1.0)
    current = truth.peak(bench.sim, bench.probe["port_current"], begin + S // 2, bench.now)[0]
    bench.world.supply.set_output(False)
    bench.wait(2.0)
    bench.open("reverse_line")
    bench.power_up()
    return {"reverse_current": current, "voltage_after_reversal": bench.volts()}


def back_feed(bench: Operator) -> Truths:
    """An external source of 54 V, 10 A at an output port that is on: what flows into it after 0.1 s."""
    bench.wait(0.3)
    bench.feed(54.0, limit=10.0)
    begin = bench.now
    bench.wait(2.0)
    return {"back_fed_current": truth.peak(bench.sim, -bench.probe["port_current"], begin, bench.now)[0]}


def light_load_after_reverse(bench: Operator) -> Truths:
    """Reverse current for half a second, then a load of 1 A: the voltage that it gets."""
    bench.wait(0.3)
    bench.close("load_line")
    bench.feed(54.0, limit=10.0)
    bench.open("feed_line")
    bench.world.load.set_level("CURR", 1.0)
    bench.world.load.set_input(True)
    bench.wait(15.0)
    return {"light_load_voltage": bench.volts()}


def sag(bench: Operator) -> Truths:
    """The grid sags to 30 V for a second: how long until the consumer is on again."""
    bench.feed(52.0)
    bench.ramp_supply(30.0, 1e3)
    bench.wait(1.0)
    bench.ramp_supply(52.0, 1e3)
    back = bench.now
    bench.wait(100.0)
    return {"undervoltage_return": _returned(bench, back, v("device_inside"))}


def swell(bench: Operator) -> Truths:
    """The grid swells to 59.5 V for a second: how long until the consumer is on again."""
    bench.feed(52.0)
    bench.ramp_supply(59.5, 1e3)
    bench.wait(1.0)
    bench.ramp_supply(52.0, 1e3)
    back = bench.now
    bench.wait(100.0)
    return {"overvoltage_return": _returned(bench, back, v("device_inside"))}


def swell_to_54_v(bench: Operator) -> Truths:
    """The grid goes to 54 V for good: what the consumer has after a minute."""
    bench.feed(52.0)
    bench.ramp_supply(54.0, 10.0)
    bench.wait(60.0)
    return {"voltage_at_54_v": bench.sim.value(v("device_inside"))}


def noise(bench: Operator) -> Truths:
    """The grid at 57 V with a sine of 4 Vpp and 200 Hz on it for 0.2 s: the lowest voltage inside the consumer."""
    bench.feed(57.0)
    begin = bench.now
    bench.sim.set_sine("supply_set", 2.0, 200.0)
    bench.wait(0.2)
    return {"voltage_in_noise": lowest(bench, v("device_inside"), begin)}


def sharing(bench: Operator) -> Truths:
    """7.1 ohm for two equal sources, one of them the neighbour in the scene: how far off half, of 5 A."""
    bench.power_up(load=None)
    _, end = bench.inject("tap_3", 0.3)
    own, total = bench.sim.render([SWITCH, bench.probe["injector_current"]], end - 1, 1.0, 1)[:, 0]
    return {"share_error": abs(own - total / 2.0) / 5.0}


def metered(bench: Operator, amps: float, hours: float) -> Truths:
    """A constant load for some hours: register against truth; then a power cut of 10 s."""
    bench.power_up(load=54.0 / amps)
    port = bench.world.device.ports["grid"]
    begin, before = bench.now, port.meter.registers()[1]
    bench.wait(hours * 3600.0)
    true = truth.energy(bench.sim, bench.probe["port_voltage"], bench.probe["port_current"], begin, bench.now)
    counted = port.meter.registers()[1]
    bench.world.supply.set_output(False)
    bench.wait(10.0)
    bench.world.supply.set_output(True)
    bench.wait(0.3)
    return {
        "meter_error": abs((counted - before) / true - 1.0),
        "lost_energy": counted - port.meter.registers()[1],
    }


def load_dump(bench: Operator) -> Truths:
    """The full load is disconnected at once: the highest voltage at the port."""
    bench.power_up(load=FULL_LOAD)
    begin = bench.now
    bench.world.load.set_input(False)
    bench.wait(0.2)
    return {"port_voltage_peak": truth.peak(bench.sim, bench.probe["port_voltage"], begin, bench.now)[0]}


def ripple(bench: Operator, load: float | None) -> Truths:
    """From peak to peak within half a second; with a load of constant power, as a fraction of the voltage."""
    bench.power_up(load=load)
    bench.wait(0.2)
    begin, volts = bench.now, bench.probe["port_voltage"]
    bench.wait(0.5)
    swing = truth.peak(bench.sim, volts, begin, bench.now)[0] - lowest(bench, volts, begin)
    return {"ripple": swing, "swing": swing / 54.0}


def brown_out(bench: Operator) -> Truths:
    """The mains is away for 20 ms at 250 W: the lowest voltage at the port."""
    bench.power_up(load=FULL_LOAD)
    bench.wait(0.5)
    begin, mains = bench.now, bench.world.device.parts.mains["mains"]
    mains.set_present(present=False)
    bench.wait(20e-3)
    mains.set_present(present=True)
    bench.wait(50e-3)
    return {"brown_out_voltage": lowest(bench, bench.probe["port_voltage"], begin)}


def mains_away(bench: Operator) -> Truths:
    """The mains is away and another source holds the port at 50 V: what flows into the device."""
    bench.wait(0.5)
    bench.feed(50.0)
    bench.world.device.parts.mains["mains"].set_present(present=False)
    bench.wait(10.0)
    return {"mains_export": -bench.amps()}


def bus_at_rest(bench: Operator) -> Truths:
    """Another source holds the bus at 48 V, in the middle of the dead band."""
    bench.wait(0.5)
    bench.feed(48.0)
    bench.wait(1.0)
    return {"idle_current": abs(bench.amps())}


def full_battery(bench: Operator) -> Truths:
    """The bus without load, with a battery above its high mark."""
    bench.power_up(load=None)
    bench.wait(20.0)
    return {"shifted_error": abs(bench.volts() - 48.0)}


def heavy_bus(bench: Operator) -> Truths:
    """A load of 4.25 ohm at the bus for 0.3 s: what it gets at the end."""
    bench.power_up(load=None)
    _, end = bench.inject("tap_4", 0.3)
    return {"circuit_current": bench.sim.render([bench.probe["port_current"]], end - 1, 1.0, 1)[0, 0]}


def sunny_day(bench: Operator) -> Truths:
    """Full sun on the panel for 20 h without a load."""
    bench.wait(20 * 3600.0)
    return {"battery_voltage_peak": truth.peak(bench.sim, v("device_battery"), 0, bench.now)[0]}


def motor_start(bench: Operator) -> Truths:
    """A load of 4.25 ohm for a second: the lowest voltage at the port."""
    bench.power_up(load=None)
    begin = bench.now
    bench.inject("tap_4", 1.0)
    return {"motor_start_voltage": lowest(bench, bench.probe["port_voltage"], begin)}


def day_at_50_w(bench: Operator) -> Truths:
    """A resistance that takes 50 W, for 24 h."""
    bench.power_up(load=51.0)
    bench.wait(24 * 3600.0)
    return {"voltage_after_a_day": bench.volts()}


def shedding(bench: Operator, to: float, slew: float) -> Truths:
    """The grid sinks slowly from 54 V: where the first stage goes, and how often stages go."""
    bench.feed(54.0)
    bench.wait(3.0)
    bench.ramp_supply(48.6, 5.0)
    begin = bench.now
    bench.ramp_supply(to, slew)
    gone = [
        int(line.split(" ", 1)[0])
        for line in bench.sim.events.lines
        if "device_stages_" in line and line.endswith("off")
    ]
    at = bench.sim.render([bench.probe["port_voltage"]], gone[0] - 1, 1.0, 1)[0, 0] if gone else 0.0
    return {"shedding_voltage": at, "stage_switchings": float(sum(t >= begin for t in gone))}


def plug_in(bench: Operator) -> Truths:
    """The grid comes to 54 V: the highest current into the device until all is on."""
    begin = bench.now
    bench.feed(54.0)
    bench.wait(0.5)
    return {"inrush_current": truth.peak(bench.sim, -bench.probe["port_current"], begin, bench.now)[0]}


def collapsed_grid(bench: Operator) -> Truths:
    """The grid has sunk to 20 V: what the device still takes after 5 s."""
    bench.feed(52.0)
    bench.wait(3.0)
    bench.ramp_supply(20.0, 10.0)
    bench.wait(5.0)
    return {"sleep_current": -bench.amps()}


def node(bench: Operator) -> Truths:
    """A node of three ports: a segment may open at 1 s; 5 A at port a; a bolted short of 20 ms there.

    The load at port c is the consumer that should not notice: how long it has less than 36 V each time.
    """
    branch = v("device_c")
    bench.power_up(load=None)
    begin = bench.now
    bench.wait(1.5)
    interruption = _below(bench, branch, 36.0, begin)
    bench.world.load.set_level("CURR", 5.0)
    bench.world.load.set_input(True)
    bench.wait(0.5)
    consumer = bench.volts()
    bench.world.load.set_input(False)
    begin = bench.now
    bench.inject("tap_short", 20e-3)
    bench.wait(0.2)
    return {
        "interruption": interruption,
        "consumer_voltage": consumer,
        "branch_interruption": _below(bench, branch, 36.0, begin),
    }


def _below(bench: Operator, probe: Probe, level: float, since: int) -> float:
    """For how long the probe has been below the level."""
    edges = [since, *(t for t, _ in truth.crossings(bench.sim, probe, level, since, bench.now)), bench.now]
    values = [bench.sim.render([probe], begin + (end - begin) // 2, 1.0, 1)[0, 0] for begin, end in pairwise(edges)]
    return sum(end - begin for (begin, end), value in zip(pairwise(edges), values, strict=True) if value < level) * PICO


SCENARIOS = {
    "hard-short": Scenario("healthy", hard_short),
    "reported-short": Scenario("healthy", reported_short),
    "warm-short": Scenario("warm", hard_short),
    "shorts-repeated": Scenario("healthy", shorts_repeated),
    "held-short": Scenario("healthy", held_short, {"hold": 1.0, "watch": 0.0}),
    "outlasting-short": Scenario("healthy", held_short, {"hold": 4.0, "watch": 20.0}),
    "cleared-between-retries": Scenario("battery", held_short, {"hold": 1.0, "watch": 10.0}),
    "black-start": Scenario("healthy", held_short, {"hold": 0.1, "watch": 20.0}),
    "limited-short": Scenario("limiter", limited_short),
    "long-short": Scenario("timed-limiter", long_short),
    "short-under-constant-current": Scenario("limiter", short_under_constant_current),
    "overload-1.5x": Scenario("healthy", overload, {"tap": "tap_2", "hold": 4.0}),
    "overload-1.05x": Scenario("healthy", overload, {"tap": "tap_1", "hold": 2.0}),
    "inrush": Scenario("healthy", overload, {"tap": "tap_4", "hold": 20e-3}),
    "peak-power": Scenario("healthy", peak_power),
    "droop-sweep": Scenario("healthy", droop_sweep),
    "start": Scenario("healthy", start),
    "slow-ramp": Scenario("healthy", slow_ramp),
    "dropout-100us": Scenario("healthy", dropout),
    "reversed-54V": Scenario("healthy", reversed_port),
    "back-feed": Scenario("load-output", back_feed),
    "light-load-after-reverse": Scenario("load-output", light_load_after_reverse),
    "sag": Scenario("consumer", sag),
    "swell": Scenario("consumer", swell),
    "swell-54V": Scenario("consumer", swell_to_54_v),
    "dropout-at-guard": Scenario("feeder", dropout),
    "noise-4Vpp": Scenario("consumer", noise),
    "sharing": Scenario("sharing", sharing),
    "load-dump": Scenario("healthy", load_dump),
    "constant-power": Scenario("constant-power", ripple, {"load": None}),
    "ripple": Scenario("healthy", ripple, {"load": HALF_LOAD}),
    "brown-out": Scenario("ac-adapter", brown_out),
    "mains-away": Scenario("ac-adapter", mains_away),
    "bus-at-rest": Scenario("charge-controller", bus_at_rest),
    "full-battery": Scenario("full-battery", full_battery),
    "heavy-bus": Scenario("charge-controller", heavy_bus),
    "sunny-day": Scenario("charge-controller", sunny_day),
    "motor-start": Scenario("battery", motor_start),
    "day-at-50W": Scenario("battery", day_at_50_w),
    "shedding-sweep": Scenario("appliance", shedding, {"to": 43.0, "slew": 1.0}),
    "shedding-behind-a-line": Scenario("appliance", shedding, {"to": 47.6, "slew": 20e-3}),
    "plug-in": Scenario("appliance", plug_in),
    "collapsed-grid": Scenario("appliance", collapsed_grid),
    "segment-opens": Scenario("grid-node", node),
    "node-at-5A": Scenario("grid-node", node),
    "short-at-a-branch": Scenario("grid-node", node),
    "meter-full": Scenario("healthy", metered, {"amps": 4.63, "hours": 1.0}),
    "meter-low": Scenario("healthy", metered, {"amps": 0.25, "hours": 40.0}),
    "meter-warm": Scenario("warm", metered, {"amps": 4.63, "hours": 1.0}),
    "power-cut": Scenario("healthy", metered, {"amps": 4.63, "hours": 1.5}),
}
