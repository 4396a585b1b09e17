"""Every trip of a port against exact truth: fast trip, stages, and what firmware decides at its ticks."""

from math import exp, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.twin.engine import truth
from tests.twin.world.port_bench import MS, US, PortBench, S

FAST = {"current": "20 A", "delay": "2 us"}


def crossed(bench: PortBench, level: float, since: int) -> int:
    """When the current first rose above a level."""
    return next(t for t, way in truth.crossings(bench.sim, bench.current, level, since - 1, bench.now) if way > 0)


# Fast trip


def test_the_fast_trip_with_a_filter_needs_the_current_to_persist():
    bench = PortBench(protection={"fast": FAST | {"filter": "10 us"}})
    start = bench.short(on=True)
    bench.wait(8e-6)
    bench.short(on=False)
    bench.wait(1e-3)
    assert truth.peak(bench.sim, bench.current, start, bench.now)[0] > 100.0
    assert bench.trips == []
    start = bench.short(on=True)
    bench.wait(1e-3)
    assert bench.trips == [(crossed(bench, 20.0, start) + 12 * US, "fast")]


def test_the_fast_trip_is_late_when_the_port_is_warm():
    warm = {"ambient": "45 degC", "resistance": "1 K/W", "time_constant": "1 s"}
    delays = []
    for drift in ("0 %/K", "50 %/K"):
        bench = PortBench(protection={"fast": FAST | {"delay_drift": drift}}, temperature=warm)
        start = bench.short(on=True)
        bench.wait(1e-3)
        delays.append(bench.trips[0][0] - crossed(bench, 20.0, start))
    assert delays[0] == 2 * US
    assert delays[1] == pytest.approx(22 * US, abs=10_000)  # ten times for 20 K; the inrush has warmed it a little


def test_the_fast_trip_can_act_only_once():
    bench = PortBench(protection={"fast": FAST | {"armed_times": 1}}, recovery={"delay": "10 ms"})
    for _ in range(2):
        bench.short(on=True)
        bench.wait(5e-3)
        bench.short(on=False)
        bench.wait(50e-3)
    assert bench.reasons == ["fast"]


def test_a_fast_trip_that_wears_is_later_each_time():
    bench = PortBench(protection={"fast": FAST | {"wear": "3 us"}}, recovery={"delay": "10 ms"})
    delays = []
    for _ in range(3):
        start = bench.short(on=True)
        bench.wait(5e-3)
        bench.short(on=False)
        bench.wait(50e-3)
        delays.append(bench.trips[-1][0] - crossed(bench, 20.0, start))
    assert delays == [2 * US, 5 * US, 8 * US]


# Stages


def test_a_stage_does_not_act_in_the_blind_band_and_does_on_both_sides():
    stages = [{"current": "5.25 A", "delay": "100 ms"}]
    bench = PortBench(protection={"stages": stages, "blind": {"above": "6 A", "below": "7.5 A"}})
    bench.draw(7.0)
    bench.wait(1.0)
    assert bench.trips == []
    for amps, level in ((5.6, 5.25), (8.0, 7.5)):
        bench.load(None)
        bench.wait(1.0)
        count, start = len(bench.trips), bench.draw(amps)
        bench.wait(1.0)
        decided, reason = bench.trips[count]
        assert (decided - crossed(bench, level, start), reason) == (100 * MS, "stage 1")


def test_a_current_that_enters_the_blind_band_is_forgotten():
    stages = [{"current": "5.25 A", "delay": "100 ms"}]
    bench = PortBench(protection={"stages": stages, "blind": {"above": "6 A", "below": "7.5 A"}})
    for _ in range(4):
        bench.draw(8.0)
        bench.wait(60e-3)
        bench.draw(7.0)
        bench.wait(60e-3)
    assert bench.trips == []


def test_a_stage_that_does_not_reset_adds_up_its_time():
    stage = {"current": "6 A", "delay": "600 ms", "resets": False}
    bench = PortBench(protection={"stages": [stage]})
    above = []
    for _ in range(2):
        start = bench.draw(8.0)
        bench.wait(0.4)
        above += [crossed(bench, 6.0, start)]
        if not bench.trips:
            end = bench.load(None)
        bench.wait(0.1)
    assert bench.trips == [(above[1] + 600 * MS - (end - above[0]), "stage 1")]


# I2t


@settings(max_examples=5, deadline=None)
@given(amps=st.floats(6.0, 15.0), tick=st.sampled_from([20, 70]))
def test_i2t_trips_at_the_first_tick_beyond_its_budget(amps, tick):
    bench = PortBench(protection={"i2t": {"rated": "5 A", "budget": "20 A2s", "tick": f"{tick} ms"}})
    start = bench.draw(amps)
    bench.wait(20.0 / (amps**2 * 0.98 - 25.0) + 0.3)
    decided, reason = bench.trips[0]
    assert (reason, decided % (tick * MS)) == ("i2t", 0)

    heat, at = 0.0, start - start % (tick * MS)
    while heat <= 20.0:
        at += tick * MS
        joule = truth.i2t(bench.sim, bench.current, at - tick * MS, at)
        heat = max(0.0, heat + joule - 25.0 * tick * 1e-3)
    assert at == decided


def test_i2t_cools_while_the_port_is_off():
    i2t = {"rated": "5 A", "budget": "20 A2s", "tick": "10 ms"}
    times = []
    for pause in (0.05, 10.0):
        bench = PortBench(protection={"i2t": i2t}, recovery={"delay": f"{pause} s"})
        bench.draw(10.0)
        bench.wait(pause + 1.2)
        first, second = (at for at, _ in bench.trips[:2])
        times.append((second - first) / S - pause)
    assert times[0] < 0.03  # hot: at once
    assert times[1] == pytest.approx(0.28, abs=0.02)  # cold again: 20 A2s at 75 A2


def test_i2t_at_rest_costs_no_tick():
    bench = PortBench(protection={"i2t": {"rated": "5 A", "budget": "20 A2s", "tick": "10 ms"}})
    bench.draw(8.0)
    bench.wait(0.1)
    bench.draw(4.0)
    bench.wait(10.0)
    segments = len(bench.sim.history)
    bench.wait(24 * 3600.0)
    assert len(bench.sim.history) == segments
    assert bench.sim._queue == []


# The curves of GOGLA Connect


@pytest.mark.parametrize(("amps", "share"), [(6.5, 0.5), (10.0, 0.5), (20.0, 0.5), (10.0, 1.5), (10.0, -0.3)])
def test_the_curve_trips_between_the_two_of_the_mask_unless_its_share_is_elsewhere(amps, share):
    curve = {"rated": "5 A", "peak": "25 A", "share": share, "tick": "10 ms"}
    bench = PortBench(protection={"curve": curve})
    start = bench.draw(amps)
    bench.wait(2.0)
    (decided, reason), *_ = bench.trips
    t = (decided - start) / S
    current = bench.sim.render([bench.current], decided - 1, 1.0, 1)[0, 0]
    must_not, must = 0.7 * 25 * exp(-t / 0.17) + 5.75, 25 * exp(-t / 0.3) + 6.25
    before = t - 0.01
    must_before = 25 * exp(-before / 0.3) + 6.25
    assert reason == "curve"
    assert decided % (10 * MS) == 0
    assert (current > must_not) == (share >= 0)
    assert (current <= must_before) == (share <= 1)
    assert current > must_not + share * (must - must_not)


def test_the_curve_lets_the_inrush_of_an_appliance_pass():
    """Rated x (1 + 4 exp(-t / 0.3 s)) is what an appliance may draw: at its start 5 x, below the curve all along."""
    bench = PortBench(protection={"curve": {"rated": "5 A", "peak": "25 A", "tick": "10 ms"}})
    for k in range(60):
        bench.draw(3.0 * (1 + 4 * exp(-0.02 * k / 0.3)))
        bench.wait(0.02)
    assert bench.trips == []


# LibreSolar's thermal model


THERMAL = {"rated": "10 A", "tick": "100 ms"}


def model_ticks(amps: float, junction: float = 25.0) -> int:
    """Ticks until the model of domain knowledge exceeds 120 degC."""
    for count in range(1, 10_000):
        junction += (25.0 - junction + (amps / 10.0) ** 2 * 70.0) / 50.0
        if junction > 120.0:
            return count
    raise AssertionError(amps)


@pytest.mark.parametrize("amps", [12.5, 15.0, 19.0])
def test_the_thermal_model_trips_at_the_tick_of_its_recurrence(amps):
    bench = PortBench(protection={"thermal": THERMAL})
    start = bench.draw(amps)
    bench.wait(1e-3)
    true = bench.value(bench.current)
    bench.wait(30.0)
    decided, reason = bench.trips[0]
    assert (decided, reason) == ((start // (100 * MS) + model_ticks(true)) * 100 * MS, "thermal")


def test_above_twice_the_rated_current_the_next_tick_trips():
    bench = PortBench(protection={"thermal": THERMAL})
    bench.draw(22.0)
    bench.wait(0.2)
    assert bench.trips == [(100 * MS, "thermal")]


def test_below_1_17_of_the_rated_current_it_never_trips():
    bench = PortBench(protection={"thermal": THERMAL})
    bench.draw(11.5)
    bench.wait(3600.0)
    assert bench.trips == []


def test_the_junction_stays_hot_through_300_s_off_and_the_next_overload_trips_at_the_first_tick():
    bench = PortBench(protection={"thermal": THERMAL}, recovery={"delay": "300 s"})
    bench.draw(15.0)
    bench.wait(330.0)
    first, second = (at for at, _ in bench.trips[:2])
    assert second - first == pytest.approx(300 * S, abs=100 * MS)


def test_ticks_that_were_left_out_are_made_up_exactly():
    """Nine amperes for a while warm the model without a tick; the overload after it trips as if every tick had run."""
    bench = PortBench(protection={"thermal": THERMAL})
    warm = bench.draw(9.0)
    bench.wait(4.0)
    start = bench.draw(15.0)
    bench.wait(10.0)
    currents = {}
    for at in (warm, start):
        currents[at] = bench.sim.render([bench.current], at + 50 * MS, 1.0, 1)[0, 0]
    junction, k = 25.0, 0
    while junction <= 120.0:
        k += 1
        at = k * 100 * MS
        amps = 0.0 if at < warm else currents[warm] if at <= start else currents[start]
        junction += (25.0 - junction + (amps / 10.0) ** 2 * 70.0) / 50.0
    assert bench.trips[0] == (k * 100 * MS, "thermal")
    assert k * 0.1 - start / S < 5.0 * log(3)


def test_a_day_of_idling_costs_nothing():
    bench = PortBench(protection={"thermal": THERMAL})
    bench.draw(5.0)
    bench.wait(24 * 3600.0)
    assert len(bench.sim.history) < 60
    assert bench.sim._queue == []
