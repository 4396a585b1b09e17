"""Stimuli at a port: shorts, overloads, reversal, reverse current."""

from itertools import pairwise
from math import inf

from rig.twin.device.telemetry import CAUSES, PORT_BASE
from rig.twin.engine import truth
from rig.twin.engine.units import PICO
from tests.twin.defects.reading import (
    FLOOR_AMPS,
    SWITCH,
    S,
    Truths,
    ended,
    returned,
)
from tests.twin.operator import Operator

LAST_TRIP = PORT_BASE + 9  # register of the cause of the last trip at the first port


def hard_short(bench: Operator) -> Truths:
    """A bolted short for 20 ms at half load; then the load waits for the port."""
    bench.power_up()
    before = bench.volts()
    start, end = bench.inject("tap_short", 20e-3)
    bench.wait(35.0)
    fault, volts = bench.probe["injector_current"], bench.probe["port_voltage"]
    return {
        "operate_time": ended(bench, fault, FLOOR_AMPS, start, end),
        "peak_current": truth.peak(bench.sim, fault, start, end)[0],
        "let_through_i2t": truth.i2t(bench.sim, fault, start, end),
        "recovery_time": returned(bench, end),
        "port_voltage_peak": truth.peak(bench.sim, volts, 0, bench.now)[0],
        "lasting_drop": (before - bench.volts()) / 54.0,
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
        times.append(ended(bench, bench.probe["injector_current"], FLOOR_AMPS, start, end))
    return {"worst_operate_time": max(times)}


def held_short(bench: Operator, hold: float, watch: float) -> Truths:
    """A bolted short that stays: the shortest pause between two attempts of the port, and its return afterwards."""
    bench.power_up()
    before = bench.volts()
    start, end = bench.inject("tap_short", hold)
    edges = truth.crossings(bench.sim, SWITCH, FLOOR_AMPS, start, end)
    pauses = [up - down for (down, way), (up, _) in pairwise(edges) if way < 0]
    bench.wait(watch)
    return {
        "retry_pause": min(pauses, default=end - start) * PICO,
        "recovery_time": returned(bench, end, level=0.9 * before),
    }


def limited_short(bench: Operator) -> Truths:
    """A bolted short for 0.3 s at a port that limits."""
    bench.power_up()
    start, end = bench.inject("tap_short", 0.3)
    fault = bench.probe["injector_current"]
    return {
        "limit_time": ended(bench, fault, 7.0, start, end),
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
