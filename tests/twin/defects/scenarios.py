"""The stimuli that show defects: scripts over the world's physics, each giving true quantities by name, SI.

A time that never came is infinite; a count is a count.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from rig.twin.engine import truth
from rig.twin.engine.probe import i
from rig.twin.engine.units import PICO
from rig.twin.scene.model import Scene
from tests.twin.operator import Operator

MS, S = 10**9, 10**12
FLOOR_AMPS = 50e-3  # a fault current below this has ended
BACK_VOLTS = 0.9 * 54.0  # the port is back

Truths = dict[str, float]
SWITCH = i("port_switch")


@dataclass(frozen=True, slots=True)
class Scenario:
    """The scene that it is played in, and the script."""

    scene: str
    play: Callable[[Operator], Truths]

    def truths(self, scene: Scene) -> Truths:
        return self.play(Operator(scene))


def said(bench: Operator, text: str, since: int) -> int:
    """How often the event log says so."""
    lines = (line.split(" ", 1) for line in bench.sim.events.lines)
    return sum(int(stamp) >= since and rest == text for stamp, rest in lines)


def hard_short(bench: Operator) -> Truths:
    """A bolted short for 20 ms at half load; then the load waits for the port."""
    bench.power_up()
    start, end = bench.inject("tap_short", 20e-3)
    bench.wait(35.0)
    fault, volts = bench.probe["injector_current"], bench.probe["port_voltage"]
    ended = [t for t, way in truth.crossings(bench.sim, fault, FLOOR_AMPS, start, end) if way < 0]
    back = [t for t, way in truth.crossings(bench.sim, volts, BACK_VOLTS, end, bench.now) if way > 0]
    return {
        "operate_time": (ended[-1] - start) * PICO if ended and ended[-1] < end else inf,
        "peak_current": truth.peak(bench.sim, fault, start, end)[0],
        "let_through_i2t": truth.i2t(bench.sim, fault, start, end),
        "recovery_time": (back[-1] - end) * PICO if back and bench.volts() > BACK_VOLTS else inf,
        "port_voltage_peak": truth.peak(bench.sim, volts, 0, bench.now)[0],
    }


def held_short(bench: Operator) -> Truths:
    """A bolted short for 1 s: the shortest pause between two attempts of the port, without current in between."""
    bench.power_up()
    start, end = bench.inject("tap_short", 1.0)
    edges = truth.crossings(bench.sim, SWITCH, FLOOR_AMPS, start, end)
    pauses = [up - down for (down, way), (up, _) in pairwise(edges) if way < 0]
    return {"retry_pause": min(pauses, default=end - start) * PICO}


def overload(tap: str, hold: float) -> Callable[[Operator], Truths]:
    """A resistor across the port for `hold` seconds on top of half load."""

    def play(bench: Operator) -> Truths:
        bench.power_up()
        start, _ = bench.inject(tap, hold)
        trips = [t for t, _ in bench.world.device.trips]
        return {
            "overload_time": (trips[0] - start) * PICO if trips else inf,
            "nuisance_trips": float(len(trips)),
            "inrush_trips": float(len(trips)),
        }

    return play


def peak_power(bench: Operator) -> Truths:
    """250 W at 54 V, as a resistance."""
    bench.power_up(load=54.0**2 / 250.0)
    bench.wait(1.0)
    return {"full_load_voltage": bench.volts()}


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
    begin = bench.now
    bench.power_up()
    bench.wait(30.0)
    up = [t for t, way in truth.crossings(bench.sim, bench.probe["port_voltage"], BACK_VOLTS, begin, bench.now)]
    came = [t for t, way in truth.crossings(bench.sim, bench.probe["input_voltage"], 40.0, begin, bench.now)]
    return {"start_time": (up[0] - came[0]) * PICO if up else inf}


def slow_ramp(bench: Operator) -> Truths:
    """The energy input sinks from 46 V to 37 V and comes back at 12 V/min, at 250 W."""
    bench.power_up(load=54.0**2 / 250.0)
    begin = bench.now
    bench.ramp_supply(46.0, 100.0)
    for volts in (37.0, 46.0):
        bench.ramp_supply(volts, 0.2)
    input_volts, port_volts = bench.probe["input_voltage"], bench.probe["port_voltage"]
    passages = truth.crossings(bench.sim, port_volts, BACK_VOLTS, begin, bench.now)
    off = next((t for t, way in passages if way < 0), None)
    return {
        "cut_off_voltage": bench.sim.render([input_volts], off - MS, 1.0, 1)[0, 0] if off else 0.0,
        "starts_on_ramp": float(said(bench, "device starting", begin)),
    }


def dropout(bench: Operator) -> Truths:
    """The energy input is cut for 100 us at 250 W, as by an ideal series switch: the lowest port voltage in 0.2 s."""
    bench.power_up(load=54.0**2 / 250.0)
    begin = bench.now
    bench.sim.set_switch("energy_input", on=False)
    bench.wait(100e-6)
    bench.sim.set_switch("energy_input", on=True)
    bench.wait(0.2)
    return {"dropout_voltage": -truth.peak(bench.sim, -bench.probe["port_voltage"], begin, bench.now)[0]}


def reversed_port(bench: Operator) -> Truths:
    """54 V reversed at the dead port for a second."""
    bench.close("reverse_line")
    bench.world.supply.set_voltage(54.0)
    bench.world.supply.set_output(True)
    begin = bench.now
    bench.wait(1.0)
    return {"reverse_current": truth.peak(bench.sim, bench.probe["port_current"], begin + S // 2, bench.now)[0]}


SCENARIOS = {
    "hard-short": Scenario("healthy", hard_short),
    "held-short": Scenario("healthy", held_short),
    "overload-1.5x": Scenario("healthy", overload("tap_2", 4.0)),
    "overload-1.05x": Scenario("healthy", overload("tap_1", 2.0)),
    "inrush": Scenario("healthy", overload("tap_4", 20e-3)),
    "peak-power": Scenario("healthy", peak_power),
    "droop-sweep": Scenario("healthy", droop_sweep),
    "start": Scenario("healthy", start),
    "slow-ramp": Scenario("healthy", slow_ramp),
    "dropout-100us": Scenario("healthy", dropout),
    "reversed-54V": Scenario("healthy", reversed_port),
}
