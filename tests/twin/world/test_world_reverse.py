"""Reverse polarity, and what must never be done on a real bench but has to come out right on the twin."""

import pytest

from rig.twin.engine import truth
from rig.twin.engine.probe import v


@pytest.fixture
def isolated(powered):
    """Energy input disconnected, port discharged, reverse line closed at 0 V with 1 A limit."""

    def build(scene: str = "healthy"):
        bench = powered(scene)
        supply = bench.world.supply
        supply.set_output(False)
        bench.wait(0.5)
        bench.world.load.set_input(False)
        bench.open("energy_input", "load_line")
        bench.wait(1.5)
        supply.set_voltage(0.0)
        supply.set_current(1.0)
        bench.close("reverse_line")
        supply.set_output(True)
        return bench

    return build


@pytest.mark.parametrize("volts", [48.0, 54.0, 58.0])
def test_only_leakage_flows_into_the_reversed_port(isolated, volts):
    bench = isolated()
    bench.world.supply.set_voltage(volts)
    begin = bench.now
    bench.wait(1.0)
    assert bench.volts() == pytest.approx(-volts, abs=0.1)
    settled = bench.sim.render([bench.probe["port_current"]], begin + 10**11, 1e9, 900)[0]
    assert settled == pytest.approx(-bench.volts() / 33e3, rel=1e-3)
    assert settled.max() < 5e-3
    # Charging the port's capacitor at the supply's slew is all there is before.
    assert truth.peak(bench.sim, bench.probe["port_current"], begin, bench.now)[0] < 50e-3
    assert bench.world.supply.regulation == "CV"


def test_the_port_comes_back_after_the_reversal(isolated):
    bench = isolated()
    bench.world.supply.set_voltage(58.0)
    bench.wait(1.0)
    bench.world.supply.set_output(False)
    bench.wait(2.0)
    assert abs(bench.volts()) < 1.0
    bench.open("reverse_line")
    bench.power_up()
    assert (bench.world.device.state, round(bench.volts(), 1)) == ("on", 53.9)


def test_both_routes_at_once_short_the_supply(powered):
    bench = powered()
    begin = bench.now
    bench.close("reverse_line")  # both routes at once: nothing in the twin forbids it
    assert bench.world.contactors["energy_input"].closed
    assert bench.world.contactors["reverse_line"].closed
    # The supply is short-circuited through ground: its capacitor dumps, its output is down.
    assert truth.peak(bench.sim, bench.world.supply.current, begin, bench.now)[0] > 1000
    assert bench.sim.value(bench.world.supply.voltage) < 1.0


def test_break_before_make_leaves_a_gap_of_ten_milliseconds(powered):
    bench = powered()
    relays, pilots, start = bench.world.relays, bench.pilots, bench.now
    relays.set_coils([(pilots["energy_input"], False), (pilots["reverse_line"], True)])
    bench.wait(50e-3)
    edges = [
        (int(stamp) - start, text)
        for stamp, kind, text in (line.split(" ", 2) for line in bench.sim.events.lines)
        if kind == "contact" and int(stamp) >= start
    ]
    assert edges[0] == (12 * 10**9, "energy_input breaks")
    assert edges[1] == (22 * 10**9, "reverse_line makes")


def test_the_charged_bulk_capacitor_adds_to_the_reversal_until_it_has_bled(isolated):
    bench = isolated()
    bench.world.supply.set_voltage(58.0)
    bench.wait(0.1)
    assert bench.sim.value(v("device_bulk", "port")) > 70.0
    bench.wait(15.0)
    assert bench.sim.value(v("device_bulk", "port")) == pytest.approx(58.0, abs=0.3)
