"""The energy meter and the thermal mass of a port against exact truth."""

from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.twin.engine import truth
from tests.twin.world.port_bench import PortBench

WH = 3600.0
FINE = {"quantum": "1 mJ"}


def exported(bench: PortBench, since: int) -> float:
    return truth.energy(bench.sim, bench.volts, bench.current, since, bench.now)


def test_the_registers_hold_the_true_energy_to_within_a_quantum():
    bench = PortBench(meter={"quantum": "0.01 Wh"})
    bench.load(21.6)
    bench.wait(1000.0)
    true = exported(bench, 0)
    imported, export = bench.port.meter.registers()
    assert imported == 0.0
    assert 0.0 <= true - export < 0.01 * WH
    assert (export / 36.0) % 1.0 == pytest.approx(0.0, abs=1e-9)


def test_import_and_export_are_told_apart_where_the_current_turns():
    bench = PortBench(meter=FINE)
    start = bench.now
    for volts in (56.0, 52.0, 57.0):
        bench.outer(volts)
        bench.wait(0.5)
    turns = truth.crossings(bench.sim, bench.current, 0.0, start - 1, bench.now)
    assert len(turns) >= 2
    imported, export = bench.port.meter.registers()
    assert export - imported == pytest.approx(exported(bench, 0), abs=2e-3)
    assert imported > 500.0
    assert export > 500.0


@settings(max_examples=6, deadline=None)
@given(gain=st.floats(-0.1, 0.1), amps=st.floats(-0.1, 0.1), volts=st.floats(-1.0, 1.0), ohms=st.floats(8.0, 200.0))
def test_gain_and_offsets_act_on_the_product(gain, amps, volts, ohms):
    meter = FINE | {"gain": f"{100 * gain} %", "offset_current": f"{amps} A", "offset_voltage": f"{volts} V"}
    bench = PortBench(meter=meter)
    bench.load(ohms)
    bench.wait(1.0)
    start, before = bench.now, bench.port.meter.registers()
    bench.wait(60.0)
    after = bench.port.meter.registers()
    true_volts, true_amps = bench.value(bench.volts), bench.value(bench.current)
    expected = (true_volts + volts) * (true_amps + amps) * (1 + gain) * (bench.now - start) * 1e-12
    assert after[1] - before[1] - (after[0] - before[0]) == pytest.approx(expected, abs=3e-3)
    assert bench.port.meter.measured()[2] == pytest.approx(expected / 60.0, rel=1e-6)


def test_the_gain_drifts_with_the_ambient_temperature():
    cold = {"ambient": "-10 degC", "resistance": "1 K/W", "time_constant": "1 s"}
    bench = PortBench(meter=FINE | {"drift": "0.1 %/K"}, temperature=cold)
    bench.load(21.6)
    bench.wait(100.0)
    assert bench.port.meter.registers()[1] == pytest.approx(exported(bench, 0) * (1 - 0.035), abs=2e-3)


def test_how_often_somebody_asks_does_not_matter():
    results = []
    for steps in (1, 50):
        bench = PortBench(meter=FINE)
        for step in range(steps):
            bench.load(20.0 if step % 2 else 30.0) if steps == 1 else None
            bench.wait(5.0 / steps)
            bench.port.meter.registers()
        results.append(exported(bench, 0) - bench.port.meter.registers()[1])
    assert all(0.0 <= error < 1.1e-3 for error in results)


@pytest.mark.parametrize(
    ("meter", "kept"),
    [({}, 100.0), ({"commit": "30 s"}, 90.0), ({"commit": "1 h"}, 0.0), ({"on_power_cut": "clear"}, 0.0)],
)
def test_what_a_power_cut_leaves_in_the_register(meter, kept):
    bench = PortBench(on=False, meter={"quantum": "1 J"} | meter)
    bench.port.close()
    bench.wait(1.0)
    bench.load(21.6)
    bench.wait(99.5)
    true = truth.energy(bench.sim, bench.volts, bench.current, 0, round(kept * 1e12))
    bench.port.drop()
    bench.wait(10.0)
    assert bench.port.meter.registers()[1] == pytest.approx(true, abs=70.0 if kept == 100.0 else 1.0)
    assert bench.port.meter.measured() == (0.0, 0.0, 0.0)
    cut = bench.port.meter.registers()[1]
    bench.port.close()
    bench.wait(10.0)
    assert bench.port.meter.registers()[1] > cut


def test_a_healthy_meter_never_loses_more_than_a_quantum_in_many_power_cuts():
    bench = PortBench(meter={"quantum": "0.1 Wh"})
    bench.load(21.6)
    for _ in range(10):
        bench.wait(100.0)
        bench.port.drop()
        bench.wait(1.0)
        bench.port.close()
    lost = exported(bench, 0) - bench.port.meter.registers()[1]
    assert 0.0 <= lost <= 11 * 0.1 * WH


# Temperature


THERMAL = {"ambient": "25 degC", "resistance": "40 K/W", "time_constant": "60 s"}


def test_the_switch_warms_with_its_loss():
    bench = PortBench(temperature=THERMAL)
    bench.load(9.95)
    bench.wait(1e-3)
    start, begin = bench.port.temperature(), bench.now
    amps = bench.value(bench.current)
    for seconds in (1.0, 29.0, 600.0):
        bench.wait(seconds)
        t = (bench.now - begin) * 1e-12
        steady = 25.0 + 40.0 * 0.01 * amps**2
        assert bench.port.temperature() == pytest.approx(steady + (start - steady) * exp(-t / 60.0), rel=1e-9)


def test_a_limiter_that_holds_heats_by_what_it_drops():
    bench = PortBench(temperature=THERMAL, protection={"limit": {"current": "5 A", "then": "hold"}})
    bench.short(on=True)
    bench.wait(3600.0)
    watts = 5.0 * (54.0 - 0.2 - 0.025)
    assert bench.port.temperature() == pytest.approx(25.0 + 40.0 * watts, rel=1e-4)


def test_the_temperature_does_not_depend_on_when_somebody_looked():
    def after(looks: int) -> float:
        bench = PortBench(temperature=THERMAL | {"time_constant": "2 s"})
        bench.load(5.0)
        for _ in range(looks):
            bench.wait(8.0 / looks)
            bench.port.temperature()
        bench.load(None)
        bench.wait(1.0)
        return bench.port.temperature()

    assert after(1) == pytest.approx(after(16), rel=1e-10)
    assert after(1) > 30.0
