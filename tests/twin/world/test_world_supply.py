"""The bench supply at its terminals."""

import pytest

from rig.twin.engine import truth

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


def test_power_limit_acts_as_a_current_limit_at_the_set_voltage(supply):
    bench, psu = supply
    bench.close("energy_input", "reverse_line")
    psu.set_voltage(10.0)
    psu.set_power(100.0)
    psu.set_output(True)
    bench.wait(0.1)
    assert bench.sim.value(psu.current) == pytest.approx(10.0, abs=0.13)


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


def test_ocp_switches_off_at_once(operate):
    bench = operate()
    bench.power_up()
    psu = bench.world.supply
    psu.set_ocp(1.0)
    bench.wait(1e-3)
    assert (psu.alarm(), psu.output_on, psu.regulation) == ("OCP", False, "OFF")


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
