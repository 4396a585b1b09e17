"""Read-backs as the slow record: each reading holds until the next, and what is unknown of its time is said."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import testplans
from instruments.accuracy import Accuracy
from instruments.records import Sample
from rig.bench.file import load_bench
from rig.bench.monitor import Monitor
from rig.bench.readings import CLOCK_PPM, Readings, as_fed, slow_row
from rig.files.document import resolve
from tests.bench.fakes import FakeClock

assert testplans
LOOK_S = 0.004
ROWS = (
    Accuracy("measure voltage", 36.0, gain_frac=1e-3),
    Accuracy("measure voltage", 150.0, gain_frac=2e-3, resolution=0.001),
    Accuracy("measure current", 30.0, offset_abs=0.01),
)


class Told:
    """An instrument that reads what it is told to, and takes its time."""

    accuracy = ROWS

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.now, self.asked = clock, Sample(0.0, 0.0), 0

    def measure(self) -> Sample:
        self.asked += 1
        self.clock.ns += round(LOOK_S * 1e9)
        return self.now


@pytest.fixture
def modest():
    return load_bench(resolve("benches", "modest"))


@pytest.fixture
def desk(modest):
    clock = FakeClock()
    load, supply = Told(clock), Told(clock)
    recorder = Readings({"load": load, "supply": supply}, clock)
    monitor = Monitor(modest, recorder, clock)
    return SimpleNamespace(clock=clock, load=load, supply=supply, recorder=recorder, monitor=monitor, bench=modest)


def test_waiting_asks_at_each_period_and_each_instrument_once(desk):
    desk.load.now = Sample(54.0, 2.5)
    desk.monitor.start()
    assert list(desk.monitor.signals) == ["port_voltage", "port_current", "input_voltage"]
    assert desk.monitor.wait(1.0) == 26
    assert desk.clock.ns == pytest.approx(1.0e9 + LOOK_S * 2e9, abs=1)  # the last one is asked at the end
    assert (desk.load.asked, desk.supply.asked) == (26, 26)
    assert desk.monitor.volts("port_voltage", 3).tolist() == pytest.approx([54.0] * 3, abs=80 / 32767)
    assert desk.monitor.volts("port_current", 1).tolist() == pytest.approx([2.5], abs=30 / 32767)
    assert desk.monitor.volts("input_voltage", 1).tolist() == [0.0]


def test_what_came_due_while_nobody_asked_has_the_reading_from_before_and_the_gap_is_told(desk):
    desk.load.now = Sample(54.0, 0.0)
    desk.monitor.start()
    assert desk.monitor.now() == 1
    desk.load.now = Sample(10.0, 0.0)
    desk.clock.ns += 200_000_000
    assert desk.monitor.now() == 6
    assert desk.monitor.volts("port_voltage", 6).tolist() == pytest.approx([54.0] * 5 + [10.0], abs=0.003)
    assert desk.monitor.gap(1, 6) == pytest.approx(0.2 + 2 * LOOK_S)
    desk.monitor.wait(0.4)
    assert desk.monitor.gap(8, 14) == pytest.approx(0.04 + 2 * LOOK_S)
    assert desk.monitor.looks_away


def test_beyond_its_range_a_reading_is_clipped_and_never_wraps(desk):
    desk.load.now = Sample(90.0, -40.0)
    desk.monitor.start()
    desk.monitor.now()
    assert desk.monitor.codes(0, 1)[0, :2].tolist() == [0xFFFF, 0]


def test_a_reading_has_the_accuracy_of_its_range_and_the_doubt_of_its_time(desk):
    volts, amps = desk.bench.signals["port_voltage"].slow, desk.bench.signals["port_current"].slow
    row = slow_row(desk.recorder, desk.bench, volts, 0.2)
    assert (row.range, row.gain_frac, row.timebase_ppm) == (150.0, 2e-3, CLOCK_PPM)
    assert row.skew_s == pytest.approx(0.1 + 0.2)
    assert row.resolution == pytest.approx(0.001 + 2 * 80 / 65534)
    assert slow_row(desk.recorder, desk.bench, amps).skew_s == pytest.approx(0.1 + 0.04)
    with pytest.raises(NotImplementedError):
        desk.recorder.channel_accuracy(80.0)


def test_of_a_reading_that_nobody_states_nothing_is_known(desk):
    desk.load.accuracy = ()
    row = slow_row(desk.recorder, desk.bench, desk.bench.signals["port_voltage"].slow)
    assert (row.offset_abs, row.verified) == (80.0, False)


def test_a_device_fed_at_its_port_is_seen_by_the_supply(modest):
    assert as_fed(modest, fed_at_port=False) is modest
    fed = as_fed(modest, fed_at_port=True).signals
    assert fed["port_current"].slow.channel == "supply.amps"
    assert fed["port_voltage"].slow.channel == "load.volts"
