"""The series switch in the feed: open at a high impedance, for as long as its line and its one-shot let it be."""

from __future__ import annotations

import pytest

from rig.twin.engine.probe import i, v
from tests.twin.operator import Operator

PARTS = ("series_switch",)


@pytest.fixture
def bench() -> Operator:
    operator = Operator("healthy", 1, PARTS)
    operator.power_up()
    return operator


def moves(bench: Operator) -> list[tuple[int, str]]:
    lines = [line.split(" series switch ") for line in bench.sim.events.lines if " series switch " in line]
    return [(int(at), what) for at, what in lines]


def test_open_the_device_lives_on_its_own_capacitor(bench):
    volts, amps = bench.sim.value(v("energy_in")), bench.sim.value(i("energy_input"))
    begun = bench.now
    bench.world.lines.write("FIO1", True)
    bench.wait(51e-6)
    assert bench.sim.value(i("series_switch")) == pytest.approx(0.0, abs=1e-4)
    drop = volts - bench.sim.value(v("energy_in"))
    assert drop == pytest.approx(amps * (50e-6 / 220e-6 + 30e-3), rel=0.03)
    bench.world.lines.write("FIO1", False)
    bench.wait(20e-3)
    assert bench.sim.value(v("energy_in")) == pytest.approx(volts, abs=0.01)
    assert [(at - begun, what) for at, what in moves(bench)[-2:]] == [(1_000_000, "open"), (52_000_000, "conducts")]


def test_it_comes_back_softly_where_a_hard_edge_would_ring_above_60_v():
    bench = Operator("plain-load", 1, PARTS)
    bench.power_up(load=None)
    bench.world.lines.write("FIO1", True)
    bench.wait(30e-3)
    assert bench.sim.value(v("port")) < 20.0
    bench.world.lines.write("FIO1", False)
    most = 0.0
    for _ in range(400):
        bench.wait(0.25e-6)
        most = max(most, bench.sim.value(v("port")))
    assert 47.0 < most < 53.0


def test_its_one_shot_ends_what_its_line_does_not(bench):
    begun = bench.now
    bench.world.lines.write("FIO1", True)
    bench.wait(2.5)
    assert [(at - begun, what) for at, what in moves(bench)[-2:]] == [
        (2_000_000_000_000, "one-shot expires"), (2_000_001_000_000, "conducts"),
    ]  # fmt: skip


def test_without_power_for_its_driver_it_conducts(bench):
    bench.world.lines.write("FIO1", True)
    bench.wait(1e-3)
    bench.world.interlock.set(False)
    bench.wait(1e-3)
    assert moves(bench)[-1][1] == "conducts"


def test_the_gate_monitor_sees_it_too(bench):
    probe = bench.world.channel("daq.AIN3")[1]
    before = bench.sim.value(probe)
    bench.world.lines.write("FIO1", True)
    bench.wait(10e-6)
    assert bench.sim.value(probe) - before == pytest.approx(12.0 / 4.0, rel=0.06)


def test_a_bench_that_lacks_it_has_none():
    operator = Operator("healthy", 1)
    assert operator.world.series_switch is None
    operator.power_up()
    operator.world.lines.write("FIO1", True)
    operator.wait(1e-3)
    assert moves(operator) == []
