"""Stimuli of a grid: storage, loads in stages, a node of several ports, energy over hours."""

from rig.twin.engine import truth
from rig.twin.engine.probe import v
from tests.twin.defects.reading import (
    Truths,
    below,
    lowest,
)
from tests.twin.operator import Operator


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


def ac_load(bench: Operator) -> Truths:
    """An inverter at 50 V, once it works: its current from peak to peak within half a second."""
    bench.feed(50.0)
    bench.wait(5.0)
    begin, taken = bench.now, -bench.probe["port_current"]
    bench.wait(0.5)
    return {"ripple_current": truth.peak(bench.sim, taken, begin, bench.now)[0] - lowest(bench, taken, begin)}


def node(bench: Operator) -> Truths:
    """A node of three ports: a segment may open at 1 s; 5 A at port a; a bolted short of 20 ms there.

    The load at port c is the consumer that should not notice: how long it has less than 36 V each time.
    """
    branch = v("other")
    bench.power_up(load=None)
    begin = bench.now
    bench.wait(1.5)
    interruption = below(bench, branch, 36.0, begin)
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
        "branch_interruption": below(bench, branch, 36.0, begin),
    }


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
