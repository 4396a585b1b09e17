"""The healthy reference device against exact truth: short, overload, recovery."""

import pytest

from rig.twin.engine import truth
from rig.twin.engine.probe import i, v

US, MS, S = 10**6, 10**9, 10**12


def test_it_comes_up_at_54_v_less_its_source_resistance(powered):
    bench = powered()
    assert bench.world.device.state == "on"
    assert bench.volts() == pytest.approx(54.0 * 21.6 / (21.6 + 0.05), rel=1e-3)
    assert bench.amps() == pytest.approx(2.5, rel=0.02)
    assert bench.world.device.trips == []


def test_hard_short_trips_two_microseconds_after_20_a(powered):
    bench = powered()
    start, _ = bench.inject("tap_short", 0.5)
    (decided, reason) = bench.world.device.trips[0]
    switch = i("port_switch")
    (crossed, _), *_ = truth.crossings(bench.sim, switch, 20.0, start, start + MS)
    assert reason == "fast"
    assert abs(decided - crossed - 2 * US) <= 1
    # The switch conducts until turn_off after the decision, and not after.
    opened = decided + 300_000
    before, after = bench.sim.render([switch], opened - 1, 1.0, 2)[0]
    assert (before > 100.0, after) == (True, 0.0)
    assert 2 * US < opened - start < 4 * US


def test_hard_short_stays_within_peak_energy_and_voltage(powered):
    bench = powered()
    start, end = bench.inject("tap_short", 0.5)
    fault, volts = bench.probe["injector_current"], bench.probe["port_voltage"]
    peak, at = truth.peak(bench.sim, fault, start, end)
    assert 100.0 < peak < 200.0
    assert 2 * US < at - start < 5 * US
    assert 0.05 < truth.i2t(bench.sim, fault, start, start + MS) < 0.5
    assert truth.peak(bench.sim, volts, 0, bench.now)[0] < 60.0
    assert truth.peak(bench.sim, -volts, 0, bench.now)[0] < 60.0


def test_fault_current_is_gone_within_100_us(powered):
    bench = powered()
    start, end = bench.inject("tap_short", 0.5)
    fault = bench.probe["injector_current"]
    for probe in (fault, -fault):
        assert truth.peak(bench.sim, probe, start + 100 * US, end)[0] < 50e-3


def test_it_recovers_by_itself_800_ms_after_the_trip(powered):
    bench = powered()
    start, _ = bench.inject("tap_short", 0.5)
    bench.wait(1.0)
    ((decided, _),) = bench.world.device.trips
    switch = i("port_switch")
    _, restart = (t for t, _ in truth.crossings(bench.sim, switch, 0.1, start, bench.now))
    assert restart == pytest.approx(decided + 300_000 + 800 * MS, abs=MS)
    assert (bench.world.device.state, round(bench.volts(), 1)) == ("on", 53.9)


def test_restart_into_half_load_draws_no_more_than_the_first_stage(powered):
    bench = powered()
    _, end = bench.inject("tap_short", 0.5)
    bench.wait(1.0)
    assert truth.peak(bench.sim, bench.probe["port_current"], end, bench.now)[0] < 6.6


def test_restart_into_the_held_short_trips_again_and_again(powered):
    bench = powered()
    bench.inject("tap_short", 2.0)
    assert [reason for _, reason in bench.world.device.trips] == ["fast"] * 3
    bench.wait(1.0)
    assert bench.world.device.state == "on"


@pytest.mark.parametrize(
    ("tap", "multiple", "reason", "delay_ms"),
    [("tap_2", 1.5, "stage 1", 600), ("tap_3", 2.0, "stage 2", 400), ("tap_4", 3.0, "stage 3", 200)],
)
def test_overload_trips_by_its_stage(powered, tap, multiple, reason, delay_ms):
    bench = powered()
    start, end = bench.inject(tap, 0.7)
    level = {"stage 1": 6.6, "stage 2": 8.8, "stage 3": 12.5}[reason]
    assert truth.peak(bench.sim, bench.probe["port_current"], start, end)[0] == pytest.approx(5 * multiple, rel=0.01)
    decided, by = bench.world.device.trips[0]
    (crossed, _), *_ = truth.crossings(bench.sim, i("port_switch"), level, start, end)
    assert by == reason
    assert abs(decided - crossed - delay_ms * MS) <= 1
    assert crossed - start < 10 * US


def test_five_percent_overload_never_trips(powered):
    bench = powered()
    start, end = bench.inject("tap_1", 5.0)
    assert truth.peak(bench.sim, bench.probe["port_current"], start, end)[0] == pytest.approx(5.25, rel=0.01)
    assert bench.world.device.trips == []


def test_an_overload_shorter_than_its_stage_is_forgotten(powered):
    bench = powered()
    for _ in range(3):
        bench.inject("tap_2", 0.4)  # together twice the stage's 600 ms
    assert bench.world.device.trips == []


def test_loss_of_energy_switches_off_and_its_return_on(powered):
    bench = powered()
    bench.world.supply.set_output(False)
    bench.wait(1.0)
    assert (bench.world.device.state, abs(bench.volts()) < 0.01) == ("dead", True)
    assert truth.crossings(bench.sim, v("energy_in"), 38.0, 0, bench.now)[-1][1] == -1
    bench.world.supply.set_output(True)
    bench.wait(0.3)
    assert (bench.world.device.state, round(bench.volts(), 1)) == ("on", 53.9)


def test_a_port_without_energy_is_below_1_v_after_a_second_without_load(operate):
    bench = operate()
    bench.power_up(load=None)
    bench.open("energy_input")
    bench.wait(2.0)
    assert 0 < bench.volts() < 1.0
