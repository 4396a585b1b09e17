"""The ready pairs of device and scene show in exact truth what their files say is documented."""

import re

import pytest

from rig.files.device import Device
from rig.files.document import load, load_data, names, resolve
from rig.twin.engine import truth
from rig.twin.engine.probe import i, v
from rig.twin.process import scene_for
from tests.twin.operator import Operator, loaded
from tests.twin.world.port_bench import MS, US, PortBench, S

VOLTS = {  # at the energy input, as declared
    "libresolar-charge-controller": 54.0,
    "libresolar-bms": 55.2,
    "epever-like": 54.0,
    "tps2663-like": 54.0,
    "poe-like": 54.0,
    "ltc4368-like": 54.0,
    "bq769x2": 55.2,
}
TURN_OFF = 0.3 * US  # of the switches of most


def running(operate, scene, volts=None) -> Operator:
    """The scene fed at its declared voltage, with half its rated load."""
    bench = operate(scene)
    bench.world.injector.one_shot.dead = True  # some of these shorts last for minutes
    bench.close("energy_input", "load_line")
    bench.world.supply.set_current(25.0)
    bench.world.supply.set_ovp(59.5)
    bench.world.supply.set_voltage(volts or VOLTS[scene])
    bench.world.load.set_level("RES", 21.6)
    bench.world.load.set_input(True)
    bench.world.supply.set_output(True)
    bench.wait(0.5)
    return bench


def current(bench):
    return next(iter(bench.world.device.ports.values())).series.current


def times(bench, text):
    """When the event log says so [ps]."""
    return [int(line.split(" ", 1)[0]) for line in bench.sim.events.lines if line.endswith(f" device {text}")]


def rises(bench, amps, start):
    """When the port's current crossed a level upwards, from `start` on [ps]."""
    return [at for at, slope in truth.crossings(bench.sim, current(bench), amps, start, bench.now) if slope > 0]


def port_of(scene) -> PortBench:
    """The first port of a scene alone, with an outer source."""
    data, _ = load_data(resolve("scenes", scene))
    return PortBench(**next(iter(data["device"]["ports"].values())) | {"inside": "inside"})


@pytest.mark.parametrize("name", VOLTS)
def test_it_comes_up_at_its_declared_input_and_stays_up_below_60_v(operate, name):
    bench = running(operate, name)
    bench.wait(2.0)
    assert (bench.world.device.state, bench.world.device.trips) == ("on", [])
    assert VOLTS[name] - 0.8 < bench.volts() < VOLTS[name]
    assert truth.peak(bench.sim, bench.probe["port_voltage"], 0, bench.now)[0] < 59.5


@pytest.mark.parametrize("name", VOLTS)
def test_what_is_declared_is_plugged_in(name):
    device, scene = load(resolve("devices", name), Device), loaded(name)
    assert (device.name, list(device.ports)) == (name, [scene.bench.wiring.port])
    assert device.energy_input.nominal == VOLTS[name]
    assert device.port.highest_voltage < 60.0


@pytest.mark.parametrize("name", VOLTS)
def test_the_device_file_finds_its_own_scene_and_no_other_has_such_a_serial_number(name):
    assert scene_for(name) == loaded(name)
    pattern = load_data(resolve("devices", name))[0]["serial_pattern"]
    found = [scene for scene in names("scenes") if re.fullmatch(pattern, loaded(scene).device.serial)]
    assert found == [name]


def test_libresolar_load_output_trips_by_its_thermal_model_waits_300_s_and_trips_at_the_first_tick_then(operate):
    bench = running(operate, "libresolar-charge-controller")
    bench.wait(60.0)
    before = bench.sim.value(current(bench))
    start, _ = bench.inject("tap_2", 310.0)
    (first, reason), (second, again) = bench.world.device.trips[:2]
    assert (reason, again) == ("thermal", "thermal")
    origin = times(bench, "on")[0]
    amps = truth.peak(bench.sim, current(bench), start + 50 * MS, first - 1)[0]
    assert amps == pytest.approx(7.45, abs=0.05)
    junction, tick = 25.0 + (before / 5.0) ** 2 * 70.0, origin + -(-(start - origin) // (100 * MS)) * 100 * MS
    while True:  # load.cpp
        junction += (25.0 - junction + (amps / 5.0) ** 2 * 70.0) / (5.0 * 10.0)
        if junction > 120.0:
            break
        tick += 100 * MS
    assert first == tick
    assert 3.5 * S < first - start < 4.5 * S
    back = [at for at in times(bench, "load starting") if at > first]
    assert back[0] == first + TURN_OFF + 300 * S
    assert 0 < second - back[0] <= 100 * MS


def test_libresolar_load_output_trips_at_the_next_tick_above_twice_its_rating(operate):
    bench = running(operate, "libresolar-charge-controller")
    start, _ = bench.inject("tap_4", 0.5)
    ((trip, reason),) = bench.world.device.trips
    assert (reason, (trip - times(bench, "on")[0]) % (100 * MS)) == ("thermal", 0)
    assert 0 < trip - start <= 100 * MS


def test_libresolar_short_circuit_latches_until_the_load_is_switched_off_by_hand(operate):
    bench = running(operate, "libresolar-charge-controller")
    start, _ = bench.inject("tap_short", 0.5)
    ((trip, reason),) = bench.world.device.trips
    assert (reason, trip) == ("fast", rises(bench, 40.0, start)[0] + 14 * US)
    bench.wait(400.0)
    assert bench.world.device.state == "latched"
    bench.world.device.command("reset")
    bench.wait(0.1)
    assert (bench.world.device.state, round(bench.volts(), 0)) == ("on", 54.0)


def test_libresolar_over_voltage_switches_off_after_more_than_1_s_and_returns_0_3_v_below(operate):
    bench = running(operate, "libresolar-charge-controller")
    bench.world.supply.set_voltage(59.2)
    bench.wait(2.0)
    ((trip, reason),) = bench.world.device.trips
    ((crossed, _), *_) = truth.crossings(bench.sim, v("energy_in"), 58.8, 500 * MS, bench.now)
    assert reason == "over"
    assert abs(trip - crossed - 1100 * MS) <= 1  # ps
    bench.world.load.set_input(False)
    for volts, state in ((58.65, "overvoltage"), (58.35, "on")):
        bench.ramp_supply(volts, 10.0)
        bench.wait(1.0)
        assert bench.world.device.state == state


@pytest.mark.parametrize(
    ("volts", "imported"), [(48.0, 0.0), (49.3, None), (52.0, 5.0)], ids=["dead band", "droop", "limit"]
)
def test_libresolar_nanogrid_port_takes_above_49_v_by_100_mohm_up_to_5_a(operate, volts, imported):
    scene = loaded("libresolar-charge-controller")
    wiring = scene.bench.wiring.model_copy(update={"port": "grid"})
    bench = operate(scene.model_copy(update={"bench": scene.bench.model_copy(update={"wiring": wiring})}))
    bench.power_up(load=None)
    bench.wait(0.5)
    assert bench.sim.value(v("device_bus")) == pytest.approx(47.0, abs=0.01)
    bench.feed(volts)  # and the battery with it
    taken = bench.sim.value(i("device_nanogrid_import_cv"))
    if imported is None:
        assert taken == pytest.approx((bench.sim.value(v("device_bus")) - 49.0) / 0.1, rel=1e-6)
        assert 1.0 < taken < 5.0
    else:
        assert -bench.amps() == pytest.approx(imported, abs=0.03)


@pytest.mark.parametrize(
    ("name", "level", "filter_us", "seconds"), [("libresolar-bms", 12.0, 195, 0.3201), ("bq769x2", 20.0, 90, 0.3795)]
)
def test_the_battery_switches_count_in_the_steps_of_their_chip_and_are_back_after_3_s(
    operate, name, level, filter_us, seconds
):
    bench = running(operate, name)
    start, _ = bench.inject("tap_short", 0.5)
    ((short, reason),) = bench.world.device.trips
    assert (reason, short) == ("fast", rises(bench, level, start)[0] + filter_us * US)
    bench.wait(15.0)
    assert times(bench, "terminals starting")[1:] == [short + TURN_OFF + 3 * S]
    bench.open("tap_short")
    start, _ = bench.inject("tap_2", 0.95)
    bench.wait(5.0)
    *_, (over, reason) = bench.world.device.trips
    assert (reason, over) == ("stage 1", rises(bench, 6.0, start)[0] + round(seconds * S))
    assert times(bench, "terminals starting")[2:] == [over + TURN_OFF + 3 * S]
    assert bench.world.device.state == "on"


def test_bq769x2_latches_by_the_second_short_within_10_s(operate):
    bench = running(operate, "bq769x2")
    for pause, state in ((12.0, "on"), (5.0, "on"), (5.0, "latched"), (60.0, "latched")):
        if bench.world.device.state == "on":
            bench.inject("tap_short", 0.1)
            bench.open("tap_short")
        bench.wait(pause)
        assert bench.world.device.state == state
    assert [reason for _, reason in bench.world.device.trips] == ["fast"] * 3
    bench.world.device.command("reset")
    bench.wait(0.1)
    assert bench.world.device.state == "on"


def test_bq769x2_has_a_second_over_current_level(operate):
    bench = running(operate, "bq769x2")
    start, _ = bench.inject("tap_4", 0.3)
    assert bench.world.device.trips == [(rises(bench, 12.0, start)[0] + round(250.8 * MS), "stage 2")]


def test_bq769x2_does_not_latch_by_over_current(operate):
    bench = running(operate, "bq769x2")
    bench.inject("tap_2", 20.0)
    assert [reason for _, reason in bench.world.device.trips] == ["stage 1"] * 6
    bench.wait(4.0)
    assert bench.world.device.state == "on"


def test_epever_tries_five_times_and_then_waits_for_the_button(operate):
    bench = running(operate, "epever-like")
    bench.inject("tap_short", 90.0)
    trips = [at for at, _ in bench.world.device.trips]
    starts = [at for at in times(bench, "load starting") if at > trips[0]]
    assert [(on - off - TURN_OFF) / S for off, on in zip(trips[:5], starts, strict=True)] == [5, 10, 15, 20, 25]
    assert (len(trips), bench.world.device.state) == (6, "latched")
    bench.wait(3600.0)
    assert bench.world.device.state == "latched"
    bench.world.device.command("reset")
    bench.wait(0.1)
    assert bench.world.device.state == "on"


def test_epever_carries_an_overload_for_seconds(operate):
    bench = running(operate, "epever-like")
    start, _ = bench.inject("tap_3", 6.0)
    ((trip, reason), *_) = bench.world.device.trips
    assert (reason, trip) == ("stage 2", rises(bench, 7.5, start)[0] + 5 * S)


@pytest.mark.parametrize(
    ("name", "limited_ms", "off_ms"), [("poe-like", 60, 750), ("tps2663-like", 25, 540)], ids=["poe", "tps2663"]
)
def test_a_limiter_holds_6_a_for_its_time_and_is_off_for_its_time(operate, name, limited_ms, off_ms):
    bench = running(operate, name)
    start, _ = bench.inject("tap_short", 0.5)
    bench.wait(1.0)
    ((trip, reason),) = bench.world.device.trips
    (limits,) = times(bench, "grid limits")
    assert (reason, trip - limits) == ("limit", limited_ms * MS)
    assert limits - start < 100 * US
    for sign in (1, -1):
        held = truth.peak(bench.sim, sign * current(bench), limits + 5 * MS, trip - 1)[0]
        assert sign * held == pytest.approx(6.0, rel=1e-6)
    off = bench.world.scene.device.ports["grid"].switch.turn_off
    assert times(bench, "grid starting")[1:] == [trip + round(off * S) + off_ms * MS]
    assert bench.world.device.state == "on"


def test_tps2663_comes_back_from_reverse_current_only_with_more_than_about_2_a():
    bench = port_of("tps2663-like")
    bench.load(None)
    bench.outer(56.0)
    bench.wait(1e-3)
    assert bench.port.state == "blocked"
    bench.outer(None)
    bench.draw(1.5)
    bench.wait(600.0)
    assert bench.port.state == "blocked"
    bench.draw(2.5)
    bench.wait(1e-3)
    assert (bench.port.state, bench.trips) == ("on", [])


def test_ltc4368_opens_within_microseconds_and_tries_again_after_120_ms(operate):
    bench = running(operate, "ltc4368-like")
    start, _ = bench.inject("tap_2", 0.3)  # 50 mV over 8 mohm are 1.25 x
    bench.wait(0.2)
    trips = [at for at, _ in bench.world.device.trips]
    assert trips[0] == rises(bench, 6.25, start)[0] + 1.5 * US
    starts = [at for at in times(bench, "grid starting") if at > trips[0]]
    assert [on - off for off, on in zip(trips, starts, strict=True)] == [120 * MS + US // 2] * 3
    assert bench.world.device.state == "on"


def test_ltc4368_trips_at_50_mv_backwards():
    bench = port_of("ltc4368-like")
    start = bench.outer(56.0)
    bench.wait(1e-3)
    ((trip, reason),) = bench.trips
    assert (reason, trip) == ("reverse", start + 1.5 * US)
    assert bench.value(bench.current) == 0.0
