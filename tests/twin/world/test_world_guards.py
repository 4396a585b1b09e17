"""Voltage guards of a port: debounce, hysteresis and delay, to the picosecond."""

from itertools import pairwise

import pytest

from rig.files.document import BadFile
from rig.twin.engine import truth
from tests.twin.world.port_bench import MS, PortBench, S, port_model

UNDER = {"under": {"off": "44 V", "on": "48 V", "debounce": "1 ms", "delay": "300 ms"}}
OVER = {"over": {"off": "58 V", "on": "57.7 V", "debounce": "1 s"}}
OFF = 300_000  # turn_off [ps]


def feed(bench: PortBench, volts: float, seconds: float) -> int:
    """The inside goes to a voltage for a time; when it began."""
    start = bench.now
    bench.sim.set_input("feed", volts)
    bench.wait(seconds)
    return start


def crossing(bench: PortBench, level: float, since: int) -> int:
    return truth.crossings(bench.sim, bench.inside, level, since - 1, bench.now)[0][0]


def test_under_voltage_opens_after_its_debounce_and_returns_above_on_after_its_delay():
    bench = PortBench(guards=UNDER)
    bench.load(21.6)
    start = feed(bench, 40.0, 0.1)
    assert bench.trips == [(crossing(bench, 44.0, start) + MS, "under")]
    assert bench.port.state == "undervoltage"
    current = bench.sim.render([bench.current], bench.trips[0][0] + OFF - 1, 1.0, 2)[0]
    assert (current[0] > 1.0, current[1]) == (True, 0.0)
    feed(bench, 47.0, 10.0)  # above off, below on
    assert bench.port.state == "undervoltage"
    start = feed(bench, 50.0, 1.0)
    (closed, _), *_ = truth.crossings(bench.sim, bench.current, 1e-3, start, bench.now)
    assert closed == crossing(bench, 48.0, start) + 300 * MS
    assert (bench.port.state, len(bench.recovered)) == ("on", 1)


@pytest.mark.parametrize("volts", [0.0, 30.0, 43.0])
def test_a_dropout_shorter_than_the_debounce_does_nothing(volts):
    bench = PortBench(guards=UNDER)
    bench.load(21.6)
    for _ in range(20):
        start = feed(bench, volts, 0.9e-3)
        feed(bench, 54.0, 5e-3)
        crossing(bench, 44.0, start)  # it was below
    assert (bench.trips, bench.port.state) == ([], "on")


def test_a_return_shorter_than_the_delay_starts_it_anew():
    bench = PortBench(guards=UNDER)
    feed(bench, 40.0, 0.1)
    for _ in range(5):
        feed(bench, 50.0, 0.2)
        feed(bench, 46.0, 0.01)
    assert bench.port.state == "undervoltage"


def test_over_voltage_outside_is_seen_at_the_terminals():
    bench = PortBench(guards={"over": OVER["over"] | {"where": "outside"}})
    start = bench.outer(64.0)
    bench.wait(2.0)
    (crossed, _), *_ = truth.crossings(bench.sim, bench.volts, 58.0, start - 1, bench.now)
    assert bench.trips == [(crossed + S, "over")]
    bench.outer(None)
    bench.wait(1.0)
    assert (bench.port.state, bench.reasons) == ("on", ["over"])


def test_over_voltage_clears_only_below_its_hysteresis():
    bench = PortBench(guards=OVER)
    feed(bench, 59.0, 2.0)
    assert bench.port.state == "overvoltage"
    feed(bench, 57.8, 10.0)
    assert bench.port.state == "overvoltage"
    feed(bench, 57.0, 0.1)
    assert bench.port.state == "on"


def test_a_retry_waits_for_the_voltage():
    """The recovery's delay ends while the inside is too low: the guard decides when the port comes back."""
    fast = {"fast": {"current": "20 A", "delay": "2 us"}}
    bench = PortBench(protection=fast, guards=UNDER, recovery={"delay": "100 ms"})
    bench.short(on=True)
    bench.wait(1e-3)
    bench.short(on=False)
    feed(bench, 40.0, 1.0)
    assert (bench.reasons, bench.port.state) == (["fast"], "undervoltage")
    feed(bench, 54.0, 1.0)
    assert bench.port.state == "on"


def test_a_weak_source_does_not_make_the_port_chatter_faster_than_its_delay():
    """The load pulls the inside below `off`, without it the inside is above `on`: motor-boating at the delay's pace."""
    bench = PortBench(guards=UNDER)
    bench.sim.set_ohms("feed", 5.0)
    bench.load(15.0)
    bench.wait(10.0)
    times = [at for at, _ in bench.trips]
    assert 20 < len(times) < 34
    assert min(b - a for a, b in pairwise(times)) > 300 * MS


@pytest.mark.parametrize(
    ("guards", "sentence"),
    [
        ({"under": UNDER["under"] | {"on": "43 V"}}, "guards: under: on must lie above off, or the port opens and"),
        ({"over": OVER["over"] | {"on": "58 V"}}, "guards: over: on must lie below off, or the port opens and closes"),
        (UNDER | {"over": OVER["over"] | {"off": "40 V", "on": "39 V"}}, "guards: under.off must lie below over.off"),
    ],
)
def test_guards_that_contradict_are_one_sentence(guards, sentence):
    with pytest.raises(BadFile) as caught:
        port_model(guards=guards)
    assert str(caught.value).startswith(f"port.yaml:1: {sentence}")


def test_a_voltage_that_is_back_before_the_switch_has_opened_finds_it_closing_again():
    under = {"off": "44 V", "on": "46 V", "debounce": "1 ms"}
    bench = PortBench(switch={"turn_off": "1 ms"}, guards={"under": under})
    bench.load(21.6)
    feed(bench, 40.0, 1.2e-3)
    feed(bench, 54.0, 0.1)
    assert (bench.reasons, bench.port.state) == (["under"], "on")
    assert bench.value(bench.current) == pytest.approx(54 / 21.65, rel=1e-3)
