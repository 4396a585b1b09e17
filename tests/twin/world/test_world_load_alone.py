"""The electronic load on a source of known resistance: slew, voltage mode, start voltage, protections."""

from itertools import pairwise
from math import sqrt

import pytest

from rig.twin.bench.load import LoadPhysics, wire_load
from rig.twin.bench.load_class import SIGLENT_SDL1030X
from rig.twin.engine import truth
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i
from rig.twin.engine.simulation import Simulation

US, MS = 10**6, 10**9


@pytest.fixture
def fed():
    """A load on a battery of `volts` behind `ohms` and 0.1 uH: simulation and load, 10 ms after the start."""

    def build(volts=54.0, ohms=0.1):
        network = Network()
        wire_load(network, "0")
        network.source("battery", "plus", "0", ohms)
        network.resistor("hold", "plus", "0", 1e6)
        network.branch("load_line", "plus", "load", 1e-3, 0.1e-6)
        sim = Simulation(network)
        load = LoadPhysics(sim, 1, i("load_line"), "0", SIGLENT_SDL1030X)
        sim.set_input("battery", volts)
        sim.run_until(10 * MS)
        return sim, load

    return build


def wait(sim, seconds):
    sim.run_until(sim.now_ps + round(seconds * 1e12))


@pytest.mark.parametrize(("rise", "fall"), [(0.5e6, 0.5e6), (2.5e6, 0.1e6), (1e3, 1e6)])
def test_the_current_moves_at_its_slew_both_ways(fed, rise, fall):
    sim, load = fed()
    load.set_slew(rise, fall)
    load.set_level("CURR", 1.0)
    load.set_input(True)
    wait(sim, 0.01)
    for level, slew in ((5.0, rise), (1.0, fall)):
        begin = sim.now_ps
        load.set_level("CURR", level)
        wait(sim, 0.01)
        times = [truth.crossings(sim, load.current, amps, begin, sim.now_ps)[0][0] for amps in (2.0, 4.0)]
        assert abs(times[1] - times[0]) * 1e-12 == pytest.approx(2.0 / slew, rel=0.02)
        assert sim.value(load.current) == pytest.approx(level, abs=0.02)


def test_voltage_mode_takes_what_brings_the_source_down_to_it(fed):
    sim, load = fed(54.0, 2.0)
    load.set_level("VOLT", 40.0)
    load.set_input(True)
    wait(sim, 0.01)
    volts, amps = sim.value(load.voltage), sim.value(load.current)
    assert amps == pytest.approx((54.0 - volts) / 2.0, rel=1e-3)
    assert volts == pytest.approx(40.0 + 0.02 * amps, abs=0.0005 * 40 + 0.0002 * 150)
    load.set_level("VOLT", 50.0)
    wait(sim, 0.01)
    assert sim.value(load.voltage) == pytest.approx(50.0 + 0.02 * 2.0, abs=0.0005 * 50 + 0.0002 * 150)


@pytest.mark.parametrize("volts", [0.0, 30.0, -5.0])
def test_voltage_mode_gives_nothing_to_a_lower_source(fed, volts):
    sim, load = fed(volts, 2.0)
    load.set_level("VOLT", 40.0)
    load.set_input(True)
    wait(sim, 0.01)
    assert abs(sim.value(load.current)) < 1e-4
    sim.set_input("battery", 44.0)
    wait(sim, 0.01)
    assert sim.value(load.current) == pytest.approx(4.0 / 2.02, abs=0.03)


def test_voltage_mode_on_a_stiff_source_ends_at_the_highest_current(fed):
    sim, load = fed(7.0, 0.01)
    load.set_level("VOLT", 5.0)
    load.set_input(True)
    wait(sim, 0.01)
    assert sim.value(load.current) == pytest.approx(30.0, rel=1e-3)
    sim.set_input("battery", 5.3)  # 0.3 V over 31 mohm
    wait(sim, 0.01)
    assert sim.value(load.current) == pytest.approx(0.3 / 0.031, abs=0.0325 / 0.031)
    sim.set_input("battery", 7.0)
    wait(sim, 0.01)
    assert sim.value(load.current) == pytest.approx(30.0, rel=1e-3)


def test_voltage_mode_exactly_at_the_source_does_not_chatter(fed):
    sim, load = fed(40.0, 2.0)
    load.set_level("VOLT", 40.0)
    load._offset["set V"], load._gain["set V"] = 0.0, 0.0
    load.set_input(True)
    before = len(sim.history)
    wait(sim, 10.0)
    assert len(sim.history) - before < 20


def test_below_its_start_voltage_the_load_draws_nothing(fed):
    sim, load = fed(9.9)
    load.set_von(10.0, latch=False)
    load.set_level("RES", 10.0)
    load.set_input(True)
    wait(sim, 0.01)
    assert abs(sim.value(load.current)) < 1e-4
    start = sim.now_ps
    sim.set_input("battery", 9.9, 100.0)  # it reaches 10 V after 1 ms
    wait(sim, 5e-3)
    began, _ = truth.crossings(sim, load.current, 0.5, start, sim.now_ps)[0]
    assert began - start == pytest.approx(2 * MS, rel=0.01)  # 1 ms of reaction
    assert load.input_on


@pytest.mark.parametrize(("latch", "amps"), [(False, 0.0), (True, 0.8)])
def test_a_latched_start_voltage_is_asked_for_only_once(fed, latch, amps):
    sim, load = fed(12.0)
    load.set_von(10.0, latch=latch)
    load.set_level("RES", 10.0)
    load.set_input(True)
    wait(sim, 0.01)
    assert sim.value(load.current) == pytest.approx(1.2, rel=0.02)
    sim.set_input("battery", 8.0)
    wait(sim, 0.01)
    assert sim.value(load.current) == pytest.approx(amps, abs=0.02)
    load.set_input(False)
    load.set_input(True)
    wait(sim, 0.01)
    assert abs(sim.value(load.current)) < 1e-4


def test_a_source_that_the_load_pulls_below_the_start_voltage_is_tried_every_2_ms(fed):
    sim, load = fed(12.0, 10.0)
    load.set_von(10.0, latch=False)
    load.set_level("RES", 10.0)
    start = sim.now_ps
    load.set_input(True)
    wait(sim, 0.1)
    found = [t for t, way in truth.crossings(sim, load.current, 0.3, start, sim.now_ps) if way > 0]
    assert len(found) == 50
    assert {round((b - a) / MS, 2) for a, b in pairwise(found)} == {2.0}


def test_the_set_current_protection_acts_after_its_delay_and_only_then(fed):
    sim, load = fed()
    load.set_level("CURR", 4.0)
    load.set_protection("OCP", (3.0, 0.25))
    load.set_input(True)
    wait(sim, 0.2)
    load.set_level("CURR", 2.0)
    wait(sim, 0.2)
    assert (load.alarm(), load.input_on) == (None, True)
    start = sim.now_ps
    load.set_level("CURR", 4.0)
    wait(sim, 0.3)
    assert (load.alarm(), load.input_on) == ("OCP", False)
    over, under = (t for t, _ in truth.crossings(sim, load.current, 3.0, start, sim.now_ps))
    assert (under - over) * 1e-12 == pytest.approx(0.25, rel=1e-4)
    load.set_protection("OCP", None)
    load.set_input(True)
    wait(sim, 0.3)
    assert (load.alarm(), load.input_on) == (None, True)


@pytest.mark.parametrize(
    ("mode", "below", "above"),
    [("CURR", 100 / 54 - 0.05, 100 / 54 + 0.05), ("RES", 54**2 / 95, 54**2 / 105), ("VOLT", 53.79, 53.76)],
)
def test_the_set_power_protection_by_mode(fed, mode, below, above):
    """100 W of 54 V behind 0.1 ohm: 1.86 A, at 53.8 V."""
    sim, load = fed()
    load.set_protection("OPP", (100.0, 0.01))
    load._gain = dict.fromkeys(load._gain, 0.0)
    load._offset = dict.fromkeys(load._offset, 0.0)
    load.set_level(mode, below)
    load.set_input(True)
    wait(sim, 0.1)
    assert (load.alarm(), load.input_on) == (None, True)
    load.set_level(mode, above)
    wait(sim, 0.1)
    assert (load.alarm(), load.input_on) == ("OPP", False)


@pytest.mark.parametrize(("volts", "ohms", "alarm"), [(54.0, 9.0, None), (58.0, 9.0, "OPP"), (2.0, 0.03, "OCP")])
def test_the_load_protects_itself_at_110_percent_for_1_ms(fed, volts, ohms, alarm):
    sim, load = fed(volts, 1e-3)
    load.set_level("RES", ohms)
    begin = sim.now_ps
    load.set_input(True)
    wait(sim, 0.1)
    assert load.alarm() == alarm
    assert load.input_on is (alarm is None)
    if alarm is not None:
        on = [t for t, _ in truth.crossings(sim, load.current, 3.0, begin, sim.now_ps)]
        assert on[1] - on[0] == pytest.approx(MS, rel=0.02)
    assert sqrt(330 * 9) == pytest.approx(54.5, abs=0.01)


@pytest.mark.parametrize(
    "act",
    [
        lambda load: load.set_level("VOLT", 151.0),
        lambda load: load.set_slew(1e2, 1e6),
        lambda load: load.set_slew(1e6, 3e6),
        lambda load: load.set_von(200.0, latch=True),
        lambda load: load.set_protection("OCP", (31.0, 1.0)),
        lambda load: load.set_protection("OPP", (100.0, 61.0)),
    ],
)
def test_values_beyond_the_instrument_are_refused(fed, act):
    _, load = fed()
    with pytest.raises(ValueError, match="must be between"):
        act(load)


def test_constant_power_follows_the_voltage(fed):
    sim, load = fed(48.0, 0.05)
    load.set_level("POW", 96.0)
    load.set_input(True)
    sim.run_until(sim.now_ps + 10 * MS)
    assert sim.value(load.current) * sim.value(load.voltage) == pytest.approx(96.0, rel=0.01 + 0.005)
    sim.set_input("battery", 24.0)
    sim.run_until(sim.now_ps + 10 * MS)
    assert sim.value(load.voltage) < 24.0
    assert sim.value(load.current) * sim.value(load.voltage) == pytest.approx(96.0, rel=0.01 + 0.005)
    load.set_input(False)
    sim.run_until(sim.now_ps + 10 * MS)
    assert abs(sim.value(load.current)) < 1e-3


def test_more_power_than_the_source_can_give_ends_in_saturation(fed):
    """The most a 12 V source behind 2 ohm gives is 18 W."""
    sim, load = fed(12.0, 2.0)
    load.set_level("POW", 24.0)
    load.set_input(True)
    sim.run_until(sim.now_ps + 10 * MS)
    assert sim.value(load.voltage) == pytest.approx(12.0 * 0.05 / 2.05, rel=0.05)


def test_a_limit_of_power_below_the_level_trips_after_its_delay(fed):
    sim, load = fed(48.0, 0.05)
    load.set_level("POW", 96.0)
    load.set_protection("OPP", (90.0, 5e-3))
    load.set_input(True)
    sim.run_until(sim.now_ps + 4 * MS)
    assert load.alarm() is None
    sim.run_until(sim.now_ps + 2 * MS)
    assert (load.alarm(), load.input_on) == ("OPP", False)
