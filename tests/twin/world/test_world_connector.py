"""How warm the contact of a connector gets, against closed forms; what a thermometer on the recorder gives of it."""

from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.twin.bench.connector import ConnectorPhysics
from rig.twin.bench.recorder_class import LABJACK_T7
from rig.twin.bench.wiring import CHANGEOVER_OHMS, connector
from rig.twin.draw import rectangular
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i, v
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.scene.model import Scene
from rig.twin.scene.ports import Connector
from tests.twin.operator import Operator, loaded

OHMS, HEATING, TAU, AIR = 2e-3, 200.0, 90.0, 25.0
MODEL = Connector.model_construct(resistance=OHMS, heating=HEATING, time_constant=TAU)
BRANCH_OHMS = 10.0
amps = st.floats(-20.0, 20.0)
spells = st.lists(st.tuples(amps, st.floats(0.5, 400.0)), min_size=1, max_size=5)


def contact(farads=None, henries=None):
    """A source behind 10 ohm, whose current heats the contact; with a capacitor, or an inductance, in series."""
    network = Network()
    network.source("source", "source", "0", 1e-9)
    if henries is not None:
        network.branch("wire", "source", "end", BRANCH_OHMS, henries)
    else:
        network.resistor("wire", "source", "end", BRANCH_OHMS)
    if farads is None:
        network.resistor("rest", "end", "0", 1e-9)
    else:
        network.capacitor("store", "end", "0", farads, 1e-9)
    sim = Simulation(network)
    return sim, ConnectorPhysics(sim, MODEL, i("wire"), lambda: AIR)


def after(rise, current, seconds):
    """Of a mass that was warmer by `rise` K, after so many seconds with a steady current."""
    left = exp(-seconds / TAU)
    return rise * left + HEATING * OHMS * current**2 * (1.0 - left)


@settings(max_examples=50)
@given(spells=spells)
def test_steady_currents_warm_and_cool_it_as_one_mass_does(spells):
    sim, physics = contact()
    rise = 0.0
    for current, seconds in spells:
        sim.set_input("source", current * BRANCH_OHMS)
        sim.run_until(sim.now_ps + to_ps(seconds))
        rise = after(rise, current, seconds)
        assert physics() == pytest.approx(AIR + rise, abs=1e-6)


@settings(max_examples=30)
@given(spells=spells, seed=st.integers(0, 5))
def test_what_is_seen_later_block_by_block_is_the_same(spells, seed):
    """In order, out of order, and all at once: what lies behind is not changed by who looks."""
    sim, physics = contact()
    edges = [0]
    for current, seconds in spells:
        sim.set_input("source", current * BRANCH_OHMS)
        sim.run_until(sim.now_ps + to_ps(seconds))
        edges.append(sim.now_ps)
    step = edges[-1] / 40

    def true(t_ps):
        rise = 0.0
        for (current, _), begin, end in zip(spells, edges, edges[1:], strict=False):
            rise = after(rise, current, max(min(t_ps, end) - begin, 0.0) * 1e-12) if t_ps > begin else rise
        return AIR + rise

    wanted = [true(k * step) for k in range(40)]
    assert physics.temperatures(0, step, 40) == pytest.approx(wanted, abs=1e-6)
    order = np.random.default_rng(seed).permutation(4)
    for block in (*range(4), *order):
        seen = physics.temperatures(round(10 * block * step), step, 10)
        assert seen == pytest.approx(wanted[10 * block : 10 * block + 10], abs=1e-5)


@pytest.mark.parametrize("microfarads", [47.0, 4700.0])
def test_a_pulse_adds_what_its_energy_makes(microfarads):
    """A capacitor that is charged through the contact: R i^2 integrated is R / (2 R_wire) C V^2."""
    sim, physics = contact(farads=microfarads * 1e-6)
    sim.set_input("source", 50.0)
    sim.run_until(to_ps(1.0))
    joules = OHMS / BRANCH_OHMS * 0.5 * microfarads * 1e-6 * 50.0**2
    spread = BRANCH_OHMS * microfarads * 1e-6  # s: how long the pulse is at most, and has cooled less than the rest
    assert physics() - AIR == pytest.approx(HEATING / TAU * joules * exp(-1.0 / TAU), rel=spread / TAU + 1e-6)


def test_a_sine_heats_by_its_effective_value():
    sim, physics = contact()
    sim.set_input("source", 30.0)
    sim.set_sine("source", 40.0, 100.0)
    sim.run_until(to_ps(900.0))
    assert physics() == pytest.approx(AIR + HEATING * OHMS * (3.0**2 + 4.0**2 / 2), rel=1e-4)


def test_along_a_ramp_too():
    sim, physics = contact()
    sim.set_input("source", 0.0, 10.0)  # 1 A more each second
    sim.run_until(to_ps(20.0))
    t = np.linspace(0.0, 20.0, 200_001)
    heat = HEATING * OHMS / TAU * np.trapezoid(np.exp(-(20.0 - t) / TAU) * t**2, t)
    assert physics() - AIR == pytest.approx(heat, rel=1e-6)


def test_a_snapshot_forgets_what_came_after_it():
    sim, physics = contact()
    sim.set_input("source", 50.0)
    sim.run_until(to_ps(100.0))
    then = sim.snapshot()
    warm = physics()
    sim.run_until(to_ps(200.0))
    physics.temperatures(to_ps(150.0), 1e9, 10)
    sim.restore(then)
    sim.set_input("source", 0.0)
    sim.run_until(to_ps(200.0))
    assert physics() == pytest.approx(AIR + (warm - AIR) * exp(-100.0 / TAU), abs=1e-9)


def test_its_contact_lies_between_the_device_and_where_the_bench_measures():
    bench = Operator("healthy")
    bench.power_up(load=None)
    bench.world.load.set_level("CURR", 5.0)
    bench.world.load.set_input(True)
    bench.wait(1.0)
    current = bench.sim.value(i("port_bench_device"))
    drop = bench.sim.value(v("port")) - bench.sim.value(v("port_bench"))
    assert abs(drop) == pytest.approx(abs(current) * (OHMS + CHANGEOVER_OHMS), rel=1e-9)
    assert abs(current) == pytest.approx(5.0, rel=0.01)


def test_a_bench_without_a_changeover_has_it_at_its_shunt():
    healthy = loaded("healthy")
    contactors = {name: one for name, one in healthy.bench.contactors.items() if name != "proof_line"}
    scene = healthy.model_copy(update={"bench": healthy.bench.model_copy(update={"contactors": contactors})})
    bench = Operator(scene)
    bench.power_up(load=None)
    bench.world.load.set_level("CURR", 5.0)
    bench.world.load.set_input(True)
    bench.wait(600.0)
    current = bench.sim.value(i("port_shunt"))
    assert bench.world.connector() - AIR == pytest.approx(HEATING * OHMS * current**2, rel=2e-3)
    shunt = bench.sim.value(v("port")) - bench.sim.value(v("terminals"))
    assert shunt / current == pytest.approx(OHMS + 5e-3, rel=2e-3)


def without_connector() -> Scene:
    healthy = loaded("healthy")
    port = healthy.device.ports["grid"].model_copy(update={"connector": None})
    device = healthy.device.model_copy(update={"ports": {"grid": port}})
    return healthy.model_copy(update={"device": device})


@pytest.mark.parametrize("scene", [loaded("healthy"), without_connector()], ids=["connector", "none"])
def test_a_thermometer_gives_the_temperature_with_its_own_error(scene):
    bench = Operator(scene)
    bench.power_up(load=None)
    bench.world.load.set_level("CURR", 5.0)
    bench.world.load.set_input(True)
    bench.wait(900.0)
    inputs = bench.world.recorder
    inputs.begin()
    start = bench.now
    bench.wait(0.2)
    step, centre = inputs.constants(1.0)
    seen = (inputs.codes(["AIN10", "AIN11"], [1.0, 1.0], start, 400e6, 0, 400).mean(axis=0) - centre) * step
    contact = bench.world.connector
    assert (contact is None) == (connector(scene) is None)
    for channel, name, true in (
        (0, "connector_thermometer", AIR if contact is None else contact()), (1, "room_thermometer", AIR),
    ):  # fmt: skip
        slope = 1.0 + rectangular(1, f"transducer {name}", 0.004)
        error = rectangular(1, f"transducer {name} offset", 2.5)
        volts = (true + error) * 5e-3 * slope
        assert seen[channel] == pytest.approx(volts, abs=1e-4 * volts + 60e-6 + LABJACK_T7.ranges[1.0].step)
        assert inputs.read(f"AIN{10 + channel}", 1.0) == pytest.approx(volts, abs=1e-4 * volts + 60e-6)
    if contact is not None:
        assert contact() - AIR == pytest.approx(HEATING * OHMS * 25.0, rel=0.01)
