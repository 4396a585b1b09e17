"""Every kind of device has a scene that comes up by its own route, stays up, and does what its kind does."""

import math
import random

import numpy as np
import pytest

from rig.files.document import resolve
from rig.twin.engine import truth
from rig.twin.engine.probe import i, v
from rig.twin.scene.load import load_scene
from tests.twin.world.test_world_robustness import ACTIONS, PAUSES

MS = 10**9
SCENES = {
    "charge-controller-with-battery": "charge_controller",
    "battery": "battery",
    "appliance": "appliance",
    "plain-load": "load",
    "plain-source": "source",
    "ac-adapter": "ac_adapter",
    "ac-inverter": "ac_inverter",
    "grid-node": "grid_node",
}
SINKS = ("appliance", "plain-load", "ac-inverter")


@pytest.mark.parametrize("name", SCENES)
def test_it_comes_up_and_stays_up_below_60_v_and_a_day_is_quick(operate, name):
    assert load_scene(resolve("scenes", name)).device.kind == SCENES[name]
    bench = operate(name)
    bench.power_up(load=None)
    bench.wait(10.0)
    states = {port.state for port in bench.world.device.ports.values()}
    assert (states, bench.world.device.trips) == ({"on"}, [])
    assert bench.volts() > 45.0
    assert truth.peak(bench.sim, bench.probe["port_voltage"], 0, bench.now)[0] < 59.5
    before = len(bench.sim.history.segments)
    bench.wait(86400.0)
    assert len(bench.sim.history.segments) - before < 100
    assert bench.world.device.state == "on"


def test_serial_numbers_tell_the_scenes_apart():
    serials = [load_scene(resolve("scenes", name)).device.serial for name in SCENES]
    assert len(set(serials)) == len(serials)


@pytest.mark.parametrize(
    ("name", "node", "volts", "ohms"),
    [
        ("charge-controller-with-battery", "bus", 47.0, 0.4),
        ("ac-adapter", "output", 54.0, 0.04),
        ("plain-source", None, None, None),
    ],
)
def test_droop_lines_hold_in_a_static_sweep(operate, name, node, volts, ohms):
    """Voltage against current of what feeds the port, its own current (bleeder, neighbours) counted in."""
    bench = operate(name)
    bench.power_up(load=None)
    at, amps = [], []
    for load in (1e4, 100.0, 40.0, 20.0, 12.0):
        bench.world.load.set_level("RES", load)
        bench.world.load.set_input(True)
        bench.wait(0.4)
        if node is None:
            at.append(bench.volts() + 0.015 * bench.amps())
            amps.append(bench.amps())
            continue
        source = {"bus": "grid_converter_export_cv", "output": "converter_cv"}[node]
        at.append(bench.sim.value(v(f"device_{node}")))
        amps.append(bench.sim.value(i(f"device_{source}")))
    assert bench.world.device.trips == []
    if node is None:  # the bench supply itself: 5 mohm and its cable
        slope = np.polyfit(amps, at, 1)[0]
        assert slope == pytest.approx(-(0.005 + 0.012 + 0.001), rel=1e-2)
    else:
        ripple = 0.02 if name == "ac-adapter" else 0.0
        np.testing.assert_allclose(at, volts - ohms * np.array(amps), rtol=1e-3 if ripple else 1e-9)


def test_the_plain_source_is_limited_by_its_port(operate):
    bench = operate("plain-source")
    bench.power_up(load=None)
    bench.world.load.set_level("RES", 6.0)
    begin = bench.now
    bench.world.load.set_input(True)
    bench.wait(0.05)
    assert bench.amps() == pytest.approx(5.5, rel=1e-3)
    bench.wait(0.05)
    ((at, _),) = bench.world.device.trips
    assert (at - begin) * 1e-12 == pytest.approx(75e-3, rel=1e-2)


def test_the_battery_disconnects_when_it_is_overcharged(operate):
    """15 cells, 3.80 V for 2 s. The bench charges with 40 A from 58 V: 57 V is at the terminals before the cells."""
    bench = operate("battery")
    bench.power_up(load=None)
    bench.open("energy_input")
    bench.world.supply.set_current(40.0)
    bench.world.supply.set_voltage(58.5)
    bench.close("feed_line")
    pack = bench.world.device.parts.batteries["pack"]
    bench.wait(60.0)
    assert bench.sim.value(pack.current) == pytest.approx(40.0, abs=0.2)
    bench.wait(3.0 * 3600)
    assert next(iter(bench.world.device.ports.values())).state == "overvoltage"
    assert bench.sim.value(pack.current) == pytest.approx(-bench.sim.value(v("device_cells")) / 10e3, rel=1e-6)
    assert pack.charge == pytest.approx((57 - 40 * 0.045 - 42) / 9, abs=2e-3)
    assert [cause for _, cause in bench.world.device.trips] == ["over"]


def test_the_charge_controller_charges_from_its_panel_and_from_the_grid(operate):
    bench = operate("charge-controller-with-battery")
    bench.power_up(load=None)
    bench.wait(1.0)
    battery = bench.world.device.parts.batteries["battery"].current
    sun = bench.sim.value(battery)
    assert sun == pytest.approx(5.8 / 1.45 - 49 / 2400 - 1.02 * 47 / 4700, abs=0.02)
    bench.open("energy_input")
    bench.world.supply.set_voltage(50.5)
    bench.close("feed_line")
    bench.wait(1.0)
    imported = bench.sim.value(i("device_grid_converter_import_cv"))
    assert bench.sim.value(v("device_bus")) == pytest.approx(49.0 + 0.4 * imported, rel=1e-9)
    assert imported == pytest.approx(1.5 / 0.43, rel=0.05)
    assert bench.sim.value(battery) - sun == pytest.approx(0.95 * imported, abs=0.02)


def test_the_appliance_sheds_its_least_important_stage_first(operate):
    bench = operate("appliance")
    bench.power_up(load=None)
    stages = bench.world.device.parts.sinks["stages"]
    found = []
    for volts in (52.0, 47.0, 43.0, 39.0, 43.0, 47.0, 52.0):
        bench.world.supply.set_voltage(volts)
        bench.wait(2.0)
        found.append(tuple(stages.on))
    down = [(True, True, True), (True, True, False), (True, False, False), (False, False, False)]
    assert found == down + down[2::-1]
    assert bench.amps() == pytest.approx(-(45 / 52 + 52 / 40 + 52 / 30), rel=0.02)


def test_the_ac_adapter_rides_through_a_short_outage_and_comes_back_after_a_long_one(operate, tmp_path):
    path = tmp_path / "outage.yaml"
    path.write_text(
        "schema: 1\nname: outage\nextends: ac-adapter\ndevice:\n  parts:\n"
        "    mains: {outages: [{at: 2 s, for: 20 ms}, {at: 3 s, for: 2 s}]}\n",
        encoding="utf-8",
    )
    bench = operate(str(path))
    bench.power_up()
    bench.wait(2.0)
    volts = bench.probe["port_voltage"]
    assert truth.crossings(bench.sim, volts, 53.0, 1000 * MS, bench.now) == []
    bench.wait(2.0)
    assert bench.world.device.state == "dead"
    (gone, _), *_ = truth.crossings(bench.sim, v("device_link"), 120.0, 3000 * MS, bench.now)
    amps = 54.0 / 21.6 * 0.185
    assert (gone - 3000 * MS) * 1e-12 == pytest.approx(220e-6 * (325 - 120) / amps, rel=0.05)
    bench.wait(3.0)
    assert (bench.world.device.state, round(bench.volts(), 1)) == ("on", 53.9)


def test_the_inverter_ripples_the_grid_at_100_hz(operate):
    bench = operate("ac-inverter")
    bench.power_up(load=None)
    bench.wait(5.0)
    begin = bench.now
    bench.wait(0.2)
    amps = i("device_inverter")
    assert truth.peak(bench.sim, amps, begin, bench.now)[0] == pytest.approx(6.0, rel=1e-9)
    top, low = (s * truth.peak(bench.sim, s * bench.probe["port_voltage"], begin, bench.now)[0] for s in (1, -1))
    assert 0.01 < top - low < 0.5
    period = (bench.probe["port_current"], -3.0, begin, bench.now)
    ups = [at for at, slope in truth.crossings(bench.sim, *period) if slope > 0]
    np.testing.assert_allclose(np.diff(ups), 10 * MS, rtol=0.02)


def test_the_grid_node_passes_current_from_port_to_port(operate):
    bench = operate("grid-node")
    bench.power_up()
    bench.wait(1.0)
    given = bench.sim.value(bench.probe["input_current"])
    taken = bench.sim.value(i("device_neighbour_load"))
    assert taken == pytest.approx(bench.sim.value(v("other")) / 54.0, rel=1e-9)
    assert given == pytest.approx(bench.amps() + taken, rel=0.02)
    drop = bench.sim.value(v("energy_in") - v("device_bus"))
    assert drop == pytest.approx(0.03 * (given - bench.sim.value(v("energy_in")) / 2200), rel=0.02)


@pytest.mark.parametrize("name", ["appliance", "ac-adapter", "charge-controller-with-battery"])
def test_any_sequence_of_commands_runs_through(operate, name):
    dice = random.Random(6)
    bench = operate(name, 6)
    bench.power_up()
    for _ in range(40):
        dice.choice(ACTIONS)(bench.world, dice)
        bench.wait(dice.choice(PAUSES))
    assert math.isfinite(bench.volts())
