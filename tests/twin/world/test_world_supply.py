"""The bench supply at its terminals."""

from math import exp, pi

import numpy as np
import pytest

from rig.twin.bench.supply import SupplyPhysics, wire_supply
from rig.twin.bench.supply_class import EA_PSB_9080_60
from rig.twin.engine import truth
from rig.twin.engine.network import Network
from rig.twin.engine.probe import i
from rig.twin.engine.simulation import Simulation

MS = 10**9


@pytest.fixture
def supply(operate):
    """A supply alone: no contactor closed."""
    bench = operate()
    return bench, bench.world.supply


def test_the_output_rises_at_30_ms_full_scale(supply):
    bench, psu = supply
    psu.set_voltage(48.0)
    psu.set_output(True)
    bench.wait(0.1)
    (low, _), (high, _) = (truth.crossings(bench.sim, psu.voltage, level, 0, bench.now)[0] for level in (8.0, 40.0))
    assert high - low == pytest.approx(12 * MS, rel=1e-3)


def test_set_and_read_errors_are_within_their_class_and_differ_by_seed(operate):
    seen = set()
    for seed in range(5):
        bench = operate(seed=seed)
        psu = bench.world.supply
        psu.set_voltage(48.0)
        psu.set_output(True)
        bench.wait(0.1)
        true = bench.sim.value(psu.voltage)
        shown, amps = psu.measure()
        assert abs(true - 48.0) <= 0.08 + 1e-3
        assert abs(shown - true) <= 0.08 + 0.005
        assert abs(amps) <= 0.12 + 0.005
        assert shown == round(shown, 2)
        seen.add((true, shown))
    assert len(seen) == 5


def test_the_current_limit_holds_and_the_voltage_gives_way(operate):
    bench = operate()
    bench.power_up(load=None, limit=20.0)
    psu = bench.world.supply
    assert psu.regulation == "CV"
    psu.set_current(0.05)  # below what the device's idle resistor takes: 0.1 A
    bench.wait(0.02)
    assert psu.regulation == "CC"
    bench.wait(2.0)
    true = bench.sim.value(psu.current)
    assert true <= 0.05 + 0.12
    psu.set_current(20.0)
    bench.wait(0.2)
    assert (psu.regulation, round(bench.sim.value(psu.voltage))) == ("CV", 48)


def test_a_short_across_the_terminals_dumps_the_capacitor_then_settles_at_the_limit(supply):
    bench, psu = supply
    bench.close("energy_input", "reverse_line")
    psu.set_current(5.0)
    psu.set_voltage(10.0)
    psu.set_output(True)
    bench.wait(0.1)
    assert psu.regulation == "CC"
    assert bench.sim.value(psu.current) == pytest.approx(5.0, abs=0.13)


@pytest.fixture
def alone():
    """A supply on a resistor, at 48 V: simulation and supply."""

    def build(ohms):
        network = Network()
        wire_supply(network, EA_PSB_9080_60)
        network.branch("energy_input", "supply_plus", "load", 1e-3, 1e-6)
        network.resistor("load", "load", "supply_minus", ohms)
        sim = Simulation(network)
        psu = SupplyPhysics(sim, 1, i("energy_input"), EA_PSB_9080_60)
        psu.set_voltage(48.0)
        psu.set_output(True)
        sim.run_until(100 * MS)
        return sim, psu

    return build


@pytest.mark.parametrize("watts", [5.0, 200.0, 800.0])
def test_the_power_limit_is_a_hyperbola(alone, watts):
    sim, psu = alone(2.0)
    assert (psu.regulation, round(sim.value(psu.voltage))) == ("CV", 48)
    psu.set_power(watts)
    sim.run_until(sim.now_ps + 100 * MS)
    volts, amps = sim.value(psu.voltage), sim.value(psu.current)
    assert volts == pytest.approx(2.0 * amps, rel=1e-3)
    assert volts * amps == pytest.approx(watts, rel=0.03 + 0.12 / amps)
    assert psu.regulation == "CP"
    psu.set_current(0.5)
    sim.run_until(sim.now_ps + 100 * MS)
    assert psu.regulation == "CC"
    assert sim.value(psu.current) == pytest.approx(0.5, abs=0.13)
    psu.set_current(60.0)
    psu.set_power(5000.0)
    sim.run_until(sim.now_ps + 100 * MS)
    assert (psu.regulation, round(sim.value(psu.voltage))) == ("CV", 48)


def test_a_resistor_at_the_edge_of_the_limit_does_not_chatter(alone):
    sim, psu = alone(48.0)
    amps = sim.value(psu.current)
    for near in (-1e-3, 1e-3, 1e-6):
        psu.set_current(round(amps - psu._limit_error + near, 9))
        before = len(sim.events.lines)
        sim.run_until(sim.now_ps + 1000 * MS)
        assert len(sim.events.lines) - before < 10


def test_a_load_step_dips_the_output_and_is_over_in_the_class(operate):
    """The PI loop at 5 kHz: less than I / (2 pi f C) of dip (plus the ESR), and 10 mV within 1.5 ms."""
    bench = operate()
    bench.close("load_line")
    bench.power_up(load=None)
    bench.world.load.set_level("CURR", 5.0)
    start = bench.now
    bench.world.load.set_input(True)
    bench.wait(0.05)
    psu = bench.world.supply
    level = bench.sim.value(psu.voltage)
    dip = -truth.peak(bench.sim, -psu.voltage, start, bench.now)[0] - level
    step = bench.sim.value(psu.current)
    assert -step / (2 * pi * 5e3 * 470e-6) - step * 20e-3 < dip < -0.1
    settled = truth.crossings(bench.sim, psu.voltage, level - 0.01, start, bench.now)[-1][0]
    assert settled - start < 1.5 * MS
    assert psu.regulation == "CV"


@pytest.fixture
def shorted(supply):
    """48 V, set to 5 A, on a short of two contacts of 1 mohm that closed at the time given back."""
    bench, psu = supply
    bench.close("reverse_line")
    psu.set_current(5.0)
    psu.set_voltage(48.0)
    psu.set_output(True)
    bench.wait(0.1)
    bench.world.relays.set_coil(bench.pilots["energy_input"], True)
    bench.wait(60e-3)
    makes = next(line for line in bench.sim.events.lines if "energy_input makes" in line)
    return bench, psu, int(makes.split()[0])


def test_into_a_short_the_capacitor_empties_first(shorted):
    bench, psu, at = shorted
    esr, short = 20e-3, 2e-3
    top, when = truth.peak(bench.sim, psu.current, at, at + MS // 10)
    assert when == at
    assert top == pytest.approx((48.0 / esr + 66.0) / (1 + short / esr), rel=2e-3)
    # The charge of the capacitor through ESR and contacts, with the stage's own limit beside it.
    t = np.arange(20_000) * 5e-9
    amps = bench.sim.render([psu.current], at, 5000.0, 20_000)[0]
    decay = np.exp(-t / ((esr + short) * 470e-6))
    expected = 66.0 + (top - 66.0) * decay
    assert amps == pytest.approx(expected, abs=10.0)


def test_the_current_regulator_takes_over_late_and_then_holds_the_set_value(shorted):
    bench, psu, at = shorted
    stage = psu.stage_current
    us = MS // 1000
    assert bench.sim.value(psu.current) == pytest.approx(5.0, abs=0.13)
    assert psu.regulation == "CC"
    over, _ = truth.crossings(bench.sim, stage, 65.9, at - us, at + 2 * MS)[0]
    under = next(t for t, way in truth.crossings(bench.sim, stage, 10.0, over, at + 20 * MS) if way < 0)
    assert over - at < 20 * us
    assert truth.peak(bench.sim, stage, at, bench.now)[0] == pytest.approx(66.0, abs=0.13)
    assert 80 * us < under - at < 110 * us


def test_without_a_sink_set_value_only_the_bleeder_programs_down(supply):
    bench, psu = supply
    psu.set_voltage(48.0)
    psu.set_output(True)
    bench.wait(0.1)
    psu.set_voltage(24.0)
    bench.wait(0.1)
    assert bench.sim.value(psu.voltage) == pytest.approx(48.0 * exp(-0.1 / 0.235), rel=0.01)


@pytest.mark.parametrize(("amps", "watts"), [(1.0, 5000.0), (10.0, 24.0)])
def test_with_sink_set_values_it_programs_down_by_current_and_power(supply, amps, watts):
    """The set point falls by 2667 V/s, which is 1.25 A of the capacitor: the sink's limits are below."""
    bench, psu = supply
    psu.set_voltage(48.0)
    psu.set_output(True)
    bench.wait(0.1)
    psu.set_sink_current(amps)
    psu.set_sink_power(watts)
    psu.set_voltage(10.0)
    bench.wait(5e-3)
    volts, taken = bench.sim.value(psu.voltage), -bench.sim.value(psu.stage_current)
    assert 30.0 < volts < 45.0
    assert taken == pytest.approx(min(amps, watts / volts), rel=0.03)
    bench.wait(0.1)
    assert bench.sim.value(psu.voltage) == pytest.approx(10.0, abs=0.09)
    psu.set_output(False)
    before = bench.sim.value(psu.voltage)
    bench.wait(0.235)
    assert bench.sim.value(psu.voltage) == pytest.approx(before / 2.718281828, rel=0.01)


def test_a_sink_s_resistance_takes_what_the_voltage_gives_within_a_step_of_3_percent(supply):
    bench, psu = supply
    psu.set_voltage(48.0)
    psu.set_output(True)
    bench.wait(0.1)
    psu.set_sink_current(10.0)
    psu.set_sink_power(5000.0)
    psu.set_sink_resistance(50.0)
    psu.set_voltage(10.0)
    bench.wait(5e-3)
    volts, taken = bench.sim.value(psu.voltage), -bench.sim.value(psu.stage_current)
    assert 30.0 < volts < 45.0
    assert taken == pytest.approx(volts / 50.0, rel=0.03)
    psu.set_sink_resistance(None)
    bench.wait(0.1)
    assert bench.sim.value(psu.voltage) == pytest.approx(10.0, abs=0.09)


def test_a_sink_s_resistance_is_set_at_terminals_without_a_voltage(supply):
    bench, psu = supply
    psu.set_sink_current(10.0)
    psu.set_sink_power(5000.0)
    psu.set_sink_resistance(50.0)
    psu.set_voltage(48.0)
    psu.set_output(True)
    bench.wait(0.1)
    assert bench.sim.value(psu.voltage) == pytest.approx(48.0, abs=0.09)


def test_ovp_switches_off_after_its_reaction_time_and_stays_off(supply):
    bench, psu = supply
    psu.set_ovp(50.0)
    psu.set_voltage(60.0)
    psu.set_output(True)
    bench.wait(0.1)
    (up, _), (_, _) = truth.crossings(bench.sim, psu.voltage, 50.0, 0, bench.now)
    assert (psu.alarm(), psu.output_on) == ("OVP", False)
    highest, at = truth.peak(bench.sim, psu.voltage, 0, bench.now)
    assert at - up == pytest.approx(MS, rel=1e-6)
    assert highest == pytest.approx(50.0 + 80 / 30, abs=0.01)
    with pytest.raises(RuntimeError, match="stays off until its OVP alarm is cleared"):
        psu.set_output(True)
    psu.clear_alarm()
    bench.wait(1.0)
    assert not psu.output_on
    psu.set_voltage(48.0)
    psu.set_output(True)
    bench.wait(0.1)
    assert (psu.alarm(), round(bench.sim.value(psu.voltage))) == (None, 48)


def test_lowering_the_ovp_below_the_present_voltage_trips_it(supply):
    bench, psu = supply
    psu.set_voltage(48.0)
    psu.set_output(True)
    bench.wait(0.1)
    psu.set_ovp(40.0)
    bench.wait(2e-3)
    assert (psu.alarm(), psu.output_on) == ("OVP", False)


def test_ocp_switches_off_after_its_reaction_time(operate):
    bench = operate()
    bench.power_up()
    psu = bench.world.supply
    psu.set_ocp(1.0)
    bench.wait(0.999e-3)
    assert (psu.alarm(), psu.output_on) == (None, True)
    bench.wait(1e-6)
    assert (psu.alarm(), psu.output_on, psu.regulation) == ("OCP", False, "OFF")


def test_a_current_over_the_ocp_for_less_than_its_reaction_time_is_no_alarm(shorted):
    _, psu, _ = shorted
    assert (psu.alarm(), psu.output_on) == (None, True)  # hundreds of amperes out of the capacitor


def test_off_discharges_by_the_bleeder_alone(supply):
    bench, psu = supply
    psu.set_voltage(48.0)
    psu.set_output(True)
    bench.wait(0.1)
    before = bench.sim.value(psu.voltage)
    psu.set_output(False)
    bench.wait(0.235)  # 500 ohm x 470 uF
    assert bench.sim.value(psu.voltage) == pytest.approx(before / 2.718281828, rel=0.01)


def test_the_set_point_above_a_charged_terminal_does_not_step_it(supply):
    bench, psu = supply
    psu.set_voltage(48.0)
    psu.set_output(True)
    bench.wait(0.1)
    psu.set_output(False)
    bench.wait(0.1)
    begin, left = bench.now, bench.sim.value(psu.voltage)
    psu.set_output(True)
    bench.wait(1e-3)
    assert truth.peak(bench.sim, psu.voltage, begin, begin + MS // 10)[0] == pytest.approx(left, abs=0.3)


@pytest.mark.parametrize(
    ("setter", "value"),
    [("set_voltage", 80.1), ("set_voltage", -1.0), ("set_current", 61.0), ("set_power", 5001.0), ("set_ovp", 88.1)],
)
def test_values_beyond_the_instrument_are_refused(supply, setter, value):
    _, psu = supply
    with pytest.raises(ValueError, match="must be between 0 and"):
        getattr(psu, setter)(value)


def test_a_trip_at_the_limit_waits_for_its_delay_and_stays_latched(alone):
    sim, psu = alone(2.0)
    psu.set_limit_trip(0.05)
    sim.run_until(sim.now_ps + 100 * MS)
    assert (psu.regulation, psu.alarm()) == ("CV", None)
    psu.set_current(10.0)
    sim.run_until(sim.now_ps + 45 * MS)
    assert (psu.regulation, psu.alarm()) == ("CC", None)
    sim.run_until(sim.now_ps + 10 * MS)
    assert (psu.output_on, psu.alarm()) == (False, "OCP")
    sim.run_until(sim.now_ps + 100 * MS)
    psu.clear_alarm()
    psu.set_limit_trip(None)
    psu.set_output(True)
    sim.run_until(sim.now_ps + 200 * MS)
    assert (psu.regulation, psu.alarm()) == ("CC", None)


def test_a_limit_that_is_left_in_time_trips_nothing(alone):
    sim, psu = alone(2.0)
    psu.set_limit_trip(0.05)
    for amps in (10.0, 60.0, 10.0, 60.0):
        psu.set_current(amps)
        sim.run_until(sim.now_ps + 40 * MS)
    assert (psu.output_on, psu.alarm()) == (True, None)
