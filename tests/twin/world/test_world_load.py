"""The electronic load at its terminals."""

import pytest

from rig.twin.engine import truth

US = 10**6


def test_resistance_mode_is_the_set_resistance_within_one_percent(powered):
    bench = powered()
    load = bench.world.load
    assert bench.sim.value(load.voltage) / bench.sim.value(load.current) == pytest.approx(21.6, rel=0.01)


def test_current_mode_slews_to_its_level_and_holds_it(powered):
    bench = powered()
    load = bench.world.load
    load.set_input(False)
    bench.wait(0.01)
    load.set_level("CURR", 4.0)
    begin = bench.now
    load.set_input(True)
    bench.wait(0.01)
    (low, _), (high, _) = (truth.crossings(bench.sim, load.current, a, begin, bench.now)[0] for a in (1.0, 3.0))
    assert high - low == pytest.approx(4 * US, rel=0.05)  # 0.5 A/us
    assert bench.sim.value(load.current) == pytest.approx(4.0, abs=0.02)


def test_current_mode_saturates_on_a_dead_port_and_recovers_with_it(operate):
    bench = operate()
    bench.power_up(load=None)
    load = bench.world.load
    bench.world.supply.set_output(False)
    bench.wait(1.0)
    load.set_level("CURR", 1.0)
    load.set_input(True)
    bench.wait(1.0)
    assert abs(bench.sim.value(load.current)) < 1e-3
    bench.world.supply.set_output(True)
    bench.wait(0.3)
    assert bench.sim.value(load.current) == pytest.approx(1.0, abs=0.02)
    assert bench.volts() > 53.0


def test_the_level_may_change_while_the_input_is_on(powered):
    bench = powered()
    load = bench.world.load
    load.set_level("RES", 54.0)
    bench.wait(0.01)
    assert bench.amps() == pytest.approx(1.0, rel=0.02)
    load.set_level("CURR", 3.0)
    bench.wait(0.01)
    assert bench.amps() == pytest.approx(3.0, abs=0.02)
    load.set_level("CURR", 2.0)
    bench.wait(0.01)
    assert (load.mode, load.level("CURR"), round(bench.amps(), 1)) == ("CURR", 2.0, 2.0)


def test_off_draws_nothing(powered):
    bench = powered()
    bench.world.load.set_input(False)
    bench.wait(0.01)
    assert abs(bench.sim.value(bench.world.load.current)) < 1e-3


def test_readings_are_within_their_class(operate):
    for seed in range(5):
        bench = operate(seed=seed)
        bench.power_up()
        load = bench.world.load
        volts, amps = load.measure()
        true_volts, true_amps = bench.sim.value(load.voltage), bench.sim.value(load.current)
        assert abs(volts - true_volts) <= 0.0005 * true_volts + 0.0002 * 150 + 0.001
        assert abs(amps - true_amps) <= 0.0005 * true_amps + 0.0005 * 30 + 0.001


@pytest.mark.parametrize(("mode", "value"), [("CURR", 30.1), ("RES", 0.01), ("RES", 2e4), ("CURR", -1.0)])
def test_levels_beyond_the_instrument_are_refused(operate, mode, value):
    with pytest.raises(ValueError, match=f"the load's {mode} level must be between"):
        operate().world.load.set_level(mode, value)
