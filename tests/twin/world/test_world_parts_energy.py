"""Parts that hold or give energy, alone, against closed forms: battery, panel, charger, mains, segment."""

import math

import numpy as np
import pytest

from rig.twin.engine import truth
from rig.twin.engine.probe import i
from tests.twin.world.parts_bench import PartsBench, node_volts

MS = 10**9
BATTERY = {
    "block": "battery", "node": "battery", "empty": "44 V", "full": "54 V", "capacity": "50 Ah", "charge": "50 %",
    "resistance": "30 mohm",
}  # fmt: skip
POLARISED = BATTERY | {"polarisation": {"resistance": "15 mohm", "capacitance": "2 kF"}}
PANEL = {
    "block": "panel", "node": "panel", "short_circuit": "6.2 A", "open_circuit": "43.5 V",
    "maximum_power": {"voltage": "36 V", "current": "5.8 A"},
}  # fmt: skip
CHARGER = {
    "block": "charger", "source": "panel", "node": "battery", "hold": "36 V", "voltage": "55 V",
    "resistance": "20 mohm", "ratio": 1.45,
}  # fmt: skip


def test_an_hour_of_charge_is_a_fifth_of_the_capacity():
    bench = PartsBench({"battery": BATTERY}, pushed=("battery",))
    battery = bench.parts.batteries["battery"]
    assert battery.charge == pytest.approx(0.5, rel=1e-12)
    bench.push("battery", 10.0, 3600.0)
    assert battery.charge == pytest.approx(0.7, rel=1e-9)
    assert bench.value(battery.open_circuit) == pytest.approx(51.0, rel=1e-9)
    assert bench.volts("battery") == pytest.approx(51.3, rel=1e-9)
    bench.push("battery", -10.0, 7200.0)
    assert (battery.charge, bench.volts("battery")) == pytest.approx((0.3, 46.7), rel=1e-9)


def test_an_overcharged_battery_goes_on_above_full():
    bench = PartsBench({"battery": BATTERY | {"charge": "95 %"}}, pushed=("battery",))
    bench.push("battery", 10.0, 3600.0)
    assert bench.parts.batteries["battery"].charge == pytest.approx(1.15, rel=1e-9)
    assert bench.volts("battery") == pytest.approx(44 + 11.5 + 0.3, rel=1e-9)


def test_polarisation_builds_up_with_its_time_constant_and_leaves_the_charge_alone():
    bench = PartsBench({"battery": POLARISED}, pushed=("battery",))
    bench.push("battery", 10.0, 20.0)
    expected = 49.0 + 10 * 20 / 18e3 + 0.3 + 0.15 * (1 - math.exp(-20 / 30))
    assert bench.volts("battery") == pytest.approx(expected, rel=1e-6)
    assert bench.parts.batteries["battery"].charge == pytest.approx(0.5 + 200 / 180e3, rel=1e-9)


@pytest.mark.parametrize("sun", [1.0, 0.5])
def test_the_panel_is_its_two_lines_and_sun_takes_current_away(sun):
    bench = PartsBench({"panel": PANEL | {"irradiance": f"{sun * 100} %"}}, held=("panel",))
    for volts in (0.01, 10.0, 35.9, 36.1, 40.0, 43.4):
        bench.hold("panel", volts, 1e-3)
        at = bench.volts("panel")
        expected = float(np.interp(at, [0, 36, 43.5], [6.2, 5.8, 0])) - 6.2 * (1 - sun)
        assert -bench.value(i("hold_panel")) == pytest.approx(expected, abs=1e-9)


def test_the_panel_alone_is_at_its_open_circuit_and_light_changes_at_its_times():
    dusk = {"changes": [{"at": "10 s", "fraction": "50 %"}, {"at": "20 s", "fraction": "0 %"}]}
    bench = PartsBench({"panel": PANEL | dusk})
    assert bench.volts("panel") == pytest.approx(43.5, rel=1e-9)
    bench.wait(15.0)
    leak, steep = 0.4 / 36, 5.8 / 7.5
    assert bench.volts("panel") == pytest.approx(36 + (3.1 - leak * 36) / steep, rel=1e-9)
    bench.wait(10.0)
    assert bench.volts("panel") == pytest.approx(0.0, abs=1e-9)


def charging(**battery):
    filter_ = {"block": "capacitor", "node": "panel", "capacitance": "470 uF", "esr": "50 mohm"}
    parts = {"panel": PANEL, "filter": filter_, "charger": CHARGER, "battery": BATTERY | battery}
    bench = PartsBench(parts, pushed=("battery",))
    bench.start(2.0)
    return bench


def test_the_charger_holds_the_panel_at_its_maximum_power_point():
    bench = charging()
    charger = bench.parts.sources["charger"]
    assert (charger.state, bench.volts("panel")) == ("track", pytest.approx(36.0, abs=0.01))
    assert bench.value(charger.current) == pytest.approx(5.8 / 1.45, rel=1e-3)
    assert bench.value(bench.parts.batteries["battery"].current) == pytest.approx(bench.value(charger.current))


def test_a_full_battery_ends_the_charge_on_the_end_of_charge_line():
    bench = charging(full="55.4 V", charge="90 %", capacity="1 Ah")
    charger, battery = bench.parts.sources["charger"], bench.parts.batteries["battery"]
    amps, begin, volts = bench.value(charger.current), bench.sim.now_ps, bench.value(battery.open_circuit)
    bench.wait(900.0)
    (absorbed,) = [at for at, state in states(bench, "charger") if state == "absorb"]
    expected = 3600 / 11.4 * (55.0 - (0.03 + 0.02) * amps - volts) / amps
    assert (absorbed - begin) * 1e-12 == pytest.approx(expected, rel=1e-6)
    bench.push("battery", -2.0, 1.0)  # a load of 2 A on the full battery
    assert charger.state == "absorb"
    assert bench.volts("battery") == pytest.approx(55.0 - 0.02 * bench.value(charger.current), rel=1e-9)
    assert bench.volts("panel") > 36.0


def test_the_charger_rests_in_the_dark_and_takes_nothing_back():
    bench = charging()
    bench.parts.panels["panel"].set_irradiance(0.0)
    bench.wait(60.0)
    assert (bench.parts.sources["charger"].state, bench.value(bench.parts.sources["charger"].current)) == ("idle", 0.0)
    assert bench.value(bench.parts.batteries["battery"].current) == pytest.approx(0.0, abs=1e-9)
    bench.parts.panels["panel"].set_irradiance(1.0)
    bench.wait(10.0)
    assert bench.parts.sources["charger"].state == "track"


def states(bench, name):
    """(time [ps], state) from the event log."""
    lines = (line.split() for line in bench.sim.events.lines)
    return [(int(line[0]), line[-1]) for line in lines if line[-2] == f"device_{name}"]


MAINS = {
    "block": "mains", "node": "link", "voltage": "325 V", "resistance": "5 ohm", "capacitance": "220 uF",
    "esr": "200 mohm", "outages": [{"at": "1 s", "for": "500 ms"}],
}  # fmt: skip


def test_the_link_holds_up_for_as_long_as_its_capacitor_says():
    bench = PartsBench({"mains": MAINS}, pushed=("link",))
    bench.push("link", -0.5, 3.0)
    before = 325 - 0.5 * (5 + 1e-3)
    crossings = truth.crossings(bench.sim, node_volts("link"), 200.0, 1000 * MS, bench.sim.now_ps)
    expected = 220e-6 * (before - 0.5 * 0.2 - 200.0) / 0.5
    assert (crossings[0][0] - 1000 * MS) * 1e-12 == pytest.approx(expected, rel=1e-9)
    assert bench.volts("link") == pytest.approx(before, rel=1e-9)


def test_nothing_feeds_back_to_dead_mains_unless_the_fault_is_there():
    healthy = PartsBench({"mains": MAINS}, held=("output",))
    faulty = PartsBench({"mains": MAINS | {"back_feed": {"node": "output", "resistance": "100 ohm"}}}, held=("output",))
    for bench, present, away in ((healthy, 0.0, 0.0), (faulty, 0.0, 0.54)):
        bench.hold("output", 54.0)
        assert bench.value(i("hold_output")) == pytest.approx(present, abs=1e-9)
        bench.wait(0.7)
        assert bench.value(i("hold_output")) == pytest.approx(away, rel=1e-4)


@pytest.mark.parametrize("line", [{}, {"inductance": "10 uH"}])
def test_a_segment_is_its_resistance_and_opens_at_its_times(line):
    segment = {"block": "segment", "a": "left", "b": "right", "resistance": "2 ohm"} | line
    bench = PartsBench(
        {
            "segment": segment | {"opened": [{"at": "1 s", "for": "1 s"}]},
            "end": {"block": "resistor", "node": "right", "resistance": "10 ohm"},
        },
        held=("left",),
    )
    bench.hold("left", 48.0, 0.5)
    assert bench.volts("right") == pytest.approx(48 * 10 / 12.001, rel=1e-6)
    bench.wait(1.0)
    assert bench.volts("right") == pytest.approx(0.0, abs=1e-6)
    bench.wait(1.0)
    assert bench.volts("right") == pytest.approx(48 * 10 / 12.001, rel=1e-6)
