"""Back to just before a fault: the same run again is the same to the bit, and another parameter is another run."""

import numpy as np
import pytest

from rig.twin.engine.loop import Loop, wire_loop
from rig.twin.engine.network import Network, NetworkError
from rig.twin.engine.ports import ConstantPower
from rig.twin.engine.probe import i, v
from rig.twin.engine.signals import noise
from rig.twin.engine.simulation import Simulation

US = 1_000_000
MS = 1000 * US
SHOT, LATE, END = 2_600 * US + 123, 2_606 * US, 2_608 * US


class Bench:
    """Supply, cable, device switch that trips with a delay, constant-power load, noise, a short."""

    def __init__(self, *, short=0.3):
        net = Network()
        wire_loop(net, "supply", "out", "0", bandwidth=2e3, farads=470e-6, esr=0.02, resistance=5e-3)
        net.resistor("bleed", "out", "0", 500.0)
        net.branch("cable", "out", "in", 0.05, 2e-6)
        net.resistor("hum", "in", "0", 10e3)
        net.current_source("noise", "in", "0")
        net.capacitor("c", "in", "0", 10e-6, 0.05)
        net.resistor("fet", "in", "port", 0.01, switch="fet")
        net.capacitor("cp", "port", "0", 4.7e-6, 0.05)
        net.resistor("rp", "port", "0", 1e4)
        net.diode("clamp", "port", "0", 58.0, 0.05)
        net.port("load", "in", "0", ConstantPower(50.0, 20.0), switch="load")
        net.branch("short", "port", "0", 1.0, 1e-6, switch="short")
        sim = self.sim = Simulation(net)
        self.supply = Loop(sim, "supply", "out", "0")
        self.supply.set_limit(10.0)
        self.supply.set_voltage(48.0, slew=48e3)
        self.supply.turn_on()
        sim.set_switch("fet", True)
        sim.watch(i("fet"), 20.0, 1, self.trip)
        sim.run_until(2_500 * US)
        sim.set_switch("load", True)
        sim.set_samples("noise", noise(3, 0.01, 64, 20 * US))
        sim.at(LATE, lambda: sim.log("timer", "nine"))
        sim.run_until(SHOT)
        self.shot = sim.snapshot()
        self.fault(short)

    def trip(self):
        self.sim.log("trip", "over")
        self.sim.at(self.sim.now_ps + 3 * US, lambda: self.sim.set_switch("fet", False))

    def fault(self, short):
        sim = self.sim
        sim.set_ohms("short", short)
        sim.set_switch("short", True)
        self.supply.set_limit(5.0, slew=1e3)
        sim.run_until(END)

    def seen(self):
        return self.sim.render([v("out"), v("port"), i("short"), i("load"), i("fet")], 0, 3e5, 8_690)


@pytest.fixture(scope="module")
def bench():
    return Bench()


def test_restored_and_run_again_is_the_same_to_the_bit(bench):
    bench.sim.restore(bench.shot)
    bench.fault(0.3)
    wave, lines, segments = bench.seen(), list(bench.sim.events.lines), len(bench.sim.history)
    digest = bench.sim.log_sha256()
    for _ in range(2):
        bench.sim.restore(bench.shot)
        assert bench.sim.now_ps == SHOT
        assert bench.supply.mode == "cv"
        bench.fault(0.3)
        assert bench.sim.events.lines == lines
        assert bench.sim.log_sha256() == digest
        assert len(bench.sim.history) == segments
        np.testing.assert_array_equal(bench.seen(), wave)
    assert any("trip over" in line for line in lines)


def test_another_resistance_equals_a_run_from_scratch(bench):
    other = Bench(short=0.6)
    bench.sim.restore(bench.shot)
    bench.fault(0.6)
    assert bench.sim.events.lines == other.sim.events.lines
    np.testing.assert_array_equal(bench.seen(), other.seen())


def test_timers_and_watches_made_after_a_snapshot_are_gone(bench):
    sim = bench.sim
    sim.restore(bench.shot)
    late = []
    sim.at(LATE, lambda: late.append("timer"))
    sim.watch(v("port"), 40.0, -1, lambda: late.append("watch"))
    sim.restore(bench.shot)
    bench.fault(0.3)
    assert late == []
    assert sim.events.lines.count(f"{LATE} timer nine") == 1


def test_a_cancelled_timer_lives_again():
    net = Network()
    net.source("e", "a", "0", 1.0)
    sim = Simulation(net)
    seen = []
    timer = sim.at(5, lambda: seen.append(sim.now_ps))
    shot = sim.snapshot()
    timer.cancel()
    sim.run_until(10)
    assert seen == []
    sim.restore(shot)
    sim.run_until(10)
    assert seen == [5]


def test_what_owners_remember():
    net = Network()
    net.source("e", "a", "0", 1.0)
    sim = Simulation(net)
    count = [3]
    sim.remember(lambda: count[0], lambda value: count.__setitem__(0, value))
    shot = sim.snapshot()
    count[0] = 9
    sim.restore(shot)
    assert count == [3]


def test_foreign_snapshots_and_callbacks_are_refused():
    net = Network()
    net.source("e", "a", "0", 1.0)
    sim, other = Simulation(net), Simulation(net)
    with pytest.raises(NetworkError, match="another simulation"):
        sim.restore(other.snapshot())
    sim.at(1, sim.snapshot)
    with pytest.raises(NetworkError, match="snapshot inside a callback"):
        sim.run_until(2)
