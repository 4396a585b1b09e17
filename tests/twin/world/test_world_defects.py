"""Each scene shows its defect, in exact truth."""

import pytest

from rig.twin.engine import truth
from rig.twin.engine.probe import i, v

US, MS = 10**6, 10**9


def test_slow_trip_opens_900_us_late_after_the_bulk_dump(powered):
    bench = powered("slow-trip")
    start, end = bench.inject("tap_short", 0.1)
    decided, reason = bench.world.device.trips[0]
    (crossed, _), *_ = truth.crossings(bench.sim, i("port_switch"), 20.0, start, end)
    assert reason == "fast"
    assert abs(decided - crossed - 900 * US) <= 1
    assert crossed - start < US
    assert 400 < truth.peak(bench.sim, bench.probe["injector_current"], start, end)[0] < 1000
    assert bench.sim.render([i("port_switch")], decided - US, 1.0, 1)[0, 0] == pytest.approx(18.0, abs=0.1)
    bench.wait(1.0)
    assert bench.world.device.state == "on"


@pytest.mark.parametrize(("scene", "limit"), [("no-trip", 18.0), ("current-limiter", 6.5)])
def test_without_a_trip_the_short_keeps_the_converters_limit(powered, scene, limit):
    bench = powered(scene)
    start, end = bench.inject("tap_short", 0.5)
    fault = bench.probe["injector_current"]
    assert bench.world.device.trips == []
    assert 400 < truth.peak(bench.sim, fault, start, end)[0] < 1500
    assert truth.i2t(bench.sim, fault, start, start + 75 * MS) < 60
    late = bench.sim.render([fault], start + 2 * MS, 1e9, 490)[0]
    assert late.min() == pytest.approx(limit, rel=2e-3)
    assert late.max() == pytest.approx(limit, rel=2e-3)
    bench.wait(0.1)
    assert round(bench.volts(), 1) == 53.9


def test_the_limiter_limits_an_overload_too(powered):
    bench = powered("current-limiter")
    _, end = bench.inject("tap_4", 0.2)
    assert bench.sim.render([bench.probe["port_current"]], end - 1, 1.0, 1)[0, 0] == pytest.approx(6.5, rel=2e-3)


@pytest.mark.parametrize("scene", ["no-trip", "current-limiter", "slow-trip"])
def test_opening_the_injector_under_current_stays_below_100_v(powered, scene):
    bench = powered(scene)
    _, end = bench.inject("tap_short", 0.1)
    bench.wait(0.01)
    for probe in (v("fet", "tap"), v("terminals"), v("fet"), -v("fet", "tap"), -v("terminals")):
        assert truth.peak(bench.sim, probe, end - 1, bench.now)[0] < 100.0
    assert truth.peak(bench.sim, bench.probe["port_voltage"], end - 1, bench.now)[0] < 60.0


def test_opening_the_injector_in_the_first_bulk_dump_is_clamped_too(powered):
    bench = powered("no-trip")
    _, end = bench.inject("tap_short", 20e-6)
    assert bench.sim.render([bench.probe["injector_current"]], end - 1, 1.0, 1)[0, 0] > 500
    assert 85 < truth.peak(bench.sim, v("fet", "tap"), end - 1, bench.now)[0] < 100


def test_no_recovery_stays_off_until_the_energy_input_is_cycled(powered):
    bench = powered("no-recovery")
    bench.inject("tap_short", 0.5)
    bench.wait(20.0)
    assert (bench.world.device.state, abs(bench.volts()) < 1e-3) == ("latched", True)
    bench.world.supply.set_output(False)
    bench.wait(1.0)
    bench.world.supply.set_output(True)
    bench.wait(0.3)
    assert (bench.world.device.state, round(bench.volts(), 1)) == ("on", 53.9)


def test_overshoot_exceeds_66_v_for_3_ms_at_each_restart_and_only_there(powered):
    bench = powered("overshoot")
    volts = bench.probe["port_voltage"]
    assert truth.peak(bench.sim, volts, 0, bench.now)[0] < 60.0
    for _ in range(2):
        start, _ = bench.inject("tap_short", 0.1)
        bench.wait(1.5)
        (up, _), (down, _) = truth.crossings(bench.sim, volts, 66.0, start, bench.now)
        assert down - up == pytest.approx(3 * MS, rel=0.1)
        assert 66.0 < truth.peak(bench.sim, volts, start, bench.now)[0] < 68.0
        assert round(bench.volts(), 1) == 53.9
    assert [reason for _, reason in bench.world.device.trips] == ["fast", "fast"]
