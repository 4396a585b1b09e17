"""Stimuli of voltage and power: sweeps, ramps, dropouts, swells, load steps, the mains."""

from rig.twin.engine import truth
from rig.twin.engine.probe import i, v
from tests.twin.defects.reading import (
    BACK_VOLTS,
    FULL_LOAD,
    MS,
    SWITCH,
    Truths,
    cut,
    lowest,
    passages,
    returned,
    said,
)
from tests.twin.operator import HALF_LOAD, Operator


def peak_power(bench: Operator) -> Truths:
    """250 W at 54 V, as a resistance, for ten minutes."""
    bench.power_up(load=FULL_LOAD)
    bench.wait(600.0)
    return {
        "full_load_voltage": bench.volts(),
        "input_current": bench.sim.value(i("energy_input")),
        "port_temperature": bench.world.device.ports["grid"].temperature(),
    }


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
    return {"start_time": returned(bench, came[0])}


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
    cut(bench, "energy_input", 100e-6)
    bench.wait(0.2)
    return {"dropout_voltage": lowest(bench, bench.probe["port_voltage"], begin)}


def sag(bench: Operator) -> Truths:
    """The grid sags to 30 V for a second: how long until the consumer is on again."""
    bench.feed(52.0)
    bench.ramp_supply(30.0, 1e3)
    bench.wait(1.0)
    bench.ramp_supply(52.0, 1e3)
    back = bench.now
    bench.wait(100.0)
    return {"undervoltage_return": returned(bench, back, v("device_inside"))}


def swell(bench: Operator) -> Truths:
    """The grid swells to 59.5 V for a second: how long until the consumer is on again."""
    bench.feed(52.0)
    bench.ramp_supply(59.5, 1e3)
    bench.wait(1.0)
    bench.ramp_supply(52.0, 1e3)
    back = bench.now
    bench.wait(100.0)
    return {"overvoltage_return": returned(bench, back, v("device_inside"))}


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


def input_noise(bench: Operator) -> Truths:
    """The energy input with a sine of 4 Vpp and 200 Hz on it for 0.2 s: the lowest voltage at the port."""
    bench.power_up(load=HALF_LOAD)
    begin = bench.now
    bench.sim.set_sine("supply_set", 2.0, 200.0)
    bench.wait(0.2)
    return {"voltage_in_noise": lowest(bench, bench.probe["port_voltage"], begin)}


def second_return(bench: Operator) -> Truths:
    """A volt between return and data connector's ground for a second: what flows, and the lowest port voltage."""
    bench.power_up()
    bench.close("second_return")
    neighbour, begin = bench.world.neighbour, bench.now
    assert neighbour is not None
    neighbour.set_current(3.0)
    neighbour.set_ovp(1.5)
    neighbour.set_voltage(1.0)
    neighbour.set_output(True)
    bench.wait(1.0)
    return {
        "ground_current": bench.sim.value(bench.probe["ground_current"]),
        "voltage_between_grounds": lowest(bench, bench.probe["port_voltage"], begin),
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


def sharing(bench: Operator) -> Truths:
    """7.1 ohm for two equal sources, one of them the neighbour in the scene: how far off half, of 5 A."""
    bench.power_up(load=None)
    _, end = bench.inject("tap_3", 0.3)
    own, total = bench.sim.render([SWITCH, bench.probe["injector_current"]], end - 1, 1.0, 1)[:, 0]
    return {"share_error": abs(own - total / 2.0) / 5.0}
