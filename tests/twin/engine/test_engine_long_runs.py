"""A day of bench time costs what happens in it, not what it lasts."""

import pytest

from rig.twin.engine.loop import Loop, wire_loop
from rig.twin.engine.network import Network
from rig.twin.engine.ports import ConstantPower
from rig.twin.engine.probe import i, v
from rig.twin.engine.simulation import INSTANT_LIMIT, Simulation
from rig.twin.engine.watch import ZenoError

HOUR = 3600 * 10**12


def idle_bench(*, port=False):
    net = Network()
    wire_loop(net, "supply", "out", "0", bandwidth=2e3, farads=470e-6, esr=0.02, resistance=5e-3)
    net.resistor("bleed", "out", "0", 500.0)
    net.branch("cable", "out", "in", 0.05, 2e-6)
    net.capacitor("c", "in", "0", 10e-6, 0.05)
    net.resistor("load", "in", "0", 50.0, switch="load")
    if port:
        net.port("power", "in", "0", ConstantPower(20.0, 20.0))
    sim = Simulation(net)
    supply = Loop(sim, "supply", "out", "0")
    supply.set_limit(10.0)
    supply.set_voltage(48.0, slew=4800.0)
    supply.turn_on()
    for level in (10.0, 40.0, 50.0, 55.0):
        sim.watch(v("in"), level, 1, lambda: sim.log("in", "up"))
    return sim


def test_a_day_with_an_event_an_hour():
    sim = idle_bench()
    sim.run_until(HOUR)
    for hour in range(1, 24):
        sim.at(hour * HOUR, lambda hour=hour: sim.set_switch("load", hour % 2 == 1))
    start = len(sim.history)
    sim.run_until(24 * HOUR)
    assert len(sim.history) - start <= 23 * 8  # switching, and the supply's crossings after it
    before = len(sim.history)
    sim.run_until(24 * 30 * HOUR)
    assert len(sim.history) == before


def test_a_nonlinear_port_at_rest_is_idle_too():
    sim = idle_bench(port=True)
    sim.run_until(HOUR)
    before = len(sim.history)
    sim.run_until(24 * HOUR)
    assert len(sim.history) - before < 40
    assert sim.value(i("power")) * sim.value(v("in")) == pytest.approx(20.0, rel=1e-9)


def test_an_instant_without_end_fails_loudly():
    sim = idle_bench()

    def again():
        sim.at(sim.now_ps, again)

    sim.at(5, again)
    with pytest.raises(ZenoError, match=f"more than {INSTANT_LIMIT} callbacks at 5 ps"):
        sim.run_until(10)
